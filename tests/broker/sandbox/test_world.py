"""The whole simulated world: a real Passerelle between simulated parties, over HTTP."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from broker.sandbox.decoding import readable
from broker.sandbox.faults import BROKER, BROKER_FAULTS, Faults
from broker.sandbox.flow import strangers
from broker.sandbox.parties import COMUNE, DATA_PROVIDERS, PROVIDERS, SERVICES, Address
from broker.sandbox.personas import LOGIN, load_personas
from broker.sandbox.world import DemoRefused, banner, build_world, forget, serve_demo
from broker.settings import load
from tests.broker.sandbox.browsing import Browser

pytestmark = pytest.mark.loopback
MAIRIE, ASSURANCE = SERVICES
IMPOTS, POSTE = PROVIDERS


@pytest.fixture
def browser():
    return Browser()


def at_cards(world, browser, service=MAIRIE, provider=IMPOTS, path="/login"):
    """The provider's login page."""
    choice = browser.open(world.address.of(service.host, path))
    return browser.press(choice, f"provider-{provider.id}" if f"provider-{provider.id}" in choice.marked else provider.id)


def prove(world, browser, persona="angela", **where):
    """What the broker shows when a card was clicked."""
    return browser.press(at_cards(world, browser, **where), f"persona-{persona}")


def agree(browser, page):
    """What the service shows in the end."""
    return browser.press(page, "continue", consent="yes")


def login(world, browser, persona="angela", **where):
    return agree(browser, prove(world, browser, persona, **where))


# -- logins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.id)
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.id)
def test_a_login_succeeds_between_every_service_and_every_provider(world, browser, service, provider):
    page = login(world, browser, service=service, provider=provider)
    assert (page.text("claim-family_name"), page.text("acr")) == ("DUBOIS", "eidas1")


def test_a_service_that_demands_more_gets_more(world, browser):
    assert login(world, browser, path="/login?level=eidas2").text("acr") == "eidas2"


def test_two_services_know_one_person_by_two_names(world, browser):
    subs = {login(world, Browser(), service=service).text("claim-sub") for service in SERVICES}
    assert len(subs) == 2


def test_two_providers_vouch_for_one_person(world):
    subs = {login(world, Browser(), provider=provider).text("claim-sub") for provider in PROVIDERS}
    assert len(subs) == 1


@pytest.mark.parametrize(("one", "other"), [("homonym_paris", "homonym_lyon"), ("twin_alix", "twin_alice")])
def test_people_who_are_alike_are_two(world, one, other):
    assert login(world, Browser(), one).text("claim-sub") != login(world, Browser(), other).text("claim-sub")


def test_a_changing_address_changes_nobody(world):
    first, second = login(world, Browser(), "email_changing"), login(world, Browser(), "email_changing")
    assert first.text("claim-email") != second.text("claim-email")
    assert first.text("claim-sub") == second.text("claim-sub")


@pytest.mark.slow
@pytest.mark.parametrize("persona", load_personas().values(), ids=lambda one: one.id)
def test_every_card_keeps_its_promise(world, browser, persona):
    page = prove(world, browser, persona.id)
    if persona.expect == LOGIN:
        assert "signed-in" in agree(browser, page).marked
    else:
        assert persona.expect in page.source


def test_a_low_account_is_not_enough_for_a_substantial_service(world, browser):
    assert "FI-204" in prove(world, browser, "low_account", path="/login?level=eidas2").source


def test_a_composed_identity_is_a_login(world, browser):
    form = browser.click(at_cards(world, browser), "compose")
    page = agree(browser, browser.press(form, "compose-send", level="eidas1"))
    assert page.text("claim-family_name") == "MARTIN"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("fi.bad_nonce", "FI-203"),
        ("fi.bad_sig", "FI-203"),
        ("fi.no_sub", "FI-203"),
        ("fi.http_500", "FI-202"),
    ],
)
def test_a_fault_of_the_provider_is_read_at_the_choice(world, browser, fault, code):
    world.faults.switch(IMPOTS.id, fault)
    page = prove(world, browser)
    assert code in page.source
    assert page.url.startswith(f"{world.address.broker}/choisir")


def test_a_lower_level_than_asked_is_refused(world, browser):
    world.faults.switch(IMPOTS.id, "fi.lower_loa")
    assert "FI-204" in prove(world, browser, path="/login?level=eidas2").source


NOTICED = sorted(BROKER_FAULTS.keys() - {"token.lower_acr", "userinfo.missing_birthplace"})


@pytest.mark.parametrize("fault", NOTICED)
@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.id)
def test_the_services_of_the_demo_notice_what_the_broker_tells_them_wrongly(world, browser, service, fault):
    world.faults.switch(BROKER, fault)
    page = agree(browser, prove(world, browser, service=service))
    assert ("error-detail" in page.marked, "signed-in" in page.marked) == (True, False)


