"""passerelle keys."""

import hashlib
import json
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_der_x509_certificate

from broker.commands.keys import ALGORITHMS, STATES, USES
from certs.authority import self_signed
from certs.keyring import WITH_CERTIFICATE, load_keyring
from certs.keys import EIDAS_ALGORITHMS, OP_ALGORITHMS, RP_ENCRYPTION, State, Use, generate_private
from tests.broker.commands.conftest import Run


def test_the_list_says_what_each_key_is_for_and_how_it_stands(run: Run, instance: Path):
    rows = json.loads(run("keys", "list", "-C", instance, "--format", "json").output)
    assert sorted((row["use"], row["algorithm"], row["state"], row["since"]) for row in rows) == [
        ("op-signing", "ES256", "active", "2026-09-21"),
        ("op-signing", "RS256", "active", "2026-09-21"),
        ("sealing", "AES-256", "active", ""),
    ]


def test_a_second_key_is_published_and_does_not_sign_yet(run: Run, instance: Path):
    before = load_keyring(instance / "secrets/keys").signing("ES256").kid
    result = run("keys", "new", "op-signing", "-C", instance)
    ring = load_keyring(instance / "secrets/keys")
    assert (len(ring.keys), ring.signing("ES256").kid) == (3, before)
    assert 'write state = "active" into op-signing-es256-' in result.output


def test_the_first_key_of_an_algorithm_signs(run: Run, instance: Path):
    for file in (instance / "secrets/keys").glob("*es256*"):
        file.unlink()
    result = run("keys", "new", "op-signing", "--alg", "ES256", "-C", instance)
    assert result.output.endswith(".pem: active\nnow: passerelle reload\n")
    assert load_keyring(instance / "secrets/keys").signing("ES256").algorithm == "ES256"


def test_a_dry_run_makes_no_key(run: Run, instance: Path):
    result = run("keys", "new", "op-signing", "--dry-run", "-C", instance)
    assert result.output == "a new ES256 key would be published\n"
    assert len(load_keyring(instance / "secrets/keys").keys) == 2


def test_a_key_that_must_not_be_used_is_named_with_what_to_do(run: Run, instance: Path):
    key = next((instance / "secrets/keys").glob("*.pem"))
    key.chmod(0o644)
    result = run("keys", "list", "-C", instance)
    assert (result.exit_code, f"chmod 600 {key.name}" in result.output) == (1, True)


@pytest.mark.parametrize("use", [use for use in USES if use in WITH_CERTIFICATE])
def test_a_key_with_a_certificate_is_made_for_each_use(run: Run, instance: Path, use: str):
    made = run("keys", "new", use, "-C", instance)
    assert made.output.endswith(": active\nnow: passerelle reload\n")
    key = load_keyring(instance / "secrets/keys", int(time.time())).active(Use(use))
    certificate = load_der_x509_certificate(key.certificate)
    assert (key.algorithm, certificate.subject.rfc4514_string()) == ("P-256", "CN=connexion.mairie.fr")
    rows = json.loads(run("keys", "list", "-C", instance, "--format", "json").output)
    (row,) = [row for row in rows if row["use"] == use]
    assert row["certificate sha256"].replace(":", "") == hashlib.sha256(key.certificate).hexdigest()


def test_a_second_key_of_a_node_waits(run: Run, instance: Path):
    outputs = [run("keys", "new", "saml-signing", "--alg", alg, "-C", instance).output for alg in ("P-256", "P-384")]
    assert ": active" in outputs[0]
    assert 'write state = "active" into saml-signing-p-384-' in outputs[1]


def test_an_algorithm_of_another_use_is_wrong_usage(run: Run, instance: Path):
    result = run("keys", "new", "saml-signing", "--alg", "ES256", "-C", instance)
    assert (result.exit_code, result.output[:39]) == (2, "passerelle: saml-signing takes: P-256, ")


def test_the_choices_are_those_of_the_library():
    assert set(USES) == set(Use) - {Use.SEALING}
    assert set(ALGORITHMS) == {*OP_ALGORITHMS, *RP_ENCRYPTION, *EIDAS_ALGORITHMS}
    assert set(STATES) == set(State)


# -- keys that were made elsewhere ------------------------------------------------------------------------------------


@pytest.fixture
def made_elsewhere(tmp_path: Path) -> tuple[EllipticCurvePrivateKey, bytes]:
    """A private key and its certificate."""
    private = generate_private("brainpoolP256r1")
    assert isinstance(private, EllipticCurvePrivateKey)
    return private, self_signed(private, Use.SAML_SIGNING, "node.example", int(time.time()) - 60)


def in_pem(der: bytes) -> bytes:
    return load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def test_a_key_in_pem_is_taken_with_its_certificate(run: Run, instance: Path, tmp_path: Path, made_elsewhere):
    private, certificate = made_elsewhere
    (tmp_path / "a.key").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    (tmp_path / "a.crt").write_bytes(in_pem(certificate))
    result = run(
        "keys", "import", "saml-signing", "--key", tmp_path / "a.key", "--cert", tmp_path / "a.crt", "-C", instance
    )
    assert result.exit_code == 0, result.output
    assert load_keyring(instance / "secrets/keys").active(Use.SAML_SIGNING).certificate == certificate


def test_a_key_in_pkcs12_is_taken_with_what_is_beside_it(run: Run, instance: Path, tmp_path: Path, made_elsewhere):
    private, certificate = made_elsewhere
    held = load_der_x509_certificate(certificate)
    (tmp_path / "a.p12").write_bytes(
        serialize_key_and_certificates(b"a", private, held, None, BestAvailableEncryption(b"pw"))
    )
    (tmp_path / "pw").write_text("pw\n")
    options = ("--key", tmp_path / "a.p12", "--password-file", tmp_path / "pw", "--state", "published")
    result = run("keys", "import", "saml-signing", *options, "-C", instance)
    assert result.exit_code == 0, result.output
    (key,) = load_keyring(instance / "secrets/keys").all(Use.SAML_SIGNING)
    assert (key.state, key.certificate) == (State.PUBLISHED, certificate)


def test_a_key_that_must_not_be_used_is_not_taken(run: Run, instance: Path, tmp_path: Path, made_elsewhere):
    private, _ = made_elsewhere
    (tmp_path / "a.key").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for use, why in (("saml-signing", "no certificate"), ("op-signing", "another curve")):
        result = run("keys", "import", use, "--key", tmp_path / "a.key", "-C", instance)
        assert (result.exit_code, why in result.output) == (1, True)
    assert len(load_keyring(instance / "secrets/keys").keys) == 2


@pytest.mark.parametrize(
    ("octets", "why"), [(b"nothing", "not a private key"), (b"-----BEGIN NOTHING-----", "not a private key")]
)
def test_what_is_no_key_is_not_taken(run: Run, instance: Path, tmp_path: Path, octets: bytes, why: str):
    (tmp_path / "a.key").write_bytes(octets)
    result = run("keys", "import", "saml-signing", "--key", tmp_path / "a.key", "-C", instance)
    assert (result.exit_code, why in result.output) == (1, True)


def test_a_password_that_is_missing_is_asked_for(run: Run, instance: Path, tmp_path: Path, made_elsewhere):
    private, _ = made_elsewhere
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw"))
    (tmp_path / "a.key").write_bytes(pem)
    result = run("keys", "import", "saml-signing", "--key", tmp_path / "a.key", "-C", instance)
    assert (result.exit_code, "--password-file" in result.output) == (1, True)
