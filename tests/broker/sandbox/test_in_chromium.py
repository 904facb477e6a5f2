"""The simulated world in a real browser: its cookies, its content policies, and pages that everybody can use."""

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from broker.sandbox.parties import DATA_PROVIDERS, PROVIDERS, SERVICES

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAIRIE, ASSURANCE = SERVICES
IMPOTS, _ = PROVIDERS
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


both_languages = pytest.mark.parametrize("language", ["fr-FR", "en-GB"])


def judge(page: "Page") -> None:
    """No rule of axe is broken, nothing is wider than the screen."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def to_cards(world, page):
    """The provider's login page."""
    page.goto(world.address.of(MAIRIE.host, "/"))
    page.get_by_test_id("login").click()
    page.locator(f"button[value={IMPOTS.id}]").click()


def login(world, page):
    """The town hall's page after a login."""
    to_cards(world, page)
    page.get_by_test_id("persona-angela").click()
    page.locator("button[value=continue]").click()


@both_languages
@pytest.mark.parametrize("host", [party.host for party in (*SERVICES, *PROVIDERS, *DATA_PROVIDERS)] + ["localhost"])
def test_first_pages_are_accessible(world, page, host):
    page.goto(world.address.of(host, "/"))
    judge(page)


def test_the_cards_are_accessible(world, page):
    to_cards(world, page)
    judge(page)


@both_languages
def test_composing_is_accessible_also_when_something_is_wrong(world, page):
    to_cards(world, page)
    page.get_by_test_id("compose").click()
    judge(page)
    page.fill("#birthplace", "X")
    page.get_by_test_id("compose-send").click()
    assert page.locator("[aria-invalid]").count() == 1
    judge(page)


@both_languages
def test_a_login_and_a_logout_work_and_are_accessible(world, page):
    login(world, page)
    assert page.get_by_test_id("claim-family_name").inner_text() == "DUBOIS"
    judge(page)
    page.get_by_test_id("logout").click()
    page.get_by_test_id("signed-out").wait_for()
    judge(page)


@both_languages
def test_a_refusal_is_accessible(world, page):
    to_cards(world, page)
    page.get_by_test_id("cancel").click()
    page.locator("button[value=cancel]").click()
    page.get_by_test_id("error").wait_for()
    judge(page)


def test_backstage_is_accessible(world, page):
    login(world, page)
    for path in ("/dev", "/dev/flow", "/dev/faults"):
        page.goto(world.address.broker + path)
        judge(page)


def test_dark_pages_have_enough_contrast(world, page):
    page.emulate_media(color_scheme="dark")
    for host in ("localhost", *(party.host for party in (*SERVICES, *PROVIDERS, *DATA_PROVIDERS))):
        page.goto(world.address.of(host, "/"))
        judge(page)
    to_cards(world, page)
    judge(page)
    page.get_by_test_id("persona-bad_signature").click()
    page.goto(world.address.broker + "/dev/flow")
    judge(page)


def test_the_browser_sends_no_party_to_another_with_its_name(world, page):
    login(world, page)
    received = world.recorder.received_by(IMPOTS.host) + world.recorder.received_by(MAIRIE.host)
    assert b"Referer: http://fc.localhost" not in received
    assert b"Sec-Fetch-Site: cross-site" in received
