"""An OpenID Connect provider as the other end of our requests: its metadata and keys, fetched when they are needed.

Whoever asks it for identities says what its mistakes are called; here they stay BadAnswer, FetchFailed and Problem FI-202.
"""

from collections.abc import Callable
from typing import TypeVar

from broker.errors import Problem
from broker.kept import Kept
from broker.ports import Fetch
from broker.providers.breaker import Failing
from oidc.discovery import ProviderMetadata, read_discovery
from oidc.errors import BadAnswer, UnknownKey, Unreadable
from oidc.messages import HttpRequest, HttpResponse
from oidc.tokens import KeySet, read_jwks

T = TypeVar("T")


class Remote:
    """One provider. `static` metadata stands in the place of what it publishes."""

    def __init__(
        self,
        issuer: str,
        static: ProviderMetadata | None,
        private_addresses: bool,
        fetch: Fetch,
        clock: Callable[[], int],
        allow_http: bool,
    ) -> None:
        self._issuer = issuer
        self._static = static
        self._private_addresses = private_addresses
        self._fetch = fetch
        self._allow_http = allow_http
        self._metadata = Kept(self._discover, clock, _pausing)
        self._keys = Kept(self._key_set, clock, _pausing)

    def metadata(self) -> ProviderMetadata:
        """What it says of itself. Raises BadAnswer, FetchFailed, Problem FI-202."""
        if self._static is not None:
            return self._static
        return self._metadata.get()

    def metadata_soon(self, seconds: float) -> ProviderMetadata | None:
        """What it says of itself, if that can be had so soon: a page for everybody must not wait for one of them."""
        return self._static or self._metadata.soon(seconds)

    def with_keys(self, use: Callable[[KeySet], T]) -> T:
        """Use the provider's keys; where one is not among them, look for newer ones and try once more."""
        keys = self._keys.get()
        try:
            return use(keys)
        except UnknownKey:
            newer = self._keys.newer(keys)
            if newer is None:
                raise
            return use(newer)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Its answer to a request. Raises FetchFailed, Problem FI-202."""
        response = self._fetch(request, allow_private=self._private_addresses)
        if response.status >= 500:
            raise Failing(f"the provider answered with status {response.status}")
        return response

    # -- metadata and keys --------------------------------------------------------------------------------------------

    def _discover(self) -> ProviderMetadata:
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        return read_discovery(self._document(url), self._issuer, allow_http=self._allow_http)

    def _key_set(self) -> KeySet:
        keys = read_jwks(self._document(self.metadata().jwks_uri))
        check_some_key(keys)
        return keys

    def _document(self, url: str) -> bytes:
        response = self.ask(HttpRequest("GET", url, {"Accept": "application/json"}, b""))
        if response.status != 200:
            raise Unreadable(f"status {response.status} for a document of the provider")
        return response.body


def _pausing() -> Problem:
    return Problem("FI-202", "a document of the provider could not be had a moment ago")


def check_some_key(keys: KeySet) -> None:
    """RFC 7517 5: a set in which nothing can be used is no news; it must not take the place of the last good one."""
    if not keys.keys:
        raise BadAnswer("the key set has no key that can be used")
