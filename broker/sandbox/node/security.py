"""Signatures of the simulated node: libxmlsec by templates for XML, and the query of the HTTP-Redirect binding.

Sources: XML Signature 1.1, RFC 9231 (method URIs), SAML Bindings 3.4.4.1, eIDAS Cryptographic Requirements 1.4, 3.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from urllib.parse import unquote_plus, urlencode

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256 as HASH_256
from cryptography.hazmat.primitives.hashes import SHA384 as HASH_384
from cryptography.hazmat.primitives.hashes import SHA512 as HASH_512
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from lxml import etree

Element = etree._Element

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS, XENC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmlenc#"
_MORE, _MORE_2007 = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2007/05/xmldsig-more#"
ECDSA, PSS = f"{_MORE}ecdsa-sha256", f"{_MORE_2007}sha256-rsa-MGF1"
SHA1, SHA256 = f"{DS}sha1", f"{XENC}sha256"
WEAK: Mapping[str, str] = {ECDSA: f"{_MORE}ecdsa-sha1", PSS: f"{DS}rsa-sha1"}
"""The method with SHA-1 in the place of each method of ours."""
_C14N, _ENVELOPED = "http://www.w3.org/2001/10/xml-exc-c14n#", f"{DS}enveloped-signature"
_HASHES: Mapping[str, HashAlgorithm] = {"sha256": HASH_256(), "sha384": HASH_384(), "sha512": HASH_512()}
METHODS: Mapping[str, HashAlgorithm] = {
    **{f"{_MORE}ecdsa-{name}": algorithm for name, algorithm in _HASHES.items()},
    **{f"{_MORE_2007}{name}-rsa-MGF1": algorithm for name, algorithm in _HASHES.items()},
}
"""The signature methods that are allowed, with their hashes."""
DIGESTS = frozenset((SHA256, f"{_MORE}sha384", f"{XENC}sha512"))
"""The digest methods that are allowed."""
_ALLOWED: Mapping[str, frozenset[str]] = {
    "SignatureMethod": frozenset(METHODS),
    "DigestMethod": DIGESTS,
    "CanonicalizationMethod": frozenset((_C14N,)),
    "Transform": frozenset((_ENVELOPED, _C14N)),
}
_NS = {"ds": DS}


class Untrusted(Exception):
    """A signature that is not right; the text says why."""


@dataclass(frozen=True)
class NodeKey:
    """The node's signing key with its certificate, both in PEM."""

    private: bytes
    certificate: bytes

    @cached_property
    def method(self) -> str:
        """The signature method that goes with it."""
        key = load_pem_private_key(self.private, None)
        return PSS if isinstance(key, rsa.RSAPrivateKey) else ECDSA

    @cached_property
    def der(self) -> str:
        """The certificate as metadata writes it: base64 of DER."""
        return b64encode(x509.load_pem_x509_certificate(self.certificate).public_bytes(Encoding.DER)).decode()


def pem_of(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A private key in PEM."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


# -- enveloped signatures ---------------------------------------------------------------------------------------------


def sign(root: Element, key: NodeKey, method: str = "", digest: str = SHA256) -> None:
    """Put an enveloped signature behind the issuer of a message (first where there is none); the root has an ID."""
    template = etree.fromstring(
        f"""<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{_C14N}"/>
<ds:SignatureMethod Algorithm="{method or key.method}"/><ds:Reference URI="#{escape(str(root.get("ID")))}"><ds:Transforms>
<ds:Transform Algorithm="{_ENVELOPED}"/><ds:Transform Algorithm="{_C14N}"/></ds:Transforms>
<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>
<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{key.der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"""
    )
    root.insert(0 if root.find(f"{{{SAML}}}Issuer") is None else 1, template)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key.private, xmlsec.constants.KeyDataFormatPem)
    context.register_id(root, "ID")
    context.sign(template)


def verify(root: Element, certificate: str) -> None:
    """The message's own signature is right by this certificate (base64 of DER). Raises Untrusted."""
    check_own_signature(root)
    check_algorithms(root)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(b64decode(certificate), xmlsec.constants.KeyDataFormatCertDer)
    context.register_id(root, "ID")
    try:
        context.verify(root.findall("ds:Signature", _NS)[0])
    except xmlsec.Error:
        raise Untrusted("the signature is wrong") from None


def check_own_signature(root: Element) -> None:
    """Message Format 1.4, 2.3, 2.4: there is one signature, that of the whole message, and its ID is the only one."""
    own = [one.getparent() for one in root.iter(f"{{{DS}}}Signature")]
    references = [one.get("URI") for one in root.iter(f"{{{DS}}}Reference")]
    ids = [one.get("ID") for one in root.iter() if "ID" in one.attrib]
    if own != [root] or references != [f"#{root.get('ID')}"] or len(set(ids)) != len(ids):
        raise Untrusted("the message has not one signature, of its whole")


def check_algorithms(root: Element) -> None:
    """Cryptographic Requirements 1.4, 3: the algorithms are those of the profile."""
    for name, allowed in _ALLOWED.items():
        found = {one.get("Algorithm") for one in root.iterfind(f"ds:Signature//ds:{name}", _NS)}
        if not found or not found <= allowed:
            raise Untrusted(f"the {name} is none that is allowed")


# -- signatures of queries --------------------------------------------------------------------------------------------


def sign_query(message: str, relay_state: str, key: NodeKey) -> str:
    """SAML Bindings 3.4.4.1: the signed query for a request that is deflated and in base64 already."""
    signed = urlencode({"SAMLRequest": message, "RelayState": relay_state, "SigAlg": key.method})
    return f"{signed}&{urlencode({'Signature': b64encode(_sign(key, signed.encode()))})}"


def _sign(key: NodeKey, data: bytes) -> bytes:
    private, algorithm = load_pem_private_key(key.private, None), METHODS[key.method]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        octets = (private.curve.key_size + 7) // 8
        numbers = decode_dss_signature(private.sign(data, ec.ECDSA(algorithm)))
        return b"".join(number.to_bytes(octets, "big") for number in numbers)
    assert isinstance(private, rsa.RSAPrivateKey)  # noqa: S101 - a node's key is of one of two kinds
    return private.sign(data, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)


def verify_query(query: str, certificate: str) -> None:
    """SAML Bindings 3.4.4.1: a raw query is signed by the owner of this certificate (base64 of DER). Raises Untrusted."""
    raw = dict(pair.partition("=")[::2] for pair in query.split("&"))
    signed = "&".join(f"{name}={raw[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in raw).encode()
    method = unquote_plus(raw.get("SigAlg", ""))
    check_query_method(method)
    try:
        _verify(x509.load_der_x509_certificate(b64decode(certificate)).public_key(), method, signed, _value(raw))
    except (InvalidSignature, ValueError):
        raise Untrusted("the signature of the query is wrong") from None


def check_query_method(method: str) -> None:
    """Cryptographic Requirements 1.4, 3: a query is signed by a method of the profile."""
    if method not in METHODS:
        raise Untrusted("the SigAlg is none that is allowed")


def _value(raw: Mapping[str, str]) -> bytes:
    return b64decode(unquote_plus(raw.get("Signature", "")), validate=True)


def _verify(key: object, method: str, signed: bytes, value: bytes) -> None:
    algorithm = METHODS[method]
    if isinstance(key, ec.EllipticCurvePublicKey) and method.startswith(_MORE):
        half = len(value) // 2
        r, s = (int.from_bytes(part, "big") for part in (value[:half], value[half:]))
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey) and method.startswith(_MORE_2007):
        key.verify(value, signed, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
    else:
        raise InvalidSignature
