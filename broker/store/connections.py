"""Connections that wait for the next statement.

SQLAlchemy opens them, but does not keep them: taking one from its pool costs more than a statement of SQLite.
"""

import os
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.engine.interfaces import DBAPICursor

from broker.store.engines import Begin, Errors

T = TypeVar("T")
Values = Mapping[str, Any] | Sequence[Any]


class Connections:
    """Those of one process, the last used first; at most so many wait. A thread has one while it needs it."""

    def __init__(self, engine: Engine, errors: Errors, most: int) -> None:
        self._engine = engine
        self._errors = errors
        self._most = most
        self._waiting: deque[PoolProxiedConnection] = deque()
        self._inherited: list[deque[PoolProxiedConnection]] = []
        _all.add(self)

    def rows(self, statement: str, values: Values = ()) -> list[Any]:
        """What a single statement finds; it is its own transaction, as with `count`. Raises StoreUnavailable.

        The server may have been started anew while a connection waited: then the statement is executed again on a new one,
        so it must be one that may be executed twice.
        """
        return self._alone(statement, values, _rows)

    def count(self, statement: str, values: Values = ()) -> int:
        """How many rows a single statement changes. Raises StoreUnavailable, DuplicateRow."""
        return self._alone(statement, values, _count)

    def _alone(self, statement: str, values: Values, take: Callable[[DBAPICursor], T]) -> T:
        with self._errors.translated():
            connection, cursor = self._begun(statement, values)
            try:
                return take(cursor)
            except self._errors.driver:
                connection.invalidate()
                raise
            finally:
                self._give_back(connection)

    @contextmanager
    def transaction(self, begin: Begin) -> Iterator[DBAPICursor]:
        """A cursor inside a transaction; an exception undoes it. Raises StoreUnavailable."""
        first, *others = begin.statements
        with self._errors.translated():
            connection, cursor = self._begun(first, ())
            try:
                for statement in others:
                    cursor.execute(statement)
                try:
                    yield cursor
                except BaseException:
                    _end(cursor, "ROLLBACK", begin)
                    raise
                _end(cursor, "COMMIT", begin)
            except self._errors.driver:
                connection.invalidate()
                raise
            finally:
                self._give_back(connection)

    def _begun(self, first: str, values: Values) -> tuple[PoolProxiedConnection, DBAPICursor]:
        if waiting := self._take():
            try:
                return waiting, _execute(waiting, first, values)
            except self._errors.driver as failed:
                lost = self._errors.is_loss(failed, waiting)
                waiting.invalidate()
                if not lost:
                    raise
                self.close()  # the others were open before it was started anew, too
        opened = self._engine.raw_connection()
        try:
            return opened, _execute(opened, first, values)
        except self._errors.driver:
            opened.invalidate()
            raise

    def _take(self) -> PoolProxiedConnection | None:
        try:
            return self._waiting.pop()
        except IndexError:
            return None

    def _give_back(self, connection: PoolProxiedConnection) -> None:
        if connection.is_valid and len(self._waiting) < self._most:
            self._waiting.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that wait."""
        while connection := self._take():
            connection.close()

    def begin_anew(self) -> None:
        """In a forked worker: what its parent has open all the same is neither used here nor closed."""
        self._inherited.append(self._waiting)
        self._waiting = deque()


def _execute(connection: PoolProxiedConnection, statement: str, values: Values) -> DBAPICursor:
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return cursor


def _rows(cursor: DBAPICursor) -> list[Any]:
    return list(cursor.fetchall())


def _count(cursor: DBAPICursor) -> int:
    return int(cursor.rowcount)


def _end(cursor: DBAPICursor, how: str, begin: Begin) -> None:
    for statement in (how, *begin.after):
        cursor.execute(statement)


_all: "weakref.WeakSet[Connections]" = weakref.WeakSet()


def _close_all() -> None:
    """SQLite's locks do not survive a fork: a worker that inherited a connection could corrupt the file.

    https://www.sqlite.org/howtocorrupt.html 2.6
    """
    for connections in list(_all):
        connections.close()


def _begin_anew() -> None:
    for connections in list(_all):
        connections.begin_anew()


os.register_at_fork(before=_close_all, after_in_child=_begin_anew)
