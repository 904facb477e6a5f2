"""Where rows lie until they expire: memory, SQLite or PostgreSQL, chosen by a URL; all three keep the same law
(`tests/conformance_store.py`).
"""

from collections.abc import Callable

from broker.ports import Store
from broker.store.memory import MemoryStore


def open_store(url: str, clock: Callable[[], int], *, pool_size: int = 8) -> Store:
    """The store that a URL names: `memory:`, `sqlite:///path` or `postgresql://…`. `clock` gives Unix seconds.

    A new database is prepared on the spot; one of another version raises SchemaOutdated. Raises StoreUnavailable.
    """
    if url == "memory:":
        return MemoryStore(clock)
    from broker.store.sql import SqlStore

    return SqlStore(url, clock, pool_size)
