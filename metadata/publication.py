"""Our own metadata on its way: what it says, its signature by a key that is elsewhere, and what it must be to be published.

A document is made here, carried to the key, and carried back. On both ways somebody could change it or take another one,
so the machine with the key shows what it signs, and what comes back is compared with what would be made here and now.
"""

import hashlib
from dataclasses import dataclass

from eidas import signature, times, xml
from eidas.certificates import read_certificate
from eidas.keys import Signer
from eidas.schema import check_schema
from eidas.xml import DS, MD, Element
from metadata.errors import MetadataExpired, MetadataRefused
from metadata.ledger.content import content_digest
from metadata.read import LIMITS
from metadata.read_rules import check_expiry_stated
from metadata.trust.rules import check_only_signature

MOST_DAYS = 90
_DAY = 86_400
_ENTITY = f"{{{MD}}}EntityDescriptor"
_ROLES = {f"{{{MD}}}SPSSODescriptor": "connector", f"{{{MD}}}IDPSSODescriptor": "proxy"}
_OTHERS = tuple(
    f"{{{MD}}}{name}"
    for name in (
        "RoleDescriptor",
        "AuthnAuthorityDescriptor",
        "AttributeAuthorityDescriptor",
        "PDPDescriptor",
        "AffiliationDescriptor",
    )
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says: `valid_until` is Unix seconds, `keys` are (use, SHA-256 of the certificate in hex).

    `content` is the digest of all that it says but its last day (`metadata.ledger.content`).
    """

    role: str
    entity_id: str
    valid_until: int
    keys: tuple[tuple[str, str], ...]
    content: str


# -- before it is signed ----------------------------------------------------------------------------------------------


def read_unsigned(octets: bytes) -> Said:
    """What a document says that nobody has signed yet. Raises Refused for what is no metadata of one node."""
    root = _parsed(octets)
    check_unsigned(root)
    return _said(root)


def sign(octets: bytes, signer: Signer) -> bytes:
    """A document with a signature. Raises Refused for what is no metadata of one node, or is signed already."""
    root = _parsed(octets)
    check_unsigned(root)
    signature.sign(root, signer)
    return xml.write(root)


def check_unsigned(root: Element) -> None:
    """Ours: a document is signed once; a second signature beside another would say more than was shown."""
    if next(root.iter(f"{{{DS}}}Signature"), None) is not None:
        raise MetadataRefused("the document is signed already")


def role_of(octets: bytes) -> str:
    """Whose metadata a document claims to be; it may claim anything. Raises Refused."""
    return _said(_parsed(octets)).role


# -- afterwards -------------------------------------------------------------------------------------------------------


def read_signed(octets: bytes, certificate: bytes, role: str, entity_id: str) -> Said:
    """What a document of ours says, proven by the certificate (DER) of the key that signs elsewhere. Raises Refused."""
    root = _parsed(octets)
    check_only_signature(root)
    proven = signature.verify(root, [read_certificate(certificate)])
    check_certificate_beside(root, certificate)
    said = _said(proven.element)
    check_entity(said, entity_id)
    check_role(said, role)
    return said


def check_publishable(said: Said, content: str, now: int, in_place: Said | None) -> None:
    """A document may take its place: it says what would be said now, it counts, and it is no older than what is there.

    `content` is the digest of what would be made at `now` (Unix seconds). Raises MetadataRefused.
    """
    check_content(said, content)
    check_until(said, now)
    check_not_for_long(said, now)
    if in_place is not None:
        check_not_older(said, in_place)


def check_certificate_beside(root: Element, certificate: bytes) -> None:
    """XML Signature 1.1 4.5: no signature covers KeyInfo; a certificate of another there would lead others astray."""
    found = [xml.octets(one) for one in root.iterfind(f"{{{DS}}}Signature//{{{DS}}}X509Certificate")]
    if found != [certificate]:
        raise MetadataRefused("the certificate beside the signature is not the one that the configuration names")


def check_entity(said: Said, entity_id: str) -> None:
    """Message Format 1.4, 2.1.1: our name is the address at which the document will be found."""
    if said.entity_id != entity_id:
        raise MetadataRefused(f"the document is of {said.entity_id}, not of {entity_id}")


def check_role(said: Said, role: str) -> None:
    """Message Format 1.4, 2.1.1: each role has its own document."""
    if said.role != role:
        raise MetadataRefused(f"the document is of a {said.role}, not of a {role}")


def check_content(said: Said, content: str) -> None:
    """Ours: nothing is published that the configuration and the keys of this instance do not say."""
    if said.content != content:
        raise MetadataRefused("the document does not say what this instance would say now: build it anew, and sign that")


def check_until(said: Said, now: int) -> None:
    """Message Format 1.4, 4.1: what has ended counts no more."""
    if said.valid_until <= now:
        raise MetadataExpired(said.valid_until)


def check_not_for_long(said: Said, now: int) -> None:
    """Ours: what others have copied cannot be taken back before it ends."""
    if said.valid_until > now + (MOST_DAYS + 1) * _DAY:
        raise MetadataRefused(f"the document counts for more than {MOST_DAYS} days")


def check_not_older(said: Said, in_place: Said) -> None:
    """Ours: an older document, brought again, would shorten the time that others have, or bring old keys back."""
    if said.valid_until < in_place.valid_until:
        until = times.written(in_place.valid_until)
        raise MetadataRefused(f"the one in place counts longer, until {until}: --replace takes this one all the same")


# -- what a document says ---------------------------------------------------------------------------------------------


def _parsed(octets: bytes) -> Element:
    root = xml.parse(octets, LIMITS)
    check_schema(root)
    check_own_root(root)
    check_sole_role(root)
    check_expiry_stated(root)
    return root


def check_own_root(root: Element) -> None:
    """Message Format 1.4, 4: our document is about one entity, ours."""
    if root.tag != _ENTITY:
        raise MetadataRefused("the document is no EntityDescriptor")


def check_sole_role(root: Element) -> None:
    """Message Format 1.4, 2.1.1: our document has one role, and nothing else that somebody might believe of us."""
    roles = list(root.iter(*_ROLES, *_OTHERS))
    if len(roles) != 1 or roles[0].tag not in _ROLES or roles[0].getparent() is not root:
        raise MetadataRefused("the document has not one role, that of a Connector or of a Proxy-Service")


def _said(root: Element) -> Said:
    (role,) = (_ROLES[str(one.tag)] for one in root if one.tag in _ROLES)
    return Said(
        role=role,
        entity_id=root.get("entityID", ""),
        valid_until=times.read(root.get("validUntil", "")),
        keys=tuple(
            (key.get("use", ""), hashlib.sha256(xml.octets(certificate)).hexdigest())
            for key in root.iter(f"{{{MD}}}KeyDescriptor")
            for certificate in key.iter(f"{{{DS}}}X509Certificate")
        ),
        content=content_digest(xml.write(root)),
    )
