"""What happens without a visit: a thread in every worker that does a chore now and then."""

import logging
import os
import secrets
import threading
import weakref
from collections.abc import Callable

_log = logging.getLogger("passerelle")
# The system's own randomness: these threads must not move the state of the module `random` under the rest of the process.
_system = secrets.SystemRandom()


class Recurring:
    """Does a chore every `period` seconds or so, in this process and in each worker forked from it.

    What a chore does not expect is in the log, and the next turn comes all the same; `pause` lets others come in between
    two pieces of it.
    """

    def __init__(self, name: str, period: float, chore: Callable[[], object]) -> None:
        self._name = name
        self._period = period
        self._chore = chore
        self._stopped = threading.Event()
        self._start()
        _all.add(self)

    def _start(self) -> None:
        threading.Thread(target=self._run, args=(self._stopped,), name=self._name, daemon=True).start()

    def _run(self, stopped: threading.Event) -> None:
        # Workers start together; they should not do it together.
        while not stopped.wait(self._period * _system.uniform(0.5, 1.5)):
            try:
                self._chore()
            except Exception:  # noqa: BLE001 - a thread that ended would end its chore for good, and nobody would see it
                _log.exception("%s: the next turn will try again", self._name)

    def start_again(self) -> None:
        """Threads do not survive a fork, and an event's lock may have been held by one: a forked worker has new ones."""
        if not self._stopped.is_set():
            self._stopped = threading.Event()
            self._start()

    def pause(self, seconds: float) -> None:
        """Wait, unless it was stopped."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """End the thread of this process."""
        self._stopped.set()


_all: "weakref.WeakSet[Recurring]" = weakref.WeakSet()


def _start_again() -> None:
    for recurring in list(_all):
        recurring.start_again()


os.register_at_fork(after_in_child=_start_again)
