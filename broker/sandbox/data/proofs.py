"""Proofs that whoever sends a token holds the key to which it is bound (RFC 9449).

Services make them, data providers read them.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

TYPE = "dpop+jwt"
ALGORITHM = "ES256"
COUNTS = 60


class NotProven(Exception):
    """There is no proof, or it must not be believed."""


def new_key() -> ECKey:
    """A key for one login."""
    return ECKey.generate_key("P-256")


def make_proof(key: ECKey, method: str, url: str, now: int, access_token: str = "") -> str:
    """RFC 9449 4.2: the proof of one request; `access_token` is what is sent beside it, if anything."""
    header = {"typ": TYPE, "alg": ALGORITHM, "jwk": key.as_dict(private=False)}
    claims: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": now}
    if access_token:
        claims["ath"] = token_hash(access_token)
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def read_proof(proof: str, method: str, url: str, now: int, access_token: str, thumbprint: str) -> str:
    """The `jti` of a proof that this request was made by who holds the key of this thumbprint. Raises NotProven.

    RFC 9449 4.3. That a jti is heard once is the caller's to see to.
    """
    try:
        header = jws.extract_compact(proof.encode()).headers()
        key = ECKey.import_key(header["jwk"])
        claims = jwt.decode(proof, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, KeyError, TypeError) as wrong:
        raise NotProven("it is no signed token with its key in the header") from wrong
    check_kind(header)
    check_key(key, thumbprint)
    check_request(claims, method, url)
    check_moment(claims, now)
    check_token(claims, access_token)
    return str(claims.get("jti", ""))


def check_kind(header: Mapping[str, object]) -> None:
    """RFC 9449 4.3 rule 4: another signed token of the same key is no proof."""
    if header.get("typ") != TYPE:
        raise NotProven(f"typ is not {TYPE}")


def check_key(key: ECKey, thumbprint: str) -> None:
    """RFC 9449 4.3 rule 12: the key is the one to which the token is bound, and no private key is shown around."""
    if key.is_private or key.thumbprint() != thumbprint:
        raise NotProven("it is made with another key than the token is bound to")


def check_request(claims: Mapping[str, object], method: str, url: str) -> None:
    """RFC 9449 4.3 rules 8 and 9: it is made for this request."""
    if (claims.get("htm"), claims.get("htu")) != (method, url):
        raise NotProven(f"htm and htu are not {method} and {url}")


def check_moment(claims: Mapping[str, object], now: int) -> None:
    """RFC 9449 4.3 rule 11: it was made just now, and can be told from others."""
    made = claims.get("iat")
    if not isinstance(made, int) or not now - COUNTS <= made <= now + COUNTS or not claims.get("jti"):
        raise NotProven("iat is not of the last minute, or jti is missing")


def check_token(claims: Mapping[str, object], access_token: str) -> None:
    """RFC 9449 4.3 rule 12: it is made for this token."""
    if claims.get("ath") != token_hash(access_token):
        raise NotProven("ath is not the hash of the token")


def token_hash(access_token: str) -> str:
    """RFC 9449 4.2."""
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
