"""SAML messages taken apart for people to read, and judged by published certificates. Nothing is believed here."""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import decompressobj
from zlib import error as ZlibError

from lxml import etree

from broker.sandbox.node.reading import EXTENSIONS, MD, SAMLP
from broker.sandbox.node.security import DS, SAML, XENC, Element, Untrusted, verify

_NS = {"a": SAML, "p": SAMLP, "m": MD, "ds": DS, "e": EXTENSIONS, "x": XENC}
_FACTS = {
    "Issuer": "/*/a:Issuer",
    "Destination": "/*/@Destination",
    "SPType": "//e:SPType",
    "RequesterID": "//p:RequesterID",
    "AuthnContextClassRef": "//a:AuthnContextClassRef",
    "RequestedAttribute": "//e:RequestedAttribute/@Name",
    "StatusCode": "//p:StatusCode/@Value",
    "Attribute": "//a:Attribute/@Name",
}
_LARGEST = 131_072
_LONG = re.compile(r"[A-Za-z0-9+/=\s]{161,}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A SAML message: indented, its long octets shortened; who says to have sent it; what it says, sealed parts apart."""

    text: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    sealed: bool
    signed: bool
    octets: bytes

    def verified_by(self, certificates: tuple[str, ...]) -> bool:
        """Whether the signature in it is that of the owner of one of these (base64 of DER)."""
        return any(_verifies(self.octets, certificate) for certificate in certificates)


def shown(value: str) -> Shown | None:
    """What the value of SAMLRequest or SAMLResponse holds, deflated or not; None when it is no SAML message."""
    octets = plain(value)
    root = None if octets is None else _parsed(octets)
    if octets is None or root is None or etree.QName(root).namespace != SAMLP:
        return None
    facts = tuple(_facts(root))
    return Shown(
        text=_indented(octets),
        issuer=dict(facts).get("Issuer", ""),
        facts=facts,
        sealed=next(root.iter(f"{{{XENC}}}EncryptedData"), None) is not None,
        signed=root.find(f"{{{DS}}}Signature") is not None,
        octets=octets,
    )


def plain(value: str) -> bytes | None:
    """The XML in a base64 text, deflated or not; None when there is none."""
    try:
        octets = b64decode(value, validate=True)
    except ValueError:
        return None
    return octets if octets.lstrip().startswith(b"<") else _inflated(octets)


def _inflated(octets: bytes) -> bytes | None:
    try:
        found = decompressobj(-15).decompress(octets, _LARGEST)
    except ZlibError:
        return None
    return found if found.startswith(b"<") else None


def certificates_in(metadata: bytes) -> tuple[str, ...]:
    """The signing certificates in a node's metadata, base64 of DER."""
    root = _parsed(metadata)
    path = "//m:KeyDescriptor[@use='signing']//ds:X509Certificate/text()"
    return () if root is None else tuple("".join(str(one).split()) for one in root.xpath(path, namespaces=_NS))


def _parsed(octets: bytes) -> Element | None:
    try:
        return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return None


def _verifies(octets: bytes, certificate: str) -> bool:
    root = _parsed(octets)
    try:
        verify(etree.Element("none") if root is None else root, certificate)
    except Untrusted:
        return False
    return True


def _facts(root: Element) -> Iterator[tuple[str, str]]:
    for name, path in _FACTS.items():
        found = [one if isinstance(one, str) else one.text or "" for one in root.xpath(path, namespaces=_NS)]
        if found:
            yield name, "\n".join(str(one) for one in found)


def _indented(octets: bytes) -> str:
    root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True))
    etree.indent(root)
    return _LONG.sub(_shortened, etree.tostring(root, encoding="unicode"))


def _shortened(long: re.Match[str]) -> str:
    value = "".join(long[0].split())
    return f"{value[:40]}… ({len(value)} characters)" if len(value) > 160 else long[0]
