"""Pushed authorization requests (RFC 9126): the service says what it wants over its own connection, and the browser only
carries a name for it.

The name is `PREFIX` and a random part that opens the sealed request. It is bound to its client, counts once, and for a
minute. The address of anybody else is never fetched: the rules of `provider` refuse it.
"""

from dataclasses import dataclass

from oidc.errors import OAuthError
from oidc.messages import Params

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFE = 60
_LONGEST = 128
_CREDENTIALS = frozenset(("client_secret", "client_assertion", "client_assertion_type"))


@dataclass(frozen=True, slots=True)
class Pushed:
    """A request as it was pushed: whose it is, its parameters, and whether its client had signed them."""

    client_id: str
    params: tuple[tuple[str, str], ...]
    signed: bool = False


def reference_of(request_uri: str) -> str:
    """The random part of a name that we gave; "" when it is none of ours."""
    ours = request_uri.startswith(PREFIX) and len(request_uri) <= _LONGEST
    return request_uri.removeprefix(PREFIX) if ours else ""


def request_of(form: Params) -> Params:
    """What of a form body is the request itself: not how the client authenticates. Raises OAuthError."""
    check_no_name_pushed(form)
    return [(name, value) for name, value in form if name not in _CREDENTIALS]


def check_no_name_pushed(form: Params) -> None:
    """RFC 9126 2.1: request_uri must not be pushed."""
    if any(name == "request_uri" and value for name, value in form):
        raise OAuthError("invalid_request", "request_uri cannot be pushed: push the request itself")


def bound_to_key(params: Params, thumbprint: str) -> Params:
    """The request of a client that proved a key as it pushed: it binds its code to that key, as by dpop_jkt.

    Source: RFC 9449 10.1. Raises OAuthError.
    """
    check_key_proven(params, thumbprint)
    return [*(pair for pair in params if pair[0] != "dpop_jkt"), ("dpop_jkt", thumbprint)]


def check_key_proven(params: Params, thumbprint: str) -> None:
    """RFC 9449 10.1: a key that is named is the one that was proven."""
    if any(name == "dpop_jkt" and value not in ("", thumbprint) for name, value in params):
        raise OAuthError("invalid_request", "dpop_jkt is not the thumbprint of the key of the DPoP proof")


def check_pushed_for(pushed: Pushed, client_id: str) -> None:
    """RFC 9126 2.2: the name is bound to the client that pushed. Whoever else has it learns nothing from it."""
    if pushed.client_id != client_id:
        raise OAuthError("invalid_request_uri", "request_uri was given to another client")
