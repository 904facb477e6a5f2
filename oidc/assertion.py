"""A client that signs who it is: private_key_jwt (RFC 7523 3, OpenID Connect Core 9).

`read_assertion` lists the rules in order. The header names a key of the client's own set by its `kid`, and nothing else in
it is followed: `jku`, `x5u`, `jwk` and `x5c` are a stranger's word. That an assertion counts once is kept by the caller,
who has a store.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from oidc.errors import AssertionRefused, BadAnswer, UnknownKey
from oidc.id_token import moment
from oidc.tokens import KeySet, verify_jwt
from oidc.wire import same

TYPES = frozenset(("jwt", "client-authentication+jwt"))
"""What `typ` may say; a token that says nothing passes too: RFC 7523 asks for none."""
LEEWAY = 10
"""Seconds that clocks may differ: as FAPI 2.0, 5.3.2.1, for what was signed in the future."""
LONGEST_LIFE = 300
_LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion that was believed: it counts once, and its `jti` is to be remembered until `until` (Unix seconds)."""

    client_id: str
    jti: str
    until: int


def read_assertion(
    token: str, client_id: str, keys: KeySet, algorithms: Collection[str], audiences: Collection[str], now: int
) -> Assertion:
    """The assertion of a client, by its own keys. `audiences` are the names under which it may mean us.

    Raises AssertionRefused, or UnknownKey to have the keys renewed.
    """
    try:
        claims = verify_jwt(token, keys, algorithms, TYPES)
    except UnknownKey:
        raise
    except BadAnswer as bad:
        raise AssertionRefused(bad.detail) from bad
    check_issuer_and_subject(claims, client_id)
    check_single_audience(claims, audiences)
    check_lifetime(claims, now)
    check_already_valid(claims, now)
    check_identified(claims)
    return Assertion(client_id, claims["jti"], (moment(claims["exp"]) or now) + LEEWAY + 1)


def check_issuer_and_subject(claims: Mapping[str, Any], client_id: str) -> None:
    """OpenID Connect Core 9: iss and sub are both the client_id."""
    if not (same(claims.get("iss"), client_id) and same(claims.get("sub"), client_id)):
        raise AssertionRefused("iss and sub must both be the client_id")


def check_single_audience(claims: Mapping[str, Any], audiences: Collection[str]) -> None:
    """RFC 7523 3 rule 3, and one only: what is meant for two servers as well, the other could show here."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if len(named) != 1 or not isinstance(named[0], str) or named[0] not in audiences:
        raise AssertionRefused("aud must be the issuer or the address of the token endpoint, alone")


def check_lifetime(claims: Mapping[str, Any], now: int) -> None:
    """RFC 7523 3 rule 4: exp is mandatory; one that lies far ahead would let a stolen assertion live long."""
    expires = moment(claims.get("exp"))
    if expires is None or now >= expires + LEEWAY:
        raise AssertionRefused("the assertion has expired, or has no exp")
    if expires > now + LONGEST_LIFE + LEEWAY:
        raise AssertionRefused(f"exp must be at most {LONGEST_LIFE} seconds ahead")


def check_already_valid(claims: Mapping[str, Any], now: int) -> None:
    """RFC 7523 3 rules 5 and 6: nothing counts that was signed, or begins, in the future."""
    for name in ("iat", "nbf"):
        begins = moment(claims.get(name, 0))
        if begins is None or begins > now + LEEWAY:
            raise AssertionRefused(f"{name} lies in the future, or is no number")


def check_identified(claims: Mapping[str, Any]) -> None:
    """OpenID Connect Core 9: jti is mandatory; without it nobody could tell a second use from the first."""
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= _LONGEST_ID:
        raise AssertionRefused(f"jti must be a text of 1 to {_LONGEST_ID} characters, new for each assertion")
