"""The store of one process: for tests, and for the smallest demo. It forgets everything when the process ends."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from broker.ports import Check, DuplicateRow, Notice, Row


class MemoryStore:
    """Dictionaries and a lock: whoever is in a transaction is alone."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._rows: dict[bytes, Row] = {}
        self._grants: dict[bytes, int] = {}
        self._checks: dict[bytes, dict[str, Check]] = {}
        self._generation = 1
        self.ledger = MemoryLedger()
        self.notices = MemoryNotices(clock, self._lock)

    def read(self, row_id: bytes) -> Row | None:
        """The row, or None when it is absent or has expired."""
        with self._lock:  # what a transaction has not finished is not there yet
            row = self._rows.get(row_id)
        return row if row is not None and row.expires > self._clock() else None

    def grant_stands(self, grant: bytes) -> bool:
        """Whether the grant was opened, not closed, and has not expired."""
        with self._lock:
            return self._grants.get(grant, 0) > self._clock()

    def checks(self, grant: bytes) -> dict[str, Check]:
        """Who checked the grant, or was withdrawn it, by the id of the data provider."""
        with self._lock:
            return dict(self._checks.get(grant, {})) if self._grants.get(grant, 0) > self._clock() else {}

    def note_check(self, grant: bytes, data_provider: str, at: int) -> bool:
        """A data provider checks a grant; False, and nothing is written, when it does not count (any more)."""
        with self._lock:
            return self._running().checked(grant, data_provider, at)

    def put(self, row: Row) -> None:
        """Insert a row. Raises DuplicateRow."""
        with self._lock:
            self._running().put(row)

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        with self._lock:
            return self._running().swap(row)

    @contextmanager
    def transaction(self) -> Iterator["MemoryTransaction"]:
        """A transaction; an exception inside puts everything back."""
        with self._lock:
            running = self._running()
            try:
                yield running
            except BaseException:
                running.undo()
                raise

    def _running(self) -> "MemoryTransaction":
        return MemoryTransaction(self._rows, self._grants, self._checks, self.notices.kept, self._clock())

    def purge(self, limit: int = 1000) -> int:
        """Remove at most `limit` expired rows, grants with their checks, and notices, of each; returns how many went."""
        now, notices = self._clock(), self.notices.kept
        with self._lock:
            rows = list(islice((key for key, row in self._rows.items() if row.expires <= now), limit))
            grants = list(islice((key for key, expires in self._grants.items() if expires <= now), limit))
            untold = list(islice((key for key, notice in notices.items() if notice.expires <= now), limit))
            for key in rows:
                del self._rows[key]
            for key in grants:
                del self._grants[key]
                self._checks.pop(key, None)
            for key in untold:
                del notices[key]
        return len(rows) + len(grants) + len(untold)

    def generation(self) -> int:
        """The generation of the configuration in force."""
        return self._generation

    def raise_generation(self) -> int:
        """Tell everybody to read the configuration again."""
        with self._lock:
            self._generation += 1
            return self._generation

    def ping(self) -> None:
        """Memory always answers."""

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryTransaction:
    """A transaction changes the tables at once, and remembers how to put them back."""

    def __init__(
        self,
        rows: dict[bytes, Row],
        grants: dict[bytes, int],
        checks: dict[bytes, dict[str, Check]],
        notices: dict[bytes, Notice],
        now: int,
    ) -> None:
        self._rows = rows
        self._grants = grants
        self._checks = checks
        self._notices = notices
        self._now = now
        self._before: list[Callable[[], object]] = []

    def undo(self) -> None:
        """Put everything back, the last change first."""
        while self._before:
            self._before.pop()()

    def _live(self, row_id: bytes) -> Row | None:
        row = self._rows.get(row_id)
        return row if row is not None and row.expires > self._now else None

    def take(self, row_id: bytes) -> Row | None:
        """Remove a row and return it; None when it is absent or has expired."""
        live, row = self._live(row_id), self._rows.pop(row_id, None)
        if row is not None:
            self._before.append(lambda: self._rows.update({row_id: row}))
        return live

    def put(self, row: Row) -> None:
        """Insert. Raises DuplicateRow."""
        if row.id in self._rows:
            raise DuplicateRow
        self._rows[row.id] = row
        self._before.append(lambda: self._rows.pop(row.id))

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        held = self._live(row.id)
        if held is None or held.version != row.version - 1:
            return False
        self._rows[row.id] = row
        self._before.append(lambda: self._rows.update({row.id: held}))
        return True

    def open_grant(self, grant: bytes, expires: int) -> None:
        """Let what belongs to this grant count until `expires`. Raises DuplicateRow."""
        if grant in self._grants:
            raise DuplicateRow
        self._grants[grant] = expires
        self._before.append(lambda: self._grants.pop(grant))

    def close_grant(self, grant: bytes) -> bool:
        """End a grant, and forget who checked it; False when it had ended already."""
        expires, checks = self._grants.pop(grant, None), self._checks.pop(grant, {})
        if expires is not None:
            self._before.append(lambda: self._grants.update({grant: expires}))
            self._before.append(lambda: self._checks.update({grant: checks}))
        return expires is not None

    def withdraw(self, grant: bytes, data_provider: str) -> bool:
        """A grant counts for this data provider no more; False when it did not before."""
        return self.checked(grant, data_provider, None)

    def checked(self, grant: bytes, data_provider: str, at: int | None) -> bool:
        """A check at a time, or None for the withdrawal; False when the grant does not count here (any more)."""
        before = self._checks.get(grant, {})
        known = before.get(data_provider, Check(None, False))
        if self._grants.get(grant, 0) <= self._now or known.withdrawn:
            return False
        self._checks[grant] = {**before, data_provider: Check(known.last if at is None else at, at is None)}
        self._before.append(lambda: self._checks.update({grant: before}))
        return True

    def put_notice(self, notice: Notice) -> None:
        """Keep a notice."""
        self._notices[notice.id] = notice
        self._before.append(lambda: self._notices.pop(notice.id))


