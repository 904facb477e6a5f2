"""Expired rows go without a visit: a thread in every worker removes them, in small pieces."""

import logging
import os
import random
import threading

from broker.ports import Store, StoreUnavailable

_log = logging.getLogger("passerelle")
PERIOD = 60.0
_PIECE = 1000


class Housekeeper:
    """Purges a store every minute or so, in this process and in each worker forked from it."""

    def __init__(self, store: Store, period: float = PERIOD) -> None:
        self._store = store
        self._period = period
        self._stopped = threading.Event()
        self._start()
        os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        if not self._stopped.is_set():
            threading.Thread(target=self._run, name="housekeeper", daemon=True).start()

    def _run(self) -> None:
        # Workers start together; they should not purge together.
        while not self._stopped.wait(self._period * random.uniform(0.5, 1.5)):  # noqa: S311 - not a secret
            self.clean()

    def clean(self) -> int:
        """Purge until nothing is left that has expired; returns how many rows went."""
        gone = 0
        try:
            while piece := self._store.purge(_PIECE):
                gone += piece
        except StoreUnavailable as down:
            _log.warning("purge: %s", down)
        if gone:
            _log.debug("purge: %d rows", gone)
        return gone

    def stop(self) -> None:
        """End the thread of this process."""
        self._stopped.set()
