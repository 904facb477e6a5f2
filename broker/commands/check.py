"""Every problem of an instance, at once."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.tools import INVALID, PROBLEM_FOUND, in_folder, now

if TYPE_CHECKING:
    from broker.settings import Settings

Finding = tuple[str, str, str]
"""(mark, what, what to do): ✘ must be mended, ! should be decided, ✔ is fine."""


@click.command()
@click.option(
    "--production", is_flag=True, help="Also what real people need: https, a database for several machines, contacts."
)
@in_folder
def check(folder: Path, production: bool) -> None:
    """List every problem of an instance at once, each with its place and what to do."""
    from broker.settings import SettingsInvalid, load

    try:
        settings = load(folder)
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            click.echo(str(problem))
        click.echo(f"{sum(problem.is_error for problem in invalid.problems)} to fix")
        sys.exit(INVALID)
    for warning in settings.warnings:
        click.echo(str(warning))
    checks = (*_ALWAYS, *(_PRODUCTION if production else ()))
    findings = [finding for examine in checks for finding in examine(settings)]
    _report(findings)


def _report(findings: list[Finding]) -> None:
    for mark, what, todo in findings:
        if mark != "✔":
            click.echo(f" {mark} {what:<60} {todo}".rstrip())
    counts = {mark: sum(finding[0] == mark for finding in findings) for mark in "✘!✔"}
    click.echo(f" ✔ {counts['✔']} checks passed")
    if counts["✘"] or counts["!"]:
        click.echo(f"{counts['!']} to decide, {counts['✘']} to fix")
    sys.exit(PROBLEM_FOUND if counts["✘"] else 0)


def _keys(settings: "Settings") -> Iterator[Finding]:
    from certs.keyring import KeyRefused, load_keyring

    try:
        ring = load_keyring(settings.secrets_folder / "keys")
    except KeyRefused as refused:
        yield "✘", f"K01 {refused.path.name}: {refused.reason}", refused.hint
        return
    for algorithm in sorted({service.algorithm for service in settings.parties.services.values()} | {"ES256"}):
        try:
            ring.signing(algorithm)
            yield "✔", f"K02 {algorithm} key", ""
        except LookupError as absent:
            yield "✘", f"K02 {absent}", f"passerelle keys new op-signing --alg {algorithm}"


def _database(settings: "Settings") -> Iterator[Finding]:
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    try:
        open_store(settings.database, now).close()
        yield "✔", "D01 the database answers", ""
    except (SchemaOutdated, StoreUnavailable) as wrong:
        yield "✘", f"D01 {wrong}", ""


def _partners(settings: "Settings") -> Iterator[Finding]:
    for kind, partners in (("service", settings.parties.services), ("provider", settings.parties.providers)):
        if partners:
            yield "✔", f"N01 {len(partners)} {kind}s", ""
        else:
            yield "!", f"N01 there is no {kind} yet", f"passerelle {'fs' if kind == 'service' else 'fi'} new"


def _public(settings: "Settings") -> Iterator[Finding]:
    if settings.mode != "production":
        yield "✘", "P00 the mode is sandbox", '[broker] mode = "production"'
    if not settings.public_url.startswith("https://"):
        yield "✘", f"P01 public_url is {settings.public_url}", '[broker] public_url = "https://…"'
    if settings.database.startswith(("sqlite:", "memory:")):
        yield "!", "P02 the database is a file: one machine only", "several machines need postgresql://…"
    if not settings.support.mail:
        yield "!", "P03 citizens have nobody to write to", "[broker] support.mail"


def _loopback(settings: "Settings") -> Iterator[Finding]:
    from broker.settings.rules import is_loopback

    for service in settings.parties.services.values():
        for uri in (*service.redirect_uris, *service.post_logout_redirect_uris):
            if is_loopback(uri):
                yield "✘", f"P05 fs/{service.id} has a loopback address", uri
    for provider in settings.parties.providers.values():
        if is_loopback(provider.issuer):
            yield "✘", f"P06 fi/{provider.id} lives on this machine", provider.issuer


_ALWAYS: tuple[Callable[["Settings"], Iterator[Finding]], ...] = (_keys, _database, _partners)
_PRODUCTION: tuple[Callable[["Settings"], Iterator[Finding]], ...] = (_public, _loopback)
