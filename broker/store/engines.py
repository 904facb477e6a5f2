"""How SQLite and PostgreSQL are opened, so that nothing begins a transaction but us, and what drivers report."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from broker.ports import DuplicateRow, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Begin:
    """How a transaction begins, and what is executed when it has ended."""

    statements: tuple[str, ...]
    after: tuple[str, ...] = ()


BEGIN = {"sqlite": Begin(("BEGIN IMMEDIATE",)), "postgresql": Begin(("BEGIN",))}
"""How a transaction on rows and grants begins.

A crash of the database's machine can undo the last half second of them, and they expire within hours anyway: citizens
repeat their login, and a code that was taken could be taken again within its 30 seconds.
"""

BEGIN_LASTING = {
    "sqlite": Begin(("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE"), ("PRAGMA synchronous=NORMAL",)),
    "postgresql": Begin(("BEGIN; SET LOCAL synchronous_commit = on",)),
}
"""How one begins that must outlast a crash: of the schema, of the generation, of the ledger."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON")
_BUSY_SECONDS = 10
_NETWORK = {"connect_timeout": "3", "tcp_user_timeout": "10000", "keepalives_idle": "30"}  # unless the URL says otherwise
_SETTINGS = ("synchronous_commit = off", "statement_timeout = '5s'", "idle_in_transaction_session_timeout = '10s'")


def make_engine(url: str) -> Engine:
    """An engine for a URL of the configuration; it keeps no connections. Raises StoreUnavailable with what to do."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError as wrong:
        raise StoreUnavailable("the database URL cannot be read: sqlite:///path or postgresql://…") from wrong
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    raise StoreUnavailable("the database must be sqlite:///path or postgresql://…")


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise StoreUnavailable("the database must be a file: sqlite:///path")
    _make_file(Path(url.database))
    options = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, poolclass=NullPool, connect_args=options)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return _begin_ourselves(engine)


def _make_file(path: Path) -> None:
    """SQLite would make it readable for everybody; its other files take after this one."""
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder of the database does not exist: {path.parent}")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as refused:
        raise StoreUnavailable(f"the database file cannot be written: {path}: {refused.strerror}") from refused


def _postgresql(url: URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    url = url.update_query_dict({name: value for name, value in _NETWORK.items() if name not in url.query})
    engine = create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = True  # the driver begins nothing by itself
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}")

    return _begin_ourselves(engine)


def _begin_ourselves(engine: Engine) -> Engine:
    """SQLAlchemy's own transactions are those of the schema."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN_LASTING[engine.dialect.name].statements[-1])

    return engine


class Errors:
    """What a driver reports, by what it means for us."""

    def __init__(self, engine: Engine) -> None:
        driver: Any = engine.dialect.dbapi
        self._dialect: Any = engine.dialect
        self.driver: type[Exception] = driver.Error
        self.twice: type[Exception] = driver.IntegrityError

    def is_loss(self, failed: Exception, connection: PoolProxiedConnection) -> bool:
        """Whether the connection has ended, and the statement was not refused."""
        return bool(self._dialect.is_disconnect(failed, connection.dbapi_connection, None))

    def translated(self) -> "Translated":
        """A database that does not do what it should is StoreUnavailable, without the statement's values."""
        return Translated(self.driver, self.twice)


@dataclass(frozen=True, slots=True)
class Translated:
    """The context of a statement; a class, for a generator would be made for each."""

    driver: type[Exception]
    twice: type[Exception]

    def __enter__(self) -> None:
        """Nothing is to be done yet."""

    def __exit__(self, _kind: type[BaseException] | None, failed: BaseException | None, _trace: object) -> None:
        """Raises DuplicateRow or StoreUnavailable for what the driver or SQLAlchemy raised."""
        if isinstance(failed, self.twice):
            raise DuplicateRow from failed
        if isinstance(failed, (self.driver, SQLAlchemyError)):
            cause = getattr(failed, "orig", None) or failed
            name = getattr(cause, "sqlite_errorname", type(cause).__name__)
            raise StoreUnavailable(f"the database does not answer as it should: {name}") from failed
