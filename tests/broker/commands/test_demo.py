"""passerelle demo: how it begins, and why it does not."""

import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.broker.commands.conftest import Run


@pytest.mark.loopback
def test_a_port_that_is_taken_is_named_with_another(run: Run, tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("demo", "--port", port, "--folder", tmp_path / "demo")
    assert (result.exit_code, f"passerelle demo --port {port + 1}" in result.output) == (1, True)


@pytest.mark.loopback
def test_a_demo_whose_files_were_spoilt_says_every_problem(run: Run, tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/passerelle.toml").write_text(f"# :{port}\n[broker]\npublic_ulr = 1\n")
    result = run("demo", "--port", port, "--folder", tmp_path / "demo")
    assert result.exit_code == 3
    assert 'hint: did you mean "public_url"?' in result.output


@pytest.mark.loopback
def test_a_demo_of_another_version_says_how_to_begin_anew(run: Run, tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "demo/var").mkdir(parents=True)
    with closing(sqlite3.connect(tmp_path / "demo/var/passerelle.db")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('0001')")
    result = run("demo", "--port", port, "--folder", tmp_path / "demo")
    assert (result.exit_code, "another version's demo: begin anew with passerelle demo --reset" in result.output) == (
        3,
        True,
    )


@pytest.mark.loopback
def test_a_folder_that_the_demo_did_not_make_is_not_removed(run: Run, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run("demo", "--port", port, "--folder", tmp_path / "mine", "--reset")
    assert (result.exit_code, (tmp_path / "mine").exists()) == (1, True)


@pytest.mark.loopback
def test_a_demo_without_its_parts_says_what_to_install(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "signxml", None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("demo", "--port", taken.getsockname()[1], "--folder", tmp_path / "demo")
    assert result.exit_code == 1
    assert "signxml\n  hint: pip install 'passerelle[demo]'" in result.output
