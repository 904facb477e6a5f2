import logging
import os
import threading
import time
from itertools import pairwise

import pytest

from broker.housekeeping import Housekeeper
from broker.ports import StoreUnavailable
from broker.recurring import Recurring
from broker.store import open_store
from tests.conformance_store import LATER, NOW, Clock, put, row


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    store = open_store("memory:", clock)
    put(store, *(row(number) for number in range(2500)))
    return store


def keeper(store, period=60.0):
    housekeeper = Housekeeper(store, period)
    housekeeper.stop()
    return housekeeper


def test_everything_that_has_expired_goes_however_much_it_is(store, clock):
    clock.moment = LATER
    assert keeper(store).clean() == 2500


def test_what_lives_stays(store):
    assert keeper(store).clean() == 0
    assert store.read(row().id) == row()


def test_rows_go_without_a_visit(store, clock):
    clock.moment = LATER
    housekeeper = Housekeeper(store, period=0.01)
    for _ in range(500):
        if not store._rows:
            break
        time.sleep(0.01)
    housekeeper.stop()
    assert store._rows == {}


def test_rows_go_in_a_forked_worker_too():
    store = open_store("memory:", lambda: NOW)  # each process has its own: the parent cannot do the child's work
    housekeeper = Housekeeper(store, period=0.05)
    child = os.fork()
    if child == 0:
        put(store, row(expires=NOW))
        time.sleep(0.5)
        os._exit(0 if not store._rows else 1)
    housekeeper.stop()
    assert os.waitpid(child, 0)[1] == 0


def test_a_housekeeper_that_was_stopped_does_not_start_again_in_a_fork():
    store = open_store("memory:", lambda: NOW)
    Housekeeper(store, period=0.05).stop()
    child = os.fork()
    if child == 0:
        put(store, row(expires=NOW))
        time.sleep(0.3)
        os._exit(0 if store._rows else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_logins_come_in_between_the_pieces():
    moments = []

    class Full:
        def purge(self, limit):
            moments.append(time.monotonic())
            return limit if len(moments) < 4 else 0

    housekeeper = Housekeeper(Full())
    assert housekeeper.clean() == 3000
    housekeeper.stop()
    assert all(later - sooner >= 0.015 for sooner, later in pairwise(moments))


def test_the_log_holds_counts_alone(store, clock, caplog):
    caplog.set_level(logging.DEBUG, "passerelle")
    clock.moment = LATER
    keeper(store).clean()
    assert [record.getMessage() for record in caplog.records] == ["purge: 2500 rows"]


def test_a_store_that_is_down_is_tried_again(store):
    class Down:
        def purge(self, limit):
            raise StoreUnavailable("down")

    assert keeper(Down()).clean() == 0


def test_a_chore_that_fails_as_nobody_expected_is_told_and_done_again(caplog):
    done = threading.Event()
    turns = iter([ZeroDivisionError, None])

    def chore():
        if wrong := next(turns, None):
            raise wrong
        done.set()

    recurring = Recurring("chore", 0.01, chore)
    assert done.wait(5)
    recurring.stop()
    assert "chore: the next turn will try again" in caplog.text
