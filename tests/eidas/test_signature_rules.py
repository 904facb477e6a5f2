"""Attacks on what a signature covers: its shape, its reference, its transforms."""

import copy

import pytest

from eidas import signature, xml
from eidas.errors import Refused, SignatureRefused
from tests.eidas.parts import find, fragment, names, resign, signed, trusted

GENUINE = "ES/FR/12345678Z"


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
