"""What a simulated service checks before it believes the broker: one rule a function."""

import hmac
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey

LEEWAY = 30


class Distrusted(Exception):
    """The answer failed a check, or a call to the broker failed."""


def check_state(received: str, expected: str) -> None:
    """RFC 6749 10.12: the answer belongs to what this browser asked."""
    if not expected or not hmac.compare_digest(received.encode(), expected.encode()):
        raise Distrusted("state: this answer was not asked for by this browser, or was heard before")


def check_kind(header: Mapping[str, Any], typ: str) -> None:
    """RFC 8725 3.11: a token of one kind must not pass for another."""
    if header.get("typ", "JWT") != typ:
        raise Distrusted("typ: a token of another kind")


def check_answering_issuer(answer: Mapping[str, str], issuer: str, metadata: Mapping[str, Any]) -> None:
    """RFC 9207 2.4: the answer comes from whom we asked; who promises `iss` sends it."""
    promised = metadata.get("authorization_response_iss_parameter_supported")
    if answer.get("iss", "" if promised else issuer) != issuer:
        raise Distrusted("iss: the answer comes from somebody else")


def check_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 2, and Discovery 4.3."""
    if claims.get("iss") != issuer:
        raise Distrusted("iss: a document or a token of somebody else")


def check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 3."""
    if claims.get("aud") not in (client_id, [client_id]):
        raise Distrusted("aud: the token is meant for somebody else")


def check_lifetime(claims: Mapping[str, Any], now: int) -> None:
    """OpenID Connect Core 3.1.3.7 rules 9 and 10, with 30 s for clocks that differ."""
    if not claims.get("exp", 0) + LEEWAY > now or not now - 600 <= claims.get("iat", 0) <= now + LEEWAY:
        raise Distrusted("exp, iat: the token is too old, or of the future")


def check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 11."""
    if claims.get("nonce") != nonce:
        raise Distrusted("nonce: the ID token answers another request")


def check_bound(tokens: Mapping[str, Any], key: ECKey | None) -> None:
    """RFC 9449 5: who has sent a proof sees whether the token is bound to its key."""
    if key is not None and tokens.get("token_type") != "DPoP":
        raise Distrusted("token_type: the access token is not bound to our key")


def check_level(claims: Mapping[str, Any], level: str) -> None:
    """OpenID Connect Core 3.1.3.7 rule 12: eidas1 < eidas2 < eidas3."""
    if str(claims.get("acr")) < level or claims.get("acr") not in ("eidas1", "eidas2", "eidas3"):
        raise Distrusted("acr: the level is lower than the one asked")


def check_same_person(claims: Mapping[str, Any], id_token: Mapping[str, Any]) -> None:
    """OpenID Connect Core 5.3.2: the claims belong to the person of the ID token."""
    if not id_token.get("sub") or claims.get("sub") != id_token.get("sub"):
        raise Distrusted("sub: the userinfo is of another person than the ID token")
