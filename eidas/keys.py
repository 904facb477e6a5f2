"""Our private keys as far as this library needs them: three operations, so that a hardware token can stand behind them."""

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from certs.keys import InMemory, Key, PrivateKey, PublicKey, own_hash
from eidas.algorithms import Scheme, method_uri

__all__ = ["Decrypter", "LocalDecrypter", "LocalSigner", "Oaep", "PublicKey", "Signer", "decrypter_of", "signer_of"]


def curve_octets(curve: ec.EllipticCurve) -> int:
    """The length of a number of this curve."""
    return (curve.key_size + 7) // 8


class Signer(Protocol):
    """A signing key with its certificate."""

    @property
    def method(self) -> str:
        """The URI of its signature method (`algorithms.SIGNATURE_METHODS`)."""

    @property
    def certificate(self) -> bytes:
        """What others know the key by: X.509 in DER."""

    def sign(self, data: bytes) -> bytes:
        """The signature as XML Signature has it: ECDSA: r and s of the curve's length; PSS: a salt like the digest."""


@dataclass(frozen=True, slots=True)
class Oaep:
    """RSAES-OAEP's parameters: the hash of the label, the hash of the mask, and the label (RFC 8017 7.1)."""

    digest: HashAlgorithm
    mask: HashAlgorithm
    label: bytes = b""


class Decrypter(Protocol):
    """A key that others encrypt for."""

    @property
    def public_key(self) -> PublicKey:
        """Says which of the two operations there is, and on which curve."""

    def unwrap_rsa(self, wrapped: bytes, oaep: Oaep) -> bytes:
        """RSAES-OAEP decryption (RFC 8017 7.1.2). ValueError when it does not open; TypeError for a key of a curve."""

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        """The shared secret of ECDH: the coordinate x. TypeError for an RSA key, ValueError on another curve."""


# -- private keys in memory -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """A signing key with the hash that it signs by; RSA signs with PSS."""

    private: PrivateKey = field(repr=False)
    hash: HashAlgorithm
    certificate: bytes

    @property
    def method(self) -> str:
        """The URI of its signature method."""
        return _method(self.private.public_key(), self.hash)

    def sign(self, data: bytes) -> bytes:
        """As `Signer.sign`."""
        return InMemory(self.private).sign(data, self.hash, pss=True)


@dataclass(frozen=True, slots=True)
class LocalDecrypter:
    """A decryption key that was read from a file."""

    private: PrivateKey = field(repr=False)

    @property
    def public_key(self) -> PublicKey:
        """The public part."""
        return self.private.public_key()

    def unwrap_rsa(self, wrapped: bytes, oaep: Oaep) -> bytes:
        """As `Decrypter.unwrap_rsa`."""
        return InMemory(self.private).decrypt(wrapped, _padding(oaep))

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        """As `Decrypter.agree`."""
        return InMemory(self.private).agree(peer)


# -- keys of a keyring, wherever their private parts lie ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _KeySigner:
    key: Key

    @property
    def method(self) -> str:
        return _method(self.key.public_key, own_hash(self.key.public_key))

    @property
    def certificate(self) -> bytes:
        return self.key.certificate

    def sign(self, data: bytes) -> bytes:
        return self.key.private.sign(data, own_hash(self.key.public_key), pss=True)


@dataclass(frozen=True, slots=True)
class _KeyDecrypter:
    key: Key

    @property
    def public_key(self) -> PublicKey:
        return self.key.public_key

    def unwrap_rsa(self, wrapped: bytes, oaep: Oaep) -> bytes:
        return self.key.private.decrypt(wrapped, _padding(oaep))

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        return self.key.private.agree(peer)


def signer_of(key: Key) -> Signer:
    """A key of the keyring that signs XML: with the hash that goes with it, RSA with PSS."""
    return _KeySigner(key)


def decrypter_of(key: Key) -> Decrypter:
    """A key of the keyring that others encrypt for."""
    return _KeyDecrypter(key)


def _method(public: PublicKey, algorithm: HashAlgorithm) -> str:
    return method_uri(Scheme.PSS if isinstance(public, rsa.RSAPublicKey) else Scheme.ECDSA, algorithm)


def _padding(oaep: Oaep) -> padding.OAEP:
    return padding.OAEP(padding.MGF1(oaep.mask), oaep.digest, oaep.label or None)
