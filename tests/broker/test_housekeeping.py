import os
import time

import pytest

from broker.housekeeping import Housekeeper
from broker.ports import StoreUnavailable
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


def test_rows_go_in_a_forked_worker_too(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/x.db", lambda: NOW)
    put(store, row(expires=NOW))
    housekeeper = Housekeeper(store, period=0.05)
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        os._exit(0 if store.purge() == 0 else 1)
    housekeeper.stop()
    assert os.waitpid(child, 0)[1] == 0
    store.close()


def test_a_store_that_is_down_is_tried_again(store):
    class Down:
        def purge(self, limit):
            raise StoreUnavailable("down")

    assert keeper(Down()).clean() == 0
