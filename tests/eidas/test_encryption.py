"""Encrypting and decrypting: what we write we read, and the element comes back as it was, signature included."""

import pytest

from eidas import encryption, signature, xml
from eidas.algorithms import AES128_GCM, AES256_GCM, Compatibility, Deviation
from eidas.errors import DecryptionFailed, EncryptionRefused, XmlRefused
from eidas.keys import LocalDecrypter
from tests.eidas.foreign import ASSERTION, encrypted
from tests.eidas.parts import KEYS, NS, RESPONSE, find, names, private_key, signed, signer_of, trusted


def decrypter(name="secp256r1", turn=0):
    return LocalDecrypter(private_key(name, turn))


def public(name="secp256r1", turn=0):
    return private_key(name, turn).public_key()


def wrapped(element, **options):
    """An EncryptedAssertion of ours, as it is read from what was written."""
    data = encryption.encrypt(element, trusted(**options))
    return xml.parse(xml.write(xml.make("saml2", "EncryptedAssertion", data)))


def opened(container, *keys):
    return encryption.decrypt(container, keys or [decrypter()])


# -- what we write ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [AES128_GCM, AES256_GCM])
@pytest.mark.parametrize("name", KEYS)
def test_what_we_encrypt_we_decrypt(name, content):
    data = encryption.encrypt(xml.parse(RESPONSE), trusted(name), content)
    container = xml.parse(xml.write(xml.make("saml2", "EncryptedAssertion", data)))
    assert xml.canonical(opened(container, decrypter(name)).element) == xml.canonical(xml.parse(RESPONSE))
    assert find(data, "xenc:EncryptionMethod").get("Algorithm") == content


W3, X11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
WRAPS = [f"{W3}kw-aes128", f"{W3}kw-aes256"]
OFFERED = {
    "nothing said": ([], "rsa", AES256_GCM),
    "both contents": ([AES128_GCM, AES256_GCM], "rsa", AES256_GCM),
    "the shorter content": ([AES128_GCM], "rsa", AES128_GCM),
    "only keys": ([f"{X11}rsa-oaep"], "rsa", AES256_GCM),
    "only an old transport": ([AES256_GCM, f"{W3}rsa-oaep-mgf1p"], "rsa", None),
    "old and new transport": ([AES256_GCM, f"{W3}rsa-oaep-mgf1p", f"{X11}rsa-oaep"], "rsa", AES256_GCM),
    "only blocks in a chain": ([f"{W3}aes256-cbc"], "secp256r1", None),
    "agreement": ([AES256_GCM, f"{X11}ECDH-ES", *WRAPS], "secp256r1", AES256_GCM),
    "agreement with the shorter wrap": ([AES256_GCM, AES128_GCM, f"{X11}ECDH-ES", WRAPS[0]], "secp256r1", AES128_GCM),
    "a wrap that fits no content": ([AES256_GCM, f"{X11}ECDH-ES", WRAPS[0]], "secp256r1", None),
    "another agreement": ([AES256_GCM, f"{X11}dh-es"], "secp256r1", None),
}


@pytest.mark.parametrize("case", OFFERED)
def test_what_a_recipient_offers_decides_how_is_encrypted(case):
    offered, name, content = OFFERED[case]
    assert encryption.choose_method(trusted(name), frozenset(offered)) == content


def test_nothing_is_used_twice():
    """eIDAS Cryptographic Requirements 1.4, 3.1: keys and random numbers serve once."""
    first, second = (wrapped(xml.parse(RESPONSE)) for _ in range(2))
    for path in (".//ds11:PublicKey", "xenc:EncryptedData/xenc:CipherData", ".//xenc:EncryptedKey/xenc:CipherData"):
        assert xml.write(find(first, path)) != xml.write(find(second, path))
    iv = [xml.octets(find(one, "xenc:EncryptedData/xenc:CipherData/xenc:CipherValue"))[:12] for one in (first, second)]
    assert iv[0] != iv[1]


def test_nothing_of_the_element_is_left_to_read():
    assert b"12345678Z" not in xml.write(wrapped(xml.parse(RESPONSE)))


def test_the_encrypted_element_is_left_as_it_was():
    root = xml.parse(RESPONSE)
    encryption.encrypt(root[2], trusted())
    assert xml.write(root) == RESPONSE


def test_the_recipient_is_shown_by_its_certificate():
    certificates = [find(wrapped(xml.parse(RESPONSE), name=name), ".//ds:X509Certificate") for name in ("rsa", "secp256r1")]
    assert [xml.octets(shown) for shown in certificates] == [trusted("rsa").der, trusted().der]


def test_we_encrypt_for_no_weak_key_unless_the_partner_is_allowed_one():
    with pytest.raises(EncryptionRefused, match="not allowed: rsa-2048"):
        encryption.encrypt(xml.parse(RESPONSE), trusted("rsa2048"))
    allowed = Compatibility(frozenset({Deviation.RSA_2048}))
    data = encryption.encrypt(xml.parse(RESPONSE), trusted("rsa2048"), compatibility=allowed)
    container = xml.make("saml2", "EncryptedAssertion", data)
    assert names(opened(container, decrypter("rsa2048")).element) == ["ES/FR/12345678Z"]


