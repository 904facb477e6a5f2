"""Logout as a denial of service: what a stranger, or another service, can do to end somebody's session. Nothing."""

from urllib.parse import urlencode

import pytest

from tests.broker.world import ISSUER, PUBLIC

OFFER = "Vous êtes déjà connecté"
AFTER = "https://mairie.example/"


@pytest.fixture
def victim(world):
    """A browser in which a citizen is signed in; its tokens at the town hall."""
    browser = world.browser()
    browser.tokens = browser.redeem(browser.log_in()["code"]).json
    return browser


def still_there(victim):
    return (
        OFFER in victim.page(victim.authorize("rsa")).text
        and victim.userinfo(victim.tokens["access_token"]).status_code == 200
    )


def another_persons(world, _victim):
    other = world.browser()
    world.fi["impots"].claims["family_name"] = "MARTIN"
    return {"id_token_hint": other.redeem(other.log_in()["code"]).json["id_token"]}


def the_hint_for_another_service(world, victim):
    other = world.browser()
    return {"id_token_hint": other.redeem(other.log_in("rsa")["code"], "rsa").json["id_token"], "client_id": "mairie"}


ASKED = {
    "an image of the logout in a page": lambda *_: {},
    "a service that has no hint": lambda *_: {"client_id": "mairie", "post_logout_redirect_uri": AFTER},
    "another service": lambda *_: {"client_id": "rsa", "post_logout_redirect_uri": "https://rsa.example/"},
    "the hint of another person": another_persons,
    "a hint that was issued to another service": the_hint_for_another_service,
    "a hint without a signature": lambda _, v: {"id_token_hint": v.tokens["id_token"].rpartition(".")[0] + "."},
    "a userinfo as a hint": lambda _, v: {"id_token_hint": v.userinfo(v.tokens["access_token"]).text},
    "an access token as a hint": lambda _, v: {"id_token_hint": v.tokens["access_token"]},
    "a hint twice": lambda _, v: [("id_token_hint", v.tokens["id_token"])] * 2,
    "a name of the person": lambda *_: {"client_id": "mairie", "logout_hint": "angela@courriel.example"},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_a_stranger_opens_in_the_victims_browser_ends_nothing(world, victim, asked, method):
    query = urlencode(asked(world, victim))
    location = f"{ISSUER}/session/end?{query}"
    if method == "POST":
        form = {"data": query, "content_type": "application/x-www-form-urlencoded"}
        location = PUBLIC + victim.client.post("/api/v2/session/end", base_url=PUBLIC, **form).location
    assert victim.get(location).status_code in (303, 400)
    assert still_there(victim)


def test_the_hint_of_the_person_in_a_strangers_browser_ends_nothing(world, victim):
    stranger = world.browser()
    stranger.log_in("rsa")
    ended = stranger.get(f"{ISSUER}/session/end?{urlencode({'id_token_hint': victim.tokens['id_token']})}")
    assert ended.status_code == 303
    assert still_there(victim)


def test_the_page_of_a_logout_is_answered_in_its_own_browser_alone(world, victim):
    page = victim.page(victim.get(f"{ISSUER}/session/end?client_id=mairie"))
    stranger = world.browser()
    stranger.log_in("rsa")
    assert "USR-102" in stranger.post("/deconnexion", **page.hidden, action="leave").text
    assert still_there(victim)


def test_logouts_of_strangers_leave_no_row(world, victim):
    rows = len(world.store._rows)
    for _ in range(50):
        world.browser().get(f"{ISSUER}/session/end?client_id=mairie&post_logout_redirect_uri={AFTER}")
    assert len(world.store._rows) == rows
