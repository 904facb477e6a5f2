"""The store in SQLite or PostgreSQL, on SQLAlchemy Core.

Statements are compiled once per process and then run as they are: SQLAlchemy's own execution costs several times the
statement on this path. What is single-use is taken by one `DELETE … RETURNING`, so READ COMMITTED is enough.
"""

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import BindParameter

from broker.ports import DuplicateRow, Row, StoreUnavailable
from broker.store.migrate import check_current, prepare
from broker.store.schema import generations, grants, rows

_now: BindParameter[int] = bindparam("now")
_id: BindParameter[bytes] = bindparam("row_id")
_columns = (rows.c.id, rows.c.expires, rows.c.version, rows.c.body)

READ = select(*_columns).where(rows.c.id == _id, rows.c.expires > _now)
TAKE = delete(rows).where(rows.c.id == _id).returning(*_columns)
PUT = insert(rows).values(
    id=_id, expires=bindparam("until"), version=bindparam("new"), body=bindparam("sealed")
)
SWAP = (
    update(rows)
    .where(rows.c.id == _id, rows.c.version == bindparam("old"), rows.c.expires > _now)
    .values(expires=bindparam("until"), version=bindparam("new"), body=bindparam("sealed"))
)
STANDS = select(grants.c.expires).where(grants.c.id == _id, grants.c.expires > _now)
OPEN = insert(grants).values(id=_id, expires=bindparam("until"))
CLOSE = delete(grants).where(grants.c.id == _id)
GENERATION = select(generations.c.generation)
RAISE = update(generations).values(generation=generations.c.generation + 1)


class Statements:
    """Core statements in one database's own words, each compiled once."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._compiled: dict[int, tuple[str, tuple[str, ...] | None]] = {}

    def run(self, connection: Connection, statement: Executable, values: dict[str, Any]) -> Any:
        """Execute a statement of this module with its values."""
        text, order = self._compiled.get(id(statement)) or self._compile(statement)
        given = values if order is None else tuple(values[name] for name in order)
        return connection.exec_driver_sql(text, given)

    def _compile(self, statement: Executable) -> tuple[str, tuple[str, ...] | None]:
        compiled = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        order = tuple(compiled.positiontup) if compiled.positional else None
        self._compiled[id(statement)] = str(compiled), order
        return self._compiled[id(statement)]


class SqlStore:
    """Rows in a database. Safe in many threads, and in workers forked after it was made."""

    def __init__(self, url: str, clock: Callable[[], int], pool_size: int = 8) -> None:
        self._clock = clock
        self._engine = make_engine(url, pool_size)
        self._single_engine = single_statements(self._engine)
        self._statements = Statements(self._engine)
        with _translated():
            prepare(self._engine)
            check_current(self._engine)
        _renew_after_fork(self._engine)

    def read(self, row_id: bytes) -> Row | None:
        """The row, or None when it is absent or has expired."""
        with self._single() as connection:
            found = self._statements.run(connection, READ, {"row_id": row_id, "now": self._clock()}).first()
        return _row(found) if found else None

    def grant_stands(self, grant: bytes) -> bool:
        """Whether the grant was opened, not closed, and has not expired."""
        with self._single() as connection:
            values = {"row_id": grant, "now": self._clock()}
            return self._statements.run(connection, STANDS, values).first() is not None

    @contextmanager
    def transaction(self) -> Iterator["SqlTransaction"]:
        """A transaction; an exception inside undoes it."""
        with _translated(), self._engine.begin() as connection:
            yield SqlTransaction(connection, self._statements, self._clock())

    def purge(self, limit: int = 1000) -> int:
        """Remove at most `limit` expired rows and as many grants; returns how many went."""
        now, gone = self._clock(), 0
        for table in (rows, grants):
            expired = select(table.c.id).where(table.c.expires <= now).limit(limit)
            with _translated(), self._engine.begin() as connection:
                gone += connection.execute(delete(table).where(table.c.id.in_(expired))).rowcount
        return gone

    def generation(self) -> int:
        """The generation of the configuration in force."""
        with self._single() as connection:
            return int(self._statements.run(connection, GENERATION, {}).scalar_one())

    def raise_generation(self) -> int:
        """Tell every worker to read the configuration again."""
        with _translated(), self._engine.begin() as connection:
            connection.execute(RAISE)
            return int(connection.execute(GENERATION).scalar_one())

    def ping(self) -> None:
        """Return when the database answers."""
        self.generation()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _single(self) -> Iterator[Connection]:
        with _translated(), self._single_engine.connect() as connection:
            yield connection


class SqlTransaction:
    """Statements of one transaction, judged at one moment."""

    def __init__(self, connection: Connection, statements: Statements, now: int) -> None:
        self._connection = connection
        self._statements = statements
        self._now = now

    def _run(self, statement: Executable, **values: Any) -> Any:
        return self._statements.run(self._connection, statement, values)

    def take(self, row_id: bytes) -> Row | None:
        """Remove a row and return it; None when it is absent or has expired."""
        found = self._run(TAKE, row_id=row_id).first()
        return _row(found) if found and found[1] > self._now else None

    def put(self, row: Row) -> None:
        """Insert. Raises DuplicateRow."""
        try:
            self._run(PUT, row_id=row.id, until=row.expires, new=row.version, sealed=row.body)
        except IntegrityError as twice:
            raise DuplicateRow from twice

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less; False when somebody was first."""
        values = {"row_id": row.id, "old": row.version - 1, "now": self._now}
        done = self._run(SWAP, until=row.expires, new=row.version, sealed=row.body, **values)
        return bool(done.rowcount == 1)

    def open_grant(self, grant: bytes, expires: int) -> None:
        """Let what belongs to this grant count until `expires`."""
        self._run(OPEN, row_id=grant, until=expires)

    def close_grant(self, grant: bytes) -> bool:
        """End a grant; False when it had ended already."""
        return bool(self._run(CLOSE, row_id=grant).rowcount == 1)


def _row(found: Any) -> Row:
    return Row(bytes(found[0]), found[1], found[2], bytes(found[3]))


_SINGLE = "passerelle_single"


def single_statements(engine: Engine) -> Engine:
    """The same engine for statements that need no transaction around them: no BEGIN, no COMMIT."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_SINGLE: True})
    return engine.execution_options(isolation_level="AUTOCOMMIT")


# -- engines --------------------------------------------------------------------------------------------------------


def make_engine(url: str, pool_size: int = 8) -> Engine:
    """An engine for a URL of the configuration. Raises StoreUnavailable with what to do."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError as wrong:
        raise StoreUnavailable("the database URL cannot be read: sqlite:///path or postgresql://…") from wrong
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=False
        )
    raise StoreUnavailable("the database must be sqlite:///path or postgresql://…")


def _sqlite(url: URL, pool_size: int) -> Engine:
    path = Path(url.database or "")
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder of the database does not exist: {path.parent}")
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_SINGLE):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()
_hook = threading.Lock()


def _renew_after_fork(engine: Engine) -> None:
    """A forked worker must not share the connections of its parent."""
    with _hook:
        if not _engines:
            os.register_at_fork(after_in_child=_forget_connections)
        _engines.add(engine)


def _forget_connections() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


@contextmanager
def _translated() -> Iterator[None]:
    """What a driver reports becomes StoreUnavailable, without the statement's values."""
    try:
        yield
    except (OperationalError, InterfaceError) as down:
        cause = type(down.orig or down).__name__
        raise StoreUnavailable(f"the database does not answer: {cause}") from down
