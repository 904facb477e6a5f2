"""What is refused before a private key is used, and after."""

import copy

import pytest

from eidas import encryption, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import DecryptionFailed, EncryptionRefused, Refused
from tests.eidas.foreign import ASSERTION, encrypted
from tests.eidas.parts import NS, find, fragment
from tests.eidas.test_encryption import decrypter, public

OAEP, MGF1P = NS["xenc11"] + "rsa-oaep", NS["xenc"] + "rsa-oaep-mgf1p"
EVERYTHING = Compatibility(frozenset(Deviation))
KEY, DATA = ".//xenc:EncryptedKey", "xenc:EncryptedData"
AGREEMENT = ".//xenc:AgreementMethod"


class Untouched:
    """A private key that must not be used."""

    def __init__(self, name="secp256r1"):
        self.public_key = public(name)

    def unwrap_rsa(self, wrapped, oaep):
        raise AssertionError("the private key was used")

    def agree(self, peer):
        raise AssertionError("the private key was used")


def refused(container, reason, key=None, compatibility=EVERYTHING):
    with pytest.raises(EncryptionRefused, match=reason):
        encryption.decrypt(container, [key or Untouched()], compatibility)


def changed(path, name="secp256r1", **attributes):
    """A message whose element at this path says something else."""
    container = encrypted(public(name))
    find(container, path).attrib.update(attributes)
    return container


def without(path, name="secp256r1"):
    container = encrypted(public(name))
    xml.remove(find(container, path))
    return container


def doubled(path, to=None):
    container = encrypted(public())
    element = find(container, path)
    (element.getparent() if to is None else find(container, to)).append(copy.deepcopy(element))
    return container


# -- shape ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", [without(DATA), doubled(DATA)], ids=["none", "two"])
def test_there_is_one_encrypteddata(container):
    refused(container, "elements EncryptedData, not one")


@pytest.mark.parametrize(
    "container", [without(KEY), doubled(KEY), doubled(KEY, to="."), without("xenc:EncryptedData/ds:KeyInfo")]
)
def test_there_is_one_encryptedkey(container):
    refused(container, "elements EncryptedKey, not one")


@pytest.mark.parametrize("path", [f"{DATA}/xenc:CipherData", f"{KEY}/xenc:CipherData"])
@pytest.mark.parametrize(
    "content", ['<xenc:CipherReference URI="http://a.example/"/>', "", "<xenc:CipherValue/><xenc:CipherValue/>"]
)
def test_the_octets_stand_in_the_message(path, content):
    container = encrypted(public())
    find(container, path)[:] = fragment(f"<w>{content}</w>")[:]
    refused(container, "does not hold the octets")


@pytest.mark.parametrize("path", [f"{DATA}/xenc:CipherData", f"{KEY}/xenc:CipherData", f"{KEY}/xenc:EncryptionMethod"])
def test_no_part_is_missing(path):
    refused(without(path), "0 elements .* in their parent")


@pytest.mark.parametrize("octets", [b"", b"text", ASSERTION + ASSERTION, ASSERTION + b"text", b"text" + ASSERTION])
def test_what_was_encrypted_is_one_element(octets):
    refused(encrypted(public(), octets), "not one element", decrypter())


# -- algorithms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [*(f"{NS['xenc']}{name}" for name in ("aes128-cbc", "aes256-cbc", "tripledes-cbc")), f"{NS['xenc11']}aes192-gcm", ""],
)
def test_content_without_gcm_is_refused(uri):
    refused(changed(f"{DATA}/xenc:EncryptionMethod", Algorithm=uri), "in GCM")


def test_content_without_a_method_is_refused():
    refused(without(f"{DATA}/xenc:EncryptionMethod"), "in GCM")


def test_a_second_method_of_the_content_is_refused():
    refused(doubled(f"{DATA}/xenc:EncryptionMethod"), "in GCM")


