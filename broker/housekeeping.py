"""Expired rows go without a visit: a thread in every worker removes them, in small pieces."""

import logging
import os
import secrets
import threading
import weakref

from broker.ports import Store, StoreUnavailable

_log = logging.getLogger("passerelle")
PERIOD = 60.0
_PIECE = 1000
_PAUSE = 0.02  # between two pieces, so that logins come in between
# The system's own randomness: this thread must not move the state of the module `random` under the rest of the process.
_system = secrets.SystemRandom()


class Housekeeper:
    """Purges a store every minute or so, in this process and in each worker forked from it."""

    def __init__(self, store: Store, period: float = PERIOD) -> None:
        self._store = store
        self._period = period
        self._stopped = threading.Event()
        self._start()
        _all.add(self)

    def _start(self) -> None:
        threading.Thread(target=self._run, args=(self._stopped,), name="housekeeper", daemon=True).start()

    def _run(self, stopped: threading.Event) -> None:
        # Workers start together; they should not purge together.
        while not stopped.wait(self._period * _system.uniform(0.5, 1.5)):
            self.clean()

    def start_again(self) -> None:
        """Threads do not survive a fork, and an event's lock may have been held by one: a forked worker has new ones."""
        if not self._stopped.is_set():
            self._stopped = threading.Event()
            self._start()

    def clean(self) -> int:
        """Purge until nothing is left that has expired; returns how many rows went."""
        gone = 0
        try:
            while piece := self._store.purge(_PIECE):
                gone += piece
                self._stopped.wait(_PAUSE)
        except StoreUnavailable as down:
            _log.warning("purge: %s", down)
        if gone:
            _log.debug("purge: %d rows", gone)
        return gone

    def stop(self) -> None:
        """End the thread of this process."""
        self._stopped.set()


_all: "weakref.WeakSet[Housekeeper]" = weakref.WeakSet()


def _start_again() -> None:
    for housekeeper in list(_all):
        housekeeper.start_again()


os.register_at_fork(after_in_child=_start_again)
