"""Signed tokens: written by us, read by joserfc.

We write the compact serialisation (RFC 7515 7.1) ourselves, over a `Signer`, so that the private key may live in a token
that only signs. We read with joserfc and an explicit list of algorithms: never `none`, never a shared secret.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import base64_to_int

from oidc.encryption import Recipient, recipients_in
from oidc.errors import BadAnswer, UnknownKey
from oidc.wire import base64url, read_object

ParsedKey = ECKey | RSAKey
_KIND_FOR: Mapping[str, type[ECKey] | type[RSAKey]] = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey}
ALGORITHMS = frozenset(_KIND_FOR)
LONGEST = 16_384
_MOST_KEYS = 64
_WEAKEST_RSA = 2048


class Signer(Protocol):
    """A signing key as far as it is needed here: its names, and the one operation on the private part."""

    @property
    def kid(self) -> str:
        """The key's id in our JWKS."""

    @property
    def algorithm(self) -> str:
        """ES256, RS256 or PS256."""

    def sign(self, data: bytes) -> bytes:
        """The signature in JWS form (ES256: r and s, 64 bytes)."""


def sign_jwt(claims: Mapping[str, object], signer: Signer, typ: str = "JWT") -> str:
    """The claims as a signed compact JWT."""
    header = {"alg": signer.algorithm, "kid": signer.kid, "typ": typ}
    signing_input = f"{_encode(header)}.{_encode(claims)}".encode()
    return f"{signing_input.decode()}.{_base64(signer.sign(signing_input))}"


def left_hash(value: str, algorithm: str) -> str:
    """The left half of a hash, as in `at_hash` (OpenID Connect Core 3.1.3.6). All our algorithms end in 256."""
    if not algorithm.endswith("256"):
        raise ValueError(f"no hash is known for {algorithm}")
    return _base64(hashlib.sha256(value.encode()).digest()[:16])


def _encode(part: Mapping[str, object]) -> str:
    return _base64(_write(part).encode())


_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


# -- keys of others ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key of a set. `kid` and `algorithm` are empty where the set does not say."""

    kid: str
    algorithm: str
    key: ParsedKey

    def fits(self, kid: str | None, algorithm: str) -> bool:
        """Whether a token with this header may be signed by it (RFC 7517 4.4: a key that names its algorithm has one)."""
        return kid in (None, self.kid) and self.algorithm in ("", algorithm) and isinstance(self.key, _KIND_FOR[algorithm])


@dataclass(frozen=True, slots=True)
class KeySet:
    """Public keys, parsed once: those that verify, and those to encrypt for."""

    keys: tuple[PublicKey, ...]
    recipients: tuple[Recipient, ...] = ()

    def find(self, kid: str | None, algorithm: str) -> ParsedKey:
        """The key of a header. Without a kid it must be the only one that fits (RFC 7515 4.1.4). Raises UnknownKey."""
        fitting = [public.key for public in self.keys if public.fits(kid, algorithm)]
        if len(fitting) != 1:
            raise UnknownKey("no key, or more than one, fits the header of the token")
        return fitting[0]

    def recipient(self, wrapping: str) -> Recipient:
        """The first key to encrypt for by this `alg`. Raises UnknownKey."""
        for recipient in self.recipients:
            if recipient.wrapping == wrapping:
                return recipient
        raise UnknownKey(f"no key for {wrapping} is published, of 2048 bits or more or on a curve of NIST, use enc or none")


def read_jwks(document: bytes) -> KeySet:
    """A partner's keys (RFC 7517 5). Keys that we cannot use are passed over; raises BadAnswer for no set at all."""
    listed = read_object(document, "the key set").get("keys")
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise BadAnswer("the key set has no list of keys, or too many")
    verifying = tuple(public for entry in listed if (public := public_key_in(entry)) is not None)
    return KeySet(verifying, tuple(recipient for entry in listed for recipient in recipients_in(entry)))


def read_own_jwks(document: bytes) -> KeySet:
    """The keys by which a partner proves who it is: as `read_jwks`, but a private part that was published proves nobody."""
    keys, listed = read_jwks(document), read_object(document, "the key set")["keys"]
    private = (public_key_in(entry) for entry in listed if isinstance(entry, dict) and "d" in entry)
    exposed = {public.key.thumbprint() for public in private if public is not None}
    return replace(keys, keys=tuple(public for public in keys.keys if public.key.thumbprint() not in exposed))