def test_they_notice_a_lower_level_than_they_asked(world, browser):
    world.faults.switch(BROKER, "token.lower_acr")
    page = agree(browser, prove(world, browser, path="/login?level=eidas2"))
    assert "acr" in page.text("error-detail")


def test_they_cope_with_a_birthplace_that_is_absent(world, browser):
    world.faults.switch(BROKER, "userinfo.missing_birthplace")
    page = agree(browser, prove(world, browser))
    assert ("signed-in" in page.marked, "claim-birthplace" in page.marked) == (True, False)


@pytest.mark.parametrize("name", [*BROKER_FAULTS, "token.bad", ""])
def test_what_the_broker_tells_wrongly_is_switched_on_the_page(world, browser, name):
    page = browser.open(f"{world.address.broker}/dev/faults")
    browser.press(page, "switch", broker=name)
    on = world.faults.on(BROKER)
    assert (on.name if on else "") == (name if name in BROKER_FAULTS else "")


def test_a_provider_that_goes_down_on_the_way_is_said_so(world, browser):
    cards = at_cards(world, browser)
    form = next(form for form in cards.forms if "persona-angela" in form.buttons)
    address = browser.step("POST", form.action, {**form.fields, "persona": "angela"}).headers["Location"]
    world.faults.switch(IMPOTS.id, "fi.down")
    assert "FI-202" in browser.open(address).source


def test_the_citizen_who_gives_up_at_the_provider_can_give_up_altogether(world, browser):
    choice = browser.press(at_cards(world, browser), "cancel")
    assert browser.press(choice, "cancel").text("error-code") == "access_denied"


def test_a_logout_closes_service_broker_and_provider(world, browser):
    page = browser.press(login(world, browser), "logout")
    assert "signed-out" in page.marked
    assert "Angela" not in browser.open(world.address.of(IMPOTS.host, "/")).text("provider-session")


# -- blindness --------------------------------------------------------------------------------------------------------


def everything(world):
    """Logins, refusals, faults and logouts, at every service with every provider."""
    for service in SERVICES:
        for provider in PROVIDERS:
            browser = Browser()
            browser.press(login(world, browser, service=service, provider=provider), "logout")
        browser = Browser()
        browser.press(browser.press(at_cards(world, browser, service=service), "cancel"), "cancel")
        prove(world, browser, "disabled", service=service)
        prove(world, browser, "bad_nonce", service=service)
        prove(world, browser, "server_error", service=service)


def test_no_party_ever_meets_the_other_side(world):
    everything(world)
    for party in (*SERVICES, *PROVIDERS):
        text = readable(world.recorder.received_by(party.host))
        assert len(text) > 1000
        assert [word for word in strangers(party.host) if word in text] == []


# -- backstage --------------------------------------------------------------------------------------------------------


def test_the_story_of_a_login_is_told_with_both_columns_blind(world, browser):
    login(world, browser)
    page = browser.open(world.address.broker + "/dev/flow")
    assert page.text("blind-service").startswith("✔")
    assert page.text("blind-provider").startswith("✔")
    assert page.source.count("verified with the published keys") == 3
    assert "no published key" not in page.source


def test_the_story_shows_a_signature_that_is_false(world, browser):
    prove(world, browser, "bad_signature")
    assert "no published key" in browser.open(world.address.broker + "/dev/flow").source


def test_the_story_is_not_in_itself(world, browser):
    login(world, browser)
    before = len(world.recorder.exchanges())
    browser.open(world.address.broker + "/dev/flow")
    assert len(world.recorder.exchanges()) == before


def test_without_a_login_the_story_says_where_to_begin(world, browser):
    assert "no-login" in browser.open(world.address.broker + "/dev/flow").marked


def test_a_fault_is_switched_on_the_page(world, browser):
    page = browser.open(world.address.broker + "/dev/faults")
    done = browser.press(page, "switch", **{"impots-demo": "fi.bad_sig", "poste-demo": "nonsense"})
    assert "saved" in done.marked
    assert world.faults.on(IMPOTS.id).name == "fi.bad_sig"
    assert world.faults.on(POSTE.id) is None


@pytest.mark.parametrize("path", ["/dev", "/dev/flow", "/dev/faults"])
def test_backstage_is_english(world, path):
    assert Browser("fr").open(world.address.broker + path).language == "en"


def test_other_pages_of_the_brokers_host_are_the_brokers(world, browser):
    assert browser.open(world.address.broker + "/device").status == 404
    assert "/dev/static" not in browser.open(world.address.broker + "/device").source


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "elsewhere.localhost"])
def test_every_other_name_shows_where_to_begin(world, browser, host):
    page = browser.open(world.address.of(host, "/"))
    shown = set(re.findall(r'href="(http://[^"]*)"', page.source))
    assert {world.address.of(party.host, "/") for party in (*SERVICES, *PROVIDERS, *DATA_PROVIDERS, COMUNE)} < shown


