"""Events of the ledger as a page shows them: a word that templates translate, and facts as they stand."""

from collections.abc import Collection, Iterable, Iterator

from broker.web.console.models import Happened
from metadata.ledger import Entry, Event
from metadata.ledger.kinds import KEY
from metadata.review.timeline import told

_SHOWN = ("document", "by", "words", "verdict", "state", "at")
_ONE = ("needed", "1")


def happened(entries: Collection[Entry]) -> Iterator[Happened]:
    """What each entry says, in their order."""
    for entry, one in zip(entries, told(entries), strict=True):
        yield _happened(entry.event, f"key {one.what}" if entry.event.type == KEY else one.what)


def chosen(entries: Collection[Entry], numbers: Iterable[int]) -> tuple[Happened, ...]:
    """The entries of these numbers, the newest first."""
    wanted = frozenset(numbers)
    return tuple(reversed([one for one in happened(entries) if one.seq in wanted]))


def _happened(event: Event, what: str) -> Happened:
    facts = event.facts
    more = tuple((name, value) for name, value in facts.items() if name not in _SHOWN and value and (name, value) != _ONE)
    return Happened(
        event.seq,
        event.time,
        event.type,
        event.subject,
        what,
        facts.get("document", ""),
        facts.get("by", ""),
        facts.get("words", ""),
        more,
    )
