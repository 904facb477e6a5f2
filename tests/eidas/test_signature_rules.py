"""Attacks on signatures. Whatever is done to a message, nothing that the signer did not sign is ever returned."""

import copy

import pytest

from eidas import signature, xml
from eidas.algorithms import DIGESTS, SIGNATURE_METHODS, Compatibility, Deviation
from eidas.errors import Refused, SignatureRefused
from tests.eidas.parts import NS, find, fragment, names, resign, signed, signer_of, trusted

GENUINE, EVIL = "ES/FR/12345678Z", "ES/FR/EVIL"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"


def accepted(root):
    """Every element of a document that some signature proves, by our own keys."""
    found = []
    for element in xml.parse(xml.write(root)).iter():
        try:
            found.append(signature.verify(element, [trusted()]).element)
        except Refused:
            continue
    return found


def refused(root, reason, trust=None, at="."):
    """The element is refused, for this reason, although its signer signed what stands there."""
    with pytest.raises(SignatureRefused, match=reason):
        signature.verify(find(root, at), trust or [trusted()])


def changed(path, **attributes):
    """A message whose signature says something else in one place, and which the signer did sign so."""
    root = signed()
    element = find(root, f"ds:Signature/ds:SignedInfo{path}")
    for name, value in attributes.items():
        element.set(name, value)
    resign(root)
    return root


def evil(element):
    """A copy with another person in it, other IDs, and no signature."""
    other = copy.deepcopy(element)
    for number, inner in enumerate(other.xpath("descendant-or-self::*[@ID]")):
        inner.set("ID", f"_evil{number}")
    for own in other.findall("ds:Signature", NS):
        xml.remove(own)
    for name in other.iter(f"{{{xml.SAML}}}NameID"):
        name.text = EVIL
    return other


def unsigned(element):
    """A copy without its signature, and the signature."""
    other = copy.deepcopy(element)
    own = find(other, "ds:Signature")
    xml.remove(own)
    return other, own


# -- signature wrapping: Somorovsky and others, On Breaking SAML (2012), its eight figures ------------------------------


def xsw1(root):
    other, (original, own) = evil(root), unsigned(root)
    own.append(original)
    other.insert(1, own)
    return other


def xsw2(root):
    other, (original, own) = evil(root), unsigned(root)
    other.insert(1, own)
    other.insert(1, original)
    return other


def xsw3(root):
    root.insert(1, evil(find(root, "saml2:Assertion")))
    return root


def xsw4(root):
    original = find(root, "saml2:Assertion")
    other = evil(original)
    xml.remove(original)
    other.append(original)
    root.append(other)
    return root


def xsw5(root):
    genuine = find(root, "saml2:Assertion")
    other, (original, own) = evil(genuine), unsigned(genuine)
    xml.remove(genuine)
    other.insert(1, own)
    root.extend([other, original])
    return root


def xsw6(root):
    genuine = find(root, "saml2:Assertion")
    other, (original, own) = evil(genuine), unsigned(genuine)
    xml.remove(genuine)
    own.append(original)
    other.insert(1, own)
    root.append(other)
    return root


def xsw7(root):
    extensions = fragment("<samlp:Extensions/>")
    extensions.append(evil(find(root, "saml2:Assertion")))
    root.insert(1, extensions)
    return root


def xsw8(root):
    genuine = find(root, "saml2:Assertion")
    other, (original, own) = evil(genuine), unsigned(genuine)
    xml.remove(genuine)
    hidden = fragment("<ds:Object/>")
    hidden.append(original)
    own.append(hidden)
    other.insert(1, own)
    root.append(other)
    return root


@pytest.mark.parametrize("wrap", [xsw1, xsw2])
def test_a_wrapped_response_never_yields_the_evil_person(wrap):
    root = wrap(signed())
    assert EVIL in names(root)
    assert not any(EVIL in names(element) for element in accepted(root))