def test_an_address_that_does_not_exist_is_not_found(world, browser):
    assert browser.open(world.address.of("localhost", "/nowhere")).status == 404


@pytest.mark.parametrize("host", [party.host for party in (*SERVICES, *PROVIDERS, *DATA_PROVIDERS)] + ["localhost"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_says_its_language_and_leads_to_the_other(world, host, language):
    page = Browser(language).open(world.address.of(host, "/"))
    other = Browser(language).click(page, "language")
    assert {page.language, other.language} == {"fr", "en"}
    assert page.language == language


# -- the folder -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "demo"
    build_world(made, 8000, database="memory:").close()
    return made


def test_the_folder_is_an_ordinary_instance(folder):
    settings = load(folder, {})
    assert (settings.mode, settings.public_url) == ("sandbox", "http://fc.localhost:8000")
    assert settings.warnings == ()


def test_the_broker_does_not_hold_what_its_services_hold(folder):
    secret = (folder / "simulated" / MAIRIE.id).read_text()
    kept = [path.read_text() for path in (folder / "secrets").iterdir() if path.is_file()]
    assert not any(secret in text for text in kept)


def test_keys_and_changes_stay(folder):
    toml = folder / "partners" / "fs" / f"{MAIRIE.id}.toml"
    toml.write_text(toml.read_text().replace("Mairie de Démo", "Mairie à moi"))
    pepper = (folder / "secrets" / "pepper-1").read_text()
    build_world(folder, 8000, database="memory:").close()
    assert "Mairie à moi" in toml.read_text()
    assert (folder / "secrets" / "pepper-1").read_text() == pepper


def test_a_folder_without_data_providers_gets_them_and_their_services(folder):
    shutil.rmtree(folder / "partners" / "fd")
    toml = folder / "partners" / "fs" / f"{MAIRIE.id}.toml"
    toml.write_text(toml.read_text().partition("[[fs.data]]")[0])
    build_world(folder, 8000, database="memory:").close()
    assert set(load(folder, {}).parties.services[MAIRIE.id].data) == {"revenu_fiscal", "nombre_parts"}


def test_what_somebody_takes_from_a_service_stays_taken(folder):
    toml = folder / "partners" / "fs" / f"{MAIRIE.id}.toml"
    toml.write_text(toml.read_text().partition("[[fs.data]]")[0])
    build_world(folder, 8000, database="memory:").close()
    assert "[[fs.data]]" not in toml.read_text()


def test_another_port_is_another_configuration(folder):
    build_world(folder, 8001, database="memory:").close()
    assert load(folder, {}).public_url == "http://fc.localhost:8001"


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_said_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoRefused, match=f"--port {port + 1}"):
            serve_demo(tmp_path / "demo", port, False, False)


def test_reset_removes_nothing_that_the_demo_did_not_make(tmp_path):
    (tmp_path / "precious").touch()
    with pytest.raises(DemoRefused, match="was not made by the demo"):
        forget(tmp_path)
    assert (tmp_path / "precious").exists()


def test_reset_removes_what_the_demo_made(folder):
    forget(folder)
    assert not folder.exists()


def test_reset_without_an_earlier_demo_is_nothing(tmp_path):
    forget(tmp_path / "absent")


@pytest.mark.slow
def test_the_command_is_soon_ready_and_ends_cleanly(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "broker", "demo", "--port", port, "--folder", str(tmp_path / "demo")]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            if line.startswith("ready in"):
                break
        took = time.monotonic() - began
        page = Browser().open(f"http://fs.localhost:{port}/")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
    assert (page.status, process.returncode, rest.strip()) == (200, 0, "stopped")
    assert took < 10


def test_the_post_is_slow_by_habit():
    assert Faults([(POSTE.id, POSTE.habit)]).on(POSTE.id).seconds == 2


def test_the_addresses_are_the_brokers_own():
    assert Address(8000).at_provider("x") == (
        "http://fc.localhost:8000/api/v2/oidc-callback/x",
        "http://fc.localhost:8000/api/v2/client/logout-callback",
    )


def test_the_documentation_shows_what_the_terminal_says(tmp_path):
    world = build_world(tmp_path, 8000, database="memory:")
    said = [line for line in banner(world, tmp_path, 0).splitlines() if "http://" in line]
    world.close()
    document = (Path(__file__).parents[3] / "docs" / "start.md").read_text("utf-8")
    assert [line for line in said if line not in document] == []
    assert f"{len(world.personas)} test people" in document
