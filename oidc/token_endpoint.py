"""The provider's side of the token and userinfo requests (RFC 6749 4.1.3, RFC 7636 4.6, RFC 6750 2)."""

import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_plus

from oidc.dpop import BEARER, SCHEME
from oidc.errors import AssertionRefused, BadAnswer, OAuthError
from oidc.messages import Client, Params
from oidc.resources import PARAMETER, check_one_resource, resource_of_token
from oidc.tokens import LONGEST, read_unverified
from oidc.wire import same

_LONGEST = 2048
BASIC, POST, SIGNED, NONE = "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONG = frozenset(("client_assertion", "request", "id_token_hint", "claims"))  # signed tokens, and JSON


class Presented(Protocol):
    """How a client says who it is. `method` names the way; `secret` or `assertion` is what it sent, if anything."""

    @property
    def client_id(self) -> str:
        """Who it says it is."""

    @property
    def method(self) -> str:
        """One of BASIC, POST, SIGNED, NONE."""

    @property
    def secret(self) -> str | None:
        """For BASIC and POST."""

    @property
    def assertion(self) -> str | None:
        """For SIGNED."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client presented, not yet believed."""

    client_id: str
    method: str
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A code to be changed, and how the client says who it is (see Presented)."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str | None = field(repr=False)
    client_id: str
    secret: str | None = field(repr=False)
    method: str
    assertion: str | None = field(default=None, repr=False)
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeBinding:
    """What a code was issued to: client, address, the PKCE challenge if there was one, and the thumbprint of a key, "" for
    none. `resources` are those of the authorization request.
    """

    client_id: str
    redirect_uri: str
    code_challenge: str | None
    jkt: str = ""
    resources: tuple[str, ...] = ()


def read_token_request(params: Params, authorization: str | None) -> TokenRequest:
    """The request in a form body and an Authorization header. Raises OAuthError."""
    check_single(params)
    form = {name: value for name, value in params if value}
    presented = _credentials(form, authorization)
    check_grant_type(form.get("grant_type", ""))
    resources = tuple(dict.fromkeys(value for name, value in params if name == PARAMETER and value))
    check_one_resource(resources)
    return TokenRequest(
        code=_needed(form, "code"),
        redirect_uri=_needed(form, "redirect_uri"),
        code_verifier=form.get("code_verifier"),
        client_id=presented.client_id,
        secret=presented.secret,
        method=presented.method,
        assertion=presented.assertion,
        resources=resources,
    )


def check_single(params: Params) -> None:
    """RFC 6749 3.2: a parameter must not stand twice, but a resource (RFC 8707 2), and none is endless."""
    names = [name for name, _ in params if name != PARAMETER]
    if len(set(names)) != len(names):
        raise OAuthError("invalid_request", "a parameter is sent more than once")
    if any(len(value) > (LONGEST if name in _LONG else _LONGEST) for name, value in params):
        raise OAuthError("invalid_request", f"a parameter is longer than {_LONGEST} characters, or a signed one {LONGEST}")


def check_grant_type(grant_type: str) -> None:
    """Only codes are changed into tokens: there is no refresh token, as with FranceConnect."""
    if not grant_type:
        raise OAuthError("invalid_request", "grant_type is missing: it must be authorization_code")
    if grant_type != "authorization_code":
        raise OAuthError("unsupported_grant_type", "grant_type must be authorization_code")


def _needed(form: dict[str, str], name: str) -> str:
    if name not in form:
        raise OAuthError("invalid_request", f"{name} is missing")
    return form[name]


# -- who is it? -------------------------------------------------------------------------------------------------------


def read_credentials(params: Params, authorization: str | None) -> Credentials:
    """How the client of a form body and an Authorization header says who it is. Raises OAuthError."""
    check_single(params)
    return _credentials({name: value for name, value in params if value}, authorization)


def _credentials(form: dict[str, str], authorization: str | None) -> Credentials:
    check_one_way(form, authorization)
    if authorization is not None:
        client_id, password = _basic(authorization)
        check_same_client(form, client_id)
        return Credentials(client_id, BASIC, password)
    if "client_assertion" in form or "client_assertion_type" in form:
        return _signed(form)
    if "client_id" not in form:
        raise OAuthError("invalid_client", "client authentication is missing", 401)
    secret = form.get("client_secret")
    return Credentials(form["client_id"], NONE if secret is None else POST, secret)


def check_one_way(form: dict[str, str], authorization: str | None) -> None:
    """RFC 6749 2.3: a client authenticates in one way at a time."""
    signed = "client_assertion" in form or "client_assertion_type" in form
    if ("client_secret" in form) + signed + (authorization is not None) > 1:
        raise OAuthError("invalid_request", "the client authenticates in two ways at once")


