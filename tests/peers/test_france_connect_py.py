"""france-connect-py, made for FranceConnect v2, signs citizens in through Passerelle: other host names, and no more."""

import json
import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.browser import Browser
from tests.peers.programs import ROOT
from tests.peers.registrations import SECRET, Provider, Service
from tests.peers.world import running

GUIDE = ROOT / "docs/fs/clients.md"


@pytest.fixture(scope="module")
def peers(tmp_path_factory, node):
    """All programs, for the tests of this file."""
    with running(tmp_path_factory.mktemp("fc"), node, [Service("mairie", facts=None)], (Provider("plain"),)) as started:
        yield started


@pytest.fixture
def service(peers, france_connect, tmp_path):
    """The example of the guide, running as the service `mairie`; what it says first."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "example.py").write_text(code)
    environ = {
        "PASSERELLE": peers.broker,
        "CLIENT_ID": "mairie",
        "CLIENT_SECRET": SECRET,
        "REDIRECT_URI": f"{peers.home}mairie/callback",
        "AFTER_LOGOUT": peers.home,
    }
    with _program(
        [france_connect, str(Path(__file__).parent / "franceconnect.py"), str(tmp_path / "example.py")], environ
    ) as it:
        yield it


@contextmanager
def _program(command, environ):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env={**os.environ, **environ}, **pipes) as process:
        yield process
        process.kill()


def line(service):
    """What the service says next."""
    said = service.stdout.readline()
    assert said.startswith("{"), said + service.stdout.read()
    return json.loads(said)


def answer(service, url):
    """Where the browser came back, and what the service makes of it."""
    print(url, file=service.stdin, flush=True)
    return line(service)


def test_a_citizen_signs_in_and_out(peers, service):
    browser, began = Browser(), line(service)
    assert (began["issuer"], began["url"].partition("?")[0]) == (
        f"{peers.broker}/api/v2",
        f"{peers.broker}/api/v2/authorize",
    )
    login = browser.press(browser.open(began["url"]), "provider", "plain")
    confirmation = browser.press(login, account="zoe", acr="eidas2")
    got = answer(service, browser.press(confirmation, "action", "continue", stop_before=peers.home).location)
    assert (got["claims"]["family_name"], got["claims"]["birthdate"]) == ("D'ALMEIDA-SŒUR", "1976-02-00")
    assert got["id_token"]["acr"] == "eidas2"
    question = browser.open(got["logout"])
    assert question.url.startswith(f"{peers.provider}/session/end")
    home = browser.press(question, "logout", "yes", stop_before=peers.home).location
    assert home == f"{peers.home}?state=state-of-the-logout"


def test_a_citizen_who_turns_back_is_an_error_that_the_service_can_tell(peers, service):
    browser = Browser()
    choice = browser.open(line(service)["url"])
    came = browser.press(choice, "action", "cancel", stop_before=peers.home).location
    assert answer(service, came)["error"] == "access_denied"
