"""The files for systemd, gunicorn and nginx that install.md puts in place."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

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
