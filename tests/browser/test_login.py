"""Complete logins in a real browser: French and English, public and private, cookies, clicks, ways back."""

import re

import pytest

from tests.browser.steps import at, back, log_in, open_service, text, to_confirmation


@pytest.mark.parametrize(("locale", "language", "words"), [("fr-FR", "fr", "Ce que"), ("en-GB", "en", "What")])
def test_a_citizen_logs_in_in_his_language(world, visitor, locale, language, words):
    page = visitor(locale)
    to_confirmation(page, world)
    assert page.get_attribute("html", "lang") == language
    assert page.inner_text("h1").startswith(words)
    at(page, "continue")
    assert (text(page, "claim-family_name"), text(page, "claim-birthplace")) == ("DUBOIS", "75107")


def test_the_language_can_be_changed_on_the_way(world, visitor):
    page = visitor()
    open_service(page, world)
    at(page, "login")
    at(page, "language")
    assert page.get_attribute("html", "lang") == "en"
    at(page, "provider-impots-demo")
    at(page, "persona-angela")
    assert page.get_attribute("html", "lang") == "en"


def test_a_private_service_gets_nothing_before_the_box_is_ticked(world, visitor):
    page = visitor()
    to_confirmation(page, world, "shop.localhost")
    page.get_by_test_id("consent").evaluate("box => { box.required = false }")  # waits for the page
    at(page, "continue")
    assert page.url.endswith("#erreurs")
    page.check('[data-testid="consent"]')
    at(page, "continue")
    assert text(page, "claim-family_name") == "DUBOIS"


def test_a_second_service_takes_two_clicks_and_no_provider(world, visitor):
    page = visitor()
    log_in(page, world)
    open_service(page, world, "shop.localhost")
    world.recorder.clear()
    at(page, "login")
    at(page, "continue")
    page.check('[data-testid="consent"]')
    at(page, "continue")
    assert text(page, "claim-family_name") == "DUBOIS"
    assert world.recorder.received_by("fi.localhost") == b""


def test_after_logout_nobody_is_recognised(world, visitor):
    page = visitor()
    log_in(page, world)
    at(page, "logout")
    page.wait_for_url(re.compile(r"^http://fs\.localhost"))
    at_provider = [e.path for e in world.recorder.exchanges() if e.host == "fi.localhost"]
    assert any("end" in path or "logout" in path for path in at_provider)
    open_service(page, world, "shop.localhost")
    at(page, "login")
    assert page.query_selector('[data-testid="continue"]') is None


def test_leaving_brings_the_citizen_back_with_an_error_that_the_service_can_tell(world, visitor):
    page = visitor()
    open_service(page, world)
    at(page, "login")
    at(page, "cancel")
    assert page.url.startswith("http://fs.localhost")
    assert "access_denied" in text(page, "error")


def test_a_refusal_at_the_provider_leads_back_to_the_choice(world, visitor):
    page = visitor()
    open_service(page, world)
    at(page, "login")
    at(page, "provider-impots-demo")
    at(page, "cancel")
    assert page.url.startswith("http://fc.localhost")
    assert page.query_selector('[role="alert"]') is not None
    assert page.query_selector('[data-testid="provider-poste-demo"]') is not None


def test_the_back_button_from_the_provider_works(world, visitor):
    page = visitor()
    open_service(page, world)
    at(page, "login")
    at(page, "provider-impots-demo")
    back(page, "persona-angela")
    page.reload()
    at(page, "provider-poste-demo")
    at(page, "persona-angela")
    assert page.url.startswith("http://fc.localhost")
    assert "/confirmer" in page.url


def test_the_cookies_say_what_they_are(world, visitor):
    page = visitor()
    log_in(page, world)
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies(world.address.of("fc.localhost", "/"))}
    flow, sso = cookies["__Host-flow"], cookies["__Host-sso"]
    assert (flow["sameSite"], flow["secure"], flow["httpOnly"], flow["path"]) == ("None", True, True, "/")
    assert (sso["sameSite"], sso["secure"], sso["httpOnly"], sso["path"]) == ("Lax", True, True, "/")


def test_every_cookie_of_ours_names_its_same_site_rule(world, visitor):
    log_in(visitor(), world)
    ours = [e for e in world.recorder.exchanges() if e.host == "fc.localhost"]
    set_cookies = [value for e in ours for name, value in e.answer_headers if name.lower() == "set-cookie"]
    assert set_cookies
    assert [value for value in set_cookies if "SameSite=" not in value] == []


def test_pages_name_the_origins_where_their_forms_may_end_and_no_others(world, visitor):
    page = visitor()
    to_confirmation(page, world)
    policies = [e.header("content-security-policy") for e in world.recorder.exchanges() if e.path == "/confirmer"]
    port = world.address.port
    assert policies[0].endswith(f"form-action 'self' http://fs.localhost:{port}")
    assert "fi.localhost" not in policies[0]


def test_the_pages_need_no_script(world, chromium):
    context = chromium.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    page.goto(world.address.of("fs.localhost", "/"))
    for name in ("login", "provider-impots-demo", "persona-angela", "continue"):
        page.click(f'[data-testid="{name}"]')
    assert page.inner_text('[data-testid="claim-family_name"]') == "DUBOIS"
    context.close()