def public_key_in(entry: object) -> PublicKey | None:
    """The key of a JWK, None for one that we cannot use, or that signs nothing (RFC 7517 4.2)."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    try:
        key = _parsed(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return PublicKey(str(entry.get("kid", "")), str(entry.get("alg", "")), key) if key else None


def _parsed(entry: Mapping[str, Any]) -> ParsedKey | None:
    """The public members alone, of the kinds we know: a shared secret (kty oct) is no key here, whoever publishes it."""
    public = {name: entry[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in entry}
    if public["kty"] == "EC" and public["crv"] == "P-256":
        return ECKey.import_key(public)
    if public["kty"] == "RSA" and base64_to_int(public["n"]).bit_length() >= _WEAKEST_RSA:  # joserfc would only warn
        return RSAKey.import_key(public)
    return None


# -- tokens of others -------------------------------------------------------------------------------------------------

_BY_NAME = {name: JWSRegistry.algorithms[name] for name in ALGORITHMS}


def verify_jwt(
    token: str, keys: KeySet, algorithms: Collection[str], types: Collection[str] | None = None
) -> Mapping[str, Any]:
    """The claims of a compact JWT whose signature is good. `types` are what its `typ` may say, None for anything.

    Raises BadAnswer, or UnknownKey to have the keys renewed.
    """
    return verify_by(lambda header: keys.find(header.get("kid"), header["alg"]), token, algorithms, types).claims


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says, and the key that signed it."""

    claims: Mapping[str, Any]
    key: ParsedKey


def verify_by(
    find: Callable[[Mapping[str, Any]], ParsedKey],
    token: str,
    algorithms: Collection[str],
    types: Collection[str] | None = None,
) -> Verified:
    """As `verify_jwt`, by the key that `find` gives for a header, whose algorithm is allowed by then. Raises BadAnswer."""
    signed = _taken_apart(token)
    header = read_object(signed.header, "the header of the token")
    check_header(header)
    check_algorithm(header["alg"], algorithms)
    check_no_critical(header)
    if types is not None:
        check_type(header, types)
    key = find(header)
    check_signature(signed, header["alg"], key)
    return Verified(read_object(signed.payload, "the payload of the token"), key)


def read_unverified(token: str) -> Mapping[str, Any]:
    """The claims of a compact JWT before anything was checked: enough to learn whose keys to try. Raises BadAnswer."""
    return read_object(_taken_apart(token).payload, "the payload of the token")


@dataclass(frozen=True, slots=True)
class _Signed:
    """A compact JWS (RFC 7515 7.1): what its three parts hold, and `covered`, over which the signature was made."""

    header: bytes
    payload: bytes
    signature: bytes
    covered: bytes


def _taken_apart(token: str) -> _Signed:
    check_length(token)
    parts = token.split(".")
    check_compact(parts)
    header, payload, signature = map(base64url, parts)
    return _Signed(header, payload, signature, token.rpartition(".")[0].encode())


def check_length(token: str) -> None:
    """A token of a login has a few kilobytes; 16 KiB bounds the work that a stranger can cause."""
    if len(token) > LONGEST:
        raise BadAnswer("the token is too long")


def check_compact(parts: Sequence[str]) -> None:
    """RFC 7515 7.1: a header, a payload and a signature."""
    if len(parts) != 3:
        raise BadAnswer("the token is not a compact JWS")


def check_header(header: Mapping[str, Any]) -> None:
    """RFC 7515 4.1.1 and 4.1.4: alg is text, and so is kid if there is one."""
    if not all(isinstance(text, str) for text in (header.get("alg"), header.get("kid", ""))):
        raise BadAnswer("the header of the token is malformed")


def check_algorithm(algorithm: str, allowed: Collection[str]) -> None:
    """RFC 8725 3.1: the algorithm is one of ours to allow, whatever the token or the provider's metadata say."""
    if algorithm not in allowed or algorithm not in ALGORITHMS:
        raise BadAnswer("the token is signed with an algorithm that is not allowed")


def check_no_critical(header: Mapping[str, Any]) -> None:
    """RFC 7515 4.1.11: an extension that must be understood, and that we do not know, makes the token invalid."""
    if "crit" in header:
        raise BadAnswer("the token has a critical extension")


def check_type(header: Mapping[str, Any], types: Collection[str]) -> None:
    """RFC 8725 3.11: a token of another kind must not pass for this one. RFC 7515 4.1.9: `application/` may be left out."""
    stated = header.get("typ", "jwt")
    if not isinstance(stated, str) or stated.lower().removeprefix("application/") not in types:
        raise BadAnswer("the token is of another kind (typ)")


def check_signature(signed: _Signed, algorithm: str, key: ParsedKey) -> None:
    """RFC 7515 5.2: the provider's key made this signature over this very header and payload."""
    model = _BY_NAME[algorithm]
    try:
        model.check_key(key)
        good = model.verify(signed.covered, signed.signature, key)
    except (JoseError, ValueError):
        good = False
    if not good:
        raise BadAnswer("the signature of the token is wrong")
