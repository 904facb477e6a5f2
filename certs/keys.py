"""One key: what it is for, in which state it is, and the three operations on its private part."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
RSA_BITS = 3072
_P256_BYTES = 32


class Use(StrEnum):
    """What a key is for. A key has one use."""

    OP_SIGNING = "op-signing"
    """ID tokens and userinfo, towards services (RFC 7515)."""
    RP_SIGNING = "rp-signing"
    """Who we are towards providers, in the place of a secret (RFC 7523)."""
    RP_DECRYPTION = "rp-decryption"
    """What providers encrypt for us (RFC 7516)."""
    SAML_SIGNING = "saml-signing"
    """Messages to other countries."""
    SAML_DECRYPTION = "saml-decryption"
    """What other countries encrypt for us."""
    METADATA_SIGNING = "metadata-signing"
    """What we tell other countries of ourselves."""
    TLS_CLIENT = "tls-client"
    """Who we are where a partner's server asks for a certificate."""
    LEDGER_SIGNING = "ledger-signing"
    """Checkpoints of the ledger, which auditors keep."""
    SEALING = "sealing"
    """Rows at rest: symmetric, so not in this folder but in `secrets/pepper-N` (`broker.seal`)."""


class State(StrEnum):
    """Where a key stands in its life: others know all three, only the active one signs; all decrypt."""

    PUBLISHED = "published"
    ACTIVE = "active"
    RETIRING = "retiring"


# -- algorithms -------------------------------------------------------------------------------------------------------

CURVES: Mapping[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "brainpoolP256r1": ec.BrainpoolP256R1(),
    "brainpoolP384r1": ec.BrainpoolP384R1(),
    "brainpoolP512r1": ec.BrainpoolP512R1(),
}
"""eIDAS Cryptographic Requirements 1.4, 3.4: the curves that it names."""
_RSA_SIZES = {"RSA-3072": 3072, "RSA-4096": 4096}

OP_ALGORITHMS = ("ES256", "RS256", "PS256")
"""RFC 7518 3.1: of keys for tokens. A key has one of them: an RSA key signs in one way."""
EIDAS_ALGORITHMS = (*CURVES, *_RSA_SIZES)
"""Of keys for the eIDAS network: ECDSA or ECDH on a curve; RSASSA-PSS or RSAES-OAEP."""
RP_ENCRYPTION = ("ECDH-ES", "RSA-OAEP-256")
"""RFC 7518 4.1: how a content key reaches us; ECDH-ES on P-256."""
JOSE_USES = frozenset({Use.OP_SIGNING, Use.RP_SIGNING, Use.RP_DECRYPTION})
"""Uses whose keys others know as JWKs: named by their thumbprint, and one of each algorithm may be active."""
LEDGER_ALGORITHMS = ("P-256",)
"""C2SP signed-note, type 0x02, on the curve that it recommends."""


def algorithms_of(use: Use) -> tuple[str, ...]:
    """What a key of this use can be made for."""
    others = {
        Use.OP_SIGNING: OP_ALGORITHMS,
        Use.RP_SIGNING: OP_ALGORITHMS,
        Use.RP_DECRYPTION: RP_ENCRYPTION,
        Use.LEDGER_SIGNING: LEDGER_ALGORITHMS,
        Use.SEALING: (),
    }
    return others.get(use, EIDAS_ALGORITHMS)


def generate_private(algorithm: str) -> PrivateKey:
    """A new private key. LookupError for an algorithm that is none."""
    if algorithm in ("RS256", "PS256", "RSA-OAEP-256", *_RSA_SIZES):
        return rsa.generate_private_key(65537, _RSA_SIZES.get(algorithm, RSA_BITS))
    return ec.generate_private_key(CURVES["P-256" if algorithm in ("ES256", "ECDH-ES") else algorithm])


def algorithm_of(private: PrivateKey, use: Use) -> str:
    """What a key is for by its kind, "" for a kind that this use does not take."""
    name = algorithm_name(private.public_key())
    if use in JOSE_USES:
        of_curve, of_rsa = ("ECDH-ES", "RSA-OAEP-256") if use is Use.RP_DECRYPTION else ("ES256", "RS256")
        name = of_rsa if isinstance(private, rsa.RSAPrivateKey) else of_curve if name == "P-256" else ""
    return name if name in algorithms_of(use) else ""


def algorithm_name(public: PublicKey) -> str:
    """The size of an RSA key, or the curve, as eIDAS names it; "" for another curve."""
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA-{public.key_size}"
    return next((name for name, curve in CURVES.items() if curve.name == public.curve.name), "")


