"""A key as metadata shows it, read leniently: what cannot be read is still told apart, by the digest of its text.

One key is one key whatever certificate holds it. A key that does not say what it is for is for both uses (SAML Metadata
2.4.1.1).
"""

import hashlib
import warnings
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, InvalidVersion, load_der_x509_certificate

from eidas import xml
from eidas.algorithms import RSA_OAEP, RSA_OAEP_MGF1P
from eidas.certificates import read_certificate
from eidas.errors import CertificateRefused, XmlRefused
from eidas.keys import PublicKey
from eidas.xml import DS, DSIG11, MD, XENC, XENC11, Element
from metadata.diff.grades import rsa_strength, short

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_SHA1, _MASK = f"{DS}sha1", f"{XENC11}mgf1sha1"
_UNREADABLE = (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, CertificateRefused, XmlRefused)
USES = ("signing", "encryption")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key for one use: SHA-256 of its SubjectPublicKeyInfo and of its certificate ("": it has none).

    `kind` is for people, `bits` its strength as that of a symmetric key (0: not known), `dates` the certificate's.
    `methods` are what may be encrypted for it: (group, words).
    """

    use: str
    sha256: str
    certificate: str
    kind: str
    bits: int
    dates: str
    methods: frozenset[tuple[str, str]] = field(default=frozenset())

    @property
    def digests(self) -> tuple[str, ...]:
        """What people compare on another way."""
        certificate = (f"certificate sha256 {self.certificate}",) if self.certificate else ()
        return (*certificate, f"key sha256 {self.sha256}")

    def __str__(self) -> str:
        return f"{self.kind}, valid {self.dates}" if self.dates else self.kind


def read_keys(role: Element) -> tuple[Key, ...]:
    """The keys of a role, each once for each use and certificate."""
    found: dict[tuple[str, str, str], Key] = {}
    for descriptor in xml.children(role, f"{{{MD}}}KeyDescriptor"):
        uses = (descriptor.get("use", ""),) if descriptor.get("use") else USES
        methods = frozenset(_methods(descriptor))
        for key in _keys(descriptor):
            for use in uses:
                place = (use, key.sha256, key.certificate)
                before = found[place].methods if place in found else frozenset()
                found[place] = Key(use, key.sha256, key.certificate, key.kind, key.bits, key.dates, methods | before)
    held = {(key.use, key.sha256) for key in found.values() if key.certificate}
    return tuple(key for key in found.values() if key.certificate or (key.use, key.sha256) not in held)


def _keys(descriptor: Element) -> Iterator[Key]:
    certificates = [*descriptor.iter(f"{{{DS}}}X509Certificate")]
    values = [*descriptor.iter(f"{{{DS}}}KeyValue", f"{{{DSIG11}}}DEREncodedKeyValue")]
    yield from map(_of_certificate, certificates)
    yield from map(_of_value, values)
    if not certificates and not values:
        yield from (_of_text(one, "key that is only named") for one in xml.children(descriptor, f"{{{DS}}}KeyInfo"))


def _of_certificate(element: Element) -> Key:
    try:
        der = xml.octets(element)
        sha256, (info, kind, bits, dates) = hashlib.sha256(der).hexdigest(), read_der(der)
    except _UNREADABLE:
        return _of_text(element, "certificate that cannot be read")
    return Key("", hashlib.sha256(info).hexdigest(), sha256, kind, bits, dates)


def _of_value(element: Element) -> Key:
    try:
        modulus, exponent = (_number(element, name) for name in ("Modulus", "Exponent"))
        info, kind, bits = _described(rsa.RSAPublicNumbers(exponent, modulus).public_key())
    except _UNREADABLE:
        return _of_text(element, "key without certificate")
    return Key("", hashlib.sha256(info).hexdigest(), "", f"{kind} without certificate", bits, "")


def _of_text(element: Element, kind: str) -> Key:
    return Key("", hashlib.sha256("".join("".join(element.itertext()).split()).encode()).hexdigest(), "", kind, 0, "")


def _number(element: Element, name: str) -> int:
    text = "".join("".join(one.text or "" for one in element.iter(f"{{{DS}}}{name}")).split())
    return int.from_bytes(b64decode(text, validate=True))


def key_digest(key: PublicKey) -> str:
    """SHA-256 of a key's SubjectPublicKeyInfo."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


# -- certificates -----------------------------------------------------------------------------------------------------


def read_der(der: bytes) -> tuple[bytes, str, int, str]:
    """SubjectPublicKeyInfo, kind, strength in bits and dates of a certificate in DER, as far as any of our readers goes.

    Raises CertificateRefused where none reads it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # real certificates have odd serial numbers, and that is not the question
        try:
            strict = load_der_x509_certificate(der)
            return (*_described(strict.public_key()), _dates(strict))
        except (ValueError, TypeError, UnsupportedAlgorithm, InvalidVersion):
            return (*_described(read_certificate(der).key), "unknown")


def _dates(certificate: Certificate) -> str:
    return f"{_day(certificate.not_valid_before_utc)} to {_day(certificate.not_valid_after_utc)}"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _described(key: object) -> tuple[bytes, str, int]:
    if isinstance(key, rsa.RSAPublicKey):
        kind, bits = f"RSA {key.key_size}", rsa_strength(key.key_size)
    elif isinstance(key, dsa.DSAPublicKey):
        kind, bits = f"DSA {key.key_size}", rsa_strength(key.key_size)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind, bits = f"EC {_CURVES.get(key.curve.name, key.curve.name)}", key.curve.key_size // 2
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        kind, bits = type(key).__name__.removesuffix("PublicKey"), 128
    else:
        raise CertificateRefused("a key of a kind that is not known here")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), kind, bits


# -- what may be encrypted for a key ----------------------------------------------------------------------------------

_GROUPS = (("key wrap", ("kw-",)), ("key agreement", ("ECDH", "dh")), ("key transport", ("rsa-",)))


def _methods(descriptor: Element) -> Iterator[tuple[str, str]]:
    for method in xml.children(descriptor, f"{{{MD}}}EncryptionMethod"):
        words = " ".join(_words(method))
        group = next((group for group, starts in _GROUPS if words.startswith(starts)), "content encryption")
        yield group, words


def _words(method: Element) -> Iterator[str]:
    """XML Encryption 1.1 5.5.2: OAEP has a digest and a mask, each SHA-1 where nothing is said."""
    uri = method.get("Algorithm", "")
    yield short(uri)
    if uri in (RSA_OAEP, RSA_OAEP_MGF1P):
        yield short(_inner(method, f"{{{DS}}}DigestMethod") or _SHA1)
        yield short(_inner(method, f"{{{XENC11}}}MGF") or _MASK if uri == RSA_OAEP else _MASK)
    for name in ("KeySize", "OAEPparams"):
        yield from (f"{name}={'-'.join(xml.text(one).split())}" for one in xml.children(method, f"{{{XENC}}}{name}"))


def _inner(method: Element, tag: str) -> str:
    return next((one.get("Algorithm", "") for one in xml.children(method, tag)), "")
