"""Citizens of other countries agree to data as everybody does, see what stands, and withdraw it."""

import pytest

from tests.broker.data import DATA, asks
from tests.broker.foreign import EUROPEAN_SERVICES
from tests.broker.web.markup import Document
from tests.broker.world import PUBLIC

ADDRESS = "/mes-autorisations"
SCOPE = "openid identite_pivot revenu_fiscal points_permis"


@pytest.fixture
def world(make_abroad):
    scopes = EUROPEAN_SERVICES["assurance"].scopes
    asker = asks("mairie", "revenu_fiscal", may=("points_permis",), europe=True, scopes=scopes)
    return make_abroad(services={"mairie": asker}, data=DATA)


@pytest.fixture
def traveller(world):
    return world.traveller()


def agree(traveller, shown, *scopes):
    form = {**shown.hidden, "action": "continue", "data": list(scopes)}
    return traveller.client.post("/confirmer", data=form, base_url=PUBLIC)


def agreements(traveller):
    return Document(traveller.get(ADDRESS).text)


def test_the_boxes_are_the_same_and_the_country_is_told_to_nobody(traveller):
    page = Document(traveller.arrive(scope=SCOPE).text)
    text = page.one("main").text
    assert [box.get("value") for box in page.all(name="data")] == ["revenu_fiscal", "points_permis"]
    assert "saura qui vous êtes (nom de famille, prénoms, date de naissance)" in text  # Greece stated no birth name
    assert "Ne sera pas transmis : le pays" in text.replace("\u00a0", " ")


def test_what_is_necessary_is_necessary_here_too(traveller):
    shown = traveller.arrive(scope=SCOPE)
    assert agree(traveller, shown, "points_permis").status_code == 400
    assert "code=" in agree(traveller, shown, "revenu_fiscal").location


def test_what_stands_is_shown_and_withdrawn_though_the_session_serves_no_other_login(traveller, world):
    agree(traveller, traveller.arrive(scope=SCOPE), "revenu_fiscal", "points_permis")
    page = agreements(traveller)
    step = page.one(name="step").get("value")
    answer = traveller.post(ADDRESS, step=step, withdraw="mairie revenus")
    left = [button.get("value") for button in agreements(traveller).all("button")]
    assert ([button.get("value") for button in page.all("button")], answer.status_code) == (
        ["mairie revenus", "mairie points"],
        303,
    )
    assert left == ["mairie points"]
    assert "Vous êtes déjà connecté" not in traveller.page(traveller.authorize(scope=SCOPE)).text


def test_the_same_european_who_comes_again_keeps_what_he_agreed_to(traveller):
    agree(traveller, traveller.arrive(scope=SCOPE), "revenu_fiscal", "points_permis")
    agree(traveller, traveller.arrive(scope=SCOPE), "revenu_fiscal")
    assert [button.get("value") for button in agreements(traveller).all("button")] == ["mairie revenus", "mairie points"]
