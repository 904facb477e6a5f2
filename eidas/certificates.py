"""A partner's certificate: its key, parsed once, and how strong it is.

Only the key is read. Whose it is and until when was decided where the certificate was trusted (eIDAS Cryptographic
Requirements 1.4, 3.5.2: the metadata is what counts), and some countries' certificates have fields that a strict reader
refuses.
"""

from dataclasses import dataclass, field

import xmlsec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from eidas.algorithms import CURVE_URNS, Deviation, Scheme
from eidas.errors import CertificateRefused
from eidas.keys import PublicKey, curve_octets

_STRONG_RSA = 3072
_WEAKEST_RSA = 2048
_LARGEST_RSA = 8192
# RFC 3279 2.3.5: the field of a curve whose parameters are written out.
_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")
_VERSION_TAG = 0xA0
_FIELDS_BEFORE_KEY = 5  # serialNumber, signature, issuer, validity, subject


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that the caller trusts for what it is used for."""

    der: bytes
    key: PublicKey = field(compare=False)
    verifier: xmlsec.Key = field(compare=False, repr=False)

    def fits(self, scheme: Scheme) -> bool:
        """Whether the key is of the kind that this scheme needs."""
        return isinstance(self.key, ec.EllipticCurvePublicKey) == (scheme is Scheme.ECDSA)

    @property
    def deviations(self) -> frozenset[Deviation]:
        """What must be allowed for this key to be used."""
        weak = isinstance(self.key, rsa.RSAPublicKey) and self.key.key_size < _STRONG_RSA
        return frozenset({Deviation.RSA_2048} if weak else ())

    @property
    def signature_octets(self) -> int:
        """The length of each signature of this key."""
        if isinstance(self.key, rsa.RSAPublicKey):
            return (self.key.key_size + 7) // 8
        return 2 * curve_octets(self.key.curve)


def read_certificate(der: bytes) -> Certificate:
    """A certificate in DER. Raises CertificateRefused. Costs about 0.3 ms: keep what it returns."""
    try:
        info = _subject_public_key_info(der)
    except IndexError:
        raise CertificateRefused("the certificate cannot be read") from None
    key = read_public_key(info)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(der, key, xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem))


def opens(der: bytes) -> bool:
    """Whether OpenSSL, as libxmlsec uses it, reads this certificate and a key in it."""
    try:
        xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
    except (xmlsec.Error, ValueError):
        return False
    return True


def read_public_key(info: bytes) -> PublicKey:
    """A SubjectPublicKeyInfo in DER. Raises CertificateRefused."""
    try:
        key = load_der_public_key(info)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateRefused("the key cannot be read") from None
    check_usable(key)
    check_named_curve(info)
    assert isinstance(key, PublicKey)  # noqa: S101 - check_usable has just said so
    return key


def check_usable(key: object) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.3.1, 3.4: RSA or a named curve; no partner's key is tiny, or huge."""
    if isinstance(key, rsa.RSAPublicKey) and _WEAKEST_RSA <= key.key_size <= _LARGEST_RSA:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVE_URNS:
        return
    raise CertificateRefused("the key is neither RSA of 2048 to 8192 bits nor on a curve that eIDAS names")


def check_named_curve(info: bytes) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.4: a curve by its name, not by parameters that the sender chose."""
    if _PRIME_FIELD in info:
        raise CertificateRefused("the key's curve is given by its parameters")


# -- RFC 5280 4.1: Certificate → tbsCertificate → subjectPublicKeyInfo -------------------------------------------------


def _subject_public_key_info(der: bytes) -> bytes:
    at = _content(der, _content(der, 0)[1])[1]
    if der[at] == _VERSION_TAG:
        at = _content(der, at)[2]
    for _ in range(_FIELDS_BEFORE_KEY):
        at = _content(der, at)[2]
    return der[at : _content(der, at)[2]]


def _content(der: bytes, at: int) -> tuple[int, int, int]:
    """An ASN.1 value's tag, and where its content begins and ends (X.690 8.1.3). IndexError beyond the end."""
    tag, length, start = der[at], der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(der[start : start + octets], "big")
        start += octets
    return tag, start, start + length
