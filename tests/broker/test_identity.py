from datetime import date

import pytest

from broker.identity import FieldRefused, read_identity
from tests.broker.people import ANGELA, CLAIMS

TODAY = date(2026, 11, 25)


def stated(**changes):
    return read_identity({name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}, TODAY)


def refused(**changes):
    with pytest.raises(FieldRefused) as wrong:
        stated(**changes)
    return wrong.value


def test_a_complete_statement_becomes_the_identity():
    assert stated() == ANGELA


@pytest.mark.parametrize("field", ["given_name", "family_name", "gender", "birthdate", "birthcountry", "email"])
def test_a_missing_field_is_refused_by_its_name(field):
    wrong = refused(**{field: None})
    assert (wrong.field, wrong.missing) == (field, True)


@pytest.mark.parametrize("field", ["given_name", "family_name", "email"])
def test_a_blank_field_is_missing(field):
    assert refused(**{field: "  "}).missing


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", "Angela7"),
        ("given_name", "-'"),
        ("given_name", "A" * 257),
        ("given_name", ["Angela"]),
        ("family_name", "DUBOIS<script>"),
        ("family_name", "DU\nBOIS"),
        ("gender", "F"),
        ("birthdate", "1962-02-30"),
        ("birthdate", "1962-00-03"),
        ("birthdate", "1962-8-24"),
        ("birthdate", "24/08/1962"),
        ("birthdate", "0000-00-00"),
        ("birthdate", "2026-11-26"),
        ("birthdate", "1862-08-24"),
        ("birthcountry", "FR"),
        ("birthcountry", "AZERTY"),
        ("birthplace", "AAAAA"),
        ("birthplace", "Paris"),
        ("email", "angela"),
        ("email", "angela@@courriel.example"),
        ("email", "angela@courriel..example"),
        ("preferred_username", "Mar\x00tin"),
        ("preferred_username", "Mar\u202etin"),
        ("preferred_username", "\u2066Martin\u2069"),
        ("email", "angela\u200e@courriel.example"),
        ("phone_number", "call me"),
        ("address", "12 rue"),
        ("address", {"locality": 75}),
        ("address", {"locality": "Pa\x07ris"}),
        ("address", {"formatted": "x" * 257}),
        ("address", {"formatted": "12 rue \u202esuraP"}),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(field, value):
    wrong = refused(**{field: value})
    assert (wrong.field, wrong.missing) == (field, False)


def test_the_refusal_does_not_repeat_the_value():
    assert "Angela7" not in str(refused(given_name="Angela7"))


@pytest.mark.parametrize("birthdate", ["1992-11-00", "1992-00-00", "2026-11-25", "1904-02-29"])
def test_dates_that_are_not_fully_known_pass_as_they_are(birthdate):
    assert stated(birthdate=birthdate).birthdate == birthdate


def test_who_was_born_in_france_needs_a_place():
    wrong = refused(birthplace=None)
    assert (wrong.field, wrong.missing) == ("birthplace", True)


@pytest.mark.parametrize("birthplace", [None, "", "Alger", "90900"])
def test_who_was_born_abroad_has_an_empty_place_whatever_was_sent(birthplace):
    assert stated(birthcountry="99352", birthplace=birthplace).birthplace == ""


def test_the_birth_name_is_in_upper_case():
    assert stated(family_name="d'Almeïda").family_name == "D'ALMEÏDA"


def test_typography_and_white_space_are_made_plain():
    assert stated(given_name=" Anne‑Laure  Zoe\u0308 ", family_name="N’DIAYE").given_names == ("Anne-Laure", "Zoë")


def test_a_given_name_may_hold_a_space_when_the_provider_lists_the_names():
    identity = stated(given_name="Marie Ange Louise", given_name_array=["Marie Ange", "Louise"])
    assert identity.given_names == ("Marie Ange", "Louise")


@pytest.mark.parametrize("listed", ["Angela Claire Louise", ["Angela", "Claire"], ["Angela", "", "Claire Louise"], [1]])
def test_a_list_of_given_names_that_says_something_else_is_refused(listed):
    assert refused(given_name_array=listed).field == "given_name_array"


def test_claims_that_nobody_asked_for_are_not_kept():
    assert stated(nickname="Angie") == ANGELA


def test_phone_and_address_are_kept_when_they_come():
    identity = stated(phone_number="+33 1 23 45 67 89", address={"locality": "Paris", "planet": "Earth"})
    assert (identity.phone_number, identity.address) == ("+33 1 23 45 67 89", {"locality": "Paris"})


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("given_name", "Angela Claire Louise"),
        ("given_name_array", ["Angela", "Claire", "Louise"]),
        ("family_name", "DUBOIS"),
        ("birthplace", "75107"),
        ("phone_number", None),
        ("address", None),
    ],
)
def test_services_read_claims_in_their_formats(claim, value):
    assert ANGELA.claim(claim) == value
