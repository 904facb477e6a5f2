"""Connections: kept, renewed, never shared with a fork, and what is reported when they end."""

import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from broker.ports import StoreUnavailable
from broker.store import connections, open_store
from broker.store.sql import PURGES
from tests.broker.store.test_stores import start
from tests.conformance_store import LATER, NOW, put, row


@pytest.fixture
def sqlite(sqlite_url):
    """A store in a file."""
    store = open_store(sqlite_url, lambda: NOW)
    put(store, row())
    yield store
    store.close()


@pytest.fixture
def server(postgres):
    """A store on a server."""
    store = open_store(postgres, lambda: NOW)
    put(store, row())
    yield store
    store.close()


@pytest.fixture
def admin(postgres):
    """A connection to the same database, of somebody who may do more."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def sessions(admin):
    """The sessions that others have in the database."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return set(admin.execute(text(asked)).scalars())


def open_files(path):
    """How many files of a database this process has open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]  # but the one that lists them
    return sum(str(link.readlink()).startswith(str(path)) for link in links)


def in_a_fork(act):
    """Whether `act` is true in a forked child."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if act() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def test_a_connection_serves_again(server, admin):
    before = sessions(admin)
    for _ in range(3):
        put_and_take(server)
    assert sessions(admin) == before
    assert len(before) == 1


def put_and_take(store):
    put(store, row(9))
    with store.transaction() as transaction:
        transaction.take(row(9).id)


def test_no_more_connections_wait_than_they_may(postgres, admin):
    store = open_store(postgres, lambda: NOW, pool_size=1)
    with store.transaction():
        store.ping()
        assert len(sessions(admin)) == 2
    assert settles(lambda: len(sessions(admin)) == 1)
    store.close()
    assert settles(lambda: not sessions(admin))


def settles(condition):
    """Whether something comes true: a server notices a little later that a session has ended."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_closed_store_leaves_no_file_open(sqlite, tmp_path):
    assert open_files(tmp_path) > 0
    sqlite.close()
    assert open_files(tmp_path) == 0


# -- forks


def test_a_forked_worker_inherits_no_open_file(sqlite, tmp_path):
    assert in_a_fork(lambda: open_files(tmp_path) == 0)


def test_a_forked_worker_and_its_parent_work_on(sqlite):
    assert in_a_fork(lambda: sqlite.read(row().id) == row())
    assert sqlite.read(row().id) == row()


def test_a_connection_given_back_at_the_last_moment_is_not_shared_with_a_fork(server, monkeypatch):
    monkeypatch.setattr(connections.Connections, "close", lambda self: None)  # nothing is closed before the fork
    heard, told = os.pipe()
    ours = backend(server)
    assert in_a_fork(lambda: os.write(told, str(backend(server)).encode()))
    assert int(os.read(heard, 20)) != ours
    assert backend(server) == ours
    os.close(heard)
    os.close(told)


def backend(store):
    """The server's process behind the connection that a store uses next."""
    return store._connections.rows("SELECT pg_backend_pid()")[0][0]


# -- connections that end


def end_sessions(admin):
    for session in sessions(admin):
        admin.execute(text("SELECT pg_terminate_backend(:session, 5000)"), {"session": session})


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.read(row().id),
        put_and_take,
        lambda store: store.raise_generation(),
        lambda store: store.put(row(2)),
    ],
)
def test_nobody_notices_that_the_server_was_started_anew(server, admin, act):
    server.ping()
    end_sessions(admin)
    act(server)
    assert server.read(row().id) == row()


@pytest.mark.parametrize("act", [lambda store: store.put(row(2)), lambda store: store.swap(row(version=1)) or 1 / 0])
def test_a_row_that_was_written_when_its_connection_ended_is_written_once(server, admin, monkeypatch, act):
    server.ping()
    executed = []

    def execute(connection, statement, values):
        """The first one is done, but nobody hears of it any more."""
        written = statement.startswith(("INSERT", "UPDATE"))  # threads of other tests may still read from their stores
        executed.extend([statement] if written else [])
        cursor = connection.cursor()
        cursor.execute(statement, values)
        if written and len(executed) == 1:
            end_sessions(admin)
            cursor.execute("SELECT 1")
        return cursor

    monkeypatch.setattr(connections, "_execute", execute)
    act(server)
    assert len(executed) == 2
    assert server.read(row(2).id) == row(2) or server.read(row().id) == row(version=1)


def test_a_transaction_whose_connection_ends_is_undone_and_unavailable(server, admin):
    with pytest.raises(StoreUnavailable):
        lose_the_connection_in_the_middle(server, admin)
    assert (server.read(row().id), server.read(row(2).id)) == (row(), None)