@pytest.mark.parametrize("uri", [NS["xenc"] + "aes256-cbc", NS["xenc11"] + "aes192-gcm"])
def test_we_write_no_other_cipher_than_eidas_asks_for(uri):
    with pytest.raises(EncryptionRefused, match="in GCM"):
        encryption.encrypt(xml.parse(RESPONSE), trusted(), uri)


# -- what we read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("name", ["rsa", "secp256r1"])
def test_the_encrypted_key_stands_inside_or_beside(name, beside):
    element = opened(encrypted(public(name), beside=beside), decrypter(name)).element
    assert element.tag == f"{{{xml.SAML}}}Assertion"


def test_a_signature_inside_is_still_right_although_the_prefixes_outside_are_others():
    """The message binds the namespace of the assertion to another prefix; a grafted element would take that one."""
    assertion = signed(at="saml2:Assertion").find("saml2:Assertion", NS)
    container = encrypted(public(), xml.write(assertion))
    response = xml.parse(b'<s:Response xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"/>')
    response.append(container)
    verified = signature.verify(opened(container).element, [trusted()])
    assert (verified.element.get("ID"), verified.element.prefix) == ("_assertion", "saml2")


def test_octets_without_namespaces_take_those_of_their_place():
    assert b"xmlns" not in ASSERTION
    element = opened(encrypted(public(), ASSERTION)).element
    assert (element.tag, element.getparent()) == (f"{{{xml.SAML}}}Assertion", None)


def test_what_is_decrypted_is_a_root_alone():
    element = opened(encrypted(public(), b"\n" + ASSERTION + b"\n")).element
    assert (element.getparent(), element.getroottree().getroot(), element.tail) == (None, element, None)


@pytest.mark.parametrize("name", ["rsa", "secp256r1"])
def test_the_older_of_our_keys_still_opens(name):
    keys = [decrypter("secp384r1"), decrypter(name, 1), decrypter(name), decrypter("rsa", 2)]
    assert opened(encrypted(public(name)), *keys).element.get("ID") == "_a"


def test_the_private_key_may_lie_elsewhere():
    class Token:
        public_key = public()

        def unwrap_rsa(self, wrapped, oaep):
            raise TypeError

        def agree(self, peer):
            return decrypter().agree(peer)

    assert opened(encrypted(public()), Token()).deviations == frozenset()


# -- what was changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [0, 12, -1])
@pytest.mark.parametrize("name", KEYS)
def test_a_changed_content_is_refused(name, position):
    container = encrypted(public(name))
    value = find(container, "xenc:EncryptedData/xenc:CipherData/xenc:CipherValue")
    octets = bytearray(xml.octets(value))
    octets[position] ^= 1
    value.text = xml.encoded(octets)
    with pytest.raises(DecryptionFailed):
        opened(container, decrypter(name))


@pytest.mark.parametrize("name", KEYS)
def test_a_changed_key_is_refused(name):
    container = encrypted(public(name))
    value = find(container, ".//xenc:EncryptedKey/xenc:CipherData/xenc:CipherValue")
    octets = bytearray(xml.octets(value))
    octets[-1] ^= 1
    value.text = xml.encoded(octets)
    with pytest.raises(DecryptionFailed):
        opened(container, decrypter(name))


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_a_truncated_content_is_refused(length):
    container = encrypted(public())
    value = find(container, "xenc:EncryptedData/xenc:CipherData/xenc:CipherValue")
    value.text = xml.encoded(xml.octets(value)[:length])
    with pytest.raises(DecryptionFailed):
        opened(container)


@pytest.mark.parametrize("name", ["rsa", "secp256r1"])
def test_a_message_for_another_is_not_opened(name):
    with pytest.raises(DecryptionFailed):
        opened(encrypted(public(name)), decrypter(name, 1))


def test_whether_key_or_content_failed_is_not_said():
    """Whoever could tell the two apart might decrypt by asking (XML Encryption 1.1 6.1.1)."""
    refusals = []
    for path in ("xenc:EncryptedData/xenc:CipherData", ".//xenc:EncryptedKey/xenc:CipherData"):
        container = encrypted(public("rsa"))
        value = find(container, path + "/xenc:CipherValue")
        value.text = xml.encoded(xml.octets(value)[:-1] + b"\0")
        with pytest.raises(DecryptionFailed) as refused:
            opened(container, decrypter("rsa"))
        refusals.append((type(refused.value), refused.value.detail))
    assert refusals[0] == refusals[1]


@pytest.mark.parametrize("octets", [b"", b"text", b"<a>", b"<!DOCTYPE a><a/>", b"\xff", b"<a/></within><within>"])
def test_octets_that_are_no_element_are_refused(octets):
    with pytest.raises((XmlRefused, EncryptionRefused)):
        opened(encrypted(public(), octets))


def test_nobody_needs_to_sign_to_encrypt_for_us():
    """So a decrypted element proves nothing, and its own signature counts: this one has none."""
    element = opened(encrypted(public())).element
    with pytest.raises(signature.rules.SignatureRefused):
        signature.verify(element, [trusted()])
    assert signer_of().certificate == trusted().der
