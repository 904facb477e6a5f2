"""The files for systemd, gunicorn and nginx that install.md puts in place."""

import logging
import os
import re
import runpy
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import broker

ROOT = Path(broker.__file__).parents[1]
OPERATOR = ROOT / "docs" / "operator"
GUNICORN = [str(Path(sys.executable).with_name("gunicorn")), "--config", str(OPERATOR / "gunicorn.conf.py")]


def gunicorn(instance: Path) -> subprocess.CompletedProcess[str]:
    """gunicorn loads the application and ends."""
    environ = {**os.environ, "PASSERELLE_CONFIG": str(instance), "PASSERELLE_BIND": "127.0.0.1:0"}
    return subprocess.run([*GUNICORN, "--check-config", "wsgi:app"], cwd=ROOT, env=environ, capture_output=True, text=True)


def test_gunicorn_takes_its_settings_and_the_application(instance: Path):
    done = gunicorn(instance)
    assert (done.returncode, done.stderr) == (0, "")


def test_gunicorn_ends_with_3_when_the_configuration_is_not_valid(instance: Path):
    (instance / "partners/fs/mairie.toml").write_text("[fs", "utf-8")
    done = gunicorn(instance)
    assert (done.returncode, "E001" in done.stderr) == (3, True)


def written(folder: Path | None) -> subprocess.CompletedProcess[str]:
    """What a line of the journal and a warning become."""
    program = f"""
import logging.config, runpy
settings = runpy.run_path({str(OPERATOR / "gunicorn.conf.py")!r})
logging.config.dictConfig(settings["logconfig_dict"])
logging.getLogger("passerelle.journal").info("event")
logging.getLogger("passerelle").warning("problem")
"""
    environ = {"LOGS_DIRECTORY": str(folder)} if folder else {}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )


def test_the_journal_has_a_file_of_its_own_under_systemd(tmp_path: Path):
    done = written(tmp_path)
    assert (tmp_path / "journal.log").read_text() == "event\n"
    assert (done.stdout, done.stderr) == ("", "WARNING passerelle: problem\n")


def test_the_journal_goes_to_the_output_elsewhere():
    assert written(None).stdout == "event\n"


def test_no_line_about_a_request_is_composed():
    logger = runpy.run_path(str(OPERATOR / "gunicorn.conf.py"))["logger_class"]
    of_no_request = object.__new__(logger).access(None, None, {}, None)  # gunicorn's own would look into it
    assert of_no_request is None


class Server:
    """What the hooks of gunicorn are handed: so many workers, of which some are there."""

    def __init__(self, workers: int) -> None:
        self.num_workers = workers
        self.WORKERS: dict[int, SimpleNamespace] = {}
        self.log = logging.getLogger("test")

    def fork(self, hooks: dict[str, Any]) -> int:
        """Another worker; its number."""
        number = max(self.WORKERS, default=0) + 1
        worker = SimpleNamespace()
        hooks["pre_fork"](self, worker)
        self.WORKERS[number] = worker
        return number


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The hooks, on a machine of four cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 5})
    return runpy.run_path(str(OPERATOR / "gunicorn.conf.py"))


def cores(server: Server) -> list[list[int]]:
    return sorted(sorted(worker.cores) for worker in server.WORKERS.values())


def test_each_worker_has_a_core_and_one_that_replaces_another_has_his(hooks: dict[str, Any]):
    server = Server(4)
    forked = [server.fork(hooks) for _ in range(4)]
    assert cores(server) == [[0], [1], [2], [5]]
    for number in forked[1:3]:
        del server.WORKERS[number]
        server.fork(hooks)
        assert cores(server) == [[0], [1], [2], [5]]


def test_more_workers_than_cores_share_them_evenly(hooks: dict[str, Any]):
    server = Server(6)
    for _ in range(6):
        server.fork(hooks)
    assert cores(server) == [[0], [0], [1], [1], [2], [5]]


def test_fewer_workers_than_cores_are_tied_to_none(hooks: dict[str, Any]):
    server = Server(3)
    server.fork(hooks)
    assert cores(server) == [[0, 1, 2, 5]]


def test_a_system_that_ties_nobody_to_a_core_is_told_and_serves(
    hooks: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    for name in ("logThreads", "logProcesses", "logMultiprocessing"):
        monkeypatch.setattr(logging, name, True)
    hooks["post_fork"](Server(1), SimpleNamespace(cores={0}))
    assert caplog.messages == ["the workers keep to no core, which costs a fifth more: Operation not permitted"]


@pytest.mark.slow
def test_the_workers_that_serve_keep_to_a_core_each(instance: Path):
    ours = os.sched_getaffinity(0)
    environ = {**os.environ, "PASSERELLE_CONFIG": str(instance), "PASSERELLE_BIND": "127.0.0.1:0"}
    command = [*GUNICORN, "--workers", str(len(ours)), "wsgi:app"]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    try:
        until = time.monotonic() + 30
        tied: list[set[int]] = []
        while sorted(map(sorted, tied)) != [[core] for core in sorted(ours)] and time.monotonic() < until:
            time.sleep(0.1)
            tied = [os.sched_getaffinity(int(pid)) for pid in children.read_text().split()]
        assert sorted(map(sorted, tied)) == [[core] for core in sorted(ours)]
    finally:
        server.terminate()
        server.wait(20)


def test_the_unit_lets_a_worker_keep_to_its_core():
    unit = (OPERATOR / "passerelle.service").read_text("utf-8")
    assert unit.index("SystemCallFilter=~@privileged @resources") < unit.index("SystemCallFilter=sched_setaffinity")


@pytest.mark.parametrize("name", ["passerelle.service", "logrotate", "nginx.conf", "gunicorn.conf.py"])
def test_every_file_is_named_on_the_page_and_there(name: str):
    assert (OPERATOR / name).is_file()
    assert f"{name}" in (OPERATOR / "install.md").read_text("utf-8")


def test_the_unit_serves_what_it_says():
    unit = (OPERATOR / "passerelle.service").read_text("utf-8")
    config = re.search(r"--config (\S+) wsgi:app", unit)
    assert config is not None
    assert (ROOT / config[1]).is_file()
    assert "RestartPreventExitStatus=3" in unit


def test_nginx_writes_no_query_and_no_address_of_a_citizen():
    log = re.search(r"log_format passerelle '(.*)';", (OPERATOR / "nginx.conf").read_text("utf-8"))
    assert log is not None
    assert set(re.findall(r"\$\w+", log[1])) == {"$time_iso8601", "$request_method", "$uri", "$status", "$request_time"}
