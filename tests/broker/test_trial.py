"""A test login: by a link of the operator's, through a country, to nobody."""

from base64 import urlsafe_b64decode

import pytest

from broker.errors import Problem
from broker.journey import Ready
from broker.relying.trial import LIFE, TrialRelying, demand_of, link
from tests.broker.foreign import fields_of
from tests.broker.people import ANGELA, demand, proof
from tests.broker.world import PUBLIC, SECRET_KEY

NOW = 1_790_000_000


def token(**changes):
    given = {"public_url": PUBLIC, "key": SECRET_KEY, "country": "EL", "now": NOW, **changes}
    return link(**given).partition("?t=")[2]


def test_the_link_begins_a_login_through_its_country():
    assert demand_of(token(), SECRET_KEY, NOW + LIFE - 1).service == "EL"


@pytest.mark.parametrize("spoilt", [token(key=b"x" * 32), token()[:-4], token()[4:], "", "é", token() + "A"])
def test_another_link_begins_nothing(spoilt):
    with pytest.raises(Problem, match="not genuine"):
        demand_of(spoilt, SECRET_KEY, NOW)


def test_the_link_ends_after_ten_minutes():
    with pytest.raises(Problem, match="expired"):
        demand_of(token(), SECRET_KEY, NOW + LIFE)


def test_nothing_can_be_released_from_it():
    with pytest.raises(Problem, match="reaches no service"):
        TrialRelying().grant(None, Ready(demand(), proof()), "sid")


def test_of_everybody_something_may_be_shown():
    assert TrialRelying().check_tellable(ANGELA) is None


@pytest.fixture
def world(make_abroad):
    return make_abroad()


def tried(world, country="EL"):
    """A browser that opened the link, and the answer to it."""
    traveller = world.traveller()
    return traveller, traveller.get(link(PUBLIC, SECRET_KEY, country, world.clock()))


def test_it_goes_to_the_country_and_shows_what_came_by_name(world):
    traveller, opened = tried(world)
    fields = fields_of(traveller.page(opened).text)
    page = traveller.page(traveller.come_back(world.nodes["EL"].answer(world, fields)))
    assert ("a réussi" in page.text, "reçu" in page.text, "Onasis" in page.text) == (True, True, False)


def test_no_form_gets_anything_out_of_it(world):
    traveller, opened = tried(world)
    fields = fields_of(traveller.page(opened).text)
    traveller.page(traveller.come_back(world.nodes["EL"].answer(world, fields)))
    visit = step_of(traveller, opened)
    refused = traveller.post("/confirmer", j=visit.handle, step=visit.token, action="continue")
    assert (refused.status_code, "USR-103" in refused.text, "__Host-sso" in str(refused.headers)) == (409, True, False)


def step_of(traveller, opened):
    """The journey as its browser would find it."""
    cookie = traveller.client.get_cookie("__Host-flow", domain="connexion.example").value
    secret = urlsafe_b64decode(cookie + "=")
    return traveller.world.app.extensions["passerelle"]().flow.visit(secret, opened.location.partition("?j=")[2])


def test_a_country_that_cannot_be_used_says_so(world):
    world.clock.advance(8 * 86_400)
    traveller, opened = tried(world)
    assert opened.location.startswith("/eidas/pays?j=")
    assert "Grèce" in traveller.page(opened).text


def test_who_turns_back_is_at_our_own_start(world):
    traveller, opened = tried(world)
    visit = step_of(traveller, opened)
    assert traveller.post("/choisir", j=visit.handle, step=visit.token, action="cancel").location == "/"


def test_a_link_that_is_not_genuine_is_a_page(world):
    assert "USR-102" in world.browser().get(f"{PUBLIC}/eidas/essai?t=AAAA").text
