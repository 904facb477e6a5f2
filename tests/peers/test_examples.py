"""The examples of docs/fs/integrate.md sign a citizen in and out, exactly as they stand there."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.peers.browser import Browser
from tests.peers.programs import ROOT
from tests.peers.registrations import SECRET
from tests.peers.world import HERE, running

GUIDE = ROOT / "docs/fs/integrate.md"


@pytest.fixture(scope="module")
def peers(tmp_path_factory, node):
    """All programs, for the tests of this file."""
    with running(tmp_path_factory.mktemp("examples"), node) as started:
        yield started


@pytest.fixture(params=["js", "python"])
def example(request, tmp_path, node):
    """The command that plays a service around the example in this language."""
    (code,) = re.findall(rf"^```{request.param}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    if request.param == "python":
        (tmp_path / "example.py").write_text(code)
        return [sys.executable, "-W", "error", str(HERE / "drive.py"), str(tmp_path / "example.py")]
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    (tmp_path / "example.mjs").write_text(code)
    return [node, str(HERE / "drive.mjs"), str(tmp_path / "example.mjs")]


@pytest.fixture
def service(peers, example):
    """The example, running as the service `basic`."""
    environ = {
        "ISSUER": f"{peers.broker}/api/v2",
        "CLIENT_ID": "basic",
        "CLIENT_SECRET": SECRET,
        "REDIRECT_URI": f"{peers.home}basic/callback",
        "AFTER_LOGOUT": peers.home,
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(example, env={**os.environ, **environ}, **pipes) as process:
        yield process
        process.kill()


def line(service):
    """What the example says next."""
    said = service.stdout.readline()
    assert said[:1] in ('"', "{"), said + service.stdout.read()
    return json.loads(said)


def test_the_example_signs_a_citizen_in_and_out(peers, service):
    browser = Browser()
    login = browser.press(browser.open(line(service)), "provider", "plain")
    confirmation = browser.press(login, account="zoe", acr="eidas1")
    came = browser.press(confirmation, "action", "continue", stop_before=peers.home).location
    print(came, file=service.stdin, flush=True)
    got = line(service)
    assert (got["claims"]["family_name"], got["claims"]["birthdate"]) == ("D'ALMEIDA-SŒUR", "1976-02-00")
    assert browser.press(browser.open(got["logout"]), "logout", "yes").url == peers.home


def test_the_example_believes_no_answer_that_its_browser_did_not_ask_for(peers, service):
    browser = Browser()
    login = browser.press(browser.open(line(service)), "provider", "plain")
    confirmation = browser.press(login, account="zoe", acr="eidas1")
    came = browser.press(confirmation, "action", "continue", stop_before=peers.home).location
    said, _ = service.communicate(re.sub("state=[^&]*", "state=of-another", came) + "\n", timeout=20)
    assert "state" in said
    assert service.returncode == 1
