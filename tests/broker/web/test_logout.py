"""Leaving: what ends, who is told, and how the citizen comes back."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.broker.world import ISSUER

OFFER = "Vous êtes déjà connecté"
AFTER = "https://mairie.example/"


def end(browser, **params):
    return browser.get(f"{ISSUER}/session/end?{urlencode(params)}")


def log_in(browser, service="mairie"):
    return browser.redeem(browser.log_in(service)["code"], service).json


@pytest.fixture
def browser(world):
    """A browser in which a citizen is logged in, with the tokens of the town hall."""
    browser = world.browser()
    browser.tokens = log_in(browser)
    return browser


def hint(browser, **more):
    return {"id_token_hint": browser.tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "s t", **more}


def test_a_valid_hint_ends_the_session_and_goes_to_the_provider(browser):
    location = end(browser, **hint(browser)).location
    asked = dict(parse_qsl(urlsplit(location).query))
    assert location.startswith("https://impots.example/end?")
    assert asked["post_logout_redirect_uri"] == f"{ISSUER}/client/logout-callback"


def test_the_provider_is_told_nothing_of_the_service(browser):
    location = end(browser, **hint(browser)).location
    assert "mairie" not in location
    assert "s+t" not in location


def test_the_citizen_comes_back_to_the_service_with_its_state(browser):
    location = end(browser, **hint(browser)).location
    state = dict(parse_qsl(urlsplit(location).query))["state"]
    assert browser.get(f"{ISSUER}/client/logout-callback?state={state}").location == f"{AFTER}?state=s+t"


def test_another_browser_cannot_use_the_way_back(browser, world):
    state = dict(parse_qsl(urlsplit(end(browser, **hint(browser)).location).query))["state"]
    assert "USR-102" in world.browser().get(f"{ISSUER}/client/logout-callback?state={state}").text


def test_single_sign_on_ends(browser):
    end(browser, **hint(browser))
    assert OFFER not in browser.page(browser.authorize("rsa")).text


def test_the_session_is_ended_in_the_store_not_only_in_the_browser(browser):
    cookie = browser.client.get_cookie("__Host-sso", domain="connexion.example").value
    end(browser, **hint(browser))
    browser.client.set_cookie("__Host-sso", cookie, domain="connexion.example", secure=True)
    assert OFFER not in browser.page(browser.authorize("rsa")).text


def test_the_tokens_of_the_session_end(browser):
    end(browser, **hint(browser))
    assert browser.userinfo(browser.tokens["access_token"]).status_code == 401


def leave(browser):
    browser.post("/deconnexion", **browser.page(end(browser, client_id="mairie")).hidden, action="leave")


@pytest.mark.parametrize("fi", ["impots", "poste"])
def test_the_tokens_of_the_session_before_end_too(browser, fi):
    browser.redeem(browser.log_in("rsa", fi)["code"], "rsa")  # a fresh session takes the place of the first
    assert browser.userinfo(browser.tokens["access_token"]).status_code == 200
    leave(browser)
    assert browser.userinfo(browser.tokens["access_token"]).status_code == 401


def test_an_expired_hint_still_counts(browser, world):
    world.clock.advance(600)
    assert end(browser, **hint(browser)).location.startswith("https://impots.example/end?")


def test_without_a_session_the_service_still_gets_its_citizen_back(browser, world):
    world.clock.advance(1800)
    assert end(browser, **hint(browser)).location == f"{AFTER}?state=s+t"


def test_a_provider_that_is_down_does_not_keep_the_citizen(browser, world, monkeypatch):
    monkeypatch.setattr("broker.app.load", lambda _folder: world.settings)
    world.app.extensions["passerelle"]._looked = 0.0
    world.store.raise_generation()  # a worker that has never seen the provider
    del world.fi["impots"]
    assert end(browser, **hint(browser)).location == f"{AFTER}?state=s+t"


def test_the_hint_of_somebody_else_ends_nothing_without_a_question(browser, world):
    other = world.browser()
    world.fi["impots"].claims["family_name"] = "MARTIN"
    stranger = log_in(other)
    location = end(browser, id_token_hint=stranger["id_token"], post_logout_redirect_uri=AFTER).location
    assert location.startswith("/deconnexion?j=")
    assert OFFER in browser.page(browser.authorize("rsa")).text


def test_without_a_hint_the_citizen_is_asked(browser):
    page = browser.page(end(browser, client_id="mairie", post_logout_redirect_uri=AFTER))
    assert "Voulez-vous vous déconnecter" in page.text


def ask(browser):
    return browser.page(end(browser, client_id="mairie", post_logout_redirect_uri=AFTER, state="x"))


def test_the_citizen_may_stay(browser):
    stayed = browser.post("/deconnexion", **ask(browser).hidden, action="cancel")
    assert stayed.location == f"{AFTER}?state=x"
    assert OFFER in browser.page(browser.authorize("rsa")).text


def test_the_citizen_may_leave_here_alone(browser):
    assert browser.post("/deconnexion", **ask(browser).hidden, action="leave").location == f"{AFTER}?state=x"
    assert OFFER not in browser.page(browser.authorize("rsa")).text


def test_the_citizen_may_leave_the_provider_too(browser):
    left = browser.post("/deconnexion", **ask(browser).hidden, action="leave_all")
    assert left.location.startswith("https://impots.example/end?")


def test_a_forged_logout_form_ends_nothing(browser):
    page = ask(browser)
    assert "USR-103" in browser.post("/deconnexion", j=page.hidden["j"], step="forged", action="leave").text


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"client_id": "mairie", "post_logout_redirect_uri": "https://evil.example/"}, "SRV-406"),
        ({"id_token_hint": "a.b.c", "post_logout_redirect_uri": AFTER}, "SRV-407"),
        ({"post_logout_redirect_uri": AFTER}, "SRV-407"),
    ],
)
def test_a_wrong_request_gets_a_page_and_no_redirect(browser, params, code):
    refused = end(browser, **params)
    assert (refused.status_code, code in refused.text) == (400, True)


def test_the_hint_of_another_service_is_refused(browser):
    refused = end(browser, **hint(browser, client_id="rsa", post_logout_redirect_uri="https://rsa.example/"))
    assert "SRV-407" in refused.text


def test_a_userinfo_answer_is_no_hint(browser):
    userinfo = browser.userinfo(browser.tokens["access_token"]).text
    assert "SRV-407" in end(browser, id_token_hint=userinfo).text


def test_a_code_is_worth_nothing_after_the_logout(browser):
    code = browser.log_in(prompt="login")["code"]
    end(browser, **hint(browser))
    assert browser.redeem(code).json["error"] == "invalid_grant"
