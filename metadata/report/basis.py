"""What a report stands on: a span of days, the ledger's entries up to its end, the documents, and signed heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from metadata.errors import ReportRefused
from metadata.ledger import Entry, Event
from metadata.ledger.checkpoint import Checkpoint
from metadata.ledger.kinds import IN_FORCE, KEY, PUBLISHED
from metadata.review import Blob, histories
from metadata.review.versions import Version, versions_of

SCHEMA = "passerelle-report/1"
"""The form of report.json, of the manifest and of the tables."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report (2026-01-01), and its first and its last second (Unix seconds, both within)."""

    first_day: str
    last_day: str
    since: int
    until: int

    def holds(self, moment: int) -> bool:
        """Whether a moment is in it."""
        return self.since <= moment <= self.until


def span_of(first_day: str, last_day: str, now: int) -> Span:
    """The span from the first second of a day to the last of another (UTC); of a day that is not over, to `now`.

    Raises ReportRefused for what is no span of days.
    """
    try:
        first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    except ValueError:
        raise ReportRefused(f"{first_day} to {last_day} is no span of days, such as 2026-01-01 to 2026-06-30") from None
    since, until = _begin(first), min(_begin(last + timedelta(days=1)) - 1, now)
    check_order(first, last)
    check_past(last, now)
    return Span(first.isoformat(), last.isoformat(), since, until)


def _begin(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def check_order(first: date, last: date) -> None:
    """Ours: a span has at least one day."""
    if last < first:
        raise ReportRefused(f"the span ends on {last}, before it begins on {first}")


def check_past(last: date, now: int) -> None:
    """Ours: nobody can report what has not happened yet."""
    if _begin(last) > now:
        raise ReportRefused(f"{last} has not come yet: a report ends today at the latest")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a report is made from: entries from the first one on up to the end of the span, and nothing behind it.

    `heads` are checkpoints over some of these entries, the smallest first. `origin` names the ledger, `program` is the
    version that makes the report, `signed` whether a signature is to stand over it.
    """

    span: Span
    entries: Sequence[Entry]
    blob: Blob
    heads: Sequence[Checkpoint]
    origin: str
    program: str
    signed: bool

    @property
    def during(self) -> list[Entry]:
        """The entries of the span itself."""
        return [entry for entry in self.entries if self.span.holds(entry.event.time)]


def up_to(entries: Sequence[Entry], until: int) -> Sequence[Entry]:
    """The entries from the first one to the last that is not later than a moment: a clock that went back parts no tree."""
    count = max((at for at, entry in enumerate(entries, 1) if entry.event.time <= until), default=0)
    return entries[:count]


# -- what was so in the span ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """What an event said of its subject, from its moment until before `until` (Unix seconds; None: it is still so)."""

    event: Event
    until: int | None


def periods(basis: Basis, kind: str) -> list[Period]:
    """Whatever was said by events of a type and was so in the span, or ended as it began; by subject, the oldest first."""
    found = [one for (type_, _), events in sorted(_told(basis).items()) if type_ == kind for one in _periods(events)]
    return [one for one in found if _touches(basis.span, one.event.time, one.until)]


def _told(basis: Basis) -> dict[tuple[str, str], Sequence[Event]]:
    return dict(histories(basis.entries, basis.span.until))


def _periods(events: Sequence[Event]) -> list[Period]:
    ends = [*(event.time for event in events[1:]), None]
    return [Period(event, end) for event, end in zip(events, ends, strict=True) if event.after]


def _touches(span: Span, since: int, until: int | None) -> bool:
    return since <= span.until and (until is None or until >= span.since)


def node_versions(basis: Basis) -> dict[str, tuple[Version, ...]]:
    """Every version of each node up to the end of the span."""
    return {subject: versions_of(events) for (kind, subject), events in sorted(_told(basis).items()) if kind == IN_FORCE}


def documents(basis: Basis) -> list[str]:
    """The digests of the metadata that was in force in the span, theirs and ours, each once, in order."""
    theirs = {
        one.document
        for versions in node_versions(basis).values()
        for one in versions
        if _touches(basis.span, one.since, one.until)
    }
    return sorted(theirs | {one.event.facts["document"] for one in periods(basis, PUBLISHED)})


def key_files(basis: Basis) -> list[str]:
    """The digests of our public keys and certificates that were there in the span, each once, in order."""
    told = [one.event.facts for one in periods(basis, KEY)]
    return sorted({digest for facts in told for digest in (facts["public_key"], facts["certificate"]) if digest})
