"""What developers read in the sandbox: what was sent beside what is registered; and nobody reads it in production."""

import json
import logging
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.broker.world import ISSUER, SERVICES

RETURN = "https://mairie.example/retour"
CASES = {
    "redirect_uri": (
        {"redirect_uri": f"{RETURN}/"},
        ("SRV-402  redirect_uri is not registered", f"registered  {RETURN}\n", '^ one character more: "/"', "mairie.toml"),
    ),
    "client_id": (
        {"client_id": "mairi"},
        ("SRV-401  client_id is not registered", "registered  mairie\n", '^ one character missing: "e"'),
    ),
}


@pytest.fixture
def sandbox(make_world):
    return make_world(mode="sandbox")


def answer(response):
    return dict(parse_qsl(urlsplit(response.location).query))


@pytest.mark.parametrize("case", CASES)
def test_the_panel_shows_the_nearest_registered_value_and_where_they_part(sandbox, case):
    changes, told = CASES[case]
    page = unescape(sandbox.browser().authorize(**changes).text)
    assert [text for text in told if text not in page] == []
    assert 'data-testid="developer" open' in page


@pytest.mark.parametrize("case", CASES)
def test_in_production_nobody_reads_what_others_have_registered(world, case):
    changes, told = CASES[case]
    page = unescape(world.browser().authorize(**changes).text)
    assert 'data-testid="developer"' not in page
    assert [text for text in (*told, RETURN, "registered  ") if text in page] == []


def leave(world):
    browser = world.browser()
    hint = browser.redeem(browser.log_in()["code"]).json["id_token"]
    address = f"{ISSUER}/session/end?id_token_hint={hint}&post_logout_redirect_uri=https://mairie.example"
    return unescape(browser.get(address).text)


def test_a_logout_address_is_compared_with_those_for_logout(sandbox):
    page = leave(sandbox)
    assert "SRV-406  post_logout_redirect_uri is not registered" in page
    assert 'one character missing: "/"' in page


def test_a_logout_address_is_not_compared_in_production(world):
    assert "registered  " not in leave(world)


def test_the_panel_names_the_reference_that_the_journal_has(sandbox, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    page = sandbox.browser().authorize(redirect_uri=f"{RETURN}/").text
    (event,) = (json.loads(record.message) for record in caplog.records if '"problem"' in record.message)
    assert (event["service"], f"passerelle explain {event['ref']}" in page) == ("mairie", True)


HINTS = {
    "an account": ({"idp_hint": "impot"}, "idp_hint 'impot' does not exist, the nearest is 'impots'"),
    "a scope": ({"scope": "openid emial phone"}, "scope 'emial' does not exist, the nearest is 'email' (it was ignored)"),
    "a level": ({"acr_values": "eidas4", "prompt": "x"}, "acr_values 'eidas4' does not exist, the nearest is 'eidas"),
}


@pytest.mark.parametrize("case", HINTS)
def test_a_refusal_says_what_may_have_been_meant_in_the_sandbox_alone(sandbox, world, case):
    changes, hint = HINTS[case]
    told, untold = (answer(one.browser().authorize(**changes))["error_description"] for one in (sandbox, world))
    assert (hint in told, "nearest" in untold) == (True, False)


@pytest.mark.parametrize("evil", ['"><script>', "a\\b", "é" * 100])
def test_what_a_stranger_sends_leaves_a_description_in_its_characters(sandbox, evil):
    told = answer(sandbox.browser().authorize(scope=f"openid phone {evil}"))["error_description"]
    assert (told.isascii(), set(told) & set('"\\<>')) == (True, set())


def test_what_is_passed_over_in_silence_is_in_the_journal_of_the_sandbox(sandbox, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    sandbox.browser().authorize(scope="openid emial")
    assert "'emial' does not exist, the nearest is 'email'" in caplog.text


def test_what_is_passed_over_in_silence_is_in_no_journal_in_production(world, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    world.browser().authorize(scope="openid emial")
    assert "emial" not in caplog.text


def test_a_service_hears_which_method_it_sent_and_which_is_registered(make_world):
    from broker.parties import Parties
    from tests.broker.world import PROVIDERS, service

    basic = service("mairie", authentication=frozenset(("client_secret_basic",)))
    browser = make_world(parties=Parties({**SERVICES, "mairie": basic}, PROVIDERS)).browser()
    told = browser.redeem("c" * 43).json["error_description"]
    assert "you sent client_secret_post, this client is registered for client_secret_basic" in told
