"""The schema and its versions: alembic does the work, and is loaded only when there is work.

A new SQLite file is prepared on the spot. Every other database is upgraded by the operator, when he chooses:
`passerelle db upgrade`, or first `--dry-run` to read the statements.
"""

import io
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from broker.ports import SchemaOutdated
from broker.store.engines import Errors, make_engine

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0004"
"""The version that this code works with: the newest file in `migrations/versions`. The later, the greater."""

_VERSION = "alembic_version"
_COMMAND = "run: passerelle db upgrade"
# One at a time, however many machines begin at once, and as long as it takes.
_ALONE = ("SET LOCAL statement_timeout = 0", "SELECT pg_advisory_xact_lock(7310)")


def prepare(engine: Engine) -> None:
    """Make the tables of a new SQLite file. Two workers may do this at once: the second finds it done."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            if revision(connection) is None:
                _upgrade(connection)


def check_current(engine: Engine) -> None:
    """The database has the version of this code. Raises SchemaOutdated with what to do."""
    with engine.connect() as connection:
        found = revision(connection)
    if found is None:
        raise SchemaOutdated(f"the database has no tables yet; {_COMMAND}")
    if found != REVISION:
        remedy = _COMMAND if found < REVISION else "install the program that made it, or a newer one"
        raise SchemaOutdated(f"the database has version {found}, this program needs {REVISION}; {remedy}")


def check_ours(tables: Collection[str]) -> None:
    """A file that another program uses is not touched. Raises SchemaOutdated."""
    if tables and _VERSION not in tables:
        raise SchemaOutdated("the file of the database holds the tables of another program; name a new file")


def revision(connection: Connection) -> str | None:
    """The version of a database; None when it has none yet. Raises SchemaOutdated when it is not ours."""
    tables = inspect(connection).get_table_names()
    if connection.dialect.name == "sqlite":
        check_ours(tables)
    if _VERSION not in tables:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(url: str, dry_run: bool = False) -> list[str]:
    """Bring a database to this code's version. Returns what was done, or with `dry_run` the statements that would be.

    Raises StoreUnavailable, and SchemaOutdated when the database is of a version that this code does not know.
    """
    engine = make_engine(url)
    with Errors(engine).translated(), engine.begin() as connection:
        for statement in _ALONE if engine.dialect.name == "postgresql" else ():
            connection.exec_driver_sql(statement)
        return _brought_up(connection, dry_run)


def _brought_up(connection: Connection, dry_run: bool) -> list[str]:
    from alembic.util import CommandError

    before = revision(connection)
    if before == REVISION:
        return []
    try:
        if dry_run:
            return _statements(connection, before)
        _upgrade(connection)
    except CommandError as unknown:
        raise SchemaOutdated(
            f"the database has version {before}, which this program does not know: install it anew"
        ) from unknown
    return [f"{before or 'empty'} -> {REVISION}"]


def _upgrade(connection: Connection) -> None:
    from alembic import command

    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, REVISION)


def _statements(connection: Connection, before: str | None) -> list[str]:
    from alembic import command

    written = io.StringIO()
    configuration = _configuration()
    configuration.output_buffer = written
    configuration.attributes["dialect"] = connection.dialect.name
    command.upgrade(configuration, f"{before or 'base'}:{REVISION}", sql=True)
    return [line for line in written.getvalue().splitlines() if line.strip()]


def _configuration() -> "Config":
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration
