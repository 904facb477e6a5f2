"""XML signatures (XML Signature 1.1, SAML Core 5.4): enveloped, over the element that they stand in.

`verify` returns a copy of the verified element, a document of its own and without the signature. Read that and nothing
else: whatever stands elsewhere in the message is unproven.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xmlsec
from cryptography.hazmat.primitives.hashes import Hash, HashAlgorithm

from eidas import signature_rules as rules
from eidas import xml
from eidas.algorithms import (
    ENVELOPED_SIGNATURE,
    EXCLUSIVE_C14N,
    SIGNATURE_METHODS,
    STRICT,
    Compatibility,
    Deviation,
    Scheme,
    SignatureMethod,
    digest_uri,
)
from eidas.certificates import Certificate
from eidas.keys import Signer
from eidas.xml import DS, SAML, Element, make


@dataclass(frozen=True, slots=True)
class Verified:
    """An element that one of the trusted keys signed: a document of its own, without its signature.

    `method` is the URI of the signature method; `deviations` are those that the signature needed, for the log.
    """

    element: Element
    certificate: Certificate
    method: str
    deviations: frozenset[Deviation]


# -- verifying --------------------------------------------------------------------------------------------------------


def verify(element: Element, trusted: Sequence[Certificate], compatibility: Compatibility = STRICT) -> Verified:
    """The element that its own signature proves, by one of the trusted certificates (several: a key is being replaced).

    Raises SignatureRefused, or XmlRefused where base64 is none. KeyInfo is never read.
    """
    rules.check_ids_unique(element)
    claim = rules.read_claim(element)
    rules.check_reference(element, claim.uri)
    rules.check_canonicalization(claim)
    rules.check_transforms(claim)
    rules.check_signature_method(claim)
    rules.check_digest_method(claim)
    rules.check_deviations(claim.deviations, compatibility)
    uri = rules.algorithm(claim.method)
    candidates = able_to_sign(SIGNATURE_METHODS[uri].scheme, len(claim.value), trusted, compatibility)
    # From here on there is nothing but the element: what libxmlsec verifies is what the caller will read.
    alone = xml.separate(element)
    (signature,) = xml.children(alone, f"{{{DS}}}Signature")
    certificate = first(candidates, lambda one: _is_right(alone, signature, one))
    xml.remove(signature)
    return Verified(alone, certificate, uri, claim.deviations | certificate.deviations)


def able_to_sign(
    scheme: Scheme, octets: int, trusted: Sequence[Certificate], compatibility: Compatibility
) -> list[Certificate]:
    """The trusted certificates whose key may have made a signature of this length. Raises SignatureRefused for none."""
    fitting = [certificate for certificate in trusted if certificate.fits(scheme)]
    rules.check_key_fits(fitting)
    strong = [certificate for certificate in fitting if not compatibility.lacks(certificate.deviations)]
    rules.check_key_strong(strong)
    candidates = [certificate for certificate in strong if certificate.signature_octets == octets]
    rules.check_value_length(candidates)
    return candidates


def first(candidates: Sequence[Certificate], is_right: Callable[[Certificate], bool]) -> Certificate:
    """The certificate by which the signature is right. Raises SignatureRefused for none."""
    certificate = next(filter(is_right, candidates), None)
    rules.check_verified(certificate)
    assert certificate is not None  # noqa: S101 - check_verified has just said so
    return certificate


def _is_right(root: Element, signature: Element, certificate: Certificate) -> bool:
    context = xmlsec.SignatureContext()  # serves once
    context.key = certificate.verifier  # with a key of its own libxmlsec does not look into KeyInfo
    if "ID" in root.attrib:
        context.register_id(root, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


# -- signing ----------------------------------------------------------------------------------------------------------


def sign(element: Element, signer: Signer) -> None:
    """Sign an element that has an ID: the signature comes to stand behind its Issuer, or first (SAML Core 3.2.1, 2.3.3).

    Raises SignatureRefused for a method that eIDAS forbids, KeyError without an ID. Afterwards nothing in the element may
    change, and nothing may move it to other prefixes: `xml.write` it.
    """
    method = own_method(signer)
    signed_info = _signed_info(element, signer.method, method.hash)
    # The signature holds SignedInfo when it is canonicalised, for it takes its prefix from there.
    value = make("ds", "SignatureValue")
    key_info = make("ds", "KeyInfo", xml.certificate_data(signer.certificate))
    signature = make("ds", "Signature", signed_info, value, key_info)
    value.text = xml.encoded(signer.sign(xml.canonical(signed_info)))
    issuer = element.find(f"{{{SAML}}}Issuer")
    element.insert(0 if issuer is None else element.index(issuer) + 1, signature)


def own_method(signer: Signer) -> SignatureMethod:
    """A signer's method. Raises SignatureRefused for one that eIDAS forbids: we send none."""
    method = SIGNATURE_METHODS[signer.method]
    rules.check_deviations(method.deviations, STRICT)
    return method


def _signed_info(element: Element, method: str, algorithm: HashAlgorithm) -> Element:
    # The element has no signature yet: this is what the enveloped-signature transform will leave of it.
    digest = xml.encoded(_hashed(xml.canonical(element), algorithm))
    transforms = (make("ds", "Transform", Algorithm=uri) for uri in (ENVELOPED_SIGNATURE, EXCLUSIVE_C14N))
    reference = make(
        "ds",
        "Reference",
        make("ds", "Transforms", *transforms),
        make("ds", "DigestMethod", Algorithm=digest_uri(algorithm)),
        make("ds", "DigestValue", digest),
        URI="#" + element.attrib["ID"],
    )
    canonicalization = make("ds", "CanonicalizationMethod", Algorithm=EXCLUSIVE_C14N)
    return make("ds", "SignedInfo", canonicalization, make("ds", "SignatureMethod", Algorithm=method), reference)


def _hashed(data: bytes, algorithm: HashAlgorithm) -> bytes:
    digest = Hash(algorithm)
    digest.update(data)
    return digest.finalize()
