"""The public keys of a service, as they are when they are needed: from a file, or from where it publishes them.

A set that was fetched serves for an hour. A token with an unknown `kid` has it fetched sooner, but nobody can make us ask
more than once a minute. When the address fails, the last good set stays, for a day: longer, and whoever can keep the
address from us could keep a withdrawn key in force.
"""

import logging
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from broker.fetch import FetchFailed
from broker.parties import ServiceKeys
from broker.ports import Fetch
from oidc.errors import BadAnswer, UnknownKey
from oidc.messages import HttpRequest
from oidc.tokens import KeySet, read_own_jwks

T = TypeVar("T")

_LIFE = 3600
_OLDEST = 86_400
_PAUSE = 60
_log = logging.getLogger("passerelle")


class KeySource(Protocol):
    """The keys of one service."""

    def use(self, act: Callable[[KeySet], T]) -> T:
        """What `act` makes of the keys. When it raises UnknownKey it may be called again, with newer ones."""


class FileKeys:
    """Keys that the operator was handed."""

    def __init__(self, document: bytes) -> None:
        self._keys = read_own_jwks(document)

    def use(self, act: Callable[[KeySet], T]) -> T:
        """What `act` makes of them."""
        return act(self._keys)


class FetchedKeys:
    """Keys that the service publishes."""

    def __init__(self, keys: ServiceKeys, fetch: Fetch, clock: Callable[[], int]) -> None:
        self._address = keys.address
        self._private_addresses = keys.private_addresses
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[KeySet, int] | None = None
        self._tried: int | None = None
        self._failure = ""

    def use(self, act: Callable[[KeySet], T]) -> T:
        """What `act` makes of them. Raises UnknownKey also when there are none to be had."""
        held = self._held
        if held is None or self._clock() - held[1] >= _LIFE:
            held = self._renewed(held, wait=held is None)  # who has an old set need not stand in line for a new one
        try:
            return act(self._usable(held))
        except UnknownKey:
            newer = self._renewed(held, wait=True)
            if newer is held:
                raise
            return act(self._usable(newer))

    def _usable(self, held: tuple[KeySet, int] | None) -> KeySet:
        if held is None or self._clock() - held[1] >= _OLDEST:
            raise UnknownKey(f"the keys of the service could not be fetched from its jwks_uri: {self._failure}")
        return held[0]

    def _renewed(self, known: tuple[KeySet, int] | None, wait: bool) -> tuple[KeySet, int] | None:
        """What is held now; fetched first, unless somebody did so while we waited, or a moment ago."""
        if not self._lock.acquire(blocking=wait):
            return known
        try:
            now = self._clock()
            if self._held is known and (self._tried is None or now - self._tried >= _PAUSE):
                self._tried = now
                self._held = self._fetched(now) or self._held
            return self._held
        finally:
            self._lock.release()

    def _fetched(self, now: int) -> tuple[KeySet, int] | None:
        try:
            request = HttpRequest("GET", self._address, {"Accept": "application/jwk-set+json, application/json"}, b"")
            response = self._fetch(request, allow_private=self._private_addresses)
            if response.status != 200:
                raise BadAnswer(f"status {response.status}")
            return read_own_jwks(response.body), now
        except FetchFailed as failed:
            self._failure = failed.kind
        except BadAnswer as bad:
            self._failure = bad.detail
        _log.warning("the keys of a service cannot be fetched from %s: %s", self._address.partition("?")[0], self._failure)
        return None


def source_of(keys: ServiceKeys, fetch: Fetch, clock: Callable[[], int]) -> KeySource:
    """Where the keys of a service come from."""
    return FetchedKeys(keys, fetch, clock) if keys.address else FileKeys(keys.document)
