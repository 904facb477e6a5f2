"""The three stores under one law; then what only databases have: processes, crashes, files, versions."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from broker.ledger import Ledger
from broker.ports import SchemaOutdated, StoreUnavailable
from broker.store import open_store
from broker.store.migrate import REVISION, upgrade
from tests.conformance_notices import NoticeConformance, keep, notice
from tests.conformance_store import LATER, NOW, StoreConformance, note_check, open_grant, put, row


class TestMemory(StoreConformance, NoticeConformance):
    """In memory."""

    @pytest.fixture
    def store(self, clock):
        return open_store("memory:", clock)


class TestSqlite(StoreConformance, NoticeConformance):
    """In a file."""

    @pytest.fixture
    def store(self, clock, sqlite_url):
        store = open_store(sqlite_url, clock)
        yield store
        store.close()


class TestPostgres(StoreConformance, NoticeConformance):
    """On a server."""

    @pytest.fixture
    def store(self, clock, postgres):
        store = open_store(postgres, clock)
        yield store
        store.close()


TAKER = """
    import sys, threading
    from broker.store import open_store
    from tests.conformance_store import NOW, row
    store, won = open_store(sys.argv[1], lambda: NOW), []
    print("ready", flush=True); sys.stdin.readline()
    def take():
        for number in range(20):
            with store.transaction() as transaction:
                if transaction.take(row(number).id) is not None: won.append(number)
    threads = [threading.Thread(target=take) for _ in range(8)]
    [thread.start() for thread in threads]; [thread.join() for thread in threads]
    print(*won)
"""


def start(program, url):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def check_two_processes_take_each_row_once(url):
    store = open_store(url, lambda: NOW)
    put(store, *(row(number) for number in range(20)))
    takers = [start(TAKER, url) for _ in range(2)]
    for taker in takers:
        taker.stdout.readline()
    for taker in takers:
        taker.stdin.write("go\n")
        taker.stdin.flush()
    won = " ".join(taker.communicate()[0] for taker in takers).split()
    store.close()
    assert sorted(map(int, won)) == list(range(20))


def test_eight_threads_in_each_of_two_processes_take_each_row_once_in_sqlite(sqlite_url):
    check_two_processes_take_each_row_once(sqlite_url)


def test_eight_threads_in_each_of_two_processes_take_each_row_once_in_postgres(postgres):
    check_two_processes_take_each_row_once(postgres)


NOTER = """
    import sys
    from broker.ledger import Ledger
    from broker.store import open_store
    from tests.conformance_store import CONFIGURED, NOW, stated
    ledger = Ledger(open_store(sys.argv[1], lambda: NOW))
    print("ready", flush=True); mine = sys.stdin.readline().strip()
    for turn in range(15):
        ledger.note([CONFIGURED, stated(mine, turn)], (), turn)
"""


def check_processes_note_all_of_what_they_say(url):
    store = open_store(url, lambda: NOW)
    noters = [start(NOTER, url) for _ in range(3)]
    for noter in noters:
        noter.stdout.readline()
    for noter, mine in zip(noters, "abc", strict=True):
        noter.stdin.write(f"{mine}\n")
        noter.stdin.flush()
    for noter in noters:
        noter.communicate()
    entries = Ledger(store).entries()
    store.close()
    assert ([noter.returncode for noter in noters], len(entries)) == ([0, 0, 0], 3 * 15 + 1)


def test_three_processes_write_one_ledger_in_sqlite(sqlite_url):
    check_processes_note_all_of_what_they_say(sqlite_url)


def test_three_processes_write_one_ledger_in_postgres(postgres):
    check_processes_note_all_of_what_they_say(postgres)


LEASER = """
    import sys, threading
    from broker.store import open_store
    from tests.conformance_store import NOW
    store, got = open_store(sys.argv[1], lambda: NOW), []
    print("ready", flush=True); sys.stdin.readline()
    def lease():
        for _ in range(20):
            got.extend(one.sid for one in store.notices.lease("mairie", NOW + 60, 3))
    threads = [threading.Thread(target=lease) for _ in range(4)]
    [thread.start() for thread in threads]; [thread.join() for thread in threads]
    print(*got)
