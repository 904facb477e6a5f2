"""The simulated service, against the simulated provider alone: both speak OpenID Connect, so no broker is needed."""

import threading
from dataclasses import dataclass, replace

import pytest
from werkzeug.serving import make_server

from broker.parties import Text
from broker.sandbox.believing import Distrusted
from broker.sandbox.pages import Party
from broker.sandbox.parties import SERVICES
from broker.sandbox.provider import SimulatedProvider
from broker.sandbox.relying import Relying, Wish
from broker.sandbox.service import CALLBACK, SIGNED_OUT, SimulatedService, check_left
from broker.sandbox.vouching import Registered
from tests.broker.sandbox.browsing import Browser
from tests.broker.sandbox.providers import IMPOTS, NOW, signing, simulated

MAIRIE = SERVICES[0]


@dataclass
class Pair:
    """A service and its provider, served at two host names."""

    fs: str
    provider: SimulatedProvider
    moment: list[int]

    def fault(self, name: str | None) -> None:
        self.provider.faults.switch(IMPOTS.id, name)

    def at_cards(self, browser: Browser, path: str = "/login"):
        """The provider's login page."""
        return browser.open(self.fs + path)

    def login(self, browser: Browser, path: str = "/login"):
        """What the service shows in the end."""
        return browser.press(self.at_cards(browser, path), "persona-angela")


@pytest.fixture(scope="module")
def served():
    apps = {}
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: apps[environ["HTTP_HOST"].partition(":")[0]](environ, start), threaded=True
    )
    fs, fi = f"http://fs.localhost:{server.port}", f"http://fi.localhost:{server.port}"
    moment = [NOW]
    client = Registered(MAIRIE.id, "secret", (fs + CALLBACK,), (fs + SIGNED_OUT,))
    provider = simulated(signing(IMPOTS), issuer=fi, client=client, clock=lambda: moment[0])
    service = replace(MAIRIE, scopes=("openid", "profile", "email"))
    relying = Relying(service, fi, "secret", fs + CALLBACK, lambda: moment[0])
    simulated_service = SimulatedService(relying, fs, "http://about.localhost/", lambda: moment[0])
    apps["fi.localhost"] = provider.app(Party(Text("Fi", "Fi"), "fi", ""))
    apps["fs.localhost"] = simulated_service.app(Party(Text("Fs", "Fs"), "fs", ""))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Pair(fs, provider, moment)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def pair(served):
    served.fault(None)
    served.moment[0] = NOW
    return served


@pytest.fixture
def browser():
    return Browser()


pytestmark = pytest.mark.loopback


# -- a login ----------------------------------------------------------------------------------------------------------


def test_a_login_shows_every_claim(pair, browser):
    page = pair.login(browser)
    assert page.text("claim-given_name") == "Angela Claire Louise"
    assert page.text("acr") == "eidas1"


def test_a_service_can_demand_a_level(pair, browser):
    assert pair.login(browser, "/login?level=eidas2").text("acr") == "eidas2"


def test_a_service_can_ask_for_nothing_but_the_identifier(pair, browser):
    page = pair.login(browser, "/login?scope=openid")
    assert [mark for mark in page.marked if mark.startswith("claim-")] == ["claim-sub"]


def test_a_session_stays(pair, browser):
    pair.login(browser)
    assert "signed-in" in browser.open(pair.fs + "/").marked


def test_two_tabs_may_be_on_their_way(pair, browser):
    first, second = pair.at_cards(browser), pair.at_cards(browser)
    pages = [browser.press(first, "persona-angela"), browser.press(second, "persona-hugo")]
    assert ["signed-in" in page.marked for page in pages] == [True, True]


def test_a_logout_ends_both_sessions(pair, browser):
    page = browser.press(pair.login(browser), "logout")
    assert "signed-out" in page.marked
    assert "login" in browser.open(pair.fs + "/").marked


def test_a_logout_without_a_session_leads_home(pair, browser):
    assert "login" in browser._follow("POST", pair.fs + "/logout", {}).marked


def test_the_citizen_who_gives_up_reads_it(pair, browser):
    page = browser.press(pair.at_cards(browser), "cancel")
    assert page.text("error-code") == "access_denied"


@pytest.mark.parametrize(
    ("asked", "in_address"),
    [
        ("prompt=login", "prompt=login"),
        ("ui_locales=en", "ui_locales=en"),
        ("level=eidas9", "acr_values=eidas1"),
        ("prompt=x", ""),
    ],
)
def test_the_variations_reach_the_request(pair, browser, asked, in_address):
    location = browser.step("GET", f"{pair.fs}/login?{asked}").headers["Location"]
    assert in_address in location
    assert "prompt=x" not in location


def test_english_is_asked_for_where_english_is_spoken(pair):
    location = Browser("en").step("GET", pair.fs + "/login").headers["Location"]
    assert "ui_locales=en" in location


# -- attacks and faults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "named"),
    [("fi.bad_nonce", "nonce"), ("fi.bad_sig", "signature"), ("fi.no_sub", "sub"), ("fi.http_500", "status 500")],
)
def test_a_bad_answer_opens_no_session(pair, browser, fault, named):
    pair.fault(fault)
    page = pair.login(browser)
    assert named in page.text("error-detail")
    assert "login" in browser.open(pair.fs + "/").marked


def test_a_level_that_is_too_low_opens_no_session(pair, browser):
    pair.fault("fi.lower_loa")
    assert "acr" in pair.login(browser, "/login?level=eidas2").text("error-detail")


def answer_in_address(pair, browser):
    """The address at the service that a login leads to, not yet opened."""
    cards = pair.at_cards(browser)
    form = next(form for form in cards.forms if "persona-angela" in form.buttons)
    return browser.step("POST", form.action, {**form.fields, "persona": "angela"}).headers["Location"]


def test_an_answer_is_heard_once(pair, browser):
    address = answer_in_address(pair, browser)
    browser.open(address)
    assert "state" in browser.open(address).text("error-detail")


def test_an_answer_in_another_browser_is_refused(pair, browser):
    assert "state" in Browser().open(answer_in_address(pair, browser)).text("error-detail")


@pytest.mark.parametrize(("old", "new"), [("iss=http", "iss=https"), ("iss=", "was=")])
def test_an_answer_of_somebody_else_is_refused(pair, browser, old, new):
    address = answer_in_address(pair, browser).replace(old, new)
    assert "iss" in browser.open(address).text("error-detail")


def test_a_key_that_rotated_costs_no_login(pair, browser):
    pair.login(browser)
    vouching = pair.provider.vouching
    vouching._key = type(vouching._key).generate_key("P-256")
    vouching._key.ensure_kid()
    assert "signed-in" in pair.login(browser).marked


def test_a_logout_that_nobody_asked_for_is_not_believed(pair, browser):
    assert "state" in browser.open(f"{pair.fs}{SIGNED_OUT}?state=forged").text("error-detail")


def test_a_broker_that_is_silent_is_said_so():
    relying = Relying(MAIRIE, "http://fc.localhost:1", "secret", "http://fs.localhost:1/callback", lambda: NOW)
    with pytest.raises(Distrusted, match="no answer"):
        relying.ask(Wish(MAIRIE.scopes))


@pytest.mark.parametrize("expected", ["b", None])
def test_a_logout_needs_its_state(expected):
    with pytest.raises(Distrusted):
        check_left("a", expected)
