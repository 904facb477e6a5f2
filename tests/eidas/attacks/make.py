"""Makes the attack files anew, with new keys: `python -m tests.eidas.attacks.make`.

Worst case throughout: the attacker has a genuine Response, knows what was in it, can encrypt for us (everybody can), and
where a case is about the assertion alone, has the country's node sign whatever he likes around it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from eidas import assertion, encryption, signature, xml
from eidas.attributes import PERSON_IDENTIFIER
from eidas.certificates import read_certificate
from eidas.keys import LocalSigner
from eidas.vocabulary import LOA_LOW
from eidas.xml import Element
from tests.eidas.exchange import ENVELOPE, PERSON, PREFIXES, STATEMENT, attribute, find, response, saying, setting
from tests.eidas.parts import certificate_of

HERE = Path(__file__).parent
NODE, OURS, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
SIGNER = LocalSigner(NODE, SHA256(), certificate_of(NODE))
RECIPIENT = read_certificate(certificate_of(OURS))
EVIL = replace(
    STATEMENT,
    assertion_id="_evil-assertion-0123456789",
    attributes=(attribute(PERSON_IDENTIFIER, "EL/FR/EVIL"), *PERSON[1:]),
)


def genuine(**how: object) -> Element:
    """A Response in order."""
    return xml.parse(response(recipient=RECIPIENT, signer=SIGNER, **how))  # type: ignore[arg-type]


def evil() -> Element:
    """A Response of the attacker's, encrypted for us and not signed."""
    envelope = replace(ENVELOPE, id="_evil-response-0123456789")
    return xml.parse(response(recipient=RECIPIENT, envelope=envelope, statement=EVIL, sign=False))


def taken() -> tuple[Element, Element]:
    """A genuine Response without its signature, and the signature."""
    root = genuine()
    own = find(root, "ds:Signature")
    xml.remove(own)
    return root, own


def fragment(text: str) -> Element:
    """An element with the usual prefixes."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    return etree.fromstring(f"<w {declared}>{text}</w>")[0]


# -- wrapping of the Response: Somorovsky and others, On Breaking SAML (2012), and two more -----------------------------


def xsw1() -> Element:
    other, (original, own) = evil(), taken()
    own.append(original)
    other.insert(1, own)
    return other


def xsw2() -> Element:
    other, (original, own) = evil(), taken()
    other.insert(1, own)
    other.insert(1, original)
    return other


def in_status_detail() -> Element:
    other, (original, own) = evil(), taken()
    detail = fragment("<saml2p:StatusDetail/>")
    detail.append(original)
    find(other, "saml2p:Status").append(detail)
    other.insert(1, own)
    return other


def whole_inside_extensions() -> Element:
    other = evil()
    extensions = fragment("<saml2p:Extensions/>")
    extensions.append(genuine())
    other.insert(1, extensions)
    return other


# -- wrapping of the assertion, inside what the node signed and encrypted ----------------------------------------------


def signed_assertion() -> Element:
    """A genuine assertion with a signature of its own."""
    inner = assertion.written(ENVELOPE, STATEMENT)
    signature.sign(inner, SIGNER)
    return inner


def around(*elements: Element) -> Element:
    """A Response that the node signed, with these elements encrypted together."""
    octets = b"".join(xml.write(element) for element in elements)
    holder = etree.fromstring(b"<holder>" + octets + b"</holder>")

    def swap(root: Element) -> None:
        container = find(root, "saml2:EncryptedAssertion")
        container[:] = [_encrypted(holder)]

    return genuine(on_response=swap)


def _encrypted(holder: Element) -> Element:
    """Everything in an element, as EncryptedData."""
    original = xml.write
    try:
        encryption.xml.write = lambda element: b"".join(original(child) for child in element)  # type: ignore[assignment]
        return encryption.encrypt(holder, RECIPIENT)
    finally:
        encryption.xml.write = original


def evil_assertion() -> Element:
    return assertion.written(ENVELOPE, EVIL)


def xsw3() -> Element:
    return around(evil_assertion(), signed_assertion())


def xsw4() -> Element:
    other = evil_assertion()
    advice = fragment("<saml2:Advice/>")
    advice.append(signed_assertion())
    find(other, "saml2:Conditions").addnext(advice)
    return around(other)


def _detached() -> tuple[Element, Element]:
    original = signed_assertion()
    own = find(original, "ds:Signature")
    xml.remove(own)
    return original, own


def xsw5() -> Element:
    other, (original, own) = evil_assertion(), _detached()
    other.insert(1, own)
    return around(other, original)


def xsw6() -> Element:
    other, (original, own) = evil_assertion(), _detached()
    own.append(original)
    other.insert(1, own)
    return around(other)


def xsw7() -> Element:
    root = genuine()
    extensions = fragment("<saml2p:Extensions/>")
    extensions.append(evil_assertion())
    root.insert(2, extensions)
    return root


def xsw8() -> Element:
    other, (original, own) = evil_assertion(), _detached()
    hidden = fragment("<ds:Object/>")
    hidden.append(original)
    own.append(hidden)
    other.insert(1, own)
    return around(other)


# -- the signature's own words ----------------------------------------------------------------------------------------


def resigned(change: Callable[[Element], object]) -> Element:
    """A message whose SignedInfo was changed before the node signed it."""
    root = genuine()
    info = find(root, "ds:Signature/ds:SignedInfo")
    change(info)
    value = SIGNER.sign(xml.canonical(info))
    find(root, "ds:Signature/ds:SignatureValue").text = xml.encoded(value)
    return root


def another_transform(text: str) -> Element:
    def change(info: Element) -> None:
        find(info, "ds:Reference/ds:Transforms").insert(0, fragment(text))

    return resigned(change)


def algorithm(path: str, uri: str) -> Element:
    return resigned(setting(path, "Algorithm", uri))


XSLT = """<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0"
 xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"/></xsl:stylesheet></ds:Transform>"""
