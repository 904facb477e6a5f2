"""The test people are what their cards say."""

from datetime import date

import pytest

from broker.identity import FieldRefused, read_identity
from broker.sandbox.parties import PROVIDERS
from broker.sandbox.personas import LOGIN, THEMES, Persona, load_personas

PERSONAS = load_personas()
TODAY = date(2026, 9, 21)
STATED = [one for one in PERSONAS.values() if not one.refused and not one.fault]


def verdict(persona: Persona) -> str:
    """What the broker makes of the identity alone."""
    try:
        read_identity(persona.claims(TODAY, 1), TODAY)
    except FieldRefused as refused:
        return "FI-205" if refused.missing else "FI-208"
    return LOGIN


@pytest.mark.parametrize("persona", STATED, ids=lambda one: one.id)
def test_the_broker_makes_of_an_identity_what_the_card_expects(persona: Persona) -> None:
    assert verdict(persona) == persona.expect


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda one: one.id)
def test_a_card_has_a_theme_a_name_and_providers_that_exist(persona: Persona) -> None:
    assert persona.theme in THEMES
    assert persona.name
    assert (persona.providers or set()) <= {provider.id for provider in PROVIDERS}


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda one: one.id)
def test_an_address_is_nobodys(persona: Persona) -> None:
    assert str(persona.facts.get("email", ".example")).endswith(".example")


def test_angela_comes_first() -> None:
    assert next(iter(PERSONAS)) == "angela"


@pytest.mark.parametrize(
    ("today", "birthdate"),
    [(date(2026, 9, 1), "2008-09-02"), (date(2026, 9, 2), "2009-09-02"), (date(2040, 12, 31), "2023-09-02")],
)
def test_nobody_grows_up(today: date, birthdate: str) -> None:
    assert PERSONAS["age_17"].claims(today, 1)["birthdate"] == birthdate


def test_an_address_that_changes_is_another_at_each_login() -> None:
    chloe = PERSONAS["email_changing"]
    assert chloe.claims(TODAY, 1)["email"] != chloe.claims(TODAY, 2)["email"]


def test_namesakes_differ_in_the_birthplace_alone() -> None:
    one, other = (PERSONAS[key].claims(TODAY, 1) for key in ("homonym_paris", "homonym_lyon"))
    assert {name for name in one if one[name] != other[name]} == {"birthplace", "email"}


def test_what_a_person_lacks_is_not_stated() -> None:
    assert "given_name" not in PERSONAS["no_given_name"].claims(TODAY, 1)


def test_the_long_name_is_long() -> None:
    assert len(str(PERSONAS["long_name"].facts["family_name"])) == 52
