"""What ends: documents, certificates of keys and anchors, and the year after which a country is asked what still holds.

It is data for a list or a calendar: a moment, what ends there, and how much it matters.
"""

import warnings
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.x509 import load_der_x509_certificate

from eidas.errors import Refused
from metadata.diff.keys import Key
from metadata.ledger import Entry
from metadata.ledger.kinds import CONFIRMED, IN_FORCE
from metadata.review import Blob, Histories, histories, unbroken
from metadata.review.anchors import Pinned, anchors
from metadata.review.documents import Described, octets_of, reading
from metadata.review.keys import key_used
from metadata.review.nodes import TrustedNode, trusted
from metadata.trust.der import without_null
from metadata.trust.links import UNREADABLE

_DAY = 86_400
MONTHS = (10, 11, 12)
"""A country is to be confirmed after twelve months; two reminders come before."""


class Ends(StrEnum):
    """What ends."""

    METADATA = "metadata"
    MESSAGE_KEY = "message key"
    ANCHOR = "anchor"
    OWN_KEY = "own key"
    CONFIRMATION = "confirmation"


class Severity(StrEnum):
    """How much it matters now."""

    OVER = "over"
    URGENT = "urgent"
    SOON = "soon"
    NOTE = "note"


_BEFORE = {Ends.METADATA: (1, 3), Ends.ANCHOR: (30, 90), Ends.OWN_KEY: (30, 90)}
"""Days before the end from which it is urgent, and soon. Metadata is signed anew each few days: it ends when that fails."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends at `time` (Unix seconds): `subject` is a node, a country or a key of ours, `digest` of which document or
    certificate ("": neither). `days_left` is negative when it has ended; `severity` is note where nothing depends on it."""

    time: int
    kind: Ends
    subject: str
    what: str
    digest: str
    days_left: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class Confirmation:
    """When a country is to be confirmed: `asked` is the last time, or when it was first trusted (`by` is then "").

    `reminders` are the moments 10, 11 and 12 months later: the last is when it is due. All are Unix seconds.
    """

    country: str
    asked: int
    by: str
    words: str
    reminders: tuple[int, ...]

    @property
    def due(self) -> int:
        """When it is due."""
        return self.reminders[-1]


def expiring(entries: Iterable[Entry], at: int, within: int, blob: Blob) -> tuple[Ending, ...]:
    """What ends within so many seconds after a moment, or has ended and is still there, the first first."""
    every = list(entries)
    found = [one for one in _all(every, at, blob) if one.time <= at + within]
    return tuple(sorted(found, key=lambda one: (one.time, one.kind, one.subject, one.digest)))


def _all(entries: list[Entry], at: int, blob: Blob) -> Iterator[Ending]:
    for node in trusted(entries, at, blob):
        yield _ending(node.valid_until, Ends.METADATA, node.subject, node.entity_id, node.document, at)
        yield from _message_keys(node, at, blob)
    for pinned in anchors(entries, at):
        yield _ending(pinned.valid_until, Ends.ANCHOR, pinned.country, _stands(pinned), pinned.sha256, at)
    yield from _own_keys(entries, at, blob)
    yield from (_confirmation(one, at) for one in confirmations(entries, at))


def _ending(
    time: int, kind: Ends, subject: str, what: str, digest: str, at: int, severity: Severity | None = None
) -> Ending:
    left = (time - at) // _DAY
    return Ending(time, kind, subject, what, digest, left, severity or _severity(time - at, kind))


def _severity(left: int, kind: Ends) -> Severity:
    urgent, soon = _BEFORE[kind]
    if left <= 0:
        return Severity.OVER
    if left <= urgent * _DAY:
        return Severity.URGENT
    return Severity.SOON if left <= soon * _DAY else Severity.NOTE


# -- certificates -----------------------------------------------------------------------------------------------------


def _message_keys(node: TrustedNode, at: int, blob: Blob) -> Iterator[Ending]:
    """SAML Metadata Interoperability 2.6.1: their dates do not count, so it is for information."""
    read = reading(node.document, node.entity_id, node.role, blob)
    if isinstance(read, str):
        return
    for key in read.keys:
        if (until := _key_until(key, read)) is not None:
            what = f"{key.use} key {key.kind}"
            yield _ending(until, Ends.MESSAGE_KEY, node.subject, what, key.certificate, at, Severity.NOTE)


def _key_until(key: Key, read: Described) -> int | None:
    return certificate_until(read.certificates.get(key.certificate, b""))


def certificate_until(der: bytes) -> int | None:
    """Until when a certificate counts (Unix seconds); None where that cannot be read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return int(load_der_x509_certificate(without_null(der)).not_valid_after_utc.timestamp())
    except UNREADABLE:
        return None


def _stands(pinned: Pinned) -> str:
    return f"anchor of {', '.join(pinned.nodes)}" if pinned.nodes else "anchor of nothing that is in force"


def _own_keys(entries: list[Entry], at: int, blob: Blob) -> Iterator[Ending]:
    """What no longer signs may end: it is told, and nobody must do anything."""
    for key in key_used(entries, at):
        until = _own_until(key.certificate, blob) if key.certificate else None
        if until is not None:
            idle = Severity.NOTE if key.state == "retiring" else None
            yield _ending(until, Ends.OWN_KEY, key.kid, f"{key.use} key, {key.state}", key.certificate, at, idle)


def _own_until(digest: str, blob: Blob) -> int | None:
    try:
        return certificate_until(octets_of(digest, blob))
    except Refused:
        return None


# -- the yearly question ----------------------------------------------------------------------------------------------


def confirmations(entries: Iterable[Entry], at: int | None = None) -> tuple[Confirmation, ...]:
    """For each country with a node in force: when it was asked last, and when it is to be asked again."""
    told = histories(entries, at)
    first: dict[str, int] = {}
    for (kind, subject), events in told.items():
        if kind == IN_FORCE and events[-1].after:
            country = subject.partition("/")[0]
            begun = unbroken(events)[0].time
            first[country] = min(begun, first.get(country, begun))
    return tuple(_asked(country, begun, told) for country, begun in sorted(first.items()))


def _asked(country: str, begun: int, told: Histories) -> Confirmation:
    """What was said of a country before it was trusted anew counts no longer."""
    events = told.get((CONFIRMED, country), ())
    last = events[-1] if events and events[-1].after and events[-1].time >= begun else None
    asked = last.time if last else begun
    by, words = (last.facts["by"], last.facts["words"]) if last else ("", "")
    return Confirmation(country, asked, by, words, tuple(months_after(asked, count) for count in MONTHS))


def _confirmation(one: Confirmation, at: int) -> Ending:
    passed = sum(reminder <= at for reminder in one.reminders)
    what = f"confirmed by {one.by}" if one.by else "trusted, and never confirmed"
    severity = (Severity.NOTE, Severity.SOON, Severity.URGENT, Severity.OVER)[passed]
    return _ending(one.due, Ends.CONFIRMATION, one.country, what, "", at, severity)


def months_after(moment: int, months: int) -> int:
    """The same day and hour so many months later (UTC), or the last day of a shorter month."""
    begun = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    day = min(begun.day, monthrange(year, month + 1)[1])
    return int(begun.replace(year=year, month=month + 1, day=day).timestamp())
