"""The public keys of a service, as they are when they are needed: from a file, or from where it publishes them.

A set that was fetched is kept (`broker.kept`). A token with an unknown `kid` has it fetched sooner, but nobody can make us
ask more than once a minute.
"""

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from broker.fetch import FetchFailed
from broker.kept import Kept
from broker.parties import ServiceKeys
from broker.ports import Fetch
from oidc.errors import BadAnswer, UnknownKey
from oidc.messages import HttpRequest
from oidc.tokens import KeySet, read_own_jwks

T = TypeVar("T")

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
        self._failure = ""
        self._kept = Kept(self._fetched, clock, lambda: BadAnswer(self._failure))

    def use(self, act: Callable[[KeySet], T]) -> T:
        """What `act` makes of them. Raises UnknownKey also when there are none to be had."""
        keys = self._had(self._kept.get)
        try:
            return act(keys)
        except UnknownKey:
            newer = self._had(lambda: self._kept.newer(keys))
            if newer is None:
                raise
            return act(newer)

    def _had(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (FetchFailed, BadAnswer) as failed:
            why = f"the keys of the service could not be fetched from its jwks_uri: {self._failure}"
            raise UnknownKey(why) from failed

    def _fetched(self) -> KeySet:
        try:
            request = HttpRequest("GET", self._address, {"Accept": "application/jwk-set+json, application/json"}, b"")
            response = self._fetch(request, allow_private=self._private_addresses)
            if response.status != 200:
                raise BadAnswer(f"status {response.status}")
            return read_own_jwks(response.body)
        except (FetchFailed, BadAnswer) as failed:
            self._failure = failed.kind if isinstance(failed, FetchFailed) else failed.detail
            address = self._address.partition("?")[0]
            _log.warning("the keys of a service cannot be fetched from %s: %s", address, self._failure)
            raise


def source_of(keys: ServiceKeys, fetch: Fetch, clock: Callable[[], int]) -> KeySource:
    """Where the keys of a service come from."""
    return FetchedKeys(keys, fetch, clock) if keys.address else FileKeys(keys.document)
