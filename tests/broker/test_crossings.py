"""The four crossings, without any web framework: who asks and who vouches, each here or in another country."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from broker.app import Ways, build
from broker.errors import Problem
from broker.ledger import Ledger
from broker.refreshing import MetadataWays
from broker.relying.hearing import Arrived
from broker.relying.oidc import demand_of
from broker.relying.opening import Shown
from oidc.token_endpoint import read_token_request
from tests.broker.asking import Asked
from tests.broker.world import NONCE, SECRET, STATE, payload

BROWSER = b"b" * 32


@pytest.fixture
def world(abroad_folder):
    return Asked(abroad_folder)


@pytest.fixture
def rooms(world):
    ways = Ways(world.fetch, MetadataWays(world.fetch, world.fetch))
    return build(world.settings, world.store, Ledger(world.store), ways, world.clock)


def asked_here(rooms):
    """A demand of the town hall."""
    query = {
        "client_id": "mairie",
        "redirect_uri": "https://mairie.example/retour",
        "response_type": "code",
        "scope": "openid given_name birthdate",
        "state": STATE,
        "nonce": NONCE,
        "acr_values": "eidas2",
    }
    asked = rooms.asking.hear(list(query.items())).request
    return rooms.flow.begin(demand_of(asked, rooms.parties.services["mairie"], {}), BROWSER)


def asked_abroad(rooms, world):
    """A demand of an Italian service."""
    italy = world.connectors["IT"]
    form = italy.form(italy.request())
    heard = rooms.foreign.hear(Arrived(form["SAMLRequest"], form["RelayState"], "", form=True))
    return rooms.flow.begin(heard.demand, BROWSER, heard.once)


def vouched_here(rooms, world, handle):
    """The tax office vouches."""
    location = rooms.flow.choose(rooms.flow.visit(BROWSER, handle), "impots")
    rooms.flow.arrive(BROWSER, "impots", parse_qsl(world.fi["impots"].log_in(location)))


def vouched_abroad(rooms, world, handle):
    """Greece vouches."""
    visit = rooms.flow.visit(BROWSER, handle)
    rooms.abroad.choose(visit, "EL")
    _, passage = rooms.abroad.passage(rooms.flow.visit(BROWSER, handle))
    form = world.nodes["EL"].answer(world, dict(passage.fields))
    rooms.abroad.arrive(BROWSER, form["RelayState"], form["SAMLResponse"])


def answered_here(rooms, handle):
    """What the town hall receives."""
    passage = rooms.flow.finish(rooms.flow.visit(BROWSER, handle), True, None).passage
    code = dict(parse_qsl(urlsplit(passage.location).query))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://mairie.example/retour",
        "client_id": "mairie",
        "client_secret": SECRET,
    }
    request = read_token_request(list(form.items()), None)
    tokens, _ = rooms.redeeming.redeem(request, rooms.clients["mairie"], None)
    return payload(rooms.opening.userinfo(Shown(tokens["access_token"]))[0])


def answered_abroad(rooms, world, handle):
    """What Italy receives."""
    passage = rooms.flow.finish(rooms.flow.visit(BROWSER, handle), True, None).passage
    return world.connectors["IT"].read(world, dict(passage.fields))


def test_a_french_service_and_a_french_identity(rooms, world):
    handle = asked_here(rooms)
    vouched_here(rooms, world, handle)
    assert answered_here(rooms, handle)["given_name"] == "Angela Claire Louise"


def test_a_french_service_and_a_foreign_identity(rooms, world):
    handle = asked_here(rooms)
    vouched_abroad(rooms, world, handle)
    assert answered_here(rooms, handle)["given_name"] == "Aristotelis"


def test_a_foreign_service_and_a_french_identity(rooms, world):
    handle = asked_abroad(rooms, world)
    vouched_here(rooms, world, handle)
    told = answered_abroad(rooms, world, handle).attributes
    assert {attribute.latin for name, attribute in told.items() if name.endswith("GivenName")} == {"Angela Claire Louise"}


def test_a_foreign_service_and_a_foreign_identity_do_not_meet_here(rooms, world):
    handle = asked_abroad(rooms, world)
    with pytest.raises(Problem) as refused:
        vouched_abroad(rooms, world, handle)
    assert (refused.value.code, "French providers alone" in refused.value.detail) == ("SRV-409", True)


def test_a_foreign_person_is_not_told_abroad_even_if_he_got_so_far(rooms, world):
    handle = asked_here(rooms)
    vouched_abroad(rooms, world, handle)
    person = rooms.flow.visit(BROWSER, handle).step.proof.identity
    with pytest.raises(Problem, match="SRV-409"):
        rooms.foreign.check_tellable(person)


def test_a_redirect_says_the_same_as_a_post(rooms, world):
    italy = world.connectors["IT"]
    request = italy.request()
    query = italy.query(request, "state")
    message = dict(parse_qsl(query))["SAMLRequest"]
    by_redirect = rooms.foreign.hear(Arrived(message, "state", query, form=False)).demand
    by_post = rooms.foreign.hear(Arrived(italy.form(request)["SAMLRequest"], "state", "", form=True)).demand
    assert (by_redirect.claims, by_redirect.note) == (by_post.claims, by_post.note)


def test_a_redirect_may_carry_a_request_that_is_signed_inside(rooms, world):
    italy = world.connectors["IT"]
    form = italy.form(italy.request())
    heard = rooms.foreign.hear(Arrived(form["SAMLRequest"], None, urlencode(form), form=False))
    assert heard.demand.service == "IT"
