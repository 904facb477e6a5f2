"""What waits for a person: documents that an anchor vouches for and that nobody has decided on."""

from collections.abc import Iterable
from dataclasses import dataclass

from metadata.ledger import Entry
from metadata.ledger.kinds import DECISION, WAITING
from metadata.review import Histories, histories, unbroken
from metadata.review.documents import until_of
from metadata.review.people import Decision, decided


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits `since` a moment (Unix seconds). `news` says why a person must decide: first, keys, dangerous.

    `proposed` is the word of the first of two people, None where nobody has spoken.
    """

    country: str
    role: str
    entity_id: str
    document: str
    valid_until: int
    anchor: str
    news: str
    since: int
    proposed: Decision | None

    @property
    def subject(self) -> str:
        """The node, as the ledger writes it."""
        return f"{self.country}/{self.role}"


def waiting(entries: Iterable[Entry], at: int | None = None) -> tuple[Waiting, ...]:
    """What waits at a moment, by country and role."""
    told = histories(entries, at)
    return tuple(one for _, one in sorted(waiting_of(told).items()))


def waiting_of(told: Histories) -> dict[str, Waiting]:
    """What waits, by its node."""
    return {subject: _waiting(told, subject) for kind, subject in told if kind == WAITING and told[kind, subject][-1].after}


def _waiting(told: Histories, subject: str) -> Waiting:
    events = unbroken(told[WAITING, subject], "document")
    last = events[-1]
    country, _, role = subject.partition("/")
    spoken = decided(told.get((DECISION, subject), ()))[-1:]
    proposed = [one for one in spoken if (one.verdict, one.document) == ("proposed", last.facts["document"])]
    return Waiting(
        country,
        role,
        last.facts["entity_id"],
        last.facts["document"],
        until_of(last),
        last.facts["anchor"],
        last.facts["news"],
        events[0].time,
        proposed[0] if proposed else None,
    )
