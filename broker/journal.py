"""What happened, for support and audit: events, parties, claim names and references; never a value of a person.

One JSON line an event on the logger `passerelle.journal`, in the time of the request. `reference` is the one that the
citizen reads on his page.
"""

import json
import logging
from collections.abc import Callable
from logging.handlers import WatchedFileHandler
from pathlib import Path

_log = logging.getLogger("passerelle.journal")


def keep_in(file: Path) -> None:
    """Write the journal of this process into a file: where no server's logging does it."""
    file.parent.mkdir(exist_ok=True)
    handler = WatchedFileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.handlers = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False


class Journal:
    """Writes events; `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock

    def record(self, event: str, reference: str, **facts: str) -> None:
        """One event. Facts are ids, codes, levels and names of claims."""
        if _log.isEnabledFor(logging.INFO):
            line = json.dumps({"time": self._clock(), "event": event, "ref": reference, **facts})
            # Not by `info`, which would search the stack for the line of code that nobody wants to know.
            _log.handle(_log.makeRecord(_log.name, logging.INFO, __file__, 0, line, (), None))
