"""Rules on the document: whether it can be read, who it says it is, and until when it counts."""

import re
from collections import Counter

from eidas import signature_rules, xml
from eidas.xml import MD
from metadata.conformance.parts import LIMITS, Broken, Place, Rule, Severity
from metadata.conformance.places import cached, dated, faulty, moment, root, scheme_and_host

_ENTITY = f"{{{MD}}}EntityDescriptor"
_ROOTS = (_ENTITY, f"{{{MD}}}EntitiesDescriptor")
_DAY = 86_400
_LONGEST = 30 * _DAY
_UNITS = (365 * _DAY, 30 * _DAY, _DAY, 3600, 60, 1)
_DURATION = re.compile(
    r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?"
)


# -- octets: each of these must hold before the next is asked ---------------------------------------------------------


def check_document_size(octets: bytes) -> None:
    """Ours, as the readers of other nodes have one: a document has at most 1 MiB."""
    xml.check_size(octets, LIMITS.size)


def check_document_encoding(octets: bytes) -> None:
    """XML 1.0 4.3.3: the document is in UTF-8, and says nothing else."""
    xml.check_utf8(octets)


def check_document_type(octets: bytes) -> None:
    """XML 1.0 2.8: there is no document type, so no entity."""
    xml.check_no_doctype(octets)


def check_document_well_formed(octets: bytes) -> None:
    """XML 1.0 2.1: the document is well-formed, and not deeper than 32 elements."""
    xml.parse(octets, LIMITS)


def check_document_is_metadata(octets: bytes) -> None:
    """SAML Metadata 2.3: the root is an EntityDescriptor, or an EntitiesDescriptor with entities in it."""
    top = xml.parse(octets, LIMITS)
    if top.tag not in _ROOTS or next(top.iter(_ENTITY), None) is None:
        raise Broken("this is no metadata: no entity stands in it")


# -- the document as a whole ------------------------------------------------------------------------------------------


def check_schema_valid(place: Place) -> None:
    """SAML Metadata 2, Interoperability Architecture 1.4, 7.5: the document is valid by the schemas of SAML and eIDAS."""
    raise Broken(place.document.faults[place.element])


def check_ids_unique(place: Place) -> None:
    """SAML Core 1.3.4: no two elements of the document share an ID."""
    signature_rules.check_ids_unique(place.element)


def check_entities_differ(place: Place) -> None:
    """SAML Metadata 2.3.2: an entity is described once in a document."""
    counted = Counter(one.get("entityID", "") for one in place.element.iter(_ENTITY))
    name, times = counted.most_common(1)[0]
    if times > 1:
        raise Broken(f"{name} is described {times} times")


# -- who it is --------------------------------------------------------------------------------------------------------


def check_entity_id_absolute(place: Place) -> None:
    """SAML Metadata 2.3.2, SAML Core 8.3.6: entityID is an absolute URI."""
    if not scheme_and_host(place.element.get("entityID", ""))[0]:
        raise Broken("entityID is not an absolute URI")


def check_entity_id_https(place: Place) -> None:
    """Message Format 1.4, 2.1.1: entityID is the https address of the metadata."""
    scheme, host = scheme_and_host(place.element.get("entityID", ""))
    if scheme and (scheme, bool(host)) != ("https", True):
        raise Broken("entityID is not an https address")


def check_entity_id_is_address(place: Place) -> None:
    """Message Format 1.4, 2.1.1, SAML Metadata 4.1: entityID is the very address that the metadata comes from."""
    known, stated = place.document.url, place.element.get("entityID", "")
    if known is not None and len(place.document.root.findall(f".//{_ENTITY}")) < 2 and stated != known:
        raise Broken(f"entityID is {stated}, the document came from {known}")


# -- until when -------------------------------------------------------------------------------------------------------


