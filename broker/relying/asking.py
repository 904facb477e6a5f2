"""How the request of a French service reaches us: in the browser's address, in an object that it signed, or pushed before.

Whatever the way, what comes out are parameters for the one reader of `oidc.provider`. A pushed request is read twice, when
it is pushed and when it is used: what the configuration says may have changed in between.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from broker.relying.keys import KeySource
from broker.relying.once import spend, spend_proof
from broker.vault import Change, Drawer, Vault
from oidc.authorization_rules import Policy
from oidc.dpop import Proof
from oidc.errors import OAuthError, ObjectRefused, RequestUnusable, UnknownClient, UnknownKey
from oidc.messages import AuthorizationRequest, Client, Params
from oidc.provider import read_authorization, single
from oidc.pushed import LIFE, PREFIX, Pushed, bound_to_key, check_pushed_for, reference_of, request_of
from oidc.request_object import Opened, read_request_object

PUSHED: Drawer[Pushed] = Drawer("pushed", Pushed)
Once = Callable[[Change], None] | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A checked request, with its parameters. `once` takes or writes, in the transaction in which the request is answered,
    what lets it be answered only once, and raises RequestUnusable then; None for a plain one, which may come again.
    """

    request: AuthorizationRequest
    params: Params
    once: Once


@dataclass(frozen=True, slots=True)
class _Gathered:
    params: Params
    once: Once
    pushed: bool = False
    signed: bool = False


class Asking:
    """Hears what services ask."""

    def __init__(
        self,
        issuer: str,
        clients: Mapping[str, Client],
        policy: Policy,
        keys: Mapping[str, KeySource],
        vault: Vault,
        clock: Callable[[], int],
    ) -> None:
        self._issuer = issuer
        self._clients = clients
        self._policy = policy
        self._keys = keys
        self._vault = vault
        self._clock = clock

    def hear(self, params: Params) -> Heard:
        """The request that a browser brings. Raises Untrusted, or AuthorizationRefused."""
        client = self._clients.get(single(params, "client_id"))
        if client is None:
            raise UnknownClient
        try:
            gathered = self._gathered(params, client)
        except OAuthError as wrong:
            raise _unusable(client, wrong) from wrong
        return Heard(self._checked(gathered), gathered.params, gathered.once)

    def push(self, client: Client, form: Params, proof: Proof | None = None) -> str:
        """Keep the request of a client that has authenticated; returns the request_uri. With a `proof` the code will be
        bound to its key (RFC 9449 10.1). Raises OAuthError.
        """
        try:
            return self._pushed(client, request_of(form), proof)
        except OAuthError as wrong:  # nobody is redirected here, nor shown a page
            raise OAuthError(wrong.error, wrong.description, wrong.status) from wrong

    def _pushed(self, client: Client, params: Params, proof: Proof | None) -> str:
        named = [("client_id", client.client_id), *(pair for pair in params if pair[0] != "client_id")]
        gathered = self._unwrapped(named, client)
        if proof:
            gathered = replace(gathered, params=bound_to_key(gathered.params, proof.thumbprint))
        self._checked(gathered, pushed=True)
        reference = secrets.token_urlsafe(32)
        kept = Pushed(client.client_id, tuple(gathered.params), gathered.signed)
        with self._vault.change() as change:
            if gathered.once:
                gathered.once(change)
            if proof:
                spend_proof(change, proof)
            change.put(PUSHED, reference.encode(), kept, self._clock() + LIFE)
        return PREFIX + reference

    def _checked(self, gathered: _Gathered, pushed: bool = False) -> AuthorizationRequest:
        came = {"pushed": pushed or gathered.pushed, "signed": gathered.signed}
        return read_authorization(gathered.params, self._clients.get, self._policy, **came)

    # -- pushed before ------------------------------------------------------------------------------------------------

    def _gathered(self, params: Params, client: Client) -> _Gathered:
        """RFC 9126 4, RFC 9101 5: beside a name, or an object, client_id alone counts."""
        check_one_form(params)
        reference = reference_of(single(params, "request_uri"))
        return self._named(reference, client) if reference else self._unwrapped(params, client)

    def _named(self, reference: str, client: Client) -> _Gathered:
        held = self._vault.find(PUSHED, reference.encode())
        if held is None:
            raise _gone()
        check_pushed_for(held.value, client.client_id)

        def take(change: Change) -> None:
            if change.take(PUSHED, reference.encode()) is None:
                raise _unusable(client, _gone())

        return _Gathered(held.value.params, take, pushed=True, signed=held.value.signed)

    # -- signed -------------------------------------------------------------------------------------------------------

    def _unwrapped(self, params: Params, client: Client) -> _Gathered:
        token = single(params, "request")
        if not token or client.client_id not in self._keys:
            return _Gathered(params, None)
        opened = self._opened(token, client)

        def once(change: Change) -> None:
            refusal = ObjectRefused("the object was used before: sign a new one, with a new jti, for each request")
            if opened.jti:
                unusable = _unusable(client, refusal)
                spend(change, "object", client.client_id, opened.jti, opened.until, unusable)

        return _Gathered(opened.params, once, signed=True)

    def _opened(self, token: str, client: Client) -> Opened:
        now = self._clock()
        try:
            return self._keys[client.client_id].use(
                lambda keys: read_request_object(token, client, keys, self._issuer, now)
            )
        except UnknownKey as unknown:
            raise ObjectRefused(unknown.detail) from unknown


def check_one_form(params: Params) -> None:
    """RFC 9101 5: request and request_uri must not be used together; whichever we took, somebody would mean the other."""
    if {"request", "request_uri"} <= {name for name, value in params if value}:
        raise OAuthError("invalid_request", "request and request_uri must not stand together")


def _gone() -> OAuthError:
    return OAuthError("invalid_request_uri", f"request_uri is unknown, was used before, or is older than {LIFE} seconds")


def _unusable(client: Client, wrong: OAuthError) -> RequestUnusable:
    return RequestUnusable(client.client_id, wrong.error, wrong.description)
