"""Which attributes there are: eIDAS SAML Attribute Profile 1.4, sections 2.2 to 2.8, as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from eidas.xml import LEGAL, NATURAL


class Kind(Enum):
    """Whom an attribute describes; the value is the namespace of its names and types."""

    NATURAL = NATURAL
    LEGAL = LEGAL
    REPRESENTATIVE_NATURAL = f"{NATURAL}/representative"
    REPRESENTATIVE_LEGAL = f"{LEGAL}/representative"


@dataclass(frozen=True, slots=True)
class Definition:
    """One attribute: `type` is the local name of its xsi:type; a transliterable one may come in two scripts.

    `mandatory` ones belong to the minimum data set; `since` is the version of the profile that brought it.
    """

    name: str
    friendly_name: str
    type: str
    kind: Kind
    mandatory: bool = False
    transliterable: bool = False
    multiple: bool = False
    since: str = "1.0"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as a text; `latin` is False for the form in another script (LatinScript="false")."""

    text: str
    latin: bool = True


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a person; a transliterable one has its Latin value first."""

    definition: Definition
    values: tuple[Value, ...]

    @property
    def latin(self) -> str:
        """The value in Latin script (the only one, where the attribute is not transliterable)."""
        return next((value.text for value in self.values if value.latin), "")

    @property
    def original(self) -> str:
        """The value in the script of the country; "" when it is the Latin one."""
        return next((value.text for value in self.values if not value.latin), "")


# suffix, friendly name, type, mandatory, transliterable, multiple, since
_NATURAL: tuple["_Row", ...] = (
    ("PersonIdentifier", "PersonIdentifier", "PersonIdentifierType", True, False, False, "1.0"),
    ("CurrentFamilyName", "FamilyName", "CurrentFamilyNameType", True, True, False, "1.0"),
    ("CurrentGivenName", "FirstName", "CurrentGivenNameType", True, True, False, "1.0"),
    ("DateOfBirth", "DateOfBirth", "DateOfBirthType", True, False, False, "1.0"),
    ("BirthName", "BirthName", "BirthNameType", False, True, False, "1.0"),
    ("PlaceOfBirth", "PlaceOfBirth", "PlaceOfBirthType", False, False, False, "1.0"),
    ("CurrentAddress", "CurrentAddress", "CurrentAddressType", False, False, False, "1.0"),
    ("Gender", "Gender", "GenderType", False, False, False, "1.0"),
    ("Nationality", "Nationality", "NationalityType", False, False, True, "1.4"),
    ("CountryOfBirth", "CountryOfBirth", "CountryOfBirthType", False, False, False, "1.4"),
    ("TownOfBirth", "TownOfBirth", "TownOfBirthType", False, False, False, "1.4"),
    ("CountryOfResidence", "CountryOfResidence", "CountryOfResidenceType", False, False, False, "1.4"),
    ("PhoneNumber", "PhoneNumber", "PhoneNumberType", False, False, False, "1.4"),
    ("EmailAddress", "EmailAddress", "EmailAddressType", False, False, False, "1.4"),
)
_LEGAL: tuple["_Row", ...] = (
    ("LegalPersonIdentifier", "LegalPersonIdentifier", "LegalPersonIdentifierType", True, False, False, "1.0"),
    ("LegalName", "LegalName", "LegalNameType", True, True, False, "1.0"),
    ("LegalPersonAddress", "LegalAddress", "LegalPersonAddressType", False, False, False, "1.0"),
    ("VATRegistrationNumber", "VATRegistration", "VATRegistrationNumberType", False, False, False, "1.0"),
    ("TaxReference", "TaxReference", "TaxReferenceType", False, False, False, "1.0"),
    ("D-2012-17-EUIdentifier", "D-2012-17-EUIdentifier", "D-2012-17-EUIdentifierType", False, False, False, "1.0"),
    ("LEI", "LEI", "LEIType", False, False, False, "1.0"),
    ("EORI", "EORI", "EORIType", False, False, False, "1.0"),
    ("SEED", "SEED", "SEEDType", False, False, False, "1.0"),
    ("SIC", "SIC", "SICType", False, False, False, "1.0"),
    ("LegalPhoneNumber", "LegalPhoneNumber", "LegalPhoneNumberType", False, False, False, "1.4"),
    ("LegalEmailAddress", "LegalEmailAddress", "LegalEmailAddressType", False, False, False, "1.4"),
)


_Row = tuple[str, str, str, bool, bool, bool, str]


def _definitions(kind: Kind, rows: Iterable[_Row]) -> dict[str, Definition]:
    prefix = "Representative" if kind in REPRESENTATIVES else ""
    made = [
        Definition(f"{kind.value}/{suffix}", prefix + friendly, type_, kind, mandatory, transliterable, multiple, since)
        for suffix, friendly, type_, mandatory, transliterable, multiple, since in rows
    ]
    return {definition.name: definition for definition in made}


REPRESENTATIVES = frozenset({Kind.REPRESENTATIVE_NATURAL, Kind.REPRESENTATIVE_LEGAL})

NATURAL_PERSON: Mapping[str, Definition] = _definitions(Kind.NATURAL, _NATURAL)
LEGAL_PERSON: Mapping[str, Definition] = _definitions(Kind.LEGAL, _LEGAL)
REPRESENTATIVE: Mapping[str, Definition] = {
    **_definitions(Kind.REPRESENTATIVE_NATURAL, _NATURAL),
    **_definitions(Kind.REPRESENTATIVE_LEGAL, _LEGAL),
}
DEFINITIONS: Mapping[str, Definition] = {**NATURAL_PERSON, **LEGAL_PERSON, **REPRESENTATIVE}
"""Every attribute that the profile knows, by its name (a URI)."""

MANDATORY = {kind: tuple(name for name, one in DEFINITIONS.items() if one.kind is kind and one.mandatory) for kind in Kind}
"""The minimum data set of each kind of person, by name."""

PERSON_IDENTIFIER, FAMILY_NAME, GIVEN_NAME, DATE_OF_BIRTH = MANDATORY[Kind.NATURAL]
BIRTH_NAME = f"{NATURAL}/BirthName"
PLACE_OF_BIRTH = f"{NATURAL}/PlaceOfBirth"
CURRENT_ADDRESS = f"{NATURAL}/CurrentAddress"
GENDER = f"{NATURAL}/Gender"
NATIONALITY = f"{NATURAL}/Nationality"
COUNTRY_OF_BIRTH = f"{NATURAL}/CountryOfBirth"
TOWN_OF_BIRTH = f"{NATURAL}/TownOfBirth"
COUNTRY_OF_RESIDENCE = f"{NATURAL}/CountryOfResidence"
PHONE_NUMBER = f"{NATURAL}/PhoneNumber"
EMAIL_ADDRESS = f"{NATURAL}/EmailAddress"
