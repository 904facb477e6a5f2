"""An OpenID Connect provider as the other end of our requests: its metadata and keys, fetched when they are needed.

Whoever asks it for identities says what its mistakes are called; here they stay BadAnswer, FetchFailed and Problem FI-202.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.ports import Fetch
from oidc.discovery import ProviderMetadata, read_discovery
from oidc.errors import BadAnswer, UnknownKey
from oidc.messages import HttpRequest, HttpResponse
from oidc.tokens import KeySet, read_jwks

T = TypeVar("T")

_METADATA_LIFE = 3600
_OLDEST_METADATA = 86_400
_FAILURE_PAUSE = 30
_KEYS_PAUSE = 60  # an unknown kid makes us fetch the keys again, at most this often


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
        self._clock = clock
        self._allow_http = allow_http
        self._lock = threading.Lock()
        self._metadata: tuple[ProviderMetadata, int] | None = None
        self._failed = 0
        self._keys: tuple[KeySet, int] | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody is fetching its metadata just now."""
        return self._lock.locked()

    def metadata(self) -> ProviderMetadata:
        """What it says of itself. Raises BadAnswer, FetchFailed, Problem FI-202."""
        if self._static is not None:
            return self._static
        held = self._metadata
        if held is not None and self._clock() - held[1] < _METADATA_LIFE:
            return held[0]
        with self._lock:  # one asks, the others wait for what he gets
            return self._renewed_metadata()

    def with_keys(self, use: Callable[[KeySet], T]) -> T:
        """Use the provider's keys; when that fails and the keys are not new, fetch them anew and try once more."""
        keys, fetched = self._keys or self._refresh_keys()
        try:
            return use(keys)
        except UnknownKey:
            if self._clock() - fetched < _KEYS_PAUSE:
                raise
            return use(self._refresh_keys()[0])

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Its answer to a request. Raises FetchFailed, Problem FI-202."""
        response = self._fetch(request, allow_private=self._private_addresses)
        if response.status >= 500:
            raise Problem("FI-202", f"the provider answered with status {response.status}")
        return response

    # -- metadata and keys --------------------------------------------------------------------------------------------

    def _renewed_metadata(self) -> ProviderMetadata:
        """New metadata, at most one attempt in half a minute; an old copy serves when there is none to be had."""
        held, now = self._metadata, self._clock()
        if held is not None and now - held[1] < _METADATA_LIFE:
            return held[0]
        try:
            check_not_just_failed(self._failed, now)
            self._metadata = self._discover(), now
        except (FetchFailed, BadAnswer, Problem):
            if now - self._failed >= _FAILURE_PAUSE:
                self._failed = now
            if held is None or now - held[1] >= _OLDEST_METADATA:
                raise
            return held[0]
        return self._metadata[0]

    def _discover(self) -> ProviderMetadata:
        url = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        return read_discovery(self._document(url), self._issuer, allow_http=self._allow_http)

    def _refresh_keys(self) -> tuple[KeySet, int]:
        jwks_uri = self.metadata().jwks_uri
        self._keys = read_jwks(self._document(jwks_uri)), self._clock()
        return self._keys

    def _document(self, url: str) -> bytes:
        response = self.ask(HttpRequest("GET", url, {"Accept": "application/json"}, b""))
        if response.status != 200:
            raise BadAnswer(f"status {response.status} for a document of the provider")
        return response.body


def check_not_just_failed(failed: int, now: int) -> None:
    """A provider that did not answer a moment ago is not waited for again: its silence must not slow everybody down."""
    if now - failed < _FAILURE_PAUSE:
        raise Problem("FI-202", "the provider's metadata could not be had a moment ago")
