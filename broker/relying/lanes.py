"""Calls to partners, one at a time for each of them, in few threads: who hangs keeps one thread, and nobody waits for him.

A lane has the jobs for one partner, in their order. When a job fails the lane is emptied: what waited in it is cancelled,
for it would fare no better. Lanes that have something to do take turns. Threads are made for work, and end with it.
"""

import logging
import os
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_log = logging.getLogger("passerelle")
_LONGEST = 64
Job = tuple[Callable[[], T], "Future[T]"]


class LaneBlocked(Exception):
    """A job failed as jobs may: the partner does not do what it should."""


class Lanes(Generic[T]):
    """The lanes of one process, and of each worker forked from it; at most so many threads."""

    def __init__(self, threads: int = 8) -> None:
        self._most = threads
        self.start_again()
        _all.add(self)

    def start_again(self) -> None:
        """Threads do not survive a fork, and a lock may have been held by one: a forked worker begins anew."""
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Job[T]]] = OrderedDict()
        self._at_work: set[str] = set()
        self._threads = 0

    def is_busy(self, lane: str) -> bool:
        """Whether the lane has something to do."""
        with self._lock:
            return lane in self._at_work or lane in self._waiting

    def put(self, lane: str, job: Callable[[], T]) -> "Future[T]":
        """Let a job be done. Its future is cancelled when an earlier one of its lane fails, or when too many wait."""
        future: Future[T] = Future()
        with self._lock:
            jobs = self._waiting.setdefault(lane, deque())
            if len(jobs) >= _LONGEST:
                _cancel(future)
                return future
            jobs.append((job, future))
            new = lane not in self._at_work and self._threads < self._most
            self._threads += new
        if new:
            threading.Thread(target=self._work, name="lanes", daemon=True).start()
        return future

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            lane, (job, future) = turn
            good = _do(job, future)
            self._done(lane, good)

    def _next(self) -> tuple[str, Job[T]] | None:
        with self._lock:
            for lane, jobs in self._waiting.items():
                if lane not in self._at_work:
                    self._at_work.add(lane)
                    return lane, jobs.popleft()
            self._threads -= 1
            return None

    def _done(self, lane: str, good: bool) -> None:
        with self._lock:
            self._at_work.discard(lane)
            jobs = self._waiting.pop(lane, deque())
            if good and jobs:
                self._waiting[lane] = jobs  # at the end: the others come first
                return
        for _, future in jobs:
            _cancel(future)


def _do(job: Callable[[], T], future: "Future[T]") -> bool:
    try:
        future.set_result(job())
    except LaneBlocked as blocked:
        future.set_exception(blocked)
        return False
    except Exception as wrong:  # noqa: BLE001 - a thread that ended would leave its lane closed for good
        _log.exception("a call to a partner failed")
        future.set_exception(wrong)
        return False
    return True


def _cancel(future: "Future[T]") -> None:
    future.cancel()
    future.set_running_or_notify_cancel()  # who waits for it is woken


_all: "weakref.WeakSet[Lanes[Any]]" = weakref.WeakSet()


def _start_again() -> None:
    for lanes in list(_all):
        lanes.start_again()


os.register_at_fork(after_in_child=_start_again)
