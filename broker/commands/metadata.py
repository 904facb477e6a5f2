"""The metadata of eIDAS nodes: is it in order, and what changed in it?"""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.fetching import fetch, fetched, is_url
from broker.commands.metadata_diff import diff
from broker.commands.metadata_history import get, history
from broker.commands.metadata_offline import build, publish, sign
from broker.commands.tools import INVALID, PROBLEM_FOUND, WRONG_USAGE, as_format, fail, in_folder, now, settings_of, show

if TYPE_CHECKING:
    from metadata.conformance import Report
    from metadata.conformance.parts import Rule

_OWN = "own"
_PROFILES, _ROLES = ("eidas-1.4", "saml"), ("connector", "proxy")


@click.group()
def metadata() -> None:
    """The metadata of eIDAS nodes: ours, and what others publish."""


@metadata.command()
@click.argument("what", metavar="FILE|URL|own")
@click.option("--profile", type=click.Choice(_PROFILES), default=_PROFILES[0], show_default=True, help="Which rules.")
@click.option("--url", help="Where the file came from: entityID must be this address (a URL says it itself).")
@click.option("--role", type=click.Choice(_ROLES), help="Look at this role alone (default: at all that are there).")
@click.option("--at", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")), help="The moment, in UTC (default: now).")
@as_format
@in_folder
def validate(
    what: str, profile: str, url: str | None, role: str | None, at: datetime | None, form: str, folder: Path
) -> None:
    """Tell everything that is wrong with metadata: which rule, where, and how to mend it.

    FILE is a file, - for the standard input; an https URL is fetched, once; "own" is what this instance publishes. Nobody
    is trusted by it. Ends with 0 when there is no error, 1 when there is one, 4 when nothing could be fetched; what is not
    an error should be mended too.

    \b
    Examples:
      passerelle metadata validate EL-proxy.xml --url https://eidas.example.gr/metadata
      passerelle metadata validate https://eidas.example.gr/metadata
      passerelle metadata validate own -C prod --format json
    """
    moment = int(at.replace(tzinfo=UTC).timestamp()) if at else now()
    if is_url(what):
        url = url or what
    reports = _own(folder, moment, profile) if what == _OWN else {what: _judge(_read(what), moment, profile, url, role)}
    if form == "table":
        for name, report in reports.items():
            _tell(name, report)
    else:
        show([row for name, report in reports.items() for row in _rows(name, report)], form)
    sys.exit(PROBLEM_FOUND if any(report.has_errors for report in reports.values()) else 0)


def _read(name: str) -> bytes:
    if is_url(name):
        return fetched(name)
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as wrong:
        fail(f"{name}: {wrong.strerror}", WRONG_USAGE)


def _judge(octets: bytes, moment: int, profile: str, url: str | None, role: str | None) -> "Report":
    from metadata import conformance
    from metadata.conformance.parts import Role

    which = Role(role) if role else None
    return conformance.validate(octets, now=moment, profile=conformance.Profile(profile), url=url, role=which)


def _own(folder: Path, moment: int, profile: str) -> Mapping[str, "Report"]:
    """Both documents as they are published at this moment, under their own addresses."""
    from broker import node
    from certs.keyring import KeyRefused, load_keyring

    settings = settings_of(folder)
    try:
        published = node.metadata(settings, load_keyring(settings.secrets_folder / "keys"), lambda: moment)
    except (KeyRefused, LookupError) as wrong:
        fail(f"{wrong}: passerelle check says what to do", INVALID)
    if not published and settings.node.offline:
        fail("nothing is published: passerelle metadata build, sign it, passerelle metadata publish")
    if not published:
        fail("this instance is no eIDAS node: there is no [eidas] in passerelle.toml", WRONG_USAGE)
    return {
        address: _judge(document(), moment, profile, address, role)
        for role, document in published.items()
        for address in (node.entity_id(settings, role),)
    }


def _rows(name: str, report: "Report") -> list[dict[str, Any]]:
    return [
        {
            "document": name,
            "severity": str(one.severity),
            "rule": one.rule,
            "where": one.xpath,
            "what": one.what,
            "mend": one.mend,
            "clause": one.clause,
        }
        for one in report.findings
    ]


def _tell(name: str, report: "Report") -> None:
    from metadata.conformance.parts import Severity

    rows = [{key: row[key] for key in ("severity", "rule", "where", "what", "mend")} for row in _rows(name, report)]
    if rows:
        show(rows, "table")
    counted = [f"{sum(one.severity is grade for one in report.findings)} {grade}" for grade in Severity]
    click.echo(f"{name}: {', '.join(counted) if rows else 'in order'}")


@metadata.command()
@as_format
def rules(form: str) -> None:
    """Every rule: how bad it is to break it, where it is written, what it demands, and how to mend it.

    Example: passerelle metadata rules --format csv
    """
    from metadata.conformance import OCTETS, RULES
    from metadata.conformance.parts import Rule

    every: list[Rule[Any]] = [*OCTETS, *RULES]
    show([_described(rule) for rule in sorted(every, key=lambda rule: rule.id)], form)


def _described(rule: "Rule[Any]") -> dict[str, str]:
    return {
        "rule": rule.id,
        "severity": str(rule.severity),
        "demand": rule.demand,
        "clause": rule.clause,
        "mend": rule.mend,
    }


for one in (diff, history, get, fetch, build, sign, publish):
    metadata.add_command(one)
