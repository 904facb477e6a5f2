"""An authorization request that its client has signed (RFC 9101, OpenID Connect Core 6.1).

`read_request_object` lists the rules in order. What comes out are parameters like those of a plain request, for the same
reader. Until then nothing in the object, and nothing beside it, sends the citizen anywhere: every refusal stays here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oidc.errors import BadAnswer, ObjectRefused, UnknownKey
from oidc.id_token import moment
from oidc.messages import Client, Params
from oidc.resources import PARAMETER
from oidc.tokens import KeySet, verify_jwt
from oidc.wire import same

TYPES = frozenset(("jwt", "oauth-authz-req+jwt"))
"""What `typ` may say; an object that says nothing passes too: RFC 9101 only recommends it."""
LEEWAY = 10
LONGEST_LIFE = 3600
"""Seconds: as FAPI 2.0 Message Signing 5.3.1 bounds it on both sides."""
_LONGEST_ID = 256
_OF_THE_TOKEN = frozenset(("iss", "aud", "exp", "nbf", "iat", "jti", "sub"))
_OBJECTS = frozenset(("claims",))
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """What a client signed. An object with a `jti` ("" for none) counts once; it is to be remembered until `until`."""

    params: Params
    jti: str
    until: int


def read_request_object(token: str, client: Client, keys: KeySet, issuer: str, now: int) -> Opened:
    """The parameters of a client's request object. Raises ObjectRefused, or UnknownKey to have the keys renewed."""
    check_not_encrypted(token)
    try:
        claims = verify_jwt(token, keys, client.signing_algorithms, TYPES)
    except UnknownKey:
        raise
    except BadAnswer as bad:
        raise ObjectRefused(bad.detail) from bad
    check_object_issuer(claims, client)
    check_object_client(claims, client)
    check_object_audience(claims, issuer)
    check_object_times(claims, now)
    check_object_identified(claims)
    check_no_subject(claims)
    check_no_request_inside(claims)
    check_parameters(claims)
    params = [pair for name, value in claims.items() if name not in _OF_THE_TOKEN for pair in _pairs(name, value)]
    return Opened(params, claims.get("jti", ""), (moment(claims.get("exp")) or now) + LEEWAY + 1)


def check_not_encrypted(token: str) -> None:
    """OpenID Connect Core 6.1: an encrypted object (five parts) would need a key of ours that we do not publish."""
    if token.count(".") + 1 > _PARTS:
        raise ObjectRefused("encrypted request objects are not supported: sign it, and push it if it must stay secret")


def check_object_issuer(claims: Mapping[str, Any], client: Client) -> None:
    """RFC 9101 4: whoever signed says so."""
    if not same(claims.get("iss"), client.client_id):
        raise ObjectRefused("iss must be the client_id")


def check_object_client(claims: Mapping[str, Any], client: Client) -> None:
    """RFC 9101 5: the client_id inside is the one beside the object."""
    if not same(claims.get("client_id"), client.client_id):
        raise ObjectRefused("client_id must stand in the object, and be the one of the request")


def check_object_audience(claims: Mapping[str, Any], issuer: str) -> None:
    """RFC 9101 4: the object is meant for us; a copy of what another server was asked is not."""
    audience = claims.get("aud")
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise ObjectRefused("aud must be the issuer")


def check_object_times(claims: Mapping[str, Any], now: int) -> None:
    """RFC 7519 4.1.4 to 4.1.6: what is stated holds, and an object is not kept for later."""
    stated = {name: moment(claims[name]) for name in ("exp", "nbf", "iat") if name in claims}
    if None in stated.values():
        raise ObjectRefused("exp, nbf and iat are numbers")
    expires, *begins = stated.get("exp"), stated.get("nbf"), stated.get("iat")
    if expires is not None and not now - LEEWAY < expires <= now + LONGEST_LIFE + LEEWAY:
        raise ObjectRefused(f"the object has expired, or its exp is more than {LONGEST_LIFE} seconds ahead")
    if any(moment_ is not None and not now - LONGEST_LIFE <= moment_ <= now + LEEWAY for moment_ in begins):
        raise ObjectRefused(f"nbf or iat lies in the future, or more than {LONGEST_LIFE} seconds ago")


def check_object_identified(claims: Mapping[str, Any]) -> None:
    """RFC 7519 4.1.7: a jti is a text; without an exp nobody could say how long to remember it."""
    if "jti" not in claims:
        return
    identifier = claims["jti"]
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= _LONGEST_ID:
        raise ObjectRefused(f"jti must be a text of 1 to {_LONGEST_ID} characters, new for each object")
    if "exp" not in claims:
        raise ObjectRefused("an object with a jti needs an exp")


def check_no_subject(claims: Mapping[str, Any]) -> None:
    """RFC 9101 10.8: with the client as sub, an object that passes a browser could be shown as a client assertion."""
    if "sub" in claims:
        raise ObjectRefused("sub must not stand in a request object")


def check_no_request_inside(claims: Mapping[str, Any]) -> None:
    """RFC 9101 4: an object holds no other one, nor the address of one."""
    if "request" in claims or "request_uri" in claims:
        raise ObjectRefused("request and request_uri must not stand in a request object")


def check_parameters(claims: Mapping[str, Any]) -> None:
    """RFC 9101 4: parameters are texts; numbers are written as such, and `claims` is an object.

    RFC 8707 2: several resources are a list of texts.
    """
    for name, value in claims.items():
        kinds = (str, int, dict) if name in _OBJECTS else (str, int)
        if name == PARAMETER and isinstance(value, list) and all(isinstance(one, str) for one in value):
            continue
        if name not in _OF_THE_TOKEN and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise ObjectRefused("a parameter of the object is neither a text nor a number")


def _pairs(name: str, value: object) -> list[tuple[str, str]]:
    return [(name, _text(one)) for one in (value if isinstance(value, list) else [value])]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
