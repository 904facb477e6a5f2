"""A citizen of another country logs in to the town hall, in a real browser, through the demo's nodes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from broker.sandbox.faults import COUNTRY_FAULTS
from broker.sandbox.parties import NODES
from broker.sandbox.world import World
from tests.browser.steps import at, open_service, text

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nodes_in_order(world: World) -> Iterator[None]:
    for node in NODES:
        world.faults.switch(node.code, None)
    yield
    for node in NODES:
        world.faults.switch(node.code, None)


def to_node(page: Page, world: World, code: str = "EL", host: str = "fs.localhost", level: str = "") -> None:
    """From the service's button to the cards of the country's node; the script sends the form."""
    open_service(page, world, host)
    if level:
        at(page, f"try-{level}") if page.is_visible(f'[data-testid="try-{level}"]') else page.goto(
            world.address.of(host, f"/login?level={level}")
        )
    else:
        at(page, "login")
    at(page, "provider-eidas")
    at(page, f"country-{code}")
    page.wait_for_url(f"{world.address.of(f'node.{code.lower()}.localhost')}/**")


def to_confirmation(page: Page, world: World, persona: str, code: str = "EL", **how: str) -> None:
    """To the page that shows what will be sent."""
    to_node(page, world, code, **how)
    at(page, f"persona-{persona}")
    page.wait_for_url(f"{world.address.broker}/**")


def test_a_greek_citizen_logs_in_to_the_town_hall(visitor, world, picture):
    page = visitor()
    open_service(page, world)
    at(page, "login")
    picture(page, "europe-choose")
    at(page, "provider-eidas")
    picture(page, "europe-countries")
    at(page, "country-EL")
    page.wait_for_url("**/sso")
    picture(page, "europe-node")
    at(page, "persona-el-eleni")
    page.wait_for_url("**/confirmer**")
    assert text(page, "value-given_name").startswith("Ελένη")
    picture(page, "europe-confirm")
    at(page, "continue")
    assert (text(page, "claim-given_name"), text(page, "claim-family_name")) == ("Eleni", "Papadopoulou")
    assert (text(page, "claim-preferred_username"), text(page, "claim-birthcountry")) == ("Nikolaidou", "99126")
    assert text(page, "acr") == "eidas2"
    assert not page.is_visible('[data-testid="claim-country"]')


def test_a_country_with_rsa_keys_does_as_well(visitor, world):
    page = visitor(locale="en-GB")
    to_confirmation(page, world, "bg-ivanov", "DE")
    at(page, "continue")
    assert text(page, "claim-family_name") == "Ivanov"


def test_the_private_service_asks_for_consent(visitor, world):
    page = visitor()
    to_confirmation(page, world, "el-onasis", host="shop.localhost")
    page.check('[data-testid="consent"]')
    at(page, "continue")
    assert text(page, "claim-family_name") == "Onasis"


@pytest.mark.parametrize("persona", ["no-odd", "es-garcia", "cz-zasnezena", "is-thordardottir", "hu-leapling", "at-high"])
def test_people_of_every_kind_log_in(visitor, world, persona):
    page = visitor()
    to_confirmation(page, world, persona)
    at(page, "continue")
    assert len(text(page, "claim-sub")) == 66


def test_the_citizen_cancels_in_his_country_and_is_among_the_countries_again(visitor, world):
    page = visitor()
    to_node(page, world)
    at(page, "cancel")
    page.wait_for_url("**/eidas/pays**")
    assert "annulée ou refusée" in text(page, "failure")
    at(page, "cancel")
    assert text(page, "error-code") == "access_denied"


REFUSED = {
    "country.cancel": "annulée ou refusée",
    "country.responder_error": "annulée ou refusée",
    "country.bad_sig": "par sécurité",
    "country.sha1": "par sécurité",
    "country.not_encrypted": "par sécurité",
    "country.wrong_audience": "par sécurité",
    "country.expired_assertion": "par sécurité",
    "country.clock+10m": "par sécurité",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_whatever_a_country_does_wrong_brings_the_citizen_back(visitor, world, fault):
    world.faults.switch("EL", fault)
    page = visitor()
    to_confirmation(page, world, "el-onasis")
    assert REFUSED[fault] in text(page, "failure")
    assert "support@el.example" in text(page, "failure") or "annulée" in text(page, "failure")


def test_a_lower_level_than_asked_is_refused(visitor, world):
    world.faults.switch("EL", "country.lower_loa")
    page = visitor()
    to_confirmation(page, world, "el-onasis", level="eidas2")
    assert "substantiel" in text(page, "failure")


def test_an_answer_that_is_sent_again_is_refused(visitor, world):
    first = visitor()
    to_confirmation(first, world, "el-onasis")
    world.faults.switch("EL", "country.replay")
    page = visitor()
    to_confirmation(page, world, "el-onasis")
    assert "par sécurité" in text(page, "failure")


def test_every_fault_of_a_country_is_met_here(world):
    assert set(COUNTRY_FAULTS) == {*REFUSED, "country.lower_loa", "country.replay"}


@pytest.mark.parametrize("persona", ["el-company", "el-agent"])
def test_who_does_not_act_for_herself_is_refused(visitor, world, persona):
    page = visitor()
    to_confirmation(page, world, persona)
    assert "agit pour elle-même" in text(page, "failure")


def test_without_scripts_there_is_a_button(chromium, world):
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    open_service(page, world)
    at(page, "login")
    at(page, "provider-eidas")
    at(page, "country-EL")
    at(page, "go")
    at(page, "persona-el-onasis")
    at(page, "go")
    at(page, "continue")
    assert text(page, "claim-family_name") == "Onasis"
    context.close()


def test_two_tabs_log_in_side_by_side(visitor, world):
    page = visitor()
    to_node(page, world)
    other = page.context.new_page()
    to_node(other, world, "DE")
    at(page, "persona-el-onasis")
    page.wait_for_url("**/confirmer**")
    at(other, "persona-bg-ivanov")
    other.wait_for_url("**/confirmer**")
    at(page, "continue")
    assert text(page, "claim-family_name") == "Onasis"


def test_the_country_learns_nothing_of_the_service_nor_the_service_of_the_country(visitor, world):
    page = visitor()
    to_confirmation(page, world, "el-onasis", host="shop.localhost")
    page.check('[data-testid="consent"]')
    at(page, "continue")
    received = world.recorder.received_by("node.el.localhost")
    assert not [word for word in (b"shop.localhost", b"assurance-demo", "Assurance Démo".encode()) if word in received]
    told = world.recorder.received_by("shop.localhost")
    assert not [word for word in (b"node.el", "Ωνάσης".encode(), b"Ab-12.34", b"eidas/", b"EL/FR") if word in told]
