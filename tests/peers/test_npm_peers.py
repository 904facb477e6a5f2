"""openid-client signs citizens in through Passerelle with accounts at oidc-provider: neither is ours."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.peers.browser import Browser
from tests.peers.world import running, shown

LOGINS = 20


@pytest.fixture(scope="module")
def peers(tmp_path_factory, node):
    """All programs, for the tests of this file."""
    with running(tmp_path_factory.mktemp("peers"), node) as started:
        yield started


@pytest.fixture
def browser():
    """A citizen's browser, without cookies."""
    return Browser()


def parameters(url):
    """The names of the parameters of an address."""
    return {pair.partition("=")[0] for pair in urlsplit(url).query.split("&")}


# -- signing in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["plain", "signed"])
@pytest.mark.parametrize("service", ["basic", "post", "app"])
def test_every_kind_of_client_gets_the_claims_of_every_kind_of_provider(peers, browser, service, provider):
    got = peers.log_in(browser, service=service, provider=provider)
    sub = got["claims"].pop("sub")
    assert re.fullmatch(r"[0-9a-f]{64}v1", sub)
    assert got["id_token"]["sub"] == sub
    assert {name: value for name, value in got["claims"].items() if name not in ("iss", "aud", "iat", "exp")} == {
        "given_name": "Angela Claire Louise",
        "given_name_array": ["Angela", "Claire", "Louise"],
        "family_name": "DUBOIS",
        "preferred_username": "Martin",
        "gender": "female",
        "birthdate": "1962-08-24",
        "birthplace": "75107",
        "birthcountry": "99100",
        "email": "angela@courriel.example",
    }


def test_a_birth_abroad_on_an_unknown_day_arrives_with_an_empty_place_and_its_zeros(peers, browser):
    claims = peers.log_in(browser, "zoe")["claims"]
    assert (claims["birthdate"], claims["birthplace"], claims["birthcountry"]) == ("1976-02-00", "", "99139")
    assert claims["family_name"] == "D'ALMEIDA-SŒUR"


@pytest.mark.parametrize("acr", ["eidas1", "eidas2"])
def test_the_level_that_the_provider_reached_arrives_at_the_service(peers, browser, acr):
    assert peers.log_in(browser, acr=acr)["id_token"]["acr"] == acr


def test_an_account_that_vouches_too_low_brings_the_citizen_back_to_the_choice(peers, browser):
    page = peers.to_confirmation(browser, acr="eidas1", query="?acr_values=eidas2")
    assert "FI-204" in page.text
    assert ("provider", "plain") in page.forms[0].buttons


def test_one_person_has_one_sub_at_a_service_whichever_provider_vouches(peers):
    subs = {peers.log_in(Browser(), provider=provider)["claims"]["sub"] for provider in ("plain", "signed")}
    assert len(subs) == 1


def test_a_second_sign_in_needs_no_provider(peers, browser):
    first = peers.log_in(browser)
    visited = len(browser.visited)
    confirmation = browser.press(browser.open(f"{peers.home}basic/login"), "action", "continue")
    second = shown(browser.press(confirmation, "action", "continue"))
    assert second["claims"]["sub"] == first["claims"]["sub"]
    assert not [url for url in browser.visited[visited:] if url.startswith(peers.provider)]


def test_neither_peer_is_told_of_the_other(peers, browser):
    peers.log_in(browser)
    asked = next(url for url in browser.visited if url.startswith(f"{peers.provider}/auth"))
    answered = next(url for url in browser.visited if "/basic/callback" in url)
    assert "fs.localhost" not in asked
    assert parameters(answered) == {"code", "state", "iss"}


# -- saying no --------------------------------------------------------------------------------------------------------


def test_the_service_hears_access_denied_when_the_citizen_leaves_the_choice(peers, browser):
    choice = browser.open(f"{peers.home}basic/login?state=state-of-this-test")
    answer = browser.press(choice, "action", "cancel", stop_before=peers.home).location
    assert parameters(answer) == {"error", "error_description", "error_uri", "state", "iss"}
    assert "state=state-of-this-test" in answer


