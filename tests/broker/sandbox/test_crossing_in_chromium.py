"""The Italian service in a real browser: everybody can use its pages, and forms and redirects go where they may."""

from typing import TYPE_CHECKING

import pytest

from broker.sandbox.parties import COMUNE, PROVIDERS
from tests.broker.sandbox.test_in_chromium import judge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from broker.sandbox.world import World

IMPOTS = PROVIDERS[0]
both_languages = pytest.mark.parametrize("language", ["it-IT", "en-GB"])


@pytest.fixture
def language() -> str:
    """What the browser wishes for."""
    return "it-IT"


def login(world: "World", page: "Page", query: str = "") -> None:
    """Angela at the Italian service; the forms between go by themselves."""
    page.goto(world.address.of(COMUNE.host, f"/{query}"))
    page.get_by_test_id("login").click()
    page.get_by_test_id(f"provider-{IMPOTS.id}").click()
    page.get_by_test_id("persona-angela").click()
    page.get_by_test_id("continue").click()


@both_languages
def test_the_first_page_is_accessible_with_all_that_can_be_tried(world, page):
    page.goto(world.address.of(COMUNE.host, "/"))
    judge(page)
    page.get_by_test_id("variations").locator("summary").click()
    judge(page)


def test_the_first_page_has_enough_contrast_in_the_dark(world, page):
    page.emulate_media(color_scheme="dark")
    page.goto(world.address.of(COMUNE.host, "/"))
    judge(page)


@pytest.mark.parametrize("query", ["", "?binding=redirect", "?binding=inside"])
def test_a_login_abroad_needs_no_click_but_the_citizens(world, page, query):
    login(world, page, query)
    page.get_by_test_id("signed-in").wait_for()
    assert page.url == world.address.of(COMUNE.host, "/")
    judge(page)


@pytest.mark.parametrize(
    ("language", "heading"),
    [("fr-FR", "Ce que va recevoir l’Italie"), ("en-GB", "What Italy will receive")],
    ids=["fr", "en"],
)
def test_a_whole_crossing_in_the_citizens_language(world, page, language, heading):
    page.goto(world.address.of(COMUNE.host, "/"))
    page.get_by_test_id("login").click()
    page.get_by_test_id("asker").filter(has_text="Comune di Demo").wait_for()
    judge(page)
    page.get_by_test_id(f"provider-{IMPOTS.id}").click()
    page.get_by_test_id("persona-angela").click()
    assert (page.locator("html").get_attribute("lang"), page.locator("h1").inner_text()) == (language[:2], heading)
    judge(page)
    page.get_by_test_id("optional-BirthName").check()
    page.get_by_test_id("continue").click()
    assert page.get_by_test_id("claim-BirthName").inner_text() == "Angela Claire Louise DUBOIS"
    assert page.get_by_test_id("claim-Gender").count() == 0


def test_a_crossing_without_scripts_takes_two_clicks_more(world, chromium):
    context = chromium.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto(world.address.of(COMUNE.host, "/"))
    for button in ("login", "go", f"provider-{IMPOTS.id}", "persona-angela", "continue", "back", "go"):
        page.get_by_test_id(button).click()
    assert page.get_by_test_id("claim-FirstName").inner_text() == "Angela Claire Louise"
    context.close()


def test_a_failure_is_shown_at_the_service(world, page):
    page.goto(world.address.of(COMUNE.host, "/?level=high"))
    page.get_by_test_id("login").click()
    page.get_by_test_id("status").wait_for()
    judge(page)


def test_the_story_of_the_login_is_accessible(world, page):
    login(world, page)
    page.get_by_test_id("signed-in").wait_for()
    page.goto(world.address.broker + "/dev/flow")
    assert page.get_by_test_id("saml").count() == 2
    judge(page)
