"""What every test may use, and may touch.

Sockets are off (see `tools/doors.py`). A part that is not on every machine is a fixture, and a test that uses it is marked
after it. Where the part is absent the test is skipped with the command that installs it; with CI=true in the environment
such a skip is a failure, for there everything is installed. The samples alone may be absent: `samples absent`.
"""

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from tests.tools import doors, postgres, rules

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARK_OF_PART = {
    "postgres_url": "database",
    "chromium": "browser",
    "node": "peer",
    "apache": "peer",
    "france_connect": "peer",
}
MARKS_WITH_LOOPBACK = ("loopback", "browser", "database", "peer", "slow")
SAMPLES_ABSENT = "samples absent"
PEERS = Path(__file__).parent / "peers"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure() -> None:
    """Shut the doors; turn off the rule that PASSERELLE_RULE_OFF names (`module:function`), if any."""
    doors.close()
    rule = os.environ.get("PASSERELLE_RULE_OFF")
    if rule:
        rules.turn_off(rules.Rule.parse(rule))
    # The same examples in every run; and where a failure is what we look for, the first one will do.
    phases = (Phase.explicit, Phase.generate) if rule else tuple(Phase)
    settings.register_profile("house", derandomize=True, database=None, deadline=None, phases=phases)
    settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test after the parts that it uses."""
    for item in items:
        for part in MARK_OF_PART.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARK_OF_PART[part])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Open the loopback interface to the tests that are marked for it."""
    with doors.loopback(any(item.get_closest_marker(mark) for mark in MARKS_WITH_LOOPBACK)):
        return (yield)


# -- skips ------------------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test has failed."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped file has failed."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") != "true" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if reason != f"Skipped: {SAMPLES_ABSENT}":
        report.outcome = "failed"
        report.longrepr = f"CI has every part, and no excuse. {reason}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped: the closing line is silent when none was."""
    terminalreporter.write_line(f"skipped: {len(terminalreporter.getreports('skipped'))}")


# -- parts that are not everywhere ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real messages, metadata and trust lists."""
    folder = os.environ.get("PASSERELLE_SAMPLES")
    if not folder:
        pytest.skip(SAMPLES_ABSENT)
    return Path(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy's URL of an empty database: the one that PASSERELLE_TEST_POSTGRES names, or one of our own."""
    if given := os.environ.get("PASSERELLE_TEST_POSTGRES"):
        yield given
        return
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL server absent: apt-get install postgresql")
    with postgres.cluster(programs) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Debian's Chromium, driven by playwright. Each test makes its own context: `chromium.new_context()`."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium absent: apt-get install --no-install-recommends chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, with what `tests/peers/package.json` asks installed beside it."""
    program = shutil.which("node")
    if program is None or _major(program) < 20:
        pytest.skip("Node 20 or later absent: apt-get install nodejs npm, or from nodejs.org where that is older")
    if not (PEERS / "node_modules").is_dir():
        pytest.skip("Node's peers absent: npm ci --prefix tests/peers")
    return program


@pytest.fixture(scope="session")
def apache() -> str:
    """The path of Debian's Apache, with mod_auth_openidc among its modules."""
    program = shutil.which("apache2")
    if program is None or not Path("/usr/lib/apache2/modules/mod_auth_openidc.so").is_file():
        pytest.skip("Apache absent: apt-get install --no-install-recommends apache2 libapache2-mod-auth-openidc")
    return program


@pytest.fixture(scope="session")
def france_connect() -> str:
    """The path of a Python that has what `tests/peers/requirements.txt` asks, in an environment of its own."""
    program = PEERS / ".venv/bin/python"
    if not program.is_file():
        pytest.skip("Python's peers absent: make venv-peers")
    return str(program)


def _major(program: str) -> int:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.removeprefix("v").partition(".")[0])
