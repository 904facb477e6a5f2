"""The simulated node believes a request after every check of its own, and no other."""

import ast
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from lxml import etree

from broker.sandbox.node import security
from broker.sandbox.node.reading import (
    RULES,
    NotUnderstood,
    check_fresh,
    read_partner,
    read_posted,
    read_redirected,
)
from broker.sandbox.node.security import Untrusted, check_algorithms, check_own_signature, check_query_method
from eidas import signature, xml
from eidas.attributes import BIRTH_NAME
from eidas.binding import deflated
from eidas.query import sign_query
from eidas.request import write_request
from tests.broker.sandbox.nodes import ACS, CONNECTOR, NOW, asking, node_key, our_metadata, receiving
from tests.eidas.parts import KEYS, certificate_of, private_key, resign, signer_of

PARTNER = read_partner(our_metadata())
NS = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": xml.SAML,
    "e": "http://eidas.europa.eu/saml-extensions",
    "ds": xml.DS,
}
RECEIVING = receiving(PARTNER)


def form(octets, relay_state="state"):
    return {"SAMLRequest": b64encode(octets).decode(), "RelayState": relay_state}


def changed(change, sign=True):
    """A request that was changed before our Connector signed it."""
    root = etree.fromstring(write_request(asking(), None))
    change(root)
    if sign:
        signature.sign(root, signer_of())
    return etree.tostring(root)


def one(root, path):
    return root.xpath(path, namespaces=NS)[0]


# -- metadata ---------------------------------------------------------------------------------------------------------


def test_the_connector_is_what_its_metadata_says():
    assert (PARTNER.entity_id, PARTNER.acs) == (CONNECTOR, ACS)
    assert b64decode(PARTNER.signing) == certificate_of(private_key("secp256r1", 0))
    assert b64decode(PARTNER.encryption) == certificate_of(private_key("secp256r1", 7))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"connector.example/acs", b"evil.example/acs", "signature is wrong"),
        (b"<md:EntityDescriptor", b"<", "not XML"),
    ],
)
def test_metadata_that_was_changed_is_not_used(old, new, words):
    with pytest.raises(NotUnderstood, match=words):
        read_partner(our_metadata().replace(old, new))


@pytest.mark.parametrize(
    ("path", "words"),
    [("//md:AssertionConsumerService/@isDefault/..", "or where"), ("//md:KeyDescriptor[@use='encryption']", "lacks a key")],
)
def test_metadata_that_lacks_something_is_not_used(path, words):
    root = etree.fromstring(our_metadata())
    for unwanted in (*root.findall(f"{{{xml.DS}}}Signature"), *root.xpath(path, namespaces={"md": xml.MD})):
        unwanted.getparent().remove(unwanted)
    security.sign(root, node_key())
    with pytest.raises(NotUnderstood, match=words):
        read_partner(etree.tostring(root))


# -- good requests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KEYS)
def test_a_posted_request_of_ours_is_understood_whatever_our_key(kind):
    octets = write_request(asking(), signer_of(kind))
    asked = read_posted(form(octets), receiving(read_partner(our_metadata(signing=kind))))
    assert (asked.id, asked.level, asked.sp_type, asked.requester) == (asking().id, "low", "public", "")
    assert asked.attributes == {attribute.name for attribute in asking().attributes}


@pytest.mark.parametrize("kind", KEYS)
def test_a_redirected_request_of_ours_is_understood_whatever_our_key(kind):
    query = sign_query("SAMLRequest", deflated(write_request(asking(), None)), "state", signer_of(kind))
    partner = read_partner(our_metadata(signing=kind))
    assert read_redirected(query, dict(parse_qsl(query)), receiving(partner)).id == asking().id


def test_a_redirected_request_may_be_signed_inside_as_the_sample_nodes_do():
    parameters = form(write_request(asking(), signer_of()))
    assert read_redirected(urlencode(parameters), parameters, RECEIVING).id == asking().id


def test_a_request_that_names_its_requester_says_so():
    octets = write_request(asking(sp_type="private", requester_id="https://connector.example/r/1"), signer_of())
    asked = read_posted(form(octets), RECEIVING)
    assert (asked.sp_type, asked.requester) == ("private", "https://connector.example/r/1")


