"""A folder of keys is read as a whole, and refused as a whole, with what to do about it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from certs.keyring import KeyRefused, load_keyring, new_key, save
from certs.keys import PrivateKey, State, Use, generate_private, key_of

RSA_2048 = rsa.generate_private_key(65537, 2048)


def put(
    folder: Path,
    private: PrivateKey,
    state: State = State.ACTIVE,
    created: int = 1,
    algorithm: str = "ES256",
) -> Path:
    return save(private, key_of(private, Use.OP_SIGNING, algorithm, state, created), folder)


def write(folder: Path, name: str, pem: bytes, facts: str) -> Path:
    path = folder / f"{name}.pem"
    path.write_bytes(pem)
    path.chmod(0o600)
    path.with_suffix(".toml").write_text(facts)
    return path


def pem_of(private: object) -> bytes:
    assert isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


FACTS = 'use = "op-signing"\nalgorithm = "ES256"\nstate = "active"\ncreated = 1\n'
RSA_FACTS = FACTS.replace("ES256", "RS256")
EC_PEM = pem_of(generate_private("ES256"))


def refusal(folder: Path) -> KeyRefused:
    with pytest.raises(KeyRefused) as caught:
        load_keyring(folder)
    assert caught.value.hint
    return caught.value


# -- what is right ----------------------------------------------------------------------------------------------------


def test_a_new_key_is_loaded_as_it_was_made(tmp_path: Path) -> None:
    path = new_key(tmp_path, Use.OP_SIGNING, "ES256", State.PUBLISHED, 5)
    (key,) = load_keyring(tmp_path).keys
    assert (key.use, key.algorithm, key.state, key.created) == (Use.OP_SIGNING, "ES256", State.PUBLISHED, 5)
    assert path.name == f"op-signing-es256-{key.kid[:8]}.pem"


def test_all_states_are_published_newest_first(tmp_path: Path) -> None:
    for created, state in enumerate((State.RETIRING, State.ACTIVE, State.PUBLISHED)):
        put(tmp_path, generate_private("ES256"), state, created)
    keyring = load_keyring(tmp_path)
    assert [key.state for key in keyring.keys] == [State.PUBLISHED, State.ACTIVE, State.RETIRING]
    assert [jwk["kid"] for jwk in keyring.jwks()["keys"]] == [key.kid for key in keyring.keys]


def test_only_the_active_key_signs(tmp_path: Path) -> None:
    for created, state in enumerate((State.ACTIVE, State.PUBLISHED, State.RETIRING)):
        put(tmp_path, generate_private("ES256"), state, created)
    assert load_keyring(tmp_path).signing("ES256").state is State.ACTIVE


def test_one_key_of_each_algorithm_may_be_active(tmp_path: Path) -> None:
    put(tmp_path, generate_private("ES256"))
    put(tmp_path, RSA_2048, algorithm="RS256")
    keyring = load_keyring(tmp_path)
    assert (keyring.signing("ES256").algorithm, keyring.signing("RS256").algorithm) == ("ES256", "RS256")


def test_without_an_active_key_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    put(tmp_path, generate_private("ES256"), State.PUBLISHED)
    with pytest.raises(LookupError, match="keys new op-signing --alg ES256"):
        load_keyring(tmp_path).signing("ES256")


def test_a_public_key_set_holds_nothing_private(tmp_path: Path) -> None:
    put(tmp_path, RSA_2048, algorithm="RS256")
    (jwk,) = load_keyring(tmp_path).jwks()["keys"]
    assert not jwk.keys() & {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


# -- writing ----------------------------------------------------------------------------------------------------------


def test_nobody_else_may_read_what_was_written(tmp_path: Path) -> None:
    put(tmp_path, generate_private("ES256"))
    assert {path.suffix: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {".pem": 0o600, ".toml": 0o600}


def test_a_key_is_not_written_over(tmp_path: Path) -> None:
    private = generate_private("ES256")
    put(tmp_path, private)
    with pytest.raises(FileExistsError):
        put(tmp_path, private, State.RETIRING)
    assert load_keyring(tmp_path).keys[0].state is State.ACTIVE


def test_what_an_interrupted_writer_left_is_neither_read_nor_in_the_way(tmp_path: Path) -> None:
    private = generate_private("ES256")
    left = tmp_path / f".op-signing-es256-{key_of(private, Use.OP_SIGNING, 'ES256', State.ACTIVE, 1).kid[:8]}.pem.new"
    left.write_text("half a key")
    left.chmod(0o644)
    assert load_keyring(tmp_path).keys == ()
    assert put(tmp_path, private).stat().st_mode & 0o777 == 0o600


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path, generate_private("ES256"))
    path.chmod(mode)
    refused = refusal(tmp_path)
    assert (refused.path, refused.hint) == (path, f"chmod 600 {path.name}")


WEAK = {
    "RSA of 1024 bits": (pem_of(rsa.generate_private_key(65537, 1024)), RSA_FACTS),
    "P-384": (pem_of(ec.generate_private_key(ec.SECP384R1())), FACTS),
    "secp256k1": (pem_of(ec.generate_private_key(ec.SECP256K1())), FACTS),
}


@pytest.mark.parametrize(("pem", "facts"), WEAK.values(), ids=WEAK.keys())
def test_a_weak_key_or_one_on_another_curve_is_refused(tmp_path: Path, pem: bytes, facts: str) -> None:
    write(tmp_path, "a", pem, facts)
    assert "weak" in refusal(tmp_path).reason


MISMATCHED = {
    "EC for RS256": (EC_PEM, RSA_FACTS),
    "RSA for ES256": (pem_of(RSA_2048), FACTS),
    "DSA": (pem_of(dsa.generate_private_key(1024)), FACTS),
}


@pytest.mark.parametrize(("pem", "facts"), MISMATCHED.values(), ids=MISMATCHED.keys())
def test_a_key_that_cannot_sign_its_algorithm_is_refused(tmp_path: Path, pem: bytes, facts: str) -> None:
    write(tmp_path, "a", pem, facts)
    assert "cannot sign" in refusal(tmp_path).reason


def test_two_active_keys_for_one_algorithm_are_refused(tmp_path: Path) -> None:
    for created in (1, 2):
        put(tmp_path, generate_private("ES256"), State.ACTIVE, created)
    assert "two keys for ES256 are active" in refusal(tmp_path).reason


def test_one_key_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", EC_PEM, FACTS)
    write(tmp_path, "b", EC_PEM, FACTS.replace("active", "retiring"))
    assert "two files" in refusal(tmp_path).reason


def encrypted() -> bytes:
    return RSA_2048.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize("pem", [b"", b"text", EC_PEM[:100], encrypted()], ids=["empty", "text", "half", "encrypted"])
def test_a_file_that_is_no_open_private_key_is_refused(tmp_path: Path, pem: bytes) -> None:
    write(tmp_path, "a", pem, FACTS)
    assert "PEM" in refusal(tmp_path).reason


def test_a_damaged_rsa_key_is_refused(tmp_path: Path) -> None:
    """One signature with a damaged prime gives both primes away."""
    numbers = RSA_2048.private_numbers()
    damaged = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d, numbers.dmp1 + 2, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    write(tmp_path, "a", pem_of(damaged), RSA_FACTS)
    assert "PEM" in refusal(tmp_path).reason


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "not toml",
        FACTS.replace("ES256", "HS256"),
        FACTS.replace("active", "tired"),
        FACTS.replace("op-signing", "cooking"),
        FACTS.replace("created = 1", 'created = "yesterday"'),
        FACTS.replace("created = 1", ""),
        FACTS.replace('"active"', '["active"]'),
        FACTS.replace('"ES256"', '["ES256"]'),
    ],
)
def test_wrong_facts_are_refused(tmp_path: Path, facts: str) -> None:
    path = write(tmp_path, "a", EC_PEM, facts)
    assert refusal(tmp_path).path == path.with_suffix(".toml")


def test_a_key_without_its_facts_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a", EC_PEM, FACTS)
    path.with_suffix(".toml").unlink()
    assert refusal(tmp_path).path == path.with_suffix(".toml")


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pem").symlink_to(tmp_path / "gone")
    assert "cannot be read" in refusal(tmp_path).reason
