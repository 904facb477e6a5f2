"""Signing and verifying: every key and hash, who signed, what is returned, what a partner may be allowed."""

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from eidas import signature, xml
from eidas.algorithms import SIGNATURE_METHODS, Compatibility, Deviation
from eidas.errors import SignatureRefused
from eidas.keys import LocalSigner
from tests.eidas.parts import (
    HASHES,
    KEYS,
    NS,
    RESPONSE,
    certificate_of,
    find,
    fragment,
    private_key,
    resign,
    signed,
    signer_of,
    trusted,
)

MORE = "http://www.w3.org/2001/04/xmldsig-more#"


@dataclass(frozen=True)
class Old:
    """Somebody who signs as one did in 2012."""

    method: str
    name: str = "rsa"

    @property
    def private(self):
        return private_key(self.name)

    @property
    def certificate(self):
        return certificate_of(self.private)

    def sign(self, data):
        return self.private.sign(data, padding.PKCS1v15(), SIGNATURE_METHODS[self.method].hash)


def old_response(method, name="rsa"):
    """A response that was signed with PKCS #1."""
    root = signed(signer_of(name))
    find(root, "ds:Signature/ds:SignedInfo/ds:SignatureMethod").set("Algorithm", method)
    resign(root, Old(method, name))
    return root


def allowing(*deviations):
    return Compatibility(frozenset(deviations))


# -- good signatures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("name", KEYS)
def test_a_signature_of_every_key_and_hash_is_verified(name, algorithm):
    signer = signer_of(name, algorithm=algorithm)
    verified = signature.verify(signed(signer), [trusted(name)])
    assert verified.method == signer.method
    assert verified.deviations == frozenset()


@pytest.mark.parametrize("name", KEYS)
def test_a_signature_of_every_key_is_refused_once_the_message_is_changed(name):
    written = xml.write(signed(signer_of(name))).replace(b"12345678Z", b"12345678Y")
    with pytest.raises(SignatureRefused, match="wrong by every"):
        signature.verify(xml.parse(written), [trusted(name)])


def test_what_is_returned_is_what_was_signed_without_the_signature():
    assert xml.write(signature.verify(signed(), [trusted()]).element) == RESPONSE


def test_what_is_returned_is_a_document_of_its_own():
    outer = fragment("<samlp:Any><samlp:Evil/></samlp:Any>")
    outer.append(signed())
    verified = signature.verify(outer[1], [trusted()]).element
    assert (verified.getparent(), verified.getroottree().getroot()) == (None, verified)


def test_what_was_given_is_left_as_it_was():
    root = signed()
    before = xml.write(root)
    signature.verify(root, [trusted()])
    assert xml.write(root) == before


def test_a_prefix_that_stands_only_in_a_value_is_still_bound():
    data = RESPONSE.replace(b"<saml2:NameID>", b'<saml2:NameID xmlns:x="urn:x" type="x:T">')
    name = find(signature.verify(signed(data=data), [trusted()]).element, ".//saml2:NameID")
    assert (name.get("type"), name.nsmap["x"]) == ("x:T", "urn:x")


def test_an_assertion_is_verified_inside_a_response_that_binds_its_prefix_to_something_else():
    assertion = copy.deepcopy(find(signed(at="saml2:Assertion"), "saml2:Assertion"))
    outer = fragment("<samlp:Any/>")
    outer.append(assertion)
    assert signature.verify(assertion, [trusted()]).element.get("ID") == "_assertion"


def test_prefixes_that_the_signer_lists_are_honoured():
    """Exclusive XML Canonicalization 1.0, 3: InclusiveNamespaces. `x` is bound, but used in a value only."""
    data = RESPONSE.replace(b"<samlp:Response ", b'<samlp:Response xmlns:x="urn:x" ')
    root = signed(data=data)
    digest = signature._hashed(xml.canonical(xml.parse(data), ["x"]), SHA256())
    reference = find(root, "ds:Signature/ds:SignedInfo/ds:Reference")
    listed = f'<w xmlns="{signature.EXCLUSIVE_C14N}"><InclusiveNamespaces PrefixList="x"/></w>'
    find(reference, "ds:Transforms")[1].extend(fragment(listed))
    find(reference, "ds:DigestValue").text = xml.encoded(digest)
    resign(root)
    assert signature.verify(root, [trusted()]).element.nsmap["x"] == "urn:x"


def test_threads_share_certificates_and_signers():
    certificate, signer = trusted("rsa"), signer_of("rsa")

    def once(_):
        return signature.verify(signed(signer), [certificate]).element.get("ID")

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(once, range(80))) == {"_response"}


# -- who signed -------------------------------------------------------------------------------------------------------


def test_of_several_trusted_certificates_the_one_that_signed_is_told():
    trust = [trusted("rsa"), trusted(), trusted(turn=1)]
    assert signature.verify(signed(signer_of(turn=1)), trust).certificate == trusted(turn=1)