def lose_the_connection_in_the_middle(server, admin):
    with server.transaction() as transaction:
        transaction.take(row().id)
        end_sessions(admin)
        transaction.put(row(2))


def test_a_server_that_only_reads_is_unavailable(server, admin):
    name = admin.execute(text("SELECT current_database()")).scalar_one()
    admin.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    end_sessions(admin)
    with pytest.raises(StoreUnavailable, match="ReadOnlySqlTransaction"):
        put(server, row(2))


def test_a_table_that_is_gone_is_unavailable_and_tells_no_values(server, admin):
    admin.execute(text("DROP TABLE rows"))
    with pytest.raises(StoreUnavailable) as failed:
        server.read(row().id)
    assert str(failed.value) == "the database does not answer as it should: UndefinedTable"


def test_a_transaction_that_failed_does_not_spoil_the_next(server, admin):
    admin.execute(text("DROP TABLE generations"))
    with pytest.raises(StoreUnavailable):
        server.raise_generation()
    assert server.read(row().id) == row()


def test_a_file_that_another_program_holds_is_unavailable_and_comes_back(sqlite, sqlite_url, monkeypatch):
    monkeypatch.setattr("broker.store.engines._BUSY_SECONDS", 0.05)
    hurried = open_store(sqlite_url, lambda: NOW)
    with sqlite.transaction(), pytest.raises(StoreUnavailable, match="SQLITE_BUSY"):
        put(hurried, row(2))
    put(hurried, row(2))
    assert hurried.read(row(2).id) == row(2)
    hurried.close()


# -- how they are opened


@pytest.mark.parametrize(
    ("setting", "value"),
    [("statement_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")],
)
def test_nobody_waits_long_for_the_server(server, setting, value):
    assert server._connections.rows(f"SHOW {setting}") == [(value,)]


NOTE_HOW_IT_COMMITS = """
    CREATE TABLE noted (how text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN INSERT INTO noted VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
    CREATE TRIGGER note AFTER UPDATE OR INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION note();
"""


@pytest.mark.parametrize(
    ("table", "act", "how"),
    [
        ("generations", lambda store: store.raise_generation(), "on"),
        ("ledger_entries", lambda store: store.ledger.append(0, [b"a"], {}), "on"),
        ("ledger_checkpoints", lambda store: store.ledger.keep_checkpoint("1.txt", b"one"), "on"),
        ("rows", lambda store: put(store, row(2)), "off"),
    ],
    ids=["generation", "entry", "checkpoint", "row"],
)
def test_ledger_and_generation_outlast_a_crash_and_nobody_waits_for_a_row_to_be_written(server, admin, table, act, how):
    admin.execute(text(NOTE_HOW_IT_COMMITS.format(table=table)))
    act(server)
    assert admin.execute(text("SELECT how FROM noted")).scalars().all() == [how]


def test_what_must_outlast_a_crash_of_the_machine_is_on_the_disk_before_a_file_says_so(sqlite):
    with sqlite._connections.transaction(sqlite.ledger._begin) as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    with pytest.raises(KeyError), sqlite._connections.transaction(sqlite.ledger._begin):
        raise KeyError
    assert sqlite._connections.rows("PRAGMA synchronous") == [(1,)]  # NORMAL


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("secure_delete", 1)])
def test_a_file_is_opened_as_it_should_be(sqlite, pragma, value):
    assert sqlite._connections.rows(f"PRAGMA {pragma}") == [(value,)]


# -- many at once

OPENER = """
    import sys
    from broker.store import open_store
    print("ready", flush=True); sys.stdin.readline()
    print(open_store(sys.argv[1], lambda: 0).generation())
"""


def test_workers_that_start_at_once_prepare_a_new_file_once(sqlite_url):
    openers = [start(OPENER, sqlite_url) for _ in range(4)]
    for opener in openers:
        opener.stdout.readline()
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate()[0] for opener in openers] == ["1\n"] * 4


def test_workers_that_purge_at_once_do_not_wait_for_each_other(postgres):
    store = open_store(postgres, lambda: LATER)
    put(store, *(row(number) for number in range(4)))
    with store._connections.transaction(store._begin) as cursor:
        cursor.execute(*store._statements.words(PURGES[0], {"now": LATER, "most": 3}))
        other = []
        thread = threading.Thread(target=lambda: other.append(store.purge()))
        thread.start()
        thread.join(3)
        assert (cursor.rowcount, other) == (3, [1])
    store.close()
