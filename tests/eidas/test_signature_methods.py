"""Attacks on how a signature is made: methods, keys, values; and what was changed after it was made."""

import pytest

from eidas import signature, xml
from eidas.algorithms import DIGESTS, SIGNATURE_METHODS, Compatibility, Deviation
from eidas.errors import SignatureRefused
from tests.eidas.parts import NS, find, fragment, names, resign, signed, signer_of, trusted
from tests.eidas.test_signature_rules import GENUINE, changed, refused

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"


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
    [(RSA_SHA256, "rsa-pkcs1v15"), (f"{NS['ds']}rsa-sha1", "rsa-pkcs1v15, sha1")],
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
