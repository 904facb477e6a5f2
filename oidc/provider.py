"""The provider's side of an authorization request: whom to trust, and what was asked once every rule has passed.

Until the client and its redirect_uri are proven an error is `Untrusted` and stays here; from then on it is an
`AuthorizationRefused`, which goes back to the service (RFC 6749 4.1.2.1).
"""

from collections.abc import Callable

from oidc import resources
from oidc.answering import FORM_POST, QUERY, takes_posts
from oidc.authorization_rules import RULES, Asked, Policy
from oidc.errors import AuthorizationRefused, OAuthError, UnknownClient, UnregisteredRedirect
from oidc.messages import AuthorizationRequest, Client, Params


def read_authorization(
    params: Params,
    find_client: Callable[[str], Client | None],
    policy: Policy,
    *,
    pushed: bool = False,
    signed: bool = False,
) -> AuthorizationRequest:
    """The checked request. `pushed` and `signed` say how its parameters came.

    Raises Untrusted, or AuthorizationRefused for what may be sent back to the service.
    """
    client = find_client(single(params, "client_id"))
    if client is None:
        raise UnknownClient
    redirect_uri = single(params, "redirect_uri")
    check_redirect_registered(client, redirect_uri)
    asked = Asked(params, client, policy, pushed, signed)
    try:
        for rule in RULES:
            rule(asked)
    except OAuthError as error:
        raise AuthorizationRefused(
            error.error,
            error.description,
            client_id=client.client_id,
            redirect_uri=redirect_uri,
            state=single(params, "state") or None,
            response_mode=_mode(single(params, "response_mode"), redirect_uri),
        ) from error
    return _request(asked, redirect_uri)


def _request(asked: Asked, redirect_uri: str) -> AuthorizationRequest:
    max_age, claims = asked.get("max_age"), asked.claims
    acr_values = (claims.acr_values if claims.needs_acr else asked.words("acr_values")) or claims.acr_values
    known = tuple(acr for acr in acr_values if acr in asked.levels)
    return AuthorizationRequest(
        client_id=asked.client.client_id,
        redirect_uri=redirect_uri,
        scopes=tuple(scope for scope in asked.words("scope") if scope in asked.policy.known_scopes),
        state=asked.get("state"),
        nonce=asked.get("nonce"),
        acr_values=known,
        prompt=frozenset(asked.words("prompt")),
        max_age=int(max_age) if max_age else None,
        ui_locales=asked.words("ui_locales"),
        idp_hint=asked.get("idp_hint") or None,
        login_hint=asked.get("login_hint") or None,
        code_challenge=asked.get("code_challenge") or None,
        response_mode=asked.get("response_mode") or QUERY,
        claims=claims,
        subjects=asked.subjects,
        needed_acr=known if claims.needs_acr else (),
        resources=asked.each(resources.PARAMETER),
        dpop_jkt=asked.get("dpop_jkt"),
    )


def _mode(asked: str, redirect_uri: str) -> str:
    """How the answer travels: in a form where that was asked and can be, else in the address."""
    return FORM_POST if asked == FORM_POST and takes_posts(redirect_uri) else QUERY


def single(params: Params, name: str) -> str:
    """The value of a parameter that decides whom we trust: sent twice, it says nothing."""
    values = [value for key, value in params if key == name]
    return values[0] if len(values) == 1 else ""


# -- whom to trust ----------------------------------------------------------------------------------------------------


def check_redirect_registered(client: Client, redirect_uri: str) -> None:
    """RFC 9700 4.1.3: the address is one of the registered ones, character for character."""
    if redirect_uri not in client.redirect_uris:
        raise UnregisteredRedirect(client.client_id, redirect_uri, client.redirect_uris)
