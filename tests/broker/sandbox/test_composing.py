"""An identity of one's own is judged field by field."""

from datetime import date

import pytest

from broker.sandbox.composing import FIELDS, compose, problems

GOOD = {field.name: field.example for field in FIELDS}
TODAY = date(2026, 9, 21)


def test_the_examples_make_a_good_identity() -> None:
    assert problems(GOOD) == {}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("given_names", "Zo3"),
        ("given_names", ""),
        ("family_name", "Łuk"),
        ("preferred_username", "<b>"),
        ("gender", "femme"),
        ("birthdate", "1990-00-03"),
        ("birthdate", "31/01/1990"),
        ("birthplace", "7510"),
        ("birthplace", ""),
        ("birthcountry", "FR"),
        ("email", "zoe@courriel"),
    ],
)
def test_what_the_civil_register_would_refuse_is_named(field: str, typed: str) -> None:
    assert list(problems({**GOOD, field: typed})) == [field]


@pytest.mark.parametrize("birthdate", ["1990-01-00", "1990-00-00"])
def test_a_date_may_be_known_in_part(birthdate: str) -> None:
    assert problems({**GOOD, "birthdate": birthdate}) == {}


def test_a_birth_abroad_has_no_commune() -> None:
    assert problems({**GOOD, "birthcountry": "99352", "birthplace": ""}) == {}


def test_what_was_typed_is_stated_as_it_is() -> None:
    claims = compose({**GOOD, "birthplace": "X"}, "eidas1").claims(TODAY, 1)
    assert (claims["birthplace"], claims["given_name_array"]) == ("X", ["Zoé", "Jeanne"])


def test_what_is_left_empty_is_not_stated() -> None:
    assert "preferred_username" not in compose(GOOD, "eidas1").claims(TODAY, 1)
