"""Connections to SQLite and PostgreSQL, set up so that nothing begins a transaction but us, and what drivers report.

A forked worker forgets the connections of its parent.
"""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from broker.ports import StoreUnavailable

BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}


def make_engine(url: str, pool_size: int = 8) -> Engine:
    """An engine for a URL of the configuration. Raises StoreUnavailable with what to do."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError as wrong:
        raise StoreUnavailable("the database URL cannot be read: sqlite:///path or postgresql://…") from wrong
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, pool_size)
    raise StoreUnavailable("the database must be sqlite:///path or postgresql://…")


def _sqlite(url: URL, pool_size: int) -> Engine:
    path = Path(url.database or "")
    if not path.parent.is_dir():
        raise StoreUnavailable(f"the folder of the database does not exist: {path.parent}")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as refused:
        raise StoreUnavailable(f"the database file cannot be written: {path}: {refused.strerror}") from refused
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    return _begin_ourselves(engine)


def _postgresql(url: URL, pool_size: int) -> Engine:
    driver = url.set(drivername="postgresql+psycopg")
    engine = create_engine(driver, pool_size=pool_size, max_overflow=pool_size)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = True  # the driver begins nothing by itself
        # What is lost in a crash of the server's machine is at most the last logins, which citizens repeat.
        connection.execute("SET synchronous_commit = off")

    return _begin_ourselves(engine)


def _begin_ourselves(engine: Engine) -> Engine:
    """SQLAlchemy's own transactions (schema, migrations) begin with the same words as ours."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN[engine.dialect.name])

    return engine


class Errors:
    """What a driver reports, by what it means for us."""

    def __init__(self, engine: Engine) -> None:
        driver: Any = engine.dialect.dbapi
        self.down = (driver.OperationalError, driver.InterfaceError)
        self.twice = driver.IntegrityError

    @contextmanager
    def translated(self) -> Iterator[None]:
        """A database that does not answer is StoreUnavailable, without the statement's values."""
        try:
            yield
        except (*self.down, OperationalError, InterfaceError) as down:
            cause = type(getattr(down, "orig", None) or down).__name__
            raise StoreUnavailable(f"the database does not answer: {cause}") from down


_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()
_hook = threading.Lock()


def renew_after_fork(engine: Engine) -> None:
    """A forked worker must not share the connections of its parent."""
    with _hook:
        if not _engines:
            os.register_at_fork(after_in_child=_forget_connections)
        _engines.add(engine)


def _forget_connections() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)
