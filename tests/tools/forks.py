"""Run jobs in forked children, a few at a time. A fork starts with everything imported, and leaves no trace behind."""

import contextlib
import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Generic, TypeVar

_FORK = multiprocessing.get_context("fork")

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Child(Generic[J]):
    job: J
    process: ForkProcess
    result: Connection
    deadline: float


def run(work: Callable[[J], R], jobs: Iterable[J], at_once: int, seconds: float) -> Iterator[tuple[J, R | None]]:
    """Each job with what `work` made of it, as they end. None: it died, or took more than so many seconds."""
    gc.collect()
    gc.freeze()  # children need not look through what they inherit
    waiting = iter(jobs)
    children: list[_Child[J]] = []
    while True:
        while len(children) < at_once and (job := next(waiting, None)) is not None:
            children.append(_start(work, job, seconds))
        if not children:
            return
        for child in _ended(children):
            children.remove(child)
            yield child.job, _finish(child)


def _start(work: Callable[[J], R], job: J, seconds: float) -> _Child[J]:
    ours, theirs = _FORK.Pipe(duplex=False)

    def main() -> None:
        os.setsid()
        theirs.send(work(job))

    process = _FORK.Process(target=main)
    process.start()
    theirs.close()
    return _Child(job, process, ours, time.monotonic() + seconds)


def _ended(children: list[_Child[J]]) -> list[_Child[J]]:
    """Those that have a result, have died, or are out of time; waits for the first."""
    first = min(child.deadline for child in children)
    ready = wait([child.result for child in children], max(0.0, first - time.monotonic()))
    return [child for child in children if child.result in ready or child.deadline <= time.monotonic()]


def _finish(child: _Child[J]) -> R | None:
    try:
        return child.result.recv() if child.result.poll() else None
    except EOFError:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid or 0, signal.SIGKILL)
        child.process.join()
        child.result.close()
