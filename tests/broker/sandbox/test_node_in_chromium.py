"""The pages of the simulated nodes in a real browser: everybody can use them, and their form goes by itself."""

from typing import TYPE_CHECKING

import pytest

from broker.sandbox.parties import NODES, SERVICES
from tests.broker.sandbox.test_in_chromium import both_languages, judge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from broker.sandbox.world import World

MAIRIE = SERVICES[0]


def to_cards(world: "World", page: "Page", code: str = "EL") -> None:
    """The node's login page; the broker's form goes by itself."""
    page.goto(world.address.of(MAIRIE.host, "/"))
    page.get_by_test_id("login").click()
    page.get_by_test_id("provider-eidas").click()
    page.get_by_test_id(f"country-{code}").click()
    page.get_by_test_id("persona-el-onasis").wait_for()


@both_languages
@pytest.mark.parametrize("node", NODES, ids=lambda one: one.code)
def test_first_pages_are_accessible(world, page, node):
    page.goto(world.address.of(node.host, "/"))
    judge(page)


@both_languages
def test_the_cards_are_accessible(world, page):
    to_cards(world, page)
    judge(page)


def test_the_cards_have_enough_contrast_in_the_dark(world, page):
    page.emulate_media(color_scheme="dark")
    for code in ("EL", "DE"):
        to_cards(world, page, code)
        judge(page)


def test_the_cards_are_the_same_in_the_other_language(world, page):
    to_cards(world, page)
    page.get_by_test_id("language").click()
    page.get_by_test_id("persona-el-eleni").click()
    page.wait_for_url("**/confirmer**")


def test_the_story_of_the_login_is_accessible(world, page):
    to_cards(world, page)
    page.get_by_test_id("persona-el-onasis").click()
    page.wait_for_url("**/confirmer**")
    page.goto(world.address.broker + "/dev/flow")
    assert page.get_by_test_id("saml").count() == 2
    judge(page)
