"""The documents of a node as the ledger kept them: which there were, and what each said, octet by octet."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from broker.commands.moments import Reading, at_option, read, tell, written
from broker.commands.tools import WRONG_USAGE, as_format, fail, in_folder

if TYPE_CHECKING:
    from metadata.review.people import Decision
    from metadata.review.versions import Version

_VERSION = re.compile(r"([A-Z]{2}/(?:proxy|connector))@(waiting|[1-9]\d{0,6}|[0-9a-f]{8,64})")
_NUMBER = re.compile(r"\d{1,7}")
_NODE = re.compile(r"[A-Z]{2}/(proxy|connector)")


@click.command()
@click.argument("node", metavar="ENTITY|CC/ROLE")
@at_option
@in_folder
@as_format
def history(node: str, at: int | None, folder: Path, form: str) -> None:
    """The documents that a node was trusted by, the oldest first: from when until when, why, and by whose word.

    Two of them can be compared: passerelle metadata diff EL/proxy@14 EL/proxy@15

    Example: passerelle metadata history EL/proxy
    """
    from metadata.review.people import approval, decisions
    from metadata.review.versions import versions

    reading = read(folder, at)
    subject = _subject(reading, node)
    spoken = decisions(reading.entries, reading.at)
    found = versions(reading.entries, subject, reading.at)
    rows = [_row(one, approval(spoken, subject, one.document, one.since)) for one in found]
    tell(reading, f"{subject} UP TO", rows, form, "span")


def _row(one: "Version", decision: "Decision | None") -> dict[str, Any]:
    return {
        "version": one.number,
        "from": written(one.since),
        "to": "" if one.until is None else written(one.until),
        "ground": one.ground,
        "approved by": list(decision.people) if decision else [],
        "anchor": one.anchor,
        "valid until": written(one.valid_until),
        "entity": one.entity_id,
        "document": one.document,
    }


@click.command()
@click.argument("node", metavar="ENTITY|CC/ROLE")
@at_option
@in_folder
def get(node: str, at: int | None, folder: Path) -> None:
    """The document that a node was trusted by at a moment, as it was kept, on the standard output.

    CC/ROLE may name a version: EL/proxy@14, EL/proxy@waiting for the one that waits, or EL/proxy@ and the beginning of a
    document's SHA-256, of at least 8 digits, also for one that was rejected or refused.

    Example: passerelle metadata get EL/proxy --at 2026-06-30 > EL-proxy.xml
    """
    reading = read(folder, at)
    named = _VERSION.fullmatch(node)
    digest = _digest(reading, named[1], named[2]) if named else _in_force(reading, _subject(reading, node))
    click.echo(octets(reading, digest), nl=False)


def octets(reading: Reading, digest: str) -> bytes:
    """A document; ends the program where the ledger has it not as it was."""
    from eidas.errors import Refused
    from metadata.review.documents import octets_of

    try:
        return octets_of(digest, reading.blob)
    except Refused as refused:
        fail(refused.detail)


def is_version(written_: str) -> bool:
    """Whether this names a version in the ledger."""
    return _VERSION.fullmatch(written_) is not None


def version_of(folder: Path, name: str, at: int | None) -> tuple[bytes, int]:
    """The octets of a version ("EL/proxy@14"), and since when the ledger has it; ends the program where there is none."""
    found = _VERSION.fullmatch(name) or fail(f"{name} names no version, as EL/proxy@14 does", WRONG_USAGE)
    reading = read(folder, at)
    digest = _digest(reading, found[1], found[2])
    own = (one.event for one in reading.entries if one.event.subject == found[1])
    return octets(reading, digest), next(event.time for event in own if event.facts.get("document") == digest)


def _digest(reading: Reading, subject: str, which: str) -> str:
    """The digest of a version: by its number, as the one that waits, or by how it begins."""
    from metadata.review.versions import versions
    from metadata.review.waiting import waiting

    if which == "waiting":
        found = [one.document for one in waiting(reading.entries, reading.at) if one.subject == subject]
    elif _NUMBER.fullmatch(which):
        found = [one.document for one in versions(reading.entries, subject, reading.at) if one.number == int(which)]
    else:
        found = _beginning(reading, subject, which)
    return found[0] if found else _none(f"{subject}@{which}", reading)


def _beginning(reading: Reading, subject: str, digits: str) -> list[str]:
    """The documents of a node, in force or not, whose digest begins so; ends the program where they are several."""
    own = (one.event for one in reading.entries if one.event.subject == subject and one.event.time <= reading.at)
    every = {event.facts.get("document", "") for event in own}
    found = [digest for digest in every if digest.startswith(digits)]
    return found if len(found) < 2 else fail(f"several documents of {subject} begin with {digits}", WRONG_USAGE)


def _in_force(reading: Reading, subject: str) -> str:
    from metadata.review.versions import versions

    last = versions(reading.entries, subject, reading.at)[-1:]
    return last[0].document if last and last[0].until is None else _none(subject, reading)


def _subject(reading: Reading, node: str) -> str:
    """The node that is meant; ends the program where an entity ID is that of none, or of several."""
    from metadata.review.timeline import subjects_of

    if _NODE.fullmatch(node):
        return node
    found = sorted(subjects_of(reading.entries, node) if "://" in node else ())
    if len(found) > 1:
        fail(f"this is the entity ID of {' and '.join(found)}: name one of them", WRONG_USAGE)
    return found[0] if found else fail(f"{node} is no node of the ledger: passerelle trust list", WRONG_USAGE)


def _none(name: str, reading: Reading) -> NoReturn:
    fail(f"the ledger has no {name} at {reading.stamp}: passerelle metadata history {name.partition('@')[0]}")
