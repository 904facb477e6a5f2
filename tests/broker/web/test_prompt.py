"""What a service may say about the authentication itself: OpenID Connect Core 3.1.2.1, sentence by sentence."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.broker.world import ISSUER, payload

OFFER = "Vous êtes déjà connecté"


def answer(response):
    return dict(parse_qsl(urlsplit(response.location).query))


@pytest.fixture
def known(world):
    """A browser in which a citizen logged in a minute ago."""
    browser = world.browser()
    browser.log_in()
    world.clock.advance(60)
    return browser


# -- prompt -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "signed_in", "service_id", "error"),
    [
        ("none", False, "mairie", "login_required"),
        ("none", True, "mairie", "interaction_required"),
        ("none", True, "assurance", "consent_required"),
        ("none", False, "assurance", "login_required"),
        ("none", True, "strict", "interaction_required"),
        (" none ", True, "mairie", "interaction_required"),
        ("none none", True, "mairie", "interaction_required"),
        ("none login", True, "mairie", "invalid_request"),
        ("none consent", True, "mairie", "invalid_request"),
        ("select_account none", True, "mairie", "invalid_request"),
        ("create", False, "mairie", "invalid_request"),
        ("None", False, "mairie", "invalid_request"),
        ("login,consent", False, "mairie", "invalid_request"),
    ],
)
def test_a_prompt_that_shows_no_page_ends_in_an_error(world, known, prompt, signed_in, service_id, error):
    browser = known if signed_in else world.browser()
    asked = browser.authorize(service_id, prompt=prompt, acr_values=None)
    assert (asked.status_code, answer(asked)["error"]) == (303, error)


@pytest.mark.parametrize(
    ("prompt", "offered"),
    [
        (None, True),
        ("", True),
        ("consent", True),
        ("select_account", True),
        ("consent select_account", True),
        ("login", False),
        ("login consent", False),
        ("login select_account", False),
        ("login consent select_account", False),
    ],
)
def test_only_a_login_that_is_asked_for_passes_by_the_running_session(known, prompt, offered):
    assert (OFFER in known.page(known.authorize("rsa", prompt=prompt)).text) is offered


def test_consent_is_a_page_even_with_a_running_session(known):
    page = known.page(known.authorize("rsa", prompt="consent"))
    confirmation = known.page(known.post("/choisir", **page.hidden, action="continue"))
    assert "DUBOIS" in confirmation.text


@pytest.mark.parametrize(("prompt", "page"), [(None, False), ("login", False), ("select_account", True)])
def test_a_hinted_provider_is_skipped_to_unless_an_account_is_to_be_selected(world, prompt, page):
    location = world.browser().authorize(prompt=prompt, idp_hint="impots").location
    assert location.startswith("/choisir") is page


def test_the_provider_is_always_asked_to_authenticate_anew(known, world):
    known.choose(known.page(known.authorize("rsa", prompt="login")))
    world.fi["impots"].log_in(known.choose(known.page(known.authorize("rsa", prompt="login"))).location)
    assert world.fi["impots"].asked["prompt"] == "login"


# -- max_age and auth_time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("max_age", "offered"), [("59", False), ("60", True), ("999999999", True), ("0", False), ("", True)]
)
def test_max_age_bounds_the_session_that_serves(known, max_age, offered):
    assert (OFFER in known.page(known.authorize("rsa", max_age=max_age)).text) is offered


def test_a_max_age_of_nothing_is_a_prompt_for_a_login_even_within_the_second(world):
    browser = world.browser()
    browser.log_in()
    assert OFFER not in browser.page(browser.authorize("rsa", max_age="0")).text


def test_a_max_age_that_is_over_makes_a_silent_request_a_login(known):
    assert answer(known.authorize(prompt="none", max_age="59"))["error"] == "login_required"


@pytest.mark.parametrize(
    "changes", [{"max_age": "100"}, {"claims": '{"id_token": {"auth_time": {"essential": true}}}'}, {}]
)
def test_auth_time_is_always_told(known, world, changes):
    began = world.clock() - 60
    page = known.page(known.authorize("rsa", **changes))
    confirmation = known.page(known.post("/choisir", **page.hidden, action="continue"))
    code = answer(known.confirm(confirmation))["code"]
    assert payload(known.redeem(code, "rsa").json["id_token"])["auth_time"] == began


# -- hints, languages, and what is not known --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ignored",
    [
        {"display": "popup"},
        {"display": "hologram"},
        {"login_hint": "angela@courriel.example"},
        {"claims_locales": "fr"},
        {"ui_locales": "tlh x-klingon"},
        {"acr_values": "urn:mace:incommon:iap:silver"},
        {"nobody_knows": "this", "utm_source": "mail"},
        {"eidas_country": "ZZ"},
    ],
    ids=str,
)
def test_what_may_be_ignored_is_no_error(world, ignored):
    assert "code" in world.browser().log_in(**ignored)


def test_a_login_hint_reaches_neither_the_provider_nor_the_page(world):
    browser = world.browser()
    page = browser.page(browser.authorize(login_hint="somebody@courriel.example"))
    browser.prove(browser.choose(page))
    assert "somebody" not in page.text
    assert not any("somebody" in text for text in world.fi["impots"].received)


@pytest.mark.parametrize(
    ("ui_locales", "words"),
    [("en", "Demo"), ("fr", "Démo"), ("de en", "Demo"), ("fr-CA en", "Démo"), ("en-GB", "Demo"), ("de", "Démo")],
)
def test_the_first_language_that_is_spoken_is_taken(world, ui_locales, words):
    browser = world.browser()
    assert f"{words}" in browser.page(browser.authorize(ui_locales=ui_locales)).text.partition("</title>")[0]


# -- GET and POST -----------------------------------------------------------------------------------------------------


def test_a_posted_request_is_served_like_one_in_the_address(world):
    browser = world.browser()
    asked = {"client_id": "mairie", "redirect_uri": "https://mairie.example/retour", "response_type": "code"}
    more = {"scope": "openid email", "state": "é&=+ %2B", "nonce": "n" * 22, "claims": '{"userinfo": {"gender": null}}'}
    page = browser.page(
        browser.get("https://connexion.example" + browser.post("/api/v2/authorize", **asked, **more).location)
    )
    back = browser.confirm(browser.page(browser.prove(browser.choose(page))))
    assert answer(back)["state"] == "é&=+ %2B"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_no_other_method_asks_for_a_login(world, method):
    assert getattr(world.app.test_client(), method)(f"{ISSUER}/authorize").status_code == 405


def test_a_parameter_in_the_address_of_a_post_is_not_read(world):
    posted = world.browser().post("/api/v2/authorize?redirect_uri=https://evil.example/", client_id="mairie")
    assert posted.location == "/api/v2/authorize?client_id=mairie"


def test_select_account_stays_here_whatever_country_is_named(make_abroad):
    world = make_abroad()
    abroad = {"scope": "openid eidas", "eidas_country": "EL"}
    name = next(one.id for one in world.settings.parties.services.values() if one.europe and "eidas" in one.scopes)
    assert world.browser().authorize(name, **abroad).location.startswith("/aller")
    assert world.browser().authorize(name, **abroad, prompt="select_account").location.startswith("/choisir")
