"""Telling the ledger of an instance, as its starts do; and writing to it, as only an attacker does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from broker.ledger import Ledger
from broker.recording import record
from broker.settings import load
from broker.store import open_store
from certs.keyring import load_keyring

NOW = 1_790_000_000


@contextmanager
def ledger_of(instance: Path) -> Iterator[Ledger]:
    """The ledger of an instance, as a process that begins has it."""
    with closing(open_store(load(instance).database, lambda: NOW)) as store:
        yield Ledger(store)


def start(instance: Path, now: int = NOW) -> None:
    """What a start tells the ledger."""
    settings = load(instance)
    with ledger_of(instance) as ledger:
        assert record(ledger, settings, load_keyring(settings.secrets_folder / "keys"), {}, now) == ""


def grow(instance: Path) -> None:
    """Another configuration, a day later."""
    main = instance / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace("sso_minutes  = 30", "sso_minutes = 20"), "utf-8")
    start(instance, NOW + 86_400)


def tamper(instance: Path, statement: str, *values: object) -> None:
    """What somebody does who can write to the database."""
    with closing(sqlite3.connect(instance / "var/passerelle.db")) as database, database:
        assert database.execute(statement, values).rowcount > 0


def alter(instance: Path, table: str, column: str, where: str, old: bytes, new: bytes) -> None:
    """Put other octets in the place of some."""
    with closing(sqlite3.connect(instance / "var/passerelle.db")) as database:
        (found,) = database.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    assert old in found
    tamper(instance, f"UPDATE {table} SET {column} = ? WHERE {where}", found.replace(old, new, 1))
