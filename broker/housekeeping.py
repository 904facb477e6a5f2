"""Expired rows go without a visit, in small pieces."""

import logging

from broker.ports import Store, StoreUnavailable
from broker.recurring import Recurring

_log = logging.getLogger("passerelle")
PERIOD = 60.0
_PIECE = 1000
_PAUSE = 0.02  # between two pieces, so that logins come in between


class Housekeeper:
    """Purges a store every minute or so, in every worker."""

    def __init__(self, store: Store, period: float = PERIOD) -> None:
        self._store = store
        self._recurring = Recurring("housekeeper", period, self.clean)

    def clean(self) -> int:
        """Purge until nothing is left that has expired; returns how many rows went."""
        gone = 0
        try:
            while piece := self._store.purge(_PIECE):
                gone += piece
                self._recurring.pause(_PAUSE)
        except StoreUnavailable as down:
            _log.warning("purge: %s", down)
        if gone:
            _log.debug("purge: %d rows", gone)
        return gone

    def stop(self) -> None:
        """End the thread of this process."""
        self._recurring.stop()
