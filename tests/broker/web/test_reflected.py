"""Whatever somebody else wrote and we show, or send on: it stays a value, whatever letters it is written in."""

import json
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, PUBLIC

TRICKS = {
    "markup": '"><script>alert(1)</script>',
    "an attribute": "' onfocus='alert(1)",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "an override of direction": "\u202egro.live\u202c",
    "a mark that nobody sees": "a\u200bb\ufeff",
    "a letter of another alphabet": "m\u0430irie",
    "half a pair, escaped": "%ED%A0%80",
    "an overlong null": "%C0%80",
    "full width": "\uff1cscript\uff1e",
    "an emoji and a combining letter": "e\u0301\U0001f511",
    "a format string": "%s%n{0}",
}
"""What stands in the place of a word."""


def values(text):
    """A page that came out well formed, with no script and no handler of a stranger."""
    page = Document(text)
    assert page.faults == []
    assert [script.get("src") for script in page.all("script") if "alert" in script.text] == []
    assert [one for one in page.elements if any(name.startswith("on") for name in one.attributes)] == []
    return page


PLACES = {
    "a handle": "/choisir?j={}",
    "a handle of the confirmation": "/confirmer?j={}",
    "a handle of a logout": "/deconnexion?j={}",
    "a country": "/eidas/pays?j=x&c={}",
    "a search of the help": "/aide?q={}",
    "a reference of the help": "/aide?ref={}",
    "a language": "/?lang={}",
    "a parameter that nobody knows": "/statut?x={}",
    "an address that is none": "/{}",
    "a state that is nobody's": "/api/v2/oidc-callback/impots?state={}&code=c",
    "a client": "/api/v2/authorize?client_id={}",
    "an address of a service": "/api/v2/authorize?client_id=mairie&redirect_uri={}",
    "a state of a logout": "/api/v2/client/logout-callback?state={}",
    "a client of a logout": "/api/v2/session/end?post_logout_redirect_uri=https://mairie.example/&client_id={}",
    "a hint of a logout": "/api/v2/session/end?id_token_hint={}",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_page_shows_a_strangers_word_as_a_word(world, place, trick):
    browser = world.browser()
    browser.authorize()
    answer = browser.get(PUBLIC + place.format(quote(trick)))
    assert answer.status_code < 500
    assert "<script>alert" not in answer.text
    assert "49{%" not in answer.text
    if answer.mimetype == "text/html":
        values(answer.text)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_what_the_developer_is_shown_in_the_sandbox_is_text_too(make_world, trick):
    world = make_world(mode="sandbox")
    page = values(world.browser().authorize(redirect_uri=f"https://mairie.example/{trick}").text)
    assert "received" in " ".join(text for text, _ in page.texts)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("broken", [{"nonce": "short"}, {}], ids=["an error", "a code"])
def test_a_state_comes_back_as_it_went_and_adds_no_parameter(world, broken, trick):
    browser = world.browser()
    if broken:
        location = browser.authorize(state=trick, **broken).location
    else:
        location = browser.confirm(browser.to_confirmation(state=trick)).location
    fields = dict(parse_qsl(urlsplit(location).query))
    expected = {"error", "error_description", "error_uri", "iss", "state"} if broken else {"code", "iss", "state"}
    assert (fields["state"], set(fields), location.isascii()) == (trick, expected, True)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_the_state_of_a_logout_comes_back_as_it_went(world, trick):
    asked = {"client_id": "mairie", "post_logout_redirect_uri": "https://mairie.example/", "state": trick}
    location = world.browser().get(f"{ISSUER}/session/end?{urlencode(asked)}").location
    assert (dict(parse_qsl(urlsplit(location).query)), location.isascii()) == ({"state": trick}, True)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_description_says_only_what_rfc_6749_lets_it_say(world, trick):
    browser = world.browser()
    twice = browser.authorize().location  # a journey, so that the next request is not this browser's first
    assert twice
    asked = {"client_id": "mairie", "redirect_uri": "https://mairie.example/retour", "response_type": "code"}
    query = urlencode([*asked.items(), ("scope", "openid"), (trick, "1"), (trick, "2")])
    description = dict(parse_qsl(urlsplit(browser.get(f"{ISSUER}/authorize?{query}").location).query))["error_description"]
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", description)  # RFC 6749 4.1.2.1
    assert "script" not in description or "<" not in description


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_program_hears_json_and_a_challenge_of_one_line(world, trick):
    client = world.app.test_client()
    form = {"grant_type": trick, "client_id": trick, "client_secret": trick, "code": trick}
    answer = client.post("/api/v2/token", data=form, base_url=PUBLIC)
    assert set(json.loads(answer.text)) == {"error", "error_description", "error_uri", "ref"}
    assert all(value.isascii() and value.isprintable() for _, value in answer.headers)


# -- what a provider says of a person ---------------------------------------------------------------------------------

FIELDS = ("preferred_username", "email", "given_name", "family_name")


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("field", FIELDS)
def test_a_name_is_refused_or_shown_as_a_name(world, field, trick):
    world.fi["impots"].claims[field] = f"{trick}@courriel.example" if field == "email" else trick
    browser = world.browser()
    proven = browser.prove(
        browser.choose(browser.page(browser.authorize(scope="openid identite_pivot email preferred_username")))
    )
    page = values(browser.page(proven).text)
    shown = "".join(text for text, _ in page.texts)
    assert (proven.location.startswith("/choisir"), "\u202e" in shown) in ((True, False), (False, False))


def test_a_name_that_is_right_is_shown(world):
    world.fi["impots"].claims["preferred_username"] = "D'Artagnan-Ève"
    browser = world.browser()
    assert "D&#39;Artagnan-Ève" in browser.to_confirmation(scope="openid preferred_username").text
