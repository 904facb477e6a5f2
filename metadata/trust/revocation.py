"""Whether the certificates of a path are revoked (RFC 5280 6.3), by lists that the caller has: nothing is fetched here."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from eidas.certificates import Certificate
from metadata.errors import MetadataRefused
from metadata.trust import rules
from metadata.trust.links import UNREADABLE, Link, Path, read_link

RevokedList = x509.CertificateRevocationList
_DAY = 86_400


def read_revoked(der: bytes) -> RevokedList:
    """A list of revoked certificates in DER. Raises MetadataRefused."""
    try:
        found = x509.load_der_x509_crl(der)
        _ = found.extensions, found.issuer  # read now, as a certificate's are
    except UNREADABLE:
        raise MetadataRefused("a list of revoked certificates cannot be read") from None
    return found


def addresses(chain: Iterable[Certificate]) -> Iterator[str]:
    """RFC 5280 4.2.1.13: where these certificates name lists of revoked ones. Only a proven path is to be believed."""
    for certificate in chain:
        points = read_link(certificate.der).extension(x509.CRLDistributionPoints) or ()
        names = (name for point in points for name in point.full_name or ())
        yield from (name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))


def proves_itself(der: bytes, chain: Sequence[Certificate], now: int) -> int | None:
    """Until when a list counts (Unix seconds) that one of these certificates issued; None for any other octets.

    One without a next update counts for a day.
    """
    try:
        revoked = read_revoked(der)
    except MetadataRefused:
        return None
    issuers = (link for link in map(read_link, (one.der for one in chain)) if link.fields.subject == revoked.issuer)
    if not any(_keeps_rules(revoked, issuer) for issuer in issuers):
        return None
    until = revoked.next_update_utc
    return int(until.timestamp()) if until else now + _DAY


def _keeps_rules(revoked: RevokedList, issuer: Link) -> bool:
    try:
        rules.check_list_signed(revoked, issuer)
        rules.check_list_usage(issuer)
        rules.check_list_whole(revoked)
    except MetadataRefused:
        return False
    return True


def remarks(path: Path, lists: Sequence[RevokedList], now: int) -> Iterator[str]:
    """What could not be checked. Raises MetadataRefused for a certificate that is revoked, or a list that is wrong."""
    anchor = path[-1]
    issuers = pairwise((*path, anchor)) if anchor.self_issued else pairwise(path)
    for link, issuer in issuers:
        yield from _of(link, issuer, [one for one in lists if one.issuer == link.fields.issuer], now)
    if not anchor.self_issued and _says_where(anchor):
        yield f"revocation not checked: {anchor.name}: its issuer's key is not known"


def _of(link: Link, issuer: Link, lists: Sequence[RevokedList], now: int) -> Iterator[str]:
    for revoked in lists:
        rules.check_list_signed(revoked, issuer)
        rules.check_list_usage(issuer)
        rules.check_list_whole(revoked)
        rules.check_not_revoked(revoked, link)
    if lists and not any(_counts(revoked, now) for revoked in lists):
        yield f"revocation not checked: {link.name}: its issuer's list is out of date"
    if not lists and _says_where(link):
        yield f"revocation not checked: {link.name}"


def _counts(revoked: RevokedList, now: int) -> bool:
    """RFC 5280 6.3.3 (a): a list counts until the next one is due."""
    until = revoked.next_update_utc
    return revoked.last_update_utc.timestamp() <= now and (until is None or now <= until.timestamp())


def _says_where(link: Link) -> bool:
    """RFC 5280 4.2.1.13, 4.2.2.1: whether the certificate names a list of revoked ones, or an OCSP responder."""
    access = link.extension(x509.AuthorityInformationAccess) or ()
    asked = any(one.access_method == AuthorityInformationAccessOID.OCSP for one in access)
    return asked or link.extension(x509.CRLDistributionPoints) is not None
