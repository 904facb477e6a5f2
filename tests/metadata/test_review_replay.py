"""Who was trusted on a day equals what a state machine says that is replayed from zero, for histories of every kind."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import times
from metadata.ledger import Event
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION, IN_FORCE, KEY, WAITING
from metadata.review.endings import confirmations
from metadata.review.keys import key_used
from metadata.review.nodes import trusted
from metadata.review.versions import versions
from metadata.review.waiting import waiting
from tests.metadata import past as p
from tests.metadata.past import DAY, NAME, NOW, Past, sha256
from tests.metadata.versions import OTHER, SIGNING, signed, version

MOVED = "https://moved.el.example/metadata"
TWO_KEYS = signed(version((SIGNING, SIGNING + OTHER)))
MOVED_AWAY = version((f'entityID="{NAME}"', f'entityID="{MOVED}"'))
BROKEN = b"<md:EntityDescriptor"
LOST = b"a document that the ledger has lost"
KEYS = {p.DOCUMENT: 1, TWO_KEYS: 2, MOVED_AWAY: 1, BROKEN: None, LOST: None}
"""How many keys for signing each document has."""
NAMES = {one: MOVED if one is MOVED_AWAY else NAME for one in KEYS}


# -- the model --------------------------------------------------------------------------------------------------------


@dataclass
class Node:
    """A node that is trusted."""

    name: str
    document: str
    since: int
    version: int
    version_since: int
    ground: str
    anchor: str
    until: int
    decision: tuple[str, ...] = ()


@dataclass
class World:
    """What is so after some events, each of which changes it."""

    nodes: dict[str, Node] = field(default_factory=dict)
    counted: dict[str, tuple[int, str]] = field(default_factory=dict)
    proposed: dict[str, tuple[str, str]] = field(default_factory=dict)
    approved: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    waiting: dict[str, tuple[str, int]] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)

    def happen(self, event: Event) -> None:
        """One event."""
        {
            IN_FORCE: self.in_force,
            WAITING: self.wait,
            DECISION: self.decide,
            COUNTRY: self.country,
            KEY: self.key,
            CONFIRMED: lambda _: None,
        }[event.type](event)

    def in_force(self, event: Event) -> None:
        old = self.nodes.pop(event.subject, None)
        if not event.after:
            return
        facts = event.facts
        number, last = self.counted.get(event.subject, (0, ""))
        if facts["document"] != last:
            number += 1
        self.counted[event.subject] = (number, facts["document"])
        people = self.approved.get((event.subject, facts["document"]), ()) if facts["ground"] == "approval" else ()
        until = times.read(facts["valid_until"])
        node = Node(
            facts["entity_id"],
            facts["document"],
            event.time,
            number,
            event.time,
            facts["ground"],
            facts["anchor"],
            until,
            people,
        )
        if old and old.name == node.name:
            node.since = old.since
        if old and old.document == node.document:
            node.version_since = old.version_since
        if old and facts["ground"] == "renewal":
            node.decision = old.decision
        self.nodes[event.subject] = node

    def wait(self, event: Event) -> None:
        old = self.waiting.pop(event.subject, None)
        if event.after:
            document = event.facts["document"]
            self.waiting[event.subject] = old if old and old[0] == document else (document, event.time)

    def decide(self, event: Event) -> None:
        before = self.proposed.pop(event.subject, None)
        if not event.after:
            return
        document, by = event.facts["document"], event.facts["by"]
        if event.facts["verdict"] == "proposed":
            self.proposed[event.subject] = (document, by)
        if event.facts["verdict"] == "approved":
            first = (before[1],) if before and before[0] == document else ()
            self.approved[event.subject, document] = (*first, by)

    def country(self, event: Event) -> None:
        self.suspended.discard(event.subject)
        if event.facts.get("state") == "suspended":
            self.suspended.add(event.subject)

    def key(self, event: Event) -> None:
        old = self.keys.pop(event.subject, None)
        if event.after:
            state = event.facts["state"]
            self.keys[event.subject] = old if old and old[0] == state else (state, event.time)


def replayed(events: list[Event], at: int) -> World:
    """The world at a moment."""
    world = World()
    for event in events:
        if event.time <= at:
            world.happen(event)
    return world


# -- histories --------------------------------------------------------------------------------------------------------

subjects = st.sampled_from(("EL/proxy", "EL/connector", "IT/proxy"))
documents = st.sampled_from(list(KEYS))
people = st.sampled_from(("Camille", "Dominique"))
until = st.integers(-2, 40).map(lambda days: times.written(NOW + days * DAY))


@st.composite
def forces(draw):
    octets = draw(documents)
    ground = draw(st.sampled_from(("pin", "renewal", "anchor", "approval")))
    anchors = draw(st.sampled_from(("", "a" * 64)))
    subject = draw(subjects)
    return p.in_force(octets, ground, subject, entity_id=NAMES[octets], valid_until=draw(until), anchor=anchors)


@st.composite
def decides(draw):
    subject, needed = draw(subjects), draw(st.sampled_from("12"))
    verdict = draw(st.sampled_from(("proposed", "approved", "rejected")))
    made = p.decision(verdict, draw(documents), draw(people), needed, draw(st.integers(0, 9)))
    return replace(made, subject=subject)


steps = st.one_of(
    forces(),
    decides(),
    st.builds(p.waits, documents, st.sampled_from(("first", "keys")), subjects),
    st.builds(p.country, st.sampled_from(("suspended", "resumed")), st.sampled_from(("EL", "IT")), people),
    st.builds(p.confirmed, st.sampled_from(("EL", "IT")), st.integers(0, 9)),
    st.builds(p.key, st.sampled_from(("published", "active", "retiring")), st.sampled_from(("K" * 43, "L" * 43))),
    st.builds(p.gone, st.sampled_from((IN_FORCE, WAITING, DECISION)), subjects),
    st.builds(p.gone, st.just(COUNTRY), st.sampled_from(("EL", "IT"))),
    st.builds(p.gone, st.just(KEY), st.just("K" * 43)),
)
histories = st.lists(st.tuples(st.integers(1, 3 * DAY), steps), max_size=30)
moments = st.integers(-DAY, 45 * DAY).map(lambda seconds: NOW + seconds)


def lived(history) -> Past:
    """A ledger that was told of one thing after the other."""
    made, moment = Past(), NOW
    for passed, one in history:
        moment += passed
        made.tell(moment, one)
    made.blobs.pop(sha256(LOST), None)
    return made


# -- the two agree ----------------------------------------------------------------------------------------------------


def state_of(subject: str, node: Node, world: World, at: int) -> str:
    """What the model says of a node's state."""
    if subject.partition("/")[0] in world.suspended:
        return "suspended"
    return "expired" if node.until <= at else "in use"


