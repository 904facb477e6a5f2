"""Services hear of logouts by jose and by joserfc: the examples of docs/fs/logout.md, exactly as they stand there."""

import http.client
import json
from urllib.parse import quote

import pytest

from tests.peers.browser import Browser
from tests.peers.listeners import TOLD, listening, services
from tests.peers.programs import free_port
from tests.peers.world import SERVICES, running, shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the programs write what they have to say."""
    return tmp_path_factory.mktemp("told")


@pytest.fixture(scope="module")
def ports():
    """Where the services hear of logouts."""
    return {name: free_port() for name in TOLD}


@pytest.fixture(scope="module")
def peers(folder, node, ports):
    """All programs, for the tests of this file."""
    with running(folder, node, services(ports)) as started, listening(folder, node, started, ports):
        yield started


@pytest.fixture
def said(folder):
    """What the end of a service has said since the test began."""
    before = {name: len(_lines(folder, name)) for name in TOLD}
    return lambda name: _lines(folder, name)[before[name] :]


def _lines(folder, name):
    return [json.loads(line) for line in (folder / f"told-{name}.log").read_text().splitlines()]


def log_in_everywhere(peers, browser):
    """A login at each service; what their ID tokens call the session."""
    sids = {}
    for number, name in enumerate(service.name for service in SERVICES):
        page = browser.open(f"{peers.home}{name}/login")
        if number:
            page = browser.press(page, "action", "continue")
        else:
            page = browser.press(browser.press(page, "provider", "plain"), account="angela", acr="eidas2")
        sids[name] = shown(browser.press(page, "action", "continue"))["id_token"].get("sid")
    return sids


@pytest.mark.parametrize(("leaves", "told"), [("basic", "post"), ("post", "basic"), ("app", "post"), ("app", "basic")])
def test_others_believe_our_logout_token(peers, said, leaves, told):
    browser = Browser()
    sids = log_in_everywhere(peers, browser)
    # the service of openid-client keeps its last login alone: the hint is of the one that signs in last
    page = browser.press(browser.open(f"{peers.home}{leaves}/login"), "action", "continue")
    browser.press(page, "action", "continue")
    browser.press(browser.open(f"{peers.home}{leaves}/logout"), "logout", "yes")
    assert (said(told), sids["app"]) == ([{"sid": sids[told]}], None)
    assert leaves == "app" or said(leaves) == []


@pytest.mark.parametrize("name", TOLD)
def test_a_token_that_is_not_ours_is_refused_by_the_example(peers, ports, said, name):
    connection = http.client.HTTPConnection("127.0.0.1", ports[name], timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/{name}", f"logout_token={quote('a.b.c')}", headers)
    assert connection.getresponse().status == 400
    connection.close()
    assert [list(line) for line in said(name)] == [["error"]]
