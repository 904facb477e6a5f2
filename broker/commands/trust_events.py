"""What waits for a person, what ends, what happened, and which anchors there are: readings of the ledger."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.moments import Moment, Span, at_option, day, read, short, tell, written
from broker.commands.tools import as_format, in_folder, show

if TYPE_CHECKING:
    from metadata.review.people import Decision
    from metadata.review.timeline import Told

# As metadata.review.timeline has them: `--help` loads nothing heavy. A test compares the two.
TYPES = (
    "metadata.in_force",
    "metadata.waiting",
    "metadata.refused",
    "trust.decision",
    "list.in_force",
    "anchor.pinned",
    "country.state",
    "country.confirmed",
)
WORDS = (
    *("trusted", "version", "ground", "removed", "waits", "settled", "refused", "usable"),
    *("proposed", "approved", "rejected", "listed", "unlisted", "pinned", "unpinned"),
    *("suspended", "resumed", "confirmed", "unconfirmed"),
)
_DAY = 86_400
_MOST_SHOWN, _MOST_SUBJECT = 48, 15


@click.command()
@at_option
@in_folder
@as_format
def pending(at: int | None, folder: Path, form: str) -> None:
    """What waits for a person: documents that an anchor vouches for and nobody has decided on.

    To see what is new in one: passerelle metadata diff EL/proxy@14 EL/proxy@waiting

    Example: passerelle trust pending
    """
    from metadata.review.waiting import waiting

    reading = read(folder, at)
    rows = [
        {
            "node": one.subject,
            "entity": one.entity_id,
            "news": one.news,
            "since": written(one.since),
            "valid until": written(one.valid_until),
            "anchor": one.anchor,
            "document": one.document,
            "proposed by": _proposed(one.proposed),
        }
        for one in waiting(reading.entries, reading.at)
    ]
    tell(reading, "WAITING ON", rows, form, "document")


def _proposed(decision: "Decision | None") -> str:
    return f"{decision.people[0]}: {decision.words[0]}" if decision else ""


@click.command()
@click.option("--within", type=Span(), default="60d", show_default=True, metavar="DAYS", help="How far to look ahead.")
@at_option
@in_folder
@as_format
def expiring(within: int, at: int | None, folder: Path, form: str) -> None:
    """What ends soon, or has ended: metadata, anchors, our certificates, the yearly question to each country.

    The certificates of message keys are a note: in metadata their dates do not count.

    Example: passerelle trust expiring --within 90d
    """
    from metadata.review.endings import expiring as endings

    reading = read(folder, at)
    found = [asdict(one) for one in endings(reading.entries, reading.at, within, reading.blob)]
    rows = [
        {
            "date": written(one["time"]) if form != "table" else day(one["time"]),
            "left": one["days_left"] if form != "table" else f"{one['days_left']} d",
            "severity": str(one["severity"]),
            "kind": str(one["kind"]),
            "subject": _cut(one["subject"]) if form == "table" else one["subject"],
            "what": _cut(one["what"]) if form == "table" else one["what"],
            "sha256": short(one["digest"]) if form == "table" else one["digest"],
        }
        for one in found
    ]
    tell(reading, "EXPIRING ON", rows, form, "ending")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


@click.command()
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="Only what happened on this day (UTC) and later.")
@click.option("--type", "type_", type=click.Choice((*TYPES, *WORDS)), metavar="TYPE", help="Only this type, or this word.")
@click.option("--at", "at", type=Moment(), metavar="DATE", help="Only what happened up to then (default: all).")
@in_folder
@as_format
def log(since: Any, type_: str | None, at: int | None, folder: Path, form: str) -> None:
    """Decisions and changes of trust, the oldest first.

    TYPE is a type of entries, such as trust.decision, or a word of the column WORD, such as approved.

    Example: passerelle trust log --type approved --since 2026-01-01
    """
    from datetime import UTC

    from metadata.review.timeline import TRUST, told

    reading = read(folder, at)
    after = since.replace(tzinfo=UTC).timestamp() if since else 0
    every = [one for one in told(reading.entries) if one.type in TRUST and after <= one.time <= reading.at]
    rows = rows_of([one for one in every if type_ in (None, one.type, one.what)])
    if form != "table":
        show(rows, form)
        return
    tell_events(rows, ("seq", "time", "subject", "word", "what happened"))
    click.echo(reading.verified)


@click.command()
@click.argument("country", metavar="[CC]", required=False)
@at_option
@in_folder
@as_format
def anchors(country: str | None, at: int | None, folder: Path, form: str) -> None:
    """The certificates that vouch for a country's metadata: since when, until when, and for which nodes.

    Example: passerelle trust anchors EL
    """
    from metadata.review.anchors import anchors as pinned

    reading = read(folder, at)
    rows = [
        {
            "cc": one.country,
            "sha256": one.sha256,
            "from": one.source,
            "since": written(one.since),
            "valid until": written(one.valid_until),
            "left": f"{(one.valid_until - reading.at) // _DAY} d",
            "nodes": list(one.nodes),
        }
        for one in pinned(reading.entries, reading.at)
        if country in (None, one.country)
    ]
    tell(reading, "ANCHORS ON", rows, form, "anchor")


def tell_events(rows: "Sequence[dict[str, Any]]", columns: Sequence[str]) -> None:
    """Events for people: the digest in the subject of an anchor is cut, its sentence begins with it."""
    short_ones = ({**row, "subject": row["subject"][:_MOST_SUBJECT]} for row in rows)
    show([{name: row[name] for name in columns} for row in short_ones], "table")


def rows_of(events: "Sequence[Told]") -> list[dict[str, Any]]:
    """Events as rows."""
    return [
        {
            "seq": one.seq,
            "time": written(one.time),
            "type": one.type,
            "word": one.what,
            "subject": one.subject,
            "what happened": one.sentence,
        }
        for one in events
    ]