def check_valid_until_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1: the root says until when it counts."""
    if place.element.get("validUntil") is None:
        raise Broken("the root has no validUntil")


def check_not_expired(place: Place) -> None:
    """SAML Metadata 2.3.2: what is past its validUntil counts no longer."""
    until = moment(place.element.get("validUntil", ""))
    if until is not None and until <= place.document.now:
        raise Broken(f"it counted until {place.element.get('validUntil')}")


def check_not_too_long(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.2: metadata lives shortly, for that is how a key is revoked (ours: 30 days)."""
    until = moment(place.element.get("validUntil", ""))
    if until is not None and until > place.document.now + _LONGEST:
        raise Broken(f"it counts for {(until - place.document.now) // _DAY} more days")


def check_moment_in_utc(place: Place) -> None:
    """SAML Core 1.3.3: a moment is written in UTC, with a Z, and is one that can be read."""
    text = place.element.get("validUntil", "").strip()
    if not text.endswith("Z") or moment(text) is None:
        raise Broken(f"validUntil is {text}")


def check_cache_duration(place: Place) -> None:
    """SAML Metadata 2.3.2: cacheDuration is some time, and within what is left until validUntil."""
    text = place.element.get("cacheDuration", "")
    seconds = _seconds(text)
    left = min((moment(one.get("validUntil", "")) or 0 for one in dated(place.entity)), default=None)
    if not seconds or (left is not None and place.document.now < left < place.document.now + seconds):
        raise Broken(f"cacheDuration is {text}")


def _seconds(duration: str) -> int | None:
    found = _DURATION.fullmatch(duration.strip())
    return sum(int(part or 0) * unit for part, unit in zip(found.groups(), _UNITS, strict=True)) if found else None


OCTETS: tuple[Rule[bytes], ...] = (
    Rule("SAML-MD-01", Severity.ERROR, check_document_size, "publish fewer entities in one document"),
    Rule(
        "SAML-MD-02", Severity.ERROR, check_document_encoding, "write the document in UTF-8, and declare no other encoding"
    ),
    Rule("SAML-MD-03", Severity.ERROR, check_document_type, "remove <!DOCTYPE …> and every entity that it declares"),
    Rule(
        "SAML-MD-04", Severity.ERROR, check_document_well_formed, "let a program write the XML; an editor may have cut it"
    ),
    Rule(
        "SAML-MD-05",
        Severity.ERROR,
        check_document_is_metadata,
        "give the metadata itself, not a message or a list of links",
    ),
)

RULES: tuple[Rule[Place], ...] = (
    Rule(
        "SAML-MD-06",
        Severity.ERROR,
        check_schema_valid,
        "put the element or the attribute into the form of the schema",
        faulty,
    ),
    Rule("SAML-MD-07", Severity.ERROR, check_ids_unique, "give each element an ID of its own, and sign again", root),
    Rule("SAML-MD-08", Severity.ERROR, check_entities_differ, "keep one EntityDescriptor of each entityID", root),
    Rule("SAML-MD-09", Severity.ERROR, check_entity_id_absolute, "let entityID be an absolute URI"),
    Rule(
        "SAML-MD-10", Severity.ERROR, check_not_expired, "publish the metadata anew, at least once in its lifetime", dated
    ),
    Rule("SAML-MD-11", Severity.NON_BREAKING, check_moment_in_utc, "write it as 2026-01-31T12:00:00Z", dated),
    Rule(
        "SAML-MD-12",
        Severity.WARNING,
        check_cache_duration,
        "let cacheDuration be a few hours, and shorter than what is left",
        cached,
    ),
    Rule("EID-MD-01", Severity.ERROR, check_entity_id_https, "publish under an https address, and let entityID be it"),
    Rule("EID-MD-02", Severity.ERROR, check_entity_id_is_address, "let entityID be the address, letter by letter"),
    Rule("EID-MD-03", Severity.ERROR, check_valid_until_stated, "add validUntil to the root, some days ahead", root),
    Rule("EID-MD-04", Severity.WARNING, check_not_too_long, "let validUntil be some days ahead, and publish daily", dated),
)
