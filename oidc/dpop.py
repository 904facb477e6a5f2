"""A client proves, request by request, that it holds the key to which its token is bound: DPoP (RFC 9449).

`read_proof` lists the rules in order (RFC 9449 4.3). The key comes in the proof itself and is a stranger's: what counts is
that the same key proves itself each time, by its thumbprint. That a proof counts once is kept by the caller, who has a
store: nobody may come again with its `jti` before `expires`.

We hand out no nonces (RFC 9449 8): proofs are young and count once. And a proof is no client authentication: it stands
beside that, never in its place.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.util import base64_to_int

from oidc.address import normalised
from oidc.errors import BadAnswer, KeyBound, OAuthError, ProofRefused
from oidc.id_token import moment
from oidc.tokens import ALGORITHMS, ParsedKey, PublicKey, public_key_in, verify_by
from oidc.wire import base64url, same

TYPES = frozenset(("dpop+jwt",))
SCHEME, BEARER = "dpop", "bearer"
"""How the Authorization header names the two kinds of tokens, in lower case."""
PAST, FUTURE = 60, 5
"""Seconds for which a proof counts after it was made, and that a client's clock may be ahead of ours."""
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""How a thumbprint is written: 32 octets in base64url, so two bits of the last character are zero."""
_LONGEST, _LONGEST_ID = 8192, 256
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))  # RFC 7518 6.2.2, 6.3.2, 6.4.1
_LARGEST_RSA, _LARGEST_EXPONENT = 4096, 32  # bits
_P256_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was believed, as far as one message can be: it counts once.

    `thumbprint` is that of its key (RFC 7638); `jti` is to be remembered until `expires` (Unix seconds).
    """

    thumbprint: str
    jti: str
    expires: int


def one_proof(values: Sequence[str], status: int = 400) -> str | None:
    """The proof among the values of a request's DPoP headers, None where there is no such header. Raises ProofRefused."""
    try:
        check_one_header(values)
    except BadAnswer as bad:
        raise ProofRefused(bad.detail, status) from bad
    return values[0] if values else None


def read_proof(
    proof: str, *, method: str, url: str, now: int, access_token: str | None = None, key: str | None = None
) -> Proof:
    """The proof of a request to us, by this method at this address, made about now (Unix seconds).

    `access_token` is what came beside it, at a resource; `key` is the thumbprint of the key that must have made it, where
    there is one. Raises ProofRefused.
    """
    try:
        return _read(proof, method, url, now, access_token, key)
    except BadAnswer as bad:
        raise ProofRefused(bad.detail, 400 if access_token is None else 401) from bad


def _read(proof: str, method: str, url: str, now: int, access_token: str | None, key: str | None) -> Proof:
    check_proof_length(proof)
    verified = verify_by(_key_of, proof, ALGORITHMS, TYPES)
    claims, thumbprint = verified.claims, verified.key.thumbprint()
    check_method(claims, method)
    check_address(claims, url)
    check_made_now(claims, now)
    check_stated_times(claims, now)
    check_proof_identified(claims)
    if access_token is not None:
        check_token_hash(claims, access_token)
    if key is not None:
        check_bound_key(thumbprint, key)
    return Proof(thumbprint, claims["jti"], (moment(claims["iat"]) or now) + PAST + 1)


def read_use(
    scheme: str, values: Sequence[str], *, access_token: str, key: str, method: str, url: str, now: int
) -> Proof | None:
    """The proof of a request at a resource, as for a token that is bound to `key`; "" and None for one that is not.

    `scheme` is how the token was presented, `values` are those of the DPoP headers. Raises OAuthError.
    """
    check_scheme(scheme, key)
    if not key:
        return None
    proof = one_proof(values, 401)
    check_proof_there(proof)
    return read_proof(proof or "", method=method, url=url, now=now, access_token=access_token, key=key)


# -- is there one? ----------------------------------------------------------------------------------------------------


def check_one_header(values: Sequence[str]) -> None:
    """RFC 9449 4.3 rule 1: at most one header, with one proof; two of a name come joined by a comma from some servers."""
    if len(values) > 1 or any(not value or "," in value for value in values):
        raise BadAnswer("there must be one DPoP header, with one proof in it")


def check_scheme(scheme: str, key: str) -> None:
    """RFC 9449 7.1 and 7.2: a bound token comes under DPoP, never as a bearer token, and no other one does."""
    if key and scheme != SCHEME:
        raise KeyBound
    if not key and scheme == SCHEME:
        raise OAuthError("invalid_token", "the access token is not bound to a key: send it as Bearer", 401)


def check_proof_there(proof: str | None) -> None:
    """RFC 9449 7: who presents a bound token proves that he has its key."""
    if proof is None:
        raise ProofRefused("there is none: send it in the header DPoP", 401)


def check_proof_length(proof: str) -> None:
    """A proof has some 500 characters, 3000 with the largest key; what a stranger can make us do is bounded."""
    if len(proof) > _LONGEST:
        raise BadAnswer("it is too long")


