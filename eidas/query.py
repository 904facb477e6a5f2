"""Signatures of the HTTP-Redirect binding (SAML Bindings 3.4.4.1): over the query as it was written, not over XML."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from eidas.algorithms import SIGNATURE_METHODS, STRICT, Compatibility, Deviation, Scheme, SignatureMethod
from eidas.certificates import Certificate
from eidas.errors import SignatureRefused
from eidas.keys import Signer
from eidas.signature import able_to_sign, first, own_method
from eidas.signature_rules import check_deviations

Parameter = Literal["SAMLRequest", "SAMLResponse"]
_MESSAGES: tuple[Parameter, ...] = ("SAMLRequest", "SAMLResponse")
_NAMES = (*_MESSAGES, "RelayState", "SigAlg", "Signature")


@dataclass(frozen=True, slots=True)
class VerifiedQuery:
    """What a signed query holds: the encoded message and the relay state, decoded once from the query."""

    parameter: Parameter
    message: str
    relay_state: str | None
    certificate: Certificate
    deviations: frozenset[Deviation]


def sign_query(parameter: Parameter, message: str, relay_state: str | None, signer: Signer) -> str:
    """The whole query for a message that is deflated and in base64 already. Raises SignatureRefused as `sign` does."""
    own_method(signer)
    relay = {} if relay_state is None else {"RelayState": relay_state}
    signed = urlencode({parameter: message, **relay, "SigAlg": signer.method})
    return f"{signed}&{urlencode({'Signature': b64encode(signer.sign(signed.encode()))})}"


def verify_query(query: str, trusted: Sequence[Certificate], compatibility: Compatibility = STRICT) -> VerifiedQuery:
    """The signed parameters of a raw query, as it came (neither decoded nor sorted). Raises SignatureRefused."""
    check_ascii(query)
    check_each_once(query)
    raw = {name: value for name, value in _pairs(query) if name in _NAMES}
    check_signed_message(raw)
    parameter = next(name for name in _MESSAGES if name in raw)
    uri = unquote_plus(raw["SigAlg"])
    check_known_method(uri)
    method = SIGNATURE_METHODS[uri]
    check_deviations(method.deviations, compatibility)
    value = _base64(unquote_plus(raw["Signature"]))
    # The order is the binding's, whatever the order of the query; the octets are the sender's.
    signed = "&".join(f"{name}={raw[name]}" for name in (parameter, "RelayState", "SigAlg") if name in raw).encode()
    candidates = able_to_sign(method.scheme, len(value), trusted, compatibility)
    certificate = first(candidates, lambda one: _is_right(signed, value, method, one))
    relay_state = unquote_plus(raw["RelayState"]) if "RelayState" in raw else None
    needed = method.deviations | certificate.deviations
    return VerifiedQuery(parameter, unquote_plus(raw[parameter]), relay_state, certificate, needed)


def check_ascii(query: str) -> None:
    """RFC 3986 3.4: whatever is not ASCII is escaped, so that signer and verifier mean the same octets."""
    if not query.isascii():
        raise SignatureRefused("the query is not ASCII")


def check_each_once(query: str) -> None:
    """A parameter stands once: of two, one would be verified and the other read."""
    names = [unquote_plus(name) for name, _ in _pairs(query)]
    if any(names.count(name) > 1 for name in _NAMES):
        raise SignatureRefused("a parameter of the binding stands twice in the query")


def check_signed_message(raw: Mapping[str, str]) -> None:
    """SAML Bindings 3.4.4.1: one message, with its signature and the method."""
    if sum(name in raw for name in _MESSAGES) != 1 or not {"SigAlg", "Signature"} <= raw.keys():
        raise SignatureRefused("the query is not one signed message")


def check_known_method(uri: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.3.1: SigAlg is in our table."""
    if uri not in SIGNATURE_METHODS:
        raise SignatureRefused("the signature method is not known here")


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = (pair.partition("=") for pair in query.split("&"))
    return [(name, value) for name, _, value in parts]


def _base64(value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except ValueError:
        raise SignatureRefused("the signature's value is not base64") from None


def _is_right(data: bytes, value: bytes, method: SignatureMethod, certificate: Certificate) -> bool:
    key, algorithm = certificate.key, method.hash
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(algorithm))
        elif method.scheme is Scheme.PSS:
            key.verify(value, data, padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH), algorithm)
        else:
            key.verify(value, data, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
