"""The citizens of the simulated nodes are what the attribute profile allows, and of every kind that is needed."""

import re
import unicodedata
from base64 import b64decode
from datetime import date

import pytest

from broker.claims import SCOPES
from broker.countries import COUNTRIES
from broker.sandbox.node.people import ADDRESS, ATTRIBUTES, LOGIN, MINIMUM, European, load_europeans
from broker.sandbox.node.reading import LEVELS
from eidas.address import read_address
from eidas.attributes import DEFINITIONS
from eidas.value_rules import check_person_identifier

PEOPLE = load_europeans()
NATURAL = [person for person in PEOPLE.values() if person.acts_alone]
COUNTRIES_OF_VALUES = {*(one.code for one in COUNTRIES.values()), "FR"}
every_one = pytest.mark.parametrize("person", PEOPLE.values(), ids=lambda one: one.id)


def values(person: European) -> list[tuple[str, tuple[str, ...]]]:
    """Everything that is known of a person and of who stands for it."""
    return [*person.facts.items(), *person.representative.items()]


def test_there_are_as_many_as_the_catalogue_wants() -> None:
    assert len(PEOPLE) >= 22


def test_nobody_is_another() -> None:
    identifiers = [person.identifier("EL", 1) for person in PEOPLE.values() if "LegalName" not in person.facts]
    assert len(set(identifiers)) == len(identifiers)
    assert len({(person.name, person.case.en) for person in PEOPLE.values()}) == len(PEOPLE)


@every_one
def test_a_card_has_a_name_a_case_and_what_to_expect(person: European) -> None:
    assert person.name
    assert person.case.fr
    assert person.case.en
    assert person.expect in (LOGIN, "EID-303", "EID-306")
    assert person.level in LEVELS
    assert set(person.claims) <= {claim for claims in SCOPES.values() for claim in claims}


@every_one
def test_attributes_are_those_of_the_profile(person: European) -> None:
    assert {name for name, _ in values(person)} <= set(ATTRIBUTES)
    assert all(any(stated) and (len(stated) == 1 or _may_be_several(name)) for name, stated in values(person))


def _may_be_several(name: str) -> bool:
    return ATTRIBUTES[name].two_scripts or name == "Nationality"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_the_table_of_attributes_says_what_our_own_says(name: str) -> None:
    own, facts = next(one for uri, one in DEFINITIONS.items() if uri.rpartition("/")[2] == name), ATTRIBUTES[name]
    assert (own.friendly_name, own.type, own.transliterable) == (facts.friendly, facts.type, facts.two_scripts)


@pytest.mark.parametrize("person", NATURAL, ids=lambda one: one.id)
def test_the_minimum_data_set_is_complete(person: European) -> None:
    assert set(MINIMUM) <= set(person.facts)
    check_person_identifier(person.identifier("EL", 1), "EL", "FR")
    assert date.fromisoformat(person.facts["DateOfBirth"][0]) < date(2010, 1, 1)


@pytest.mark.parametrize("person", NATURAL, ids=lambda one: one.id)
def test_optional_values_have_their_forms(person: European) -> None:
    facts = person.facts
    assert facts.get("Gender", ("Female",))[0] in ("Male", "Female", "Unspecified")
    for name in ("Nationality", "CountryOfBirth", "CountryOfResidence"):
        assert set(facts.get(name, ())) <= COUNTRIES_OF_VALUES
    assert re.fullmatch(r"\+[0-9]{8,15}", facts.get("PhoneNumber", ("+33199000000",))[0])
    assert facts.get("EmailAddress", ("x@courriel.example",))[0].endswith(".example")


def test_an_address_is_read_by_our_library() -> None:
    address = read_address(PEOPLE["el-eleni"].facts["CurrentAddress"][0])
    assert (address.thoroughfare, address.post_code) == ("Stadiou", "10562")


def test_the_parts_of_an_address_stand_in_their_order() -> None:
    fragment = b64decode(PEOPLE["el-eleni"].facts["CurrentAddress"][0]).decode()
    places = [ADDRESS.index(name) for name in re.findall(r"<eidas-natural:(\w+)>", fragment)]
    assert places == sorted(places)


KINDS = {
    "Greek script": lambda one: "GREEK" in unicodedata.name(one.name[0]),
    "Cyrillic script": lambda one: "CYRILLIC" in unicodedata.name(one.name[0]),
    "two family names": lambda one: " " in one.facts.get("CurrentFamilyName", ("",))[0],
    "the minimum alone": lambda one: set(one.facts) == set(MINIMUM),
    "every attribute": lambda one: {name for name, facts in ATTRIBUTES.items() if not facts.legal} == set(one.facts),
    "several nationalities": lambda one: len(one.facts.get("Nationality", ())) > 1,
    "odd characters": lambda one: "&" in one.facts.get("PersonIdentifier", ("",))[0],
    "an unspecified gender": lambda one: one.facts.get("Gender") == ("Unspecified",),
    "an identifier that changes": lambda one: one.acts_alone and one.identifier("DE", 1) != one.identifier("DE", 2),
    "a legal person": lambda one: "LegalName" in one.facts and not one.representative,
    "who stands for a legal person": lambda one: "LegalName" in one.facts and one.representative,
    "who stands for somebody": lambda one: "PersonIdentifier" in one.facts and one.representative,
    "another birth name": lambda one: one.claims.get("family_name") == "Papadopoulou",
    "a birth name that cannot be split": lambda one: one.claims.get("family_name") == "" and one.facts["BirthName"][0],
    "a birth name in another script alone": lambda one: one.facts.get("BirthName", ("x",))[0] == "",
    "level low": lambda one: one.level == "low",
    "level high": lambda one: one.level == "high",
}


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_somebody_of_every_kind(kind: str) -> None:
    assert [person.id for person in PEOPLE.values() if KINDS[kind](person)] != []


def test_who_stands_for_another_is_stated_besides() -> None:
    stated = PEOPLE["el-agent"].stated("EL", 1)
    assert stated["http://eidas.europa.eu/attributes/legalperson/LegalPersonIdentifier"] == ("EL/FR/094321",)
    assert stated["http://eidas.europa.eu/attributes/naturalperson/representative/PersonIdentifier"] == ("EL/FR/agent-01",)
