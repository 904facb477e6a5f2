"""From eIDAS attributes to the pivot: what is told apart, what is mapped surely, and what stays missing."""

import re
import unicodedata
from base64 import b64encode
from typing import get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from broker import bridge
from broker.assurance import Level
from broker.claims import ORDER
from broker.european import Spelling
from broker.identity import Gender
from eidas import attributes as names
from eidas.address import Address, write_address
from eidas.attributes import DEFINITIONS, Attribute, Value
from eidas.errors import Refused
from eidas.messages import AuthnRequest
from eidas.request_rules import check_comparison, check_higher_listed, check_levels
from eidas.value_rules import check_content
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
    "given names at both ends": (("Aristotelis Papas Aristotelis",), None),
    "given name and family name are the same": (("Aristotelis Aristotelis",), Spelling("Aristotelis")),
    "the other spelling is stated otherwise": (("Aristotelis Papas", "Νίκος Ωνάσης"), Spelling("Papas")),
    "one spelling alone begins with the given names": (("Nikos Onasis", "Αριστοτέλης Παπάς"), Spelling("Onasis")),
}


@pytest.mark.parametrize("name", BORN)
def test_the_birth_name_is_what_can_be_told_surely(name: str):
    stated, expected = BORN[name]
    found = identity(BirthName=stated)
    assert (found.birth_name, found.birth_name_known) == (expected, True)
    assert found.claim("family_name") == (expected.latin if expected else None)


