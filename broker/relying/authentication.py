"""Who calls us? By its secret, by its key, or, for a public service, by nothing but its name.

Services and data providers are believed by two of these, which know nothing of each other: so nobody passes for one of the
other kind.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from broker.client_secrets import matches
from broker.parties import DataProvider, Service
from broker.relying.keys import KeySource
from broker.relying.once import spend
from broker.vault import Vault
from oidc.assertion import Assertion, read_assertion
from oidc.errors import AssertionRefused, OAuthError, UnknownKey
from oidc.messages import Client
from oidc.token_endpoint import BASIC, POST, SIGNED, Presented, check_authentication_method

C = TypeVar("C", bound=Service | DataProvider)


class Authentication(Generic[C]):
    """Believes callers of one kind, or does not, at each address that they call themselves. `callers` and `clients`, what
    each has registered, are by client_id.
    """

    def __init__(
        self,
        issuer: str,
        callers: Mapping[str, C],
        clients: Mapping[str, Client],
        secret_key: bytes,
        keys: Mapping[str, KeySource],
        vault: Vault,
        clock: Callable[[], int],
    ) -> None:
        self._issuer = issuer
        self._callers = callers
        self._clients = clients
        self._secret_key = secret_key
        self._keys = keys
        self._vault = vault
        self._clock = clock

    def authenticate(self, presented: Presented, endpoint: str) -> C:
        """Who calls `endpoint` (its last part, such as "token"). Raises OAuthError invalid_client."""
        caller = self._callers.get(presented.client_id)
        if caller is None:
            raise OAuthError("invalid_client", "client_id is unknown", 401)
        check_authentication_method(presented, self._clients[presented.client_id])
        if presented.method in (BASIC, POST):
            check_client_secret(caller, presented, self._secret_key, self._clock())
        elif presented.method == SIGNED:
            self._spend(self._believed(presented, endpoint))
        return caller

    def _believed(self, presented: Presented, endpoint: str) -> Assertion:
        """RFC 9126 2: the issuer, the token endpoint and the endpoint that is called are all names of ours."""
        client, now = self._clients[presented.client_id], self._clock()
        audiences = {self._issuer, f"{self._issuer}/token", f"{self._issuer}/{endpoint}"}
        try:
            return self._keys[client.client_id].use(
                lambda keys: read_assertion(
                    presented.assertion or "", client.client_id, keys, client.signing_algorithms, audiences, now
                )
            )
        except UnknownKey as unknown:
            raise AssertionRefused(unknown.detail) from unknown

    def _spend(self, assertion: Assertion) -> None:
        """Spent before anything is done with it, and for good: a request that fails later needs a new one."""
        refusal = AssertionRefused("the assertion was used before: make a new one, with a new jti, for each request")
        with self._vault.change() as change:
            spend(change, "assertion", assertion.client_id, assertion.jti, assertion.until, refusal)


def check_client_secret(caller: Service | DataProvider, presented: Presented, key: bytes, now: int) -> None:
    """RFC 6749 2.3.1: the secret is one of the caller's, compared in constant time."""
    if not matches(caller, key, presented.secret or "", now):
        raise OAuthError("invalid_client", "client authentication failed: the secret is wrong", 401)
