"""Tokens that only their service can open: a signed JWT inside an encrypted one (RFC 7519 3, OpenID Connect Core 10.2).

The service says by which algorithm it unwraps (`alg`) and publishes the key; the content is always A256GCM. The header says
besides whose token it is and for whom, as FranceConnect's does (RFC 7519 5.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from oidc.errors import BadAnswer
from oidc.wire import base64url, read_object

CONTENT = "A256GCM"
WRAPPINGS = ("RSA-OAEP-256", "ECDH-ES", "RSA-OAEP")
"""How the key of the content travels (RFC 7518 4.3, 4.6). The last one is for libraries that know no other."""
_FOR_RSA, _FOR_EC = ("RSA-OAEP-256", "RSA-OAEP"), ("ECDH-ES",)
_CURVES = frozenset(("P-256", "P-384", "P-521"))
_WEAKEST_RSA = 2048
_PARTS = 5
_REGISTRY = jwe.JWERegistry(algorithms=[*WRAPPINGS, CONTENT], strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to encrypt for. `kid` is "" where the service gave it none."""

    kid: str
    wrapping: str
    key: ECKey | RSAKey


def recipients_in(entry: object) -> tuple[Recipient, ...]:
    """The key of an entry of a JWK set, once for each `alg` that it serves; nothing for a key not to be used (RFC 7517 4).

    That is one which says `use` sig, or another `alg`, and one whose private part was published: it keeps nothing secret.
    """
    if not isinstance(entry, dict) or entry.get("use", "enc") != "enc" or "d" in entry:
        return ()
    try:
        key, wrappings = _parsed(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return ()
    kid = str(entry.get("kid", ""))
    return tuple(Recipient(kid, name, key) for name in wrappings if entry.get("alg", name) == name)


def _parsed(entry: Mapping[str, Any]) -> tuple[ECKey | RSAKey, tuple[str, ...]]:
    """From the public members alone, and what the kind serves. Raises ValueError for kinds that we do not know."""
    public = {name: entry[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in entry}
    if public["kty"] == "EC" and public["crv"] in _CURVES:
        return ECKey.import_key(public), _FOR_EC
    if public["kty"] == "RSA" and base64_to_int(public["n"]).bit_length() >= _WEAKEST_RSA:
        return RSAKey.import_key(public), _FOR_RSA
    raise ValueError("no key to encrypt for")


def encrypt_jwt(token: str, recipient: Recipient, issuer: str, audience: str) -> str:
    """A signed compact JWT, encrypted for its service."""
    header = {"alg": recipient.wrapping, "enc": CONTENT, "cty": "JWT", "iss": issuer, "aud": audience}
    if recipient.kid:
        header["kid"] = recipient.kid
    return jwe.encrypt_compact(header, token.encode(), recipient.key, registry=_REGISTRY)


def addressee(token: str) -> str:
    """For whom a token that we encrypted says it is (RFC 7519 5.3): nobody proves it. "" when it does not say."""
    if token.count(".") != _PARTS - 1:
        return ""
    try:
        stated = read_object(base64url(token.partition(".")[0]), "the header of the token").get("aud")
    except BadAnswer:
        return ""
    return stated if isinstance(stated, str) else ""
