"""The store in SQLite or PostgreSQL, on SQLAlchemy Core.

Statements are written in Core and compiled once per store; then they run on the driver's connections as they are, for
SQLAlchemy's own execution costs several times the statement.
What is single-use is taken by one `DELETE … RETURNING`, so READ COMMITTED is enough.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Integer,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.elements import BindParameter, ClauseElement

from broker.ports import Check, DuplicateRow, Notice, Row
from broker.store.checks_sql import CHECKS, FORGET, NOTE, WITHDRAW
from broker.store.connections import Connections
from broker.store.engines import BEGIN, BEGIN_LASTING, Errors, make_engine
from broker.store.ledger_sql import SqlLedger
from broker.store.migrate import check_current, prepare
from broker.store.notices_sql import PUT as PUT_NOTICE
from broker.store.notices_sql import SqlNotices, values_of
from broker.store.schema import checks, generations, grants, notices, rows
from broker.store.statements import Statements

_now: BindParameter[int] = bindparam("now")
_id: BindParameter[bytes] = bindparam("row_id")
_columns = (rows.c.id, rows.c.expires, rows.c.version, rows.c.body)

READ = select(*_columns).where(rows.c.id == _id, rows.c.expires > _now)
TAKE = delete(rows).where(rows.c.id == _id).returning(*_columns)
PUT = insert(rows).values(id=_id, expires=bindparam("until"), version=bindparam("new"), body=bindparam("sealed"))
SWAP = (
    update(rows)
    .where(rows.c.id == _id, rows.c.version == bindparam("old"), rows.c.expires > _now)
    .values(expires=bindparam("until"), version=bindparam("new"), body=bindparam("sealed"))
)
STANDS = select(grants.c.expires).where(grants.c.id == _id, grants.c.expires > _now)
OPEN = insert(grants).values(id=_id, expires=bindparam("until"))
CLOSE = delete(grants).where(grants.c.id == _id)
GENERATION = select(generations.c.generation)
RAISE = (
    update(generations)
    .values(generation=generations.c.generation + literal_column("1"))
    .returning(generations.c.generation)
)
# Two workers that purge at once pass over each other's rows; SQLite has no such words, nor the need.
PURGES = tuple(
    delete(table).where(
        tuple_(*table.primary_key).in_(
            select(*table.primary_key)
            .where(table.c.expires <= _now)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    for table in (rows, grants, checks, notices)
)


class SqlStore:
    """Rows in a database. Safe in many threads, and in workers forked after it was made."""

    def __init__(self, url: str, clock: Callable[[], int], pool_size: int = 8) -> None:
        self._clock = clock
        engine = make_engine(url)
        self._errors = Errors(engine)
        self._statements = Statements(engine)
        self._begin, self._begin_lasting = BEGIN[engine.dialect.name], BEGIN_LASTING[engine.dialect.name]
        with self._errors.translated():
            prepare(engine)
            check_current(engine)
        self._connections = Connections(engine, self._errors, pool_size)
        self.ledger = SqlLedger(self._connections, self._statements, self._errors, self._begin_lasting)
        self.notices = SqlNotices(self._connections, self._statements, clock)

    def read(self, row_id: bytes) -> Row | None:
        """The row, or None when it is absent or has expired."""
        found = self._one(READ, {"row_id": row_id, "now": self._clock()})
        return _row(found) if found else None

    def grant_stands(self, grant: bytes) -> bool:
        """Whether the grant was opened, not closed, and has not expired."""
        return self._one(STANDS, {"row_id": grant, "now": self._clock()}) is not None

    def checks(self, grant: bytes) -> dict[str, Check]:
        """Who checked the grant, or was withdrawn it, by the id of the data provider."""
        found = self._found(CHECKS, {"row_id": grant, "now": self._clock()})
        return {str(one): Check(last, bool(withdrawn)) for one, last, withdrawn in found}

    def note_check(self, grant: bytes, data_provider: str, at: int) -> bool:
        """A data provider checks a grant; False, and nothing is written, when it does not count (any more)."""
        values = {"row_id": grant, "named": data_provider, "at": at, "now": self._clock()}
        return self._changed(NOTE, values) == 1

    def put(self, row: Row) -> None:
        """Insert a row. Raises DuplicateRow."""
        try:
            self._changed(PUT, _put(row))
        except DuplicateRow:
            if not self._is_there(row):
                raise

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        return self._changed(SWAP, _swap(row, self._clock())) == 1 or self._is_there(row)

    def _is_there(self, row: Row) -> bool:
        """Whether it was written all the same: the connection ended before that was said, and it was written again."""
        return self.read(row.id) == row

    @contextmanager
    def transaction(self) -> Iterator["SqlTransaction"]:
        """A transaction; an exception inside undoes it."""
        with self._connections.transaction(self._begin) as cursor:
            yield SqlTransaction(cursor, self._statements, self._errors, self._clock())

    def purge(self, limit: int = 1000) -> int:
        """Remove at most `limit` expired rows, and as many grants, checks and notices; returns how many went."""
        values = {"now": self._clock(), "most": limit}
        return sum(self._changed(purge, values) for purge in PURGES)

    def generation(self) -> int:
        """The generation of the configuration in force."""
        return int(self._one(GENERATION, {})[0])

    def raise_generation(self) -> int:
        """Tell every worker to read the configuration again."""
        with self._connections.transaction(self._begin_lasting) as cursor:
            cursor.execute(*self._statements.words(RAISE, {}))
            return int(next(iter(cursor.fetchall()))[0])

    def ping(self) -> None:
        """Return when the database answers."""
        self.generation()

    def close(self) -> None:
        """Close the connections that wait."""
        self._connections.close()

    def _one(self, statement: ClauseElement, values: Mapping[str, Any]) -> Any:
        return next(iter(self._found(statement, values)), None)

    def _found(self, statement: ClauseElement, values: Mapping[str, Any]) -> list[Any]:
        return self._connections.rows(*self._statements.words(statement, values))

    def _changed(self, statement: ClauseElement, values: Mapping[str, Any]) -> int:
        return self._connections.count(*self._statements.words(statement, values))


class SqlTransaction:
    """Statements of one transaction, judged at one moment."""

    def __init__(self, cursor: DBAPICursor, statements: Statements, errors: Errors, now: int) -> None:
        self._cursor = cursor
        self._statements = statements
        self._errors = errors
        self._now = now

    def _run(self, statement: ClauseElement, **values: Any) -> DBAPICursor:
        self._cursor.execute(*self._statements.words(statement, values))
        return self._cursor

    def _insert(self, statement: ClauseElement, **values: Any) -> None:
        try:
            self._run(statement, **values)
        except self._errors.twice as twice:
            raise DuplicateRow from twice

    def take(self, row_id: bytes) -> Row | None:
        """Remove a row and return it; None when it is absent or has expired."""
        found = next(iter(self._run(TAKE, row_id=row_id).fetchall()), None)
        return _row(found) if found and found[1] > self._now else None

    def put(self, row: Row) -> None:
        """Insert. Raises DuplicateRow."""
        self._insert(PUT, **_put(row))

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        return self._run(SWAP, **_swap(row, self._now)).rowcount == 1

    def open_grant(self, grant: bytes, expires: int) -> None:
        """Let what belongs to this grant count until `expires`. Raises DuplicateRow."""
        self._insert(OPEN, row_id=grant, until=expires)

    def close_grant(self, grant: bytes) -> bool:
        """End a grant, and forget who checked it; False when it had ended already."""
        stood = self._run(CLOSE, row_id=grant).rowcount == 1
        self._run(FORGET, row_id=grant)
        return stood

    def withdraw(self, grant: bytes, data_provider: str) -> bool:
        """A grant counts for this data provider no more; False when it did not before."""
        return self._run(WITHDRAW, row_id=grant, named=data_provider, now=self._now).rowcount == 1

    def put_notice(self, notice: Notice) -> None:
        """Keep a notice."""
        self._run(PUT_NOTICE, **values_of(notice))


def _put(row: Row) -> dict[str, Any]:
    """The values of PUT."""
    return {"row_id": row.id, "until": row.expires, "new": row.version, "sealed": row.body}


def _swap(row: Row, now: int) -> dict[str, Any]:
    """The values of SWAP."""
    return {**_put(row), "old": row.version - 1, "now": now}


def _row(found: Any) -> Row:
    return Row(bytes(found[0]), found[1], found[2], bytes(found[3]))
