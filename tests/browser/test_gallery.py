"""Pages with sample data, in both languages, at four widths, light and dark: axe-core finds nothing.

The gallery is served by the browser's own interception: nothing else runs, so each state of a page can be looked at.
"""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from broker.web.assets import load_assets
from broker.web.i18n import LANGUAGES
from broker.web.passage import SCRIPT
from tests.broker.web.gallery import documents

pytestmark = pytest.mark.browser

SITE = "https://connexion.example"
FILES = load_assets(None).files
TYPES = {"css": "text/css", "svg": "image/svg+xml"}
WIDTHS = {320: "dark", 768: "light", 1024: "dark", 1280: "light"}
NAMES = (
    "choose-europe",
    "countries",
    "countries-again",
    "countries-none",
    "countries-unavailable",
    "passage-requester",
    "confirm-european",
    "confirm-european-unclear",
    "confirm-data",
    "confirm-data-missing",
    "confirm-data-consent",
    "agreements",
    "agreements-empty",
    "agreements-nobody",
    "error-EID-303",
    "logout-abroad",
    "logged-out-abroad",
    "logged-out-services",
    "help-europe",
    "privacy-europe",
    "node",
    "check",
    "check-errors",
    "check-fine",
    "check-missing-too-much",
)
AXE = Axe()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def serve(route: Route) -> None:
    """A page or a file of the gallery."""
    name = urlsplit(route.request.url).path.lstrip("/").removeprefix("static/")
    if name in FILES:
        route.fulfill(body=FILES[name], content_type=TYPES[name.rpartition(".")[2]])
    else:
        html = documents()[name][1].replace(
            f"<script>{SCRIPT}</script>", ""
        )  # it would leave the page before it is looked at
        route.fulfill(body=html, content_type="text/html; charset=utf-8")


@pytest.fixture
def opened(visitor) -> Page:
    """A browser that sees nothing but the gallery."""
    page = visitor()
    page.route(f"{SITE}/**", serve)
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_gallery_is_accessible_and_fits_at_every_width(opened, picture, name, language):
    opened.goto(f"{SITE}/{name}.{language}")
    opened.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    for width, scheme in WIDTHS.items():
        opened.set_viewport_size({"width": width, "height": 900})
        opened.emulate_media(color_scheme=scheme)
        found = AXE.run(opened, options=RULES).response["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        if width in (320, 1280):
            picture(opened, f"gallery-{name}-{language}-{width}-{scheme}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_comes_back_begins_at_the_summary_of_what_is_missing(opened, language):
    opened.goto(f"{SITE}/confirm-data-missing.{language}")
    opened.wait_for_function("document.activeElement.id === 'erreurs'")  # given when the page is drawn
    opened.click("#erreurs a >> nth=0")
    assert opened.evaluate("location.hash") == "#data-revenu_fiscal"


def test_what_can_be_pressed_is_at_least_44_pixels_high(opened):
    opened.goto(f"{SITE}/countries.fr")
    low = "[...document.querySelectorAll('main button, main summary')].filter(e => e.getBoundingClientRect().height < 44)"
    assert opened.evaluate(f"{low}.map(e => e.textContent)") == []
