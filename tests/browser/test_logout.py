"""Signing out in a real browser: one logout, and every service that was open says so."""

import re

from tests.browser.steps import at, log_in, open_service, text

SHOP = "shop.localhost"


def at_both(page, world):
    log_in(page, world)
    open_service(page, world, SHOP)
    at(page, "login")
    at(page, "continue")
    page.check('[data-testid="consent"]')
    at(page, "continue")
    page.wait_for_selector('[data-testid="signed-in"]')


def test_a_citizen_signs_out_at_one_service_and_the_other_says_that_he_is_signed_out(world, visitor, picture):
    page = visitor("en-GB")
    at_both(page, world)
    open_service(page, world)
    at(page, "logout")
    page.wait_for_url(re.compile(r"^http://fs\.localhost.*signed-out"))
    open_service(page, world, SHOP)
    assert "let us know, server to server" in text(page, "elsewhere")
    picture(page, "signed-out-elsewhere")


def test_a_citizen_who_comes_to_us_reads_which_services_are_closed(world, visitor, picture):
    page = visitor("en-GB")
    at_both(page, world)
    page.goto(world.address.broker + "/deconnexion")
    at(page, "logout")
    page.wait_for_selector('[data-testid="services"]')
    assert [one.inner_text() for one in page.query_selector_all('[data-testid="confirmed"]')] == [
        "Demo Town Hall: signed out.",
        "Demo Insurance: signed out.",
    ]
    picture(page, "signed-out-of-services")
    page.reload()
    assert page.query_selector('[data-testid="services"]') is None
