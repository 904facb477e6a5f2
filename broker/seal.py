"""Sealed rows: what is stored about a login can be read only by whoever brings its secret.

(row id, key) = HKDF-SHA-256(secret, salt = pepper, info = purpose); the body is AES-256-GCM under that key, bound to
id, expiry and version. The store sees a digest, a ciphertext and a date. Secrets are the browser's cookie with the
journey's handle, the session cookie, the code, the access token: each has at least 128 random bits.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broker.ports import Row

_NONCE = 12


class Unreadable(ValueError):
    """A row was altered, or does not belong to this key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret's row lies (`id`, 32 bytes) and the key that opens it (32 bytes)."""

    id: bytes
    key: bytes

    def token(self, what: bytes) -> str:
        """A token that only whoever found this place can make, such as a form's: 128 bits in base64url."""
        digest = hmac.digest(self.key, what, hashlib.sha256)
        return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def seal(self, plain: bytes, expires: int, version: int) -> Row:
        """A row for this place; `expires` in Unix seconds."""
        nonce = os.urandom(_NONCE)
        bound = _bound(self.id, expires, version)
        return Row(self.id, expires, version, nonce + AESGCM(self.key).encrypt(nonce, plain, bound))

    def open(self, row: Row) -> bytes:
        """What `seal` was given. Raises Unreadable."""
        bound = _bound(row.id, row.expires, row.version)
        try:
            return AESGCM(self.key).decrypt(row.body[:_NONCE], row.body[_NONCE:], bound)
        except (InvalidTag, ValueError) as wrong:
            raise Unreadable("a sealed row does not open") from wrong


def _bound(row_id: bytes, expires: int, version: int) -> bytes:
    return row_id + expires.to_bytes(8, "big") + version.to_bytes(4, "big")


Locate = Callable[[bytes, str], Iterator[Place]]


def locator(peppers: tuple[bytes, ...]) -> Locate:
    """A function (secret, purpose) → places, the newest pepper's first; new rows go to the first."""

    def locate(secret: bytes, purpose: str) -> Iterator[Place]:
        for pepper in peppers:
            yield _place(pepper, secret, purpose)

    return locate


def _place(pepper: bytes, secret: bytes, purpose: str) -> Place:
    derived = HKDF(SHA256(), 64, salt=pepper, info=purpose.encode()).derive(secret)
    return Place(derived[:32], derived[32:])
