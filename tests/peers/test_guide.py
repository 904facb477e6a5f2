"""docs/fs/clients.md names the versions that are run, and shows code that is part of what is run."""

import json
import re

import pytest

from tests.peers.programs import ROOT
from tests.peers.versions import HERE, NPM, npm, versions

GUIDE = (ROOT / "docs/fs/clients.md").read_text()
CLIENTS = [path.read_text() for path in sorted((HERE / "clients").glob("*.mjs"))]


def rows():
    """The version that the guide's table gives for each client."""
    return dict(re.findall(r"^\| \[([\w-]+)\]\([^)]*\)[^|]*\| ([\w.]+)", GUIDE, re.MULTILINE))


def pinned():
    """The version that is installed for each client of npm and Python."""
    node = json.loads((HERE / "package.json").read_text())["dependencies"]
    return {**node, **dict(re.findall(r"^([\w-]+)==(.+)$", (HERE / "requirements.txt").read_text(), re.MULTILINE))}


@pytest.mark.parametrize("client", ["openid-client", "oauth4webapi", "france-connect-py"])
def test_the_guide_names_the_version_that_is_pinned(client):
    assert rows()[client] == pinned()[client]


def test_the_guide_for_providers_names_the_version_that_is_pinned():
    assert f"npm's oidc-provider {pinned()['oidc-provider']} in" in (ROOT / "docs/fi/connect.md").read_text()


@pytest.mark.parametrize("code", re.findall(r"^```js\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
def test_the_code_of_the_guide_is_code_that_runs(code):
    wanted = "".join(code.split())
    assert any(wanted in "".join(text.split()) for text in CLIENTS)


@pytest.mark.peer
def test_the_machine_has_the_versions_that_are_pinned(node, france_connect):
    found = {name: npm(name) for name in NPM} | {"france-connect-py": versions()["france-connect-py"]}
    assert found == {name: pinned()[name] for name in found}


@pytest.mark.peer
def test_the_machine_has_the_module_that_the_guide_names_or_a_later_one(apache):
    there = tuple(int(part) for part in re.findall(r"\d+", versions()["mod_auth_openidc"])[:4])
    assert there >= tuple(int(part) for part in rows()["mod_auth_openidc"].split("."))
