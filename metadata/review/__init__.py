"""What a person whose job is to doubt asks of the ledger: who was trusted on a day, why, by which key, and what changed.

Everything here is a reading of entries, so the answer for a past moment is that of the ledger as it was then. Nothing is
fetched and nothing decided; documents come from `blob`, which gives the octets of a digest, None where they are not kept.
"""

from collections.abc import Callable, Iterable, Mapping

from metadata.ledger import Entry, Event

Blob = Callable[[str], bytes | None]
Standing = Mapping[tuple[str, str], Event]
"""The last event of each type and subject that is still so."""


def standing(entries: Iterable[Entry], at: int | None = None) -> Standing:
    """What the ledger says at a moment (Unix seconds, inclusive), or now."""
    last = {(one.event.type, one.event.subject): one.event for one in entries if at is None or one.event.time <= at}
    return {key: event for key, event in last.items() if event.after}
