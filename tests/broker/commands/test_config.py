"""passerelle config."""

import json
from pathlib import Path

import pytest

from broker.settings.explain import page
from broker.settings.schema import FS
from tests.broker.commands.conftest import Run


def test_one_key_is_shown_with_its_place(run: Run, instance: Path):
    result = run("config", "show", "broker.public_url", "-C", instance)
    assert result.output.splitlines()[1].split() == [
        "broker.public_url",
        "https://connexion.mairie.fr",
        "passerelle.toml:5",
    ]


@pytest.mark.parametrize(
    ("key", "count"),
    [("session", 2), ("fs.mairie", len(FS)), ("fs.mairie.scopes", 1), ("secrets/pepper-1", 1), ("fingerprint", 1)],
)
def test_a_table_a_partner_a_key_or_a_secret_can_be_shown(run: Run, instance: Path, key: str, count: int):
    assert len(json.loads(run("config", "show", key, "-C", instance, "--format", "json").output)) == count


def test_no_secret_is_shown(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "postgresql://u:hunter2@h/d")
    shown = run("config", "show", "-C", instance).output
    secrets = [path.read_text("utf-8").strip() for path in (instance / "secrets").glob("*") if path.is_file()]
    assert [secret for secret in ("hunter2", *secrets) if secret in shown] == []
    assert "(file, 65 bytes, sha256 " in shown


def test_the_environment_is_named_where_it_stands_for_a_key(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    (row,) = json.loads(run("config", "show", "broker.mode", "-C", instance, "--format", "json").output)
    assert row == {"key": "broker.mode", "value": "sandbox", "from": "PASSERELLE_MODE"}


def test_a_key_that_does_not_exist_is_wrong_usage(run: Run, instance: Path):
    assert run("config", "show", "broker.nothing", "-C", instance).exit_code == 2


def test_an_explanation_says_where_the_key_is_set(run: Run, instance: Path):
    explained = json.loads(run("config", "explain", "fs.min_loa", "-C", instance, "--format", "json").output)
    assert (explained["default"], explained["set"]) == ("low", ["partners/fs/mairie.toml:8"])


def test_an_explanation_needs_no_instance(run: Run, tmp_path: Path):
    explained = json.loads(run("config", "explain", "fs.min_loa", "-C", tmp_path, "--format", "json").output)
    assert explained["set"] == ["nowhere here"]


def test_a_variable_sets_a_key_too(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    explained = json.loads(run("config", "explain", "broker.mode", "-C", instance, "--format", "json").output)
    assert explained["set"] == ["passerelle.toml:4", "PASSERELLE_MODE"]


@pytest.mark.parametrize(
    ("key", "told"), [("min_loa", "did you mean fs.min_loa?"), ("zzz", "passerelle config explain lists them")]
)
def test_a_key_that_cannot_be_explained_gets_a_hint(run: Run, key: str, told: str):
    result = run("config", "explain", key)
    assert (result.exit_code, told in result.output) == (2, True)


def test_all_keys_can_be_had_as_the_page_of_the_documentation(run: Run):
    assert run("config", "explain", "--markdown").output == page()
