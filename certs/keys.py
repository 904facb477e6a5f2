"""One key: its use, algorithm, state and dates, and the one operation on its private part."""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Algorithm = Literal["ES256", "RS256"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
RSA_BITS = 3072
_P256_BYTES = 32


class Use(StrEnum):
    """What a key is for. A key has one use."""

    OP_SIGNING = "op-signing"


class State(StrEnum):
    """Where a key stands in its life: all three are published, only the active one signs."""

    PUBLISHED = "published"
    ACTIVE = "active"
    RETIRING = "retiring"


class PrivatePart(Protocol):
    """Where the private key lies: in memory here, behind PKCS#11 elsewhere."""

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` in JWS form (RFC 7518 3.3, 3.4)."""


@dataclass(frozen=True, slots=True)
class InMemory:
    """A private key that was read from a file."""

    key: PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """ES256: r and s, 32 bytes each; RS256: PKCS #1 v1.5."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair. `public` is the JWK's own members (RFC 7518 6); `created` is Unix seconds."""

    kid: str
    use: Use
    algorithm: Algorithm
    state: State
    created: int
    public: dict[str, str]
    private: PrivatePart = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` in JWS form."""
        return self.private.sign(data)

    def public_jwk(self) -> dict[str, str]:
        """The public key as others fetch it (RFC 7517 4)."""
        return {**self.public, "kid": self.kid, "use": "sig", "alg": self.algorithm}


def generate_private(algorithm: Algorithm) -> PrivateKey:
    """A new private key: P-256, or RSA with 3072 bits."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, RSA_BITS)


def key_of(private: PrivateKey, use: Use, algorithm: Algorithm, state: State, created: int) -> Key:
    """The key pair around a private key; its kid is the thumbprint of the public part (RFC 7638)."""
    public = _public_members(private)
    return Key(_thumbprint(public), use, algorithm, state, created, public, InMemory(private))


def _public_members(private: PrivateKey) -> dict[str, str]:
    if isinstance(private, rsa.RSAPrivateKey):
        rsa_numbers = private.public_key().public_numbers()
        return {"kty": "RSA", "n": _integer(rsa_numbers.n), "e": _integer(rsa_numbers.e)}
    numbers = private.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _integer(numbers.x, _P256_BYTES), "y": _integer(numbers.y, _P256_BYTES)}


def _integer(number: int, length: int | None = None) -> str:
    return _base64(number.to_bytes(length or (number.bit_length() + 7) // 8, "big"))


def _thumbprint(public: dict[str, str]) -> str:
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":"))
    return _base64(hashlib.sha256(canonical.encode()).digest())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
