"""CurrentAddress: base64 of elements without a root, by prefixes that nobody declares (Attribute Profile 1.4, 2.2.10)."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from html import escape

from eidas import xml
from eidas.errors import XmlRefused

_PARTS = {
    "po_box": "PoBox",
    "locator_designator": "LocatorDesignator",
    "locator_name": "LocatorName",
    "cv_address_area": "CvaddressArea",
    "thoroughfare": "Thoroughfare",
    "post_name": "PostName",
    "admin_unit_first_line": "AdminunitFirstline",
    "admin_unit_second_line": "AdminunitSecondline",
    "post_code": "PostCode",
}
_FIELDS = {tag.lower(): name for name, tag in _PARTS.items()}
_PREFIX = re.compile(r"<\s*/?\s*([A-Za-z_][\w.-]*):")
_TAG = re.compile(r"</?[\w.:-]+")
_LARGEST, _LONGEST, _MOST_PREFIXES = 8192, 512, 8


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the profile cuts it; a part that is not stated is ""."""

    po_box: str = ""
    locator_designator: str = ""
    locator_name: str = ""
    cv_address_area: str = ""
    thoroughfare: str = ""
    post_name: str = ""
    admin_unit_first_line: str = ""
    admin_unit_second_line: str = ""
    post_code: str = ""

    def lines(self) -> tuple[str, ...]:
        """As people write it, line by line."""
        lines = (
            self.po_box,
            self.locator_name,
            f"{self.locator_designator} {self.thoroughfare}",
            self.cv_address_area,
            f"{self.post_code} {self.post_name}",
            self.admin_unit_second_line,
            self.admin_unit_first_line,
        )
        return tuple(line.strip() for line in lines if line.strip())


def read_address(encoded: str) -> Address:
    """The address in a value. Raises XmlRefused.

    Prefixes are declared as they come, and tags are read whatever their case, for one that the profile itself shows closes
    another than it opens. Elements that are unknown are left out.
    """
    check_size(encoded)
    try:
        text = b64decode("".join(encoded.split()), validate=True).decode()
    except ValueError:
        raise XmlRefused("an address is not base64 of UTF-8") from None
    prefixes = sorted(set(_PREFIX.findall(text)))
    check_prefixes(prefixes)
    declared = "".join(f' xmlns:{prefix}="urn:address"' for prefix in prefixes)
    folded = _TAG.sub(lambda tag: tag[0].lower(), text)
    root = xml.parse(f"<address{declared.lower()}>{folded}</address>".encode())
    parts: dict[str, str] = {}
    for element in root:
        name = _FIELDS.get(str(element.tag).rpartition("}")[2])
        if name:
            check_part(name, parts, element)
            parts[name] = xml.text(element)
    return Address(**parts)


def write_address(address: Address) -> str:
    """The value of an address."""
    stated = ((_PARTS[field.name], getattr(address, field.name)) for field in fields(address))
    elements = (f"<eidas-natural:{tag}>{escape(text)}</eidas-natural:{tag}>" for tag, text in stated if text)
    return b64encode("".join(elements).encode()).decode()


def check_size(encoded: str) -> None:
    """An address is short."""
    if len(encoded) > _LARGEST:
        raise XmlRefused("an address is too large")


def check_prefixes(prefixes: list[str]) -> None:
    """Two prefixes are in use; some more do no harm, endless ones would."""
    if len(prefixes) > _MOST_PREFIXES:
        raise XmlRefused("an address has too many prefixes")


def check_part(name: str, parts: dict[str, str], element: xml.Element) -> None:
    """Attribute Profile 1.4, 2.2.10: each part once, and a text of one line."""
    text = xml.text(element)
    if name in parts or len(element) or len(text) > _LONGEST or not text.isprintable():
        raise XmlRefused("a part of an address stands twice, or is not a short text")
