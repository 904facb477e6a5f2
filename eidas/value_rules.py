"""What the values of attributes must be, one rule a function. No refusal quotes a value: it would reach a log."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from eidas.attributes import (
    COUNTRY_OF_BIRTH,
    COUNTRY_OF_RESIDENCE,
    CURRENT_ADDRESS,
    DATE_OF_BIRTH,
    EMAIL_ADDRESS,
    GENDER,
    NATIONALITY,
    PERSON_IDENTIFIER,
    PHONE_NUMBER,
    Definition,
    Value,
)
from eidas.errors import ResponseRefused
from eidas.vocabulary import URI_NAME
from eidas.xml import SAML, XSI, Element

_IDENTIFIER = re.compile(r"([A-Z]{2})/([A-Z]{2})/(\S+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PHONE = re.compile(r"\+[0-9][0-9 ().-]{3,30}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_LONGEST, _LONGEST_BASE64, _LONGEST_IDENTIFIER = 512, 65_535, 256
_OLDEST = 1850
_XS = "http://www.w3.org/2001/XMLSchema"


def check_only_attributes(statement: Element) -> None:
    """Message Format 1.4, 2.3.3: EncryptedAttribute must not be used."""
    if any(child.tag != f"{{{SAML}}}Attribute" for child in statement):
        raise ResponseRefused("the statement holds more than attributes")


def check_names_once(names: Sequence[str]) -> None:
    """SAML Core 2.7.3.1: an attribute stands once; of two, one reader would take the first and another the last."""
    if any(times > 1 for times in Counter(names).values()):
        raise ResponseRefused("an attribute stands twice")


def check_name_format(definition: Definition, stated: str) -> None:
    """Message Format 1.4, 2.3.3: names are URIs, and say so."""
    if stated != URI_NAME:
        raise ResponseRefused(f"the name format of {definition.friendly_name} is not uri")


def check_friendly_name(definition: Definition, stated: str | None) -> None:
    """Attribute Profile 1.4, 2.2, 2.3: a friendly name that is there is the attribute's own."""
    if stated is not None and stated != definition.friendly_name:
        raise ResponseRefused(f"the friendly name of {definition.friendly_name} is another")


def check_plain(definition: Definition, element: Element, values: Sequence[Element]) -> None:
    """Message Format 1.4, 2.3.3: values are texts; what is XML comes in base64."""
    if len(element) != len(values) or any(len(value) for value in values):
        raise ResponseRefused(f"a value of {definition.friendly_name} is not a text")


def check_type(definition: Definition, element: Element) -> None:
    """Attribute Profile 1.4, 2.2, 2.3: a type that is stated is the attribute's own, or a string."""
    stated = element.get(f"{{{XSI}}}type")
    if stated is None:
        return
    prefix, _, name = stated.rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    if (namespace, name) not in ((definition.kind.value, definition.type), (_XS, "string")):
        raise ResponseRefused(f"the type of {definition.friendly_name} is another")


def check_number(definition: Definition, values: Sequence[Value]) -> None:
    """Attribute Profile 1.4, 2.2.2, 2.4: one value, or one in each script; several only where the profile says so."""
    most = 32 if definition.multiple else 2 if definition.transliterable else 1
    if not 1 <= len(values) <= most:
        raise ResponseRefused(f"{definition.friendly_name} has {len(values)} values")


def check_scripts(definition: Definition, values: Sequence[Value]) -> None:
    """Attribute Profile 1.4, 2.4: the Latin form is there, once; another script may stand beside it."""
    latin = sum(value.latin for value in values)
    if (definition.transliterable and latin != 1) or (not definition.transliterable and latin != len(values)):
        raise ResponseRefused(f"{definition.friendly_name} has {latin} values in Latin script")


def check_content(definition: Definition, value: Value) -> None:
    """Message Format 1.4, 2.3.3, Attribute Profile 1.4, 2.2: a value is not empty, not endless, and has its format."""
    base64 = definition.name == CURRENT_ADDRESS or definition.friendly_name == "LegalAddress"
    text = value.text
    if not text or len(text) > (_LONGEST_BASE64 if base64 else _LONGEST):
        raise ResponseRefused(f"a value of {definition.friendly_name} is empty or too long")
    if not base64 and any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn") for letter in text):
        raise ResponseRefused(f"a value of {definition.friendly_name} has characters that cannot be read")
    form = _FORMS.get(definition.name)
    if form is not None and not form.fullmatch(text):
        raise ResponseRefused(f"a value of {definition.friendly_name} has not its format")


_FORMS = {
    GENDER: re.compile("Male|Female|Unspecified"),
    NATIONALITY: _COUNTRY,
    COUNTRY_OF_BIRTH: _COUNTRY,
    COUNTRY_OF_RESIDENCE: _COUNTRY,
    PHONE_NUMBER: _PHONE,
    EMAIL_ADDRESS: _EMAIL,
    DATE_OF_BIRTH: _DATE,
    PERSON_IDENTIFIER: re.compile(r"\S+"),
}


def check_person_identifier(value: str, country: str, recipient: str) -> None:
    """Attribute Profile 1.4, 2.2.3: `CC/CC/…`: the country that vouches, the one it is for, and readable characters."""
    found = _IDENTIFIER.fullmatch(value)
    if found is None or len(value) > _LONGEST_IDENTIFIER or not value.isprintable():
        raise ResponseRefused("PersonIdentifier has not its format")
    if found[1] != country:
        raise ResponseRefused("PersonIdentifier is of another country")
    if found[2] != recipient:
        raise ResponseRefused("PersonIdentifier was made for another country")


def check_date_of_birth(value: str, now: int) -> None:
    """Attribute Profile 1.4, 2.2.6: a day of the calendar; nobody is born tomorrow."""
    try:
        born = date.fromisoformat(value)
    except ValueError:
        raise ResponseRefused("DateOfBirth is not a day of the calendar") from None
    # Whoever is east of us may be a day ahead.
    if born.year < _OLDEST or born.toordinal() > datetime.fromtimestamp(now, UTC).toordinal() + 1:
        raise ResponseRefused("DateOfBirth is too long ago, or yet to come")
