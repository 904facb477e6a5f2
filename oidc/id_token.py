"""The rules of an ID token, and of the claims that must agree with it: OpenID Connect Core 3.1.3.7 and 5.3.2.

Each takes claims whose signature is verified already, and what we expect; `client.read_id_token` lists them in order.
"""

from collections.abc import Collection, Mapping
from typing import Any

from oidc.errors import BadAnswer, InsufficientLevel
from oidc.tokens import left_hash
from oidc.wire import same

LEEWAY = 30
_OLDEST = 600
_LONGEST_SUB = 255


def check_token_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 2."""
    if claims.get("iss") != issuer:
        raise BadAnswer("the token is of another issuer")


def check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 3: the token is meant for us."""
    audience = claims.get("aud")
    if client_id != audience and not (isinstance(audience, list) and client_id in audience):
        raise BadAnswer("the token is meant for somebody else")


def check_other_audiences(claims: Mapping[str, Any], client_id: str, trusted: Collection[str]) -> None:
    """OpenID Connect Core 3.1.3.7 rule 3: whoever else could use the token as well is somebody that we trust."""
    audience = claims.get("aud")
    others = [one for one in audience if one != client_id] if isinstance(audience, list) else []
    if not all(isinstance(one, str) and one in trusted for one in others):
        raise BadAnswer("the token is also meant for somebody that is not trusted here")


def check_authorized_party(claims: Mapping[str, Any], client_id: str) -> None:
    """OpenID Connect Core 3.1.3.7 rules 4 and 5: of several audiences, azp says who asked, and that is us."""
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    if "azp" not in claims and not several:
        return
    if claims.get("azp") != client_id:
        raise BadAnswer("the token was asked for by somebody else (azp)")


def check_times(claims: Mapping[str, Any], now: int) -> None:
    """OpenID Connect Core 3.1.3.7 rules 9 and 10, and RFC 7519 4.1.5, with 30 s for clocks that differ."""
    expires, issued = moment(claims.get("exp")), moment(claims.get("iat"))
    if expires is None or now >= expires + LEEWAY:
        raise BadAnswer("the token has expired, or has no exp")
    if issued is None or issued > now + LEEWAY or issued < now - _OLDEST:
        raise BadAnswer("the token was issued in the future or long ago, or has no iat")
    not_before = moment(claims.get("nbf", 0))
    if not_before is None or not_before > now + LEEWAY:
        raise BadAnswer("the token is not valid yet")


def check_auth_time(claims: Mapping[str, Any], now: int) -> None:
    """OpenID Connect Core 2: auth_time lies in the past; a later one would keep a session fresh that is not."""
    authenticated = moment(claims.get("auth_time"))
    if authenticated is not None and authenticated > now + LEEWAY:
        raise BadAnswer("the token says that the person will authenticate in the future (auth_time)")


def check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 11: the token answers this very ask."""
    if not same(claims.get("nonce"), nonce):
        raise BadAnswer("the token has another nonce")


def check_at_hash(claims: Mapping[str, Any], access_token: str) -> None:
    """OpenID Connect Core 3.1.3.8: the access token is the one that came with the ID token."""
    if "at_hash" in claims and not same(claims["at_hash"], left_hash(access_token, "ES256")):
        raise BadAnswer("the access token does not belong to the ID token (at_hash)")


def check_subject(claims: Mapping[str, Any]) -> None:
    """OpenID Connect Core 2: sub is mandatory, at most 255 ASCII characters."""
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub or len(sub) > _LONGEST_SUB or not sub.isascii():
        raise BadAnswer("the token has no valid sub")


def check_acr(claims: Mapping[str, Any], levels: tuple[str, ...]) -> None:
    """FranceConnect 6.3: a provider says at which level it vouched, in words that we know."""
    if claims.get("acr") not in levels:
        raise BadAnswer("the token has no acr that is known")


def check_level(got: str, asked: tuple[str, ...], levels: tuple[str, ...]) -> None:
    """FranceConnect 1.4 rule 4: the level is not below the lowest that was asked."""
    lowest = min(asked, key=levels.index)
    if levels.index(got) < levels.index(lowest):
        raise InsufficientLevel(lowest, got)


def check_same_subject(claims: Mapping[str, object], sub: str) -> None:
    """OpenID Connect Core 5.3.2: the claims are of the person of the ID token (token substitution)."""
    if claims.get("sub") != sub:
        raise BadAnswer("the userinfo is of another person than the ID token")


def moment(value: object) -> int | None:
    """A NumericDate (RFC 7519 2) in whole seconds; None when it is absent or no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**53:
        return None
    return int(value)
