"""Citizens of other countries in the whole simulated world, over HTTP."""

import pytest

from broker.sandbox.decoding import readable
from broker.sandbox.faults import COUNTRY_FAULTS
from broker.sandbox.flow import strangers
from broker.sandbox.node.people import LOGIN, load_europeans
from broker.sandbox.parties import NODES, SERVICES
from broker.sandbox.world import build_world
from broker.settings import load
from tests.broker.sandbox.browsing import Browser
from tests.broker.sandbox.travelling import at_cards, at_countries, login, prove

pytestmark = pytest.mark.loopback
GREECE, GERMANY, ITALY = NODES
MAIRIE, ASSURANCE = SERVICES
PEOPLE = load_europeans()


@pytest.fixture
def browser():
    return Browser()


# -- logins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.id)
@pytest.mark.parametrize("node", [GREECE, GERMANY], ids=lambda one: one.code)
def test_a_citizen_logs_in_between_every_service_and_every_node(world, browser, service, node):
    page = login(world, browser, service=service, node=node)
    assert (page.text("claim-given_name"), page.text("claim-family_name")) == ("Aristotelis", "Onasis")
    assert page.text("acr") == "eidas2"


@pytest.mark.slow
@pytest.mark.parametrize("persona", PEOPLE.values(), ids=lambda one: one.id)
def test_every_card_keeps_its_promise(world, browser, persona):
    page = prove(world, browser, persona.id)
    if persona.expect != LOGIN:
        assert persona.expect in page.source
        return
    page = browser.press(page, "continue", consent="yes")
    got = {name: page.text(f"claim-{name}") if f"claim-{name}" in page.marked else "" for name in persona.claims}
    assert got == persona.claims


def test_one_citizen_is_one_person_to_a_service_and_another_in_another_country(world):
    subs = [login(world, Browser(), node=node).text("claim-sub") for node in (GREECE, GREECE, GERMANY)]
    assert subs[0] == subs[1] != subs[2]


def test_the_page_of_countries_says_why_one_is_missing(world, browser):
    page = at_countries(world, browser)
    assert {"country-EL", "country-DE"} < set(page.marked)
    assert "country-IT" not in page.marked
    assert "Italie" in page.text("missing")


def test_a_country_that_does_not_reach_the_level_is_missing(world, browser):
    page = at_countries(world, browser, path="/login?level=eidas3")
    assert "country-EL" in page.marked
    assert "country-DE" not in page.marked
    assert "Allemagne" in page.text("missing")


def test_a_citizen_of_too_low_a_level_is_refused_by_his_country(world, browser):
    assert "EID-301" in prove(world, browser, "nl-low", path="/login?level=eidas2").source


def test_the_cards_can_be_read_in_the_other_language(world, browser):
    cards = at_cards(world, browser)
    other = browser.click(cards, "language")
    assert {cards.language, other.language} == {"fr", "en"}
    assert "confirmer" in browser.press(browser.press(other, "persona-el-onasis"), "go").url


def test_the_citizen_who_gives_up_abroad_is_back_among_the_countries(world, browser):
    page = browser.press(browser.press(at_cards(world, browser), "cancel"), "go")
    assert "EID-301" in page.source
    assert "/eidas/pays" in page.url


# -- faults -----------------------------------------------------------------------------------------------------------

CODES = {"country.cancel": "EID-301", "country.responder_error": "EID-301", "country.lower_loa": "EID-304"}


@pytest.mark.parametrize("fault", COUNTRY_FAULTS)
def test_a_fault_of_the_country_is_read_among_the_countries(world, browser, fault):
    login(world, Browser())
    world.faults.switch("EL", fault)
    page = prove(world, browser, path="/login?level=eidas2")
    assert CODES.get(fault, "EID-303") in page.source
    assert page.url.startswith(f"{world.address.broker}/eidas/pays")


def test_a_fault_is_switched_on_the_page(world, browser):
    page = browser.open(world.address.broker + "/dev/faults")
    browser.press(page, "switch", EL="country.sha1", DE="fi.down")
    assert (world.faults.on("EL").name, world.faults.on("DE")) == ("country.sha1", None)


# -- backstage --------------------------------------------------------------------------------------------------------


def test_the_story_of_a_login_shows_saml_and_who_is_blind(world, browser):
    login(world, browser)
    page = browser.open(world.address.broker + "/dev/flow")
    assert page.text("blind-service").startswith("✔")
    assert page.text("blind-country").startswith("✔")
    assert page.source.count("verified with the certificate in the metadata") == 2
    assert page.source.count("is sealed for the broker") == 1
    assert "no certificate in the metadata" not in page.source


def test_the_story_shows_an_answer_that_was_changed(world, browser):
    world.faults.switch("EL", "country.bad_sig")
    prove(world, browser)
    assert "no certificate in the metadata" in browser.open(world.address.broker + "/dev/flow").source


def test_neither_side_ever_meets_the_other(world):
    for service in SERVICES:
        login(world, Browser(), service=service)
        for fault in COUNTRY_FAULTS:
            world.faults.switch("EL", fault)
            prove(world, Browser(), service=service)
        world.faults.switch("EL", None)
    for party in (*SERVICES, GREECE):
        text = readable(world.recorder.received_by(party.host))
        assert len(text) > 1000
        assert [word for word in strangers(party.host) if word in text] == []
    assert "Ab-12.34" not in readable(b"".join(world.recorder.received_by(service.host) for service in SERVICES))


# -- the folder -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "demo"
    build_world(made, 8000, database="memory:").close()
    return made


def test_the_broker_has_an_address_and_an_anchor_of_each_node_and_no_document(folder):
    countries = load(folder, {}).parties.countries
    assert set(countries) == {node.code for node in NODES}
    for node in NODES:
        country = countries[node.code]
        assert country.sources["proxy"] == f"http://{node.host}:8000/metadata"
        assert (country.nodes, country.documents, len(country.anchors)) == ({}, {}, 1)
    assert list(folder.rglob("*.xml")) == []


def test_on_another_port_addresses_are_others_and_changes_stay(folder):
    toml = folder / "partners/countries/EL.toml"
    toml.write_text(toml.read_text() + 'compat = ["rsa-2048"]\n')
    key, anchor = (folder / "simulated/node-el.pem").read_bytes(), (folder / "certs/anchors/EL.pem").read_bytes()
    build_world(folder, 8001, database="memory:").close()
    countries = load(folder, {}).parties.countries
    assert countries["EL"].sources == {"proxy": "http://node.el.localhost:8001/metadata"}
    assert countries["IT"].sources["connector"] == "http://node.it.localhost:8001/connector/metadata"
    assert countries["EL"].compatibility.deviations
    assert (folder / "simulated/node-el.pem").read_bytes() == key
    assert (folder / "certs/anchors/EL.pem").read_bytes() == anchor


def test_the_file_of_an_older_demo_with_its_pins_is_written_anew(folder):
    toml = folder / "partners/countries/EL.toml"
    now = toml.read_text()
    pinned = 'proxy_metadata = "metadata/received/EL-proxy.xml"\nproxy_metadata_sha256 = "00"\n'
    toml.write_text(f'[country]\ncode = "EL"\n{pinned}')
    build_world(folder, 8000, database="memory:").close()
    assert toml.read_text() == now


def test_the_keys_of_the_nodes_are_nobody_elses_to_read(folder):
    keys = [folder / f"simulated/{node.id}{suffix}.pem" for node in NODES for suffix in ("", "-metadata")]
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