@pytest.mark.parametrize("wrap", [xsw3, xsw4, xsw5, xsw6, xsw7, xsw8])
def test_a_wrapped_assertion_never_yields_the_evil_person(wrap):
    root = wrap(signed(at="saml2:Assertion"))
    assert EVIL in names(root)
    assert not any(EVIL in names(element) for element in accepted(root))


def test_without_an_attack_each_signature_yields_its_own_element():
    root = signed(at="saml2:Assertion")
    signature.sign(root, signer_of())
    assert [(element.get("ID"), names(element)) for element in accepted(root)] == [
        ("_response", [GENUINE]),
        ("_assertion", [GENUINE]),
    ]


def test_a_signature_that_covers_another_element_is_refused():
    refused(xsw2(signed()), "covers another element")


def test_the_evil_element_may_not_take_the_id_of_the_genuine_one():
    root = xsw2(signed())
    root.set("ID", "_response")
    refused(root, "same ID")


@pytest.mark.parametrize("attribute", ["ID", "Id", "id", "xml:id", "ds:Id"])
def test_an_id_is_nowhere_a_second_time(attribute):
    root = signed()
    outer = fragment(f'<samlp:Any {attribute}="_response"/>')
    outer.append(root)
    refused(outer, "same ID", at="samlp:Response")


def test_a_comment_does_not_cut_a_name():
    written = xml.write(signed()).replace(b"12345678Z", b"1234<!-- -->5678Z")
    verified = signature.verify(xml.parse(written), [trusted()])
    assert names(verified.element) == [GENUINE]


# -- shape ------------------------------------------------------------------------------------------------------------


def test_an_element_without_a_signature_is_refused():
    root = signed()
    xml.remove(find(root, "ds:Signature"))
    refused(root, "0 signatures of its own")


def test_an_element_with_two_signatures_is_refused():
    root = signed()
    root.append(copy.deepcopy(find(root, "ds:Signature")))
    refused(root, "2 signatures of its own")


def test_a_signature_deeper_in_the_element_is_not_its_own():
    root = signed()
    find(root, "samlp:Status").append(find(root, "ds:Signature"))
    refused(root, "0 signatures of its own")


@pytest.mark.parametrize(
    "addition", ["<ds:Object/>", "<ds:Object><ds:Manifest/></ds:Object>", "<ds:SignedInfo/>", "<ds:KeyInfo/>", "<any/>"]
)
def test_nothing_more_stands_in_a_signature(addition):
    root = signed()
    find(root, "ds:Signature").append(fragment(addition))
    refused(root, "holds more than")


def test_a_signature_without_keyinfo_is_good():
    root = signed()
    xml.remove(find(root, "ds:Signature/ds:KeyInfo"))
    assert names(signature.verify(root, [trusted()]).element) == [GENUINE]


def test_two_references_are_refused():
    root = signed()
    info = find(root, "ds:Signature/ds:SignedInfo")
    info.append(copy.deepcopy(find(info, "ds:Reference")))
    resign(root)
    refused(root, "one Reference")


def test_no_reference_is_refused():
    root = signed()
    xml.remove(find(root, "ds:Signature/ds:SignedInfo/ds:Reference"))
    resign(root)
    refused(root, "one Reference")


@pytest.mark.parametrize("missing", ["Transforms", "DigestMethod", "DigestValue"])
def test_a_reference_has_all_its_parts(missing):
    root = signed()
    xml.remove(find(root, f"ds:Signature/ds:SignedInfo/ds:Reference/ds:{missing}"))
    resign(root)
    refused(root, "the Reference is not")


def test_a_value_that_is_not_base64_is_refused():
    root = signed()
    find(root, "ds:Signature/ds:SignatureValue").text = "?"
    with pytest.raises(Refused, match="SignatureValue does not hold base64"):
        signature.verify(root, [trusted()])


# -- what is covered --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri", ["", "#", "#_assertion", "_response", "#_response ", "http://a.example/#_response", "#xpointer(/)"]
)
def test_the_reference_names_the_elements_own_id_and_nothing_else(uri):
    root = changed("/ds:Reference", URI=uri)
    outer = fragment("<samlp:Any/>")
    outer.append(root)
    refused(outer, "covers another element", at="samlp:Response")


