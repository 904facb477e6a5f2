"""A key that was made elsewhere: PEM of any form, or PKCS#12, with its certificates."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509 import load_pem_x509_certificates

from certs.keys import PrivateKey


class ImportRefused(ValueError):
    """What was given is no key that can be used; the text says why."""


def read_key(octets: bytes, password: bytes | None = None) -> tuple[PrivateKey, tuple[bytes, ...]]:
    """The private key in a file, and the certificates (DER) that PKCS#12 has beside it. Raises ImportRefused."""
    try:
        if octets.lstrip().startswith(b"-----BEGIN"):
            private, others = load_pem_private_key(octets, password), ()
        else:
            private, own, more = load_key_and_certificates(octets, password)  # type: ignore[assignment]
            others = tuple(one.public_bytes(Encoding.DER) for one in (own, *more) if one)  # type: ignore[assignment]
    except TypeError:
        needs = "a password is needed: --password-file" if password is None else "no password is needed"
        raise ImportRefused(f"the key cannot be opened: {needs}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ImportRefused("not a private key in PEM or PKCS#12, or the password is wrong") from None
    if not isinstance(private, PrivateKey):
        raise ImportRefused("the key is neither RSA nor on a curve")
    return private, others


def read_certificates(octets: bytes) -> tuple[bytes, ...]:
    """Certificates in PEM as DER, in their order. Raises ImportRefused."""
    try:
        return tuple(one.public_bytes(Encoding.DER) for one in load_pem_x509_certificates(octets))
    except ValueError:
        raise ImportRefused("not certificates in PEM") from None