XPATH = """<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">
<ds:XPath>not(ancestor-or-self::saml2:EncryptedAssertion)</ds:XPath></ds:Transform>"""


def keyinfo_swap() -> Element:
    """Signed by another key, whose certificate stands in KeyInfo."""
    return xml.parse(response(recipient=RECIPIENT, signer=LocalSigner(OTHER, SHA256(), certificate_of(OTHER))))


def keyinfo_lie() -> Element:
    """Signed by another key; the node's certificate stands in KeyInfo."""
    root = keyinfo_swap()
    find(root, "ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate").text = xml.encoded(SIGNER.certificate)
    return root


# -- what is in it ----------------------------------------------------------------------------------------------------


def beside() -> Element:
    return genuine(on_response=lambda root: root.append(evil_assertion()))


def two() -> Element:
    def add(root: Element) -> None:
        data = encryption.encrypt(evil_assertion(), RECIPIENT)
        root.append(xml.make("saml2", "EncryptedAssertion", data))

    return genuine(on_response=add)


def cipher(path: str, change: Callable[[bytes], bytes]) -> Element:
    """A message whose ciphertext was changed before the node signed it."""

    def spoil(root: Element) -> None:
        value = find(root, path)
        value.text = xml.encoded(change(xml.octets(value)))

    return genuine(on_response=spoil)


CONTENT = "saml2:EncryptedAssertion/xenc:EncryptedData/xenc:CipherData/xenc:CipherValue"
WRAPPED = "saml2:EncryptedAssertion/xenc:EncryptedData/ds:KeyInfo/xenc:EncryptedKey/xenc:CipherData/xenc:CipherValue"


def foreign_key_wrap() -> Element:
    """The content's key is wrapped for somebody else."""
    return xml.parse(response(recipient=read_certificate(certificate_of(OTHER)), signer=SIGNER))


def duplicate_ids() -> Element:
    root = genuine()
    find(root, "saml2:EncryptedAssertion").set("ID", ENVELOPE.id)
    return root


def nested() -> Element:
    root = genuine()
    deepest = root
    for _ in range(40):
        deepest = etree.SubElement(deepest, f"{{{xml.SAML}}}Advice")
    return root


def inside(path: str, text: str) -> Element:
    return genuine(on_assertion=saying(path, text))


def with_comments() -> Element:
    def change(element: Element) -> None:
        for path in ("saml2:Subject/saml2:NameID", "saml2:AttributeStatement/saml2:Attribute[1]/saml2:AttributeValue"):
            target = find(element, path)
            target.text = "EL/FR/Ab"
            comment = etree.Comment("x")
            comment.tail = "-12.34"
            target.append(comment)

    return genuine(on_assertion=change)


MORE = "http://www.w3.org/2001/04/xmldsig-more#"
DATA = "saml2:Subject/saml2:SubjectConfirmation/saml2:SubjectConfirmationData"
IDENTIFIER = "saml2:AttributeStatement/saml2:Attribute[1]/saml2:AttributeValue"
PAST, FUTURE = "2026-09-21T12:00:00Z", "2026-09-21T16:00:00Z"