def check_same_client(form: dict[str, str], client_id: str) -> None:
    """RFC 6749 3.2.1, RFC 7521 4.2: a request must not name two clients."""
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "client_id of the body is not the client that authenticates")


def _signed(form: dict[str, str]) -> Credentials:
    """RFC 7521 4.2: the assertion itself says whose it is; nothing of it is believed yet."""
    check_assertion_type(form)
    assertion = form.get("client_assertion", "")
    try:
        client_id = read_unverified(assertion).get("sub")
    except BadAnswer as bad:
        raise AssertionRefused(bad.detail) from bad
    if not isinstance(client_id, str):
        raise AssertionRefused("iss and sub must both be the client_id")
    check_same_client(form, client_id)
    return Credentials(client_id, SIGNED, assertion=assertion)


def check_assertion_type(form: dict[str, str]) -> None:
    """RFC 7523 2.2: an assertion of the one kind that we know."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise AssertionRefused(f"client_assertion_type must be {ASSERTION_TYPE}")


def _basic(authorization: str) -> tuple[str, str]:
    """RFC 6749 2.3.1: both parts are form-urlencoded before they are joined and encoded."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # not base64, not ASCII, or not UTF-8 inside
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "the Authorization header is not a valid Basic one", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def check_authentication_method(request: Presented, client: Client) -> None:
    """RFC 7591 2: a client authenticates in the way it registered."""
    if request.method not in client.authentication:
        registered = " or ".join(sorted(client.authentication))
        raise OAuthError(
            "invalid_client",
            f"client authentication failed: you sent {request.method}, this client is registered for {registered}",
            401,
        )


# -- is the code his? -------------------------------------------------------------------------------------------------


def check_code_client(binding: CodeBinding, request: TokenRequest) -> None:
    """RFC 6749 4.1.3: the code was issued to this client."""
    if binding.client_id != request.client_id:
        raise OAuthError("invalid_grant", "code was issued to another client")


def check_code_redirect(binding: CodeBinding, request: TokenRequest) -> None:
    """RFC 6749 4.1.3: redirect_uri is the one of the authorization request."""
    if binding.redirect_uri != request.redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri is not the one of the authorization request")


def check_code_verifier(binding: CodeBinding, request: TokenRequest) -> None:
    """RFC 7636 4.6; a verifier without a challenge is a downgrade (RFC 9700 2.1.1)."""
    if binding.code_challenge is None:
        if request.code_verifier is not None:
            raise OAuthError("invalid_grant", "code_verifier came without a code_challenge before it")
        return
    if request.code_verifier is None:
        raise OAuthError("invalid_grant", "code_verifier is missing")
    if not hmac.compare_digest(challenge_of(request.code_verifier), binding.code_challenge):
        raise OAuthError("invalid_grant", "code_verifier does not match the code_challenge")


def check_code_key(binding: CodeBinding, thumbprint: str | None) -> None:
    """RFC 9449 10: a code that is bound to a key is changed by its holder alone; `thumbprint` is that of his proof."""
    if binding.jkt and thumbprint is None:
        raise OAuthError("invalid_grant", "code is bound to a key (dpop_jkt): send a proof in the header DPoP")
    if binding.jkt and not same(thumbprint, binding.jkt):
        raise OAuthError("invalid_grant", "code is bound to another key than that of the DPoP proof (dpop_jkt)")


def code_resource(binding: CodeBinding, request: TokenRequest, client: Client) -> str | None:
    """The resource that the token is for, None for none in particular (RFC 8707 2.2). Raises OAuthError, invalid_target."""
    return resource_of_token(request.resources, binding.resources, client.resources)


def challenge_of(verifier: str) -> str:
    """RFC 7636 4.2: BASE64URL(SHA-256(verifier)), without padding."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


# -- userinfo ---------------------------------------------------------------------------------------------------------


def read_access_token(authorization: str | None, form: Params) -> tuple[str, str]:
    """How an access token is presented, BEARER or SCHEME of `dpop`, and the token (RFC 6750 2, RFC 9449 7.1)."""
    posted = [value for name, value in form if name == "access_token"]
    check_one_token(posted, authorization)
    if posted:
        return BEARER, posted[0]
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() not in (BEARER, SCHEME) or not token.strip():
        raise OAuthError("invalid_token", "the Authorization header has no bearer token, nor one of DPoP", 401)
    return scheme.lower(), token.strip()


def check_one_token(posted: list[str], authorization: str | None) -> None:
    """RFC 6750 2: a token is sent once, in one way."""
    if len(posted) + (authorization is not None) > 1:
        raise OAuthError("invalid_request", "the access token is sent in two ways at once")
