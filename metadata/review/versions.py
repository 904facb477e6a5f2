"""The documents of a node, one after the other: what its metadata said on a day is a look into them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from metadata.ledger import Entry, Event
from metadata.ledger.kinds import IN_FORCE
from metadata.review import histories
from metadata.review.documents import until_of


@dataclass(frozen=True, slots=True)
class Version:
    """A document while it was in force: from `since` until before `until` (Unix seconds; None: it still is).

    `number` counts from 1 the documents that differ from the one before them. `ground` and `anchor` ("": none) are the last
    that were told of it.
    """

    number: int
    document: str
    entity_id: str
    valid_until: int
    anchor: str
    ground: str
    since: int
    until: int | None


def versions(entries: Iterable[Entry], subject: str, at: int | None = None) -> tuple[Version, ...]:
    """The documents that a node ("EL/proxy") was trusted by, up to a moment, the oldest first."""
    return versions_of(histories(entries, at).get((IN_FORCE, subject), ()))


def versions_of(events: Sequence[Event]) -> tuple[Version, ...]:
    """As `versions`, of the events of one node."""
    found: list[Version] = []
    for event in events:
        last = found[-1] if found and found[-1].until is None else None
        if last is not None and event.after and event.facts["document"] == last.document:
            found[-1] = _version(event, last.number, last.since)
            continue
        if last is not None:
            found[-1] = replace(last, until=event.time)
        if event.after:
            found.append(_version(event, _number(found, event), event.time))
    return tuple(found)


def _number(found: Sequence[Version], event: Event) -> int:
    """What comes back after a gap as it was is no other version."""
    if not found:
        return 1
    return found[-1].number + (event.facts["document"] != found[-1].document)


def _version(event: Event, number: int, since: int) -> Version:
    facts = event.facts
    until = until_of(event)
    return Version(number, facts["document"], facts["entity_id"], until, facts["anchor"], facts["ground"], since, None)
