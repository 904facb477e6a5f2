"""Calls to partners: one at a time for each, and whoever hangs harms nobody else."""

import os
import threading
from concurrent.futures import wait

import pytest

from broker.relying.lanes import LaneBlocked, Lanes

SECONDS = 10


@pytest.fixture
def gate():
    """What a job may wait for; opened at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def held(gate):
    """A job that hangs until the gate opens."""
    return lambda: gate.wait(SECONDS)


def fail():
    raise LaneBlocked


def test_a_job_is_done_and_its_result_is_in_the_future():
    assert Lanes().put("a", lambda: 7).result(SECONDS) == 7


def test_the_jobs_of_a_lane_are_done_one_at_a_time_in_their_order():
    lanes, done, at_work = Lanes(), [], []

    def job(number):
        at_work.append(number)
        done.append((number, len(at_work)))
        at_work.remove(number)

    wait([lanes.put("a", lambda number=number: job(number)) for number in range(50)], SECONDS)
    assert done == [(number, 1) for number in range(50)]


def test_a_lane_that_hangs_keeps_no_other_lane_waiting(gate):
    lanes = Lanes(threads=2)
    hanging = [lanes.put("hangs", held(gate)) for _ in range(10)]
    assert [lanes.put(f"lane {number}", lambda: "done").result(SECONDS) for number in range(5)] == ["done"] * 5
    assert not any(one.done() for one in hanging)
    assert (lanes.is_busy("hangs"), lanes.is_busy("nobody")) == (True, False)


def test_there_are_never_more_threads_than_agreed(gate):
    lanes = Lanes(threads=3)
    before = threading.active_count()
    futures = [lanes.put(f"lane {number}", held(gate)) for number in range(20)]
    assert threading.active_count() - before <= 3
    gate.set()
    assert wait(futures, SECONDS).not_done == set()


def test_lanes_take_turns(gate):
    lanes, order = Lanes(threads=1), []
    first = lanes.put("a", held(gate))
    rest = [lanes.put(lane, lambda lane=lane: order.append(lane)) for lane in "aaabbb"]
    gate.set()
    wait([first, *rest], SECONDS)
    assert order == list("bababa")


def test_what_waits_behind_a_failure_is_cancelled_and_the_lane_goes_on_later(gate):
    lanes = Lanes()
    first = lanes.put("a", lambda: gate.wait(SECONDS) and fail())
    second = lanes.put("a", lambda: 2)
    gate.set()
    wait([first, second], SECONDS)
    assert (type(first.exception()), second.cancelled()) == (LaneBlocked, True)
    assert lanes.put("a", lambda: 3).result(SECONDS) == 3


def test_a_mistake_of_ours_is_in_the_log_and_ends_no_thread(caplog):
    lanes = Lanes(threads=1)
    assert isinstance(lanes.put("a", lambda: 1 / 0).exception(SECONDS), ZeroDivisionError)
    assert lanes.put("b", lambda: 1).result(SECONDS) == 1
    assert "a call to a partner failed" in caplog.text


def test_a_lane_that_is_too_long_takes_no_more(gate):
    lanes = Lanes(threads=1)
    futures = [lanes.put("a", held(gate)) for _ in range(80)]
    assert 10 < sum(one.cancelled() for one in futures) < 20


def test_threads_end_when_there_is_nothing_to_do():
    lanes = Lanes()
    lanes.put("a", lambda: 1).result(SECONDS)
    for thread in [one for one in threading.enumerate() if one.name == "lanes"]:
        thread.join(SECONDS)
    assert [one for one in threading.enumerate() if one.name == "lanes"] == []


def test_a_forked_worker_has_lanes_of_its_own(gate):
    lanes = Lanes(threads=1)
    lanes.put("a", held(gate))
    child = os.fork()
    if child == 0:
        os._exit(0 if lanes.put("a", lambda: 5).result(SECONDS) == 5 else 1)
    assert os.waitpid(child, 0)[1] == 0