ATTACKS: dict[str, tuple[Callable[[], Element], str]] = {
    "xsw1": (xsw1, "check_schema"),
    "xsw2": (xsw2, "check_schema"),
    "xsw3": (xsw3, "check_one_element"),
    "xsw4": (xsw4, "check_no_other"),
    "xsw5": (xsw5, "check_one_element"),
    "xsw6": (xsw6, "check_schema"),
    "xsw7": (xsw7, "check_verified"),
    "xsw8": (xsw8, "check_no_other"),
    "wrapped in StatusDetail": (in_status_detail, "check_reference"),
    "whole inside Extensions": (whole_inside_extensions, "check_schema"),
    "duplicate IDs": (duplicate_ids, "check_schema"),
    "XSLT transform": (lambda: another_transform(XSLT), "check_transforms"),
    "XPath transform": (lambda: another_transform(XPATH), "check_transforms"),
    "external reference": (lambda: resigned(setting("ds:Reference", "URI", "https://evil.example/a")), "check_reference"),
    "XPointer reference": (lambda: resigned(setting("ds:Reference", "URI", "#xpointer(/)")), "check_reference"),
    "KeyInfo swap": (keyinfo_swap, "check_verified"),
    "certificate of another": (keyinfo_lie, "check_verified"),
    "unsigned": (lambda: genuine(sign=False), "check_one_signature"),
    "signed assertion in an unsigned response": (
        lambda: genuine(on_assertion=lambda element: signature.sign(element, SIGNER), sign=False),
        "check_one_signature",
    ),
    "not encrypted": (lambda: genuine(encrypt=False), "check_one_encrypted"),
    "plain beside encrypted": (beside, "check_one_encrypted"),
    "two assertions": (two, "check_one_encrypted"),
    "empty canonicalisation": (lambda: algorithm("ds:CanonicalizationMethod", ""), "check_canonicalization"),
    "inclusive canonicalisation": (
        lambda: algorithm("ds:CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        "check_canonicalization",
    ),
    "downgrade to HMAC": (lambda: algorithm("ds:SignatureMethod", f"{xml.DS}hmac-sha1"), "check_signature_method"),
    "downgrade to PKCS1": (lambda: algorithm("ds:SignatureMethod", f"{MORE}rsa-sha256"), "check_deviations"),
    "downgrade to SHA-1": (lambda: algorithm("ds:Reference/ds:DigestMethod", f"{xml.DS}sha1"), "check_deviations"),
    "truncated tag": (lambda: cipher(CONTENT, lambda octets: octets[:-4]), "the message cannot be decrypted"),
    "changed content": (
        lambda: cipher(CONTENT, lambda octets: octets[:20] + bytes([octets[20] ^ 1]) + octets[21:]),
        "the message cannot be decrypted",
    ),
    "changed key": (
        lambda: cipher(WRAPPED, lambda octets: bytes([octets[0] ^ 1]) + octets[1:]),
        "the message cannot be decrypted",
    ),
    "foreign key wrap": (foreign_key_wrap, "the message cannot be decrypted"),
    "response for another session": (
        lambda: genuine(envelope=replace(ENVELOPE, in_response_to="_another")),
        "check_in_response_to",
    ),
    "assertion for another session": (
        lambda: genuine(on_assertion=setting(DATA, "InResponseTo", "_another")),
        "check_confirmation",
    ),
    "for another Connector": (
        lambda: genuine(envelope=replace(ENVELOPE, audience="https://other.example/metadata")),
        "check_audience",
    ),
    "unsolicited": (lambda: genuine(on_response=setting(".", "InResponseTo", None)), "check_in_response_to"),
    "stale": (lambda: genuine(on_response=setting(".", "IssueInstant", PAST)), "check_instant"),
    "from the future": (lambda: genuine(on_response=setting(".", "IssueInstant", FUTURE)), "check_instant"),
    "another nationality": (lambda: inside(IDENTIFIER, "DE/FR/1"), "check_person_identifier"),
    "made for another country": (lambda: inside(IDENTIFIER, "EL/IT/1"), "check_person_identifier"),
    "no pattern": (lambda: inside(IDENTIFIER, "EL-FR-1"), "check_person_identifier"),
    "lower level": (lambda: genuine(statement=replace(STATEMENT, level=LOA_LOW)), "check_level_asked"),
    "deeply nested": (nested, "check_depth"),
    "comments in values": (with_comments, ""),
}

TEXTS = {
    "document type": ("<!DOCTYPE a>", "check_no_doctype"),
    "entity": ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "check_no_doctype"),
    "billion laughs": ('<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>', "check_no_doctype"),
    "another encoding": ('<?xml version="1.0" encoding="UTF-16"?>', "check_utf8"),
}


def main() -> None:
    """Write every file."""
    for path in HERE.glob("*.xml"):
        if not path.name.startswith("request-"):
            path.unlink()
    lines = ["# Which rule refuses each file; where no rule is named the message is in order, and says what was signed.\n"]
    for name, (make, rule) in ATTACKS.items():
        (HERE / f"{_file(name)}").write_bytes(xml.write(make()))
        lines.append(f'"{_file(name)}" = "{rule}"\n')
    for name, (before, rule) in TEXTS.items():
        (HERE / _file(name)).write_bytes(before.encode() + xml.write(genuine()))
        lines.append(f'"{_file(name)}" = "{rule}"\n')
    (HERE / "expect.toml").write_text("".join(lines), "utf-8")
    own = OURS.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (HERE / "keys.pem").write_bytes(own + load_der_x509_certificate(SIGNER.certificate).public_bytes(Encoding.PEM))


def _file(name: str) -> str:
    return f"{name.replace(' ', '-').lower()}.xml"


if __name__ == "__main__":
    main()
