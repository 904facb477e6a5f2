"""The ledger: what was trusted, published and in force, and since when; nothing of a citizen.

An entry is a line of JSON: an event, and the root of the tree (RFC 9162) of all events up to it. The leaf of an event is
its own canonical JSON: members sorted, no white space, UTF-8. Events say of a subject what it was and what it is, by
digests: `after` is "" when it is no more. This module writes and reads lines; where they are kept is for others to say.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from metadata.errors import LedgerRefused
from metadata.ledger.kinds import KINDS, NO_DIGEST
from metadata.ledger.merkle import Frontier, leaf_hash

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a subject. `time` is Unix seconds, `seq` counts from 0; digests are SHA-256 in hex."""

    seq: int
    time: int
    type: str
    subject: str
    facts: Mapping[str, str]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Stated:
    """How a subject is now: `after` is the digest that tells whether it changed, `blobs` are files to keep, by digest."""

    type: str
    subject: str
    facts: Mapping[str, str]
    after: str
    blobs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that was read: its event, the root (32 octets) of the tree up to it, and the octets of its leaf."""

    event: Event
    root: bytes
    leaf: bytes

    @property
    def blobs(self) -> tuple[str, ...]:
        """The digests of the files that it speaks of."""
        known = KINDS.get(self.event.type)
        named = (self.event.facts.get(name, "") for name in (known.blobs if known else ()))
        return tuple(digest for digest in named if digest)


class EntryRefused(LedgerRefused):
    """A line that is not the entry that was written there: `position` counts from 0."""

    def __init__(self, position: int, detail: str) -> None:
        super().__init__(detail)
        self.position = position

    def __str__(self) -> str:
        return f"entry {self.position}: {self.detail}"


# -- writing ----------------------------------------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    """A value as JSON has it in one way only."""
    return _JSON.encode(value).encode()


def leaf_of(event: Event) -> bytes:
    """The octets of an event that the tree is over."""
    members = {name: getattr(event, name) for name in Event.__slots__}
    return canonical({**members, "facts": dict(event.facts)})


def line_of(leaf: bytes, root: bytes) -> bytes:
    """The line of an event, by the octets of its leaf, without its newline: what `canonical` makes of both."""
    return b'{"event":%b,"root":"%b"}' % (leaf, b64encode(root))


def written(entries: Sequence[Entry], events: Iterable[Event]) -> list[bytes]:
    """The lines of events that follow these entries. Raises EntryRefused for an event that must not be written."""
    return Known(entries).written(events)


def news(entries: Sequence[Entry], stated: Sequence[Stated], whole: Iterable[str], now: int) -> list[Event]:
    """The events that make the ledger say what is stated. Of the types in `whole`, what is not stated is no more."""
    return Known(entries).news(stated, whole, now)


class Known:
    """What must be known of the entries so far to read or to write the next: their tree, and each subject's last event.

    `earlier` is what each subject's last event came after, where there was one.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.tree = Frontier()
        self.last: dict[tuple[str, str], Event] = {}
        self.earlier: dict[tuple[str, str], Event] = {}
        for entry in entries:
            self.add(entry)

    def copy(self) -> "Known":
        """One that grows on its own."""
        other = Known()
        other.tree, other.last, other.earlier = self.tree.copy(), dict(self.last), dict(self.earlier)
        return other

    def add(self, entry: Entry) -> None:
        """One entry more, which was read."""
        self.tree.add(leaf_hash(entry.leaf))
        key = entry.event.type, entry.event.subject
        if key in self.last:
            self.earlier[key] = self.last[key]
        self.last[key] = entry.event

    def after(self, type_: str, subject: str) -> str:
        """The last digest of a subject; "" for what is no more, or never was."""
        last = self.last.get((type_, subject))
        return last.after if last else ""

    def news(self, stated: Sequence[Stated], whole: Iterable[str], now: int) -> list[Event]:
        """The events that make the ledger say what is stated. Of the types in `whole`, what is not stated is no more."""
        complete, named = frozenset(whole), {(one.type, one.subject) for one in stated}
        gone = [Stated(*key, {}, "") for key in self.last if key[0] in complete and key not in named]
        changed = [one for one in (*gone, *stated) if self.after(one.type, one.subject) != one.after]
        return [
            Event(seq, now, one.type, one.subject, one.facts, self.after(one.type, one.subject), one.after)
            for seq, one in enumerate(changed, self.tree.size)
        ]

    def written(self, events: Iterable[Event]) -> list[bytes]:
        """The lines of events that follow. Raises EntryRefused for an event that must not be written."""
        tree, lines = self.tree.copy(), []
        for event in events:
            check_kind(event)
            check_subject(event)
            check_facts(event)
            leaf = leaf_of(event)
            tree.add(leaf_hash(leaf))
            lines.append(line_of(leaf, tree.root()))
        return lines


