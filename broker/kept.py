"""A document of a partner, kept in this process: fetched when it is needed, again when it is old, and not too often.

When it cannot be had the last good one stays, for a day: longer, and whoever can keep the address from us could keep a
withdrawn key in force.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from broker.errors import Problem
from broker.fetch import FetchFailed
from oidc.errors import BadAnswer

T = TypeVar("T")

LIFE = 3600
"""Seconds after which a document is fetched anew."""
OLDEST = 86_400
"""Seconds for which the last good one serves when there is no newer one to be had."""
FAILURE_PAUSE = 30
"""Seconds for which nobody asks again after a failure."""
PAUSE = 60
"""Seconds between two attempts to get a newer one before its time."""
PATIENCE = 2
"""Seconds for which whoever wants a newer one waits for somebody else who is asking: a stranger can make us want one."""


class Kept(Generic[T]):
    """One document. `fetch` gets it, or raises BadAnswer, FetchFailed or Problem; `pausing` makes the exception which says
    that it did so a moment ago.
    """

    def __init__(self, fetch: Callable[[], T], clock: Callable[[], int], pausing: Callable[[], Exception]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._pausing = pausing
        self._lock = threading.Lock()
        self._held: tuple[T, int] | None = None
        self._tried = self._failed = 0

    def get(self) -> T:
        """The document. Raises what `fetch` raises, and what `pausing` makes when that happened a moment ago."""
        held, now = self._held, self._clock()
        if held is not None and now - held[1] < LIFE:
            return held[0]
        if held is None or now - held[1] >= OLDEST:
            with self._lock:  # one asks, the others wait for what he gets
                return self._renewed()
        if not self._lock.acquire(blocking=False):  # somebody asks: who has an old one need not stand in line
            return held[0]
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def soon(self, seconds: float) -> T | None:
        """The document, or an older one, or None: whoever asks waits only so long. It is fetched in a thread meanwhile."""
        held = self._held
        due = held is None or self._clock() - held[1] >= LIFE
        if due and not self._lock.locked() and self._clock() - self._failed >= FAILURE_PAUSE:
            fetching = threading.Thread(target=self._quietly, name="documents", daemon=True)
            fetching.start()
            fetching.join(seconds)
            held = self._held
        return held[0] if held is not None and self._clock() - held[1] < OLDEST else None

    def _quietly(self) -> None:
        with suppress(FetchFailed, BadAnswer, Problem):  # whoever needs it hears why
            self.get()

    def newer(self, than: T) -> T | None:
        """A document that is not the one given, None when there is none: it is looked for at most once a minute.

        Raises what `fetch` raises; the last good one stays.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            return None
        try:
            held, now = self._held, self._clock()
            if held is not None and held[0] is not than:
                return held[0]  # somebody else was first
            return None if now - self._tried < PAUSE else self._attempt(now)
        finally:
            self._lock.release()

    def _renewed(self) -> T:
        held, now = self._held, self._clock()
        if held is not None and now - held[1] < LIFE:
            return held[0]
        try:
            check_not_just_failed(self._failed, now, self._pausing)
            return self._attempt(now)
        except (FetchFailed, BadAnswer, Problem):
            if held is None or now - held[1] >= OLDEST:
                raise
            return held[0]

    def _attempt(self, now: int) -> T:
        self._tried = self._failed = now
        document = self._fetch()
        self._held, self._failed = (document, now), 0
        return document


def check_not_just_failed(failed: int, now: int, pausing: Callable[[], Exception]) -> None:
    """A partner that did not answer a moment ago is not waited for again: its silence must not slow everybody down."""
    if now - failed < FAILURE_PAUSE:
        raise pausing()
