"""Each address that takes a post: what keeps another site from posting there in the name of a citizen.

The list is whole: an address that is added and does not stand here fails the first test.
"""

import json

import pytest

from tests.broker.asking import Asked
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, PUBLIC, SECRET

OURS = ("/choisir", "/confirmer", "/deconnexion", "/eidas/pays")
"""Forms of our own pages: a step token, and Sec-Fetch-Site where the browser says it."""
REDIRECTED = ("/api/v2/authorize", "/api/v2/session/end")
"""Answered 303 before it is read: what comes then is a GET, which writes nothing that a link could not."""
OF_OTHERS = ("/eidas/connector/acs", "/eidas/proxy/sso")
"""From another site by their nature: a message that another country signed, for a state or an ID that counts once."""
FOR_PROGRAMS = ("/api/v2/token", "/api/v2/userinfo", "/api/v2/token/revocation", "/api/v2/par", "/api/v2/checktoken")
"""No cookie counts there: whoever posts brings a secret or a token of his own."""
READ_ONLY = ("/eidas/verifier",)
"""Looks at a file and keeps nothing."""
CONSOLE = ("/console/decisions", "/console/entrer", "/console/pays/<code>", "/console/sortir")
"""Behind the gate of the console: `console/test_entry.py`."""
WITHDRAWAL = ("/mes-autorisations",)
"""A form of our own page as well: `test_agreements.py`."""
SITES = {"another site": "cross-site", "a sibling host": "same-site"}


def test_every_address_that_takes_a_post_is_known_here(world):
    posts = {rule.rule for rule in world.app.url_map.iter_rules() if "POST" in rule.methods}
    assert posts == {*OURS, *REDIRECTED, *OF_OTHERS, *FOR_PROGRAMS, *READ_ONLY, *CONSOLE, *WITHDRAWAL}


# -- the forms of our own pages ---------------------------------------------------------------------------------------


def at(path, make_abroad):
    """A browser before the form of this path, what a right answer posts, and what that answer leads to."""
    world = make_abroad()
    browser = world.traveller()
    match path:
        case "/choisir":
            return (
                browser,
                {**browser.page(browser.authorize("rsa")).hidden, "provider": "impots"},
                "https://impots.example/",
            )
        case "/confirmer":
            shown = browser.to_confirmation("rsa")
            return browser, {**shown.hidden, "action": "continue"}, "https://rsa.example/retour?code="
        case "/eidas/pays":
            page = browser.page(browser.authorize("rsa"))
            shown = Document(browser.get(f"{PUBLIC}/eidas/pays?j={page.hidden['j']}").text)
            fields = {field.get("name"): field.get("value") for field in shown.all("input", type="hidden")}
            return browser, {**fields, "country": "EL"}, "/aller?j="
    browser.log_in("rsa")
    shown = browser.page(browser.get(f"{ISSUER}/session/end?client_id=rsa"))
    return browser, {**shown.hidden, "action": "leave"}, "/deconnexion"


def posted(browser, path, form, site=None):
    headers = {"Sec-Fetch-Site": site} if site else {}
    return browser.client.post(path, data=form, headers=headers, base_url=PUBLIC)


@pytest.mark.parametrize("path", OURS)
def test_the_form_of_our_own_page_counts(make_abroad, path):
    browser, form, there = at(path, make_abroad)
    assert posted(browser, path, form, "same-origin").location.startswith(there)


@pytest.mark.parametrize("path", OURS)
@pytest.mark.parametrize("site", SITES.values(), ids=SITES.keys())
def test_a_post_of_another_site_is_refused_even_with_the_right_token(make_abroad, path, site):
    browser, form, there = at(path, make_abroad)
    assert "USR-103" in posted(browser, path, form, site).text
    assert posted(browser, path, form).location.startswith(there)  # nothing has moved


TOKENS = {
    "no token": lambda _: None,
    "an empty token": lambda _: "",
    "a guessed token": lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "a token in other letters": lambda _: "é\u202e",
}


@pytest.mark.parametrize("path", OURS)
@pytest.mark.parametrize("forge", TOKENS.values(), ids=TOKENS.keys())
def test_a_post_of_a_browser_that_does_not_say_from_where_needs_the_token(make_abroad, path, forge):
    browser, form, _ = at(path, make_abroad)
    step = forge(form.pop("step"))
    answer = posted(browser, path, form if step is None else {**form, "step": step})
    assert (answer.status_code, "USR-103" in answer.text) == (409, True)


@pytest.mark.parametrize("path", OURS)
def test_the_token_of_another_browser_opens_nothing(make_abroad, path):
    browser, form, _ = at(path, make_abroad)
    stranger = browser.world.traveller()
    stranger.authorize("rsa")
    answer = posted(stranger, path, form)
    assert (answer.status_code >= 400, "USR-102" in answer.text) == (True, True)


# -- what other sites may post to -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", REDIRECTED)
def test_what_a_service_posts_is_not_read_before_it_comes_by_get(world, path):
    browser = world.browser()
    browser.log_in()
    answer = posted(
        browser, path, {"client_id": "mairie", "post_logout_redirect_uri": "https://mairie.example/"}, "cross-site"
    )
    assert (answer.status_code, answer.location.startswith(f"{path}?client_id=mairie")) == (303, True)
    assert "Vous êtes déjà connecté" in browser.page(browser.authorize("rsa")).text


@pytest.mark.parametrize("path", FOR_PROGRAMS)
def test_no_cookie_is_a_right_of_a_program(world, path):
    browser = world.browser()
    code = browser.log_in()["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://mairie.example/retour"}
    more = {} if path == "/api/v2/checktoken" else form  # which takes nothing that it does not know
    answer = posted(browser, path, {**more, "client_id": "mairie", "token": "t"}, "cross-site")
    assert (answer.status_code, json.loads(answer.text)["error"] in ("invalid_client", "invalid_token")) == (401, True)
    assert browser.redeem(code).status_code == 200


def test_a_message_that_nobody_asked_for_moves_nothing(make_abroad):
    traveller = make_abroad().traveller()
    page = traveller.page(traveller.authorize("rsa"))
    forged = posted(
        traveller, "/eidas/connector/acs", {"SAMLResponse": "PHg+", "RelayState": page.hidden["j"]}, "cross-site"
    )
    assert "code=" not in (forged.location or "")
    assert traveller.choose(page).location.startswith("https://impots.example/")


def test_a_request_that_no_country_signed_begins_nothing(tmp_path):
    citizen = Asked(tmp_path).citizen()
    answer = posted(citizen, "/eidas/proxy/sso", {"SAMLRequest": "PHg+", "RelayState": "r"}, "cross-site")
    assert (answer.status_code >= 400, answer.headers.getlist("Set-Cookie")) == (True, [])


def test_a_file_that_is_looked_at_leaves_no_row(world):
    before = dict(world.store._rows)
    answer = world.browser().post("/eidas/verifier", metadata="<x/>", client_secret=SECRET)
    assert (answer.status_code < 500, world.store._rows) == (True, before)
