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

CONTENT = "A256GCM"
WRAPPINGS = ("RSA-OAEP-256", "ECDH-ES")
"""How the key of the content travels (RFC 7518 4.3, 4.6)."""
_CURVES = frozenset(("P-256", "P-384", "P-521"))
_WEAKEST_RSA = 2048
_REGISTRY = jwe.JWERegistry(algorithms=[*WRAPPINGS, CONTENT], strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to encrypt for. `kid` is "" where the service gave it none."""

    kid: str
    wrapping: str
    key: ECKey | RSAKey


def recipient_in(entry: object) -> Recipient | None:
    """The key of an entry of a JWK set, None for one that nobody should encrypt for (RFC 7517 4.2 to 4.4).

    That is one which says `use` sig, or another `alg`, and one whose private part was published: it keeps nothing secret.
    """
    if not isinstance(entry, dict) or entry.get("use", "enc") != "enc" or "d" in entry:
        return None
    try:
        found = _parsed(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return found if found and entry.get("alg", found.wrapping) == found.wrapping else None


def _parsed(entry: Mapping[str, Any]) -> Recipient | None:
    """From the public members alone, of the kinds we know."""
    kid = str(entry.get("kid", ""))
    public = {name: entry[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in entry}
    if public["kty"] == "EC" and public["crv"] in _CURVES:
        return Recipient(kid, "ECDH-ES", ECKey.import_key(public))
    if public["kty"] == "RSA" and base64_to_int(public["n"]).bit_length() >= _WEAKEST_RSA:
        return Recipient(kid, "RSA-OAEP-256", RSAKey.import_key(public))
    return None


def encrypt_jwt(token: str, recipient: Recipient, issuer: str, audience: str) -> str:
    """A signed compact JWT, encrypted for its service."""
    header = {"alg": recipient.wrapping, "enc": CONTENT, "cty": "JWT", "iss": issuer, "aud": audience}
    if recipient.kid:
        header["kid"] = recipient.kid
    return jwe.encrypt_compact(header, token.encode(), recipient.key, registry=_REGISTRY)
