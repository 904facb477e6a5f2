"""What a person whose job is to doubt asks of the ledger: who was trusted on a day, why, by which key, and what changed.

Everything here is a reading of entries, so the answer for a past moment is that of the ledger as it was then. Nothing is
fetched and nothing decided; documents come from `blob`, which gives the octets of a digest, None where they are not kept.

`nodes` says who is trusted, `waiting` what waits, `people` who decided, `versions` which documents there were, `timeline`
what happened, `endings` what ends, `algorithms` how strong it is, `keys` which of ours were used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from metadata.ledger import Entry, Event

Blob = Callable[[str], bytes | None]
Standing = Mapping[tuple[str, str], Event]
"""The last event of each type and subject that is still so."""
Histories = Mapping[tuple[str, str], Sequence[Event]]
"""Every event of each type and subject, the oldest first: none is empty."""


def histories(entries: Iterable[Entry], at: int | None = None) -> Histories:
    """What happened to each subject up to a moment (Unix seconds, inclusive), or now."""
    found: dict[tuple[str, str], list[Event]] = {}
    for entry in entries:
        if at is None or entry.event.time <= at:
            found.setdefault((entry.event.type, entry.event.subject), []).append(entry.event)
    return found


def standing(entries: Iterable[Entry], at: int | None = None) -> Standing:
    """What the ledger says at a moment (Unix seconds, inclusive), or now."""
    return {key: events[-1] for key, events in histories(entries, at).items() if events[-1].after}


def unbroken(events: Sequence[Event], fact: str = "") -> Sequence[Event]:
    """The last events of a subject, back to where it was not there, or was another in `fact`. None if it is no more."""
    count = 0
    for event in reversed(events):
        if not event.after or event.facts.get(fact) != events[-1].facts.get(fact):
            break
        count += 1
    return events[len(events) - count :]
