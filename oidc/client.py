"""The relying side hears: a provider's answer is believed only after every check.

Nothing is fetched here; what is sent is in `asking`. Sources: OpenID Connect Core 3.1.3, 5.3; RFC 9207; RFC 9700 4.4
(mix-up). Our own allow-list of algorithms holds, never the provider's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from oidc.asking import Pending, Registration
from oidc.discovery import ProviderMetadata
from oidc.errors import BadAnswer, ProviderRefused, Unreadable
from oidc.id_token import (
    check_acr,
    check_at_hash,
    check_audience,
    check_auth_time,
    check_authorized_party,
    check_level,
    check_nonce,
    check_other_audiences,
    check_same_subject,
    check_subject,
    check_times,
    check_token_issuer,
    moment,
)
from oidc.messages import HttpResponse, Params
from oidc.opening import is_encrypted, open_compact
from oidc.tokens import KeySet, verify_jwt
from oidc.wire import read_object, same

_LONGEST = 2048
_ERROR = re.compile(r"[a-z_]{1,64}")
_REQUEST_URI = re.compile(r"[!-~]{1,512}")
_ACCESS_TOKEN = re.compile(r"[!-~]{1,16384}")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a provider's token endpoint gave."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdToken:
    """The checked claims of an ID token. `auth_time` is Unix seconds, None when the provider does not say; `signed` is the
    token itself, opened if it came encrypted.
    """

    sub: str
    acr: str
    auth_time: int | None
    amr: tuple[str, ...]
    signed: str = field(default="", repr=False, compare=False)


# -- the answer in the browser ----------------------------------------------------------------------------------------


def read_callback(params: Params, state: str, issuer: str, require_iss: bool) -> str:
    """The code in a provider's answer. Raises BadAnswer, or ProviderRefused when the provider says no."""
    check_callback_single(params)
    answer = dict(params)
    check_callback_state(answer.get("state", ""), state)
    check_callback_issuer(answer.get("iss"), issuer, require_iss)
    if "error" in answer:
        raise ProviderRefused(_error_name(answer["error"]), _tame(answer.get("error_description", "")))
    code = answer.get("code", "")
    if not code or len(code) > _LONGEST:
        raise BadAnswer("the answer has no code, or one that is too long")
    return code


def check_callback_single(params: Params) -> None:
    """RFC 6749 3.1: a parameter must not stand twice."""
    if len({name for name, _ in params}) != len(params):
        raise BadAnswer("the answer has a parameter twice")


def check_callback_state(received: str, state: str) -> None:
    """RFC 6749 10.12: the answer belongs to what this browser asked."""
    if not same(received, state):
        raise BadAnswer("the answer has another state")


def check_callback_issuer(received: str | None, issuer: str, require_iss: bool) -> None:
    """RFC 9207 2.4: the answer comes from the provider that was asked; one that promises `iss` must send it."""
    if received is None and require_iss:
        raise BadAnswer("the answer has no iss although the provider promises one")
    if received is not None and received != issuer:
        raise BadAnswer("the answer is of another issuer")


def _error_name(error: object) -> str:
    """An error's name if it has the form of one: it goes into the log, where a stranger must not write anything else."""
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else "unnamed_error"


def _tame(text: str) -> str:
    return "".join(character for character in text[:200] if character.isprintable())


# -- what was asked beforehand ----------------------------------------------------------------------------------------


def read_pushed(response: HttpResponse) -> str:
    """The name of a request that was pushed (RFC 9126 2.2). Raises BadAnswer."""
    members = read_object(response.body, f"the answer to the pushed request with status {response.status}")
    check_pushed_status(response.status, members)
    request_uri = members.get("request_uri")
    check_request_uri(request_uri)
    return str(request_uri)


def check_pushed_status(status: int, members: Mapping[str, Any]) -> None:
    """RFC 9126 2.2, 2.3: what was taken is answered with 201; some say 200."""
    if status not in (200, 201):
        raise BadAnswer(f"the pushed request was answered with {status}: {_error_name(members.get('error'))}")


def check_request_uri(request_uri: object) -> None:
    """RFC 9126 2.2: it is an address in form (RFC 3986): visible ASCII, and short enough for a query."""
    if not isinstance(request_uri, str) or not _REQUEST_URI.fullmatch(request_uri):
        raise BadAnswer("the answer to the pushed request has no request_uri that can be used")


# -- the tokens -------------------------------------------------------------------------------------------------------


def read_token_answer(response: HttpResponse) -> TokenAnswer:
    """The tokens in a provider's answer (OpenID Connect Core 3.1.3.3). Raises BadAnswer."""
    if 400 <= response.status < 500:
        raise BadAnswer(f"the token endpoint answered {response.status}: {_told(response.body)}")
    members = read_object(response.body, f"the token answer with status {response.status}")
    check_token_status(response.status)
    check_bearer(members.get("token_type"))
    access_token, id_token = members.get("access_token"), members.get("id_token")
    if not isinstance(access_token, str) or not isinstance(id_token, str):
        raise BadAnswer("the token answer lacks access_token or id_token")
    check_access_token(access_token)
    return TokenAnswer(access_token, id_token)


def check_token_status(status: int) -> None:
    """RFC 6749 5.1: tokens come with 200."""
    if status != 200:
        raise BadAnswer(f"the token endpoint answered {status}")


