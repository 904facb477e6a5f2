"""The service abroad: a button, and a page that shows what came; a login belongs to the browser that began it."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from broker.sandbox.abroad import ServiceAbroad
from broker.sandbox.node.connector import Outcome
from broker.sandbox.node.hearing import Person, Received
from broker.sandbox.node.writing import Status
from broker.sandbox.pages import Party
from broker.sandbox.parties import COMUNE
from tests.broker.sandbox.nodes import NOW

CONNECTOR = "http://node.it.localhost:1/connector/login"
IN_GREEK = "Ντυμπουά"
ANGELA = Person(
    "substantial",
    (Received("FamilyName", ("Dubois",), (IN_GREEK,)), Received("CurrentAddress", ("6 rue de l’Église\nParis",))),
)
DENIED = Status("Responder", "RequestDenied", "no <consent>")


class Town:
    """The service, its Connector's shelf, and a browser."""

    def __init__(self):
        self.outcomes = {}
        service = ServiceAbroad(COMUNE, CONNECTOR, lambda result: self.outcomes.pop(result, None), lambda: NOW)
        self.app = service.app(Party(COMUNE.name, COMUNE.id, "/dev/flow"))
        self.browser = self.app.test_client()

    def press(self, path="/login"):
        """The button: what the Connector is asked."""
        return dict(parse_qsl(urlsplit(self.browser.get(path).headers["Location"]).query))

    def come_back(self, answer, state=None, browser=None):
        """The Connector sends the browser back."""
        state = self.press()["state"] if state is None else state
        self.outcomes["r"] = Outcome(state, answer)
        return (browser or self.browser).get("/back", query_string={"state": state, "result": "r"}, follow_redirects=True)


@pytest.fixture
def town():
    return Town()


@pytest.mark.parametrize(("language", "words"), [("it", "Iscrizione anagrafica"), ("en", "Register your residence")])
def test_its_pages_are_italian_and_english(town, language, words):
    page = town.browser.get("/", headers={"Accept-Language": language})
    assert (f'<html lang="{language}">' in page.text, words in page.text) == (True, True)


def test_it_is_italian_to_whoever_wishes_for_another_language(town):
    page = town.browser.get("/", headers={"Accept-Language": "fr"})
    assert '<html lang="it">' in page.text
    assert 'data-testid="language">English<' in page.text


@pytest.mark.parametrize("path", ["/", "/back?state=x", "/person", "/status"])
def test_no_page_of_it_has_a_word_in_french(town, path):
    if path in ("/person", "/status"):
        page = town.come_back(ANGELA if path == "/person" else DENIED)
    else:
        page = town.browser.get(path)
    assert '<html lang="it">' in page.text
    assert "Simulazione" in page.text
    assert not any(word in page.text for word in ("Aller", "Voir", "Langue", "inventées"))


def test_the_button_leads_to_the_connector(town):
    page = town.browser.get("/login")
    assert page.headers["Location"].startswith(f"{CONNECTOR}?state=")


def test_what_the_address_asks_for_is_handed_on(town):
    page = town.browser.get("/login?level=high&wanted=Gender&wanted=Nationality&other=x")
    given = parse_qs(urlsplit(page.headers["Location"]).query)
    assert given.pop("state")
    assert given == {"level": ["high"], "wanted": ["Gender", "Nationality"]}


def test_the_first_page_hands_on_what_its_address_asks_for(town):
    assert '<input type="hidden" name="level" value="high">' in town.browser.get("/?level=high").text


def test_a_person_is_shown_with_all_that_came(town):
    page = town.come_back(ANGELA)
    assert f'data-testid="claim-FamilyName">Dubois\n{IN_GREEK}<' in page.text
    assert 'data-testid="claim-CurrentAddress">6 rue de l’Église\nParis<' in page.text
    assert 'data-testid="level">substantial<' in page.text


def test_a_failure_is_shown_with_its_reasons_and_the_button(town):
    page = town.come_back(DENIED)
    assert 'data-testid="status"' in page.text
    assert "Responder / RequestDenied" in page.text
    assert "no &lt;consent&gt;" in page.text
    assert "Riprova" in page.text


def test_whoever_signs_out_is_gone(town):
    town.come_back(ANGELA)
    page = town.browser.post("/logout", follow_redirects=True)
    assert ("Dubois" in page.text, 'data-testid="login"' in page.text) == (False, True)


def test_a_login_of_another_browser_is_refused(town):
    state = town.press()["state"]
    page = town.come_back(ANGELA, state, town.app.test_client())
    assert (page.status_code, "not asked for by this browser" in page.text) == (400, True)


def test_a_login_that_nobody_asked_for_is_refused(town):
    assert town.come_back(ANGELA, "").status_code == 400


def test_the_outcome_of_another_login_is_refused(town):
    state = town.press()["state"]
    town.outcomes["r"] = Outcome("another", ANGELA)
    page = town.browser.get("/back", query_string={"state": state, "result": "r"})
    assert (page.status_code, "not the outcome of this login" in page.text) == (400, True)


def test_an_outcome_that_is_not_there_is_refused(town):
    state = town.press()["state"]
    page = town.browser.get("/back", query_string={"state": state, "result": "none"})
    assert (page.status_code, 'data-testid="refused"' in page.text) == (400, True)


def test_two_tabs_may_be_on_their_way(town):
    first, second = town.press()["state"], town.press()["state"]
    pages = [town.come_back(ANGELA, state) for state in (first, second)]
    assert [page.status_code for page in pages] == [200, 200]