def test_a_reference_without_uri_is_refused():
    root = signed()
    del find(root, "ds:Signature/ds:SignedInfo/ds:Reference").attrib["URI"]
    resign(root)
    refused(root, "covers another element")


def test_an_id_that_reads_like_an_xpointer_is_refused():
    root = changed("/ds:Reference", URI="#xpointer(id('_assertion'))")
    root.set("ID", "xpointer(id('_assertion'))")
    refused(root, "covers another element")


def test_an_element_without_id_is_refused():
    root = changed("/ds:Reference", URI="#")
    del root.attrib["ID"]
    refused(root, "covers another element")


@pytest.mark.parametrize(
    "uri",
    [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "",
    ],
)
def test_another_canonicalisation_is_refused(uri):
    refused(changed("/ds:CanonicalizationMethod", Algorithm=uri), "not canonicalised exclusively")
    refused(changed("/ds:Reference/ds:Transforms/ds:Transform[2]", Algorithm=uri), "the transforms are not")


@pytest.mark.parametrize(
    "transforms",
    [
        "",
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>0</ds:XPath></ds:Transform>'
        '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
    ],
)
def test_other_transforms_are_refused(transforms):
    root = signed()
    place = find(root, "ds:Signature/ds:SignedInfo/ds:Reference/ds:Transforms")
    place[:] = fragment(f"<ds:Transforms>{transforms}</ds:Transforms>")[:]
    resign(root)
    refused(root, "the transforms are not")


@pytest.mark.parametrize(("position", "content"), [(0, "<ds:XPath>0</ds:XPath>"), (1, "<any/>"), (1, "<any/><any/>")])
def test_a_transform_has_no_parameter_that_we_do_not_read(position, content):
    root = signed()
    find(root, "ds:Signature/ds:SignedInfo/ds:Reference/ds:Transforms")[position].extend(fragment(f"<w>{content}</w>"))
    resign(root)
    refused(root, "parameters that are not read")


def test_a_list_of_prefixes_is_short():
    prefixes = " ".join(f"p{number}" for number in range(17))
    inclusive = f'<w xmlns="http://www.w3.org/2001/10/xml-exc-c14n#"><InclusiveNamespaces PrefixList="{prefixes}"/></w>'
    root = signed()
    find(root, "ds:Signature/ds:SignedInfo/ds:CanonicalizationMethod").extend(fragment(inclusive))
    refused(root, "not canonicalised exclusively")


# -- how it is made ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        HMAC,
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha224",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
        "",
    ],
)
def test_a_method_that_is_not_in_the_table_is_refused(uri):
    refused(changed("/ds:SignatureMethod", Algorithm=uri), "signature method is not known")


def test_a_method_takes_no_parameter_from_the_message():
    root = signed()
    find(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod").append(
        fragment("<ds:HMACOutputLength>8</ds:HMACOutputLength>")
    )
    resign(root)
    refused(root, "signature method is not known")


@pytest.mark.parametrize(
    "uri", ["http://www.w3.org/2001/04/xmldsig-more#md5", "http://www.w3.org/2001/04/xmldsig-more#sha224", ""]
)
def test_a_digest_that_is_not_in_the_table_is_refused(uri):
    refused(changed("/ds:Reference/ds:DigestMethod", Algorithm=uri), "digest method is not known")


def test_a_digest_takes_no_parameter_from_the_message():
    root = signed()
    find(root, "ds:Signature/ds:SignedInfo/ds:Reference/ds:DigestMethod").append(fragment("<any/>"))
    resign(root)
    refused(root, "digest method is not known")


def test_a_digest_with_sha1_is_refused():
    refused(changed("/ds:Reference/ds:DigestMethod", Algorithm=NS["ds"] + "sha1"), "not allowed: sha1")