# -- what is wrong ----------------------------------------------------------------------------------------------------

LAST = "//e:RequestedAttribute[last()]"
SPOILT = {
    "it is no AuthnRequest of version 2.0": lambda root: root.set("Version", "1.1"),
    "the issuer is another": lambda root: setattr(one(root, "a:Issuer"), "text", "https://other.example"),
    "the destination is another": lambda root: root.set("Destination", "https://other.example"),
    "it does not demand a fresh login (2.4.1)": lambda root: root.set("ForceAuthn", "false"),
    "it is passive (2.4.1)": lambda root: root.set("IsPassive", "true"),
    "the answer should go elsewhere (6.3)": lambda root: root.set("AssertionConsumerServiceURL", "https://other.example"),
    "there is not one SPType, public or private (4.3)": lambda root: setattr(one(root, "//e:SPType"), "text", "Public"),
    "it names a country (4.2)": lambda root: etree.SubElement(one(root, "p:Extensions"), f"{{{NS['e']}}}NodeCountry"),
    "it asks for another format of names (2.2)": lambda root: one(root, "p:NameIDPolicy").set("Format", "x"),
    "there is not one RequestedAuthnContext (2.4.1)": lambda root: root.remove(one(root, "p:RequestedAuthnContext")),
    "the level is not one notified one at least (2.4.1)": (
        lambda root: one(root, "p:RequestedAuthnContext").set("Comparison", "exact")
    ),
    "an attribute's name is not of the kind uri (2.3.2)": lambda root: one(root, LAST).attrib.pop("NameFormat"),
    "an attribute is not one of a natural person (2.3.2)": (
        lambda root: one(root, LAST).set("Name", "http://eidas.europa.eu/attributes/legalperson/LegalName")
    ),
    "an attribute is asked for twice": lambda root: one(root, LAST).set("Name", BIRTH_NAME),
    "the minimum data set is not required as a whole (2.3.2)": (
        lambda root: one(root, "//e:RequestedAttribute[contains(@Name, 'DateOfBirth')]").set("isRequired", "false")
    ),
    "something optional is required (2.3.2)": lambda root: one(root, LAST).set("isRequired", "true"),
}


def test_there_is_a_case_for_every_rule():
    assert list(SPOILT) == list(RULES)


@pytest.mark.parametrize("wrong", SPOILT)
def test_a_request_with_one_defect_is_refused_for_that(wrong):
    with pytest.raises(NotUnderstood) as refused:
        read_posted(form(changed(SPOILT[wrong])), RECEIVING)
    assert str(refused.value) == wrong


def test_a_level_that_the_node_does_not_have_is_refused():
    octets = write_request(asking(levels=("http://eidas.europa.eu/LoA/high",)), signer_of())
    with pytest.raises(NotUnderstood, match="none of this node's"):
        read_posted(form(octets), replace(RECEIVING, levels=("low", "substantial")))


@pytest.mark.parametrize("issued", [NOW - 361, NOW + 61])
def test_a_request_of_another_time_is_refused(issued):
    with pytest.raises(NotUnderstood, match="old, or of the future"):
        read_posted(form(write_request(asking(issued=issued), signer_of())), RECEIVING)


@pytest.mark.parametrize("issued", [NOW - 360, NOW + 60])
def test_clocks_may_differ_by_a_minute(issued):
    assert read_posted(form(write_request(asking(issued=issued), signer_of())), RECEIVING)


@pytest.mark.parametrize("instant", ["", "yesterday", "2026-09-21T12:53:20"])
def test_an_instant_that_is_none_is_refused(instant):
    with pytest.raises(NotUnderstood, match="instant of issue is none"):
        check_fresh(instant, NOW)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "no SAMLRequest"),
        ({"SAMLRequest": "A" * 131_073}, "too large"),
        ({"SAMLRequest": "!"}, "not base64"),
        ({"SAMLRequest": "PGE+"}, "not XML"),
        ({"SAMLRequest": "PGEvPg==", "RelayState": "x" * 81}, "RelayState is too long"),
    ],
)
def test_what_is_no_message_is_refused(fields, words):
    with pytest.raises(NotUnderstood, match=words):
        read_posted(fields, RECEIVING)


