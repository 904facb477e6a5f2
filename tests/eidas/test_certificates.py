"""A partner's certificate: its key is read, whatever else stands in it; a useless key is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eidas.algorithms import Deviation, Scheme
from eidas.certificates import opens, read_certificate
from eidas.errors import CertificateRefused
from tests.eidas.parts import KEYS, certificate_of, private_key, trusted

SPKI = PublicFormat.SubjectPublicKeyInfo
# RFC 3279 2.3.5: a curve by its parameters instead of its name (those of P-256, but who would check?).
EXPLICIT = bytes.fromhex(
    "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff00000001000000000000000000000000ffffff"
    "ffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd5576"
    "9886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440"
    "f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5022100ffffffff00000000"
    "ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d8"
    "98c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def der(tag, *content):
    """An ASN.1 value."""
    octets = b"".join(content)
    length = bytes([len(octets)]) if len(octets) < 128 else b"\x82" + len(octets).to_bytes(2, "big")
    return bytes([tag]) + length + octets


def certificate(spki, version=True):
    """A certificate in which nothing but the key is as it should be."""
    before = [der(2, b"\1"), der(0x30), der(0x30, b"\xff\xff"), der(0x30), der(0x30)]
    first = [der(0xA0, der(2, b"\2"))] if version else []
    return der(0x30, der(0x30, *first, *before, spki), der(0x30), der(3, b"\0"))


def spki(private):
    return private.public_key().public_bytes(Encoding.DER, SPKI)


@pytest.mark.parametrize("name", KEYS)
def test_the_key_of_a_certificate_is_read(name):
    assert trusted(name).key == private_key(name).public_key()


@pytest.mark.parametrize("version", [True, False])
def test_the_key_is_read_whatever_else_stands_in_the_certificate(version):
    """Some countries have certificates that a strict reader refuses."""
    key = private_key("secp256r1")
    assert read_certificate(certificate(spki(key), version)).key == key.public_key()


@pytest.mark.parametrize(
    ("name", "octets"), [("rsa", 384), ("rsa2048", 256), ("secp256r1", 64), ("secp521r1", 132), ("brainpoolP512r1", 128)]
)
def test_each_key_makes_signatures_of_one_length(name, octets):
    assert trusted(name).signature_octets == octets


def test_a_key_fits_the_schemes_of_its_kind():
    fits = [(trusted(name).fits(scheme)) for name in ("rsa", "secp256r1") for scheme in Scheme]
    assert list(Scheme) == [Scheme.PSS, Scheme.PKCS1, Scheme.ECDSA]
    assert fits == [True, True, False, False, False, True]


def test_rsa_below_3072_bits_needs_a_deviation():
    assert [trusted(name).deviations for name in ("rsa2048", "rsa", "secp256r1")] == [{Deviation.RSA_2048}, set(), set()]


@pytest.mark.parametrize(
    "private",
    [
        rsa.generate_private_key(65537, 1024),
        ec.generate_private_key(ec.SECP224R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["rsa1024", "secp224r1", "secp256k1", "ed25519"],
)
def test_a_key_that_no_partner_may_have_is_refused(private):
    with pytest.raises(CertificateRefused, match="neither RSA of 2048 to 8192 bits"):
        read_certificate(certificate(spki(private)))


def test_a_huge_rsa_key_is_refused():
    numbers = rsa.RSAPublicNumbers(65537, (1 << 8200) + 1)
    with pytest.raises(CertificateRefused):
        read_certificate(certificate(numbers.public_key().public_bytes(Encoding.DER, SPKI)))


def test_a_curve_by_its_parameters_is_refused():
    with pytest.raises(CertificateRefused, match="by its parameters"):
        read_certificate(certificate(EXPLICIT))


@pytest.mark.parametrize("octets", [b"", b"\x30", b"\x30\x84", b"not a certificate", bytes(200)])
def test_what_is_no_certificate_is_refused(octets):
    with pytest.raises(CertificateRefused, match="cannot be read"):
        read_certificate(octets)


def test_every_beginning_of_a_certificate_is_refused():
    whole = certificate_of(private_key("secp256r1"))
    at = whole.index(spki(private_key("secp256r1"))) + len(spki(private_key("secp256r1")))
    for end in range(0, at, 7):
        with pytest.raises(CertificateRefused):
            read_certificate(whole[:end])


@pytest.mark.parametrize(
    ("octets", "expected"), [(certificate_of(private_key("secp256r1")), True), (b"", False), (b"not a certificate", False)]
)
def test_whether_openssl_opens_a_certificate(octets, expected):
    assert opens(octets) is expected
