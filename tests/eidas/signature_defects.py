"""What can be wrong in the signature that stands in a request: one defect each, and the rule that says so.

Nobody is answered: whoever wrote these is not known.
"""

from collections.abc import Callable, Mapping

from eidas import xml
from eidas.algorithms import EXCLUSIVE_C14N
from eidas.keys import LocalSigner
from tests.eidas.arrival_defects import MESSAGE, OTHER, RSA, after, plain, queried_by
from tests.eidas.arrivals import Arrival, posted, redirected, unsigned, written
from tests.eidas.exchange import ACS, REQUEST, Change, adding, doubling, dropping, find, saying, setting
from tests.eidas.parts import HASHES, certificate_of, private_key, resign, signer_of
from tests.eidas.test_signature import MORE

INFO = "ds:Signature/ds:SignedInfo"
METHOD, REFERENCE = f"{INFO}/ds:SignatureMethod", f"{INFO}/ds:Reference"
C14N, TRANSFORMS = f"{INFO}/ds:CanonicalizationMethod", f"{REFERENCE}/ds:Transforms"
VALUE = "ds:Signature/ds:SignatureValue"
INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def stated(change: Change) -> Callable[[], Arrival]:
    """A request whose signature says something else, as its Connector signed it."""

    def both(root):
        change(root)
        resign(root)

    return lambda: posted(written(after=both))


def by(signer: object) -> Callable[[], Arrival]:
    """A request that somebody else signed."""
    return lambda: posted(written(signer=signer))


def algorithm(path: str, uri: str) -> Callable[[], Arrival]:
    """Another algorithm at a place of the signature, signed so."""
    return stated(setting(path, "Algorithm", uri))


def another_value(root):
    """The signature's value is cut."""
    value = find(root, VALUE)
    value.text = xml.encoded(xml.octets(value)[:-1])


def reversed_transforms(root):
    """Canonicalised before the signature goes."""
    steps = find(root, TRANSFORMS)
    steps[:] = reversed(list(steps))


def prefixes(count: int) -> str:
    """A list of that many prefixes."""
    names = " ".join(f"p{number}" for number in range(count))
    return f'<c:InclusiveNamespaces xmlns:c="{EXCLUSIVE_C14N}" PrefixList="{names}"/>'


LIAR = LocalSigner(private_key("secp256r1", 1), HASHES[0], certificate_of(private_key("secp256r1")))

SIGNATURE: Mapping[str, tuple[Callable[[], Arrival], str]] = {
    "unsigned": (lambda: posted(unsigned()), "check_one_signature"),
    "unsigned, in an address": (lambda: redirected(unsigned()), "check_one_signature"),
    "unsigned, deflated in an address": (lambda: plain(MESSAGE), "check_one_signature"),
    "two signatures": (after(doubling("ds:Signature")), "check_schema"),
    "a signature elsewhere": (
        after(lambda root: find(root, "saml2p:Extensions").append(find(root, "ds:Signature"))),
        "check_one_signature",
    ),
    "an Object": (after(adding("ds:Signature", "<ds:Object/>")), "check_no_object"),
    "two References": (stated(doubling(REFERENCE)), "check_one_reference"),
    "no Transforms": (stated(dropping(TRANSFORMS)), "check_reference_parts"),
    "an ID twice, in an attribute of nobody's": (
        after(adding("saml2p:Extensions", f'<x xmlns="urn:x" id="{REQUEST.id}"/>')),
        "check_ids_unique",
    ),
    "a reference to another ID": (stated(setting(REFERENCE, "URI", "#_another")), "check_reference"),
    "an ID of Greek letters": (
        lambda: posted(written(setting(".", "ID", "_\u03a9-0123456789abcdef"))),
        "check_reference",
    ),
    "a reference to nothing": (stated(setting(REFERENCE, "URI", None)), "check_reference"),
    "a reference to elsewhere": (stated(setting(REFERENCE, "URI", "https://evil.example/a")), "check_reference"),
    "a reference that selects": (stated(setting(REFERENCE, "URI", f"#xpointer(id('{REQUEST.id}'))")), "check_reference"),
    "a reference to the document": (stated(setting(REFERENCE, "URI", "")), "check_deviations"),
    "inclusive canonicalisation": (algorithm(C14N, INCLUSIVE_C14N), "check_canonicalization"),
    "canonicalisation with comments": (algorithm(C14N, f"{EXCLUSIVE_C14N}WithComments"), "check_canonicalization"),
    "empty canonicalisation": (algorithm(C14N, ""), "check_canonicalization"),
    "a transform that keeps comments": (
        algorithm(f"{TRANSFORMS}/ds:Transform[2]", f"{EXCLUSIVE_C14N}WithComments"),
        "check_transforms",
    ),
    "a transform less": (stated(dropping(f"{TRANSFORMS}/ds:Transform[2]")), "check_transforms"),
    "a transform more": (stated(doubling(f"{TRANSFORMS}/ds:Transform[2]")), "check_transforms"),
    "transforms the other way round": (stated(reversed_transforms), "check_transforms"),
    "a transform with many prefixes": (
        stated(adding(f"{TRANSFORMS}/ds:Transform[2]", prefixes(17))),
        "check_transforms",
    ),
    "HMAC": (algorithm(METHOD, f"{MORE}hmac-sha256"), "check_signature_method"),
    "DSA": (algorithm(METHOD, f"{xml.DS}dsa-sha1"), "check_signature_method"),
    "a length in the method": (
        stated(adding(METHOD, "<ds:HMACOutputLength>8</ds:HMACOutputLength>")),
        "check_signature_method",
    ),
    "MD5": (algorithm(f"{REFERENCE}/ds:DigestMethod", f"{MORE}md5"), "check_digest_method"),
    "a digest of SHA-1": (algorithm(f"{REFERENCE}/ds:DigestMethod", f"{xml.DS}sha1"), "check_deviations"),
    "RSA and SHA-1": (algorithm(METHOD, f"{xml.DS}rsa-sha1"), "check_deviations"),
    "RSA by PKCS 1.5": (algorithm(METHOD, f"{MORE}rsa-sha256"), "check_deviations"),
    "a method of another kind of key": (by(RSA), "check_key_fits"),
    "a curve of another size": (by(signer_of("secp384r1")), "check_value_length"),
    "a value that is cut": (after(another_value), "check_value_length"),
    "a value that is not base64": (after(saying(VALUE, "?")), "SignatureValue does not hold base64"),
    "the key of another": (by(OTHER), "check_verified"),
    "the key of another under a good name": (by(LIAR), "check_verified"),
    "another hash than it says": (after(setting(METHOD, "Algorithm", f"{MORE}ecdsa-sha384")), "check_verified"),
    "the destination changed": (after(setting(".", "Destination", ACS)), "check_verified"),
    "an attribute added": (after(setting(".", "ProviderName", "x")), "check_verified"),
    "an element doubled": (
        after(doubling("saml2p:Extensions/eidas:RequestedAttributes/eidas:RequestedAttribute[1]")),
        "check_verified",
    ),
    "an element gone": (after(dropping("saml2p:Extensions/eidas:SPType")), "check_verified"),
    "white space more": (after(lambda root: setattr(find(root, "saml2p:Extensions"), "tail", " ")), "check_verified"),
}

WEAK = signer_of("rsa2048")
WEAK_KEY = {"a weak key": by(WEAK), "a weak key for a query": queried_by(WEAK)}
"""The Connector's metadata has this key, and `check_key_strong` refuses it."""
