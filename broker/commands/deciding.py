"""What a person decides about other countries, at the command line: each has a name, words, and an entry in the ledger."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from broker.commands.instance import Instance, opened
from broker.commands.tools import REFUSED_BY_POLICY, WRONG_USAGE, dry_run, fail, in_folder, now

if TYPE_CHECKING:
    from metadata.ledger import Event

F = TypeVar("F", bound=Callable[..., Any])


_who = click.option("--by", help="Whose decision it is (default: the account that runs the command).")
"""The name under a decision."""
_yes = click.option("--yes", is_flag=True, help="Do not ask.")


def _asked(command: F) -> F:
    """A change that has a name, is asked about unless --yes, and can be tried."""
    for option in (in_folder, dry_run, _yes, _who):
        command = option(command)
    return command


def _name(stated: str | None) -> str:
    return stated or getpass.getuser()


@contextmanager
def _told() -> Iterator[None]:
    """A decision that does not count ends the program with what to do."""
    from broker.deciding import DecisionRefused

    try:
        yield
    except DecisionRefused as refused:
        fail(refused.detail, REFUSED_BY_POLICY)


# -- what waits -------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("subject", metavar="CC/ROLE|DIGEST")
@click.option("--verified-by", "words", required=True, help="How it was verified: by phone with whom, read from where.")
@_asked
def approve(subject: str, words: str, by: str | None, yes: bool, dry_run: bool, folder: Path) -> None:
    """Let the metadata count that waits for a node. What it changes and its new keys are shown first.

    Where the configuration wants two people, the first one proposes and another one approves. What waits is named by its
    node, such as EL/proxy, or by the beginning of its SHA-256.

    Example: passerelle trust approve EL/proxy --verified-by "phone +30 210 000 0000, fingerprint read by N. P."
    """
    with opened(folder) as instance:
        _decide(instance, subject, "approved", _name(by), words, yes, dry_run)


@click.command()
@click.argument("subject", metavar="CC/ROLE|DIGEST")
@click.option("--reason", "words", required=True, help="Why it must not count.")
@_asked
def reject(subject: str, words: str, by: str | None, yes: bool, dry_run: bool, folder: Path) -> None:
    """Refuse the metadata that waits for a node. What is in force stays so.

    Example: passerelle trust reject EL/proxy --reason "the country knows nothing of this key"
    """
    with opened(folder) as instance:
        _decide(instance, subject, "rejected", _name(by), words, yes, dry_run)


def _decide(
    instance: Instance,
    named: str,
    verdict: Literal["approved", "rejected"],
    by: str,
    words: str,
    sure: bool,
    dry_run: bool,
) -> None:
    from broker.deciding import decide

    waiting = _waiting(instance, named)
    _show(instance, waiting)
    if dry_run:
        click.echo(f"\nwould be {verdict} by {by}; nothing was changed")
        return
    if not sure:
        click.confirm(f"\nIs it to be {verdict}?", abort=True)
    needed = instance.settings.trust.approvals
    with _told():
        said = decide(instance.ledger, instance.store, waiting.subject, waiting.after, verdict, by, words, needed, now())
    then = "another person must approve it too" if said == "proposed" else "the workers know within a second"
    click.echo(f"{waiting.subject}: {said} by {by}; {then}")


def _waiting(instance: Instance, named: str) -> "Event":
    """The one document that waits under this name."""
    from metadata.ledger.kinds import WAITING

    events = [event for (type_, _), event in instance.ledger.standing().items() if type_ == WAITING]
    found = [
        event
        for event in events
        if named in (event.subject, event.subject.partition("/")[0]) or (len(named) >= 8 and event.after.startswith(named))
    ]
    if not found:
        fail(f'nothing waits under "{named}": passerelle trust pending', WRONG_USAGE)
    if len(found) > 1:
        several = ", ".join(sorted(event.subject for event in found))
        fail(f'several documents wait under "{named}": name one of {several}', WRONG_USAGE)
    return found[0]


def _show(instance: Instance, waiting: "Event") -> None:
    """What the document changes, or whose keys it brings where nothing was trusted before."""
    from broker.commands.metadata_diff import told
    from metadata.ledger.kinds import IN_FORCE

    held = instance.ledger.standing().get((IN_FORCE, waiting.subject))
    octets = instance.ledger.blob(waiting.after)
    before = instance.ledger.blob(held.after) if held else None
    click.echo(f"{waiting.subject}  {waiting.facts['entity_id']}\n  document {waiting.after}")
    click.echo(f"  counts until {waiting.facts['valid_until']}, vouched for by the anchor {waiting.facts['anchor']}")
    if octets is None:
        fail("the document is not kept: passerelle audit verify")
    if before is not None:
        for line in told(before, octets):
            click.echo(line)
        return
    click.echo("  It is the first one of this node. Its keys, to be compared over the phone:")
    for use, digest in _keys(octets):
        click.echo(f"  {use:<11} {digest}")


def _keys(octets: bytes) -> Iterator[tuple[str, str]]:
    from metadata.diff.facts import read_entities

    for entity in read_entities(octets):
        for keys in entity.keys.values():
            yield from ((key.use, digest) for key in keys for digest in key.digests)


# -- countries --------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("code", metavar="CC")
@click.option("--reason", required=True, help="Why: it stands in the ledger.")
@_asked
def suspend(code: str, reason: str, by: str | None, yes: bool, dry_run: bool, folder: Path) -> None:
    """Stop using a country, both ways, within a second in every worker. Logins under way through it end with a sentence.

    Example: passerelle country suspend EL --reason "their key was stolen, CSIRT notice 2026-118"
    """
    _set(folder, code, "suspended", _name(by), reason, yes, dry_run)


@click.command()
@click.argument("code", metavar="CC")
@click.option("--reason", required=True, help="Why: it stands in the ledger.")
@_asked
def resume(code: str, reason: str, by: str | None, yes: bool, dry_run: bool, folder: Path) -> None:
    """Use a country again that was suspended.

    Example: passerelle country resume EL --reason "new key approved on 2026-11-28"
    """
    _set(folder, code, "resumed", _name(by), reason, yes, dry_run)


def _set(
    folder: Path, code: str, state: Literal["suspended", "resumed"], by: str, reason: str, sure: bool, dry_run: bool
) -> None:
    from broker.deciding import set_state

    with opened(folder) as instance:
        _known(instance, code)
        if dry_run:
            click.echo(f"{code} would be {state} by {by}; nothing was changed")
            return
        if not sure:
            click.confirm(f"Is {code} to be {state}?", abort=True)
        with _told():
            set_state(instance.ledger, instance.store, code, state, by, reason, now())
    click.echo(f"{code} is {state}; the workers know within a second")


@click.command()
@click.argument("code", metavar="CC")
@click.option("--verified-by", "words", required=True, help="How: by phone with whom, by which letter.")
@_who
@dry_run
@in_folder
def confirm(code: str, words: str, by: str | None, dry_run: bool, folder: Path) -> None:
    """Write down that a country was asked, and that what we hold of it still holds: once a year, for auditors.

    Example: passerelle country confirm EL --verified-by "phone, N. P., all fingerprints read"
    """
    from broker import deciding

    with opened(folder) as instance:
        _known(instance, code)
        if dry_run:
            click.echo(f"{code} would be confirmed by {_name(by)}; nothing was changed")
            return
        with _told():
            deciding.confirm(instance.ledger, instance.store, code, _name(by), words, now())
    click.echo(f"{code} is confirmed for a year")


def _known(instance: Instance, code: str) -> None:
    if code not in instance.settings.parties.countries:
        fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
