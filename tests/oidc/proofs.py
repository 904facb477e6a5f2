"""Proofs of possession, by hand: each part can be made wrong. `read` hears one as the token endpoint or a resource does."""

import functools
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from certs.keys import Key, State, Use, key_of
from oidc.dpop import Proof, read_proof, token_hash
from tests.oidc.cases import NOW, OURS, ec_key, encoded, signed_with

URL = f"{OURS}/token"
TOKEN = "an-access-token"
GONE = object()
CLAIMS: Mapping[str, object] = {"jti": "proof-1", "htm": "POST", "htu": URL, "iat": NOW}
RIGHT_HASH = token_hash(TOKEN)


def holder() -> Key:
    """The key of who holds the token."""
    return ec_key("holder")


@functools.cache
def large_key(algorithm: str = "RS256", bits: int = 2048, exponent: int = 65537) -> Key:
    """An RSA key of this size."""
    return key_of(rsa.generate_private_key(exponent, bits), Use.OP_SIGNING, algorithm, State.ACTIVE, NOW)


def public(key: Key, **changes: object) -> dict[str, object]:
    """The public members of a key, with changes."""
    jwk = {name: value for name, value in key.public_jwk().items() if name not in ("kid", "use", "alg")}
    return {name: value for name, value in {**jwk, **changes}.items() if value is not GONE}


def rsa_numbers(bits: int, exponent: int = 65537) -> dict[str, object]:
    """A JWK of so many bits that nobody has the private part of."""
    modulus, octets = (1 << (bits - 1)) | 1, (exponent.bit_length() + 7) // 8
    return {"kty": "RSA", "n": encoded(modulus.to_bytes(bits // 8, "big")), "e": encoded(exponent.to_bytes(octets, "big"))}


def proof(header: Mapping[str, object] | None = None, key: Key | None = None, **claims: object) -> str:
    """A proof that is right, with changes; GONE leaves a member out."""
    signer = key or holder()
    members = {"typ": "dpop+jwt", "alg": signer.algorithm, "jwk": public(signer), **(header or {})}
    said = {**CLAIMS, **claims}
    kept = [{name: value for name, value in part.items() if value is not GONE} for part in (members, said)]
    return signed_with(kept[0], kept[1], signer)


def read(made: str, **expected: Any) -> Proof:
    """A proof, as the token endpoint reads it."""
    return read_proof(made, **{"method": "POST", "url": URL, "now": NOW, **expected})


def shown(made: str, **expected: Any) -> Proof:
    """A proof beside an access token, as a resource reads it."""
    return read(made, **{"access_token": TOKEN, "key": holder().kid, **expected})
