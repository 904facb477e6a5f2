"""What a signature must be before anybody computes anything: the law, one rule a function.

libxmlsec verifies whatever a signature says that it covers, by whatever method it names. These rules see to it that it
covers the element that it stands in, whole, and by a method that we trust (SAML Core 5.4, XML Signature Best Practices).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from eidas import xml
from eidas.algorithms import DIGESTS, ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, SIGNATURE_METHODS, Compatibility, Deviation
from eidas.certificates import Certificate
from eidas.errors import SignatureRefused
from eidas.xml import DS, Element

# Of any namespace, and as any reader may spell it: two readers must not find two elements by one ID.
_IDS = etree.XPath("//@*[local-name() = 'ID' or local-name() = 'Id' or local-name() = 'id']", smart_strings=False)
_ID = re.compile(r"[A-Za-z0-9_.:/-]+")
_SIGNATURE = f"{{{DS}}}Signature"
_PARTS = ([f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue"], [f"{{{DS}}}KeyInfo"])
_SIGNED_INFO = [f"{{{DS}}}CanonicalizationMethod", f"{{{DS}}}SignatureMethod", f"{{{DS}}}Reference"]
_REFERENCE = [f"{{{DS}}}Transforms", f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue"]
_MOST_PREFIXES = 16
_INCLUSIVE = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says of itself, its shape being checked: by which methods it covers what. Nothing is proven yet."""

    uri: str | None
    canonicalization: Element
    transforms: tuple[Element, ...]
    method: Element
    digest: Element
    value: bytes

    @property
    def deviations(self) -> frozenset[Deviation]:
        """What must be allowed for this signature, whatever key made it."""
        whole = frozenset({Deviation.DOCUMENT_REFERENCE} if self.uri == "" else ())
        return SIGNATURE_METHODS[algorithm(self.method)].deviations | DIGESTS[algorithm(self.digest)].deviations | whole


def algorithm(element: Element) -> str:
    """The URI in the attribute Algorithm."""
    return element.get("Algorithm", "")


def read_claim(element: Element) -> Claim:
    """What the signature of this element claims. Raises SignatureRefused or XmlRefused."""
    check_one_signature(element)
    (signature,) = xml.children(element, _SIGNATURE)
    check_no_object(signature)
    signed_info, value = signature[:2]
    check_one_reference(signed_info)
    canonicalization, method, reference = signed_info
    check_reference_parts(reference)
    transforms, digest = reference[:2]
    uri = reference.get("URI")
    return Claim(uri, canonicalization, tuple(transforms), method, digest, xml.octets(value))


def _tags(elements: Iterable[Element]) -> list[object]:
    return [element.tag for element in elements]


# -- shape ------------------------------------------------------------------------------------------------------------


def check_one_signature(element: Element) -> None:
    """SAML Core 5.4: an element carries its own signature, one, as its child; those elsewhere are not its own."""
    count = len(xml.children(element, _SIGNATURE))
    if count != 1:
        raise SignatureRefused(f"the element has {count} signatures of its own, not one")


def check_no_object(signature: Element) -> None:
    """XML Signature 1.1 4.2, 4.6, 5.1: SignedInfo, its value, perhaps a hint at the key; no Object, so no Manifest."""
    parts, key_info = _PARTS
    if _tags(signature) not in (parts, parts + key_info):
        raise SignatureRefused("the signature holds more than SignedInfo, SignatureValue and KeyInfo, or less")


def check_one_reference(signed_info: Element) -> None:
    """SAML Core 5.4.2: a signature covers one thing, by a single Reference."""
    if _tags(signed_info) != _SIGNED_INFO:
        raise SignatureRefused("SignedInfo is not two methods and one Reference")


def check_reference_parts(reference: Element) -> None:
    """XML Signature 1.1 4.4.3: transforms, digest method and digest value, each once and in this order."""
    if _tags(reference) != _REFERENCE:
        raise SignatureRefused("the Reference is not Transforms, DigestMethod and DigestValue")


# -- what is covered --------------------------------------------------------------------------------------------------


