"""Signature wrapping. Whatever is done to a message, nothing that the signer did not sign is ever returned."""

import copy

import pytest

from eidas import signature, xml
from eidas.errors import Refused
from tests.eidas.parts import NS, find, fragment, names, signed, signer_of, trusted
from tests.eidas.test_signature_rules import refused

GENUINE, EVIL = "ES/FR/12345678Z", "ES/FR/EVIL"


def accepted(root):
    """Every element of a document that some signature proves, by our own keys."""
    found = []
    for element in xml.parse(xml.write(root)).iter():
        try:
            found.append(signature.verify(element, [trusted()]).element)
        except Refused:
            continue
    return found


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
