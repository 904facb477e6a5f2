"""Attributes as they stand in an AttributeStatement: Attribute Profile 1.4, 2.2 to 2.8; Message Format 1.4, 2.3.3."""

from collections.abc import Iterator, Mapping

from lxml import etree

from eidas import value_rules as rules
from eidas import xml
from eidas.attributes import DEFINITIONS, REPRESENTATIVES, Attribute, Definition, Kind, Value
from eidas.vocabulary import URI_NAME
from eidas.xml import SAML, XSI, Element

_ATTRIBUTE, _VALUE = f"{{{SAML}}}Attribute", f"{{{SAML}}}AttributeValue"
_PREFIXES = {Kind.NATURAL: "eidas-natural", Kind.LEGAL: "eidas-legal"}


def write_attribute(attribute: Attribute) -> Element:
    """The saml2:Attribute. A name in two scripts has two values, and each says which (AP 2.4)."""
    definition = attribute.definition
    element = xml.make(
        "saml2", "Attribute", Name=definition.name, NameFormat=URI_NAME, FriendlyName=definition.friendly_name
    )
    element.extend(_written(definition, value, len(attribute.values) > 1) for value in attribute.values)
    return element


def _written(definition: Definition, value: Value, several: bool) -> Element:
    namespace = definition.kind.value
    prefix = "eidas-rep" if definition.kind in REPRESENTATIVES else _PREFIXES[definition.kind]
    # The prefix is declared where it is used: inside the value of xsi:type no canonicalisation sees it.
    element = etree.Element(_VALUE, nsmap={"saml2": SAML, "xsi": XSI, prefix: namespace})
    element.set(f"{{{XSI}}}type", f"{prefix}:{definition.type}")
    if several and definition.transliterable:
        element.set(f"{{{namespace}}}LatinScript", "true" if value.latin else "false")
    element.text = value.text
    return element


def read_attributes(statement: Element) -> Mapping[str, Attribute]:
    """The attributes of a statement that the profile knows, by name; others are ignored. Raises ResponseRefused."""
    rules.check_only_attributes(statement)
    elements = xml.children(statement, _ATTRIBUTE)
    rules.check_names_once([element.get("Name", "") for element in elements])
    return {attribute.definition.name: attribute for attribute in _known(elements)}


def _known(elements: list[Element]) -> Iterator[Attribute]:
    for element in elements:
        definition = DEFINITIONS.get(element.get("Name", ""))
        if definition is not None:
            rules.check_name_format(definition, element.get("NameFormat", ""))
            rules.check_friendly_name(definition, element.get("FriendlyName"))
            yield Attribute(definition, _values(definition, element))


def _values(definition: Definition, element: Element) -> tuple[Value, ...]:
    found = xml.children(element, _VALUE)
    rules.check_plain(definition, element, found)
    values = [_value(definition, value) for value in found]
    rules.check_number(definition, values)
    rules.check_scripts(definition, values)
    for value in values:
        rules.check_content(definition, value)
    return tuple(sorted(values, key=lambda value: not value.latin))


def _value(definition: Definition, element: Element) -> Value:
    rules.check_type(definition, element)
    stated = element.get(f"{{{definition.kind.value}}}LatinScript", element.get("LatinScript"))
    return Value(xml.text(element), stated not in ("false", "0"))
