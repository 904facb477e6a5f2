"""Keys of the eIDAS network: one use each, with a certificate, wherever the private part lies."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from certs.authority import new_authority, self_signed
from certs.importing import ImportRefused, read_certificates
from certs.keyring import KeyRefused, load_keyring, make_missing, new_key, save
from certs.keys import (
    CURVES,
    EIDAS_ALGORITHMS,
    InMemory,
    Key,
    PrivateKey,
    State,
    Use,
    algorithm_of,
    algorithms_of,
    generate_private,
    key_of,
)
from eidas import encryption, signature, xml
from eidas.certificates import read_certificate
from eidas.keys import decrypter_of, signer_of

NOW = 1_790_000_000
NODE_USES = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING, Use.TLS_CLIENT)
QUICK = [name for name in EIDAS_ALGORITHMS if name != "RSA-4096"]


def put(folder: Path, private: PrivateKey, use: Use, state: State = State.ACTIVE, created: int = NOW) -> Path:
    chain = (self_signed(private, use, "node.example", NOW),)
    return save(private, key_of(private, use, algorithm_of(private, use), state, created, chain), folder)


def refusal(folder: Path, now: int | None = None) -> KeyRefused:
    with pytest.raises(KeyRefused) as caught:
        load_keyring(folder, now)
    return caught.value


# -- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", QUICK)
def test_a_key_of_each_kind_signs_what_others_verify_and_opens_what_they_encrypt(tmp_path: Path, algorithm: str) -> None:
    for use in (Use.SAML_SIGNING, Use.SAML_DECRYPTION):
        new_key(tmp_path, use, algorithm, State.ACTIVE, NOW, "node.example")
    ring = load_keyring(tmp_path, NOW)
    signer, decrypter = signer_of(ring.active(Use.SAML_SIGNING)), decrypter_of(ring.active(Use.SAML_DECRYPTION))
    root = xml.parse(b'<a ID="_a"/>')
    signature.sign(root, signer)
    assert signature.verify(root, [read_certificate(signer.certificate)]).method == signer.method
    recipient = read_certificate(ring.active(Use.SAML_DECRYPTION).certificate)
    container = xml.make("saml2", "EncryptedAssertion", encryption.encrypt(root, recipient))
    assert encryption.decrypt(container, [decrypter]).element.get("ID") == "_a"


@dataclass
class Token:
    """A token: it offers the three operations, and counts what it is asked for."""

    inside: InMemory
    asked: list[str] = field(default_factory=list)

    def sign(self, *given: object, **named: object) -> bytes:
        self.asked.append("sign")
        return self.inside.sign(*given, **named)  # type: ignore[arg-type]

    def decrypt(self, *given: object) -> bytes:
        self.asked.append("decrypt")
        return self.inside.decrypt(*given)  # type: ignore[arg-type]

    def agree(self, *given: object) -> bytes:
        self.asked.append("agree")
        return self.inside.agree(*given)  # type: ignore[arg-type]


def in_a_token(private: PrivateKey, use: Use) -> tuple[Key, Token]:
    token = Token(InMemory(private))
    chain = (self_signed(private, use, "node.example", NOW),)
    return Key("kid", use, "", State.ACTIVE, NOW, private.public_key(), token, chain), token


@pytest.mark.parametrize(("algorithm", "operation"), [("P-256", "agree"), ("RSA-3072", "decrypt")])
def test_nothing_but_three_operations_touches_a_private_key(algorithm: str, operation: str) -> None:
    signing, first = in_a_token(generate_private(algorithm), Use.SAML_SIGNING)
    opening, second = in_a_token(generate_private(algorithm), Use.SAML_DECRYPTION)
    root = xml.parse(b'<a ID="_a"/>')
    signature.sign(root, signer_of(signing))
    recipient = read_certificate(opening.certificate)
    container = xml.make("saml2", "EncryptedAssertion", encryption.encrypt(root, recipient))
    encryption.decrypt(container, [decrypter_of(opening)])
    assert (first.asked, second.asked) == (["sign"], [operation])


def test_an_operation_of_another_kind_of_key_is_an_error() -> None:
    with pytest.raises(TypeError):
        InMemory(generate_private("P-256")).decrypt(b"", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        InMemory(generate_private("RSA-3072")).agree(generate_private("P-256").public_key())  # type: ignore[arg-type]


def test_the_active_key_comes_first_then_the_newest(tmp_path: Path) -> None:
    for created, state in ((NOW, State.ACTIVE), (NOW + 2, State.PUBLISHED), (NOW - 5, State.RETIRING)):
        put(tmp_path, generate_private("P-256"), Use.SAML_DECRYPTION, state, created)
    keys = load_keyring(tmp_path).all(Use.SAML_DECRYPTION)
    assert [key.state for key in keys] == [State.ACTIVE, State.PUBLISHED, State.RETIRING]


def test_keys_of_a_node_are_not_among_those_of_tokens(tmp_path: Path) -> None:
    put(tmp_path, generate_private("P-256"), Use.SAML_SIGNING)
    assert load_keyring(tmp_path).jwks() == {"keys": []}


def test_without_an_active_key_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="keys new saml-signing"):
        load_keyring(tmp_path).active(Use.SAML_SIGNING)


def test_a_key_without_a_certificate_has_none_to_give() -> None:
    with pytest.raises(LookupError, match="no certificate"):
        _ = key_of(generate_private("ES256"), Use.OP_SIGNING, "ES256", State.ACTIVE, NOW).certificate


def test_what_is_missing_is_made_once(tmp_path: Path) -> None:
    made = [make_missing(tmp_path, NODE_USES, NOW, "node.example") for _ in range(2)]
    assert ([len(one) for one in made], len(load_keyring(tmp_path, NOW).keys)) == ([4, 0], 4)


def test_a_key_is_parsed_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_key(tmp_path, Use.SAML_SIGNING, "P-256", State.ACTIVE, NOW)
    first = load_keyring(tmp_path).keys[0].private
    second = load_keyring(tmp_path).keys[0].private
    assert first.key is second.key  # type: ignore[attr-defined]


def test_sealing_keys_are_none_of_this_folder() -> None:
    assert algorithms_of(Use.SEALING) == ()


def test_every_curve_that_eidas_names_is_there() -> None:
    assert set(CURVES) == {"P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"}


# -- what is refused --------------------------------------------------------------------------------------------------


def test_a_key_for_two_purposes_is_refused(tmp_path: Path) -> None:
    private = generate_private("P-256")
    put(tmp_path, private, Use.SAML_SIGNING)
    put(tmp_path, private, Use.METADATA_SIGNING)
    assert "the same key stands in two files" in refusal(tmp_path).reason


def test_a_weak_key_of_a_node_is_refused(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    chain = (self_signed(private, Use.SAML_SIGNING, "node.example", NOW),)
    save(private, key_of(private, Use.SAML_SIGNING, "RSA-3072", State.ACTIVE, NOW, chain), tmp_path)
    assert "too weak" in refusal(tmp_path).reason


def test_two_active_keys_for_one_use_are_refused_whatever_their_algorithms(tmp_path: Path) -> None:
    for algorithm in ("P-256", "P-384"):
        put(tmp_path, generate_private(algorithm), Use.SAML_SIGNING)
    assert "two keys for saml-signing are active" in refusal(tmp_path).reason


def test_a_key_without_its_certificate_is_refused(tmp_path: Path) -> None:
    put(tmp_path, generate_private("P-256"), Use.SAML_SIGNING).with_suffix(".crt").unlink()
    assert refusal(tmp_path).reason == "the key has no certificate"


def test_another_keys_certificate_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, generate_private("P-256"), Use.SAML_SIGNING)
    other = self_signed(generate_private("P-256"), Use.SAML_SIGNING, "node.example", NOW)
    path.with_suffix(".crt").write_bytes(x509.load_der_x509_certificate(other).public_bytes(Encoding.PEM))
    assert "another key" in refusal(tmp_path).reason


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    put(tmp_path, generate_private("P-256"), Use.SAML_SIGNING).with_suffix(".crt").write_text("nothing")
    assert "not a certificate" in refusal(tmp_path).reason


def test_an_active_key_whose_certificate_does_not_count_is_refused(tmp_path: Path) -> None:
    put(tmp_path, generate_private("P-256"), Use.SAML_SIGNING)
    assert load_keyring(tmp_path, NOW + 729 * 86_400)
    for now in (NOW - 1, NOW + 731 * 86_400):
        assert "expired" in refusal(tmp_path, now).reason


def test_a_key_that_decrypts_what_is_left_may_be_old(tmp_path: Path) -> None:
    put(tmp_path, generate_private("P-256"), Use.SAML_DECRYPTION, State.RETIRING)
    assert load_keyring(tmp_path, NOW + 731 * 86_400).keys


# -- certificates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["P-256", "RSA-3072"])
def test_an_authority_makes_certificates_that_say_what_a_key_is_for(algorithm: str) -> None:
    authority = new_authority(generate_private(algorithm), "Demo CA", NOW)
    issuer = x509.load_der_x509_certificate(authority.certificate)
    for use, bit in ((Use.SAML_SIGNING, "digital_signature"), (Use.SAML_DECRYPTION, "key_agreement")):
        made = x509.load_der_x509_certificate(authority.issue(generate_private("P-256").public_key(), use, "node", NOW, 30))
        made.verify_directly_issued_by(issuer)
        assert getattr(made.extensions.get_extension_for_class(x509.KeyUsage).value, bit)
        assert made.not_valid_before_utc == datetime.fromtimestamp(NOW, UTC)
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_tls_client_says_so_and_an_rsa_key_is_for_transport() -> None:
    client = x509.load_der_x509_certificate(self_signed(generate_private("P-256"), Use.TLS_CLIENT, "a", NOW))
    assert (
        x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH in client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    )
    transport = x509.load_der_x509_certificate(self_signed(generate_private("RSA-3072"), Use.SAML_DECRYPTION, "a", NOW))
    assert transport.extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment


def test_what_is_no_certificate_is_not_read() -> None:
    with pytest.raises(ImportRefused):
        read_certificates(b"nothing")
