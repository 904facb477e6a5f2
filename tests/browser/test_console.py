"""The console in a real browser: every page with axe, what an auditor reads, what an operator does without scripts."""

import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from broker import console
from broker.console import Person
from broker.ledger import Ledger
from broker.sandbox.faults import Faults
from broker.sandbox.world import World, build_world
from tests.broker.web.console.past import DAY, write_past
from tests.broker.world import Clock
from tests.browser.steps import at, come, rooms_of, text

pytestmark = pytest.mark.browser

AXE = Axe()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE = "fingerprint read over the phone to +30 210 000"
CAMILLE, SACHA = Person("Camille Martin", "auditor"), Person("Sacha Robert", "operator")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A demo of its own: what is decided here changes whom it trusts."""
    world = build_world(tmp_path_factory.mktemp("console"), faults=Faults(), sleep=lambda _seconds: None)
    with world.serve():
        write_past(ledger_of(world), Clock(int(time.time())))
        yield world


def ledger_of(world: World) -> Ledger:
    return rooms_of(world).ledger


def violations(page: Page) -> list[object]:
    """What axe-core finds, by rule and place."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


PAGES = {
    "trust": "",
    "trust-past": f"?le={time.strftime('%Y-%m-%d', time.gmtime(time.time() - 120 * DAY))}",
    "trust-wrong-day": "?le=tomorrow",
    "node": "/noeud/EL/proxy",
    "decisions": "/decisions",
    "country": "/pays/IS",
    "calendar": "/calendrier",
    "calendar-400": "/calendrier?jours=400",
    "algorithms": "/algorithmes",
    "keys": "/cles",
    "own": "/metadonnees",
    "ledger": "/registre",
    "refused": "/nulle-part",
}


@pytest.mark.parametrize(("locale", "language"), [("fr-FR", "fr"), ("en-GB", "en")])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits_a_small_screen(demo, visitor, picture, name, locale, language):
    page = visitor(locale)
    come(page, demo, SACHA)
    page.goto(f"{demo.address.broker}/console{PAGES[name]}")
    assert page.get_attribute("html", "lang") == language
    for width, scheme in {1280: "light", 320: "dark"}.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"console-{name}-{language}-{width}-{scheme}")


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_the_ways_in_are_accessible(demo, visitor, picture, locale):
    page = visitor(locale)
    page.goto(f"{demo.address.broker}/console")
    assert violations(page) == []
    picture(page, f"console-connect-{locale}")
    token = console.invite(rooms_of(demo).vault, CAMILLE, int(time.time()) + 600)
    page.goto(f"{demo.address.broker}/console/entrer?t={token}")
    assert violations(page) == []
    picture(page, f"console-enter-{locale}")
    at(page, "enter")
    page.goto(f"{demo.address.broker}/console/entrer?t={token}")
    assert violations(page) == []


def test_an_auditor_reads_from_page_to_page_and_leaves(demo, visitor):
    page = visitor("en-GB")
    come(page, demo, CAMILLE)
    assert text(page, "worker") == "Camille Martin"
    for name in ("decisions", "calendar", "algorithms", "keys", "own", "ledger", "trust"):
        at(page, f"menu-{name}")
        assert page.get_attribute(f'[data-testid="menu-{name}"]', "aria-current") == "page"
        assert not page.query_selector('main form[method="post"]')
    page.click('[data-testid="node-EL-proxy"] th a')
    with page.expect_download() as download:
        at(page, "raw")
    assert download.value.suggested_filename.endswith(".xml")
    at(page, "leave")
    page.goto(f"{demo.address.broker}/console/registre")
    assert page.query_selector('[data-testid="worker"]') is None


def test_without_scripts_an_operator_approves_a_document_and_suspends_the_country(demo, chromium):
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    come(page, demo, SACHA)
    at(page, "waiting")
    page.fill('[data-testid="open-EL-proxy"] [data-testid="words"]', PHONE)
    page.click('[data-testid="open-EL-proxy"] [data-testid="approve"]')
    assert PHONE in page.inner_text("main")
    assert page.query_selector('[data-testid="open-EL-proxy"]') is None
    page.goto(f"{demo.address.broker}/console/noeud/EL/proxy")
    assert "Sacha Robert" in text(page, "decision")
    at(page, "compare-3")
    assert "dangerous" in page.inner_text("main")
    page.goto(f"{demo.address.broker}/console/pays/EL")
    page.fill('[data-testid="words"]', "their key was stolen")
    at(page, "suspend")
    assert text(page, "state") == "suspended"
    page.fill('[data-testid="words"]', "it was a false alarm")
    at(page, "resume")
    assert text(page, "state") == "used"
    context.close()


def test_a_page_is_printed_without_menu_and_forms(demo, visitor, picture):
    page = visitor("en-GB")
    come(page, demo, SACHA)
    page.goto(f"{demo.address.broker}/console/pays/EL")
    page.emulate_media(media="print")
    hidden = [name for name in ("menu-trust", "leave", "words") if page.is_visible(f'[data-testid="{name}"]')]
    assert hidden == []
    picture(page, "console-print")