def _told(body: bytes) -> str:
    """What a refusal names. A code that somebody made up is refused, and not every provider does so in JSON."""
    try:
        return _error_name(read_object(body, "a refusal").get("error"))
    except Unreadable:
        return _error_name(None)


def check_bearer(token_type: object) -> None:
    """RFC 6749 7.1: a token of a type that we do not understand must not be used."""
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise BadAnswer("the token answer has another token_type than Bearer")


def check_access_token(access_token: str) -> None:
    """RFC 6750 2.1: it goes into a header as it is, so it is visible ASCII; a line break would end the header."""
    if not _ACCESS_TOKEN.fullmatch(access_token):
        raise BadAnswer("the access token cannot be sent in a header")


def read_id_token(
    token: str,
    keys: KeySet,
    metadata: ProviderMetadata,
    registration: Registration,
    pending: Pending,
    access_token: str,
    now: int,
) -> IdToken:
    """The checked claims of an ID token (OpenID Connect Core 3.1.3.7). Raises BadAnswer or InsufficientLevel."""
    signed = _ascii(_opened(token, "id_token", registration))
    claims = _identity(signed, keys, metadata, registration, pending, access_token, now)
    check_acr(claims, registration.levels)
    check_level(str(claims["acr"]), pending.acr_values, registration.levels)
    return IdToken(claims["sub"], claims["acr"], moment(claims.get("auth_time")), _texts(claims.get("amr")), signed)


def read_identity(
    token: str,
    keys: KeySet,
    metadata: ProviderMetadata,
    registration: Registration,
    pending: Pending,
    access_token: str,
    now: int,
) -> Mapping[str, Any]:
    """All claims of an ID token of a provider that has no levels, after every other check. Raises BadAnswer."""
    signed = _ascii(_opened(token, "id_token", registration))
    return _identity(signed, keys, metadata, registration, pending, access_token, now)


def _identity(
    signed: str,
    keys: KeySet,
    metadata: ProviderMetadata,
    registration: Registration,
    pending: Pending,
    access_token: str,
    now: int,
) -> Mapping[str, Any]:
    claims = verify_jwt(signed, keys, registration.algorithms)
    check_token_issuer(claims, metadata.issuer)
    check_audience(claims, registration.client_id)
    check_other_audiences(claims, registration.client_id, registration.audiences)
    check_authorized_party(claims, registration.client_id)
    check_times(claims, now)
    check_auth_time(claims, now)
    check_nonce(claims, pending.nonce)
    check_at_hash(claims, access_token)
    check_subject(claims)
    return claims


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


# -- the claims -------------------------------------------------------------------------------------------------------


def read_userinfo(
    response: HttpResponse, sub: str, keys: KeySet, metadata: ProviderMetadata, registration: Registration
) -> Mapping[str, object]:
    """The claims in a provider's userinfo: JSON, signed, encrypted or both (OpenID Connect Core 5.3.2).

    Raises BadAnswer.
    """
    if response.status != 200:
        raise BadAnswer(f"the userinfo endpoint answered {response.status}")
    content, signed = _userinfo(response, registration)
    check_signed_as_agreed(signed, registration)
    claims = _signed(content, keys, metadata, registration) if signed else read_object(content, "the userinfo")
    check_same_subject(claims, sub)
    return claims


def _userinfo(response: HttpResponse, registration: Registration) -> tuple[bytes, bool]:
    """The userinfo, opened if it was encrypted, and whether it is a JWT: only inside an encrypted one may JSON stand."""
    if not _is_jwt(response):
        check_encrypted_as_agreed(False, "userinfo", registration)
        return response.body, False
    token = _ascii(response.body).strip()
    content = _opened(token, "userinfo", registration)
    return content, not (is_encrypted(token) and content.lstrip().startswith(b"{"))


def _is_jwt(response: HttpResponse) -> bool:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/jwt"


def _signed(content: bytes, keys: KeySet, metadata: ProviderMetadata, registration: Registration) -> Mapping[str, object]:
    claims = verify_jwt(_ascii(content), keys, registration.algorithms)
    if "iss" in claims:
        check_token_issuer(claims, metadata.issuer)
    if "aud" in claims:
        check_audience(claims, registration.client_id)
    return claims


def check_signed_as_agreed(signed: bool, registration: Registration) -> None:
    """RFC 8725 2.3: where a signature was agreed, what comes without one is somebody else's until it is proven."""
    if registration.userinfo_signed and not signed:
        raise BadAnswer("the userinfo is not signed, although its entry says that it is")


# -- what is encrypted ------------------------------------------------------------------------------------------------


def _opened(token: str, what: Literal["id_token", "userinfo"], registration: Registration) -> bytes:
    """A token as it is inside; itself when it is not encrypted, and need not be."""
    check_encrypted_as_agreed(is_encrypted(token), what, registration)
    if registration.opening is None or not is_encrypted(token):
        return token.encode("utf-8", "replace")
    return open_compact(token, registration.opening)


def check_encrypted_as_agreed(encrypted: bool, what: str, registration: Registration) -> None:
    """OpenID Connect Registration 2: what was agreed comes encrypted, and nothing else does (RFC 8725 2.3)."""
    agreed = what in registration.encrypted
    if agreed and not encrypted:
        raise BadAnswer(f"the {what} is not encrypted, although its entry says that it is")
    if encrypted and not (agreed and registration.opening):
        raise BadAnswer(f"the {what} is encrypted, although its entry does not say so")


def _ascii(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        raise BadAnswer("the token is not a JWT") from None