"""


def check_two_processes_lease_each_notice_once(url):
    store = open_store(url, lambda: NOW)
    keep(store, *(notice(number) for number in range(60)))
    leasers = [start(LEASER, url) for _ in range(2)]
    for leaser in leasers:
        leaser.stdout.readline()
    for leaser in leasers:
        leaser.stdin.write("go\n")
        leaser.stdin.flush()
    got = " ".join(leaser.communicate()[0] for leaser in leasers).split()
    store.close()
    assert sorted(got) == sorted(notice(number).sid for number in range(60))


def test_two_processes_lease_each_notice_once_in_sqlite(sqlite_url):
    check_two_processes_lease_each_notice_once(sqlite_url)


def test_two_processes_lease_each_notice_once_in_postgres(postgres):
    check_two_processes_lease_each_notice_once(postgres)


CRASH = """
    import os, signal, sys
    from broker.store import open_store
    from tests.conformance_store import NOW, row
    store = open_store(sys.argv[1], lambda: NOW)
    with store.transaction() as transaction:
        assert transaction.take(row().id) is not None
        os.kill(os.getpid(), signal.SIGKILL)
"""


def check_a_crash_leaves_the_row(url):
    store = open_store(url, lambda: NOW)
    put(store, row())
    crashed = start(CRASH, url)
    crashed.communicate()
    assert (crashed.returncode, store.read(row().id)) == (-signal.SIGKILL, row())
    store.close()


def test_a_process_that_dies_between_taking_and_writing_leaves_the_row_in_sqlite(sqlite_url):
    check_a_crash_leaves_the_row(sqlite_url)


def test_a_process_that_dies_between_taking_and_writing_leaves_the_row_in_postgres(postgres):
    check_a_crash_leaves_the_row(postgres)


def test_a_forked_worker_gets_connections_of_its_own(sqlite_url):
    store = open_store(sqlite_url, lambda: NOW)
    put(store, row())
    child = os.fork()
    if child == 0:
        os._exit(0 if store.read(row().id) == row() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.read(row().id) == row()
    store.close()


def test_a_database_file_is_its_owners_alone(sqlite_url, tmp_path):
    open_store(sqlite_url, lambda: NOW).close()
    assert stat.S_IMODE((tmp_path / "passerelle.db").stat().st_mode) == 0o600


def test_what_was_deleted_is_not_left_in_the_file(sqlite_url, tmp_path):
    store = open_store(sqlite_url, lambda: NOW)
    put(store, row(body=b"sealed-but-even-so" * 20))
    with store.transaction() as transaction:
        transaction.take(row().id)
    store.close()
    assert b"sealed-but-even-so" not in (tmp_path / "passerelle.db").read_bytes()


def test_a_folder_that_does_not_exist_is_named():
    with pytest.raises(StoreUnavailable, match="folder of the database"):
        open_store("sqlite:////no/such/folder/x.db", lambda: NOW)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        open_store(f"sqlite:///{tmp_path}", lambda: NOW)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", ""])
def test_another_kind_of_database_is_refused(url):
    with pytest.raises(StoreUnavailable, match="sqlite:///path or postgresql://"):
        open_store(url, lambda: NOW)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_is_no_file_is_refused(url):
    with pytest.raises(StoreUnavailable, match="must be a file"):
        open_store(url, lambda: NOW)


def test_a_file_that_is_no_database_is_unavailable(sqlite_url, tmp_path):
    (tmp_path / "passerelle.db").write_bytes(b"something else" * 1000)
    with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB"):
        open_store(sqlite_url, lambda: NOW)


@pytest.mark.parametrize("touch", [lambda url: open_store(url, lambda: NOW), upgrade])
def test_a_file_of_another_program_is_not_touched(sqlite_url, tmp_path, touch):
    other = sqlite3.connect(tmp_path / "passerelle.db")
    other.execute("CREATE TABLE theirs (a)")
    with pytest.raises(SchemaOutdated, match="another program"):
        touch(sqlite_url)
    assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    other.close()


@pytest.mark.parametrize(("version", "remedy"), [("0000", "passerelle db upgrade"), ("9999", "install the program")])
def test_a_database_of_another_version_is_refused_with_what_to_do(sqlite_url, tmp_path, version, remedy):
    open_store(sqlite_url, lambda: NOW).close()
    with closing(sqlite3.connect(tmp_path / "passerelle.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    with pytest.raises(SchemaOutdated, match=remedy):
        open_store(sqlite_url, lambda: NOW)


def test_an_empty_server_database_is_refused_with_the_command(empty_postgres):
    with pytest.raises(SchemaOutdated, match="passerelle db upgrade"):
        open_store(empty_postgres, lambda: NOW)


def test_a_server_that_is_not_there_is_unavailable():
    with pytest.raises(StoreUnavailable, match="does not answer"):
        open_store("postgresql://nobody@/none?host=/no/such/folder", lambda: NOW)


def test_a_dry_run_prints_statements_and_changes_nothing(empty_postgres):
    assert any("CREATE TABLE rows" in line for line in upgrade(empty_postgres, dry_run=True))
    with pytest.raises(SchemaOutdated):
        open_store(empty_postgres, lambda: NOW)


def test_an_upgrade_is_done_once(postgres):
    assert upgrade(postgres) == []


def first_version(url):
    """A database as the first version made it, with a row."""
    from alembic import command

    from broker.store.engines import make_engine
    from broker.store.migrate import _configuration

    engine = make_engine(url)
    with engine.begin() as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        values = {"id": row().id, "until": LATER, "sealed": row().body}
        connection.execute(text("INSERT INTO rows VALUES (:id, :until, 0, :sealed)"), values)
    engine.dispose()


def check_the_first_version_gets_what_is_new_and_keeps_its_rows(url):
    first_version(url)
    assert upgrade(url) == [f"0001 -> {REVISION}"]
    store = open_store(url, lambda: NOW)
    store.ledger.append(0, [b"a"], {})
    open_grant(store)
    assert note_check(store)
    assert (store.read(row().id), store.ledger.lines(0, 9)) == (row(), [(0, b"a")])
    store.close()


def test_an_upgrade_of_the_first_version_keeps_what_is_there_in_sqlite(sqlite_url):
    check_the_first_version_gets_what_is_new_and_keeps_its_rows(sqlite_url)


def test_an_upgrade_of_the_first_version_keeps_what_is_there_in_postgres(empty_postgres):
    check_the_first_version_gets_what_is_new_and_keeps_its_rows(empty_postgres)


def test_machines_that_upgrade_at_once_do_it_once(empty_postgres):
    done, barrier = [], threading.Barrier(4)

    def begin():
        barrier.wait()
        done.extend(upgrade(empty_postgres))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [f"empty -> {REVISION}"]


def test_an_upgrade_of_a_server_that_is_not_there_is_unavailable():
    with pytest.raises(StoreUnavailable, match="does not answer"):
        upgrade("postgresql://nobody@/none?host=/no/such/folder")


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_upgrade_from_a_version_that_is_unknown_is_refused(sqlite_url, tmp_path, dry_run):
    open_store(sqlite_url, lambda: NOW).close()
    with closing(sqlite3.connect(tmp_path / "passerelle.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaOutdated, match="does not know"):
        upgrade(sqlite_url, dry_run)


def test_the_revision_of_the_code_is_the_newest_migration():
    from alembic.script import ScriptDirectory

    from broker.store.migrate import _configuration

    assert ScriptDirectory.from_config(_configuration()).get_current_head() == REVISION


def test_the_migrations_make_the_tables_that_the_code_reads(sqlite_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from broker.store.engines import make_engine
    from broker.store.schema import metadata

    open_store(sqlite_url, lambda: NOW).close()
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_row_of_the_farthest_future_fits(sqlite_url):
    store = open_store(sqlite_url, lambda: NOW)
    put(store, row(expires=2**40))
    assert store.read(row().id).expires == 2**40
    assert LATER < 2**40
    store.close()
