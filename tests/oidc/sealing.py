"""Encrypting to a key, by hand: each part can be made wrong. That it is right otherwise, joserfc says in test_opening."""

import functools
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from certs.keys import Key, State, Use, generate_private, key_of
from oidc.opening import CONTENT_ALGORITHMS, Opening, agreed_key
from tests.oidc.cases import NOW, encoded

BOTH = frozenset({"ECDH-ES", "RSA-OAEP-256"})


@functools.cache
def opening_key(algorithm: str, name: str = "ours") -> Key:
    """A key that opens; another name is another key."""
    assert name
    private = rsa.generate_private_key(65537, 2048) if algorithm != "ECDH-ES" else generate_private("ECDH-ES")
    return key_of(private, Use.RP_DECRYPTION, algorithm, State.ACTIVE, NOW)


def opening(*keys: Key, algorithms: frozenset[str] = BOTH, contents: frozenset[str] = frozenset({"A256GCM"})) -> Opening:
    """What our side opens with: both keys, unless others are given."""
    return Opening(keys or (opening_key("ECDH-ES"), opening_key("RSA-OAEP-256")), algorithms, contents)


def members(key: Key, **changes: object) -> dict[str, object]:
    """A header that is right, with changes; None leaves a member out."""
    header = {"alg": key.algorithm, "enc": "A256GCM", "kid": key.kid, "cty": "JWT", **changes}
    return {name: value for name, value in header.items() if value is not None}


def put_together(header: bytes, wrapped: bytes, content_key: bytes, content: bytes) -> str:
    """The five parts; the content encrypted with AES-GCM, whatever the header says."""
    iv = secrets.token_bytes(12)
    sealed = AESGCM(content_key).encrypt(iv, content, encoded(header).encode())
    return ".".join(map(encoded, (header, wrapped, iv, sealed[:-16], sealed[-16:])))


def wrapped_for(key: Key, content_key: bytes, digest: HashAlgorithm | None = None) -> bytes:
    """RSAES-OAEP, with SHA-256 unless another digest is given."""
    assert isinstance(key.public_key, rsa.RSAPublicKey)
    used = digest or SHA256()
    return key.public_key.encrypt(content_key, padding.OAEP(padding.MGF1(used), used, None))


def by_rsa(content: bytes, size: int = 32, digest: HashAlgorithm | None = None, **changes: object) -> str:
    """Encrypted to our RSA key; a content key of `size` octets."""
    key, content_key = opening_key("RSA-OAEP-256"), secrets.token_bytes(size)
    header = json.dumps(members(key, **changes)).encode()
    return put_together(header, wrapped_for(key, content_key, digest), content_key, content)


def by_curve(content: bytes, curve: ec.EllipticCurve | None = None, wrapped: bytes = b"", **changes: object) -> str:
    """Encrypted to our key on P-256 by ECDH-ES."""
    key, ephemeral = opening_key("ECDH-ES"), ec.generate_private_key(ec.SECP256R1())
    numbers = ephemeral.public_key().public_numbers()
    point = {name: encoded(number.to_bytes(32, "big")) for name, number in (("x", numbers.x), ("y", numbers.y))}
    header = members(key, **{"epk": {"kty": "EC", "crv": "P-256", **point}, **changes})
    assert isinstance(key.public_key, ec.EllipticCurvePublicKey)
    secret = ephemeral.exchange(ec.ECDH(), key.public_key)
    named = {name: header[name] if isinstance(header.get(name), str) else "" for name in ("apu", "apv")}
    size = CONTENT_ALGORITHMS.get(str(header.get("enc")), 32)
    content_key = agreed_key(secret, {"enc": str(header.get("enc")), **named}, size)
    return put_together(json.dumps(header).encode(), wrapped, content_key, content)


def changed_part(token: str, part: int, octets: bytes) -> str:
    """A token with one of its five parts replaced."""
    parts = token.split(".")
    parts[part] = encoded(octets)
    return ".".join(parts)


OLD_DIGEST = SHA1()
