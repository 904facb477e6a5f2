"""How often a data provider may ask in a minute, counted for all workers together.

A worker takes a twentieth of a minute's checks at a time out of the store and gives them away alone: so the limit holds
however many workers there are, and costs one write for many checks. What a worker took and nobody asked for is lost with
the minute, at most a twentieth for each worker.
"""

import threading
from collections.abc import Callable

from broker.parties import DataProvider
from broker.ports import DuplicateRow
from broker.vault import Drawer, Vault
from oidc.errors import TooOften

MINUTE = 60
_SHARES = 20
_TRIES = 5  # workers that take their shares in the same instant
_TAKEN: Drawer[int] = Drawer("rate", int)


class Rates:
    """The checks that this worker may still give away, for each data provider; `clock` gives Unix seconds."""

    def __init__(self, vault: Vault, clock: Callable[[], int]) -> None:
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, tuple[int, int]] = {}

    def check_rate(self, one: DataProvider) -> None:
        """RFC 6585 4: who has asked too often in this minute is told when he may again. Raises TooOften."""
        now = self._clock()
        minute = now // MINUTE
        with self._lock:
            of, left = self._held.get(one.id, (0, 0))
            left = left if of == minute and left else self._share(one, minute)
            self._held[one.id] = (minute, max(0, left - 1))
        if not left:
            raise TooOften(f"at most {one.checks} checks a minute", MINUTE - now % MINUTE)

    def _share(self, one: DataProvider, minute: int) -> int:
        """What this worker gets of what is left of a minute."""
        for _ in range(_TRIES):
            share = self._take(one, minute)
            if share is not None:
                return share
        return 1  # everybody took at once, and will see next time what is left

    def _take(self, one: DataProvider, minute: int) -> int | None:
        """A share of what is left, 0 when nothing is; None when somebody else took in the same moment."""
        name, until = f"{minute} {one.id}".encode(), (minute + 2) * MINUTE
        held = self._vault.find(_TAKEN, name)
        taken = held.value if held else 0
        share = max(0, min(one.checks - taken, -(-one.checks // _SHARES)))
        if not share:
            return 0
        try:
            with self._vault.change() as change:
                if held:
                    return share if change.swap(_TAKEN, held, taken + share, until) else None
                change.put(_TAKEN, name, share, until)
        except DuplicateRow:
            return None
        return share
