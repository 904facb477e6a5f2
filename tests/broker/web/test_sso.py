"""Single sign-on: natural across services up to substantial, never silent, and broken by whatever should break it."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from broker.assurance import Level
from broker.parties import Parties
from tests.broker.world import PROVIDERS, SERVICES, provider, service

OFFER = "Vous êtes déjà connecté"


@pytest.fixture
def signed_in(world):
    """A browser in which a citizen has logged in to the town hall at level substantial."""
    browser = world.browser()
    browser.log_in()
    return browser


def choice(browser, service_id="rsa", **changes):
    return browser.page(browser.authorize(service_id, **changes))


def reuse(browser, shown):
    return browser.page(browser.post("/choisir", **shown.hidden, action="continue"))


def test_a_second_service_is_offered_the_running_session(signed_in):
    page = choice(signed_in)
    assert OFFER in page.text
    assert "Angela Martin" in page.text


def test_the_second_service_is_reached_without_the_provider(signed_in, world):
    asked_before = len(world.fi["impots"].received)
    confirmation = reuse(signed_in, choice(signed_in))
    assert "code=" in signed_in.confirm(confirmation).location
    assert len(world.fi["impots"].received) == asked_before


def test_a_reused_session_still_shows_what_will_be_sent(signed_in):
    assert "DUBOIS" in reuse(signed_in, choice(signed_in)).text


def test_another_browser_is_offered_nothing(signed_in, world):
    assert OFFER not in choice(world.browser()).text


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"max_age": "0"}, {"acr_values": "eidas3"}, {"prompt": "login consent"}]
)
def test_prompt_max_age_and_a_higher_level_break_it(signed_in, world, changes):
    world.clock.advance(1)
    assert OFFER not in choice(signed_in, **changes).text


def test_max_age_that_is_not_over_does_not_break_it(signed_in, world):
    world.clock.advance(60)
    assert OFFER in choice(signed_in, max_age="60").text


def test_a_session_lives_thirty_minutes_without_use(signed_in, world):
    world.clock.advance(1800)
    assert OFFER not in choice(signed_in).text


def test_a_session_lives_on_when_it_is_used(signed_in, world):
    world.clock.advance(1700)
    signed_in.confirm(reuse(signed_in, choice(signed_in)))
    world.clock.advance(1700)
    assert OFFER in choice(signed_in, "mairie").text


def test_auth_time_stays_the_one_of_the_authentication(signed_in, world):
    from tests.broker.world import payload

    began = world.clock()
    world.clock.advance(100)
    back = signed_in.confirm(reuse(signed_in, choice(signed_in)))
    code = dict(parse_qsl(urlsplit(back.location).query))["code"]
    assert payload(signed_in.redeem(code, "rsa").json["id_token"])["auth_time"] == began


def test_a_proof_at_level_high_is_never_shared(make_world):
    strong = {"impots": provider("impots", Level.LOW, Level.SUBSTANTIAL, Level.HIGH)}
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, **strong}))
    world.fi["impots"].acr = "eidas3"
    browser = world.browser()
    browser.log_in(acr_values="eidas3")
    assert OFFER not in choice(browser, acr_values="eidas1").text


def test_a_provider_that_is_hidden_for_the_service_breaks_it(make_world):
    shy = {"rsa": service("rsa", hidden_providers=frozenset(("impots",)))}
    world = make_world(parties=Parties({**SERVICES, **shy}, PROVIDERS))
    browser = world.browser()
    browser.log_in()
    assert OFFER not in choice(browser).text


def test_a_session_cannot_be_reused_past_its_offer(signed_in):
    refused = signed_in.post("/choisir", **choice(signed_in, prompt="login").hidden, action="continue")
    assert "USR-102" in refused.text


def test_a_session_that_ended_before_the_confirmation_releases_nothing(signed_in, world):
    confirmation = reuse(signed_in, choice(signed_in))
    signed_in.client.delete_cookie("__Host-sso", domain="connexion.example")
    assert "USR-102" in signed_in.confirm(confirmation).text


def test_each_authentication_gets_a_new_session_secret(signed_in):
    before = signed_in.client.get_cookie("__Host-sso", domain="connexion.example").value
    signed_in.log_in(prompt="login")
    assert signed_in.client.get_cookie("__Host-sso", domain="connexion.example").value != before


def test_the_old_session_is_gone_after_a_new_authentication(signed_in, world):
    old = signed_in.client.get_cookie("__Host-sso", domain="connexion.example").value
    signed_in.log_in(prompt="login")
    signed_in.client.set_cookie("__Host-sso", old, domain="connexion.example", secure=True)
    assert OFFER not in choice(signed_in).text


def test_a_silent_request_never_shows_a_page_and_never_releases(signed_in):
    back = dict(parse_qsl(urlsplit(signed_in.authorize("mairie", prompt="none").location).query))
    assert back["error"] == "interaction_required"


def test_a_disabled_provider_cannot_be_chosen_by_hand(make_world):
    off = {"poste": replace(PROVIDERS["poste"], active=False)}
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, **off}))
    browser = world.browser()
    page = choice(browser)
    assert "FI-207" in browser.choose(page, "poste").text


def test_a_provider_that_is_too_weak_cannot_be_chosen_by_hand(world):
    browser = world.browser()
    page = choice(browser, "strict")
    assert "FI-204" in browser.choose(page, "poste").text


def test_a_provider_that_is_too_weak_is_named_with_the_reason(world):
    page = choice(world.browser(), "strict")
    assert 'data-testid="provider-poste"' not in page.text
    assert "Compte poste" in page.text
