"""The ledger of an instance: in its database, one for all workers on all machines (`metadata/ledger` says what it holds).

Who appends has read and verified all that stands there. What a process has verified once it does not verify again: it looks
whether the last of it still stands, and reads what came behind. `lines` alone always reads everything.
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
from metadata.ledger.checkpoint import Checkpoint, check_head, parse_checkpoint
from metadata.review import Standing

_PAGE = 5_000  # entries at once: a database ends a statement that takes too long
_ATTEMPTS = 50
_SIZE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class _Verified:
    """The entries that hold, and what they say. It is replaced, never changed: threads share it."""

    entries: tuple[Entry, ...] = ()
    known: Known = field(default_factory=Known)


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
        """Every entry, each after every rule. Raises LedgerRefused."""
        return self._read().entries

    def standing(self) -> Standing:
        """What the ledger says now: the last event of each type and subject that is still so. Raises LedgerRefused."""
        return {key: event for key, event in self._read().known.last.items() if event.after}

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
                check_head(parse_checkpoint(octets)[0], verified.entries)
            except LedgerRefused as refused:
                raise LedgerRefused(f"{name}: {refused.detail}") from None
        return verified

    def _read(self) -> _Verified:
        """All entries: those that were verified before, if the last of them still stands, and what came behind it."""
        before = self._verified
        if before.entries:
            last = before.entries[-1]
            lines = self.lines(last.event.seq)
            if next(lines, b"") != line_of(last.leaf, last.root):
                check_same(before.entries, read_entries(self.lines()))
                lines = self.lines(len(before.entries))
        else:
            lines = self.lines()
        return self._grown(before, lines)

    def _grown(self, before: _Verified, lines: Iterable[bytes]) -> _Verified:
        """What was verified before, and what came behind it."""
        known = before.known.copy()
        if more := tuple(read_entries(lines, known)):
            self._verified = before = _Verified((*before.entries, *more), known)
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


def check_same(before: Iterable[Entry], found: Iterator[Entry]) -> None:
    """RFC 9162 2.1.4: what this process has read once is still there. Who puts back a backup starts it anew."""
    for entry in before:
        now = next(found, None)
        if now is None:
            raise EntryRefused(entry.event.seq, "the entry is missing, and was there before")
        if now.root != entry.root:
            raise EntryRefused(entry.event.seq, "the entry is another than before")