# -- its key ----------------------------------------------------------------------------------------------------------


def _key_of(header: Mapping[str, Any]) -> ParsedKey:
    jwk = header.get("jwk")
    check_key_public(jwk)
    public = public_key_in(jwk)
    if public is None or not isinstance(jwk, dict):
        raise BadAnswer("jwk in the header must be a public key: EC on P-256, or RSA of 2048 to 4096 bits")
    check_key_fits(public, header["alg"])
    check_key_bounded(jwk)
    check_key_written(jwk)
    return public.key


def check_key_public(jwk: object) -> None:
    """RFC 9449 4.3 rule 7: a private part that travels in a header is nobody's secret any more."""
    if isinstance(jwk, dict) and not _PRIVATE.isdisjoint(jwk):
        raise BadAnswer("jwk in the header holds a private key: make a new one, and send its public part alone")


def check_key_fits(public: PublicKey, algorithm: str) -> None:
    """RFC 7518 3.1: the key is of the kind that the algorithm needs, and names no other one itself (RFC 7517 4.4)."""
    if not public.fits(None, algorithm):
        raise BadAnswer("jwk in the header is not a key for its alg")


def check_key_bounded(jwk: Mapping[str, Any]) -> None:
    """The key is a stranger's, and so is the time that it takes to verify by it: with large numbers that is seconds."""
    if jwk["kty"] == "RSA":
        modulus, exponent = (base64_to_int(jwk[name]).bit_length() for name in ("n", "e"))
        if modulus > _LARGEST_RSA or exponent > _LARGEST_EXPONENT:
            raise BadAnswer(f"an RSA key has at most {_LARGEST_RSA} bits, and an exponent of {_LARGEST_EXPONENT}")


def check_key_written(jwk: Mapping[str, Any]) -> None:
    """RFC 7518 6.2.1.2, 6.3.1.1: a number has one form, otherwise one key would have several thumbprints."""
    if jwk["kty"] == "EC":
        right = all(len(base64url(jwk[name])) == _P256_OCTETS for name in ("x", "y"))
    else:
        right = all(base64url(jwk[name])[:1] != b"\0" for name in ("n", "e"))
    if not right:
        raise BadAnswer("a number of jwk in the header has more or fewer octets than it needs")


def check_bound_key(thumbprint: str, key: str) -> None:
    """RFC 9449 4.3 rule 12, 10: the key is the one to which the token, or the code, is bound."""
    if not same(thumbprint, key):
        raise BadAnswer("it is made with another key than the one that is bound")


# -- what it says -----------------------------------------------------------------------------------------------------


def check_method(claims: Mapping[str, Any], method: str) -> None:
    """RFC 9449 4.3 rule 8: htm is the method of this request."""
    if not same(claims.get("htm"), method):
        raise BadAnswer("htm is not the method of this request")


def check_address(claims: Mapping[str, Any], url: str) -> None:
    """RFC 9449 4.3 rule 9: htu is the address of this request, but for query and fragment."""
    stated = claims.get("htu")
    form = normalised(stated) if isinstance(stated, str) else None
    if form is None or form != normalised(url):
        raise BadAnswer(f"htu is not the address of this request, which is {url}")


def check_made_now(claims: Mapping[str, Any], now: int) -> None:
    """RFC 9449 4.3 rule 11, 11.1: a proof counts for a minute; one from the future would have been made in reserve."""
    made = moment(claims.get("iat"))
    if made is None or not now - PAST <= made <= now + FUTURE:
        raise BadAnswer(f"iat is missing, or not of the last {PAST} seconds: make a new proof for each request")


def check_stated_times(claims: Mapping[str, Any], now: int) -> None:
    """RFC 7519 4.1.4 and 4.1.5: who states how long a proof counts is taken at his word."""
    expires, begins = moment(claims.get("exp", now + PAST)), moment(claims.get("nbf", now))
    if expires is None or begins is None or expires <= now - FUTURE or begins > now + FUTURE:
        raise BadAnswer("it has expired, or is not valid yet (exp, nbf)")


def check_proof_identified(claims: Mapping[str, Any]) -> None:
    """RFC 9449 4.2: jti is mandatory; without it nobody could tell a second use from the first."""
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= _LONGEST_ID:
        raise BadAnswer(f"jti must be a text of 1 to {_LONGEST_ID} characters, new for each proof")


def check_token_hash(claims: Mapping[str, Any], access_token: str) -> None:
    """RFC 9449 4.3 rule 12: the proof is made for this very access token."""
    if not same(claims.get("ath"), token_hash(access_token)):
        raise BadAnswer("ath is not the hash of the access token")


def token_hash(access_token: str) -> str:
    """RFC 9449 4.2: BASE64URL(SHA-256(access token)), without padding."""
    digest = hashlib.sha256(access_token.encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
