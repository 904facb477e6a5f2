"""What eIDAS attributes and their values are called: in the citizen's language, and in English for the next page."""

from collections.abc import Iterable, Mapping

from broker import statement
from broker.geography import country_of_iso
from broker.identity import Identity
from broker.web import dates, i18n
from broker.web.i18n import mark
from broker.web.labels import GENDERS, Country
from broker.web.models import AttributeRow
from eidas import attributes as names
from eidas.address import read_address
from eidas.attributes import DEFINITIONS, Attribute

LABELS: Mapping[str, str] = {
    names.FAMILY_NAME: mark("Current family name"),
    names.GIVEN_NAME: mark("First names"),
    names.DATE_OF_BIRTH: mark("Date of birth"),
    names.BIRTH_NAME: mark("First names and family name at birth"),
    names.GENDER: mark("Sex"),
    names.PLACE_OF_BIRTH: mark("Place of birth"),
    names.TOWN_OF_BIRTH: mark("Town of birth"),
    names.COUNTRY_OF_BIRTH: mark("Country of birth"),
    names.EMAIL_ADDRESS: mark("E-mail address"),
    names.PHONE_NUMBER: mark("Phone number"),
    names.CURRENT_ADDRESS: mark("Postal address"),
}
"""In reading order; the identifier is named in a sentence of the page."""


def short_name(name: str) -> str:
    """What an attribute is called in forms: its friendly name."""
    return DEFINITIONS[name].friendly_name


def rows(asked: Iterable[str], identity: Identity, country: Country) -> tuple[AttributeRow, ...]:
    """One row for each attribute that is asked for, in reading order, with the value that would be sent."""
    wanted, translate, english = frozenset(asked), i18n.translator(), i18n.language() == "en"
    return tuple(
        _row(name, translate(label), "" if english else label, statement.attribute_of(identity, name), country)
        for name, label in LABELS.items()
        if name in wanted
    )


def _row(name: str, label: str, english: str, told: Attribute | None, country: Country) -> AttributeRow:
    if told is None:
        return AttributeRow(short_name(name), label, english, None)
    return AttributeRow(short_name(name), label, english, _words(name, told.latin, country), told.original)


def _words(name: str, text: str, country: Country) -> str:
    """A value as people read it: the very one that is sent, a code or a date in words."""
    match name:
        case names.DATE_OF_BIRTH:
            return dates.date_words(text, i18n.language())
        case names.GENDER:
            return i18n.translator()(GENDERS[text.lower()])
        case names.COUNTRY_OF_BIRTH:
            return country(country_of_iso(text) or "", i18n.language())
        case names.CURRENT_ADDRESS:
            return "\n".join(read_address(text).lines())
    return text
