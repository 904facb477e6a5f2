"""Apache's mod_auth_openidc, from Debian, protects a page by Passerelle: configured as docs/fs/clients.md says."""

import json
import re
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from joserfc import jws

from tests.peers import apache as httpd
from tests.peers.browser import Browser
from tests.peers.programs import free_port
from tests.peers.registrations import Provider
from tests.peers.world import running


@pytest.fixture(scope="module")
def world(tmp_path_factory, node, apache):
    """All programs, for the tests of this file: the broker with its provider, and Apache."""
    folder, port = tmp_path_factory.mktemp("apache"), free_port()
    with (
        running(folder, node, httpd.services(port), (Provider("plain"),)) as peers,
        httpd.running(folder, apache, port, f"{peers.broker}/api/v2") as started,
    ):
        yield peers, started


@pytest.fixture
def browser():
    """A citizen's browser, without cookies."""
    return Browser()


@pytest.fixture(params=httpd.HOSTS)
def at(request, world):
    """The origin of each virtual host in turn."""
    return world[1].origin(request.param)


def to_choice(browser, url):
    """From a page that is protected to the choice of an account."""
    page = browser.open(url)
    return page if page.status == 200 and "/choisir" in page.url else browser.press(page)


def log_in(browser, url, choice=None):
    """From a page that is protected to what is behind it."""
    login = browser.press(choice or to_choice(browser, url), "provider", "plain")
    confirmation = browser.press(login, account="angela", acr="eidas2")
    page = browser.press(confirmation, "action", "continue")
    return browser.press(page) if "/revenir" in page.url else page


def known(browser, at):
    """What the module knows of the citizen."""
    return json.loads(browser.open(f"{at}/callback?info=json").text)


def asked(browser):
    """The parameters of the last authorization request."""
    url = [url for url in browser.visited if "/api/v2/authorize?" in url][-1]
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# -- signing in -------------------------------------------------------------------------------------------------------


def test_the_page_is_there_for_whoever_signs_in(browser, at):
    assert log_in(browser, f"{at}/page/").text == "the page behind it"
    claims = known(browser, at)
    assert re.fullmatch(r"[0-9a-f]{64}v1", claims["userinfo"]["sub"])
    assert (claims["userinfo"]["family_name"], claims["userinfo"]["birthplace"]) == ("DUBOIS", "75107")
    assert claims["id_token"]["acr"] == "eidas2"


def test_the_module_asks_with_a_challenge(browser, at):
    to_choice(browser, f"{at}/page/")
    request = asked(browser)
    claims = json.loads(jws.extract_compact(request["request"].encode()).payload) if "request" in request else request
    assert (len(claims["code_challenge"]), claims["code_challenge_method"]) == (43, "S256")


def test_an_answer_in_a_form_carries_no_code_in_an_address(world, browser):
    at = world[1].origin("form")
    log_in(browser, f"{at}/page/")
    assert [url for url in browser.visited if url.startswith(at)] == [f"{at}/page/", f"{at}/callback", f"{at}/page/"]


def test_tokens_come_encrypted_where_that_was_agreed(world, browser):
    at = world[1].origin("sealed")
    log_in(browser, f"{at}/page/")
    hint = browser.open(f"{at}/callback?logout={quote(f'{at}/', safe='')}", stop_before=world[0].broker).location
    (token,) = parse_qs(urlsplit(hint).query)["id_token_hint"]
    assert jwe_header(token) == ("RSA-OAEP", "A256GCM")


def jwe_header(token):
    """By what a token is encrypted."""
    header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
    return header["alg"], header["enc"]


def test_whoever_leaves_sees_no_page(browser, at):
    page = browser.press(to_choice(browser, f"{at}/page/"), "action", "cancel")
    page = browser.press(page) if "/revenir" in page.url else page
    assert page.url.startswith(f"{at}/callback")
    assert "behind it" not in page.text


def test_the_module_understands_a_refusal_in_a_form(world, browser):
    page = browser.press(to_choice(browser, f"{world[1].origin('form')}/page/"), "action", "cancel")
    assert "access_denied" in browser.press(page).text


def test_the_module_takes_a_refusal_in_an_address_for_something_else_because_of_its_iss(world, browser):
    at = world[1].origin("secret")
    came = browser.press(to_choice(browser, f"{at}/page/"), "action", "cancel", stop_before=at).location
    assert "OIDCDefaultURL" in browser.open(came).text  # why the guide says: in a form
    assert "access_denied" in browser.open(re.sub("&iss=[^&]*", "", came)).text


def test_a_page_that_demands_a_new_authentication_gets_one(world, browser):
    at = world[1].origin("secret")
    log_in(browser, f"{at}/page/")
    browser.cookies.pop("rp-secret.localhost")  # its session ends; ours goes on
    assert ("action", "continue") in to_choice(browser, f"{at}/page/").forms[0].buttons
    browser.cookies.pop("rp-secret.localhost")
    choice = to_choice(browser, f"{at}/again/")
    assert asked(browser)["prompt"] == "login"
    assert ("action", "continue") not in choice.forms[0].buttons
    assert log_in(browser, "", choice).text == "the again behind it"


# -- signing out ------------------------------------------------------------------------------------------------------


def test_a_logout_passes_by_the_provider_and_comes_back(world, browser, at):
    log_in(browser, f"{at}/page/")
    question = browser.open(f"{at}/callback?logout={quote(f'{at}/', safe='')}")
    if "rp-sealed" in at:  # the module sends the token as it got it: only itself can read whom it names, so we ask
        assert question.url.startswith(f"{world[0].broker}/deconnexion")
        question = browser.press(question, "action", "leave_all")
    assert question.url.startswith(f"{world[0].provider}/session/end")
    home = browser.press(question, "logout", "yes")
    assert (home.url, home.text) == (f"{at}/", "goodbye")
    assert ("action", "continue") not in to_choice(browser, f"{at}/page/").forms[0].buttons


def test_the_module_gives_its_token_back_at_a_logout(world, browser):
    at = world[1].origin("secret")
    log_in(browser, f"{at}/page/")
    browser.open(f"{at}/callback?logout={quote(f'{at}/', safe='')}")
    assert " POST /api/v2/token/revocation 200" in world[0].access_log.read_text()
