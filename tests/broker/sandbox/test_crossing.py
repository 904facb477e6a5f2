"""French citizens at a service of another country, in the whole simulated world, over HTTP."""

import pytest

from broker.sandbox import neighbours
from broker.sandbox.decoding import readable
from broker.sandbox.flow import strangers
from broker.sandbox.instance import MARK
from broker.sandbox.parties import COMUNE, PROVIDERS
from broker.sandbox.world import build_world
from broker.settings import load
from tests.broker.sandbox.browsing import Browser

pytestmark = pytest.mark.loopback
IMPOTS, POSTE = PROVIDERS
NODE = COMUNE.node


@pytest.fixture
def browser():
    return Browser()


def at_broker(world, browser, path="/"):
    """The first page of the broker, or the page by which it refuses at once."""
    page = browser.press(browser.open(world.address.of(COMUNE.host, path)), "login")
    return browser.press(page, "go") if "go" in page.marked else page


def prove(world, browser, persona="angela", path="/", provider=IMPOTS):
    """What the broker shows when a card was clicked."""
    page = browser.press(at_broker(world, browser, path), f"provider-{provider.id}")
    return browser.press(page, f"persona-{persona}")


def login(world, browser, optional="Gender", **where):
    """What the service abroad shows in the end; one optional attribute is added."""
    page = browser.press(prove(world, browser, **where), "continue", consent="yes", attribute=optional)
    return back(browser, page)


def back(browser, page):
    """From the broker through the Connector to the service; both forms go by themselves in a browser with scripts."""
    return browser.press(browser.press(page, "back"), "go")


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_service_abroad_says_its_language_and_leads_to_the_other(world, language):
    page = Browser(language).open(world.address.of(COMUNE.host, "/"))
    other = Browser(language).click(page, "language")
    assert (page.language, {page.language, other.language}) == (language, {"it", "en"})


def test_the_connector_publishes_what_the_demo_keeps(world, browser):
    page = browser.open(world.address.of(NODE.host, "/connector/metadata"))
    assert f'entityID="{page.url}"' in page.source


def test_the_proxy_services_metadata_of_the_node_stays_expired(world):
    assert (NODE.code, NODE.metadata_days) == ("IT", -3)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "demo"
    build_world(made, 8000, database="memory:").close()
    return made


def test_the_connectors_keys_are_two_and_nobody_elses_to_read(folder):
    signing, encryption = neighbours.connector_keys(folder / MARK)
    paths = (folder / "simulated").glob("connector-it-*.pem")
    assert signing.der != encryption.der
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600]


def test_the_connectors_keys_stay_on_another_port(folder):
    keys = neighbours.connector_keys(folder / MARK)
    build_world(folder, 8001, database="memory:").close()
    assert neighbours.connector_keys(folder / MARK) == keys


@pytest.mark.parametrize("binding", ["post", "redirect", "inside"])
def test_a_french_citizen_logs_in_abroad_by_every_binding(world, browser, binding):
    page = login(world, browser, path=f"/?binding={binding}")
    assert page.url == world.address.of(COMUNE.host, "/")
    assert page.text("claim-PersonIdentifier").startswith("FR/IT/")
    assert (page.text("claim-FirstName"), page.text("level")) == ("Angela Claire Louise", "low")


def test_the_service_abroad_gets_what_it_asked_for_and_the_citizen_added(world, browser):
    minimum = {f"claim-{name}" for name in ("PersonIdentifier", "FamilyName", "FirstName", "DateOfBirth")}
    pages = [login(world, Browser(), path=path) for path in ("/", "/?minimum=yes")]
    got = [{mark for mark in page.marked if mark.startswith("claim-")} for page in pages]
    assert got == [minimum | {"claim-Gender"}, minimum]


def test_the_citizen_who_gives_up_is_back_at_the_service(world, browser):
    page = back(browser, browser.press(prove(world, browser), "cancel"))
    assert page.url == world.address.of(COMUNE.host, "/")
    assert "Responder / RequestDenied" in page.text("status")


@pytest.mark.parametrize("asked", ["provider=no", "sptype=private&requester=urn:it:comune", "wanted=Nationality"])
def test_other_ways_to_ask_are_answered_too(world, browser, asked):
    assert "claim-PersonIdentifier" in login(world, browser, path=f"/?{asked}").marked


@pytest.mark.parametrize(("provider", "level"), [(IMPOTS, "substantial"), (POSTE, "low")], ids=["substantial", "low"])
def test_the_level_is_the_one_that_was_asked_for(world, browser, provider, level):
    assert login(world, browser, path=f"/?level={level}", provider=provider).text("level") == level


def test_a_level_that_france_cannot_reach_is_a_failure_at_the_service(world, browser):
    page = back(browser, at_broker(world, browser, "/?level=high"))
    assert page.url == world.address.of(COMUNE.host, "/")
    assert "Requester / NoAuthnContext" in page.text("status")
    assert "login" in page.marked


def test_nobody_goes_from_greece_through_france_to_italy(world, browser):
    choice = at_broker(world, browser)
    assert "provider-eidas" not in choice.marked
    there = browser.open(choice.url.replace("/choisir", "/eidas/pays"))
    assert (there.status, "SRV-409" in there.source) == (403, True)
    page = back(browser, browser.press(there, "cancel"))
    assert "Responder / RequestDenied" in page.text("status")


def test_one_citizen_is_one_person_to_italy(world):
    identifiers = {login(world, Browser()).text("claim-PersonIdentifier") for _ in range(2)}
    assert len(identifiers) == 1


def test_neither_side_ever_meets_the_other(world):
    for provider in PROVIDERS:
        login(world, Browser(), provider=provider)
    for party in (COMUNE, NODE, IMPOTS, POSTE):
        text = readable(world.recorder.received_by(party.host))
        assert len(text) > 1000
        assert [word for word in strangers(party.host) if word in text] == []


def test_the_story_shows_both_messages_and_who_is_blind(world, browser):
    login(world, browser)
    page = browser.open(world.address.broker + "/dev/flow")
    assert {page.text(f"blind-{role}")[0] for role in ("provider", "country", "service-abroad")} == {"✔"}
    assert page.source.count("verified with the certificate in the metadata") == 2
    assert page.source.count(f"is sealed for {NODE.name.en}") == 1


def test_the_broker_has_fetched_what_the_connector_publishes(world, folder):
    italy = world.broker.extensions["passerelle"]().settings.parties.countries["IT"]
    assert italy.connector.acs == world.address.of(NODE.host, "/connector/acs")
    assert (italy.documents, load(folder, {}).parties.countries["IT"].nodes) == ({}, {})
