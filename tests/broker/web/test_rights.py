"""What the operator lets a service do is held by the server: each test leaves out the page that would not offer it."""

import pytest

from broker.parties import Parties
from tests.broker.world import PROVIDERS, SERVICES, Shown, provider, service

SHY = provider("poste", *PROVIDERS["poste"].levels, visible=False)
OFFER = "Vous êtes déjà connecté"


@pytest.fixture
def shy_world(make_world):
    """The post is not on the page; `appel` may name it, and the town hall may not."""
    caller = service("appel", idp_hints=frozenset(("poste",)))
    return make_world(parties=Parties({**SERVICES, "appel": caller}, {**PROVIDERS, "poste": SHY}))


def through_the_post(world):
    """A browser that has logged in at the hidden provider."""
    browser = world.browser()
    shown = browser.page(browser.prove(browser.authorize("appel", idp_hint="poste"), "poste"))
    assert "code=" in browser.confirm(shown).location
    return browser


# -- a provider that the page does not show ---------------------------------------------------------------------------


def test_a_provider_that_is_not_shown_is_reached_by_its_name(shy_world):
    departed = shy_world.browser().authorize("appel", idp_hint="poste")
    assert departed.location.startswith("https://poste.example/authorize?")


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ("appel", {}),
        ("appel", {"idp_hint": "poste", "prompt": "select_account"}),
        ("mairie", {}),
        ("mairie", {"prompt": "login"}),
    ],
)
def test_a_provider_that_is_not_shown_is_not_reached_by_hand(shy_world, who, named):
    browser = shy_world.browser()
    page = browser.page(browser.authorize(who, **named))
    refused = browser.choose(page, "poste")
    assert ("poste" in page.text, refused.status_code, "FI-207" in refused.text) == (False, 400, True)


def test_a_service_that_may_not_name_it_is_told_so(shy_world):
    assert "error=invalid_idp_hint" in shy_world.browser().authorize("mairie", idp_hint="poste").location


@pytest.mark.parametrize(("who", "offered"), [("appel", True), ("mairie", False)])
def test_a_session_of_it_serves_those_who_may_name_it(shy_world, who, offered):
    browser = through_the_post(shy_world)
    assert (OFFER in browser.page(browser.authorize(who)).text) is offered


def test_its_session_is_not_reused_by_hand(shy_world):
    browser = through_the_post(shy_world)
    page = browser.page(browser.authorize("mairie"))
    assert "USR-102" in browser.post("/choisir", **page.hidden, action="continue").text


def test_the_operator_tries_it_before_citizens_see_it(shy_world):
    from broker.relying.trial import provider_link
    from tests.broker.world import PUBLIC, SECRET_KEY

    browser = shy_world.browser()
    opened = browser.get(provider_link(PUBLIC, SECRET_KEY, "poste", shy_world.clock()))
    assert "a réussi" in browser.page(browser.prove(opened, "poste")).text


# -- a provider that is hidden for a service --------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{}, {"idp_hint": "impots"}])
def test_a_provider_that_is_hidden_for_a_service_cannot_be_chosen(make_world, named):
    mairie = service("mairie", hidden_providers=frozenset(("impots",)))
    browser = make_world(parties=Parties({**SERVICES, "mairie": mairie}, PROVIDERS)).browser()
    page = browser.page(browser.authorize("mairie", **named))
    assert "FI-207" in browser.choose(page, "impots").text


def test_a_provider_that_is_off_is_not_reached_by_its_name(make_world):
    off = provider("impots", *PROVIDERS["impots"].levels, active=False)
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, "impots": off}))
    browser = world.browser()
    assert isinstance(browser.page(browser.authorize("mairie", idp_hint="impots")), Shown)
    assert world.fi["impots"].received == []
