"""The ledger of an instance: in its database, one for all workers on all machines (`metadata/ledger` says what it holds).

Who appends has read and verified all that stands there. What a process has verified once it does not verify again for what
is so now: it keeps the roots, looks whether the last entry still stands, and reads what came behind. `entries` and `lines`
always read everything.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from broker.ports import DuplicateRow, Store
from eidas.times import written as moment
from metadata.errors import LedgerRefused
from metadata.ledger import Entry, EntryRefused, Event, Known, Stated, line_of, read_entries
from metadata.ledger.checkpoint import Checkpoint, check_covered, parse_checkpoint
from metadata.review import Standing

_PAGE = 5_000  # entries at once: a database ends a statement that takes too long
_ATTEMPTS = 50
_ROOT = 32
_SIZE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class _Verified:
    """What is kept of entries that hold: the root of each (32 octets), the last one, and what they say.

    It is replaced, never changed: threads share it.
    """

    roots: bytes = b""
    last: Entry | None = None
    known: Known = field(default_factory=Known)

    @property
    def size(self) -> int:
        return len(self.roots) // _ROOT

    def root(self, number: int) -> bytes:
        """That of an entry; b"" where there is none."""
        return self.roots[number * _ROOT : (number + 1) * _ROOT] if number >= 0 else b""


class Ledger:
    """The ledger in a store. Every method may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store.ledger
        self._verified = _Verified()

    def lines(self, since: int = 0) -> Iterator[bytes]:
        """Every line, from an entry on. Raises EntryRefused where one is missing, or stands in another's place."""
        position = since
        while page := self._store.lines(position, _PAGE):
            for number, line in page:
                check_number(number, position)
                yield line
                position += 1

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, each after every rule: about 25 µs each, and 2 kB while they are held. Raises LedgerRefused."""
        return tuple(read_entries(self.lines()))

    def standing(self) -> Standing:
        """What the ledger says now: the last event of each type and subject that is still so. Raises LedgerRefused."""
        return {key: event for key, event in self._read().known.last.items() if event.after}

    def changes(self, type_: str, subject: str) -> tuple[Event, ...]:
        """The last events of a subject, two at most, the newest first. Raises LedgerRefused."""
        known = self._read().known
        found = (events.get((type_, subject)) for events in (known.last, known.earlier))
        return tuple(event for event in found if event)

    def head(self) -> tuple[int, bytes]:
        """How many entries there are, and their root (32 octets). Raises LedgerRefused, also for a kept checkpoint."""
        verified = self._sound()
        return verified.size, verified.root(verified.size - 1)

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""
        return self._store.blob(digest)

    def check(self) -> None:
        """Raises LedgerRefused when nothing may be appended: an entry or a kept checkpoint does not hold."""
        self._sound()

    def note(self, stated: Sequence[Stated], whole: Iterable[str], now: int) -> list[Event]:
        """Append what is new in what is stated; returns the events that were written.

        Of the types in `whole`, what is not stated is no more. Raises LedgerRefused when nothing may be appended.
        """
        return self.amend(lambda _: stated, now, whole)

    def amend(self, make: Callable[[Standing], Sequence[Stated]], now: int, whole: Iterable[str] = ()) -> list[Event]:
        """Append what is new in what `make` states of the ledger as it is; returns the events that were written.

        Where somebody else writes first, `make` is asked again: what it looked at is what the events follow from. Raises
        LedgerRefused when nothing may be appended, and whatever `make` raises.
        """
        complete = frozenset(whole)
        for _ in range(_ATTEMPTS):
            verified = self._sound()
            known = verified.known
            stated = make({key: event for key, event in known.last.items() if event.after})
            if not (events := known.news(stated, complete, now)):
                return []
            changed = {(event.type, event.subject) for event in events}
            blobs = {name: one.blobs[name] for one in stated if (one.type, one.subject) in changed for name in one.blobs}
            lines = known.written(events)
            try:
                self._store.append(known.tree.size, lines, blobs)
            except DuplicateRow:
                continue  # somebody was first
            self._grown(verified, lines)
            return events
        raise LedgerRefused(f"others wrote first, {_ATTEMPTS} times: try again")

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by their names, the smallest ledger first."""
        return dict(sorted(self._store.checkpoints().items(), key=lambda pair: (_size(pair[0]), pair[0])))

    def keep_checkpoint(self, checkpoint: Checkpoint, octets: bytes) -> str:
        """Keep a signed note; returns its name. Of one size and second the first one stays."""
        stamp = moment(checkpoint.time).replace("-", "").replace(":", "")
        name = f"{checkpoint.size}-{stamp}.txt"
        with suppress(DuplicateRow):
            self._store.keep_checkpoint(name, octets)
        return name

    # -- what was verified --------------------------------------------------------------------------------------------

    def _sound(self) -> _Verified:
        """All entries, when every kept checkpoint is of them."""
        verified = self._read()
        for name, octets in self.checkpoints().items():
            try:
                signed, _ = parse_checkpoint(octets)
                check_covered(signed, verified.size, verified.root(signed.size - 1))
            except LedgerRefused as refused:
                raise LedgerRefused(f"{name}: {refused.detail}") from None
        return verified

    def _read(self) -> _Verified:
        """All entries: those that were verified before, if the last of them still stands, and what came behind it."""
        before = self._verified
        if before.last is None:
            return self._grown(before, self.lines())
        lines = self.lines(before.last.event.seq)
        if next(lines, b"") != line_of(before.last.leaf, before.last.root):
            check_same(before.roots, read_entries(self.lines()))
            lines = self.lines(before.size)
        return self._grown(before, lines)

    def _grown(self, before: _Verified, lines: Iterable[bytes]) -> _Verified:
        """What was verified before, and what came behind it."""
        known, roots, last = before.known.copy(), bytearray(before.roots), before.last
        for entry in read_entries(lines, known):
            roots += entry.root
            last = entry
        if last is not before.last:
            self._verified = before = _Verified(bytes(roots), last, known)
        return before


def digest_of(octets: bytes) -> str:
    """The digest by which a file is kept: SHA-256 in hex."""
    return hashlib.sha256(octets).hexdigest()


def _size(name: str) -> int:
    """The size in a note's name; 0 where somebody else has named it."""
    found = _SIZE.match(name)
    return int(found[0]) if found else 0


# -- the law ----------------------------------------------------------------------------------------------------------


def check_number(number: int, position: int) -> None:
    """Ours: rows are numbered without a gap, as their entries are. A row far ahead would block what comes to its place."""
    if number != position:
        raise EntryRefused(position, f"the entry is missing: {number} is the next that is stored")


def check_same(roots: bytes, found: Iterator[Entry]) -> None:
    """RFC 9162 2.1.4: what this process has read once is still there. Who puts back a backup starts it anew."""
    for number in range(len(roots) // _ROOT):
        now = next(found, None)
        if now is None:
            raise EntryRefused(number, "the entry is missing, and was there before")
        if now.root != roots[number * _ROOT : (number + 1) * _ROOT]:
            raise EntryRefused(number, "the entry is another than before")
