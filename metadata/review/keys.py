"""Which of our own keys were used at a moment, and for what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metadata.ledger import Entry, Event
from metadata.ledger.kinds import KEY
from metadata.review import histories, unbroken


@dataclass(frozen=True, slots=True)
class KeyUsed:
    """A key of ours: its state (published, active, retiring) `since` a moment, and since when it is `known` (Unix seconds).

    `certificate` is "" where it has none. Digests are SHA-256 in hex, of DER.
    """

    kid: str
    use: str
    algorithm: str
    state: str
    since: int
    known: int
    public_key: str
    certificate: str


def key_used(entries: Iterable[Entry], at: int | None = None) -> tuple[KeyUsed, ...]:
    """The keys of a moment, by use, the one that signs first."""
    every = (_used(kid, events) for (kind, kid), events in histories(entries, at).items() if kind == KEY)
    return tuple(sorted((one for one in every if one), key=lambda one: (one.use, _ORDER.index(one.state), one.kid)))


_ORDER = ("active", "published", "retiring")


def _used(kid: str, events: Sequence[Event]) -> KeyUsed | None:
    same = unbroken(events, "state")
    if not same:
        return None
    facts = same[-1].facts
    return KeyUsed(
        kid,
        facts["use"],
        facts["algorithm"],
        facts["state"],
        same[0].time,
        unbroken(events, "public_key")[0].time,
        facts["public_key"],
        facts["certificate"],
    )