# given names, current family name, birth name; what is told of it
PEOPLE = {
    "Bulgarian, married": (
        (("Ivana", "Ивана"), ("Petrova", "Петрова"), ("Ivana Dimitrova", "Ивана Димитрова")),
        Spelling("Dimitrova", "Димитрова"),
    ),
    "Bulgarian, capitals": (
        (("Ivana", "Ивана"), ("Petrova", "Петрова"), ("IVANA DIMITROVA", "ИВАНА ДИМИТРОВА")),
        Spelling("DIMITROVA", "ДИМИТРОВА"),
    ),
    "Greek, a final sigma in capitals": (
        (("Nikos", "Νικος"), ("Pappas", "Παππας"), ("NIKOS PAPPAS", "ΝΙΚΟΣ ΠΑΠΠΑΣ")),
        Spelling("PAPPAS", "ΠΑΠΠΑΣ"),
    ),
    "Greek, capitals without accents": (
        (("Eleni", "Ελένη"), ("Nikolaidou", "Νικολαΐδου"), ("ELENI PAPADOPOULOU", "ΕΛΕΝΗ ΠΑΠΑΔΟΠΟΥΛΟΥ")),
        Spelling("PAPADOPOULOU"),
    ),
    "Spanish, two family names": (
        (("José Luis",), ("García Márquez",), ("José Luis García Márquez",)),
        Spelling("García Márquez"),
    ),
    "Spanish, one of two in use": (
        (("José Luis",), ("García",), ("García Márquez José Luis",)),
        Spelling("García Márquez"),
    ),
    "Portuguese, particles": ((("Ana Maria",), ("Costa",), ("Ana Maria Pereira da Silva",)), Spelling("Pereira da Silva")),
    "German, a hyphen after marriage": ((("Jürgen",), ("Müller-Lüdenscheidt",), ("Jürgen Müller",)), Spelling("Müller")),
    "German, sharp s": ((("Strauß",), ("Weiß",), ("STRAUSS GROSS",)), Spelling("GROSS")),
    "Hungarian, the family name first": ((("Anna Mária",), ("Kovácsné Nagy",), ("Nagy Anna Mária",)), Spelling("Nagy")),
    "composed and decomposed letters": ((("Zoe\u0308",), ("Janssens",), ("Zoë Peeters",)), Spelling("Peeters")),
    "fewer given names than now": ((("Anna Maria",), ("Rossi",), ("Anna Bianchi",)), None),
    "fewer given names than now, the same family name": ((("Anna Maria",), ("Rossi",), ("Anna Rossi",)), Spelling("Rossi")),
    "Paul Martin, a name that is either": ((("Martin",), ("Martin",), ("Martin Paul Martin",)), Spelling("Martin")),
    "both ends, and the current name says which": (
        (("Paul",), ("Martin Paul",), ("Paul Martin Paul",)),
        Spelling("Martin Paul"),
    ),
    "both ends, and another current name": ((("Paul",), ("Durand",), ("Paul Martin Paul",)), None),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_birth_names_of_many_countries_are_told_apart_or_not_at_all(case: str):
    (given_names, current, born), expected = PEOPLE[case]
    found = identity(CurrentGivenName=given_names, CurrentFamilyName=current, BirthName=born)
    assert (found.birth_name, found.claim("preferred_username")) == (expected, current[0])


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


def test_a_post_box_is_a_line_of_the_street_address():
    address = Address(po_box="1234", locator_name="Villa Rosa", thoroughfare="Via Appia", post_name="Roma")
    stated = identity(CurrentAddress=(write_address(address),)).claim("address")
    assert stated == {
        "formatted": "1234\nVilla Rosa\nVia Appia\nRoma",
        "street_address": "1234\nVilla Rosa\nVia Appia",
        "locality": "Roma",
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
    assert asked == ((LOA_SUBSTANTIAL, NOT_NOTIFIED_LEVELS[1], LOA_HIGH), "exact")


def test_what_is_not_notified_does_not_count_unless_the_operator_says_so():
    published = frozenset((LOA_LOW, NOT_NOTIFIED_LEVELS[2]))
    assert bridge.strongest(published, not_notified=False) is Level.LOW
    assert bridge.strongest(published, not_notified=True) is Level.HIGH
    assert bridge.levels_to_ask(Level.LOW, published, False) == ((LOA_LOW,), "minimum")


@pytest.mark.parametrize("level", Level)
@given(st.frozensets(st.sampled_from([*NOTIFIED_LEVELS, *NOT_NOTIFIED_LEVELS, "High"])), st.booleans())
def test_whatever_a_country_publishes_the_levels_asked_pass_the_rules_of_requests(level, published, not_notified):
    levels, comparison = bridge.levels_to_ask(level, published, not_notified)
    asked = AuthnRequest("_1", "https://a.example", "https://b.example", 0, levels, comparison, ())
    for check in (check_levels, check_comparison, check_higher_listed):
        check(asked)
    found = [bridge.level_of(uri) for uri in levels]
    assert (found[0], found == sorted(found)) == (level, True)


def test_a_country_without_a_level_that_counts_has_no_strongest():
    assert bridge.strongest(frozenset(("High",)), not_notified=True) is None


# -- who asks ---------------------------------------------------------------------------------------------------------


def test_a_service_has_one_opaque_name_that_depends_on_the_key():
    made = [bridge.requester_id("https://a.example", "mairie", key) for key in (b"1" * 32, b"1" * 32, b"2" * 32)]
    assert (made[0] == made[1], made[0] == made[2], "mairie" in made[0]) == (True, False, False)
    assert re.fullmatch("https://a.example/eidas/requester/[0-9a-f]{64}", made[0])
    assert bridge.requester_id("https://a.example", "impots", b"1" * 32) != made[0]


# -- whatever a country may state -------------------------------------------------------------------------------------


def passing(name: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The texts that an attribute may have by eidas' own rules, as they are read: without white space around."""
    definition = DEFINITIONS[name]

    def passes(text: str) -> bool:
        try:
            check_content(definition, Value(text))
        except Refused:
            return False
        return True

    return texts.map(str.strip).filter(passes)


WORDS = st.one_of(st.text(max_size=8), st.sampled_from(["Anna", "ANNA", "Maria", "Άννα", "ß", "ŉ", "İ", "ΐ", " ", "-"]))
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
FORMS = {
    names.PERSON_IDENTIFIER: st.from_regex(r"[A-Z]{2}/FR/[!-~]{1,20}", fullmatch=True),
    names.DATE_OF_BIRTH: st.dates().map(str),
    names.GENDER: st.sampled_from(["Male", "Female", "Unspecified"]),
    names.COUNTRY_OF_BIRTH: st.from_regex("[A-Z]{2}", fullmatch=True),
    names.PHONE_NUMBER: st.from_regex(r"\+[0-9]{4,15}", fullmatch=True),
    names.EMAIL_ADDRESS: st.from_regex(r"[^@\s]{1,9}@[^@\s]{1,9}", fullmatch=True),
    names.CURRENT_ADDRESS: st.one_of(st.text(), st.binary().map(lambda octets: b64encode(octets).decode())),
}


def stated(name: str) -> st.SearchStrategy[Attribute]:
    """An attribute with any values that pass, in one script or in two."""
    definition = DEFINITIONS[name]
    texts = passing(name, FORMS.get(name, TEXTS))
    if not definition.transliterable:
        return texts.map(lambda text: Attribute(definition, (Value(text),)))
    both = st.tuples(texts, st.none() | texts)
    return both.map(lambda two: Attribute(definition, tuple(Value(text, not at) for at, text in enumerate(two) if text)))


OPTIONAL = [one.name for one in bridge.attributes_to_ask(ORDER, EVERYTHING) if not one.required]
STATED = st.fixed_dictionaries(
    {name: stated(name) for name in names.MANDATORY[names.Kind.NATURAL]}, optional={name: stated(name) for name in OPTIONAL}
)


@settings(max_examples=50)
@given(STATED)
def test_whatever_passed_the_rules_becomes_a_person_of_whom_nothing_is_made_up(found: dict[str, Attribute]):
    someone = bridge.identity_of(found, "EL")
    claims = {name: someone.claim(name) for name in ORDER if name != "amr"}
    assert all(value is None or value for value in claims.values())
    assert claims["gender"] in (None, *get_args(Gender))
    assert re.fullmatch("99[0-9]{3}", claims["birthcountry"] or "99100")
    assert someone.birth_name_known == (names.BIRTH_NAME in found)


@settings(max_examples=50)
@given(stated(names.GIVEN_NAME), stated(names.FAMILY_NAME), stated(names.FAMILY_NAME), st.booleans())
def test_a_birth_name_that_was_put_together_is_taken_apart_or_unclear(first, current, born, given_first):
    words = [first.latin.split(), born.latin.split()]
    assume(all(words))
    whole = " ".join(" ".join(part) for part in (words if given_first else words[::-1]))
    facts = {"CurrentGivenName": (first.latin,), "CurrentFamilyName": (current.latin,), "BirthName": (whole,)}
    found = identity(**facts).birth_name
    possible = {" ".join(words[1]), " ".join(current.latin.split())}
    assert found is None or folded(found.latin) in {folded(name) for name in possible}


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