class MemoryNotices:
    """What services must still be told; `kept` are all of them by their ids."""

    def __init__(self, clock: Callable[[], int], lock: threading.RLock) -> None:
        self._clock = clock
        self._lock = lock
        self.kept: dict[bytes, Notice] = {}

    def waiting(self) -> list[str]:
        """The services for which a notice is due."""
        with self._lock:
            return list({notice.service for notice in self._due()})

    def lease(self, service: str, until: int, most: int) -> list[Notice]:
        """At most so many that are due, with one attempt more, and not due again before `until`."""
        with self._lock:
            due = sorted((one for one in self._due() if one.service == service), key=lambda one: one.due)[:most]
            leased = [replace(one, due=until, attempts=one.attempts + 1) for one in due]
            self.kept.update((one.id, one) for one in leased)
        return leased

    def postpone(self, notice: Notice, due: int) -> None:
        """Let a leased one be due at another moment, unless somebody else has leased it since."""
        with self._lock:
            held = self.kept.get(notice.id)
            if held is not None and held.attempts == notice.attempts:
                self.kept[notice.id] = replace(held, due=due)

    def drop(self, notice: Notice) -> None:
        """It is done, or given up."""
        with self._lock:
            self.kept.pop(notice.id, None)

    def _due(self) -> list[Notice]:
        now = self._clock()
        return [one for one in self.kept.values() if one.due <= now < one.expires]


class MemoryLedger:
    """The entries, the files and the signed notes of a ledger that ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[bytes] = []
        self._blobs: dict[str, bytes] = {}
        self._checkpoints: dict[str, bytes] = {}

    def lines(self, since: int, most: int) -> list[tuple[int, bytes]]:
        """The entries from a number on, at most so many: their numbers and their lines."""
        return list(enumerate(self._lines[since : since + most], since))

    def append(self, seq: int, lines: Sequence[bytes], blobs: Mapping[str, bytes]) -> None:
        """Lines as the entries `seq`, `seq + 1`…, and the files that they speak of. Raises DuplicateRow."""
        with self._lock:
            if seq < len(self._lines):
                raise DuplicateRow
            self._blobs = {**blobs, **self._blobs}
            self._lines.extend(lines)

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""
        return self._blobs.get(digest)

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by their names."""
        return dict(self._checkpoints)

    def keep_checkpoint(self, name: str, octets: bytes) -> None:
        """Keep a signed note. Raises DuplicateRow."""
        with self._lock:
            if name in self._checkpoints:
                raise DuplicateRow
            self._checkpoints[name] = octets
