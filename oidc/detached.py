"""A signature over a file that lies beside it: a JWS whose payload is the file as it is (RFC 7515 appendix F, RFC 7797).

    HEADER..SIGNATURE        over the octets  HEADER "." FILE

It is made by ES256. The header has one form for a key, so it is compared and never interpreted.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.keys import Key, PublicKey
from oidc.errors import SignatureRefused

_HALF = 32  # octets of r, and of s (RFC 7518 3.4)


def sign_detached(content: bytes, key: Key, typ: str) -> bytes:
    """The signature over some content, by a key on P-256. `typ` says what the content is, so none is taken for another."""
    header = _header(key.public_key, typ)
    return b"..".join((header, _base64(key.sign(header + b"." + content))))


def verify_detached(signature: bytes, content: bytes, keys: Iterable[PublicKey], typ: str) -> None:
    """RFC 7797 3: one of these keys signed this content as what it is said to be. Raises SignatureRefused."""
    known = {_header(key, typ): key for key in keys if isinstance(key, ec.EllipticCurvePublicKey)}
    header, _, written = signature.partition(b"..")
    check_known(header, known)
    check_signature(known[header], written, header + b"." + content)


def _header(public: PublicKey, typ: str) -> bytes:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    kid = _base64(hashlib.sha256(der).digest()).decode()
    members = {"alg": "ES256", "b64": False, "crit": ["b64"], "kid": kid, "typ": typ}
    return _base64(json.dumps(members, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def check_known(header: bytes, known: Iterable[bytes]) -> None:
    """RFC 7515 4.1.4: the header names a key that counts, and what it signs."""
    if header not in known:
        raise SignatureRefused("it is not by a key that counts here")


def check_signature(public: ec.EllipticCurvePublicKey, written: bytes, content: bytes) -> None:
    """RFC 7515 5.2: the signature is right, and written in one way."""
    try:
        raw = urlsafe_b64decode(written + b"=" * (-len(written) % 4))
        if len(raw) != 2 * _HALF or _base64(raw) != written:
            raise SignatureRefused("it is no signature of ES256")
        r, s = int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big")
        public.verify(encode_dss_signature(r, s), content, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise SignatureRefused("the signature is wrong") from None