def test_a_weak_key_beside_a_strong_one_does_not_stop_the_strong_one():
    trust = [trusted("rsa2048"), trusted("rsa")]
    assert signature.verify(signed(signer_of("rsa")), trust).certificate == trusted("rsa")


# -- what a partner may be allowed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [256, 384, 512])
def test_pkcs1_passes_by_name_and_is_told(length):
    root = old_response(f"{MORE}rsa-sha{length}")
    verified = signature.verify(root, [trusted("rsa")], allowing(Deviation.RSA_PKCS1))
    assert verified.deviations == {Deviation.RSA_PKCS1}


def test_a_key_of_rsa_2048_passes_by_name_and_is_told():
    verified = signature.verify(signed(signer_of("rsa2048")), [trusted("rsa2048")], allowing(Deviation.RSA_2048))
    assert verified.deviations == {Deviation.RSA_2048}


def test_a_digest_with_sha1_passes_by_name_and_is_told():
    root = signed()
    reference = find(root, "ds:Signature/ds:SignedInfo/ds:Reference")
    find(reference, "ds:DigestMethod").set("Algorithm", NS["ds"] + "sha1")
    find(reference, "ds:DigestValue").text = xml.encoded(signature._hashed(xml.canonical(xml.parse(RESPONSE)), SHA1()))
    resign(root)
    assert signature.verify(root, [trusted()], allowing(Deviation.SHA1)).deviations == {Deviation.SHA1}


def test_a_signature_with_sha1_passes_by_both_its_names():
    root = old_response(NS["ds"] + "rsa-sha1")
    verified = signature.verify(root, [trusted("rsa")], allowing(Deviation.SHA1, Deviation.RSA_PKCS1))
    assert verified.deviations == {Deviation.SHA1, Deviation.RSA_PKCS1}


def whole_document(root):
    """A signature that names the document, not the ID of its root."""
    find(root, "ds:Signature/ds:SignedInfo/ds:Reference").set("URI", "")
    resign(root)
    return root


def test_the_document_as_a_whole_is_a_reference_by_name():
    verified = signature.verify(whole_document(signed()), [trusted()], allowing(Deviation.DOCUMENT_REFERENCE))
    assert (verified.deviations, xml.write(verified.element)) == ({Deviation.DOCUMENT_REFERENCE}, RESPONSE)


def test_the_document_as_a_whole_is_no_reference_otherwise():
    with pytest.raises(SignatureRefused, match="not allowed: document-reference"):
        signature.verify(whole_document(signed()), [trusted()])


def test_a_list_without_an_id_is_verified_as_a_document():
    root = xml.parse(b'<list ID="_1"><entry/></list>')
    signature.sign(root, signer_of())
    del root.attrib["ID"]
    info = find(root, "ds:Signature/ds:SignedInfo/ds:Reference")
    digest = signature._hashed(xml.canonical(xml.parse(b"<list><entry/></list>")), SHA256())
    find(info, "ds:DigestValue").text = xml.encoded(digest)
    verified = signature.verify(whole_document(root), [trusted()], allowing(Deviation.DOCUMENT_REFERENCE))
    assert xml.write(verified.element) == b"<list><entry/></list>"


# -- signing ----------------------------------------------------------------------------------------------------------


def test_the_signature_stands_behind_the_issuer():
    assert [child.tag.partition("}")[2] for child in signed()][:3] == ["Issuer", "Signature", "Status"]


def test_without_an_issuer_the_signature_stands_first():
    root = xml.parse(b'<a ID="_1">text<b/></a>')
    signature.sign(root, signer_of())
    assert root[0].tag == f"{{{xml.DS}}}Signature"
    assert xml.write(signature.verify(root, [trusted()]).element) == b'<a ID="_1">text<b/></a>'


def test_the_issuer_of_an_element_inside_is_not_the_elements_own():
    root = xml.parse(RESPONSE)
    xml.remove(root[0])
    signature.sign(root, signer_of())
    assert root[0].tag == f"{{{xml.DS}}}Signature"


def test_the_signature_shows_the_certificate():
    shown = find(signed(), "ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    assert xml.octets(shown) == signer_of().certificate


def test_the_private_key_may_lie_elsewhere():
    class Token:
        method, certificate = signer_of().method, signer_of().certificate

        def sign(self, data):
            return signer_of().sign(data)

    assert signature.verify(signed(Token()), [trusted()]).certificate == trusted()


def test_we_sign_nothing_that_eidas_forbids():
    with pytest.raises(SignatureRefused, match="not allowed: rsa-pkcs1"):
        signature.sign(xml.parse(RESPONSE), Old(f"{MORE}rsa-sha256"))


def test_an_element_without_id_is_not_signed():
    with pytest.raises(KeyError):
        signature.sign(xml.parse(b"<a/>"), signer_of())


def test_a_hash_that_eidas_does_not_name_has_no_method():
    with pytest.raises(LookupError, match="ECDSA with sha1"):
        LocalSigner(private_key("secp256r1"), SHA1(), b"").method  # noqa: B018
