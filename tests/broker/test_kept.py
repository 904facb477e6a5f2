"""What a provider publishes is kept: how often it is asked for, and what serves when it is not to be had."""

import threading

import pytest

from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.kept import FAILURE_PAUSE, LIFE, OLDEST, PAUSE, Kept
from tests.broker.world import Clock


class Source:
    """A publisher: what it says, or that it says nothing; how often it was asked."""

    def __init__(self) -> None:
        self.says = ["first"]
        self.down = False
        self.asked = 0

    def __call__(self) -> list[str]:
        self.asked += 1
        if self.down:
            raise FetchFailed("timeout", "impots.example")
        return list(self.says)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(source: Source, clock: Clock) -> Kept[list[str]]:
    return Kept(source, clock, lambda: Problem("FI-202", "a moment ago"))


def test_it_is_fetched_once_in_its_life(kept: Kept[list[str]], source: Source, clock: Clock) -> None:
    for _ in range(3):
        assert kept.get() == ["first"]
    clock.advance(LIFE)
    kept.get()
    assert source.asked == 2


def test_a_newer_one_is_looked_for_once_a_minute(kept: Kept[list[str]], source: Source, clock: Clock) -> None:
    held = kept.get()
    assert kept.newer(held) is None
    clock.advance(PAUSE)
    assert kept.newer(held) == ["first"]
    assert kept.newer(kept.get()) is None
    assert source.asked == 2


def test_a_look_that_failed_counts_as_one_and_the_last_good_one_stays(
    kept: Kept[list[str]], source: Source, clock: Clock
) -> None:
    held = kept.get()
    clock.advance(PAUSE)
    source.down = True
    with pytest.raises(FetchFailed):
        kept.newer(held)
    assert kept.newer(held) is None
    assert kept.get() is held
    assert source.asked == 2


def test_who_comes_second_gets_what_the_first_one_found(kept: Kept[list[str]], source: Source, clock: Clock) -> None:
    held = kept.get()
    clock.advance(PAUSE)
    newer = kept.newer(held)
    assert kept.newer(held) is newer
    assert source.asked == 2


def test_the_last_good_one_serves_for_a_day(kept: Kept[list[str]], source: Source, clock: Clock) -> None:
    kept.get()
    source.down = True
    clock.advance(OLDEST - 1)
    assert kept.get() == ["first"]
    clock.advance(FAILURE_PAUSE)
    with pytest.raises(FetchFailed):
        kept.get()


def test_after_a_failure_nobody_asks_for_half_a_minute(kept: Kept[list[str]], source: Source, clock: Clock) -> None:
    source.down = True
    with pytest.raises(FetchFailed):
        kept.get()
    with pytest.raises(Problem, match="FI-202"):
        kept.get()
    clock.advance(FAILURE_PAUSE)
    source.down = False
    assert kept.get() == ["first"]
    assert source.asked == 2


def test_who_has_an_old_one_does_not_stand_in_line_for_a_new_one(clock: Clock) -> None:
    began, entered, leave = clock(), threading.Event(), threading.Event()
    says = iter(["first", "second"])

    def fetch() -> str:
        if clock() > began:
            entered.set()
            assert leave.wait(10)
        return next(says)

    kept = Kept(fetch, clock, AssertionError)
    kept.get()
    clock.advance(LIFE)
    other = threading.Thread(target=kept.get)
    other.start()
    assert entered.wait(10)
    assert kept.get() == "first"
    leave.set()
    other.join(10)
    assert kept.get() == "second"


def test_a_stranger_who_makes_us_want_a_newer_one_keeps_nobody_for_long(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.kept.PATIENCE", 0.01)
    began, entered, leave = clock(), threading.Event(), threading.Event()

    def fetch() -> str:
        if clock() > began:
            entered.set()
            assert leave.wait(10)
        return "first"

    kept = Kept(fetch, clock, AssertionError)
    held = kept.get()
    clock.advance(PAUSE)
    asking = threading.Thread(target=kept.newer, args=(held,))
    asking.start()
    assert entered.wait(10)
    assert kept.newer(held) is None
    leave.set()
    asking.join(10)