@pytest.mark.parametrize("page", ["choice", "confirmation"])
def test_openid_client_takes_a_refusal_for_what_it_is(peers, browser, page):
    reached = peers.to_confirmation(browser) if page == "confirmation" else browser.open(f"{peers.home}basic/login")
    got = shown(browser.press(reached, "action", "cancel"))
    assert got["error"] == "access_denied"
    assert got["parameters"]["state"]


def test_whoever_leaves_the_provider_comes_back_to_the_choice_and_may_go_on(peers, browser):
    choice = browser.press(peers.to_provider(browser), "cancel", "yes")
    assert "FI-201" in choice.text
    login = browser.press(choice, "provider", "signed")
    confirmation = browser.press(login, account="angela", acr="eidas1")
    assert shown(browser.press(confirmation, "action", "continue"))["claims"]["family_name"] == "DUBOIS"


# -- signing out ------------------------------------------------------------------------------------------------------


def test_a_logout_reaches_the_provider_and_comes_back_to_the_service(peers, browser):
    peers.log_in(browser)
    session_there = browser.cookie("fi-plain.localhost", "_session")
    question = browser.open(f"{peers.home}basic/logout")
    assert question.url.startswith(f"{peers.provider}/session/end")
    home = browser.press(question, "logout", "yes")
    assert home.url == f"{peers.home}?state=state-of-the-logout"
    assert session_there
    assert browser.cookie("fi-plain.localhost", "_session") != session_there
    assert browser.cookie("fc.localhost", "__Host-sso") is None


def test_after_a_logout_nobody_is_signed_in_any_more(peers, browser):
    peers.log_in(browser)
    browser.press(browser.open(f"{peers.home}basic/logout"), "logout", "yes")
    choice = browser.open(f"{peers.home}basic/login")
    assert ("action", "continue") not in choice.forms[0].buttons


def test_the_token_of_a_login_ends_with_the_session(peers, browser):
    peers.log_in(browser)
    kept = {name: dict(cookies) for name, cookies in browser.cookies.items()}
    browser.press(browser.open(f"{peers.home}basic/logout"), "logout", "yes")
    browser.cookies["fs.localhost"] = kept["fs.localhost"]
    assert shown(browser.open(f"{peers.home}basic/userinfo"))["error"] == "invalid_token"


# -- two workers ------------------------------------------------------------------------------------------------------


def to_callback(peers, browser):
    """The address that brings a code to the service, not opened yet."""
    confirmation = peers.to_confirmation(browser)
    return browser.press(confirmation, "action", "continue", stop_before=peers.home).location


def test_a_code_is_changed_once_and_its_replay_ends_the_token_that_it_gave(peers, browser):
    callback = to_callback(peers, browser)
    assert shown(browser.open(callback))["claims"]["family_name"] == "DUBOIS"
    assert shown(browser.open(f"{peers.home}basic/userinfo"))["claims"]["family_name"] == "DUBOIS"
    assert shown(browser.open(callback))["error"] == "invalid_grant"
    assert shown(browser.open(f"{peers.home}basic/userinfo"))["error"] == "invalid_token"


def test_of_eight_that_bring_one_code_at_the_same_time_one_at_most_gets_a_token(peers, browser):
    callback = to_callback(peers, browser)
    with ThreadPoolExecutor(8) as pool:
        answers = [shown(page) for page in pool.map(browser.open, [callback] * 8)]
    refused = [answer for answer in answers if answer.get("error") == "invalid_grant"]
    assert len(refused) == 7


def test_twenty_people_sign_in_at_the_same_time_through_both_workers_and_each_is_himself(peers):
    accounts = [f"citizen-{chr(ord('a') + number)}" for number in range(LOGINS)]
    with ThreadPoolExecutor(LOGINS) as pool:
        got = list(pool.map(lambda account: peers.log_in(Browser(), account), accounts))
    assert [one["claims"]["family_name"] for one in got] == [account.upper() for account in accounts]
    assert len({one["claims"]["sub"] for one in got}) == LOGINS
    assert len(peers.workers) == 2
