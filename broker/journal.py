"""What happened, for support and audit: events, parties, claim names and references; never a value of a person.

One JSON line an event on the logger `passerelle.journal`, in the time of the request. `reference` is the one that the
citizen reads on his page.
"""

import json
import logging
from collections.abc import Callable

_log = logging.getLogger("passerelle.journal")


class Journal:
    """Writes events; `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock

    def record(self, event: str, reference: str, **facts: str) -> None:
        """One event. Facts are ids, codes, levels and names of claims."""
        if _log.isEnabledFor(logging.INFO):
            _log.info(json.dumps({"time": self._clock(), "event": event, "ref": reference, **facts}))
