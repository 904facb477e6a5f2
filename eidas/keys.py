"""Our private keys as far as this library needs them: three operations, so that a hardware token can stand behind them."""

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from eidas.algorithms import Scheme, method_uri

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


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
    """A signing key that was read from a file; RSA signs with PSS."""

    private: PrivateKey = field(repr=False)
    hash: HashAlgorithm
    certificate: bytes

    @property
    def method(self) -> str:
        """The URI of its signature method."""
        return method_uri(Scheme.PSS if isinstance(self.private, rsa.RSAPrivateKey) else Scheme.ECDSA, self.hash)

    def sign(self, data: bytes) -> bytes:
        """As `Signer.sign`: XML Signature 1.1 6.4.3, RFC 6931 2.3.10."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(self.hash), padding.PSS.DIGEST_LENGTH)
            return self.private.sign(data, pss, self.hash)
        length = curve_octets(self.private.curve)
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(self.hash)))
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")


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
        if not isinstance(self.private, rsa.RSAPrivateKey):
            raise TypeError("not an RSA key")
        return self.private.decrypt(wrapped, padding.OAEP(padding.MGF1(oaep.mask), oaep.digest, oaep.label or None))

    def agree(self, peer: ec.EllipticCurvePublicKey) -> bytes:
        """As `Decrypter.agree`."""
        if not isinstance(self.private, ec.EllipticCurvePrivateKey):
            raise TypeError("not a key of a curve")
        return self.private.exchange(ec.ECDH(), peer)