# -- reading ----------------------------------------------------------------------------------------------------------


def read_entries(lines: Iterable[bytes], known: Known | None = None) -> Iterator[Entry]:
    """The entries of lines without their newlines, each after every rule. Raises EntryRefused at the first wrong one.

    With `known` the lines are those that follow, and it grows by what is read.
    """
    known = known or Known()
    for position, line in enumerate(lines, known.tree.size):
        entry = _entry(line, position)
        event = entry.event
        check_seq(event, position)
        before = known.after(event.type, event.subject)
        known.add(entry)
        check_root(entry, known.tree.root())
        check_kind(event)
        check_subject(event)
        check_facts(event)
        check_before(event, before)
        yield entry


def _entry(line: bytes, position: int) -> Entry:
    try:
        members = json.loads(line)
        event = Event(**members["event"])
        check_types(event, position)
        root = b64decode(members["root"])
        entry = Entry(event, root, leaf_of(event))
        check_canonical(line, entry, position)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise EntryRefused(position, "the entry was altered: the line is no entry any more") from None
    return entry


def check_types(event: Event, position: int) -> None:
    """An event is of whole numbers and texts: nothing else has one form in JSON."""
    numbers = (event.seq, event.time)
    texts = (event.type, event.subject, event.before, event.after, *event.facts, *event.facts.values())
    if not (all(type(one) is int for one in numbers) and all(type(one) is str for one in texts)):
        raise EntryRefused(position, "the entry was altered: it has a member of another type")


def check_canonical(line: bytes, entry: Entry, position: int) -> None:
    """A line is written in one way: else something could be changed that no digest covers."""
    if line_of(entry.leaf, entry.root) != line:
        raise EntryRefused(position, "the entry was altered: it is not written as we write")


def check_seq(event: Event, position: int) -> None:
    """Entries are numbered without a gap."""
    if event.seq > position:
        raise EntryRefused(position, f"entry {position} is missing, or was renumbered: {event.seq} stands there")
    if event.seq < position:
        raise EntryRefused(position, f"an entry was inserted, or renumbered: {event.seq} stands there")


def check_kind(event: Event) -> None:
    """Ours: only what is known to hold nothing of a citizen is recorded."""
    if event.type not in KINDS:
        raise EntryRefused(event.seq, "the entry is of a type that the ledger does not have")


def check_subject(event: Event) -> None:
    """Ours: a subject is a country, a node, a key or an anchor, never a person."""
    if event.type in KINDS and not KINDS[event.type].subject.fullmatch(event.subject):
        raise EntryRefused(event.seq, f"{event.type} has no such subject")


def check_facts(event: Event) -> None:
    """Ours: every fact has a known name and a form (`kinds`); what is no more has none."""
    forms = KINDS[event.type].facts if event.type in KINDS and event.after else {}
    if event.facts.keys() != forms.keys():
        raise EntryRefused(event.seq, f"{event.type} has other facts")
    for name, value in event.facts.items():
        if not forms[name].fullmatch(value):
            raise EntryRefused(event.seq, f"the fact {name} of {event.type} has another form")


def check_before(event: Event, known: str) -> None:
    """An event begins where the last one of its subject ended, and changes something."""
    if event.before != known or event.after == known or not NO_DIGEST.fullmatch(event.after):
        raise EntryRefused(event.seq, "the entry does not follow from what was said before of its subject")


def check_root(entry: Entry, root: bytes) -> None:
    """RFC 9162 2.1.1: the root beside an event is that of all events up to it."""
    if entry.root != root:
        raise EntryRefused(entry.event.seq, "the entry was altered: its root is another")
