"""A citizen in a real browser agrees to data, refuses, and withdraws, at pages that everybody can use."""

from typing import TYPE_CHECKING

import pytest

from broker.sandbox.parties import NODES, PROVIDERS
from tests.broker.sandbox.agreeing import ASSURANCE, MAIRIE, POINTS, REVENUS, said
from tests.broker.sandbox.test_in_chromium import judge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from broker.sandbox.world import World

PERSON = ("given_name", "family_name", "birthdate")
REFUSED = "Failed to load resource: the server responded with a status of 400 (BAD REQUEST)"
says_no_once = pytest.mark.parametrize("console", [[REFUSED]], ids=["400"])
both_languages = pytest.mark.parametrize("language", ["fr-FR", "en-GB"])


def ask(world: "World", page: "Page", button: str = "login") -> None:
    """The button of the town hall, or one of the insurance."""
    page.goto(world.address.of((MAIRIE if button == "login" else ASSURANCE).host, "/"))
    page.get_by_test_id(button).click()


def prove(page: "Page", persona: str = "angela") -> None:
    """To the page that asks: with an account here, or from Greece."""
    if persona == "angela":
        page.locator(f"button[value={PROVIDERS[0].id}]").click()
    else:
        page.get_by_test_id("provider-eidas").click()
        page.get_by_test_id(f"country-{NODES[0].code}").click()
    page.get_by_test_id(f"persona-{persona}").click()
    page.locator("button[value=continue]").wait_for()


def go_on(page: "Page") -> None:
    page.locator("button[value=continue]").click()


def person(page: "Page") -> dict[str, object]:
    """Who is signed in at the service."""
    return {name: page.get_by_test_id(f"claim-{name}").inner_text() for name in PERSON}


@both_languages
@pytest.mark.parametrize("persona", ["angela", "el-onasis"])
def test_the_town_hall_shows_the_income_after_consent_in_the_browser(world, page, persona):
    ask(world, page)
    prove(page, persona)
    judge(page)
    assert page.locator("input[name=data]:checked").count() == 0
    page.get_by_test_id("scope-revenu_fiscal").check()
    go_on(page)
    shown = page.get_by_test_id("value-revenu_fiscal").inner_text()
    spaced = " ".join(shown.replace(",", " ").split())
    assert spaced.startswith(said("revenu_fiscal", person(page)) + "€")
    assert page.get_by_test_id(f"data-{REVENUS.id}").get_by_test_id("refused-nombre_parts").count() == 1
    judge(page)


@both_languages
def test_the_income_refused_is_a_login_without_it(world, page):
    ask(world, page)
    prove(page)
    go_on(page)
    page.get_by_test_id("refused-revenu_fiscal").wait_for()
    judge(page)
    assert world.recorder.received_by(REVENUS.host) == b""


@says_no_once
@both_languages
def test_what_is_required_and_refused_ends_with_a_clear_choice(world, page):
    ask(world, page, "offer")
    prove(page)
    page.get_by_test_id("consent").check()
    page.get_by_test_id("scope-retraite_estimation").check()
    go_on(page)
    page.get_by_test_id("errors").wait_for()
    judge(page)
    assert page.get_by_test_id("scope-retraite_estimation").is_checked()
    assert not page.get_by_test_id("scope-permis_points").is_checked()
    page.locator("button[value=cancel]").click()
    assert page.get_by_test_id("error-code").inner_text() == "access_denied"
    assert world.recorder.received_by(POINTS.host) == b""


@says_no_once
def test_whoever_ticks_what_is_required_after_all_gets_the_quote(world, page):
    ask(world, page, "offer")
    prove(page, "el-onasis")
    page.get_by_test_id("consent").check()
    go_on(page)
    page.get_by_test_id("errors").locator("a").first.click()
    page.get_by_test_id("scope-permis_points").check()
    go_on(page)
    shown = page.get_by_test_id("value-permis_points").inner_text()
    assert shown.startswith(said("permis_points", person(page)))


@both_languages
@pytest.mark.parametrize("persona", ["angela", "el-onasis"])
def test_after_a_withdrawal_the_data_provider_refuses(world, page, persona):
    ask(world, page)
    prove(page, persona)
    page.get_by_test_id("scope-revenu_fiscal").check()
    go_on(page)
    page.get_by_test_id("agreements").click()
    judge(page)
    page.get_by_test_id(f"withdraw-{REVENUS.id}").click()
    judge(page)
    assert page.get_by_test_id(f"withdraw-{REVENUS.id}").count() == 0
    page.goto(world.address.of(MAIRIE.host, "/"))
    page.get_by_test_id("ask-again").click()
    assert "401 invalid_token" in page.get_by_test_id("data-error").inner_text()
    assert page.get_by_test_id("value-revenu_fiscal").count() == 0
    judge(page)


def test_consent_to_data_needs_no_script(world, chromium):
    context = chromium.new_context(locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    ask(world, page)
    prove(page)
    page.get_by_test_id("scope-revenu_fiscal").check()
    go_on(page)
    page.get_by_test_id("value-revenu_fiscal").wait_for()
    context.close()


def test_the_story_of_it_is_accessible(world, page):
    ask(world, page, "offer")
    prove(page)
    page.get_by_test_id("consent").check()
    page.get_by_test_id("scope-permis_points").check()
    go_on(page)
    page.get_by_test_id("value-permis_points").wait_for()
    page.goto(world.address.broker + "/dev/flow")
    assert page.get_by_test_id("knows-data-provider").count() == 1
    judge(page)
