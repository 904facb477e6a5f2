"""The simulated world does not exist where real people are served."""

import importlib
import os

import pytest

import broker.sandbox
from broker import production


def test_the_sandbox_cannot_be_imported_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_MODE", "production")
    with pytest.raises(production.SandboxForbidden):
        importlib.reload(broker.sandbox)


@pytest.mark.parametrize("mode", ["sandbox", None])
def test_the_sandbox_can_be_imported_elsewhere(monkeypatch: pytest.MonkeyPatch, mode: str | None) -> None:
    monkeypatch.delenv("PASSERELLE_MODE", raising=False)
    if mode:
        monkeypatch.setenv("PASSERELLE_MODE", mode)
    assert importlib.reload(broker.sandbox)


def test_a_declared_production_holds_for_the_processes_that_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    production.declare()
    assert os.environ["PASSERELLE_MODE"] == "production"
