"""Certificates as steps of a path (RFC 5280 6.1): read strictly, since here their fields count, not their keys alone.

`cryptography.x509.verification` is not used: it is for the certificates of web servers, knows neither brainpool curves nor
a leaf that is itself the anchor, and cannot tell what has expired from what is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from eidas.algorithms import STRICT, Compatibility
from eidas.certificates import Certificate, read_certificate
from eidas.errors import CertificateRefused
from metadata.trust.der import without_null

X = TypeVar("X", bound=x509.ExtensionType)

UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What the library raises at octets that are none of its objects."""
LONGEST = 5
"""Certificates in a path, the anchor included: the longest that is deployed has four."""


@dataclass(frozen=True, slots=True)
class Link:
    """A certificate as a step of a path. Two are the same when their octets are.

    `hash` is what its issuer signed it with ("sha256"; "" for one that nobody knows), `pkcs1` whether by RSASSA-PKCS1-v1_5.
    """

    certificate: Certificate
    fields: x509.Certificate = field(compare=False, repr=False)
    hash: str = field(compare=False)
    pkcs1: bool = field(compare=False)

    @property
    def since(self) -> int:
        """From when on it counts (Unix seconds)."""
        return int(self.fields.not_valid_before_utc.timestamp())

    @property
    def until(self) -> int:
        """Until when it counts (Unix seconds)."""
        return int(self.fields.not_valid_after_utc.timestamp())

    @property
    def name(self) -> str:
        """Its subject, for logs and warnings."""
        return self.fields.subject.rfc4514_string()

    @property
    def self_issued(self) -> bool:
        """RFC 5280 6.1: issuer and subject have one name."""
        return self.fields.issuer == self.fields.subject

    def names(self, issuer: "Link") -> bool:
        """RFC 5280 6.1.3 (a) (4): whether this certificate says that the other one issued it."""
        return self.fields.issuer == issuer.fields.subject

    def extension(self, kind: type[X]) -> X | None:
        """The value of an extension; None where there is none."""
        try:
            return self.fields.extensions.get_extension_for_class(kind).value
        except x509.ExtensionNotFound:
            return None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Interoperability Architecture 1.4, 6.2: a certificate that a country handed over; it vouches for no other."""

    country: str
    link: Link


@dataclass(frozen=True, slots=True)
class Policy:
    """How one country is judged: by its own anchors, with the deviations that it is allowed.

    `expired`: whether a certificate that has expired is refused, or told as a warning.
    """

    country: str
    compatibility: Compatibility = STRICT
    expired: Literal["refuse", "warn"] = "refuse"


Path = tuple[Link, ...]
"""From the signer to the anchor; of one certificate when the signer is the anchor."""


@lru_cache(maxsize=256)
def read_link(der: bytes) -> Link:
    """A certificate in DER, with all its fields. Raises CertificateRefused."""
    certificate = read_certificate(der)
    try:
        fields = x509.load_der_x509_certificate(without_null(der))
        _ = fields.extensions, fields.subject, fields.issuer  # read now: later nobody would expect them to be wrong
    except UNREADABLE:
        raise CertificateRefused("the certificate's fields cannot be read") from None
    return Link(certificate, fields, *_signed_with(fields))


def _signed_with(fields: x509.Certificate) -> tuple[str, bool]:
    """An anchor may be signed by whatever its country likes: what nobody knows is told, not refused."""
    try:
        algorithm = fields.signature_hash_algorithm
        return (algorithm.name if algorithm else ""), isinstance(fields.signature_algorithm_parameters, PKCS1v15)
    except (ValueError, UnsupportedAlgorithm):
        return "", False


def read_anchor(country: str, der: bytes) -> Anchor:
    """An anchor of a country ("EL"). Raises CertificateRefused."""
    return Anchor(country, read_link(der))


def paths(leaf: Link, others: Sequence[Link], anchors: Sequence[Link]) -> Iterator[Path]:
    """Every way from a certificate over others to an anchor, by their names alone: nothing is proven yet."""
    if leaf in anchors:
        yield (leaf,)
    yield from _ways((leaf,), [one for one in others if one not in anchors], anchors)


def _ways(begun: Path, others: Sequence[Link], anchors: Sequence[Link]) -> Iterator[Path]:
    if len(begun) == LONGEST:
        return
    for anchor in anchors:
        if anchor not in begun and begun[-1].names(anchor):
            yield (*begun, anchor)
    for other in others:
        if other not in begun and begun[-1].names(other):
            yield from _ways((*begun, other), others, anchors)
