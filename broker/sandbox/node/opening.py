"""What the broker signs and encrypts, verified and opened by others' software: signxml, and bergshamra (Rust).

Passerelle verifies by libxmlsec and decrypts by code of its own, so a mistake of either would not be noticed by itself.
bergshamra knows the keys of RSA and of the NIST curves.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pybergshamra
from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from broker.sandbox.node.reading import parsed
from broker.sandbox.node.security import (
    DIGESTS,
    DS,
    METHODS,
    SAML,
    XENC,
    Element,
    NodeKey,
    Untrusted,
    check_algorithms,
    check_own_signature,
)

XENC11 = "http://www.w3.org/2009/xmlenc11#"
_NS = {"a": SAML, "ds": DS, "x": XENC, "x11": XENC11}
_KEY = "./x:EncryptedData/ds:KeyInfo/x:EncryptedKey"
_METHODS = frozenset(SignatureMethod(uri) for uri in METHODS)
_DIGESTS = frozenset(DigestAlgorithm(uri) for uri in DIGESTS)

# -- signatures -------------------------------------------------------------------------------------------------------


def verified(octets: bytes, certificates: Iterable[str], now: int) -> Element:
    """The root as it was signed by the owner of one of these certificates (base64 of DER). Raises Untrusted, NotUnderstood.

    It is made of the very octets over which the digest was computed: whatever else was in the message is not there.
    """
    root = parsed(octets)
    check_own_signature(root)
    check_algorithms(root)
    for certificate in certificates:
        found = _signed(octets, x509.load_der_x509_certificate(b64decode(certificate)), now)
        if found is not None:
            return found
    raise Untrusted("the signature is wrong")


def _signed(octets: bytes, certificate: x509.Certificate, now: int) -> Element | None:
    expected = SignatureConfiguration(
        location="./",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    try:
        result = XMLVerifier().verify(octets, x509_cert=certificate, id_attribute="ID", expect_config=expected)
    except (SignXMLException, ValueError):
        return None
    return result.signed_xml if isinstance(result, VerifyResult) else None


# -- encryption -------------------------------------------------------------------------------------------------------

_CIPHERS: Mapping[str, tuple[str, frozenset[str]]] = {
    "the content": (
        "./x:EncryptedData/x:EncryptionMethod",
        frozenset((f"{XENC11}aes128-gcm", f"{XENC11}aes256-gcm")),
    ),
    "its key": (
        f"{_KEY}/x:EncryptionMethod",
        frozenset((f"{XENC}kw-aes128", f"{XENC}kw-aes256", f"{XENC11}rsa-oaep")),
    ),
}
"""Of each of these there is one, by one of these methods (Cryptographic Requirements 1.4, 3.2)."""
_TRANSPORT: Mapping[str, frozenset[str]] = {
    "ds:DigestMethod": DIGESTS,
    "x11:MGF": frozenset(f"{XENC11}mgf1sha{size}" for size in (256, 384, 512)),
}
_AGREEMENT: Mapping[str, frozenset[str]] = {
    "x:AgreementMethod": frozenset((f"{XENC11}ECDH-ES",)),
    "x:AgreementMethod/x11:KeyDerivationMethod": frozenset((f"{XENC11}ConcatKDF",)),
    "x:AgreementMethod/x11:KeyDerivationMethod/x11:ConcatKDFParams/ds:DigestMethod": DIGESTS,
}


def check_ciphers(container: Element) -> None:
    """Cryptographic Requirements 1.4, 3.2: AES-GCM, and a key that was wrapped by one of the ways of the profile."""
    for name, (path, allowed) in _CIPHERS.items():
        if not _is_one_of(container, path, allowed):
            raise Untrusted(f"{name} is not encrypted as the profile has it")


def check_key_parameters(container: Element) -> None:
    """Cryptographic Requirements 1.4, 3.2: RSA-OAEP by SHA-2 for label and mask; ECDH-ES with ConcatKDF by SHA-2."""
    transported = _is_one_of(container, f"{_KEY}/x:EncryptionMethod", frozenset((f"{XENC11}rsa-oaep",)))
    parameters, place = (_TRANSPORT, "x:EncryptionMethod") if transported else (_AGREEMENT, "ds:KeyInfo")
    if not all(_is_one_of(container, f"{_KEY}/{place}/{path}", allowed) for path, allowed in parameters.items()):
        raise Untrusted("the key's parameters are not those of the profile")


def _is_one_of(container: Element, path: str, allowed: frozenset[str]) -> bool:
    found = [one.get("Algorithm") for one in container.findall(path, _NS)]
    return len(found) == 1 and found[0] in allowed


def opened(container: Element, key: NodeKey) -> bytes:
    """The assertion in an EncryptedAssertion, as a document of its own. Raises Untrusted, NotUnderstood."""
    check_ciphers(container)
    check_key_parameters(container)
    keys = pybergshamra.KeysManager()
    keys.add_key(pybergshamra.load_pem_auto(key.private))
    try:
        text = pybergshamra.decrypt(pybergshamra.EncContext(keys), etree.tostring(container, encoding="unicode"))
    except pybergshamra.BergshamraError:
        raise Untrusted("the assertion cannot be decrypted") from None
    inside = parsed(text.encode())
    check_only_assertion(inside)
    return etree.tostring(inside[0], with_tail=False)


def check_only_assertion(container: Element) -> None:
    """Message Format 1.4, 6.4: what was encrypted is one assertion."""
    if [one.tag for one in container] != [f"{{{SAML}}}Assertion"]:
        raise Untrusted("what was encrypted is not one assertion")
