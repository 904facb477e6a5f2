"""Our private keys in memory: the forms that XML Signature and XML Encryption ask for."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from eidas.keys import LocalDecrypter, LocalSigner, Oaep
from tests.eidas.parts import CURVE_NAMES, HASHES, private_key, signer_of

OAEP = Oaep(SHA256(), SHA256())


@pytest.mark.parametrize(("name", "length"), list(zip(CURVE_NAMES, [32, 48, 66, 32, 48, 64], strict=True)))
def test_ecdsa_is_r_and_s_of_the_curves_length(name, length):
    signature = signer_of(name).sign(b"data")
    r, s = int.from_bytes(signature[:length], "big"), int.from_bytes(signature[length:], "big")
    assert len(signature) == 2 * length
    private_key(name).public_key().verify(encode_dss_signature(r, s), b"data", ec.ECDSA(SHA256()))


def test_a_small_number_keeps_its_length():
    """One signature in 128 has a number that is shorter; none of these may be."""
    assert {len(signer_of().sign(b"data")) for _ in range(600)} == {64}


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda algorithm: algorithm.name)
def test_pss_has_a_salt_as_long_as_the_digest(algorithm):
    signature = signer_of("rsa", algorithm=algorithm).sign(b"data")
    pss = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
    private_key("rsa").public_key().verify(signature, b"data", pss, algorithm)


def test_the_method_is_of_the_key_and_the_hash():
    methods = [
        signer_of(name, algorithm=algorithm).method.partition("#")[2]
        for name in ("rsa", "secp521r1")
        for algorithm in HASHES
    ]
    assert methods[:3] == ["sha256-rsa-MGF1", "sha384-rsa-MGF1", "sha512-rsa-MGF1"]
    assert methods[3:] == ["ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"]


def test_nothing_of_a_private_key_is_shown():
    private = private_key("secp256r1")
    assert "rivate" not in repr(LocalSigner(private, SHA256(), b"")) + repr(LocalDecrypter(private))


def test_each_kind_of_key_has_one_operation():
    with pytest.raises(TypeError):
        LocalDecrypter(private_key("secp256r1")).unwrap_rsa(bytes(384), OAEP)
    with pytest.raises(TypeError):
        LocalDecrypter(private_key("rsa")).agree(private_key("secp256r1").public_key())


def test_a_key_agrees_on_its_own_curve_alone():
    with pytest.raises(ValueError, match="shared key"):
        LocalDecrypter(private_key("secp256r1")).agree(private_key("secp384r1").public_key())
