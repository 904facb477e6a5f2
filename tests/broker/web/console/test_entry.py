"""The ways in and out of the console, and what nobody may do there."""

import pytest

from tests.broker.web.console.at_work import CAMILLE, DOMINIQUE, link_for, nobody, signed_in
from tests.broker.world import PUBLIC

PAGES = (
    "",
    "/decisions",
    "/calendrier",
    "/algorithmes",
    "/cles",
    "/metadonnees",
    "/registre",
    "/noeud/EL/proxy",
    "/pays/EL",
)
WRITES = {
    "/decisions": {"subject": "EL/proxy", "document": "a" * 64, "verdict": "approved"},
    "/pays/EL": {"state": "suspended"},
}


# -- the one-time link ------------------------------------------------------------------------------------------------


def test_a_link_shows_whom_it_is_for_and_lets_in_by_a_button(world):
    desk = nobody(world)
    assert desk.open(link_for(world, CAMILLE, "auditor")).status_code == 200
    assert desk.says("enter") == "Enter as auditor Camille Martin"
    answer = desk.submit("/entrer")
    assert (answer.status_code, answer.location) == (303, "/console")
    desk.open("")
    assert (desk.says("worker"), desk.says("role")) == (CAMILLE, "auditor")


def test_a_mail_scanner_that_opens_a_link_does_not_use_it_up(world):
    link = link_for(world, CAMILLE, "auditor")
    for _ in range(3):
        nobody(world).open(link)
    desk = nobody(world)
    desk.open(link)
    assert desk.submit("/entrer").status_code == 303


def test_a_link_lets_in_once(world):
    link, first, second = link_for(world, CAMILLE, "auditor"), nobody(world), nobody(world)
    first.open(link)
    second.open(link)
    assert first.submit("/entrer").status_code == 303
    assert second.submit("/entrer").status_code == 410
    assert nobody(world).open(link).status_code == 410
    assert second.open("").status_code == 403


def test_a_link_that_expired_lets_nobody_in_even_with_its_page_open(world):
    desk, link = nobody(world), link_for(world, CAMILLE, "auditor", seconds=60)
    desk.open(link)
    world.clock.advance(60)
    assert desk.submit("/entrer").status_code == 410
    assert desk.open(link).status_code == 410


def test_a_link_of_another_instance_lets_nobody_in(world, make_world):
    other = make_world(peppers=(b"q" * 32,))
    assert nobody(world).open(link_for(other, CAMILLE, "auditor")).status_code == 410


def test_nobody_is_signed_in_as_somebody_else_by_a_form_of_another_site(world):
    link = link_for(world, CAMILLE, "auditor")
    token = link.partition("t=")[2]
    victim = nobody(world)
    assert victim.send("/entrer", {"Sec-Fetch-Site": "cross-site"}, t=token).status_code == 403
    assert victim.send("/entrer", t=token).status_code == 403  # a browser without that header
    attacker = nobody(world)
    attacker.open(link)
    step = attacker.page.one("input", name="step").get("value")
    victim.open(link)
    assert victim.send("/entrer", t=token, step=step).status_code == 403
    assert victim.open("").status_code == 403


def test_a_name_with_markup_is_shown_as_text(world):
    desk = signed_in(world, "auditor", "<b>Camille</b> & Co")
    assert "<b>Camille" not in desk.open("").text
    assert desk.says("worker") == "<b>Camille</b> & Co"


# -- the session ------------------------------------------------------------------------------------------------------


