"""The schemas: Interoperability Architecture 1.4, 7.5: a message is valid by them before its signature is looked at.

SAML's own and those of eIDAS' extensions come with pysaml2, as files: the package is never imported (it costs a second and
56 MB). Attribute types are made from our own table, since those files know neither version 1.4 nor representatives, and
not the bare form of LatinScript that the profile's examples have.
"""

import re
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from eidas.attributes import DATE_OF_BIRTH, DEFINITIONS, GENDER, Definition, Kind
from eidas.errors import SchemaRefused
from eidas.xml import Element

if TYPE_CHECKING:
    from lxml.etree._docloader import _InputDocument

_FILES = (
    "saml-schema-protocol-2.0.xsd",
    "saml-schema-metadata-2.0.xsd",
    "eidas-schema-saml-extensions.xsd",
    "sstc-metadata-attr.xsd",
    "sstc-saml-metadata-algsupport-v1.0.xsd",
    "xenc-schema-11.xsd",
)
_XSD = "http://www.w3.org/2001/XMLSchema"
_TARGET = etree.XPath("string(/*/@targetNamespace)")
_BRACED = re.compile(r"\{[^{}]*\}")
_STEP = re.compile(r"([^/\[]+)(?:\[(\d{1,9})\])?")
_MOST_FAULTS = 20
_lock = threading.Lock()


def check_schema(root: Element) -> None:
    """SAML 2.0 and eIDAS schemas: the document of this root is valid. The detail names line and element, never a value."""
    schema = _schema()
    with _lock:  # the error log belongs to the schema
        if schema.validate(root.getroottree()):
            return
        first = schema.error_log[0]
    # libxml2's own sentence may quote a value.
    raise SchemaRefused(f"not valid by the schemas: line {first.line}, {first.path or 'document'}, {first.type_name}")


def faults(root: Element) -> dict[Element, str]:
    """What the schemas object to in a public document, in libxml2's words: one sentence for an element, at most 20."""
    schema = _schema()
    found: dict[Element, str] = {}
    with _lock:
        if not schema.validate(root.getroottree()):
            for error in list(schema.error_log)[:_MOST_FAULTS]:
                found.setdefault(_at(root, error.path), _BRACED.sub("", error.message).removesuffix("."))
    return found


def _at(root: Element, path: str | None) -> Element:
    """The element of a path as libxml2 writes it, with the prefixes that the document itself uses; or what holds it."""
    here = root
    for name, number in _STEP.findall((path or "").partition("/")[2].partition("/")[2]):
        found = [one for one in here.iterchildren("*") if name in ("*", _spelled(one))]
        if len(found) < int(number or 1):
            break
        here = found[int(number or 1) - 1]
    return here


def _spelled(element: Element) -> str:
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


@cache
def _schema() -> etree.XMLSchema:
    """All schemas as one. Compiled on the first call, in a few hundredths of a second."""
    return etree.XMLSchema(etree.fromstring(_driver(), _parser()))


def load() -> None:
    """Compile the schemas now, so that forked workers share them."""
    _schema()


def _parser() -> "etree.XMLParser[Element]":
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    parser.resolvers.add(_Local())
    return parser


class _Local(etree.Resolver):
    """Whatever a schema names is a file of the same name beside it, or it is not there."""

    def resolve(self, system_url: str | None, _public_id: str | None, context: object) -> "_InputDocument":
        """The document at an address."""
        name = (system_url or "").rpartition("/")[2]
        kinds = {f"{kind.name}.xsd": kind for kind in Kind}
        text = _attribute_schema(kinds[name]) if name in kinds else _without_doctype(_folder() / name)
        return self.resolve_string(text, context)


@cache
def _folder() -> Path:
    found = find_spec("saml2")
    if found is None or found.origin is None:
        raise RuntimeError("pysaml2 is not installed: its schema files are needed")
    return Path(found.origin).parent / "data" / "schemas"


def _without_doctype(path: Path) -> bytes:
    """W3C's schema of signatures has a document type that nothing needs."""
    root = etree.parse(path, etree.XMLParser(load_dtd=False, resolve_entities=False, no_network=True)).getroot()
    return etree.tostring(root)


def _driver() -> bytes:
    names = [*_FILES, *(f"{kind.name}.xsd" for kind in Kind)]
    imports = "".join(f'<import namespace="{_namespace(name)}" schemaLocation="{name}"/>' for name in names)
    return f'<schema xmlns="{_XSD}">{imports}</schema>'.encode()


def _namespace(name: str) -> str:
    kinds = {f"{kind.name}.xsd": kind.value for kind in Kind}
    return kinds.get(name) or str(_TARGET(etree.fromstring(_without_doctype(_folder() / name))))


# -- attribute types --------------------------------------------------------------------------------------------------


def _attribute_schema(kind: Kind) -> bytes:
    """The types of one namespace (Attribute Profile 1.4, 2.2 to 2.8)."""
    types = "".join(_type(one) for one in DEFINITIONS.values() if one.kind is kind)
    return (
        f'<schema xmlns="{_XSD}" xmlns:own="{kind.value}" targetNamespace="{kind.value}" elementFormDefault="qualified">'
        f'<attribute name="LatinScript" type="boolean"/>{types}</schema>'
    ).encode()


def _type(one: Definition) -> str:
    if one.transliterable:
        both = '<attribute ref="own:LatinScript"/><attribute name="LatinScript" type="boolean"/>'
        extension = f'<simpleContent><extension base="string">{both}</extension></simpleContent>'
        return f'<complexType name="{one.type}">{extension}</complexType>'
    base = {DATE_OF_BIRTH: "date"}.get(one.name, "string")
    genders = "".join(f'<enumeration value="{value}"/>' for value in ("Male", "Female", "Unspecified"))
    facets = genders if one.name == GENDER else ""
    return f'<simpleType name="{one.type}"><restriction base="{base}">{facets}</restriction></simpleType>'
