"""Metadata that somebody has written and not yet published, as it would be judged here: believed by nobody, kept nowhere.

It comes from anyone, without a login: what costs time grows with the number of elements, so that is bounded before any
rule is asked, and no text of the document is handed on with characters that a reader would not see.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from certs.keys import fingerprint
from eidas import xml
from eidas.errors import Refused, XmlRefused
from eidas.xml import DS, MD, Element
from metadata import conformance
from metadata.errors import MetadataRefused
from metadata.read import LIMITS, read_connector, read_proxy_service

MOST_ELEMENTS = 5_000
"""A node's metadata has some 150."""
MOST_ENTITIES = 16
_MOST_SIGNERS = 4
_READERS: dict[str, tuple[str, Callable[..., object]]] = {
    "connector": ("SPSSODescriptor", read_connector),
    "proxy": ("IDPSSODescriptor", read_proxy_service),
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """What would happen to one role if we pinned the document: `reason` is why it could not be used, "" where it could."""

    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A document: its SHA-256 and those of its signers' certificates in groups of four, what is wrong, its use."""

    digest: str
    octets: int
    signers: tuple[str, ...]
    report: conformance.Report
    pinned: tuple[Pinned, ...]


def judge(octets: bytes, now: int, sandbox: bool = False) -> Judged:
    """The document at `now` (Unix seconds), by the rules of `passerelle metadata validate`.

    Raises MetadataRefused for a document that is too much for anybody to send; other faults are in the report.
    """
    root = _root(octets)
    if root is not None:
        check_few_elements(root)
        check_few_entities(root)
    report = conformance.validate(octets, now=now)
    return Judged(
        digest=fingerprint(octets),
        octets=len(octets),
        signers=tuple(_signers(root))[:_MOST_SIGNERS] if root is not None else (),
        report=replace(
            report,
            entities=tuple(map(visible, report.entities)),
            findings=tuple(replace(one, what=visible(one.what), xpath=visible(one.xpath)) for one in report.findings),
        ),
        pinned=tuple(_pinned(root, octets, now, sandbox)) if root is not None else (),
    )


def check_few_elements(root: Element) -> None:
    """Ours: some rules compare elements with each other; a document of many would keep a worker from its logins."""
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise MetadataRefused(f"the document has more than {MOST_ELEMENTS} elements")


def check_few_entities(root: Element) -> None:
    """Ours: one node's metadata is looked at here, not a country's whole list: each entity costs the work of all rules."""
    if sum(1 for _ in root.iter(f"{{{MD}}}EntityDescriptor")) > MOST_ENTITIES:
        raise MetadataRefused(f"the document describes more than {MOST_ENTITIES} entities")


def visible(text: str) -> str:
    """A text in which nothing is hidden: a character that cannot be seen, or that turns the others round, as its number."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def _root(octets: bytes) -> Element | None:
    try:
        return xml.parse(octets, LIMITS)
    except XmlRefused:
        return None  # the rules of the document say so


def _signers(root: Element) -> Iterator[str]:
    for part in (root, *root.iterdescendants(f"{{{MD}}}EntityDescriptor")):
        for signature in xml.children(part, f"{{{DS}}}Signature"):
            for certificate in signature.iter(f"{{{DS}}}X509Certificate"):
                with suppress(XmlRefused):  # a rule names it
                    yield fingerprint(xml.octets(certificate))


def _pinned(root: Element, octets: bytes, now: int, sandbox: bool) -> Iterator[Pinned]:
    for role, (name, read) in _READERS.items():
        if next(root.iter(f"{{{MD}}}{name}"), None) is not None:
            try:
                read(octets, now=now, sandbox=sandbox)
            except Refused as refused:
                yield Pinned(role, visible(refused.detail))
            else:
                yield Pinned(role, "")