@pytest.mark.parametrize("uri", [*(f"{NS['xenc']}{name}" for name in ("rsa-1_5", "kw-tripledes", "kw-aes192")), ""])
def test_a_key_by_another_method_is_refused(uri):
    refused(changed(f"{KEY}/xenc:EncryptionMethod", "rsa", Algorithm=uri), "neither by RSA-OAEP nor", Untouched("rsa"))


@pytest.mark.parametrize("digest", [None, "sha1"])
@pytest.mark.parametrize(("method", "mask"), [(OAEP, "sha256"), (OAEP, None), (MGF1P, "sha1")])
def test_oaep_with_sha1_is_refused_whatever_is_allowed(method, mask, digest):
    container = encrypted(public("rsa"), method=method, digest=digest, mask=mask)
    refused(container, "needs a DigestMethod", Untouched("rsa"))


@pytest.mark.parametrize("mask", [None, "sha1"])
def test_oaep_whose_mask_is_made_with_sha1_is_refused_whatever_is_allowed(mask):
    refused(encrypted(public("rsa"), mask=mask), "needs an MGF", Untouched("rsa"))


def test_the_transport_of_version_1_is_refused_but_by_name():
    container = encrypted(public("rsa"), method=MGF1P, mask="sha1")
    refused(container, "not allowed: oaep-sha1", Untouched("rsa"), Compatibility())
    decrypted = encryption.decrypt(container, [decrypter("rsa")], Compatibility(frozenset({Deviation.RSA_OAEP_MGF1P})))
    assert decrypted.deviations == {Deviation.RSA_OAEP_MGF1P}


@pytest.mark.parametrize("uri", [NS["xenc"] + "dh", NS["xenc11"] + "dh-es", ""])
def test_another_agreement_is_refused(uri):
    refused(changed(AGREEMENT, Algorithm=uri), "not ECDH-ES")


@pytest.mark.parametrize("uri", [NS["xenc11"] + "pbkdf2", ""])
def test_another_derivation_is_refused(uri):
    refused(changed(".//xenc11:KeyDerivationMethod", Algorithm=uri), "not ConcatKDF")


def test_a_derivation_with_sha1_is_refused():
    refused(encrypted(public(), algorithm="sha1"), "not ConcatKDF")


def test_a_derivation_without_a_hash_is_refused():
    refused(without(".//xenc11:ConcatKDFParams/ds:DigestMethod"), "not ConcatKDF")


@pytest.mark.parametrize("value", ["01", "07ff", "ff00"])
def test_a_parameter_has_whole_octets(value):
    refused(changed(".//xenc11:ConcatKDFParams", AlgorithmID=value), "not whole octets")


@pytest.mark.parametrize("value", ["0", "00é", "xx"])
def test_a_parameter_is_hexadecimal(value):
    refused(changed(".//xenc11:ConcatKDFParams", PartyUInfo=value), "not hexadecimal")


@pytest.mark.parametrize("urn", ["urn:oid:1.3.132.0.33", "urn:oid:1.3.132.0.10", "1.2.840.10045.3.1.7", ""])
def test_another_curve_is_refused(urn):
    refused(changed(".//ds11:NamedCurve", URI=urn), "not on a curve that eIDAS names")


# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("to", "ours"), [("rsa", "secp256r1"), ("secp256r1", "rsa"), ("secp256r1", "brainpoolP256r1")])
def test_without_a_key_of_the_kind_nothing_is_tried(to, ours):
    refused(encrypted(public(to)), "no key of the kind", Untouched(ours))


@pytest.mark.parametrize("name", ["rsa", "secp256r1"])
def test_the_opened_key_has_the_length_of_the_named_cipher(name):
    container = encrypted(public(name), bits=256, key=bytes(range(16)))
    with pytest.raises(DecryptionFailed):
        encryption.decrypt(container, [decrypter(name)])


def test_content_that_is_not_base64_is_refused():
    container = encrypted(public())
    find(container, f"{DATA}/xenc:CipherData/xenc:CipherValue").text = "?"
    with pytest.raises(Refused, match="CipherValue does not hold base64"):
        encryption.decrypt(container, [Untouched()])