def test_a_query_that_is_signed_holds_a_deflated_message():
    query = sign_query("SAMLRequest", b64encode(b"\xff" * 9).decode(), "state", signer_of())
    with pytest.raises(NotUnderstood, match="not deflated"):
        read_redirected(query, dict(parse_qsl(query)), RECEIVING)


# -- signatures -------------------------------------------------------------------------------------------------------


def test_a_request_that_nobody_signed_is_refused():
    with pytest.raises(NotUnderstood, match="not one signature"):
        read_posted(form(write_request(asking(), None)), RECEIVING)


def test_a_request_that_somebody_else_signed_is_refused():
    with pytest.raises(NotUnderstood, match="signature is wrong"):
        read_posted(form(write_request(asking(), signer_of(turn=1))), RECEIVING)


def test_a_request_that_was_changed_after_it_was_signed_is_refused():
    octets = write_request(asking(), signer_of()).replace(b">public<", b">private<")
    with pytest.raises(NotUnderstood, match="signature is wrong"):
        read_posted(form(octets), RECEIVING)


def test_a_signature_elsewhere_in_the_message_is_not_its_own():
    root = etree.fromstring(write_request(asking(), signer_of()))
    one(root, "p:Extensions").append(root.find(f"{{{xml.DS}}}Signature"))
    with pytest.raises(Untrusted, match="not one signature"):
        check_own_signature(root)


def test_an_id_that_stands_twice_is_refused():
    root = etree.fromstring(write_request(asking(), signer_of()))
    one(root, "p:Extensions").set("ID", root.get("ID"))
    with pytest.raises(Untrusted, match="not one signature"):
        check_own_signature(root)


@pytest.mark.parametrize(
    ("element", "algorithm"),
    [
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        ("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
    ],
)
def test_an_algorithm_that_is_not_of_the_profile_is_refused(element, algorithm):
    root = etree.fromstring(write_request(asking(), signer_of()))
    one(root, f"ds:Signature//ds:{element}").set("Algorithm", algorithm)
    resign(root)
    with pytest.raises(Untrusted, match=element):
        check_algorithms(root)


def test_a_query_that_was_changed_after_it_was_signed_is_refused():
    query = sign_query("SAMLRequest", deflated(write_request(asking(), None)), "state", signer_of())
    with pytest.raises(NotUnderstood, match="signature of the query is wrong"):
        read_redirected(query.replace("state", "other"), dict(parse_qsl(query)), RECEIVING)


@pytest.mark.parametrize("signature_value", ["", "AAAA", "!"])
def test_a_query_whose_signature_is_none_is_refused(signature_value):
    query = sign_query("SAMLRequest", deflated(write_request(asking(), None)), "state", signer_of())
    cut = query.partition("&Signature=")[0] + f"&Signature={signature_value}"
    with pytest.raises(NotUnderstood, match="signature of the query is wrong"):
        read_redirected(cut, dict(parse_qsl(cut)), RECEIVING)


def test_a_query_that_names_the_method_of_another_kind_of_key_is_refused():
    query = sign_query("SAMLRequest", deflated(write_request(asking(), None)), "state", signer_of("rsa"))
    with pytest.raises(NotUnderstood, match="signature of the query is wrong"):
        read_redirected(query, dict(parse_qsl(query)), RECEIVING)


def test_a_query_is_signed_by_a_method_of_the_profile():
    with pytest.raises(Untrusted, match="SigAlg"):
        check_query_method("http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def test_the_node_is_an_implementation_of_its_own():
    """Both sides of an exchange must not share a mistake."""
    files = sorted(Path(security.__file__).parent.glob("*.py"))
    imported = {name for file in files for node in ast.walk(ast.parse(file.read_bytes())) for name in _imported(node)}
    assert len(files) >= 8
    assert {name.partition(".")[0] for name in imported} & {"eidas", "metadata", "certs", "oidc", "saml2"} == set()


def _imported(node):
    if isinstance(node, ast.ImportFrom):
        return [node.module]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
