"""Certificates: those that a key signs for itself, and a small authority for demos and tests.

In the eIDAS network the metadata says which keys count; a certificate carries the key and its dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.keys import PrivateKey, PublicKey, Use, own_hash

_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority: its key, and its certificate in DER."""

    private: PrivateKey = field(repr=False)
    certificate: bytes

    def issue(self, public: PublicKey, use: Use, subject: str, now: int, days: int = 365) -> bytes:
        """A certificate in DER for a key of this use, valid from `now` (Unix seconds)."""
        issuer = x509.load_der_x509_certificate(self.certificate).subject
        return _signed(_builder(public, use, subject, now, days).issuer_name(issuer), self.private)


def new_authority(private: PrivateKey, subject: str, now: int, days: int = 3650) -> Authority:
    """An authority around a key."""
    builder = _builder(private.public_key(), _AUTHORITY, subject, now, days).issuer_name(_name(subject))
    return Authority(private, _signed(builder, private))


def self_signed(private: PrivateKey, use: Use, subject: str, now: int, days: int = 730) -> bytes:
    """A certificate in DER that a key signs for itself."""
    return _signed(_builder(private.public_key(), use, subject, now, days).issuer_name(_name(subject)), private)


def _builder(public: PublicKey, use: str, subject: str, now: int, days: int) -> x509.CertificateBuilder:
    start = datetime.fromtimestamp(now, UTC)
    authority = use == _AUTHORITY
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(_key_usage(public, use), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if use == Use.TLS_CLIENT:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return builder


def _key_usage(public: PublicKey, use: str) -> x509.KeyUsage:
    """RFC 5280 4.2.1.3; eIDAS Cryptographic Requirements 1.4, 3.5: keyUsage says what the key is for."""
    transport = "key_encipherment" if isinstance(public, rsa.RSAPublicKey) else "key_agreement"
    uses: Mapping[str, str] = {_AUTHORITY: "key_cert_sign", Use.SAML_DECRYPTION: transport}
    bits = dict.fromkeys(_BITS, False)
    bits[uses.get(use, "digital_signature")] = True
    return x509.KeyUsage(**bits)


def _signed(builder: x509.CertificateBuilder, private: PrivateKey) -> bytes:
    algorithm = own_hash(private.public_key())
    salted = None
    if isinstance(private, rsa.RSAPrivateKey):
        salted = padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)
    return builder.sign(private, algorithm, rsa_padding=salted).public_bytes(Encoding.DER)


def _name(subject: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject[:64])])
