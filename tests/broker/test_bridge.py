"""From eIDAS attributes to the pivot: what is told apart, what is mapped surely, and what stays missing."""

import pytest

from broker import bridge
from broker.assurance import Level
from broker.european import Spelling
from eidas import attributes as names
from eidas.address import Address, write_address
from eidas.attributes import DEFINITIONS
from eidas.vocabulary import LOA_HIGH, LOA_LOW, LOA_SUBSTANTIAL, NOT_NOTIFIED_LEVELS, NOTIFIED_LEVELS
from tests.broker.foreign import ONASIS, person

EVERYTHING = frozenset(DEFINITIONS)


def identity(**facts: tuple[str, ...]):
    """A Greek citizen with some attributes more, or other ones."""
    stated = {one.definition.name: one for one in person({**ONASIS, **facts})}
    return bridge.identity_of(stated, "EL")


# -- names ------------------------------------------------------------------------------------------------------------


def test_both_spellings_are_kept_and_the_latin_one_is_the_claim():
    onasis = identity()
    assert (onasis.given_names, onasis.claim("given_name")) == (Spelling("Aristotelis", "Αριστοτέλης"), "Aristotelis")


def test_a_country_that_states_one_family_name_states_the_current_one():
    onasis = identity()
    claims = (onasis.claim("family_name"), onasis.claim("preferred_username"), onasis.birth_name_known)
    assert claims == ("Onasis", "Onasis", False)


BORN = {
    "given names first": (("Aristotelis Papas", "Αριστοτέλης Παπάς"), Spelling("Papas", "Παπάς")),
    "given names last": (("Papas Aristotelis",), Spelling("Papas")),
    "in capitals": (("ARISTOTELIS PAPAS",), Spelling("PAPAS")),
    "two family names": (("Aristotelis García Márquez",), Spelling("García Márquez")),
    "other given names then, the same family name": (("Nikos Onasis",), Spelling("Onasis")),
    "the family name alone": (("Onasis",), Spelling("Onasis")),
    "the family name first": (("Onasis Nikos",), Spelling("Onasis")),
    "white space": (("  Aristotelis   Papas ",), Spelling("Papas")),
    "only one in both scripts": (("Aristotelis Papas", "Παπάς"), Spelling("Papas")),
    "unclear": (("Nikos Papas",), None),
    "a part of a word": (("Aristotelisa Papas",), None),
    "given names alone": (("Aristotelis",), None),
}


@pytest.mark.parametrize("name", BORN)
def test_the_birth_name_is_what_can_be_told_surely(name: str):
    stated, expected = BORN[name]
    found = identity(BirthName=stated)
    assert (found.birth_name, found.birth_name_known) == (expected, True)
    assert found.claim("family_name") == (expected.latin if expected else None)


# -- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stated", "expected"), [("Male", "male"), ("Female", "female"), ("Unspecified", "unspecified")])
def test_a_gender_has_its_counterpart(stated: str, expected: str):
    assert identity(Gender=(stated,)).claim("gender") == expected


@pytest.mark.parametrize(("iso", "code"), [("EL", "99126"), ("DE", "99109"), ("FR", "99100"), ("ZZ", None)])
def test_a_country_of_birth_becomes_its_insee_code_or_stays_missing(iso: str, code: str | None):
    assert identity(CountryOfBirth=(iso,)).claim("birthcountry") == code


def test_a_place_of_birth_is_never_guessed_into_a_code():
    found = identity(PlaceOfBirth=("Paris",), CountryOfBirth=("FR",))
    assert found.claim("birthplace") is None


def test_what_was_not_stated_is_missing():
    onasis = identity()
    missing = ("gender", "birthplace", "birthcountry", "email", "phone_number", "address")
    assert [onasis.claim(name) for name in missing] == [None] * 6


def test_an_address_becomes_that_of_openid_connect():
    address = Address(
        thoroughfare="Stadiou",
        locator_designator="5",
        post_name="Athina",
        post_code="10562",
        admin_unit_first_line="EL",
        admin_unit_second_line="Attiki",
    )
    assert identity(CurrentAddress=(write_address(address),)).claim("address") == {
        "formatted": "5 Stadiou\n10562 Athina\nAttiki\nEL",
        "street_address": "5 Stadiou",
        "locality": "Athina",
        "region": "Attiki",
        "postal_code": "10562",
        "country": "EL",
    }


