"""The store does not answer: the page says so, and its way on is the very same request again."""

import time

import pytest

from broker.ports import StoreUnavailable
from tests.broker.asking import Asked
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, PUBLIC

METHODS = ("read", "grant_stands", "put", "swap", "transaction", "generation")


@pytest.fixture
def store(world, monkeypatch):
    """The store of the world, which fails while `down` says so."""

    class Switch:
        down = False

    def guarded(method):
        def act(*arguments):
            if Switch.down:
                raise StoreUnavailable("the database does not answer")
            return method(*arguments)

        return act

    for name in METHODS:
        monkeypatch.setattr(world.store, name, guarded(getattr(world.store, name)))
    return Switch


def again(response):
    """Where the page's button leads that tries again."""
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    return Document(response.text).one(data_testid="retry").get("href")


@pytest.mark.parametrize(
    "address",
    [
        "/api/v2/authorize?client_id=mairie&redirect_uri=https%3A%2F%2Fmairie.example%2Fretour&response_type=code"
        "&scope=openid&state=a%26b&nonce=nnnnnnnnnnnnnnnnnnnnnn",
        "/api/v2/oidc-callback/impots?code=c&state=handle.state&iss=https%3A%2F%2Fimpots.example",
        "/choisir?j=handle",
        "/confirmer?j=handle&e=1",
        "/revenir?j=handle",
        "/api/v2/client/logout-callback?state=s",
        "/deconnexion?j=handle",
    ],
)
def test_the_way_on_is_the_same_address_again(world, store, address):
    browser = world.browser()
    browser.authorize()
    store.down = True
    assert again(browser.get(PUBLIC + address)) == address


def test_a_form_leads_back_to_its_page_and_from_there_all_works(world, store):
    browser = world.browser()
    shown = browser.page(browser.authorize())
    store.down = True
    back = again(browser.choose(shown))
    store.down = False
    assert back == f"/choisir?j={shown.hidden['j']}"
    assert browser.choose(browser.page(browser.authorize())).location.startswith("https://impots.example/")


def test_a_consent_that_was_lost_is_asked_once_more(world, store):
    browser = world.browser()
    shown = browser.to_confirmation("assurance")
    store.down = True
    back = again(browser.confirm(shown, consent="yes"))
    store.down = False
    assert "DUBOIS" in browser.get(PUBLIC + back).text
    assert "code=" in browser.confirm(shown, consent="yes").location


def test_what_another_site_posted_leads_to_the_choice_of_its_journey(world, store):
    browser = world.browser()
    handle = browser.page(browser.authorize()).hidden["j"]
    store.down = True
    page = browser.post("/eidas/connector/acs", SAMLResponse="PHg+", RelayState=f"{handle}.state")
    assert again(page) == f"/choisir?j={handle}"


def test_a_request_that_another_country_posted_has_no_such_button(tmp_path, monkeypatch):
    def down(*_):
        raise StoreUnavailable("the database does not answer")

    world = Asked(tmp_path)
    citizen = world.citizen()
    for name in METHODS[:-1]:
        monkeypatch.setattr(world.store, name, down)
    page = citizen.come()
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert Document(page.text).all(data_testid="retry") == []


def test_a_program_hears_it_in_its_own_words_and_may_send_the_same_again(world, store):
    browser = world.browser()
    code = browser.log_in()["code"]
    store.down = True
    refused = browser.redeem(code)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert (refused.json["error"], "#SYS-504" in refused.json["error_uri"]) == ("temporarily_unavailable", True)
    store.down = False
    assert browser.redeem(code).status_code == 200


@pytest.mark.parametrize("path", ["userinfo", "token/revocation", "par"])
def test_no_program_is_shown_a_page(world, store, path):
    store.down = True
    form = {"client_id": "mairie", "client_secret": "a-secret-with-many-random-bits-0123456789", "token": "t"}
    form |= {"response_type": "code", "scope": "openid", "state": "s", "nonce": "n" * 22}
    form |= {"redirect_uri": "https://mairie.example/retour"} if path == "par" else {}
    headers = {"Authorization": "Bearer t"} if path == "userinfo" else {}
    client = world.app.test_client()
    answer = client.post(f"/api/v2/{path}", data={} if headers else form, headers=headers, base_url=PUBLIC)
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "application/json", "10")


def test_a_store_that_is_slow_to_fail_still_lets_the_page_be_seen(world, store, monkeypatch):
    browser = world.browser()
    browser.authorize()
    moment = [time.monotonic()]

    def slow():
        moment[0] += 3.0  # what a server that is not there takes, until the connection is given up
        raise StoreUnavailable("the database does not answer")

    monkeypatch.setattr("broker.app.time.monotonic", lambda: moment[0])
    monkeypatch.setattr(world.store, "generation", slow)
    world.app.extensions["passerelle"]._looked = moment[0] - 2
    began = moment[0]
    page = browser.get(f"{ISSUER}/authorize?client_id=mairie")
    assert (again(page), moment[0] - began) == ("/api/v2/authorize?client_id=mairie", 3.0)
