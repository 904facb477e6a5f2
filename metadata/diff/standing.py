"""What stands around the statements of an entity: until when they count, who signed them, and what no reader here knows."""

import hashlib
import re
from collections.abc import Iterator

from eidas import signature, times, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.certificates import Certificate, read_certificate
from eidas.errors import Refused
from eidas.xml import ALG, DS, EIDAS, MD, MDATTR, SAML, Element
from metadata.diff.grades import short
from metadata.diff.keys import key_digest
from metadata.diff.topics import NONE, UNPROVEN, Said, Subject, Topic, extensions, local, roles

_MDRPI = "urn:oasis:names:tc:SAML:metadata:rpi"
_XSI_TYPE = f"{{{xml.XSI}}}type"
_ANYTHING = Compatibility(frozenset(Deviation))
_DAY = 86_400

# -- validity ---------------------------------------------------------------------------------------------------------

_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?", re.ASCII)


def moment(written: str) -> int | None:
    """Unix seconds; None for what is no moment, or too far away to be counted."""
    try:
        seconds = times.read(written)
        times.written(seconds)
    except (Refused, ValueError, OverflowError, OSError):
        return None
    return seconds


def _validity(entity: Element) -> Said:
    for name, place in _places(entity):
        if (until := place.get("validUntil")) is not None:
            seconds = moment(until)
            yield Topic(Subject.UNTIL, name), until.strip() if seconds is None else times.written(seconds)
        if (cache := place.get("cacheDuration")) is not None:
            yield Topic(Subject.CACHE, name), _duration(cache.strip())


def _places(entity: Element) -> Iterator[tuple[str, Element]]:
    yield from (("list", one) for one in entity.iterancestors(f"{{{MD}}}EntitiesDescriptor"))
    yield "", entity
    yield from roles(entity)


def _duration(written: str) -> str:
    """In seconds where it has neither months nor years: P1D and PT24H are one."""
    parts = _DURATION.fullmatch(written)
    if parts is None or not any(parts.groups()):
        return written
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return f"{days * _DAY + hours * 3600 + minutes * 60 + seconds} s"


def length(entity: Element, fetched: int | None) -> Said:
    """For how long it counts, in whole days, from when it says that it was written, else from when it was fetched."""
    said = (moment(one.get("creationInstant", "")) for one in entity.iter(f"{{{_MDRPI}}}PublicationInfo"))
    begins = next((one for one in said if one is not None), fetched)
    until = moment(entity.get("validUntil", ""))
    if begins is not None and until is not None:
        yield Topic(Subject.LENGTH), f"{round((until - begins) / _DAY)} days"


# -- signature --------------------------------------------------------------------------------------------------------


def _signature(entity: Element) -> Said:
    """Of the entity itself, else of the list around it. The key is the one in KeyInfo, and it must prove the signature."""
    signed = next((one for one in (entity, *entity.iterancestors()) if xml.children(one, f"{{{DS}}}Signature")), None)
    if signed is None:
        yield Topic(Subject.SIGNER), NONE
        return
    try:
        verified = signature.verify(signed, list(_named(signed)), _ANYTHING)
    except Refused:
        yield Topic(Subject.SIGNER), UNPROVEN
        return
    yield Topic(Subject.SIGNER), f"key sha256 {key_digest(verified.certificate.key)}"
    yield Topic(Subject.SIGNING, detail="method"), short(verified.method)
    (digest,) = xml.children(signed, f"{{{DS}}}Signature")[0].iter(f"{{{DS}}}DigestMethod")
    yield Topic(Subject.SIGNING, detail="digest"), short(digest.get("Algorithm", ""))


def _named(signed: Element) -> Iterator[Certificate]:
    for own in xml.children(signed, f"{{{DS}}}Signature"):
        for element in own.iter(f"{{{DS}}}X509Certificate"):
            try:
                yield read_certificate(xml.octets(element))
            except Refused:
                continue  # none may be left, and then nothing proves the signature


# -- what is left -----------------------------------------------------------------------------------------------------

_READ_EXTENSIONS = {
    *(f"{{{EIDAS}}}{name}" for name in ("NodeCountry", "SPType")),
    *(f"{{{ALG}}}{name}" for name in ("DigestMethod", "SigningMethod")),
    f"{{{MDATTR}}}EntityAttributes",
    f"{{{_MDRPI}}}PublicationInfo",
}
_READ_PARTS = {
    *(f"{{{MD}}}{name}" for name in ("Extensions", "KeyDescriptor", "NameIDFormat", "AttributeConsumingService")),
    *(f"{{{MD}}}{name}" for name in ("Organization", "ContactPerson")),
    f"{{{SAML}}}Attribute",
    f"{{{DS}}}Signature",
}


def _unread(entity: Element) -> Said:
    for name, place in (("", entity), *roles(entity)):
        for one in _unknown(place):
            yield Topic(Subject.UNREAD, name, local(one)), f"{local(one)} sha256 {_shape(one)}"


def _unknown(place: Element) -> Iterator[Element]:
    own = [role for _, role in roles(place)]
    parts = (one for one in place.iterchildren() if one.tag not in _READ_PARTS and one not in own)
    yield from (one for one in parts if "Location" not in one.attrib)
    yield from (one for one in extensions(place) if one.tag not in _READ_EXTENSIONS)


def _shape(element: Element) -> str:
    """A digest of an element that whatever means nothing leaves as it is."""
    named = sorted(f"{name}={' '.join(value.split())}" for name, value in element.attrib.items() if _means(name))
    inner = sorted(map(_shape, element.iterchildren()))
    own = " ".join("".join([element.text or "", *(one.tail or "" for one in element)]).split())
    return hashlib.sha256("\0".join([str(element.tag), *named, own, *inner]).encode()).hexdigest()


def _means(name: str) -> bool:
    return name.lower() != "id" and name != _XSI_TYPE


READERS = (_validity, _signature, _unread)
