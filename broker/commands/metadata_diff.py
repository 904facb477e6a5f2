"""What changed between two versions of a node's metadata, for the person who must decide on it."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.metadata_history import is_version, version_of
from broker.commands.moments import at_option
from broker.commands.tools import WRONG_USAGE, as_format, fail, in_folder, show

if TYPE_CHECKING:
    from metadata.diff import Change
    from metadata.diff.topics import Entity

_GRADES = ("better", "neutral", "attention", "dangerous")
_STATUS = {"better": 0, "neutral": 0, "attention": 1, "dangerous": 3}
_DAY = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"))
_HAPPENED = {"+": "added", "-": "removed", "~": "changed"}
_LEFT, _WIDEST = 34, 90


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--only", type=click.Choice(_GRADES), default="better", help="Leave out what is less grave than this.")
@click.option("--fetched", nargs=2, type=_DAY, help="When A and B were fetched (UTC): then it says how long each is valid.")
@at_option
@in_folder
@as_format
def diff(
    before: str,
    after: str,
    only: str,
    fetched: tuple[datetime, datetime] | None,
    at: int | None,
    folder: Path,
    form: str,
) -> None:
    """What changed from A to B, two versions of a node's metadata, by meaning.

    Each is a file, or a version out of the ledger: EL/proxy@14, EL/proxy@waiting for what waits for a decision, or
    EL/proxy@ and the beginning of a SHA-256. Of those it is known since when they are there.

    Each change is better, neutral, worth attention or dangerous. IDs, white space, prefixes, order and the value of the
    signature mean nothing. A document that no login would use is compared all the same.

    Ends with 0 when nothing is worse than neutral, 1 when something is worth attention, 3 when something is dangerous,
    whatever --only leaves out; 2 when a file holds no metadata.

    \b
    Examples:
      passerelle metadata diff EL-proxy-14.xml EL-proxy-15.xml
      passerelle metadata diff EL/proxy@14 EL/proxy@waiting
      passerelle metadata diff --only attention --format json EL-proxy-14.xml EL-proxy-15.xml
    """
    from metadata.diff import compare

    then, now = fetched or (None, None)
    old, new = _read(before, then, folder, at), _read(after, now, folder, at)
    changes = compare(old, new)
    shown = [one for one in changes if _GRADES.index(_grade(one)) >= _GRADES.index(only)]
    if form == "table":
        _tell(f"{_name(before)} → {_name(after)}", old, new, changes, shown)
    else:
        show([_row(one) for one in shown], form)
    sys.exit(max((_STATUS[_grade(one)] for one in changes), default=0))


def _read(origin: str, fetched: datetime | None, folder: Path, at: int | None) -> "tuple[Entity, ...]":
    from eidas.errors import Refused
    from metadata.diff.facts import read_entities

    octets, since = _octets(origin, folder, at)
    moment = int(fetched.replace(tzinfo=UTC).timestamp()) if fetched else since
    try:
        found = read_entities(octets, moment)
    except Refused as refused:
        fail(f"{_name(origin)} cannot be read: {refused.detail}", WRONG_USAGE)
    return found or fail(f"{_name(origin)} is no metadata: it describes no entity", WRONG_USAGE)


def _octets(origin: str, folder: Path, at: int | None) -> tuple[bytes, int | None]:
    """A document and since when it is there, None for a file. A file of this name comes first."""
    if is_version(origin) and not Path(origin).is_file():
        return version_of(folder, origin, at)
    try:
        return Path(origin).read_bytes(), None
    except OSError as wrong:
        fail(f"{origin}: {wrong.strerror}", WRONG_USAGE)


def _name(origin: str) -> str:
    return origin if is_version(origin) else Path(origin).name


def _grade(change: "Change") -> str:
    return change.grade.name.lower()


def _row(change: "Change") -> dict[str, Any]:
    return {
        "grade": _grade(change),
        "class": change.part.value,
        "change": _HAPPENED[change.sign],
        "entity": change.entity,
        "role": change.role,
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "digests": list(change.digests),
        "code": change.why.value,
        "reason": change.reason,
    }


# -- for people -------------------------------------------------------------------------------------------------------


def told(before: bytes, after: bytes) -> Iterator[str]:
    """The lines that say what changed between two documents. Raises XmlRefused."""
    from metadata.diff import compare
    from metadata.diff.facts import read_entities

    old, new = read_entities(before), read_entities(after)
    changes = compare(old, new)
    yield from (line for change in changes for line in _lines(change, len(new) > 1))
    yield f" = {_unchanged(changes)}"
    yield _decision(changes)


def _tell(
    title: str, old: "Sequence[Entity]", new: "Sequence[Entity]", changes: "Sequence[Change]", shown: "Sequence[Change]"
) -> None:
    click.echo(f"{title}   {_visible(_names(new))}")
    click.echo(f"  {_signatures(old, new)}")
    for line in (line for change in shown for line in _lines(change, len(new) > 1)):
        click.echo(line)
    if len(shown) < len(changes):
        click.echo(f"   {len(changes) - len(shown)} less grave not shown")
    click.echo(f" = {_unchanged(changes)}   (IDs, white space, prefixes, order and signature values ignored)")
    click.echo(_decision(changes))


def _names(entities: "Sequence[Entity]") -> str:
    return entities[0].name if len(entities) == 1 else f"{len(entities)} entities"


def _signatures(old: "Sequence[Entity]", new: "Sequence[Entity]") -> str:
    from metadata.diff.topics import NONE, UNPROVEN

    before, after = ({one.signer for one in some} for some in (old, new))
    if before & {NONE, UNPROVEN} or after & {NONE, UNPROVEN}:
        words = {NONE: "not signed", UNPROVEN: f"signature {UNPROVEN}"}
        told = (", ".join(sorted({words.get(one, "signed") for one in some})) for some in (before, after))
        return "A: {}; B: {}".format(*told)
    return "signed by the same key ✔" if before == after else "signed by another key !"


def _lines(change: "Change", several: bool) -> Iterator[str]:
    whose = " ".join(part for part in (change.entity if several else "", change.role, change.subject) if part)
    values = [part for part in (change.before, change.after) if part]
    what = " → ".join(values)
    told = [what] if len(what) <= _WIDEST else [values[0], *(f"→ {value}" for value in values[1:])]
    yield f" {change.sign} {_visible(whose):<{_LEFT}} {_visible(told[0])}"
    for text in (*told[1:], *change.digests, f"{_grade(change)}: {change.reason}"):
        yield f"   {'':<{_LEFT}} {_visible(text)}"


def _unchanged(changes: "Sequence[Change]") -> str:
    from metadata.diff import Part

    same = [part.value for part in Part if part not in {change.part for change in changes}]
    return f"{', '.join(same)} unchanged" if same else "nothing is unchanged"


def _decision(changes: "Sequence[Change]") -> str:
    """What a person must decide, the most grave first; on what was better or neutral nobody must."""
    open_ones = sorted((one for one in changes if _STATUS[_grade(one)]), key=lambda one: -one.grade)
    if not open_ones:
        return "Nothing to decide."
    counted = Counter(
        f"{f'{one.role} {one.subject}'.strip()} ({one.why.value.replace('-', ' ')}, {_grade(one)})" for one in open_ones
    )
    told = "; ".join(f"{subject} ({count} times)" if count > 1 else subject for subject, count in counted.items())
    return f"Decision needed: {_visible(told)}. Compare with what the country told you on another way."


def _visible(text: str) -> str:
    """What a peer sent must not command the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
