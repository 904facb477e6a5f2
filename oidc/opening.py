"""What a provider encrypted to a key of ours is opened: compact JWE (RFC 7516), by our own lists of algorithms.

The private part is used through `certs` alone (decrypt, agree), so the rest of RFC 7518 4.3 and 4.6 is done here. Nothing
that is opened is believed yet: what an ID token says counts only when a signature inside is the provider's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from certs.keys import Key
from oidc.errors import BadAnswer
from oidc.tokens import check_no_critical
from oidc.wire import base64url, read_object

KEY_ALGORITHMS = ("ECDH-ES", "RSA-OAEP-256")
"""RFC 7518 4.1: how the content key reaches us. No password (PBES2), no shared secret (dir), no PKCS #1 v1.5, no SHA-1."""
CONTENT_ALGORITHMS: Mapping[str, int] = {"A256GCM": 32, "A128GCM": 16}
"""RFC 7518 5.3: what it encrypts with, and the octets of the content key."""
_LONGEST = 32_768  # a signed token of 16 KiB grows by a third
_PARTS = 5
_IV, _TAG, _COORDINATE = 12, 16, 32
_OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)


@dataclass(frozen=True, slots=True)
class Opening:
    """Our keys that open, the preferred first, and which algorithms count at this provider."""

    keys: tuple[Key, ...] = field(repr=False)
    algorithms: frozenset[str]
    contents: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The parts of a compact JWE (RFC 7516 7.1); `protected` is the header as it was sent, which is authenticated too."""

    protected: bytes
    header: Mapping[str, Any]
    wrapped: bytes
    iv: bytes
    content: bytes
    tag: bytes


def is_encrypted(token: str) -> bool:
    """RFC 7516 9: five parts are a JWE, three a JWS."""
    return token.count(".") == _PARTS - 1


def open_compact(token: str, opening: Opening) -> bytes:
    """What was encrypted. Raises BadAnswer: the same for each way in which a key may not fit."""
    check_sealed_length(token)
    sealed = _parsed(token)
    check_sealed_header(sealed.header)
    check_key_algorithm(sealed.header["alg"], opening.algorithms)
    check_content_algorithm(sealed.header["enc"], opening.contents)
    check_not_compressed(sealed.header)
    check_no_critical(sealed.header)
    check_sizes(sealed)
    candidates = [key for key in opening.keys if _fits(key, sealed.header)]
    check_ours(candidates)
    for key in candidates:
        try:
            return _opened(sealed, key)
        except (InvalidTag, ValueError, TypeError):
            continue
    raise BadAnswer("the encrypted token cannot be opened")


def _parsed(token: str) -> _Sealed:
    parts = token.split(".")
    check_parts(parts)
    protected, *rest = parts
    header = read_object(base64url(protected), "the header of the encrypted token")
    return _Sealed(protected.encode(), header, *map(base64url, rest))


def _fits(key: Key, header: Mapping[str, Any]) -> bool:
    return bool(key.algorithm == header["alg"] and header.get("kid", key.kid) == key.kid)


# -- the rules --------------------------------------------------------------------------------------------------------


def check_sealed_length(token: str) -> None:
    """RFC 8725 2.6 speaks of work that a stranger can cause; no token of a login is longer than 32 KiB."""
    if len(token) > _LONGEST:
        raise BadAnswer("the encrypted token is too long")


def check_parts(parts: Collection[str]) -> None:
    """RFC 7516 9: a compact JWE has five parts."""
    if len(parts) != _PARTS:
        raise BadAnswer("the token is not a compact JWE")


def check_sealed_header(header: Mapping[str, Any]) -> None:
    """RFC 7516 4.1.1, 4.1.2, 4.1.6: alg and enc are there, and they and kid are texts."""
    if not all(isinstance(text, str) for text in (header.get("alg"), header.get("enc"), header.get("kid", ""))):
        raise BadAnswer("the header of the encrypted token is malformed")


def check_key_algorithm(algorithm: str, allowed: Collection[str]) -> None:
    """RFC 8725 3.1: how the content key comes is ours to allow. Never dir, PBES2 (p2c makes us work), RSA1_5 or SHA-1."""
    if algorithm not in allowed or algorithm not in KEY_ALGORITHMS:
        raise BadAnswer("the token is encrypted by an algorithm that is not allowed (alg)")


def check_content_algorithm(algorithm: str, allowed: Collection[str]) -> None:
    """RFC 8725 3.1: so is what the content is encrypted with."""
    if algorithm not in allowed or algorithm not in CONTENT_ALGORITHMS:
        raise BadAnswer("the token is encrypted by an algorithm that is not allowed (enc)")


def check_not_compressed(header: Mapping[str, Any]) -> None:
    """RFC 8725 3.6: compression tells of the content by its length, and what comes out could be of any size."""
    if "zip" in header:
        raise BadAnswer("the encrypted token is compressed")


def check_sizes(sealed: _Sealed) -> None:
    """RFC 7518 5.3: 96 bits of iv, and 128 of the tag: a shorter one could be guessed. 4.6: ECDH-ES wraps nothing."""
    direct = sealed.header["alg"] == "ECDH-ES"
    if len(sealed.iv) != _IV or len(sealed.tag) != _TAG or (direct and sealed.wrapped):
        raise BadAnswer("a part of the encrypted token has a wrong length")


def check_ours(candidates: Collection[Key]) -> None:
    """RFC 7516 4.1.6: it was encrypted to a key of ours, published for this algorithm."""
    if not candidates:
        raise BadAnswer("the token is encrypted to a key that is not ours")


# -- opening ----------------------------------------------------------------------------------------------------------


def _opened(sealed: _Sealed, key: Key) -> bytes:
    content_key = _content_key(sealed, key)
    return AESGCM(content_key).decrypt(sealed.iv, sealed.content + sealed.tag, sealed.protected)


def _content_key(sealed: _Sealed, key: Key) -> bytes:
    """The content key. ValueError when it cannot be had: of another length, of another curve."""
    length = CONTENT_ALGORITHMS[sealed.header["enc"]]
    if sealed.header["alg"] == "ECDH-ES":
        return agreed_key(key.private.agree(_ephemeral(sealed.header.get("epk"))), sealed.header, length)
    content_key = key.private.decrypt(sealed.wrapped, _OAEP)
    check_key_length(content_key, length)
    return content_key


def check_key_length(content_key: bytes, length: int) -> None:
    """RFC 7516 5.2, step 10: the content key has the length of `enc`; a shorter one is another algorithm's."""
    if len(content_key) != length:
        raise ValueError("the content key has another length")


def _ephemeral(stated: object) -> ec.EllipticCurvePublicKey:
    """RFC 7518 4.6.1.1: the sender's key of this message, a point of P-256. ValueError when it is none."""
    epk = stated if isinstance(stated, dict) else {}
    x, y = (base64url(text) if isinstance(text := epk.get(name), str) else b"" for name in ("x", "y"))
    if (epk.get("kty"), epk.get("crv"), len(x), len(y)) != ("EC", "P-256", _COORDINATE, _COORDINATE):
        raise ValueError("the ephemeral key is not a point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)


def agreed_key(secret: bytes, header: Mapping[str, Any], length: int) -> bytes:
    """The key that both sides derive (RFC 7518 4.6.2, NIST SP 800-56A 5.8.1). ValueError when apu or apv is no text."""
    named = header["enc"].encode()
    parties = (_party(header.get("apu", "")), _party(header.get("apv", "")))
    info = b"".join(len(part).to_bytes(4, "big") + part for part in (named, *parties))
    return ConcatKDFHash(SHA256(), length, info + (8 * length).to_bytes(4, "big")).derive(secret)


def _party(stated: object) -> bytes:
    if not isinstance(stated, str):
        raise ValueError("apu and apv are texts")
    return base64url(stated)
