"""What is said of a French person to another country: the identité pivot as eIDAS attributes (Attribute Profile 1.4, 2.2).

A table from attributes to functions, and nothing guessed: what the pivot does not hold is not said. The birth place of
somebody born abroad is not known; nationality and residence are no facts of civil status that a provider states. A birth
date whose day or month is not known cannot be told at all: the profile has whole dates only, and none is invented.
"""

import unicodedata
from collections.abc import Callable, Mapping

from anyascii import anyascii

from broker.geography import commune_name, iso_of_country
from broker.identity import Identity
from eidas import attributes as names
from eidas.address import Address, write_address
from eidas.attributes import DEFINITIONS, Attribute, Definition, Value
from eidas.errors import ResponseRefused
from eidas.value_rules import check_content

CLAIMS: Mapping[str, tuple[str, ...]] = {
    names.GIVEN_NAME: ("given_name",),
    names.FAMILY_NAME: ("preferred_username", "family_name"),
    names.DATE_OF_BIRTH: ("birthdate",),
    names.BIRTH_NAME: ("given_name", "family_name"),
    names.GENDER: ("gender",),
    names.PLACE_OF_BIRTH: ("birthplace",),
    names.TOWN_OF_BIRTH: ("birthplace",),
    names.COUNTRY_OF_BIRTH: ("birthcountry",),
    names.EMAIL_ADDRESS: ("email",),
    names.PHONE_NUMBER: ("phone_number",),
    names.CURRENT_ADDRESS: ("address",),
}
"""What each attribute is made of; PersonIdentifier is made of who the person is."""


class DateIncomplete(ValueError):
    """The day, or day and month, of birth are not known: the minimum data set cannot be given."""


def check_date_complete(identity: Identity) -> None:
    """Attribute Profile 1.4, 2.2.6: DateOfBirth is an xsd:date; a day that nobody knows is not invented."""
    if "-00" in identity.birthdate:
        raise DateIncomplete


def attribute_of(identity: Identity, name: str) -> Attribute | None:
    """One attribute of a person by its name (a URI); None when the person has none, or we do not know it."""
    candidates = (_written(DEFINITIONS[name], text) for text in _TOLD[name](identity) if text)
    return next(filter(None, candidates), None)


def _written(definition: Definition, text: str) -> Attribute | None:
    """None where the profile has no form for the text, such as one with invisible characters."""
    latin = not definition.transliterable or is_latin(text)
    values = (Value(text),) if latin else (Value(anyascii(text).strip()), Value(text, latin=False))
    try:
        for value in values:
            check_content(definition, value)
    except ResponseRefused:
        return None
    return Attribute(definition, values)


def identifier(text: str) -> Attribute:
    """The PersonIdentifier."""
    return Attribute(DEFINITIONS[names.PERSON_IDENTIFIER], (Value(text),))


def is_latin(text: str) -> bool:
    """Attribute Profile 1.4, 2.4: whether every letter is a Latin one."""
    return all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())


# -- one function an attribute: the texts that may be said, the best first ---------------------------------------------

Texts = tuple[str | None, ...]


def _given_names(identity: Identity) -> Texts:
    return (" ".join(identity.given_names),)


def _family_names(identity: Identity) -> Texts:
    """2.2.3: the usual name where there is one that can be written."""
    return identity.preferred_username, identity.family_name


def _birth_name(identity: Identity) -> Texts:
    """2.2.4: first and family names at birth in one text."""
    return (" ".join((*identity.given_names, identity.family_name)),)


def _birth_date(identity: Identity) -> Texts:
    check_date_complete(identity)
    return (identity.birthdate,)


def _birth_place(identity: Identity) -> Texts:
    """The name that the commune had then; no code, which means nothing elsewhere."""
    return (commune_name(identity.birthplace, identity.birthdate),) if identity.birthplace else ()


def _phone(identity: Identity) -> Texts:
    """2.2.13: with the code of a country, which we do not guess: the profile's form begins with it."""
    return (identity.phone_number,)


def _address(identity: Identity) -> Texts:
    """2.2.10, from OpenID Connect Core 5.1.1; an address that is one text stays one text."""
    parts = {name: ", ".join(text.split("\n")) for name, text in (identity.address or {}).items()}
    whole = "" if parts.keys() - {"formatted", "country"} else parts.get("formatted", "")
    address = Address(
        cv_address_area=whole,
        thoroughfare=parts.get("street_address", ""),
        post_name=parts.get("locality", ""),
        admin_unit_first_line="" if whole else parts.get("country", ""),
        admin_unit_second_line=parts.get("region", ""),
        post_code=parts.get("postal_code", ""),
    )
    return (write_address(address),) if address.lines() else ()


_TOLD: Mapping[str, Callable[[Identity], Texts]] = {
    names.GIVEN_NAME: _given_names,
    names.FAMILY_NAME: _family_names,
    names.DATE_OF_BIRTH: _birth_date,
    names.BIRTH_NAME: _birth_name,
    names.GENDER: lambda identity: (identity.gender.capitalize(),),
    names.PLACE_OF_BIRTH: _birth_place,
    names.TOWN_OF_BIRTH: _birth_place,
    names.COUNTRY_OF_BIRTH: lambda identity: (iso_of_country(identity.birthcountry),),
    names.EMAIL_ADDRESS: lambda identity: (identity.email,),
    names.PHONE_NUMBER: _phone,
    names.CURRENT_ADDRESS: _address,
}
