"""What the data providers hold: invented, but one person's own and always the same."""

import pytest

from broker.sandbox.data.records import record
from broker.sandbox.node.people import load_europeans
from broker.sandbox.parties import DATA_PROVIDERS

SCOPES = [scope.name for one in DATA_PROVIDERS for scope in one.scopes]
ANGELA = {"given_name": "Angela Claire Louise", "family_name": "DUBOIS", "birthdate": "1962-08-24"}


@pytest.mark.parametrize(
    ("scope", "value"),
    [("revenu_fiscal", 47_230), ("nombre_parts", 2.5), ("permis_points", 11), ("retraite_estimation", 1_850)],
)
def test_a_person_has_the_same_record_on_every_machine(scope: str, value: float) -> None:
    assert record(scope, ANGELA) == value


@pytest.mark.parametrize("scope", SCOPES)
def test_the_other_claims_change_nothing(scope: str) -> None:
    assert record(scope, {**ANGELA, "sub": "x", "aud": "mairie-demo"}) == record(scope, ANGELA)


def test_two_people_differ() -> None:
    assert record("revenu_fiscal", {**ANGELA, "birthdate": "1962-08-25"}) != record("revenu_fiscal", ANGELA)


def test_one_name_in_two_encodings_is_one_person() -> None:
    zoe = {**ANGELA, "given_name": "Zoe\u0308"}
    assert record("revenu_fiscal", zoe) == record("revenu_fiscal", {**ANGELA, "given_name": "Zo\u00eb"})


@pytest.mark.parametrize(
    ("scope", "least", "most"),
    [
        ("revenu_fiscal", 9_000, 65_000),
        ("nombre_parts", 1, 4),
        ("permis_points", 1, 12),
        ("retraite_estimation", 900, 3_200),
    ],
)
def test_values_are_plausible_for_everybody(scope: str, least: float, most: float) -> None:
    values = [record(scope, {"family_name": key}) for key in load_europeans()]
    assert least <= min(values) < max(values) <= most
