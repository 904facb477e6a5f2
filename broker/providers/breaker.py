"""What keeps a provider that is down from harming anybody else: after so many failures in a row it is left in peace.

    closed      everybody is sent there; failures in a row are counted, a login that works ends the row
    open        nobody new is sent there; once a minute one citizen is, as the trial; whoever is on his way back is heard,
                one at a time, and the first who gets through closes it again

A failure is what no citizen can cause by what his browser sends: no connection, silence, a status of 500 or more, a
document that cannot be read. A wrong code, state or token is none: otherwise a stranger could switch a provider off. (One
that answers 500 to a code that is made up can be switched off like that, for as long as nobody logs in there.)

The state is that of one process, in memory: each worker learns within five failures what the others know, a login costs no
row more, and a store that is slow cannot make a provider look down. A reload of the configuration begins anew.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.ports import Outage
from oidc.errors import Unreadable

LIMIT = 5
"""Failures in a row that open it."""
WINDOW = 300
"""Seconds within which they count as a row."""
PAUSE = 60
"""Seconds between two trials."""
CROWD = 2
"""How many may wait for a provider that is slow or has failed: half of the threads in docs/operator/gunicorn.conf.py."""
SLOW = 1.0
"""Seconds after which a request is a slow one."""


class Failing(Problem):
    """The provider answered with a status of 500 or more."""

    def __init__(self, detail: str) -> None:
        super().__init__("FI-202", detail)


_FAILURES = (FetchFailed, Failing, Unreadable)


class Breaker:
    """The state of one provider. `clock` gives Unix seconds, `watch` measures how long a request has lasted."""

    def __init__(self, clock: Callable[[], int], watch: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._watch = watch
        self._lock = threading.Lock()
        self._row = 0
        self._since = self._last = self._trial = 0
        self._under_way: dict[object, float] = {}

    @property
    def outage(self) -> Outage | None:
        """Since when it is down, and whether nobody new is sent there just now; None while it is not."""
        if self._row < LIMIT:
            return None
        return Outage(self._since, resting=self._clock() - self._trial < PAUSE)

    def admit(self) -> None:
        """Somebody wants to go there. Raises Problem FI-210; while it is open, one in a minute passes, as the trial."""
        with self._lock:
            check_not_resting(self.outage)
            self._trial = self._clock()

    @contextmanager
    def watching(self, *, whole: bool) -> Iterator[None]:
        """Requests to the provider. `whole`: all that a login needs, so that no exception means that it works.

        Raises Problem FI-210 instead of letting too many wait.
        """
        mark = object()
        with self._lock:
            since = self._since if self._row else self._clock()
            check_not_crowded(tuple(self._under_way.values()), self._room(), since, self._watch())
            self._under_way[mark] = self._watch()
        try:
            yield
        except _FAILURES:
            self._failed()
            raise
        else:
            if whole:
                self._row = 0
        finally:
            self._under_way.pop(mark, None)

    def _room(self) -> int | None:
        """How many may be under way; None for as many as come, as long as none of them is slow."""
        return 1 if self._row >= LIMIT else CROWD if self._row else None

    def _failed(self) -> None:
        with self._lock:
            now = self._clock()
            if self._row < LIMIT and now - self._last > WINDOW:
                self._row = 0
            self._since = self._since if self._row else now
            self._row, self._last, self._trial = self._row + 1, now, now


def check_not_resting(outage: Outage | None) -> None:
    """A provider that failed again and again is left in peace for a while: waiting for it helps nobody."""
    if outage is not None and outage.resting:
        raise Problem("FI-210", "the provider is down", since=str(outage.since))


def check_not_crowded(begun: tuple[float, ...], room: int | None, since: int, now: float) -> None:
    """Whoever waits for a provider keeps a thread of the worker, which others need."""
    slow = sum(now - moment >= SLOW for moment in begun)
    if slow >= CROWD or (room is not None and len(begun) >= room):
        raise Problem("FI-210", "too many wait for the provider", since=str(since))
