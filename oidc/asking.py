"""The relying side asks: the requests that go to a provider, as values that the caller sends.

Sources: OpenID Connect Core 3.1.2.1, 3.1.3.1, 5.3.1, 9; RFC 7523 (who we are, by a key); RFC 7636 (PKCE); RFC 9700 4.4.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote_plus, urlencode

from oidc.discovery import ProviderMetadata
from oidc.messages import HttpRequest
from oidc.opening import Opening
from oidc.token_endpoint import challenge_of
from oidc.tokens import Signer, sign_jwt
from oidc.wire import with_query

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 60
"""Seconds for which an assertion of ours counts."""
Authentication = Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]


@dataclass(frozen=True, slots=True)
class Registration:
    """What we are at a provider. `levels` are the acr values that we know, from the lowest up.

    `signer` and `assertion_audience` are for private_key_jwt: our key, and what the provider wants to read as `aud`.
    `encrypted` are those of "id_token" and "userinfo" that come encrypted, and `opening` is how they are opened;
    `userinfo_signed` says that userinfo must be a signed JWT. `audiences` may
    be meant by an ID token beside us.
    """

    client_id: str
    client_secret: str = field(repr=False)
    authentication: Authentication
    redirect_uri: str
    algorithms: frozenset[str]
    levels: tuple[str, ...]
    signer: Signer | None = None
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    encrypted: frozenset[str] = frozenset()
    opening: Opening | None = None
    userinfo_signed: bool = False
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """What we remember of an ask until its answer comes."""

    state: str
    nonce: str
    code_verifier: str = field(repr=False)
    acr_values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is signed, and the random name that makes it the only one: what an assertion needs to be made."""

    now: int
    jti: str


def authorization_url(
    metadata: ProviderMetadata, registration: Registration, pending: Pending, scope: str, prompt: str
) -> str:
    """Where the browser goes (OpenID Connect Core 3.1.2.1, PKCE S256). Without acr_values or prompt these are left out."""
    return with_query(metadata.authorization_endpoint, _asked(registration, pending, scope, prompt))


def _asked(registration: Registration, pending: Pending, scope: str, prompt: str) -> dict[str, str]:
    fields = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": registration.redirect_uri,
        "scope": scope,
        "state": pending.state,
        "nonce": pending.nonce,
        "acr_values": " ".join(pending.acr_values),
        "prompt": prompt,
        "code_challenge": challenge_of(pending.code_verifier),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in fields.items() if value}


# -- asking beforehand (RFC 9126) -------------------------------------------------------------------------------------


def pushed_request(
    endpoint: str,
    metadata: ProviderMetadata,
    registration: Registration,
    pending: Pending,
    scope: str,
    prompt: str,
    moment: Moment,
) -> HttpRequest:
    """The request that takes what the browser would have taken (RFC 9126 2.1), with who we are.

    An assertion names the issuer, never an address of the metadata: at an endpoint that is not the one it names, a
    provider that lies about its metadata could use it elsewhere (RFC 9126 2 lets the issuer be meant).
    """
    fields = _asked(registration, pending, scope, prompt)
    return _authenticated(endpoint, fields, registration, metadata.issuer, moment)


def pushed_url(metadata: ProviderMetadata, registration: Registration, request_uri: str) -> str:
    """Where the browser goes with what was pushed (RFC 9126 4): nothing of the ask is in the address."""
    return with_query(metadata.authorization_endpoint, {"client_id": registration.client_id, "request_uri": request_uri})


# -- asking for tokens and claims -------------------------------------------------------------------------------------


def token_request(
    metadata: ProviderMetadata, registration: Registration, pending: Pending, code: str, moment: Moment
) -> HttpRequest:
    """The request that changes a code into tokens (OpenID Connect Core 3.1.3.1)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": registration.redirect_uri,
        "code_verifier": pending.code_verifier,
    }
    by_issuer = registration.assertion_audience == "issuer"
    audience = metadata.issuer if by_issuer else metadata.token_endpoint
    return _authenticated(metadata.token_endpoint, form, registration, audience, moment)


def _authenticated(
    endpoint: str, form: Mapping[str, str], registration: Registration, audience: str, moment: Moment
) -> HttpRequest:
    """A form for one of the provider's endpoints, with who we are (OpenID Connect Core 9)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    own: Mapping[str, str] = {}
    match registration.authentication:
        case "client_secret_basic":
            joined = f"{quote_plus(registration.client_id)}:{quote_plus(registration.client_secret)}"
            headers["Authorization"] = f"Basic {b64encode(joined.encode()).decode()}"
        case "client_secret_post":
            own = {"client_id": registration.client_id, "client_secret": registration.client_secret}
        case "private_key_jwt":
            assertion = client_assertion(registration, audience, moment)
            own = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return HttpRequest("POST", endpoint, headers, urlencode({**form, **own}).encode())


def client_assertion(registration: Registration, audience: str, moment: Moment) -> str:
    """Who we are, by a key of ours (RFC 7523 3, OpenID Connect Core 9). LookupError when there is no such key."""
    if registration.signer is None:
        raise LookupError("there is no key to sign with")
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": audience,
        "jti": moment.jti,
        "iat": moment.now,
        "exp": moment.now + ASSERTION_LIFE,
    }
    return sign_jwt(claims, registration.signer)


def userinfo_request(metadata: ProviderMetadata, access_token: str) -> HttpRequest:
    """The request for the claims (OpenID Connect Core 5.3.1)."""
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, application/jwt"}
    return HttpRequest("GET", metadata.userinfo_endpoint, headers, b"")


def end_session_url(metadata: ProviderMetadata, id_token_hint: str, post_logout_redirect_uri: str, state: str) -> str:
    """Where the browser ends the provider's session (OpenID Connect RP-Initiated Logout 2).

    Raises ValueError when the provider has no such address.
    """
    if metadata.end_session_endpoint is None:
        raise ValueError("the provider has no end_session_endpoint")
    fields = {
        "id_token_hint": id_token_hint,
        "post_logout_redirect_uri": post_logout_redirect_uri,
        "state": state,
    }
    return with_query(metadata.end_session_endpoint, fields)
