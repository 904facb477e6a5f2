"""Citizens of other countries have data delivered too, and nobody learns where they are from."""

import json
import re
from types import MethodType

import pytest

from tests.broker.checks import DATA, CheckWorld
from tests.broker.data import asks
from tests.broker.foreign import EUROPEAN_SERVICES
from tests.broker.world import PUBLIC, payload

SCOPE = "openid identite_pivot revenu_fiscal points_permis"


@pytest.fixture
def world(make_abroad):
    scopes = EUROPEAN_SERVICES["assurance"].scopes
    asker = asks("mairie", "revenu_fiscal", may=("points_permis",), europe=True, scopes=scopes)
    world = make_abroad(services={"mairie": asker}, data=DATA)
    for name in ("ask", "told", "read", "checked"):
        setattr(world, name, MethodType(getattr(CheckWorld, name), world))
    return world


def token_of(world, code="EL", **form):
    """A login from abroad, with consent to everything; the token."""
    traveller = world.traveller()
    shown = traveller.arrive(code=code, scope=SCOPE)
    data = {**shown.hidden, "action": "continue", "data": ["revenu_fiscal", "points_permis"]}
    back = traveller.client.post("/confirmer", data=data, base_url=PUBLIC)
    answer = back.location.partition("code=")[2].partition("&")[0]
    return traveller.redeem(answer, **form).json["access_token"]


def test_a_european_is_known_by_what_his_country_stated(world):
    told = world.checked(token_of(world))
    assert (told["family_name"], told["given_name"], told["birthdate"]) == ("Onasis", "Aristotelis", "1966-01-20")
    assert (told["acr"], told["scope"]) == ("eidas2", "revenu_fiscal")


def test_the_same_person_of_another_country_is_another_person(world):
    subs = {world.checked(token_of(world, code))["sub"] for code in ("EL", "EL", "DE")}
    assert len(subs) == 2


def test_a_token_for_one_data_provider_is_good_there_alone(world):
    token = token_of(world, resource=DATA["points"].resource)
    assert world.checked(token) == {"active": False}
    assert world.checked(token, "points")["active"]


def test_no_byte_tells_the_country(world):
    answer = world.ask(token_of(world))
    plain = world.ask(token_of(world), headers={"Accept": "application/json"})
    received = plain.text + str(answer.headers) + str(plain.headers) + json.dumps(payload(answer.text))
    words = ("EL", "GR", "Greece", "Grèce", "node", "eidas", "EL/FR/Ab-12.34", "country", "amr", "Αριστοτέλης")
    assert not [word for word in words if re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", received)]