def test_the_cookie_has_every_attribute_and_no_other_cookie_is_left(world):
    desk = nobody(world)
    desk.open(link_for(world, CAMILLE, "auditor"))
    cookies = desk.submit("/entrer").headers.getlist("Set-Cookie")
    session = next(one for one in cookies if one.startswith("__Host-console="))
    assert set(session.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert any(one.startswith("__Host-console-entry=;") and "Max-Age=0" in one for one in cookies)


def test_a_session_that_somebody_planted_is_not_taken_over(world):
    """Fixation: the browser holds a secret that the attacker knows; after the sign-in it holds another one."""
    attacker = signed_in(world, "auditor", "Eve Attacker")
    victim = nobody(world)
    victim.browser.client.set_cookie("__Host-console", attacker.cookie, domain="connexion.example", secure=True)
    victim.open(link_for(world, DOMINIQUE, "operator"))
    victim.submit("/entrer")
    assert victim.cookie != attacker.cookie
    victim.open("")
    assert victim.says("worker") == DOMINIQUE
    assert attacker.open("").status_code == 403


def test_a_secret_that_was_never_given_becomes_no_session(world):
    desk = nobody(world)
    desk.browser.client.set_cookie("__Host-console", "A" * 43, domain="connexion.example", secure=True)
    assert desk.open("").status_code == 403


def test_after_the_sign_out_the_cookie_is_gone_and_a_copy_of_it_worth_nothing(world):
    desk, copy = signed_in(world), nobody(world)
    copy.browser.client.set_cookie("__Host-console", desk.cookie, domain="connexion.example", secure=True)
    assert copy.open("").status_code == 200
    desk.open("")
    assert desk.submit("/sortir").location == "/console"
    assert desk.cookie == ""
    assert (copy.open("").status_code, desk.open("").status_code) == (403, 403)


def test_a_stolen_cookie_is_worth_nothing_after_half_an_hour_without_use(world):
    desk = signed_in(world)
    world.clock.advance(29 * 60)
    assert desk.open("").status_code == 200
    world.clock.advance(30 * 60)
    assert desk.open("").status_code == 403


def test_a_session_ends_after_eight_hours(world):
    desk = signed_in(world)
    for _ in range(8 * 3):
        assert desk.open("").status_code == 200
        world.clock.advance(20 * 60)
    assert desk.open("").status_code == 403


# -- rights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_every_page_only_says_how_to_sign_in(world, path):
    desk = nobody(world)
    answer = desk.open(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert "passerelle console login" in answer.text
    assert "[console]" in answer.text  # there is no provider
    assert not desk.page.all("nav")


@pytest.mark.parametrize("path", WRITES)
def test_without_a_session_nothing_is_written(world, path):
    assert nobody(world).send(path, token="", words="because", **WRITES[path]).status_code == 403


@pytest.mark.parametrize("path", WRITES)
def test_an_auditor_writes_nothing_even_with_the_token_of_his_session(world, path):
    desk = signed_in(world, "auditor", CAMILLE)
    desk.open("")
    token = desk.page.all("input", name="token")[0].get("value")
    answer = desk.send(path, token=token, words="because I can", **WRITES[path])
    assert answer.status_code == 403
    assert desk.page.one("h1").text == "An auditor changes nothing"


def test_an_auditor_may_sign_out(world):
    desk = signed_in(world, "auditor", CAMILLE)
    desk.open("")
    assert desk.submit("/sortir").status_code == 303


@pytest.mark.parametrize("path", [*WRITES, "/sortir"])
@pytest.mark.parametrize("token", ["", "x" * 22, None])
def test_a_form_without_the_token_of_the_session_is_refused(world, path, token):
    desk = signed_in(world)
    other = signed_in(world)
    other.open("")
    stolen = other.page.all("input", name="token")[0].get("value")
    answer = desk.send(path, token=stolen if token is None else token, words="because", **WRITES.get(path, {}))
    assert answer.status_code == 403
    assert desk.page.one("h1").text == "This form is not valid any more"
    assert desk.open("").status_code == 200


@pytest.mark.parametrize("path", [*WRITES, "/sortir"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_another_site_posts_is_refused_even_with_the_token(world, path, site):
    desk = signed_in(world)
    desk.open("")
    token = desk.page.all("input", name="token")[0].get("value")
    answer = desk.send(path, {"Sec-Fetch-Site": site}, token=token, words="because", **WRITES.get(path, {}))
    assert answer.status_code == 403
    assert desk.open("").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_change_nothing(world, method):
    desk = signed_in(world, "auditor")
    answer = desk.browser.client.open("/console/pays/EL", method=method, base_url=PUBLIC)
    assert answer.status_code in (403, 405)


# -- the rest of the instance -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/aide", "/statut", "/donnees", "/accessibilite", "/nowhere"])
def test_no_page_for_citizens_leads_to_the_console(world, path):
    assert "console" not in world.browser().get(f"{PUBLIC}{path}").text.lower()


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_not_kept_and_not_framed_and_run_nothing(world, path):
    headers = signed_in(world).open(path).headers
    assert (headers["Cache-Control"], headers["X-Frame-Options"]) == ("no-store", "DENY")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in headers["Content-Security-Policy"]


def test_an_address_that_is_none_is_a_page_of_the_console(world):
    desk = signed_in(world)
    for path in ("/nulle-part", "/noeud/EL/proxy", "/noeud/EL/nothing", "/pays/EL", "/document/x.xml"):
        assert desk.open(path).status_code == 404
        assert desk.says("worker") == DOMINIQUE