@settings(max_examples=300, deadline=None)
@given(histories, moments)
def test_who_is_trusted_is_what_a_replay_says(history, at):
    made = lived(history)
    world, found = replayed(made.events, at), trusted(made.entries, at, made.blob)
    counts = {sha256(one): count for one, count in KEYS.items()}
    assert [one.subject for one in found] == sorted(world.nodes)
    for one in found:
        node = world.nodes[one.subject]
        told = Node(
            one.entity_id,
            one.document,
            one.since,
            one.version,
            one.version_since,
            one.ground,
            one.anchor,
            one.valid_until,
            one.decision.people if one.decision else (),
        )
        assert told == node
        assert str(one.state) == state_of(one.subject, node, world, at)
        waits = (one.waits.document, one.waits.since) if one.waits else None
        assert waits == world.waiting.get(one.subject)
        count = counts[one.document]
        assert bool(one.unreadable) == (count is None)
        assert len(one.signing) == (count or 0 if one.role == "proxy" else 0)


@settings(deadline=None)
@given(histories, moments)
def test_what_waits_and_our_keys_are_what_a_replay_says(history, at):
    made = lived(history)
    world = replayed(made.events, at)
    assert {one.subject: (one.document, one.since) for one in waiting(made.entries, at)} == world.waiting
    assert {one.kid: (one.state, one.since) for one in key_used(made.entries, at)} == world.keys


@settings(deadline=None)
@given(histories, moments)
def test_the_version_of_a_day_is_the_document_that_was_in_force(history, at):
    made = lived(history)
    for subject in ("EL/proxy", "EL/connector", "IT/proxy"):
        spans = [
            one for one in versions(made.entries, subject) if one.since <= at and (one.until is None or at < one.until)
        ]
        node = replayed(made.events, at).nodes.get(subject)
        assert [(one.number, one.document) for one in spans] == ([(node.version, node.document)] if node else [])


@settings(deadline=None)
@given(histories, moments)
def test_what_happens_later_changes_nothing_of_a_day(history, at):
    made = lived(history)
    then = [entry for entry in made.entries if entry.event.time <= at]
    assert trusted(made.entries, at, made.blob) == trusted(then, at, made.blob)
    assert confirmations(made.entries, at) == confirmations(then, at)
