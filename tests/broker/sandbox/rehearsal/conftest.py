"""A rehearsal of a service with one defect, in this process: the stage on one port, the service on another."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from broker import app
from broker.parties import Parties
from broker.sandbox.rehearsal.audience import Audience, Ways
from broker.sandbox.rehearsal.course import play
from broker.sandbox.rehearsal.outcome import Outcome
from broker.sandbox.rehearsal.scenes import Cast
from broker.sandbox.rehearsal.stage import Script, Stage
from certs.keyring import load_keyring
from tests.broker.sandbox.rehearsal.services import Pages, example, served
from tests.broker.world import SECRET, service, settings_of
from tests.peers.programs import free_port

Rehearse = Callable[..., Mapping[str, Outcome]]


def clock() -> int:
    return int(time.time())


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rehearsed")


@pytest.fixture
def rehearse(instance_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearse:
    """A function that rehearses the documentation's example with a defect; what came of it, by the scenario's name."""
    monkeypatch.setattr(app, "load_keyring", load_keyring)  # other tests keep what was read; here keys change

    def rehearsal(
        defect: str = "",
        *only: int,
        level: str = "eidas2",
        pages: str = "",
        variant: str = "",
        same_site: str = "Lax",
        ways: Mapping[str, str] = MappingProxyType({}),
        **changes,
    ):
        home, public = f"http://localhost:{free_port()}", f"http://localhost:{free_port()}"
        uris = {"redirect_uris": (f"{home}/cb",), "post_logout_redirect_uris": (f"{home}/bye",), "home": f"{home}/"}
        fs = service("mairie", **{**uris, "europe": True, **changes})
        settings = settings_of(instance_folder, "memory:", mode="sandbox", parties=Parties({"mairie": fs}, {}))
        cast = Cast(datetime.now(UTC).date())
        stage = Stage(settings, fs, public, tmp_path, Script(lambda _demand: cast.french("angela")), clock)
        environ = {
            "ISSUER": stage.issuer,
            "CLIENT_ID": "mairie",
            "CLIENT_SECRET": SECRET,
            "REDIRECT_URI": f"{home}/cb",
            "AFTER_LOGOUT": f"{home}/bye",
        }
        audience = Audience(stage.issuer, f"{home}/cb", Ways(f"{home}/", **ways))
        port = int(home.rpartition(":")[2])
        module = example(environ, defect, level, variant)
        with stage.serve(), served(Pages(module, pages or defect, same_site).app(), port):
            return {one.name: one for one in play(stage, audience, cast, lambda _seconds, _why: None, frozenset(only))}

    return rehearsal
