"""Is the document metadata, and who vouches for it? Whatever is tried to explain a refusal is not believed afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from broker.handshake.meeting import Known, Meeting
from broker.handshake.reaching import grouped
from broker.handshake.steps import Telling, Wrong
from eidas import xml
from eidas.algorithms import Compatibility, Deviation
from eidas.certificates import Certificate
from eidas.errors import Refused
from eidas.schema import check_schema, faults
from eidas.times import written
from eidas.xml import DS, MD, Element
from metadata.diff.grades import short
from metadata.diff.keys import read_der
from metadata.errors import CertificateRevoked
from metadata.ledger.kinds import ANCHOR
from metadata.parts import LIMITS
from metadata.trust import Vouched, beside, rules, vouched
from metadata.trust.links import Anchor, Link, read_link

_DAY = 86_400
_SOON = 60
_EVERYTHING = Compatibility(frozenset(Deviation))

ASKS: Mapping[Deviation, str] = {
    Deviation.RSA_PKCS1: "Sign by RSASSA-PSS or ECDSA, not RSASSA-PKCS1-v1_5 (Cryptographic Requirements 1.4, 3.3.1).",
    Deviation.SHA1: "Use SHA-256 or longer instead of SHA-1 (Cryptographic Requirements 1.4, 3.1.1).",
    Deviation.RSA_2048: "Use RSA keys from 3072 bits, or a named curve (Cryptographic Requirements 1.4, 3.3.1).",
    Deviation.RSA_OAEP_MGF1P: "Offer RSA-OAEP of XML Encryption 1.1 (Cryptographic Requirements 1.4, 3.2.2).",
    Deviation.DOCUMENT_REFERENCE: 'Let the signature name the ID of the root instead of URI="" (SAML Core 5.4.2).',
    Deviation.AUDIENCE_ACS_URL: "Name our entity ID as the audience (SAML Core 2.5.1.4).",
    Deviation.NO_NODE_COUNTRY: "State NodeCountry in the Extensions of the role (Message Format 1.4, 4.2).",
}
"""What a country should do so that it needs a deviation no more."""


def form(_meeting: Meeting, known: Known, tell: Telling) -> None:
    """Whether it is well-formed, and valid by the schemas. Raises Wrong, Refused."""
    if b"<html" in known.octets[:2000].lower():
        raise Wrong("it is a web page, not metadata")
    root = xml.parse(known.octets, LIMITS)
    for what in list(faults(root).values())[:5]:
        tell.fact(what)
    check_schema(root)
    rules.check_root(root)
    entities = sum(1 for _ in root.iter(f"{{{MD}}}EntityDescriptor"))
    tell.finds(f"well-formed, and valid by the schemas; entities: {entities}")


# -- who signed it ----------------------------------------------------------------------------------------------------


def signature(meeting: Meeting, known: Known, tell: Telling) -> None:
    """Whether the signature leads to an anchor of the country. Raises Wrong, Refused."""
    if not meeting.anchors:
        _by_pin(meeting, known, tell)
        return
    root = xml.parse(known.octets, LIMITS)
    tell.fact(f"signature method {_method(root)}")
    try:
        found = vouched(known.octets, meeting.anchors, replace(meeting.policy, expired="warn"), meeting.ways.clock())
    except Refused as refused:
        raise _explained(meeting, known.octets, _beside(root), refused, tell) from refused
    found = _unrevoked(meeting, known, found)
    for certificate in found.chain:
        tell.fact(_shown("by", read_link(certificate.der)))
    tell.aside(_where(meeting, found.anchor))
    _deviations(found, tell)
    _dates(meeting, found, tell)
    known.proven = found.octets
    tell.finds(f"{_method(root)}, {read_der(found.signer.der)[1]}, leads to an anchor of {meeting.code}")


def _unrevoked(meeting: Meeting, known: Known, found: Vouched) -> Vouched:
    """The same, after the lists of revoked certificates that the proven path names. Raises Wrong, Refused."""
    if meeting.place:
        known.revoked = meeting.ways.revoked(found.chain, meeting.country.private_addresses)
    if not known.revoked:
        return found
    policy = replace(meeting.policy, expired="warn")
    try:
        return vouched(known.octets, meeting.anchors, policy, meeting.ways.clock(), known.revoked)
    except CertificateRevoked as revoked:
        raise Wrong(
            revoked.detail,
            f"Ask {meeting.code} over the phone why, and since when: what it signed may be somebody else's.",
            "Sign with a certificate that is not revoked, and tell us on another way what happened.",
        ) from revoked


def _by_pin(meeting: Meeting, known: Known, tell: Telling) -> None:
    if meeting.pinned is None:
        raise Wrong(
            f"we have no anchor of {meeting.code}: nobody vouches for the document",
            f"Ask for the certificate that vouches, compare its SHA-256 over the phone, and name it in {meeting.file}: "
            "anchors = [...].",
            "Hand over the certificate that signs your metadata, or issues the one that does, and read us its SHA-256.",
        )
    known.proven = known.octets
    tell.finds("trusted by the SHA-256 of the file; who signed it is not asked")


def _method(root: Element) -> str:
    element = root.find(f"{{{DS}}}Signature/{{{DS}}}SignedInfo/{{{DS}}}SignatureMethod")
    return "none" if element is None else short(element.get("Algorithm", ""))


def _shown(word: str, link: Link) -> str:
    """A certificate in a line. The digest comes first: nothing that a name says may stand in its place."""
    dates = f"{written(link.since)[:10]} to {written(link.until)[:10]}"
    der = link.certificate.der
    return f"{word} certificate SHA-256 {grouped(der)}, {read_der(der)[1]}, {dates}, subject {link.name}"


def _where(meeting: Meeting, anchor: Certificate) -> str:
    pin = meeting.standing.get((ANCHOR, f"{meeting.code}/{sha256(anchor.der).hexdigest()}"))
    since = f", in our ledger since {written(pin.time)[:10]}" if pin else ""
    configured = any(one.link.certificate == anchor for one in meeting.country.anchors)
    return f"the anchor is the last of these: {f'pinned in {meeting.file}' if configured else 'given by a list'}{since}"


def _deviations(found: Vouched, tell: Telling) -> None:
    for deviation in sorted(found.deviations):
        tell.remark(f"it needs {deviation}, which this country is allowed by name", theirs=ASKS[deviation])


def _dates(meeting: Meeting, found: Vouched, tell: Telling) -> None:
    now, over = meeting.ways.clock(), [one for one in found.chain if read_link(one.der).until < meeting.ways.clock()]
    for warning in found.warnings:
        tell.remark(warning)
    if over and meeting.policy.expired == "refuse":
        raise Wrong(
            f"a certificate on the way to the anchor has expired: {read_link(over[0].der).name}",
            f'Ask for the new certificate. Only if the old one shall count until then: expired_certificates = "warn" in '
            f"{meeting.file}.",
            "Sign with a certificate that is in date; where it is the anchor that has expired, hand over the new one.",
        )
    if not over and found.until < now + _SOON * _DAY:
        tell.remark(
            f"the first of these certificates ends in {(found.until - now) // _DAY} days",
            "Ask for the next certificate, and name it beside this one before that day.",
            "Hand over the next certificate before this one ends, and read us its SHA-256 over the phone.",
        )


# -- why it was refused -----------------------------------------------------------------------------------------------


def _explained(meeting: Meeting, octets: bytes, links: Sequence[Link], refused: Refused, tell: Telling) -> Wrong:
    """What a refusal comes from, by trying what would have passed. What passes here is not used."""
    for link in links:
        tell.fact(f"{_shown('beside the signature: ', link)}; {_relation(link, meeting.anchors)}")
    for anchor in meeting.anchors:
        tell.fact(_shown("our anchor: ", anchor.link))
    if found := _tried(meeting, octets, meeting.anchors):
        return _lacking(meeting, sorted(found.deviations - meeting.policy.compatibility.deviations))
    if _tried(meeting, octets, [Anchor(meeting.code, link) for link in links]):
        return Wrong(
            "the signature is right, and its certificate leads to none of our anchors",
            f"Ask {meeting.code} over the phone which certificate is theirs. Only when they read out the SHA-256 of one "
            f"of those beside the signature: put it beside our anchors in {meeting.file}, anchors = [...].",
            "Tell us over the phone the SHA-256 of the certificate that vouches now, and sign with the one that we know "
            "until we have pinned the new one.",
        )
    return Wrong(refused.detail)


def _tried(meeting: Meeting, octets: bytes, anchors: Sequence[Anchor]) -> Vouched | None:
    policy = replace(meeting.policy, compatibility=_EVERYTHING, expired="warn")
    try:
        return vouched(octets, anchors, policy, meeting.ways.clock())
    except Refused:
        return None


def _lacking(meeting: Meeting, names: Sequence[Deviation]) -> Wrong:
    listed = ", ".join(f'"{name}"' for name in names)
    return Wrong(
        f"the signature leads to our anchor, by what {meeting.code} is not allowed: {', '.join(names)}",
        f"If you accept that until they have changed it, allow it by name in {meeting.file}: compat = [{listed}].",
        " ".join(ASKS[name] for name in names),
    )


def _beside(root: Element) -> Sequence[Link]:
    try:
        return beside(root)
    except Refused:
        return ()


def _relation(link: Link, anchors: Sequence[Anchor]) -> str:
    """What a certificate has to do with those that we trust."""
    if any(link == anchor.link for anchor in anchors):
        return "it is one of our anchors"
    for anchor in (one.link for one in anchors):
        if link.names(anchor) and not link.self_issued:
            return "issued by our anchor" if _issued(link, anchor) else "it says that our anchor issued it, which is not so"
    if any(link.fields.subject == anchor.link.fields.subject for anchor in anchors):
        return "it has the name of our anchor and another key: its successor, or somebody who says so"
    return "we do not know it"


def _issued(link: Link, issuer: Link) -> bool:
    try:
        rules.check_issued(link, issuer)
    except Refused:
        return False
    return True
