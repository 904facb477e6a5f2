"""Neither side learns of the other, with a real browser between them: its Referer, its cookies, its addresses."""

from urllib.parse import urlsplit

import pytest

from broker.sandbox.decoding import readable
from tests.browser.steps import at, log_in, open_service, to_confirmation

SERVICE_WORDS = (b"fs.localhost", b"shop.localhost", b"mairie", b"Mairie", b"assurance", b"Assurance", b"Town%20Hall")
PROVIDER_WORDS = (
    b"fi.localhost",
    b"fi2.localhost",
    b"impots",
    b"Imp%C3%B4ts",
    "Impôts".encode(),
    b"poste",
    b"Poste",
    b"Tax Office",
)
DATA_WORDS = (
    b"fd.localhost",
    b"points.localhost",
    b"revenus",
    b"Revenus",
    b"revenu_fiscal",
    b"permis_points",
    b"Income Office",
)


def login(page, world):
    log_in(page, world)


def single_sign_on(page, world):
    log_in(page, world)
    log_in_again(page, world)


def log_in_again(page, world):
    open_service(page, world, "shop.localhost")
    at(page, "login")
    at(page, "continue")
    page.check('[data-testid="consent"]')
    at(page, "continue")


def logout(page, world):
    log_in(page, world)
    at(page, "logout")
    page.wait_for_load_state()


def logout_of_two_services(page, world):
    single_sign_on(page, world)
    open_service(page, world)
    at(page, "logout")
    page.wait_for_selector('[data-testid="signed-out"]')


def refusal(page, world):
    open_service(page, world)
    at(page, "login")
    at(page, "provider-poste-demo")
    at(page, "cancel")
    at(page, "cancel")


def failure(page, world):
    world.faults.switch("impots-demo", "fi.bad_nonce")
    open_service(page, world)
    at(page, "login")
    at(page, "provider-impots-demo")
    at(page, "persona-angela")
    at(page, "cancel")


def data(page, world):
    to_confirmation(page, world)
    page.check('[data-testid="scope-revenu_fiscal"]')
    at(page, "continue")
    page.wait_for_selector('[data-testid="value-revenu_fiscal"]')


def data_withdrawn(page, world):
    data(page, world)
    at(page, "agreements")
    at(page, "withdraw-revenus-demo")
    open_service(page, world)
    at(page, "ask-again")
    page.wait_for_selector('[data-testid="data-error"]')


JOURNEYS = (login, single_sign_on, logout, logout_of_two_services, refusal, failure, data, data_withdrawn)


@pytest.fixture(params=JOURNEYS, ids=lambda journey: journey.__name__)
def told(request, world, visitor):
    """What each host received in one kind of journey."""
    request.param(visitor(), world)
    return {host: world.recorder.received_by(host) for host in world.hosts}


def test_providers_receive_no_word_of_the_services(told):
    received = told["fi.localhost"] + told["fi2.localhost"]
    assert received
    assert [word for word in (*SERVICE_WORDS, *DATA_WORDS) if word in received] == []


@pytest.mark.parametrize("journey", [data, data_withdrawn], ids=lambda journey: journey.__name__)
def test_data_providers_receive_no_word_of_the_providers(world, visitor, journey):
    journey(visitor(), world)
    received = readable(world.recorder.received_by("fd.localhost"), world.opened).encode()
    assert b"DUBOIS" in received
    assert [word for word in PROVIDER_WORDS if word in received] == []


def test_services_receive_no_word_of_the_providers(told):
    received = told["fs.localhost"] + told["shop.localhost"]
    assert received
    assert [word for word in PROVIDER_WORDS if word in received] == []


def test_a_service_that_is_told_of_a_logout_receives_no_word_of_the_other(world, visitor):
    logout_of_two_services(visitor(), world)
    told = [e for e in world.recorder.exchanges() if e.path == "/backchannel-logout"]
    assert [e.host for e in told] == ["shop.localhost"]
    received = world.recorder.received_by("shop.localhost")
    assert [
        word for word in (b"fs.localhost", b"mairie", b"Mairie", b"Town%20Hall", b"Town Hall") if word in received
    ] == []


def test_no_request_across_the_boundary_carries_a_referrer(world, visitor):
    log_in(visitor(), world)
    across = [e for e in world.recorder.exchanges() if e.host in ("fi.localhost", "fs.localhost")]
    referrers = {urlsplit(dict(e.headers).get("Referer", "")).hostname for e in across if e.sender == "browser"}
    assert referrers <= {None, "fi.localhost", "fs.localhost"}
    assert [e.url for e in across if e.host not in str(dict(e.headers).get("Referer", e.host))] == []
