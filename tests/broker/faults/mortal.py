"""A store whose process dies, by SIGKILL, at the n-th thing that a request does with it: tests alone have one.

Before each statement is a place to die at, and so is the moment before a commit, and the one after it.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from broker.ports import Row, Store

lives: ContextVar[int] = ContextVar("lives", default=-1)
"""How many things the running request may do still; below zero it does not die."""


def place() -> None:
    """Here one can die."""
    left = lives.get()
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    lives.set(left - 1)


class MortalStore:
    """A store in front of another one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str):
        """What no step of a login does with a row is the store's."""
        return getattr(self._store, name)

    def read(self, row_id: bytes) -> Row | None:
        """As the store's."""
        place()
        return self._store.read(row_id)

    def grant_stands(self, grant: bytes) -> bool:
        """As the store's."""
        place()
        return self._store.grant_stands(grant)

    def put(self, row: Row) -> None:
        """As the store's."""
        place()
        self._store.put(row)
        place()

    def swap(self, row: Row) -> bool:
        """As the store's."""
        place()
        done = self._store.swap(row)
        place()
        return done

    @contextmanager
    def transaction(self) -> Iterator["_MortalTransaction"]:
        """As the store's."""
        place()
        with self._store.transaction() as running:
            yield _MortalTransaction(running)
            place()
        place()


class _MortalTransaction:
    def __init__(self, running) -> None:
        self._running = running

    def __getattr__(self, name: str):
        act = getattr(self._running, name)

        def die_or_act(*arguments):
            place()
            return act(*arguments)

        return die_or_act
