"""ECDH-ES with ConcatKDF: with what senders write, leave out, and forge."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eidas import encryption, xml
from eidas.agreement import Agreement, read_agreement
from eidas.errors import DecryptionFailed, EncryptionRefused, Refused
from tests.eidas.foreign import der_value, encrypted, key_value
from tests.eidas.parts import CURVE_NAMES, find, fragment, private_key, trusted
from tests.eidas.test_encryption import decrypter, opened, public
from tests.eidas.test_encryption_rules import refused

CEF = {"AlgorithmID": "0000", "PartyUInfo": "0000", "PartyVInfo": "0000"}
FULL = {"AlgorithmID": "0001", "PartyUInfo": "000203", "PartyVInfo": "0004", "SuppPubInfo": "0005", "SuppPrivInfo": "0006"}
RECIPIENT = f"<xenc:RecipientKeyInfo>{xml.write(xml.certificate_data(trusted().der)).decode()}</xenc:RecipientKeyInfo>"


@pytest.mark.parametrize("recipient", ["", RECIPIENT], ids=["without", "with"])
@pytest.mark.parametrize("parameters", [{}, CEF, FULL, {"PartyVInfo": "00ab"}], ids=["none", "cef", "full", "one"])
@pytest.mark.parametrize("name", CURVE_NAMES)
def test_a_key_is_agreed_on_every_curve_with_and_without_what_may_be_left_out(name, parameters, recipient):
    container = encrypted(public(name), parameters=parameters, recipient=recipient)
    assert opened(container, decrypter(name)).element.get("ID") == "_a"


@pytest.mark.parametrize("wrap", [128, 256])
@pytest.mark.parametrize("bits", [128, 256])
@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_every_hash_wrap_and_cipher_go_together(algorithm, bits, wrap):
    container = encrypted(public(), parameters=CEF, algorithm=algorithm, bits=bits, wrap=wrap)
    assert opened(container).element.get("ID") == "_a"


@pytest.mark.parametrize("parameters", [{}, {"AlgorithmID": ""}, {"AlgorithmID": "00", "PartyUInfo": "00"}])
def test_absent_empty_and_zero_parameters_all_mean_empty(parameters):
    assert read_agreement(find(encrypted(public(), parameters=parameters), ".//xenc:AgreementMethod")).info == b""


def test_the_parameters_are_joined_in_the_order_of_the_specification():
    """XML Encryption 1.1 5.4.1. The order of attributes in a document says nothing."""
    backwards = dict(reversed(FULL.items()))
    container = encrypted(public(), parameters=FULL)
    parameters = find(container, ".//xenc11:ConcatKDFParams")
    parameters.attrib.clear()
    parameters.attrib.update(backwards)
    assert read_agreement(find(container, ".//xenc:AgreementMethod")).info == bytes(range(1, 7))


def test_a_nonce_beside_the_derivation_is_suffered():
    """eIDAS Cryptographic Requirements 1.4, 3.2.2.2: the receiver supports KA-Nonce; ConcatKDF has no place for it."""
    container = encrypted(public(), nonce="<xenc:KA-Nonce>AAEC</xenc:KA-Nonce>")
    assert opened(container).element.get("ID") == "_a"


@pytest.mark.parametrize("name", CURVE_NAMES)
def test_the_originators_key_may_be_in_der(name):
    assert opened(encrypted(public(name), originator=der_value), decrypter(name)).element.get("ID") == "_a"


def test_the_key_is_what_the_standard_says():
    """NIST SP 800-56A 5.8.1: the hash of a counter, the secret and the information, cut."""
    agreement = Agreement(public(), SHA256(), b"info")
    expected = hashlib.sha256(b"\0\0\0\1" + b"secret" + b"info").digest()
    assert agreement.derive(b"secret", 16) == expected[:16]


# -- what was changed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["AlgorithmID", "PartyUInfo", "PartyVInfo", "SuppPubInfo", "SuppPrivInfo"])
def test_a_changed_parameter_is_refused(name):
    container = encrypted(public(), parameters=FULL)
    find(container, ".//xenc11:ConcatKDFParams").set(name, "00ff")
    with pytest.raises(DecryptionFailed):
        opened(container)


def test_another_hash_of_the_derivation_is_refused():
    container = encrypted(public())
    find(container, ".//xenc11:ConcatKDFParams/ds:DigestMethod").set(
        "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#sha384"
    )
    with pytest.raises(DecryptionFailed):
        opened(container)


@pytest.mark.parametrize(
    "missing", ["KeyDerivationMethod", "ConcatKDFParams", "OriginatorKeyInfo", "ECKeyValue", "PublicKey"]
)
def test_no_part_of_an_agreement_is_missing(missing):
    container = encrypted(public())
    xml.remove(next(container.iter("{*}" + missing)))
    refused(container, f"0 elements {missing}")


def test_another_originator_is_refused():
    container = encrypted(public())
    find(container, ".//xenc:OriginatorKeyInfo")[:] = [fragment(key_value(private_key("secp256r1", 1).public_key()))]
    with pytest.raises(DecryptionFailed):
        opened(container)


# -- a point that is none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "point",
    [
        b"\4" + b"\1" * 64,  # beside the curve
        b"\4" + b"\0" * 64,
        b"\0",  # at infinity
        b"\4" + b"\1" * 63,
        b"\5" + b"\1" * 64,
        b"",
    ],
)
def test_a_point_that_is_not_on_the_curve_is_refused_before_our_key_is_used(point):
    refused(encrypted(public(), originator=lambda key: key_value(key, point or b" ")), "not on its curve")


def test_a_point_of_another_curve_is_refused_before_our_key_is_used():
    other = private_key("brainpoolP256r1").public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    refused(encrypted(public(), originator=lambda key: key_value(key, other)), "not on its curve")


def test_a_key_that_is_not_on_a_curve_agrees_on_nothing():
    refused(encrypted(public(), originator=lambda _: der_value(public("rsa"))), "is not on a curve")


@pytest.mark.parametrize("curve", [ec.SECP224R1(), ec.SECP256K1()])
def test_a_key_in_der_is_on_a_curve_that_eidas_names(curve):
    small = ec.generate_private_key(curve).public_key()
    with pytest.raises(Refused, match="nor on a curve that eIDAS names"):
        encryption.decrypt(encrypted(public(), originator=lambda _: der_value(small)), [decrypter()])


def test_what_is_no_key_in_der_is_refused():
    forged = "<ds11:DEREncodedKeyValue>AAEC</ds11:DEREncodedKeyValue>"
    with pytest.raises(Refused, match="cannot be read"):
        encryption.decrypt(encrypted(public(), originator=lambda _: forged), [decrypter()])


def test_two_keys_of_an_originator_are_refused():
    with pytest.raises(EncryptionRefused, match="2 elements KeyValue"):
        encryption.decrypt(encrypted(public(), originator=lambda key: key_value(key) * 2), [decrypter()])
