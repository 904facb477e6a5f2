"""Which algorithms are read and written, by the URI that stands in a message, and which of them only as an exception.

eIDAS Cryptographic Requirements 1.4, 3: what a table here does not name is refused, and what it names with a deviation is
refused unless the caller's `Compatibility` allows that deviation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

_XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_XMLENC11 = "http://www.w3.org/2009/xmlenc11#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED_SIGNATURE = f"{_XMLDSIG}enveloped-signature"


class Deviation(StrEnum):
    """What a country may do against the requirements of version 1.4, if its entry says so."""

    RSA_PKCS1 = "rsa-pkcs1v15"
    """Signatures of RSASSA-PKCS1-v1_5."""
    SHA1 = "sha1"
    """SHA-1 in a signature or in its reference."""
    RSA_2048 = "rsa-2048"
    """RSA keys from 2048 bits instead of 3072."""
    RSA_OAEP_MGF1P = "oaep-sha1"
    """Key transport of XML Encryption 1.0, whose mask is made with SHA-1."""
    DOCUMENT_REFERENCE = "document-reference"
    """`URI=""`: the signature names the document instead of its root's ID."""
    AUDIENCE_ACS_URL = "audience-acs-url"
    """The audience of an assertion is the address of the AssertionConsumerService."""
    NO_NODE_COUNTRY = "no-node-country"
    """Metadata that does not say of which country it is."""


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The deviations that one partner is allowed."""

    deviations: frozenset[Deviation] = frozenset()

    def lacks(self, needed: frozenset[Deviation]) -> str:
        """Those that are needed and not allowed, for the log; empty when there is none."""
        return ", ".join(sorted(needed - self.deviations))


STRICT = Compatibility()

_NONE: frozenset[Deviation] = frozenset()
_SHA1 = frozenset({Deviation.SHA1})
_PKCS1 = frozenset({Deviation.RSA_PKCS1})


class Scheme(StrEnum):
    """How a signature is computed."""

    PSS = "RSASSA-PSS"
    PKCS1 = "RSASSA-PKCS1-v1_5"
    ECDSA = "ECDSA"


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """XML Signature 1.1 6.4 and RFC 6931 2.3: scheme, hash, and what must be allowed for it."""

    scheme: Scheme
    hash: HashAlgorithm
    deviations: frozenset[Deviation] = _NONE


@dataclass(frozen=True, slots=True)
class Digest:
    """XML Signature 1.1 6.2."""

    hash: HashAlgorithm
    deviations: frozenset[Deviation] = _NONE


DIGESTS: Mapping[str, Digest] = {
    f"{_XMLENC}sha256": Digest(SHA256()),
    f"{_MORE}sha384": Digest(SHA384()),
    f"{_XMLENC}sha512": Digest(SHA512()),
    f"{_XMLDSIG}sha1": Digest(SHA1(), _SHA1),  # noqa: S303 - refused unless the partner is allowed it
}

_DIGEST_URIS = {digest.hash.name: uri for uri, digest in DIGESTS.items()}

SIGNATURE_METHODS: Mapping[str, SignatureMethod] = {
    f"{_MORE_2007}sha256-rsa-MGF1": SignatureMethod(Scheme.PSS, SHA256()),
    f"{_MORE_2007}sha384-rsa-MGF1": SignatureMethod(Scheme.PSS, SHA384()),
    f"{_MORE_2007}sha512-rsa-MGF1": SignatureMethod(Scheme.PSS, SHA512()),
    f"{_MORE}ecdsa-sha256": SignatureMethod(Scheme.ECDSA, SHA256()),
    f"{_MORE}ecdsa-sha384": SignatureMethod(Scheme.ECDSA, SHA384()),
    f"{_MORE}ecdsa-sha512": SignatureMethod(Scheme.ECDSA, SHA512()),
    f"{_MORE}rsa-sha256": SignatureMethod(Scheme.PKCS1, SHA256(), _PKCS1),
    f"{_MORE}rsa-sha384": SignatureMethod(Scheme.PKCS1, SHA384(), _PKCS1),
    f"{_MORE}rsa-sha512": SignatureMethod(Scheme.PKCS1, SHA512(), _PKCS1),
    f"{_XMLDSIG}rsa-sha1": SignatureMethod(Scheme.PKCS1, SHA1(), _PKCS1 | _SHA1),  # noqa: S303 - as above
}


def method_uri(scheme: Scheme, algorithm: HashAlgorithm) -> str:
    """The URI of a signature method that needs no deviation. LookupError when there is none."""
    for uri, method in SIGNATURE_METHODS.items():
        if (method.scheme, method.hash.name, method.deviations) == (scheme, algorithm.name, _NONE):
            return uri
    raise LookupError(f"no signature method for {scheme} with {algorithm.name}")


def digest_uri(algorithm: HashAlgorithm) -> str:
    """The URI of a digest. LookupError when there is none."""
    return _DIGEST_URIS[algorithm.name]


# -- elliptic curves, by the URN that names them (XML Signature 1.1 4.5.2.3) -------------------------------------------

CURVES: Mapping[str, ec.EllipticCurve] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1(),
    "urn:oid:1.3.132.0.34": ec.SECP384R1(),
    "urn:oid:1.3.132.0.35": ec.SECP521R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.7": ec.BrainpoolP256R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.11": ec.BrainpoolP384R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.13": ec.BrainpoolP512R1(),
}
CURVE_URNS: Mapping[str, str] = {curve.name: urn for urn, curve in CURVES.items()}

# -- encryption: AES key lengths in octets -----------------------------------------------------------------------------

AES128_GCM = f"{_XMLENC11}aes128-gcm"
AES256_GCM = f"{_XMLENC11}aes256-gcm"
CONTENT_KEY_LENGTHS: Mapping[str, int] = {AES128_GCM: 16, AES256_GCM: 32}

KEY_WRAPS: Mapping[str, int] = {f"{_XMLENC}kw-aes128": 16, f"{_XMLENC}kw-aes256": 32}

RSA_OAEP = f"{_XMLENC11}rsa-oaep"
RSA_OAEP_MGF1P = f"{_XMLENC}rsa-oaep-mgf1p"
MGF1_SHA256 = f"{_XMLENC11}mgf1sha256"
MASKS: Mapping[str, HashAlgorithm] = {
    MGF1_SHA256: SHA256(),
    f"{_XMLENC11}mgf1sha384": SHA384(),
    f"{_XMLENC11}mgf1sha512": SHA512(),
}

ECDH_ES = f"{_XMLENC11}ECDH-ES"
CONCAT_KDF = f"{_XMLENC11}ConcatKDF"
ELEMENT_TYPE = f"{_XMLENC}Element"
