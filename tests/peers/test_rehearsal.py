"""The documentation's example with openid-client, rehearsed: a service on a library of others passes every scenario."""

import os
import re
import subprocess
import time
from datetime import UTC, datetime
from urllib.request import urlopen

import pytest

from broker.parties import Parties
from broker.sandbox.rehearsal.audience import Audience, Ways
from broker.sandbox.rehearsal.course import SCENARIOS, play
from broker.sandbox.rehearsal.scenes import Cast
from broker.sandbox.rehearsal.stage import Script, Stage
from tests.broker.world import SECRET, service, settings_of
from tests.peers.programs import ROOT, free_port, wait_for
from tests.peers.world import HERE

LATER = []
"""The seconds that were not waited for, but added to both clocks."""
GUIDE = ROOT / "docs/fs/integrate.md"


@pytest.fixture
def stage(tmp_path):
    LATER.clear()
    home = f"http://localhost:{free_port()}"
    uris = {"redirect_uris": (f"{home}/cb",), "post_logout_redirect_uris": (f"{home}/",), "home": f"{home}/"}
    fs = service("mairie", **uris, europe=True)
    settings = settings_of(tmp_path / "instance", "memory:", mode="sandbox", parties=Parties({"mairie": fs}, {}))
    angela = Cast(datetime.now(UTC).date()).french("angela")
    script = Script(lambda _demand: angela)
    return Stage(settings, fs, f"http://localhost:{free_port()}", tmp_path, script, lambda: int(time.time()) + sum(LATER))


@pytest.fixture
def started(stage, node, tmp_path):
    """The broker of the rehearsal, and the example in front of it."""
    (code,) = re.findall(r"^```js\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    (tmp_path / "example.mjs").write_text(code)
    (callback,) = stage.service.redirect_uris
    port = callback.rpartition(":")[2].removesuffix("/cb")
    environ = {"ISSUER": stage.issuer, "CLIENT_ID": "mairie", "CLIENT_SECRET": SECRET, "REDIRECT_URI": callback}
    log = tmp_path / "service.log"
    with stage.serve(), log.open("wb") as output:
        command = [node, str(HERE / "pages.mjs"), str(tmp_path / "example.mjs"), port]
        after = {"AFTER_LOGOUT": stage.service.home}
        with subprocess.Popen(
            command, env={**os.environ, **environ, **after}, stdout=output, stderr=subprocess.STDOUT
        ) as process:
            wait_for(process, int(port), log)
            yield stage
            process.kill()


def test_a_service_on_openid_client_passes_every_scenario(started):
    (callback,) = started.service.redirect_uris
    audience = Audience(started.issuer, callback, Ways(started.service.home))

    def wait(seconds, _why):
        urlopen(f"{started.service.home}later?{seconds}").close()
        LATER.append(seconds)

    outcomes = list(play(started, audience, Cast(datetime.now(UTC).date()), wait))
    assert len(outcomes) == len(SCENARIOS)
    assert {one.name: one.said for one in outcomes if one.verdict != "pass"} == {
        "acr": "the service asks for eidas1, below which there is nothing"
    }
