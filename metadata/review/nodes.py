"""Who is trusted at a moment: a row for each node with a document in force, and why, since when and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from metadata.diff.keys import Key
from metadata.ledger import Entry, Event
from metadata.ledger.kinds import COUNTRY, DECISION, IN_FORCE
from metadata.review import Blob, Histories, histories, unbroken
from metadata.review.documents import reading
from metadata.review.people import Decision, approval, decided
from metadata.review.versions import Version, versions_of
from metadata.review.waiting import Waiting, waiting_of


class State(StrEnum):
    """Whether logins use a node that has a document in force."""

    IN_USE = "in use"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TrustedNode:
    """A node that is trusted at a moment; moments are Unix seconds, digests SHA-256 in hex.

    `since`: from when on the country's role is trusted under this entity ID without a gap. `version`, from `version_since`
    on, is the how-manieth document it is (`versions`). `ground`: why that one is in force (pin, renewal, anchor, approval).
    `decision`: the approval behind the keys in force, None where it took none. `anchor`: "" where no certificate vouched.
    `signing`: the keys of its messages. `unreadable`: why the document cannot be read, "" where it was.
    """

    country: str
    role: str
    entity_id: str
    since: int
    document: str
    version: int
    version_since: int
    ground: str
    decision: Decision | None
    anchor: str
    valid_until: int
    signing: tuple[Key, ...]
    state: State
    waits: Waiting | None
    unreadable: str

    @property
    def subject(self) -> str:
        """The node, as the ledger writes it."""
        return f"{self.country}/{self.role}"


def trusted(entries: Iterable[Entry], at: int, blob: Blob) -> list[TrustedNode]:
    """The nodes in force at a moment, by country and role. One whose document cannot be read is a row all the same."""
    told = histories(entries, at)
    waits = waiting_of(told)
    subjects = sorted(subject for kind, subject in told if kind == IN_FORCE and told[kind, subject][-1].after)
    return [_node(subject, told, at, blob, waits.get(subject)) for subject in subjects]


def _node(subject: str, told: Histories, at: int, blob: Blob, waits: Waiting | None) -> TrustedNode:
    events = told[IN_FORCE, subject]
    version = versions_of(events)[-1]
    country, _, role = subject.partition("/")
    read = reading(version.document, version.entity_id, role, blob)
    return TrustedNode(
        country=country,
        role=role,
        entity_id=version.entity_id,
        since=unbroken(events, "entity_id")[0].time,
        document=version.document,
        version=version.number,
        version_since=version.since,
        ground=version.ground,
        decision=_behind(events, told.get((DECISION, subject), ())),
        anchor=version.anchor,
        valid_until=version.valid_until,
        signing=() if isinstance(read, str) else tuple(key for key in read.keys if key.use == "signing"),
        state=_state(version, told.get((COUNTRY, country), ()), at),
        waits=waits,
        unreadable=read if isinstance(read, str) else "",
    )


def _state(version: Version, events: Sequence[Event], at: int) -> State:
    """A person's word comes first: who is suspended stays so with fresh metadata."""
    if events and events[-1].facts.get("state") == "suspended":
        return State.SUSPENDED
    return State.EXPIRED if version.valid_until <= at else State.IN_USE


def _behind(events: Sequence[Event], spoken: Sequence[Event]) -> Decision | None:
    """A renewal brings no other key: what counts is the last document that was none, and who approved that."""
    origin = next((event for event in reversed(events) if event.facts.get("ground") != "renewal"), None)
    if origin is None or origin.facts.get("ground") != "approval":
        return None
    return approval(decided(spoken), origin.subject, origin.facts["document"], origin.time)
