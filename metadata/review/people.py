"""What people decided: who, of what, how it was verified, and whether one or two of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from metadata.ledger import Entry, Event
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word: proposed, approved, rejected, suspended, resumed or confirmed. `subject` is a node or a country.

    `people` and their `words` are those whose word it took, the one who proposed first; `needed` is how many that had to be
    by the configuration of that day. `document` is "" where it was about a country; `time` is the ledger's (Unix seconds).
    """

    seq: int
    time: int
    verdict: str
    subject: str
    document: str
    people: tuple[str, ...]
    words: tuple[str, ...]
    needed: int

    @property
    def country(self) -> str:
        """Of which country ("EL")."""
        return self.subject.partition("/")[0]

    @property
    def by_two(self) -> bool:
        """Whether it was the word of two people, who are not one."""
        return len({normalize("NFKC", name).casefold() for name in self.people}) > 1


def decisions(entries: Iterable[Entry], at: int | None = None) -> tuple[Decision, ...]:
    """Every decision up to a moment, the oldest first."""
    return decided([one.event for one in entries if at is None or one.event.time <= at])


def decided(events: Sequence[Event]) -> tuple[Decision, ...]:
    """The decisions among events, in their order."""
    return tuple(_decided(events))


def approval(spoken: Iterable[Decision], subject: str, document: str, at: int) -> Decision | None:
    """The last approval of a node's document up to a moment (Unix seconds); None where nobody approved it."""
    wanted = ("approved", subject, document)
    found = [one for one in spoken if (one.verdict, one.subject, one.document) == wanted and one.time <= at]
    return found[-1] if found else None


def _decided(events: Sequence[Event]) -> Iterator[Decision]:
    open_ones: dict[str, Event] = {}
    for event in events:
        if event.type in (COUNTRY, CONFIRMED) and event.after:
            yield _decision(event, (event,), event.facts.get("state", "confirmed"))
        if event.type != DECISION:
            continue
        before = open_ones.pop(event.subject, None)
        if event.after:
            yield _decision(event, _together(before, event), event.facts["verdict"])
        if event.facts.get("verdict") == "proposed":
            open_ones[event.subject] = event


def _together(before: Event | None, event: Event) -> tuple[Event, ...]:
    """An approval completes what was proposed last, if that was of the same document."""
    if before is None or (event.facts["verdict"], event.facts["document"]) != ("approved", before.facts["document"]):
        return (event,)
    return (before, event)


def _decision(event: Event, by: tuple[Event, ...], verdict: str) -> Decision:
    return Decision(
        event.seq,
        event.time,
        verdict,
        event.subject,
        event.facts.get("document", ""),
        tuple(one.facts["by"] for one in by),
        tuple(one.facts["words"] for one in by),
        int(event.facts.get("needed", "1")),
    )