def own_hash(public: PublicKey) -> SHA256 | SHA384 | SHA512:
    """The hash that goes with a key: as strong as its curve; SHA-256 for RSA."""
    size = public.curve.key_size if isinstance(public, ec.EllipticCurvePublicKey) else 0
    return SHA512() if size > 384 else SHA384() if size > 256 else SHA256()


# -- the private part -------------------------------------------------------------------------------------------------


class PrivatePart(Protocol):
    """Where the private key lies: in memory here, behind PKCS#11 elsewhere. Nothing else touches it."""

    def sign(self, data: bytes, algorithm: HashAlgorithm = ..., pss: bool = False) -> bytes:
        """The signature over `data`: r and s of the curve's length for ECDSA; for RSA PKCS #1 v1.5, or PSS on request."""

    def decrypt(self, wrapped: bytes, oaep: padding.OAEP) -> bytes:
        """RSAES-OAEP decryption (RFC 8017 7.1.2). ValueError when it does not open, TypeError for a key of a curve."""

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        """The shared secret of ECDH: the coordinate x. TypeError for an RSA key, ValueError on another curve."""


@dataclass(frozen=True, slots=True)
class InMemory:
    """A private key that was read from a file."""

    key: PrivateKey = field(repr=False)

    def sign(self, data: bytes, algorithm: HashAlgorithm = SHA256(), pss: bool = False) -> bytes:  # noqa: B008 - frozen
        """As `PrivatePart.sign`: RFC 7518 3.3, 3.4; XML Signature 1.1 6.4.3; RFC 6931 2.3.10 (a salt like the digest)."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            salted = padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)
            return self.key.sign(data, salted if pss else padding.PKCS1v15(), algorithm)
        length = (self.key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(algorithm)))
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    def decrypt(self, wrapped: bytes, oaep: padding.OAEP) -> bytes:
        """As `PrivatePart.decrypt`."""
        if not isinstance(self.key, rsa.RSAPrivateKey):
            raise TypeError("not an RSA key")
        return self.key.decrypt(wrapped, oaep)

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        """As `PrivatePart.agree`."""
        if not isinstance(self.key, ec.EllipticCurvePrivateKey):
            raise TypeError("not a key of a curve")
        return self.key.exchange(ec.ECDH(), peer)


# -- the key ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair. `created` is Unix seconds; `chain` is X.509 in DER, its own certificate first, empty without one."""

    kid: str
    use: Use
    algorithm: str
    state: State
    created: int
    public_key: PublicKey
    private: PrivatePart = field(repr=False)
    chain: tuple[bytes, ...] = ()

    @property
    def certificate(self) -> bytes:
        """What others know the key by: X.509 in DER. LookupError when it has none."""
        if not self.chain:
            raise LookupError(f"the key {self.kid} has no certificate")
        return self.chain[0]

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` in JWS form (RFC 7518 3.3 to 3.5)."""
        return self.private.sign(data, pss=True) if self.algorithm == "PS256" else self.private.sign(data)

    def public_jwk(self) -> dict[str, str]:
        """The public key as others fetch it (RFC 7517 4)."""
        use = "enc" if self.use is Use.RP_DECRYPTION else "sig"
        return {**_public_members(self.public_key), "kid": self.kid, "use": use, "alg": self.algorithm}


def fingerprint(certificate: bytes) -> str:
    """The SHA-256 of a certificate (DER) in hex, in groups of four, as people read it over the phone."""
    return grouped(hashlib.sha256(certificate).hexdigest())


def grouped(digest: str) -> str:
    """A digest in hex in groups of four, as people read it over the phone."""
    return ":".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def key_of(private: PrivateKey, use: Use, algorithm: str, state: State, created: int, chain: tuple[bytes, ...] = ()) -> Key:
    """The key pair around a private key.

    Its kid is the thumbprint of the public part: by RFC 7638 for tokens, of the SubjectPublicKeyInfo elsewhere.
    """
    public = private.public_key()
    return Key(_kid(public, use), use, algorithm, state, created, public, InMemory(private), chain)


def _kid(public: PublicKey, use: Use) -> str:
    if use in JOSE_USES:
        return _thumbprint(_public_members(public))
    return _base64(hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest())


def _public_members(public: PublicKey) -> dict[str, str]:
    if isinstance(public, rsa.RSAPublicKey):
        rsa_numbers = public.public_numbers()
        return {"kty": "RSA", "n": _integer(rsa_numbers.n), "e": _integer(rsa_numbers.e)}
    numbers = public.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _integer(numbers.x, _P256_BYTES), "y": _integer(numbers.y, _P256_BYTES)}


def _integer(number: int, length: int | None = None) -> str:
    return _base64(number.to_bytes(length or (number.bit_length() + 7) // 8, "big"))


def _thumbprint(public: dict[str, str]) -> str:
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":"))
    return _base64(hashlib.sha256(canonical.encode()).digest())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
