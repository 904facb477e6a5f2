"""Every problem of an instance, at once."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.findings import Finding, data_providers, keys_at_providers, partners, published_keys
from broker.commands.tools import INVALID, PROBLEM_FOUND, as_format, in_folder, is_absent, now, show

if TYPE_CHECKING:
    from broker.settings import SettingProblem, Settings

_MARKS = {"fix": "✘", "decide": "!", "fine": "✔"}
_SKELETON_NAME = "Connexion Démo"
_SOON = 3  # days


@click.command()
@click.option("--production", is_flag=True, help="Also what serving real people needs.")
@click.option("--online", is_flag=True, help="Also the keys that services and data providers publish: they are fetched.")
@in_folder
@as_format
def check(folder: Path, production: bool, online: bool, form: str) -> None:
    """List every problem of an instance at once, each with its place and what to do.

    Ends with 0 when nothing must be mended, 1 when something must, 3 when the configuration cannot be used at all.

    \b
    Examples:
      passerelle check -C prod
      passerelle check --production --format json
      passerelle check --online
    """
    from broker.settings import SettingsInvalid, load

    try:
        settings = load(folder)
    except SettingsInvalid as invalid:
        _report(invalid.problems, [], form)
        sys.exit(INVALID)
    checks = (*_ALWAYS, *(_PRODUCTION if production else ()), *(_ONLINE if online else ()))
    findings = [finding for examine in checks for finding in examine(settings)]
    _report(settings.warnings, findings, form)
    sys.exit(PROBLEM_FOUND if any(finding.verdict == "fix" for finding in findings) else 0)


def _report(problems: tuple["SettingProblem", ...], findings: list[Finding], form: str) -> None:
    if form == "table":
        _tell(problems, findings)
    else:
        show([*map(_row, problems), *({"place": "", **asdict(finding)} for finding in findings)], form)


def _row(problem: "SettingProblem") -> dict[str, str]:
    return {
        "place": f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file,
        "verdict": "fix" if problem.is_error else "decide",
        "code": problem.code,
        "what": f"{problem.key}: {problem.sentence}" if problem.key else problem.sentence,
        "todo": problem.hint,
    }


def _tell(problems: tuple["SettingProblem", ...], findings: list[Finding]) -> None:
    for problem in problems:
        click.echo(str(problem))
    for finding in findings:
        if finding.verdict != "fine":
            click.echo(f" {_MARKS[finding.verdict]} {finding.code} {finding.what:<60} {finding.todo}".rstrip())
    if findings:
        click.echo(f" ✔ {sum(finding.verdict == 'fine' for finding in findings)} other checks")
    fix = sum(problem.is_error for problem in problems) + sum(finding.verdict == "fix" for finding in findings)
    decide = sum(not problem.is_error for problem in problems) + sum(finding.verdict == "decide" for finding in findings)
    click.echo(f"{decide} to decide, {fix} to fix" if fix or decide else "nothing to do")


# -- always -----------------------------------------------------------------------------------------------------------


def _keys(settings: "Settings") -> Iterator[Finding]:
    from certs.keyring import KeyRefused, load_keyring

    try:
        ring = load_keyring(settings.secrets_folder / "keys", now())
    except KeyRefused as refused:
        yield Finding("fix", "K01", f"{refused.path.name}: {refused.reason}", refused.hint)
        return
    yield Finding("fine", "K01", f"{len(ring.keys)} keys are in order")
    for algorithm in sorted({caller.algorithm for caller in settings.parties.callers} | {"ES256"}):
        try:
            ring.signing(algorithm)
            yield Finding("fine", "K02", f"there is an active {algorithm} key")
        except LookupError:
            todo = f"passerelle keys new op-signing --alg {algorithm}"
            yield Finding("fix", "K02", f"there is no active {algorithm} key", todo)


def _node(settings: "Settings") -> Iterator[Finding]:
    """What a node needs: three keys, and countries whose metadata counts."""
    from certs.keyring import KeyRefused, load_keyring
    from certs.keys import Use

    if not settings.node.roles:
        return
    with suppress(KeyRefused):  # said above
        ring = load_keyring(settings.secrets_folder / "keys")
        own = () if settings.node.offline else (Use.METADATA_SIGNING,)
        for use in (Use.SAML_SIGNING, Use.SAML_DECRYPTION, *own):
            if not any(key.state == "active" for key in ring.all(use)):
                yield Finding("fix", "K03", f"there is no active {use} key", f"passerelle keys new {use}")
    for code, country in sorted(settings.parties.countries.items()):
        for role, node in country.nodes.items():
            days = (node.valid_until - now()) // 86_400
            what = f"the {role} metadata of {code}"
            if days < 0:
                yield Finding("fix", "N01", f"{what} has expired", "pin what the country publishes now")
            elif days < _SOON:
                yield Finding("decide", "N01", f"{what} counts for {days} days more", "pin the next one in time")


def _offline(settings: "Settings") -> Iterator[Finding]:
    """Metadata that is signed elsewhere: whether others can fetch it, and whether it says what it should."""
    from broker import node
    from certs.keyring import KeyRefused, load_keyring
    from eidas.certificates import read_certificate

    if not settings.node.offline:
        return
    with suppress(KeyRefused, LookupError):  # said above
        ring = load_keyring(settings.secrets_folder / "keys")
        public = read_certificate(settings.node.offline).key
        if any(key.public_key == public for key in ring.keys):
            yield Finding(
                "fix", "K04", "the offline metadata key lies in secrets/keys", "remove it: it is not offline there"
            )
        found = node.remarks(settings, ring)(now())
        yield from (Finding("fix" if one.grave else "decide", "N02", one.what, one.todo) for one in found)
        if not found:
            yield Finding("fine", "N02", "our metadata is published as it was signed elsewhere")


def _database(settings: "Settings") -> Iterator[Finding]:
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    if is_absent(settings.database):
        yield Finding("fine", "D01", "the database will be made at the first start")
        return
    try:
        open_store(settings.database, now).close()
        yield Finding("fine", "D01", "the database answers and has this program's schema")
    except SchemaOutdated as old:
        yield Finding("fix", "D02", str(old), "passerelle db upgrade")
    except StoreUnavailable as down:
        yield Finding("fix", "D01", str(down), "is [broker] database right, and the server running?")


def _ledger(settings: "Settings") -> Iterator[Finding]:
    """Whether the ledger can be continued; `audit verify` says what was altered."""
    from broker.ledger import Ledger
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store
    from metadata.errors import LedgerRefused

    former = settings.folder / "var" / "ledger"
    if former.exists():
        todo = "keep it as evidence, elsewhere: the database has a ledger of its own"
        yield Finding("decide", "L02", f"{former} is an earlier version's ledger, which nobody continues", todo)
    if is_absent(settings.database):
        return
    try:
        store = open_store(settings.database, now)
    except (SchemaOutdated, StoreUnavailable):
        return  # said above
    with closing(store):
        try:
            Ledger(store).check()
        except (LedgerRefused, StoreUnavailable) as wrong:
            yield Finding("fix", "L01", f"the ledger cannot be continued: {wrong}", "passerelle audit verify")


def _versions(_settings: "Settings") -> Iterator[Finding]:
    from broker.commands.version import parts

    other = [(name, found, tested) for name, found, tested in parts() if tested and found != tested]
    for name, found, tested in other:
        what = f"{name} {found or 'is absent'}, tested with {tested}"
        yield Finding("decide" if found else "fix", "V01", what, "install Passerelle anew into its environment")
    if not other:
        yield Finding("fine", "V01", "the libraries are those that were tested")


# -- for real people --------------------------------------------------------------------------------------------------


def _mode(settings: "Settings") -> Iterator[Finding]:
    if settings.mode == "production":
        yield Finding("fine", "P00", "the mode is production")
    else:
        yield Finding("fix", "P00", f"the mode is {settings.mode}", '[broker] mode = "production"')


def _public(settings: "Settings") -> Iterator[Finding]:
    if not settings.public_url.startswith("https://"):
        yield Finding("fix", "P01", f"public_url is {settings.public_url}", '[broker] public_url = "https://…"')
    elif _is_placeholder(settings.public_url):
        yield Finding("fix", "P04", f"public_url is the placeholder {settings.public_url}", "[broker] public_url")
    else:
        yield Finding("fine", "P01", "public_url is https")


def _several_machines(settings: "Settings") -> Iterator[Finding]:
    if settings.database == "memory:":
        yield Finding("fix", "P02", "the database is the memory of one process", "[broker] database")
    elif settings.database.startswith("sqlite:"):
        yield Finding("decide", "P02", "the database is a file: one machine only", "several machines need postgresql://…")
    else:
        yield Finding("fine", "P02", "the database serves several machines")


def _known_to_citizens(settings: "Settings") -> Iterator[Finding]:
    if settings.support.mail:
        yield Finding("fine", "P03", "citizens have somebody to write to")
    else:
        yield Finding("fix", "P03", "citizens have nobody to write to", '[broker] support = { mail = "…" }')
    if settings.name.fr == _SKELETON_NAME:
        yield Finding("decide", "P04", f'the name is still "{_SKELETON_NAME}"', "[broker] name")


def _loopback(settings: "Settings") -> Iterator[Finding]:
    from broker.settings.rules import is_loopback

    before = (
        (f"fs/{service.id} {key}[{position}]", uri)
        for service in settings.parties.services.values()
        for key in ("redirect_uris", "post_logout_redirect_uris")
        for position, uri in enumerate(getattr(service, key))
    )
    providers = ((f"fi/{provider.id} issuer", provider.issuer) for provider in settings.parties.providers.values())
    keys = ((f"{one.id} jwks_uri", one.keys.address) for one in settings.parties.callers if one.keys)
    data = ((f"fd/{one.id} resource", one.resource) for one in settings.parties.data.values())
    found = [(place, uri) for place, uri in (*before, *providers, *keys, *data) if is_loopback(uri)]
    for place, uri in found:
        yield Finding("fix", "P05", f"{place} is a loopback", uri)
    if not found:
        yield Finding("fine", "P05", "no partner lives on this machine")


def _is_placeholder(url: str) -> bool:
    """RFC 2606 2 and 3, and the name that the skeleton has."""
    from broker.settings.rules import host_of

    return f".{host_of(url)}".endswith((".example", ".example.fr", ".example.com", ".example.org", ".example.net", ".test"))


Examination = Callable[["Settings"], Iterator[Finding]]
_ALWAYS: tuple[Examination, ...] = (
    _keys,
    keys_at_providers,
    _node,
    _offline,
    _database,
    _ledger,
    _versions,
    partners,
    data_providers,
)
_ONLINE: tuple[Examination, ...] = (published_keys,)
_PRODUCTION: tuple[Examination, ...] = (_mode, _public, _several_machines, _known_to_citizens, _loopback)
