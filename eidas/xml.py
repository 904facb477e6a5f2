"""XML: the only parser and the only writer of this library.

What comes in is UTF-8, small, flat, and without a document type: so there are no entities to expand, no defaults to add and
no file to fetch. Comments and processing instructions are dropped while reading, before anybody looks: a text is then in
one piece, and what is read is what was signed.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import xmlsec
from lxml import etree

from eidas.errors import XmlRefused

Element = etree._Element
Version = tuple[int, ...]

DS = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
MDATTR = "urn:oasis:names:tc:SAML:metadata:attribute"
ALG = "urn:oasis:names:tc:SAML:metadata:algsupport"
SERVICE_LIST = "http://eidas.europa.eu/metadata/servicelist"
EIDAS = "http://eidas.europa.eu/saml-extensions"
NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
LEGAL = "http://eidas.europa.eu/attributes/legalperson"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

PREFIXES: Mapping[str, str] = {
    "ds": DS,
    "ds11": DSIG11,
    "xenc": XENC,
    "xenc11": XENC11,
    "saml2": SAML,
    "saml2p": SAMLP,
    "md": MD,
    "mdattr": MDATTR,
    "alg": ALG,
    "ser": SERVICE_LIST,
    "eidas": EIDAS,
    "eidas-natural": NATURAL,
    "eidas-legal": LEGAL,
    "xsi": XSI,
}

_OLDEST_LIBXMLSEC = (1, 3)
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_ATTRIBUTES = etree.XPath("boolean(//*[count(@*) > $most])")


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest document: octets, elements inside each other, attributes of an element."""

    size: int = 131_072
    depth: int = 32
    attributes: int = 64


MESSAGE = Limits()


# -- the reader -------------------------------------------------------------------------------------------------------


def parse(data: bytes, limits: Limits = MESSAGE) -> Element:
    """The document's root. Raises XmlRefused."""
    check_size(data, limits.size)
    check_utf8(data)
    check_no_doctype(data)
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as wrong:
        # lxml's own message may quote the document: a person's data would reach the log.
        raise XmlRefused(f"not well-formed XML (line {wrong.lineno})") from None
    check_depth(root, limits.depth)
    check_attributes(root, limits.attributes)
    return root


def _parser() -> "etree.XMLParser[Element]":
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def check_size(data: bytes, most: int) -> None:
    """A message of more octets is not read at all (128 KiB: what the CEF node allows a SAML message)."""
    if len(data) > most:
        raise XmlRefused(f"the document has {len(data)} octets; at most {most} are read")


def check_utf8(data: bytes) -> None:
    """XML 1.0 4.3.3: UTF-8 alone. Of two encodings, one reader could see what another does not."""
    declared = _DECLARED_ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() != b"utf-8":
        raise XmlRefused("the document says that it is not in UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise XmlRefused("the document is not in UTF-8") from None


def check_no_doctype(data: bytes) -> None:
    """No document type, so no entity: SAML has no use for one (XML 1.0 2.8). In UTF-8 it can be written in one way only."""
    if b"<!DOCTYPE" in data:
        raise XmlRefused("the document has a document type")


def check_depth(root: Element, most: int) -> None:
    """Elements stand inside each other up to a limit: readers that recurse must not be brought to fall."""
    if _deeper(most)(root):
        raise XmlRefused(f"more than {most} elements stand inside each other")


def check_attributes(root: Element, most: int) -> None:
    """An element has few attributes: canonicalisation sorts them."""
    if _ATTRIBUTES(root, most=most):
        raise XmlRefused(f"an element has more than {most} attributes")


@cache
def _deeper(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


# -- what has been read -----------------------------------------------------------------------------------------------


def children(element: Element, tag: str) -> list[Element]:
    """The direct children of this name (`{namespace}name`)."""
    return list(element.iterchildren(tag))


def text(element: Element) -> str:
    """An element's text before any element inside it, without the white space around."""
    return (element.text or "").strip()


def octets(element: Element) -> bytes:
    """What an element holds in base64, with white space anywhere. Raises XmlRefused."""
    try:
        return b64decode("".join(text(element).split()), validate=True)
    except ValueError:
        raise XmlRefused(f"{etree.QName(element).localname} does not hold base64") from None


def separate(element: Element) -> Element:
    """A copy of the element that is a document of its own, with the namespaces that it stood in.

    It is written and read again: to graft an element would give it other prefixes, and break a signature inside.
    """
    return etree.fromstring(write(element), _parser())


def parse_within(context: Element, octets: bytes) -> Element:
    """An element around what some octets hold when they stand where `context` stands: prefixes mean the same there.

    Raises XmlRefused.
    """
    start = etree.tostring(etree.Element("within", nsmap=context.nsmap))
    return parse(start.removesuffix(b"/>") + b">" + octets + b"</within>")


# -- the writer -------------------------------------------------------------------------------------------------------


def make(prefix: str, name: str, *content: "Element | str", **attributes: str) -> Element:
    """An element of one of the namespaces that have a prefix here, with its children or its text."""
    element = etree.Element(f"{{{PREFIXES[prefix]}}}{name}", attributes, {prefix: PREFIXES[prefix]})
    for item in content:
        if isinstance(item, str):
            element.text = item
        else:
            element.append(item)
    return element


def encoded(data: bytes) -> str:
    """Octets as an element's text."""
    return b64encode(data).decode()


def certificate_data(der: bytes) -> Element:
    """XML Signature 1.1 4.5.4: whose key it is, by the whole certificate."""
    return make("ds", "X509Data", make("ds", "X509Certificate", encoded(der)))


def cipher_data(octets: bytes) -> Element:
    """XML Encryption 1.1 3.3."""
    return make("xenc", "CipherData", make("xenc", "CipherValue", encoded(octets)))


def write(element: Element) -> bytes:
    """The element as UTF-8, as it stands: neither formatted nor moved to other prefixes."""
    return etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False)


def canonical(element: Element, inclusive_prefixes: Iterable[str] = ()) -> bytes:
    """Exclusive XML Canonicalization 1.0 of the element and what it holds."""
    prefixes = list(inclusive_prefixes) or None
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes)


def remove(element: Element) -> None:
    """Take an element out of its parent; the text after it stays, which lxml alone would take along."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        raise ValueError("the root of a document cannot be removed")
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


# -- start-up ---------------------------------------------------------------------------------------------------------


def self_test() -> None:
    """To call once at start: whether lxml and xmlsec fit each other on this machine. Raises RuntimeError."""
    libxmlsec: Version = xmlsec.get_libxmlsec_version()  # type: ignore[attr-defined] # its stub forgets it
    check_libraries(libxmlsec, xmlsec.get_libxml_version(), etree.LIBXML_VERSION)


def check_libraries(libxmlsec: Version, libxml_of_xmlsec: Version, libxml_of_lxml: Version) -> None:
    """Both pass trees to each other, so they must have the same libxml2; libxmlsec before 1.3 knows no RSASSA-PSS."""
    if libxmlsec < _OLDEST_LIBXMLSEC or libxml_of_xmlsec != libxml_of_lxml:
        found = f"libxmlsec {libxmlsec} with libxml2 {libxml_of_xmlsec}, lxml with libxml2 {libxml_of_lxml}"
        raise RuntimeError(f"{found}: install the wheels of lxml and xmlsec, do not build them")
