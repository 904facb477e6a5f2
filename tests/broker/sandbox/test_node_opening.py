"""Others' software verifies and opens what our library writes, and the simulated Connector judges the algorithms before."""

import pytest
from lxml import etree

from broker.sandbox.node.opening import check_ciphers, check_key_parameters, check_only_assertion, opened, verified
from broker.sandbox.node.reading import NotUnderstood
from broker.sandbox.node.security import Untrusted
from eidas import encryption, xml
from tests.broker.sandbox.connectors import PERSON
from tests.broker.sandbox.nodes import NOW, node_key
from tests.eidas.exchange import ENVELOPE, RECIPIENT, doubling, dropping, find, response, setting
from tests.eidas.parts import KEYS, resign, signer_of, trusted

KEY, OTHER = node_key("secp256r1", 7), node_key("secp256r1", 8)
DATA = "xenc:EncryptedData"
IN_KEY = f"{DATA}/ds:KeyInfo/xenc:EncryptedKey"
AGREEMENT = f"{IN_KEY}/ds:KeyInfo/xenc:AgreementMethod"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


def signed(kind="secp256r1", **step):
    return response(statement=PERSON, envelope=ENVELOPE, signer=signer_of(kind), **step)


def container(kind="secp256r1"):
    """An EncryptedAssertion for a key."""
    recipient = RECIPIENT if kind == "secp256r1" else trusted(kind, 7)
    octets = response(statement=PERSON, envelope=ENVELOPE, recipient=recipient)
    return etree.fromstring(octets).find(f"{{{xml.SAML}}}EncryptedAssertion")


# -- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KEYS)
def test_what_we_sign_is_read_by_our_certificate_whatever_the_key(kind):
    root = verified(signed(kind), [node_key(kind, 0).der], NOW)
    assert (root.get("ID"), root.getparent()) == (ENVELOPE.id, None)


def test_one_of_several_certificates_is_enough():
    certificates = [OTHER.der, node_key("rsa", 0).der, node_key("secp256r1", 0).der]
    assert verified(signed(), certificates, NOW).get("ID") == ENVELOPE.id


@pytest.mark.parametrize("certificates", [[], [OTHER.der], [node_key("rsa", 0).der]], ids=["none", "other", "kind"])
def test_what_somebody_else_signed_is_not_trusted(certificates):
    with pytest.raises(Untrusted, match="signature is wrong"):
        verified(signed(), certificates, NOW)


def test_only_what_was_signed_is_read_on():
    """The signature itself is not a part of it."""
    root = verified(signed(), [node_key("secp256r1", 0).der], NOW)
    assert root.find(f"{{{xml.DS}}}Signature") is None


def test_a_message_that_nobody_signed_is_not_trusted():
    with pytest.raises(Untrusted, match="not one signature"):
        verified(response(statement=PERSON, sign=False), [node_key("secp256r1", 0).der], NOW)


def test_a_signature_by_a_weak_hash_is_not_trusted():
    def weaken(root):
        setting("ds:Signature//ds:DigestMethod", "Algorithm", SHA1)(root)
        resign(root)

    with pytest.raises(Untrusted, match="DigestMethod"):
        verified(signed(after=weaken), [node_key("secp256r1", 0).der], NOW)


def test_what_is_not_xml_is_not_understood():
    with pytest.raises(NotUnderstood, match="not XML"):
        verified(b"<a>", [], NOW)


# -- encryption -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["secp256r1", "secp384r1", "secp521r1", "rsa"])
def test_what_we_encrypt_is_opened_whatever_the_key(kind):
    assertion = etree.fromstring(opened(container(kind), node_key(kind, 7)))
    assert (assertion.tag, assertion.get("ID")) == (f"{{{xml.SAML}}}Assertion", PERSON.assertion_id)


@pytest.mark.parametrize("key", [OTHER, node_key("rsa", 8)], ids=["other", "kind"])
def test_what_is_encrypted_for_somebody_else_is_not_opened(key):
    with pytest.raises(Untrusted, match="cannot be decrypted"):
        opened(container(), key)


@pytest.mark.parametrize(
    "change",
    [
        setting(f"{DATA}/xenc:EncryptionMethod", "Algorithm", CBC),
        dropping(f"{DATA}/xenc:EncryptionMethod"),
        setting(f"{IN_KEY}/xenc:EncryptionMethod", "Algorithm", f"{xml.XENC}rsa-oaep-mgf1p"),
        setting(f"{IN_KEY}/xenc:EncryptionMethod", "Algorithm", f"{xml.XENC}kw-tripledes"),
        doubling(IN_KEY),
        doubling(DATA),
    ],
    ids=["cbc", "none", "mgf1p", "3des", "two keys", "two contents"],
)
def test_encryption_by_another_way_than_the_profiles_is_refused(change):
    element = container()
    change(element)
    with pytest.raises(Untrusted, match="as the profile has it"):
        check_ciphers(element)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("rsa", setting(f"{IN_KEY}/xenc:EncryptionMethod/ds:DigestMethod", "Algorithm", SHA1)),
        ("rsa", dropping(f"{IN_KEY}/xenc:EncryptionMethod/ds:DigestMethod")),
        ("rsa", dropping(f"{IN_KEY}/xenc:EncryptionMethod/xenc11:MGF")),
        ("rsa", setting(f"{IN_KEY}/xenc:EncryptionMethod/xenc11:MGF", "Algorithm", f"{xml.XENC11}mgf1sha1")),
        ("secp256r1", setting(AGREEMENT, "Algorithm", f"{xml.XENC}dh")),
        ("secp256r1", setting(f"{AGREEMENT}/xenc11:KeyDerivationMethod", "Algorithm", f"{xml.XENC11}pbkdf2")),
        ("secp256r1", setting(f"{AGREEMENT}//ds:DigestMethod", "Algorithm", SHA1)),
    ],
)
def test_a_key_by_other_parameters_than_the_profiles_is_refused(kind, change):
    element = container(kind)
    change(element)
    with pytest.raises(Untrusted, match="key's parameters"):
        check_key_parameters(element)


@pytest.mark.parametrize("check", [check_ciphers, check_key_parameters])
@pytest.mark.parametrize("kind", ["secp256r1", "rsa"])
def test_what_we_encrypt_is_encrypted_as_the_profile_has_it(kind, check):
    assert check(container(kind)) is None


@pytest.mark.parametrize(
    "change",
    [setting(f"{DATA}/xenc:EncryptionMethod", "Algorithm", CBC), setting(AGREEMENT, "Algorithm", f"{xml.XENC}dh")],
)
def test_nothing_is_opened_before_its_algorithms_are_judged(change):
    element = container()
    change(element)
    with pytest.raises(Untrusted, match="profile"):
        opened(element, KEY)


def test_what_is_encrypted_is_an_assertion():
    other = xml.make("saml2", "Issuer", "somebody")
    element = xml.make("saml2", "EncryptedAssertion", encryption.encrypt(other, RECIPIENT))
    with pytest.raises(Untrusted, match="not one assertion"):
        opened(element, KEY)


def test_of_two_assertions_none_is_read():
    element = etree.fromstring(f'<a xmlns="{xml.SAML}"><Assertion/><Assertion/></a>')
    with pytest.raises(Untrusted, match="not one assertion"):
        check_only_assertion(element)


def test_a_ciphertext_that_was_changed_is_not_opened():
    element = container()
    value = find(element, f"{DATA}/xenc:CipherData/xenc:CipherValue")
    value.text = "A" * 8 + "".join(value.text.split())[8:]
    with pytest.raises(Untrusted, match="cannot be decrypted"):
        opened(element, KEY)