@pytest.mark.parametrize(
    ("uri", "needed"),
    [(RSA_SHA256, "rsa-pkcs1"), (f"{NS['ds']}rsa-sha1", "rsa-pkcs1, sha1")],
)
def test_pkcs1_is_refused(uri, needed):
    root = signed(signer_of("rsa"))
    find(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod").set("Algorithm", uri)
    refused(root, f"not allowed: {needed}$", [trusted("rsa")])


def test_what_the_tables_allow_without_a_deviation_is_what_eidas_names():
    strict = [uri.partition("#")[2] for uri, method in SIGNATURE_METHODS.items() if not method.deviations]
    assert strict == [
        "sha256-rsa-MGF1",
        "sha384-rsa-MGF1",
        "sha512-rsa-MGF1",
        "ecdsa-sha256",
        "ecdsa-sha384",
        "ecdsa-sha512",
    ]
    assert [digest.hash.name for digest in DIGESTS.values() if not digest.deviations] == ["sha256", "sha384", "sha512"]


@pytest.mark.parametrize(("signer", "trust"), [("rsa", "secp256r1"), ("secp256r1", "rsa")])
def test_the_method_does_not_choose_how_a_key_is_understood(signer, trust):
    refused(signed(signer_of(signer)), "no trusted key is of the kind", [trusted(trust)])


def test_nothing_is_proven_without_a_trusted_key():
    with pytest.raises(SignatureRefused, match="no trusted key is of the kind"):
        signature.verify(signed(), [])


def test_a_key_of_rsa_2048_is_refused():
    refused(signed(signer_of("rsa2048")), "weaker than", [trusted("rsa2048")])


@pytest.mark.parametrize("cut", [slice(1, None), slice(None, -1), slice(0, 32), slice(0, 0)])
def test_a_truncated_value_is_refused(cut):
    root = signed()
    value = find(root, "ds:Signature/ds:SignatureValue")
    value.text = xml.encoded(xml.octets(value)[cut])
    refused(root, "has not the length")


def test_a_padded_value_is_refused():
    root = signed()
    value = find(root, "ds:Signature/ds:SignatureValue")
    octets = xml.octets(value)
    value.text = xml.encoded(b"\0" + octets[:32] + b"\0" + octets[32:])
    refused(root, "has not the length")


# -- what was changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"12345678Z", b"12345678Y"),
        (b'Version="2.0"', b'Version="2.1"'),
        (b"<samlp:Status/>", b""),
        (b"\n</samlp", b"</samlp"),
    ],
)
def test_a_changed_message_is_refused(before, after):
    refused(xml.parse(xml.write(signed()).replace(before, after, 1)), "wrong by every trusted key")


@pytest.mark.parametrize("path", ["ds:SignedInfo/ds:Reference/ds:DigestValue", "ds:SignatureValue"])
def test_a_changed_value_is_refused(path):
    root = signed()
    value = find(root, f"ds:Signature/{path}")
    octets = xml.octets(value)
    value.text = xml.encoded(octets[:-1] + bytes([octets[-1] ^ 1]))
    refused(root, "wrong by every trusted key")


def test_a_zero_signature_is_refused():
    root = signed()
    find(root, "ds:Signature/ds:SignatureValue").text = xml.encoded(bytes(64))
    refused(root, "wrong by every trusted key")


def test_the_senders_own_certificate_in_keyinfo_proves_nothing():
    refused(signed(signer_of(turn=1)), "wrong by every trusted key")


@pytest.mark.parametrize(
    "hint",
    [
        "<ds:KeyName>x</ds:KeyName>",
        '<ds:RetrievalMethod URI="http://a.example/key"/>',
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>",
    ],
)
def test_keyinfo_is_not_read(hint):
    root = signed()
    find(root, "ds:Signature/ds:KeyInfo")[:] = [fragment(hint)]
    assert names(signature.verify(root, [trusted()]).element) == [GENUINE]


def test_a_deviation_does_not_open_another():
    allowed = Compatibility(frozenset(Deviation) - {Deviation.SHA1})
    root = changed("/ds:Reference/ds:DigestMethod", Algorithm=NS["ds"] + "sha1")
    with pytest.raises(SignatureRefused, match="not allowed: sha1"):
        signature.verify(root, [trusted()], allowed)
