"""The handshake with another country at the command line."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.instance import Instance, opened
from broker.commands.tools import INVALID, PEER_FAILED, PROBLEM_FOUND, WRONG_USAGE, as_format, fail, in_folder, now, show

if TYPE_CHECKING:
    from broker.handshake import Course, Meeting, Step
    from broker.handshake.meeting import Revoked
    from broker.ports import Fetch
    from certs.keyring import Keyring

    Taken = list[tuple[Course, list[Step]]]

_MARKS = {"fine": "✔", "note": "!", "wrong": "✘", "not run": "–"}
_PEER = frozenset({"network", "document"})
_TITLE = 22


@click.command()
@click.argument("code", metavar="CC")
@click.option("--role", type=click.Choice(("proxy", "connector")), help="This role of theirs alone (default: all we meet).")
@click.option("--mail", is_flag=True, help="Print a mail that tells the country its part, in English.")
@as_format
@in_folder
def handshake(code: str, role: str | None, mail: bool, form: str, folder: Path) -> None:
    """Process what a country publishes as strictly as a login does, step by step, and say what each side can do.

    Its metadata is fetched, with the lists of revoked certificates that go with it; a trial message is made and sent to
    nobody. Nothing is written. A step that is wrong stops those that need it.
    Ends with 0 when no step is wrong, 1 when one is, 4 when the country could not be reached.

    \b
    Examples:
      passerelle country handshake IT
      passerelle country handshake IT --role connector --mail
    """
    taken: Taken = []
    with opened(folder) as instance:
        for course in _courses(instance, code, role):
            taken.append((course, []))
            if form == "table" and not mail:
                _head(course)
            for part in course.parts:
                if form != "table" or mail:
                    click.echo(f"{course.meeting.subject}: {part.title} …", err=True)
                step = course.take(part)
                taken[-1][1].append(step)
                if form == "table" and not mail:
                    _tell(len(taken[-1][1]), step)
    _finish(taken, mail, form)


def _finish(taken: "Taken", mail: bool, form: str) -> None:
    if mail:
        from broker.handshake import letter

        click.echo(letter(taken), nl=False)
    elif form == "json":
        click.echo(json.dumps([_facts(*one) for one in taken], ensure_ascii=False, indent=2))
    elif form == "csv":
        show([row for one in taken for row in _rows(*one)], form)
    else:
        _fragments(taken)
    raise SystemExit(_status([step for _, steps in taken for step in steps]))


def _status(steps: "Sequence[Step]") -> int:
    wrong = {step.name for step in steps if step.verdict == "wrong"}
    if wrong - _PEER:
        return PROBLEM_FOUND
    return PEER_FAILED if wrong else 0


# -- whom we meet -----------------------------------------------------------------------------------------------------


def _courses(instance: Instance, code: str, role: str | None) -> "Iterator[Course]":
    from broker.handshake import Course

    country = instance.settings.parties.countries.get(code)
    if country is None:
        fail(f'no country "{code}": passerelle country list', WRONG_USAGE)
    roles = sorted({*country.sources, *country.documents}, reverse=True)
    if role is not None and role not in roles:
        fail(f"{code} has no {role} here: {role}_metadata in partners/countries/{code}.toml", WRONG_USAGE)
    keyring = _keyring(instance)
    for one in [role] if role else roles:
        yield Course(_meeting(instance, keyring, code, one))


def _keyring(instance: Instance) -> "Keyring":
    from certs.keyring import KeyRefused, load_keyring

    try:
        return load_keyring(instance.settings.secrets_folder / "keys")
    except KeyRefused as refused:
        fail(str(refused), INVALID)


def _meeting(instance: Instance, keyring: "Keyring", code: str, role: str) -> "Meeting":
    from broker.app import metadata_prober, ways_to_metadata
    from broker.handshake import Meeting, Ways
    from broker.sources import NotListed, lists_in_force, place_of

    settings, standing, blob = instance.settings, instance.ledger.standing(), instance.ledger.blob
    country, place = settings.parties.countries[code], None
    if role in country.sources:
        try:
            place = place_of(country, role, lists_in_force(settings, standing, blob, now()))
        except NotListed:
            place = None
    out = ways_to_metadata(settings)
    ways = Ways(out.documents, _revoked(out.revoked), metadata_prober(settings), now, time.monotonic)
    return Meeting(settings, keyring, ways, country, role, place, standing, blob)


def _revoked(fetch: "Fetch") -> "Revoked":
    """Lists of revoked certificates as the refresher fetches them, kept in a store that ends with this command."""
    from broker.revoking import Revocations
    from broker.seal import locator
    from broker.store import open_store
    from broker.vault import Vault

    return Revocations(Vault(open_store("memory:", now), locator((bytes(32),))), fetch, now).lists


# -- what is said -----------------------------------------------------------------------------------------------------


def _head(course: "Course") -> None:
    from broker.handshake.meeting import NAMES

    meeting = course.meeting
    click.echo(f"{meeting.code} {NAMES[meeting.role]}")


def _tell(number: int, step: "Step") -> None:
    click.echo(f"{number:>2} {_MARKS[step.verdict]} {step.title.ljust(_TITLE)}{step.found}")
    margin = " " * 5
    for fact in (*step.facts, *step.asides):
        click.echo(f"{margin}{fact}")
    for sentence in step.ours:
        click.echo(f"{margin}we: {sentence}")
    for sentence in step.theirs:
        click.echo(f"{margin}they: {sentence}")


def _fragments(taken: "Taken") -> None:
    """What they may copy into their list, and how they hear of their part."""
    from broker.handshake.meeting import NAMES, OTHER
    from broker.handshake.own import fragment

    for course, _ in taken:
        meeting = course.meeting
        if OTHER[meeting.role] in meeting.settings.node.roles:
            click.echo(f"\nOur {NAMES[OTHER[meeting.role]]} in their list of metadata:\n{fragment(meeting)}")
    if any(step.theirs for _, steps in taken for step in steps):
        click.echo(f"\nTheir part as a mail: passerelle country handshake {taken[0][0].meeting.code} --mail")


def _facts(course: "Course", steps: "Sequence[Step]") -> dict[str, Any]:
    meeting = course.meeting
    return {
        "country": meeting.code,
        "role": meeting.role,
        "steps": [_of(number, one) for number, one in enumerate(steps, 1)],
    }


def _rows(course: "Course", steps: "Sequence[Step]") -> list[dict[str, Any]]:
    return [{"node": course.meeting.subject, **_of(number, step)} for number, step in enumerate(steps, 1)]


def _of(number: int, step: "Step") -> dict[str, Any]:
    return {
        "step": number,
        "name": step.name,
        "title": step.title,
        "verdict": str(step.verdict),
        "found": step.found,
        "facts": [*step.facts, *step.asides],
        "ours": list(step.ours),
        "theirs": list(step.theirs),
    }
