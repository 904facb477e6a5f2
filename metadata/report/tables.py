"""The two tables for spreadsheets: RFC 4180, UTF-8 with a byte order mark, and no cell that a spreadsheet would compute."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from eidas.times import written
from metadata.ledger import Event
from metadata.report.basis import Basis
from metadata.review.timeline import told

_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula may begin with, also in the full-width forms that some spreadsheets take for the others."""
_BETWEEN = " | "


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what could be one."""
    return f"'{cell}" if cell.startswith(_COMPUTED) else cell


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file of rows below their names."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


_TRUST = (
    "country",
    "role",
    "entity_id",
    "since",
    "version",
    "version_since",
    "document",
    "ground",
    "people",
    "words",
    "anchor",
    "valid_until",
    "keys",
    "state",
    "remarks",
)


def trust_csv(facts: dict[str, Any]) -> bytes:
    """Who was trusted on the first day and on the last: a row for each node and day."""
    days = ((facts["since"], facts["trusted_first"]), (facts["until"], facts["trusted_last"]))
    rows = ([at, *(_cell(row[name]) for name in _TRUST)] for at, found in days for row in found)
    return table(("at", *_TRUST), rows)


def _cell(value: object) -> str:
    return _BETWEEN.join(map(str, value)) if isinstance(value, list | tuple) else str(value)


_EVENTS = ("seq", "time", "type", "word", "subject", "what_happened", "before", "after", "facts")


def events_csv(basis: Basis) -> bytes:
    """Every entry of the span, as a sentence and with its facts."""
    rows = (
        (one.seq, written(one.time), one.type, one.what, one.subject, one.sentence, *_change(basis.entries[one.seq].event))
        for one in told(basis.entries)
        if basis.span.holds(one.time)
    )
    return table(_EVENTS, rows)


def _change(event: Event) -> tuple[str, str, str]:
    facts = _BETWEEN.join(f"{name}={value}" for name, value in sorted(event.facts.items()) if value)
    return event.before, event.after, facts
