"""The citizens whom the simulated nodes know: `europeans.toml` as values."""

import tomllib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

from broker.parties import Text

NATURAL, LEGAL = (f"http://eidas.europa.eu/attributes/{kind}person" for kind in ("natural", "legal"))
LOGIN = "login"
MINIMUM = ("PersonIdentifier", "CurrentFamilyName", "CurrentGivenName", "DateOfBirth")
"""The minimum data set of a natural person (Attribute Profile 1.4, 2.2)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the attribute profile says of an attribute: friendly name, type, whether it may come in two scripts."""

    friendly: str
    type: str
    two_scripts: bool = False
    legal: bool = False


ATTRIBUTES: Mapping[str, Facts] = {
    "PersonIdentifier": Facts("PersonIdentifier", "PersonIdentifierType"),
    "CurrentFamilyName": Facts("FamilyName", "CurrentFamilyNameType", two_scripts=True),
    "CurrentGivenName": Facts("FirstName", "CurrentGivenNameType", two_scripts=True),
    "DateOfBirth": Facts("DateOfBirth", "DateOfBirthType"),
    "BirthName": Facts("BirthName", "BirthNameType", two_scripts=True),
    "PlaceOfBirth": Facts("PlaceOfBirth", "PlaceOfBirthType"),
    "CurrentAddress": Facts("CurrentAddress", "CurrentAddressType"),
    "Gender": Facts("Gender", "GenderType"),
    "Nationality": Facts("Nationality", "NationalityType"),
    "CountryOfBirth": Facts("CountryOfBirth", "CountryOfBirthType"),
    "TownOfBirth": Facts("TownOfBirth", "TownOfBirthType"),
    "CountryOfResidence": Facts("CountryOfResidence", "CountryOfResidenceType"),
    "PhoneNumber": Facts("PhoneNumber", "PhoneNumberType"),
    "EmailAddress": Facts("EmailAddress", "EmailAddressType"),
    "LegalPersonIdentifier": Facts("LegalPersonIdentifier", "LegalPersonIdentifierType", legal=True),
    "LegalName": Facts("LegalName", "LegalNameType", two_scripts=True, legal=True),
}
"""Attributes by the last part of their names (Attribute Profile 1.4, 2.2, 2.4)."""

ADDRESS = (
    *("PoBox", "LocatorDesignator", "LocatorName", "CvaddressArea", "Thoroughfare"),
    *("PostName", "AdminunitFirstline", "AdminunitSecondline", "PostCode"),
)
"""The parts of a CurrentAddress, in their order (Attribute Profile 1.4, 2.2.9)."""

Values = Mapping[str, tuple[str, ...]]
"""Values by the last part of an attribute's name; for names, a second one is in another script and "" is none."""


@dataclass(frozen=True, slots=True)
class European:
    """One invented citizen.

    `expect` is LOGIN or the code of the broker's refusal, `claims` are some that the service then gets ("" is none at all).
    `facts` are what is known of this person, or company; `representative` is who stands for it, if somebody does.
    """

    id: str
    case: Text
    expect: str
    claims: Mapping[str, str]
    level: str
    facts: Values
    representative: Values

    @property
    def name(self) -> str:
        """How the card calls this person, in the script of the country; whoever stands for another is called himself."""
        known = self.representative or self.facts
        parts = (known.get(name, ("",)) for name in ("CurrentGivenName", "CurrentFamilyName", "LegalName"))
        return " ".join(part[-1] for part in parts if part[-1])

    @property
    def acts_alone(self) -> bool:
        """Whether this is a natural person who acts for himself."""
        return "PersonIdentifier" in self.facts and not self.representative

    def identifier(self, country: str, login: int) -> str:
        """The identifier that this country made for France; some change from login to login."""
        own = self.facts.get("PersonIdentifier") or self.facts["LegalPersonIdentifier"]
        return _identifier(own[0], country, login)

    def stated(self, country: str, login: int) -> dict[str, tuple[str, ...]]:
        """Every attribute that the node has of this person, by its whole name."""
        own = dict(_named(self.facts, "", country, login))
        return own | dict(_named(self.representative, "/representative", country, login))


def _named(values: Values, kind: str, country: str, login: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, stated in values.items():
        namespace = LEGAL if ATTRIBUTES[name].legal else NATURAL
        is_identifier = name.endswith("PersonIdentifier")
        yield f"{namespace}{kind}/{name}", (_identifier(stated[0], country, login),) if is_identifier else stated


def _identifier(own: str, country: str, login: int) -> str:
    return f"{country}/FR/{own.replace('{n}', str(login))}"


def load_europeans() -> dict[str, European]:
    """Every citizen by id, in the order of the file."""
    document = tomllib.loads(resources.files("broker.sandbox").joinpath("europeans.toml").read_text("utf-8"))
    return {key: _european(key, table) for key, table in document.items()}


def _european(key: str, table: dict[str, Any]) -> European:
    return European(
        id=key,
        case=Text(**table.pop("case")),
        expect=table.pop("expect", LOGIN),
        claims=table.pop("claims", {}),
        level=table.pop("level", "substantial"),
        representative=_values(table.pop("representative", {})),
        facts=_values(table),
    )


def _values(table: Mapping[str, Any]) -> Values:
    return {name: (_address(value),) if isinstance(value, dict) else tuple(value) for name, value in table.items()}


def _address(parts: Mapping[str, str]) -> str:
    """Attribute Profile 1.4, 2.2.9: base64 of elements that have no root and whose prefix nobody declares."""
    tags = ((f"eidas-natural:{name}", parts[name]) for name in ADDRESS if name in parts)
    return b64encode("".join(f"<{tag}>{escape(value)}</{tag}>" for tag, value in tags).encode()).decode()
