"""A service that asks for its answer in a form gets it there: by a page of ours that works without a script as well."""

import re

import pytest

from broker.web.passage import SCRIPT_HASH
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, STATE

BACK = "https://mairie.example/retour"


def posted(text):
    """Where the page's form goes, and what it carries."""
    page = Document(text)
    fields = {field.get("name"): field.get("value") for field in page.all("input")}
    return page.one("form").get("action"), fields


@pytest.fixture
def browser(world):
    return world.browser()


@pytest.fixture
def answer(browser):
    """The page that the citizen's confirmation leads to."""
    return browser.page(browser.confirm(browser.to_confirmation(response_mode="form_post"))).response


def test_the_code_comes_in_a_form_with_state_and_issuer(answer):
    action, fields = posted(answer.text)
    assert (action, set(fields), fields["state"], fields["iss"]) == (BACK, {"code", "state", "iss"}, STATE, ISSUER)


def test_the_code_of_a_form_is_exchanged_like_any_other(browser, answer):
    assert browser.redeem(posted(answer.text)[1]["code"]).status_code == 200


def test_no_address_ever_carries_the_code(browser):
    confirmed = browser.confirm(browser.to_confirmation(response_mode="form_post"))
    assert re.fullmatch(r"/revenir\?j=[\w-]+", confirmed.location)


def test_the_page_may_post_to_the_service_alone_and_run_one_script(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"form-action 'self' https://mairie.example ; script-src {SCRIPT_HASH}")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert (answer.headers["X-Frame-Options"], "frame-ancestors 'none'" in policy) == ("DENY", True)


def test_a_button_sends_the_form_where_no_script_runs(answer):
    button = Document(answer.text).one("button")
    assert (button.get("data-testid"), button.get("type"), button.get("formaction")) == ("back", "", "")


@pytest.mark.parametrize(("tag", "words"), [("fr", "Vous retournez vers"), ("en", "You are going back to")])
def test_the_page_speaks_the_citizens_language(browser, tag, words):
    page = browser.to_confirmation(response_mode="form_post", ui_locales=tag)
    assert words in browser.page(browser.confirm(page)).text


def test_the_same_page_comes_again_while_the_code_lives(browser, world):
    location = browser.confirm(browser.to_confirmation(response_mode="form_post")).location
    assert posted(browser.get(location).text) == posted(browser.get(location).text)
    world.clock.advance(30)
    late = browser.get(location)
    assert (late.status_code, Document(late.text).all("form")) == (409, [])


def test_nobody_else_can_open_the_page(browser, world):
    location = browser.confirm(browser.to_confirmation(response_mode="form_post")).location
    thief = world.browser()
    thief.authorize()
    assert "USR-102" in thief.get(location).text


def test_a_citizen_who_turns_back_brings_the_error_in_a_form(browser):
    page = browser.page(browser.authorize(response_mode="form_post"))
    back = browser.page(browser.post("/choisir", **page.hidden, action="cancel"))
    action, fields = posted(back.text)
    assert (action, fields["error"], fields["state"], fields["iss"]) == (BACK, "access_denied", STATE, ISSUER)
    assert "Rien sur vous n’est transmis" in back.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"scope": "email"}, "invalid_request"), ({"prompt": "none"}, "login_required"), ({"nonce": None}, "invalid_request")],
)
def test_an_error_of_the_request_comes_in_a_form(browser, changes, error):
    refused = browser.authorize(response_mode="form_post", **changes)
    action, fields = posted(refused.text)
    assert (refused.status_code, action, fields["error"]) == (200, BACK, error)
    assert {"error_description", "error_uri", "state", "iss"} < set(fields)


def test_an_error_about_the_address_is_posted_nowhere(browser):
    refused = browser.authorize(response_mode="form_post", redirect_uri="https://evil.example/")
    assert (refused.status_code, Document(refused.text).all("form"), "evil" in str(refused.headers)) == (400, [], False)


REFLECTED = {
    "markup": '"><script>alert(1)</script>',
    "another field": '"><input name="code" value="stolen">',
    "right to left": "\u202egro.live",
    "a null in UTF-8 overlong": "%C0%80",
    "quotes": "a'b\"c`d",
    "template": "{{ 7 * 7 }}",
    "an emoji and a combining letter": "e\u0301\U0001f511",
}


@pytest.mark.parametrize("state", REFLECTED.values(), ids=REFLECTED.keys())
def test_a_state_comes_back_as_it_was_and_writes_no_markup(browser, state):
    page = Document(browser.authorize(response_mode="form_post", nonce=None, state=state).text)
    assert {field.get("value") for field in page.all("input") if field.get("name") == "state"} == {state}
    assert [field.get("name") for field in page.all("input")] == ["error", "error_description", "error_uri", "iss", "state"]
    assert len(page.all("script")) == 1
