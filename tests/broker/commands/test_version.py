"""passerelle version."""

import json
from importlib import metadata

import pytest

from broker.commands.version import parts
from tests.broker.commands.conftest import Run


def test_the_version_is_one_line(run: Run):
    assert run("version").output == f"passerelle {metadata.version('passerelle')}\n"


def test_every_dependency_is_listed_with_the_version_it_was_tested_with(run: Run):
    rows = json.loads(run("version", "--verbose", "--format", "json").output)
    assert {"python", "openssl", "Flask", "psycopg"} <= {row["part"] for row in rows}
    assert [row for row in rows if row["tested"] and row["tested"] != row["version"]] == []


def test_a_dependency_that_is_absent_has_no_version(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metadata, "requires", lambda _name: ["no-such-package==1.0", 'pytest==9.2.0; extra == "dev"'])
    assert list(parts())[3:] == [("no-such-package", "", "1.0")]
