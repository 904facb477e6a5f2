"""The store of one process: for tests, and for the smallest demo. It forgets everything when the process ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

from broker.ports import DuplicateRow, Row


class MemoryStore:
    """Two dictionaries and a lock: whoever is in a transaction is alone."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._rows: dict[bytes, Row] = {}
        self._grants: dict[bytes, int] = {}
        self._generation = 1

    def read(self, row_id: bytes) -> Row | None:
        """The row, or None when it is absent or has expired."""
        row = self._rows.get(row_id)
        return row if row is not None and row.expires > self._clock() else None

    def grant_stands(self, grant: bytes) -> bool:
        """Whether the grant was opened, not closed, and has not expired."""
        return self._grants.get(grant, 0) > self._clock()

    @contextmanager
    def transaction(self) -> Iterator["MemoryTransaction"]:
        """A transaction; an exception inside puts everything back."""
        with self._lock:
            rows, grants = self._rows, self._grants
            working = MemoryTransaction(self, dict(rows), dict(grants))
            yield working
            self._rows, self._grants = working.rows, working.grants

    def purge(self, limit: int = 1000) -> int:
        """Remove at most `limit` expired rows and as many grants; returns how many went."""
        now = self._clock()
        with self._lock:
            rows = list(islice((key for key, row in self._rows.items() if row.expires <= now), limit))
            grants = list(islice((key for key, expires in self._grants.items() if expires <= now), limit))
            for key in rows:
                del self._rows[key]
            for key in grants:
                del self._grants[key]
        return len(rows) + len(grants)

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
    """A transaction works on copies, which replace the originals when it ends well."""

    def __init__(self, store: MemoryStore, rows: dict[bytes, Row], grants: dict[bytes, int]) -> None:
        self._store = store
        self.rows = rows
        self.grants = grants

    def _live(self, row_id: bytes) -> Row | None:
        row = self.rows.get(row_id)
        return row if row is not None and row.expires > self._store._clock() else None

    def take(self, row_id: bytes) -> Row | None:
        """Remove a row and return it; None when it is absent or has expired."""
        row = self._live(row_id)
        self.rows.pop(row_id, None)
        return row

    def put(self, row: Row) -> None:
        """Insert. Raises DuplicateRow."""
        if row.id in self.rows:
            raise DuplicateRow
        self.rows[row.id] = row

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        held = self._live(row.id)
        if held is None or held.version != row.version - 1:
            return False
        self.rows[row.id] = row
        return True

    def open_grant(self, grant: bytes, expires: int) -> None:
        """Let what belongs to this grant count until `expires`."""
        self.grants[grant] = expires

    def close_grant(self, grant: bytes) -> bool:
        """End a grant; False when it had ended already."""
        return self.grants.pop(grant, None) is not None
