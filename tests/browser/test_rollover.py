"""A foreign node changes its key in a real browser: its operator, ours at the console, and citizens who stand between."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from broker.console import Person
from broker.sandbox.faults import Faults
from broker.sandbox.world import World, build_world
from tests.browser.steps import at, come, rooms_of, text

pytestmark = pytest.mark.browser
SACHA = Person("Sacha Robert", "operator")
WORDS = "fingerprint read over the phone to +30 210 000"


@pytest.fixture
def demo(tmp_path) -> Iterator[World]:
    """A demo of its own: whom it trusts changes here."""
    world = build_world(tmp_path, faults=Faults(), sleep=lambda _seconds: None)
    with world.serve():
        yield world


def stand_at_the_node(page: Page, world: World) -> None:
    page.goto(world.address.of("fs.localhost", "/"))
    for step in ("login", "provider-eidas", "country-EL"):
        at(page, step)
    page.wait_for_selector('[data-testid="persona-el-onasis"]')


def finish(page: Page) -> str:
    """Whom the service knows in the end."""
    at(page, "persona-el-onasis")
    page.wait_for_url("**/confirmer**")
    at(page, "continue")
    return text(page, "claim-given_name")


def fetch(world: World) -> None:
    """What the thread of a worker does when it is due."""
    rooms = rooms_of(world)
    rooms.refresher.refresh(rooms.settings, only=("EL",), at_once=True)
    world.broker.extensions["passerelle"].look()


def test_a_rollover_is_seen_reviewed_and_approved_at_the_console_and_no_login_is_lost(demo, visitor, picture):
    there, here, citizens = visitor("en-GB"), visitor("en-GB"), [visitor() for _ in range(4)]
    for citizen in citizens:
        stand_at_the_node(citizen, demo)
    there.goto(demo.address.of("node.el.localhost", "/"))
    assert Axe().run(there).response["violations"] == []
    at(there, "begin")
    fetch(demo)
    seen = [finish(citizens[0])]

    come(here, demo, SACHA)
    at(here, "waiting")
    picture(here, "rollover-waiting")
    here.fill('[data-testid="open-EL-proxy"] [data-testid="words"]', WORDS)
    here.click('[data-testid="open-EL-proxy"] [data-testid="approve"]')
    here.wait_for_load_state()
    demo.broker.extensions["passerelle"].look()
    seen.append(finish(citizens[1]))

    at(there, "sign")
    there.wait_for_selector('[data-testid="withdraw"]')
    seen.append(finish(citizens[2]))
    at(there, "withdraw")
    there.wait_for_selector('[data-testid="begin"]')
    fetch(demo)
    seen.append(finish(citizens[3]))
    assert seen == ["Aristotelis"] * 4

    here.goto(f"{demo.address.broker}/console/noeud/EL/proxy")
    picture(here, "rollover-timeline")
    assert WORDS in here.inner_text("main")
    assert "Sacha Robert" in text(here, "decision")
    assert here.query_selector('[data-testid="compare-3"]')
