from dataclasses import replace

import pytest

from broker.subject import subject
from tests.broker.people import ANGELA

KEY = bytes(range(32))
VECTOR = "bd40f538cd51e4505de1b7bfaa4802384e6fdcba28102c5efd8ddd3d35e24163v1"  # by hand: HMAC over the lengths and parts


def sub(identity=ANGELA, sector="mairie.example", key=KEY, generation=1):
    return subject(identity, sector, key, generation)


def test_a_sub_is_64_hex_digits_and_the_generation():
    assert sub() == VECTOR


def test_the_generation_is_the_suffix():
    assert sub(generation=12).endswith("v12")


@pytest.mark.parametrize(
    "change",
    [
        {"given_names": ("Angela", "Claire")},
        {"family_name": "DUBOIS'"},
        {"gender": "unspecified"},
        {"birthdate": "1962-08-00"},
        {"birthplace": "75108"},
        {"birthcountry": "99352"},
    ],
)
def test_another_person_has_another_sub(change):
    assert sub(replace(ANGELA, **change)) != sub()


@pytest.mark.parametrize(
    "change",
    [
        {"email": "new@courriel.example"},
        {"preferred_username": None},
        {"phone_number": "0123456789"},
        {"given_names": ("ANGELA", "Claire", "Louise")},
        {"family_name": "Dubois"},
        {"given_names": ("Angela Claire", "Louise")},
    ],
)
def test_what_changes_or_is_only_typography_does_not_make_another_person(change):
    assert sub(replace(ANGELA, **change)) == sub()


def test_another_sector_and_another_key_have_another_sub():
    assert len({sub(), sub(sector="assurance.example"), sub(key=bytes(32))}) == 3


def test_fields_cannot_run_into_each_other():
    one = replace(ANGELA, given_names=("Jean",), family_name="PAUL")
    other = replace(ANGELA, given_names=("Jeanp",), family_name="AUL")
    assert sub(one) != sub(other)
