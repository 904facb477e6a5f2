"""passerelle fs test: whether a service does what it must, tried through its own callback."""

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from broker.commands.requesting import callback_of
from broker.commands.tools import (
    PROBLEM_FOUND,
    REFUSED_BY_POLICY,
    WRONG_USAGE,
    fail,
    in_folder,
    now,
    settings_of,
)

if TYPE_CHECKING:
    from broker.parties import Service
    from broker.sandbox.rehearsal.audience import Ways
    from broker.sandbox.rehearsal.outcome import Outcome
    from broker.sandbox.rehearsal.stage import Stage
    from broker.settings import Settings


@click.command("test")
@click.argument("service_id", metavar="ID")
@click.option("--callback", required=True, metavar="URL", help="The callback of your service, where it runs now.")
@click.option("--login", metavar="URL", help="The page that begins a login (default: found on the callback's origin).")
@click.option("--logout", default="", metavar="URL", help="What signs out (default: found on the page of a citizen).")
@click.option("--shows", default="", metavar="TEXT", help="What only somebody signed in reads (default: the name).")
@click.option("--at", metavar="URL", help="Where the service reaches the broker (default: the instance's public_url).")
@click.option("--only", metavar="NUMBERS", help="Play the first and these alone, such as 5,13.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Default: fs-test-ID.json.")
@in_folder
def test(
    service_id: str,
    callback: str,
    login: str | None,
    logout: str,
    shows: str,
    at: str | None,
    only: str | None,
    report: Path | None,
    folder: Path,
) -> None:
    """Play logins against a service: right ones, and ones that are wrong in one respect, which must open no session.

    The command takes the place of the broker, at the same address and with the same registration, and is the browser as
    well: your service runs as it always does, and nothing is changed in it. So stop the demo first, or say another address
    with --at and give your service the issuer that is printed. Everybody who logs in is invented. Of your service's pages
    only those that begin and end a login are opened.

    Ends with 1 when something failed. The report, in JSON, holds nothing secret: attach it to the request for production.

    \b
    Examples:
      passerelle fs test mairie --callback http://localhost:5000/cb -C .passerelle-demo
      passerelle fs test mairie --callback http://localhost:5000/cb --login http://localhost:5000/enter --only 5,13
    """
    settings = settings_of(folder)
    check_sandbox(settings)
    service = settings.parties.services.get(service_id)
    if service is None:
        fail(f'no service "{service_id}": passerelle fs list', WRONG_USAGE)
    callback_of(service, callback)
    from broker.sandbox.rehearsal.audience import Ways

    ways = Ways(login or _origin(callback), logout, shows)
    with tempfile.TemporaryDirectory(prefix="passerelle-fs-test-") as scratch:
        stage = _stage(settings, service, at or settings.public_url, Path(scratch))
        _rehearse(stage, callback, ways, _numbers(only), report or Path(f"fs-test-{service_id}.json"))


def check_sandbox(settings: "Settings") -> None:
    """Invented people and false tokens must not come near real logins."""
    if settings.mode != "sandbox":
        why = 'this instance serves real people; use one with mode = "sandbox", such as the demo: -C .passerelle-demo'
        fail(why, REFUSED_BY_POLICY)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _numbers(only: str | None) -> frozenset[int]:
    from broker.sandbox.rehearsal.course import SCENARIOS

    words = (only or "").replace(",", " ").split()
    if not all(word.isascii() and word.isdecimal() and 0 < int(word) <= len(SCENARIOS) for word in words):
        fail(f"--only takes numbers from 1 to {len(SCENARIOS)}, such as 5,13", WRONG_USAGE)
    return frozenset(map(int, words))


def _stage(settings: "Settings", service: "Service", address: str, scratch: Path) -> "Stage":
    from broker.sandbox.rehearsal.scenes import Cast
    from broker.sandbox.rehearsal.stage import Script, Stage

    parts = urlsplit(address)
    if parts.scheme != "http" or not _is_here(parts.hostname or ""):
        fail(f"{address} is not on this computer: --at http://localhost:8000, as your service reaches it", WRONG_USAGE)
    angela = Cast(_today()).french("angela")
    return Stage(settings, service, f"http://{parts.netloc}", scratch, Script(lambda _demand: angela), now)


def _is_here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1") or host.endswith(".localhost")


def _today() -> date:
    return datetime.fromtimestamp(now(), UTC).date()


def _rehearse(stage: "Stage", callback: str, ways: "Ways", only: frozenset[int], path: Path) -> None:
    from importlib import metadata

    from broker.sandbox.rehearsal.outcome import About, report, summary

    began, clock = now(), time.monotonic()
    click.echo(f"FS {stage.service.id}  {callback}    issuer {stage.issuer}")
    outcomes = _played(stage, callback, ways, only)
    seconds = round(time.monotonic() - clock, 1)
    about = About(stage.service.id, callback, stage.issuer, began, seconds, metadata.version("passerelle"))
    path.write_text(json.dumps(report(about, outcomes), ensure_ascii=False, indent=2) + "\n", "utf-8")
    click.echo(f" {summary(outcomes)}    {seconds} s    report: {path}")
    sys.exit(PROBLEM_FOUND if any(one.verdict == "fail" for one in outcomes) else 0)


def _wait(seconds: int, why: str) -> None:
    click.echo(f"   … waiting {seconds} s: {why}")
    time.sleep(seconds)


def _played(stage: "Stage", callback: str, ways: "Ways", only: Iterable[int]) -> list["Outcome"]:
    from broker.sandbox.rehearsal.audience import Audience
    from broker.sandbox.rehearsal.course import play
    from broker.sandbox.rehearsal.scenes import Cast

    outcomes = []
    try:
        with stage.serve():
            audience = Audience(stage.issuer, callback, ways)
            for outcome in play(stage, audience, Cast(_today()), _wait, frozenset(only)):
                outcomes.append(outcome)
                click.echo("\n".join(outcome.lines()))
    except OSError as taken:
        port = urlsplit(stage.issuer).port or 80
        hint = f"stop the demo, whose place this takes; or --at http://localhost:{port + 1}, and tell your service"
        fail(f"port {port} cannot be used: {taken.strerror}\n  hint: {hint}")
    return outcomes