def check_ids_unique(element: Element) -> None:
    """SAML Core 1.3.4: no two elements of the whole document share an ID; otherwise one is verified and another read."""
    values: list[str] = _IDS(element.getroottree())
    if len(values) != len(set(values)):
        raise SignatureRefused("two elements of the document have the same ID")


def check_reference(element: Element, uri: str | None) -> None:
    """SAML Core 5.4.2: the signature covers the element that it stands in (`""`: which is the whole document).

    An ID is a plain word: `#xpointer(…)` would lead elsewhere (XML Signature 1.1 4.4.3.3).
    """
    identifier = element.get("ID", "")
    own = uri == "#" + identifier and _ID.fullmatch(identifier)
    whole_document = uri == "" and element.getparent() is None
    if not (own or whole_document):
        raise SignatureRefused("the signature covers another element than the one it stands in")


def check_canonicalization(claim: Claim) -> None:
    """SAML Core 5.4.3: exclusive canonicalisation, without comments."""
    if algorithm(claim.canonicalization) != EXCLUSIVE_C14N or not _only_prefixes(claim.canonicalization):
        raise SignatureRefused("SignedInfo is not canonicalised exclusively")


def check_transforms(claim: Claim) -> None:
    """SAML Core 5.4.4: exactly the enveloped-signature transform and exclusive canonicalisation; nothing that selects."""
    expected = [(f"{{{DS}}}Transform", ENVELOPED_SIGNATURE), (f"{{{DS}}}Transform", EXCLUSIVE_C14N)]
    if [(step.tag, algorithm(step)) for step in claim.transforms] != expected:
        raise SignatureRefused("the transforms are not enveloped-signature and exclusive canonicalisation")
    enveloped, canonicalised = claim.transforms
    if len(enveloped) or not _only_prefixes(canonicalised):
        raise SignatureRefused("a transform has parameters that are not read")


def _only_prefixes(canonicalization: Element) -> bool:
    # A long list costs a fifth of a second before anything is proven.
    prefixes = [prefix for child in canonicalization for prefix in child.get("PrefixList", "").split()]
    return _tags(canonicalization) in ([], [_INCLUSIVE]) and len(prefixes) <= _MOST_PREFIXES


# -- how it is made ---------------------------------------------------------------------------------------------------


def check_signature_method(claim: Claim) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.3.1: the method is in our table, and takes no parameter from the message."""
    if algorithm(claim.method) not in SIGNATURE_METHODS or len(claim.method):
        raise SignatureRefused("the signature method is not known here")


def check_digest_method(claim: Claim) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.1.1: the reference's hash is in our table."""
    if algorithm(claim.digest) not in DIGESTS or len(claim.digest):
        raise SignatureRefused("the digest method is not known here")


def check_deviations(needed: frozenset[Deviation], compatibility: Compatibility) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3: what they forbid passes for a partner only that may do so by name."""
    if lacking := compatibility.lacks(needed):
        raise SignatureRefused(f"the signature needs what this partner is not allowed: {lacking}")


def check_key_fits(fitting: Sequence[Certificate]) -> None:
    """The method is one of the trusted keys' own kind: the sender does not choose how a key is understood."""
    if not fitting:
        raise SignatureRefused("no trusted key is of the kind that the signature method needs")


def check_key_strong(strong: Sequence[Certificate]) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.3.1: RSA from 3072 bits, unless the partner is allowed less."""
    if not strong:
        raise SignatureRefused("the trusted keys are weaker than this partner is allowed")


def check_value_length(candidates: Sequence[Certificate]) -> None:
    """XML Signature 1.1 6.4.3, RFC 8017 8.1.2: a value has the length of the key's numbers, neither cut nor padded."""
    if not candidates:
        raise SignatureRefused("the signature's value has not the length that the trusted keys make")


def check_verified(certificate: Certificate | None) -> None:
    """XML Signature 1.1 3.2: the digest and the signature are right by one of the trusted keys, whatever KeyInfo says."""
    if certificate is None:
        raise SignatureRefused("the signature is wrong by every trusted key")
