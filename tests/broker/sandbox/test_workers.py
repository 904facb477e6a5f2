"""Two workers of one instance: they fetch once, hear of decisions at once, and one goes on where another was killed."""

import os
import signal
import threading
import time

import pytest

from tests.broker.sandbox.workers import DE, PACE, running

pytestmark = pytest.mark.slow
ONCE = {
    ("node.el.localhost", "/metadata"): 1,
    ("node.de.localhost", "/metadata"): 1,
    ("node.it.localhost", "/metadata"): 1,
    ("node.it.localhost", "/connector/metadata"): 1,
}
WITHIN = 3.0
"""Seconds in which every worker has heard of a decision."""


def test_two_workers_fetch_once_and_hear_of_a_suspension_within_seconds(tmp_path):
    with running(tmp_path) as workers:
        workers.wait(lambda active: "DE" in active, 30)
        time.sleep(4 * PACE.looks)
        assert workers.neighbours.asked == ONCE
        workers.command("country", "suspend", "DE", "--reason", "their key was stolen", "--yes")
        workers.wait(lambda active: "DE" not in active, WITHIN)
        workers.command("country", "resume", "DE", "--reason", "a new key was approved", "--yes")
        workers.wait(lambda active: "DE" in active, WITHIN)


def test_a_worker_that_is_killed_while_it_fetches_does_not_stop_the_other(tmp_path):
    held = threading.Event()
    with running(tmp_path, held=held) as workers:
        deadline = time.monotonic() + 30
        while not workers.neighbours.port and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(workers.process_at(workers.neighbours.port), signal.SIGKILL)
        assert workers.neighbours.asked[DE] == 1
        held.set()
        workers.wait(lambda active: "DE" in active, 30)
        assert workers.neighbours.asked[DE] == 2


def test_an_approval_by_command_reaches_two_workers_on_postgresql(tmp_path, postgres):
    with running(tmp_path, database=postgres) as workers:
        workers.wait(lambda active: "DE" in active, 30)
        assert all("EL" not in active for active in workers.say().values())
        workers.command("trust", "approve", "EL/proxy", "--verified-by", "phone, fingerprint read", "--yes")
        workers.wait(lambda active: "EL" in active, WITHIN)
