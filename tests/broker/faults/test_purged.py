"""Two processes purge while logins run: no login is lost, and everything that had expired goes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from broker.commands.skeleton import write_instance
from tests.broker.faults.servers import AUTHORIZE, ROOT, Client, code_in, go_on, redeem, serving

pytestmark = [pytest.mark.slow, pytest.mark.loopback]
EXPIRED = 20_000
LOGINS = 40
PURGER = """
import sys
from broker.__main__ import group
while True:
    group(["db", "purge", "-C", sys.argv[1]], standalone_mode=False)
"""


@pytest.fixture
def port(database, tmp_path):
    with serving(tmp_path, database) as port:
        yield port


@pytest.fixture
def purgers(database, tmp_path):
    """Two processes that run the operator's command again and again; what they print."""
    folder = Path(tmp_path, "instance")
    write_instance(folder, "https://connexion.example", int(time.time()))
    here = {**os.environ, "PASSERELLE_DATABASE_URL": database}
    command = [sys.executable, "-u", "-c", PURGER, str(folder)]
    logs = [Path(tmp_path, f"purger-{number}") for number in range(2)]
    running = []
    for log in logs:
        with log.open("wb") as out:
            running.append(subprocess.Popen(command, cwd=ROOT, env=here, stdout=out, stderr=subprocess.STDOUT))
    yield lambda: [log.read_text() for log in logs]
    for process in running:
        process.kill()
        process.wait()


def fill(database):
    """Many rows and grants that have expired."""
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        for table, columns, values in (
            ("rows", "id, expires, version, body", "sha256(n::text::bytea), 1, 0, decode(repeat('00', 400), 'hex')"),
            ("grants", "id, expires", "sha256(n::text::bytea), 1"),
        ):
            connection.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series(1, {EXPIRED}) AS n")


def expired(database):
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        return connection.execute(
            "SELECT (SELECT count(*) FROM rows WHERE expires = 1) + (SELECT count(*) FROM grants WHERE expires = 1)"
        ).fetchone()[0]


def test_no_login_is_lost_while_two_processes_purge(port, database, purgers):
    outcomes = []

    def log_in():
        for _ in range(LOGINS // 4):
            browser = Client(port)
            outcomes.append(redeem(Client(port), code_in(go_on(browser, browser.get(AUTHORIZE)))).status)
            fill_more()

    lock, numbers = threading.Lock(), iter(range(1, 10))

    def fill_more():
        with lock:
            if len(outcomes) % 10 == 0 and expired(database) == 0 and next(numbers, None):
                fill(database)

    fill(database)
    threads = [threading.Thread(target=log_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 60
    while expired(database) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (outcomes, expired(database)) == ([200] * LOGINS, 0)
    removed = [[int(line.split()[0]) for line in said.splitlines()] for said in purgers()]
    assert all(sum(of_one) > 0 for of_one in removed)
