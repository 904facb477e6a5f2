"""Claims asked one by one, through whole logins: what a service gets, where, of whom, and what it never gets."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from broker.parties import Parties
from tests.broker.world import PROVIDERS, SERVICES, payload, service

STANDARD = {"iss", "sub", "aud", "exp", "iat"}
ID_TOKEN = STANDARD | {"auth_time", "nonce", "acr", "at_hash"}


def answer(response):
    return dict(parse_qsl(urlsplit(response.location).query))


def got(world, service_id="mairie", scope="openid", **claims):
    """The claims of the ID token and of the userinfo, without those that every token has."""
    browser = world.browser()
    tokens = browser.redeem(browser.log_in(service_id, scope=scope, claims=json.dumps(claims))["code"], service_id).json
    id_token, userinfo = payload(tokens["id_token"]), payload(browser.userinfo(tokens["access_token"]).text)
    assert id_token["sub"] == userinfo["sub"]
    return (
        {name: value for name, value in id_token.items() if name not in ID_TOKEN},
        {name: value for name, value in userinfo.items() if name not in STANDARD},
    )


MAIL = "angela@courriel.example"


@pytest.mark.parametrize(
    ("scope", "claims", "id_token", "userinfo"),
    [
        ("openid", {"userinfo": {"email": None}}, {}, {"email": MAIL}),
        ("openid", {"userinfo": {"email": {"essential": True}}}, {}, {"email": MAIL}),
        ("openid", {"id_token": {"email": None}}, {"email": MAIL}, {}),
        ("openid email", {"id_token": {"email": None}}, {"email": MAIL}, {"email": MAIL}),
        ("openid email", {"userinfo": {"family_name": None}}, {}, {"email": MAIL, "family_name": "DUBOIS"}),
        ("openid", {"userinfo": {"gender": {"value": "female"}}}, {}, {"gender": "female"}),
        ("openid", {"userinfo": {"gender": {"value": "male"}}}, {}, {}),
        ("openid", {"userinfo": {"gender": {"values": ["male", "female"]}}}, {}, {"gender": "female"}),
        ("openid email", {"userinfo": {"email": {"value": "x@y.example"}}}, {}, {"email": MAIL}),
        ("openid", {"id_token": {"gender": {"value": "male"}}, "userinfo": {"gender": None}}, {}, {"gender": "female"}),
        ("openid", {"id_token": {"amr": {"essential": True}}}, {"amr": ["pwd", "mail"]}, {}),
        ("openid amr", {}, {"amr": ["pwd", "mail"]}, {}),
        ("openid", {"userinfo": {"amr": None}}, {}, {}),
        ("openid", {"userinfo": {"phone_number": {"essential": True}, "address": None}}, {}, {}),
        ("openid", {"userinfo": {"country": {"essential": True}, "idp_id": None, "sub": None}}, {}, {}),
        ("openid", {"id_token": {"rep_scope": {"essential": True}, "iss": {"value": "https://evil.example"}}}, {}, {}),
    ],
)
def test_what_is_asked_is_got_where_it_is_asked_if_a_granted_scope_opens_it(world, scope, claims, id_token, userinfo):
    assert got(world, scope=scope, **claims) == (id_token, userinfo)


def test_the_scopes_granted_count_and_not_the_scopes_asked(make_world):
    shy = {"mairie": service("mairie", scopes=frozenset(("openid", "email")))}
    world = make_world(parties=Parties({**SERVICES, **shy}, PROVIDERS))
    assert got(world, userinfo={"email": None, "family_name": {"essential": True}, "birthplace": None}) == (
        {},
        {"email": MAIL},
    )


def test_the_page_shows_what_is_asked_one_by_one(world):
    page = world.browser().to_confirmation(scope="openid", claims='{"userinfo": {"email": null}}')
    assert (MAIL in page.text, "DUBOIS" in page.text, "ni votre nom" in page.text) == (True, False, False)


def test_the_page_does_not_show_what_will_not_be_sent(world):
    wanted = '{"userinfo": {"gender": {"value": "male"}, "email": null}}'
    page = world.browser().to_confirmation(scope="openid", claims=wanted)
    assert ("Sexe" in page.text, MAIL in page.text) == (False, True)


def test_a_private_service_gets_no_claim_of_the_parameter_without_consent(world):
    browser = world.browser()
    page = browser.to_confirmation("assurance", scope="openid", claims='{"id_token": {"email": null}}')
    assert browser.confirm(page).location.endswith("#erreurs")


def test_a_claim_in_the_id_token_cannot_stand_in_the_place_of_one_of_ours(world):
    id_token, _ = got(world, id_token={"aud": {"value": "rsa"}, "nonce": {"value": "n"}, "acr": {"value": "eidas3"}})
    assert id_token == {}


# -- acr --------------------------------------------------------------------------------------------------------------


def acr_of(world, **how):
    browser = world.browser()
    claims = json.dumps({"id_token": {"acr": how}})
    return payload(browser.redeem(browser.log_in(claims=claims, acr_values=None)["code"]).json["id_token"])["acr"]


@pytest.mark.parametrize(
    ("how", "acr"),
    [
        ({"essential": True, "value": "eidas2"}, "eidas2"),
        ({"essential": True, "value": "eidas1"}, "eidas1"),  # eidas2 was proven, and covers it
        ({"essential": True, "values": ["eidas1", "eidas2", "eidas3"]}, "eidas2"),
        ({"essential": True}, "eidas2"),
        ({"value": "eidas1"}, "eidas2"),
        ({"value": "urn:other"}, "eidas2"),
    ],
)
def test_an_essential_acr_is_answered_with_a_value_that_was_asked(world, how, acr):
    assert acr_of(world, **how) == acr


def test_an_essential_acr_that_a_provider_does_not_reach_is_no_login(world):
    world.fi["impots"].acr = "eidas1"
    browser = world.browser()
    claims = '{"id_token": {"acr": {"essential": true, "value": "eidas2"}}}'
    choice = browser.page(browser.authorize(claims=claims))
    back = browser.page(browser.prove(browser.choose(choice)))
    assert "FI-204" in back.text
    given_up = browser.post("/choisir", **back.hidden, action="cancel")
    assert answer(given_up)["error"] == "unmet_authentication_requirements"


def test_an_essential_acr_that_nobody_knows_fails_at_once(world):
    claims = '{"id_token": {"acr": {"essential": true, "value": "urn:other"}}}'
    assert answer(world.browser().authorize(claims=claims))["error"] == "unmet_authentication_requirements"


# -- one person -------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(world):
    """A browser whose citizen was logged in, with the ID token of the town hall."""
    browser = world.browser()
    browser.id_token = browser.redeem(browser.log_in()["code"]).json["id_token"]
    return browser


def wants(known, way):
    return {
        "id_token_hint": {"id_token_hint": known.id_token},
        "claims": {"claims": json.dumps({"id_token": {"sub": {"value": payload(known.id_token)["sub"]}}})},
    }[way]


@pytest.fixture(params=["id_token_hint", "claims"])
def wanted(request, known):
    """The two ways of asking about one person."""
    return wants(known, request.param)


def test_the_person_who_is_wanted_logs_in(known, wanted):
    assert "code" in known.log_in(prompt="login", **wanted)


def test_an_expired_hint_counts(known, world):
    world.clock.advance(3600)
    assert "code" in known.log_in(id_token_hint=known.id_token)


def test_the_running_session_of_the_person_serves(known, wanted):
    assert "Vous êtes déjà connecté" in known.page(known.authorize(**wanted)).text


def test_the_session_of_somebody_else_does_not_serve(known, wanted, world):
    other = world.browser()
    world.fi["impots"].claims["family_name"] = "MARTIN"
    other.log_in()
    assert "Vous êtes déjà connecté" not in other.page(other.authorize(**wanted)).text
    assert answer(other.authorize(prompt="none", **wanted))["error"] == "login_required"


def test_somebody_else_is_told_so_and_the_service_that_a_login_is_required(known, wanted, world):
    world.fi["impots"].claims["family_name"] = "MARTIN"
    browser = world.browser()
    back = browser.page(browser.prove(browser.choose(browser.page(browser.authorize(**wanted)))))
    assert ("USR-105" in back.text, "MARTIN" in back.text, "DUBOIS" in back.text) == (True, False, False)
    assert answer(browser.post("/choisir", **back.hidden, action="cancel"))["error"] == "login_required"


def test_after_somebody_else_the_person_can_still_come(known, wanted, world):
    world.fi["impots"].claims["family_name"] = "MARTIN"
    browser = world.browser()
    back = browser.page(browser.prove(browser.choose(browser.page(browser.authorize(**wanted)))))
    page = browser.page(browser.prove(browser.choose(back, "poste"), "poste"))
    assert "code" in answer(browser.confirm(page))


def test_the_release_itself_is_of_nobody_else(known, wanted, world, monkeypatch):
    """Whatever the steps before have let pass."""
    monkeypatch.setattr("broker.flow.Flow.check_wanted", lambda *_: None)
    world.fi["impots"].claims["family_name"] = "MARTIN"
    browser = world.browser()
    refused = browser.confirm(browser.to_confirmation(**wanted))
    assert (refused.status_code, "USR-105" in refused.text) == (403, True)


def test_a_sub_of_another_service_is_nobody_here(known, world):
    claims = json.dumps({"id_token": {"sub": {"value": payload(known.id_token)["sub"]}}})
    assert answer(known.authorize("rsa", claims=claims, prompt="none"))["error"] == "login_required"


FORGED = {
    "of another service": lambda known: known.redeem(known.log_in("rsa")["code"], "rsa").json["id_token"],
    "a userinfo": lambda known: known.userinfo(known.redeem(known.log_in()["code"]).json["access_token"]).text,
    "cut short": lambda known: known.id_token[:-4],
    "without a signature": lambda known: "eyJhbGciOiJub25lIn0." + known.id_token.split(".")[1] + ".",
    "a word": lambda _: "angela",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_hint_that_is_not_ours_for_this_service_is_refused(known, forge):
    back = answer(known.authorize(id_token_hint=forge(known)))
    assert (back["error"], "id_token_hint" in back["error_description"]) == ("invalid_request", True)
