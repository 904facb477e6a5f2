"""passerelle db."""

import sqlite3
from pathlib import Path

import pytest

from broker.store.migrate import REVISION
from tests.broker.commands.conftest import Run


def test_a_dry_run_prints_the_statements_and_changes_nothing(run: Run, instance: Path):
    result = run("db", "upgrade", "--dry-run", "-C", instance)
    assert "CREATE TABLE" in result.output
    assert run("db", "upgrade", "-C", instance).output == f"empty -> {REVISION}\n"


def test_an_upgrade_that_is_not_needed_says_so(run: Run, instance: Path):
    run("db", "upgrade", "-C", instance)
    assert run("db", "upgrade", "-C", instance).output == "the database is up to date\n"


def test_memory_has_no_schema(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "memory:")
    assert run("db", "upgrade", "-C", instance).output == "memory: has no schema\n"


def test_what_has_expired_is_removed(run: Run, instance: Path):
    run("db", "upgrade", "-C", instance)
    database = sqlite3.connect(instance / "var/passerelle.db")
    with database:
        database.execute("INSERT INTO grants (id, expires) VALUES (x'00', 1), (x'01', 9999999999)")
    database.close()
    assert run("db", "purge", "-C", instance).output == "1 expired rows removed\n"


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_database_of_a_version_that_nobody_knows_is_left_alone(run: Run, instance: Path, more: tuple[str, ...]):
    run("db", "upgrade", "-C", instance)
    database = sqlite3.connect(instance / "var/passerelle.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    result = run("db", "upgrade", *more, "-C", instance)
    assert (result.exit_code, "has version 9999, which this program does not know" in result.output) == (1, True)


@pytest.mark.parametrize("command", ["upgrade", "purge"])
def test_a_database_that_does_not_answer_is_told_without_a_traceback(run: Run, instance: Path, monkeypatch, command: str):
    monkeypatch.setenv("PASSERELLE_DATABASE_URL", "sqlite:////dev/null")
    result = run("db", command, "-C", instance)
    assert (result.exit_code, result.output.startswith("passerelle: ")) == (1, True)
