"""A certificate as metadata holds it, read by three readers: a strict one, OpenSSL, and the one that a login uses.

Some nodes' certificates have fields that a strict reader refuses, so what one reader says is not what all partners see.
"""

import warnings
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eidas import xml
from eidas.certificates import Certificate, opens, read_certificate
from eidas.errors import CertificateRefused, XmlRefused
from eidas.xml import Element

AnyKey = object
_UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension, Warning)


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate: None for a reader that refuses it; `openssl` says whether that one reads it.

    `key` is its key of whatever kind, None when no reader gets it.
    """

    usable: Certificate | None
    strict: x509.Certificate | None
    usage: x509.KeyUsage | None
    openssl: bool
    key: AnyKey | None

    @property
    def is_one(self) -> bool:
        """Whether any reader takes it for a certificate."""
        return self.strict is not None or self.openssl

    def counts(self, now: int) -> bool:
        """Whether its dates allow it at this moment (Unix seconds); True where they cannot be read."""
        if self.strict is None:
            return True
        return self.strict.not_valid_before_utc.timestamp() <= now <= self.strict.not_valid_after_utc.timestamp()

    @property
    def dates(self) -> str:
        """From when until when it counts."""
        if self.strict is None:
            return ""
        return f"{self.strict.not_valid_before_utc:%Y-%m-%d} to {self.strict.not_valid_after_utc:%Y-%m-%d}"

    @property
    def rsa_bits(self) -> int | None:
        """The size of an RSA key."""
        return self.key.key_size if isinstance(self.key, rsa.RSAPublicKey) else None

    @property
    def numbers(self) -> bytes | None:
        """The key as octets, to compare it with others; None for one that is neither RSA nor on a curve."""
        if not isinstance(self.key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            return None
        return self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def held_in(element: Element) -> Held:
    """What an X509Certificate holds."""
    try:
        der = xml.octets(element)
    except XmlRefused:
        return Held(None, None, None, False, None)
    usable, strict = _usable(der), _strict(der)
    key = _key_of(strict) if strict else None
    return Held(usable, strict, _usage(strict), opens(der), key or (usable.key if usable else None))


def _usable(der: bytes) -> Certificate | None:
    try:
        return read_certificate(der)
    except CertificateRefused:
        return None


def _strict(der: bytes) -> x509.Certificate | None:
    """Read with every field that is read only when somebody asks; what it merely warns of, it refuses here."""
    try:
        with warnings.catch_warnings(action="error"):
            found = x509.load_der_x509_certificate(der)
            _ = found.extensions, found.issuer, found.subject, found.not_valid_before_utc, found.not_valid_after_utc
            return found
    except _UNREADABLE:
        return None


def _key_of(certificate: x509.Certificate) -> AnyKey | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            return certificate.public_key()
    except _UNREADABLE:
        return None


def _usage(certificate: x509.Certificate | None) -> x509.KeyUsage | None:
    if certificate is None:
        return None
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
