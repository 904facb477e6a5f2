"""passerelle reload."""

from pathlib import Path

import pytest

from broker.settings import load
from broker.store import open_store
from tests.broker.commands.conftest import NOW, Run


def generation(instance: Path) -> int:
    store = open_store(load(instance, {}).database, lambda: NOW)
    try:
        return store.generation()
    finally:
        store.close()


def shorten_session(instance: Path) -> None:
    file = instance / "passerelle.toml"
    file.write_text(file.read_text("utf-8").replace("sso_minutes  = 30", "sso_minutes  = 10"), "utf-8")


def test_every_reload_raises_the_generation(run: Run, instance: Path):
    before = generation(instance)
    result = run("reload", "-C", instance)
    assert f"generation {before + 1} was announced to the workers" in result.output
    assert generation(instance) == before + 1


def test_the_first_reload_has_nothing_to_compare_with(run: Run, instance: Path):
    assert run("reload", "-C", instance).output.startswith("no earlier reload is known here")


def test_a_reload_says_what_has_changed_since_the_last_one(run: Run, instance: Path):
    run("reload", "-C", instance)
    shorten_session(instance)
    assert run("reload", "-C", instance).output.startswith("~ session.sso_minutes: 30 -> 10\nconfiguration ")
    assert run("reload", "-C", instance).output.startswith("nothing has changed since the last reload\n")


def test_a_dry_run_says_it_and_announces_nothing(run: Run, instance: Path):
    run("reload", "-C", instance)
    before = generation(instance)
    shorten_session(instance)
    for _ in range(2):
        assert run("reload", "--dry-run", "-C", instance).output.startswith("~ session.sso_minutes: 30 -> 10\n")
    assert generation(instance) == before


def test_what_is_not_valid_is_not_announced(run: Run, instance: Path):
    before = generation(instance)
    file = instance / "partners/fs/mairie.toml"
    text = file.read_text("utf-8")
    file.write_text("[fs", "utf-8")
    result = run("reload", "-C", instance)
    file.write_text(text, "utf-8")
    assert (result.exit_code, "E001" in result.output) == (3, True)
    assert generation(instance) == before


def test_what_is_remembered_holds_no_secret_and_is_for_the_owner(run: Run, instance: Path):
    run("reload", "-C", instance)
    record = instance / "var/announced.json"
    assert "our-secret-at-impots" not in record.read_text("utf-8")
    assert record.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[]", "\x00"])
def test_a_record_that_is_spoilt_is_no_record(run: Run, instance: Path, content: str):
    (instance / "var/announced.json").write_text(content)
    assert run("reload", "-C", instance).output.startswith("no earlier reload is known here")


def test_a_record_that_cannot_be_written_does_not_stop_the_reload(run: Run, instance: Path):
    (instance / "var/announced.json").mkdir()
    result = run("reload", "-C", instance)
    assert (result.exit_code, "the next reload cannot say what has changed" in result.output) == (0, True)


def test_a_database_that_does_not_answer_is_told_without_a_traceback(run: Run, instance: Path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "sqlite:////dev/null")
    result = run("reload", "-C", instance)
    assert (result.exit_code, "announced" in result.output) == (1, False)
