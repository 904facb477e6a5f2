"""What a simulated party remembers for a while: codes, tokens, sessions, half-finished logins."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 1000


class Shelf(Generic[T]):
    """Values under random names, each for `seconds`; the oldest goes when there are more than a thousand."""

    def __init__(self, seconds: int, clock: Callable[[], int]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._values: OrderedDict[str, tuple[int, T]] = OrderedDict()

    def put(self, value: T) -> str:
        """Keep a value; its name cannot be guessed."""
        name = secrets.token_urlsafe(24)
        self.first(name, value)
        return name

    def first(self, name: str, value: T) -> bool:
        """Keep a value under a name that came from outside; False, and nothing is kept, while there is one of this name."""
        with self._lock:
            if self._fresh(self._values.get(name)) is not None:
                return False
            self._values[name] = (self._clock() + self._seconds, value)
            if len(self._values) > _MOST:
                self._values.popitem(last=False)
            return True

    def read(self, name: str | None) -> T | None:
        """The value under this name, if it is still there."""
        with self._lock:
            return self._fresh(self._values.get(name or ""))

    def take(self, name: str | None) -> T | None:
        """The same, and nobody gets it again."""
        with self._lock:
            return self._fresh(self._values.pop(name or "", None))

    def _fresh(self, held: tuple[int, T] | None) -> T | None:
        return held[1] if held is not None and self._clock() < held[0] else None
