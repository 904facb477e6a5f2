"""Client secrets: random, so a keyed hash is enough to keep them (a slow one would cost 59 ms a login)."""

import hashlib
import hmac

from broker.parties import DataProvider, Service

SHORTEST = 22
"""Characters of a random secret with at least 128 bits (base64url has six a character)."""


class SecretTooShort(ValueError):
    """Fewer characters than 128 random bits take."""


def digest(key: bytes, client_id: str, secret: str) -> bytes:
    """HMAC-SHA-256 over the client's id and its secret, each with its length."""
    parts = (client_id.encode(), secret.encode())
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), hashlib.sha256)


def matches(caller: Service | DataProvider, key: bytes, secret: str, now: int) -> bool:
    """Whether this is one of the caller's secrets: all are compared, each in constant time."""
    given = digest(key, caller.client_id, secret)
    results = [
        hmac.compare_digest(held.digest, given) and (held.until is None or now < held.until) for held in caller.secrets
    ]
    return any(results)


def check_random_enough(secret: str) -> None:
    """RFC 6749 10.10: at least 128 bits."""
    if len(secret) < SHORTEST:
        raise SecretTooShort(f"a client secret has at least {SHORTEST} random characters")
