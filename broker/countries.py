"""The countries of the eIDAS network besides our own: what people call them, here and there, and their flags.

Codes are eIDAS's (Greece is EL). Names in their own languages stand in the order that each country uses.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its names in French and English, and in its own languages as (BCP 47 tag, name); the file of its flag."""

    code: str
    name: Mapping[str, str]
    endonyms: tuple[tuple[str, str], ...]

    @property
    def flag(self) -> str:
        """The name of its picture among the static files."""
        return f"{self.code.lower()}.svg"

    @property
    def language(self) -> str:
        """The tag of its first language: in which the other spelling of a name is written."""
        return self.endonyms[0][0]


_TABLE = (
    ("AT", "Autriche", "Austria", ("de-AT", "Österreich")),
    ("BE", "Belgique", "Belgium", ("nl", "België"), ("fr", "Belgique"), ("de", "Belgien")),
    ("BG", "Bulgarie", "Bulgaria", ("bg", "България")),
    ("HR", "Croatie", "Croatia", ("hr", "Hrvatska")),
    ("CY", "Chypre", "Cyprus", ("el", "Κύπρος"), ("tr", "Kıbrıs")),  # noqa: RUF001 - Turkish
    ("CZ", "Tchéquie", "Czechia", ("cs", "Česko")),
    ("DK", "Danemark", "Denmark", ("da", "Danmark")),
    ("EE", "Estonie", "Estonia", ("et", "Eesti")),
    ("FI", "Finlande", "Finland", ("fi", "Suomi"), ("sv", "Finland")),
    ("DE", "Allemagne", "Germany", ("de", "Deutschland")),
    ("EL", "Grèce", "Greece", ("el", "Ελλάδα")),
    ("HU", "Hongrie", "Hungary", ("hu", "Magyarország")),
    ("IE", "Irlande", "Ireland", ("ga", "Éire"), ("en", "Ireland")),
    ("IS", "Islande", "Iceland", ("is", "Ísland")),
    ("IT", "Italie", "Italy", ("it", "Italia")),
    ("LV", "Lettonie", "Latvia", ("lv", "Latvija")),
    ("LI", "Liechtenstein", "Liechtenstein", ("de", "Liechtenstein")),
    ("LT", "Lituanie", "Lithuania", ("lt", "Lietuva")),
    ("LU", "Luxembourg", "Luxembourg", ("lb", "Lëtzebuerg"), ("fr", "Luxembourg"), ("de", "Luxemburg")),
    ("MT", "Malte", "Malta", ("mt", "Malta"), ("en", "Malta")),
    ("NL", "Pays-Bas", "Netherlands", ("nl", "Nederland")),
    ("NO", "Norvège", "Norway", ("nb", "Norge"), ("nn", "Noreg")),
    ("PL", "Pologne", "Poland", ("pl", "Polska")),
    ("PT", "Portugal", "Portugal", ("pt", "Portugal")),
    ("RO", "Roumanie", "Romania", ("ro", "România")),
    ("SK", "Slovaquie", "Slovakia", ("sk", "Slovensko")),
    ("SI", "Slovénie", "Slovenia", ("sl", "Slovenija")),
    ("ES", "Espagne", "Spain", ("es", "España")),
    ("SE", "Suède", "Sweden", ("sv", "Sverige")),
)

COUNTRIES: Mapping[str, Country] = {
    code: Country(code, {"fr": french, "en": english}, tuple(endonyms)) for code, french, english, *endonyms in _TABLE
}
_OTHER_CODES = {"GR": "EL"}


class UnknownCountry(LookupError):
    """No country of the network has this code."""


def country(code: str) -> Country:
    """The country of a code. Raises UnknownCountry."""
    try:
        return COUNTRIES[code]
    except KeyError:
        raise UnknownCountry(code) from None


def normalise(code: str) -> str:
    """A country's code as eIDAS writes it: GR becomes EL."""
    return _OTHER_CODES.get(code, code)


def in_order(codes: Iterable[str], language: str) -> list[Country]:
    """The countries of some codes, in the order that their names have in a dictionary of this language."""
    return sorted((country(code) for code in codes), key=lambda one: _collated(one.name[language]))


def _collated(name: str) -> str:
    """French and English collate alike: accents count only between words that are equal without them."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
