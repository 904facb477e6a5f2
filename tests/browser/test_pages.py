"""Every page in both languages, at two widths, light and dark: axe-core finds nothing, and a picture is kept."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.steps import at, log_in, open_service, to_confirmation


def home(page, world):
    page.goto(world.address.of("fc.localhost", "/"))


def choose(page, world):
    open_service(page, world)
    at(page, "login")


def choose_after_failure(page, world):
    world.faults.switch("impots-demo", "fi.bad_sig")
    choose(page, world)
    at(page, "provider-impots-demo")
    at(page, "persona-angela")


def choose_with_session(page, world):
    log_in(page, world)
    open_service(page, world, "shop.localhost")
    at(page, "login")


def confirm_information(page, world):
    to_confirmation(page, world)


def confirm_consent(page, world):
    to_confirmation(page, world, "shop.localhost")


def confirm_consent_missing(page, world):
    to_confirmation(page, world, "shop.localhost")
    page.get_by_test_id("consent").evaluate("box => { box.required = false }")  # waits for the page
    at(page, "continue")


def error_unknown_service(page, world):
    page.goto(world.address.of("fc.localhost", "/api/v2/authorize?client_id=nobody"))


def error_expired(page, world):
    page.goto(world.address.of("fc.localhost", "/choisir?j=unknown"))


def error_not_found(page, world):
    page.goto(world.address.of("fc.localhost", "/nowhere"))


def logout_question(page, world):
    log_in(page, world)
    page.goto(world.address.of("fc.localhost", "/api/v2/session/end?client_id=mairie-demo"))


def logged_out(page, world):
    page.goto(world.address.of("fc.localhost", "/deconnexion"))


def public(path):
    def visit(page, world):
        page.goto(world.address.of("fc.localhost", path))

    visit.__name__ = path.strip("/")
    return visit


def demo_start(page, world):
    page.goto(world.address.of("localhost", "/"))


def demo_service(page, world):
    open_service(page, world)


def demo_provider(page, world):
    choose(page, world)
    at(page, "provider-impots-demo")


def demo_signed_in(page, world):
    log_in(page, world)


def demo_flow(page, world):
    log_in(page, world)
    page.goto(world.address.of("fc.localhost", "/dev/flow"))


def demo_faults(page, world):
    page.goto(world.address.of("fc.localhost", "/dev/faults"))


PAGES = (
    home,
    choose,
    choose_after_failure,
    choose_with_session,
    confirm_information,
    confirm_consent,
    confirm_consent_missing,
    error_unknown_service,
    error_expired,
    error_not_found,
    logout_question,
    logged_out,
    *(public(path) for path in ("/aide", "/statut", "/accessibilite", "/donnees")),
    demo_start,
    demo_service,
    demo_provider,
    demo_signed_in,
    demo_flow,
    demo_faults,
)
ENGLISH_ONLY = (demo_flow, demo_faults)
AXE = Axe()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(params=PAGES, ids=lambda visit: visit.__name__)
def visit(request):
    """A way to one of the pages."""
    return request.param


@pytest.mark.parametrize(("locale", "language"), [("fr-FR", "fr"), ("en-GB", "en")])
def test_a_page_is_accessible_and_fits_a_small_screen(world, visitor, picture, visit, locale, language):
    page = visitor(locale)
    visit(page, world)
    assert violations(page) == []
    picture(page, f"{visit.__name__}-{language}-1280-light")
    page.set_viewport_size({"width": 320, "height": 900})
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    picture(page, f"{visit.__name__}-{language}-320-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.get_attribute("html", "lang") == (language if visit not in ENGLISH_ONLY else "en")


def violations(page):
    """What axe-core finds, by rule and place."""
    found = AXE.run(page, options=RULES).response["violations"]
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]