@pytest.mark.parametrize("text", ["not base64!", "", "PGE+"])
def test_an_address_that_cannot_be_read_is_missing(text: str):
    assert identity(CurrentAddress=(text or "YQ==",)).claim("address") is None


def test_the_claim_of_the_country_is_its_code():
    assert (identity().claim("country"), identity().claim("given_name_array")) == ("EL", ["Aristotelis"])


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_the_minimum_is_always_required_and_the_rest_is_what_claims_need():
    asked = bridge.attributes_to_ask(("gender", "email", "birthdate", "amr"), EVERYTHING)
    assert [one.name for one in asked if one.required] == list(names.MANDATORY[names.Kind.NATURAL])
    assert [one.name for one in asked if not one.required] == [names.GENDER, names.EMAIL_ADDRESS]


def test_a_claim_of_a_name_asks_for_the_birth_name_once():
    asked = bridge.attributes_to_ask(("family_name", "preferred_username"), EVERYTHING)
    assert [one.name for one in asked if not one.required] == [names.BIRTH_NAME]


def test_no_place_of_birth_is_ever_asked_for():
    from broker.claims import ORDER

    asked = {one.name for one in bridge.attributes_to_ask(ORDER, EVERYTHING)}
    assert not asked & {names.PLACE_OF_BIRTH, names.TOWN_OF_BIRTH, names.NATIONALITY, names.COUNTRY_OF_RESIDENCE}


def test_what_the_country_does_not_publish_is_not_asked():
    assert len(bridge.attributes_to_ask(("gender", "email"), frozenset())) == 4


def test_a_mandatory_attribute_is_called_by_its_claim():
    assert [bridge.claim_of(name) for name in names.MANDATORY[names.Kind.NATURAL]] == [
        "identifier",
        "family_name",
        "given_name",
        "birthdate",
    ]


# -- levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "level"), [*zip(NOTIFIED_LEVELS, Level, strict=True), (NOT_NOTIFIED_LEVELS[2], Level.HIGH)]
)
def test_levels_are_one_to_one(uri: str, level: Level):
    assert bridge.level_of(uri) is level


def test_another_uri_is_no_level():
    with pytest.raises(LookupError):
        bridge.level_of("High")


def test_a_notified_level_is_asked_as_the_least():
    assert bridge.levels_to_ask(Level.SUBSTANTIAL, frozenset(NOTIFIED_LEVELS), True) == ((LOA_SUBSTANTIAL,), "minimum")


def test_what_is_not_notified_is_named_beside_every_notified_level_that_is_enough():
    published = frozenset((LOA_HIGH, NOT_NOTIFIED_LEVELS[0], NOT_NOTIFIED_LEVELS[1]))
    asked = bridge.levels_to_ask(Level.SUBSTANTIAL, published, True)
    assert asked == ((LOA_SUBSTANTIAL, LOA_HIGH, NOT_NOTIFIED_LEVELS[1]), "exact")


def test_what_is_not_notified_does_not_count_unless_the_operator_says_so():
    published = frozenset((LOA_LOW, NOT_NOTIFIED_LEVELS[2]))
    assert bridge.strongest(published, not_notified=False) is Level.LOW
    assert bridge.strongest(published, not_notified=True) is Level.HIGH
    assert bridge.levels_to_ask(Level.LOW, published, False) == ((LOA_LOW,), "minimum")


def test_a_country_without_a_level_that_counts_has_no_strongest():
    assert bridge.strongest(frozenset(("High",)), not_notified=True) is None


# -- who asks ---------------------------------------------------------------------------------------------------------


def test_a_service_has_one_opaque_name_that_depends_on_the_key():
    made = [bridge.requester_id("https://a.example", "mairie", key) for key in (b"1" * 32, b"1" * 32, b"2" * 32)]
    assert (made[0] == made[1], made[0] == made[2], "mairie" in made[0]) == (True, False, False)
    assert made[0].startswith("https://a.example/eidas/requester/")
