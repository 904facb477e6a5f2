"""A service asks to log its citizen out (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oidc.encryption import addressee
from oidc.errors import HintRefused, OAuthError, UnregisteredRedirect
from oidc.messages import Client, Params
from oidc.wire import with_query

_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A checked request: who asks, whom the hint names (and which session, if it says), and where the citizen goes then."""

    client_id: str | None
    sub: str | None
    redirect_uri: str | None
    state: str | None
    sid: str | None = None


def read_end_session(
    params: Params,
    find_client: Callable[[str], Client | None],
    verify_hint: Callable[[str], Mapping[str, Any] | None],
) -> LogoutRequest:
    """The checked request. `verify_hint` gives a hint's claims if we signed it, however old.

    A hint that a service sends as it got it, encrypted for itself, cannot be read here: it names the service, and nobody.
    Raises HintRefused, UnregisteredRedirect, or OAuthError.
    """
    check_logout_single(params)
    asked = {name: value for name, value in params if value}
    sealed = addressee(asked.get("id_token_hint", ""))
    hint = _hint(None if sealed else asked.get("id_token_hint"), verify_hint)
    meant_for = sealed or (str(hint["aud"]) if hint else "")
    client_id = asked.get("client_id") or meant_for
    client = find_client(client_id) if client_id else None
    if meant_for:
        check_hint_client(meant_for, client)
    redirect_uri = asked.get("post_logout_redirect_uri")
    if redirect_uri is not None:
        check_logout_redirect(redirect_uri, client)
    return LogoutRequest(
        client.client_id if client else None,
        str(hint["sub"]) if hint else None,
        redirect_uri,
        asked.get("state"),
        str(hint["sid"]) if hint and "sid" in hint else None,
    )


def _hint(hint: str | None, verify: Callable[[str], Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
    if hint is None:
        return None
    claims = verify(hint)
    check_hint_ours(claims)
    return claims


def check_logout_single(params: Params) -> None:
    """RFC 6749 3.1: a parameter must not stand twice; none is endless."""
    if len({name for name, _ in params}) != len(params):
        raise OAuthError("invalid_request", "a parameter is sent more than once")
    if any(len(value) > _LONGEST for _, value in params):
        raise OAuthError("invalid_request", "a parameter is too long")


def check_hint_ours(claims: Mapping[str, Any] | None) -> None:
    """RP-Initiated Logout 2: the hint is an ID token that we issued; it may have expired."""
    if claims is None or not claims.keys() >= {"sub", "aud", "auth_time"}:  # our userinfo JWT has no auth_time
        raise HintRefused("id_token_hint is not an ID token of this provider")


def check_hint_client(meant_for: object, client: Client | None) -> None:
    """RP-Initiated Logout 2: the hint was issued to the client that asks."""
    if client is None or meant_for != client.client_id:
        raise HintRefused("id_token_hint was issued to another client")


def check_logout_redirect(redirect_uri: str, client: Client | None) -> None:
    """RP-Initiated Logout 3: the address is registered for the client, character for character."""
    if client is None:
        raise HintRefused("post_logout_redirect_uri needs id_token_hint or client_id")
    if redirect_uri not in client.post_logout_redirect_uris:
        raise UnregisteredRedirect(client.client_id, redirect_uri, client.post_logout_redirect_uris)


def logout_url(uri: str, state: str | None) -> str:
    """Where the citizen goes afterwards; `state` is always given back."""
    return uri if state is None else with_query(uri, {"state": state})
