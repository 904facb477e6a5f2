"""What an encrypted element must be before a private key is used on it: one rule a function.

Only the mode that authenticates (GCM), only the two ways to a key that eIDAS names, nothing fetched from elsewhere.
"""

from collections.abc import Sequence

from eidas import xml
from eidas.algorithms import (
    CONCAT_KDF,
    CONTENT_KEY_LENGTHS,
    CURVES,
    DIGESTS,
    ECDH_ES,
    KEY_WRAPS,
    MASKS,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    Compatibility,
    Deviation,
)
from eidas.errors import DecryptionFailed, EncryptionRefused
from eidas.keys import Decrypter
from eidas.xml import XENC, Element

KEY_METHODS = frozenset({RSA_OAEP, RSA_OAEP_MGF1P, *KEY_WRAPS})


# -- shape ------------------------------------------------------------------------------------------------------------


def check_one_encrypted_data(found: Sequence[Element]) -> None:
    """SAML Core 2.3.4: an encrypted assertion is one EncryptedData."""
    if len(found) != 1:
        raise EncryptionRefused(f"{len(found)} elements EncryptedData, not one")


def check_one_encrypted_key(found: Sequence[Element]) -> None:
    """XML Encryption 1.1 3.5.1: the key for one recipient, us, inside the EncryptedData or beside it."""
    if len(found) != 1:
        raise EncryptionRefused(f"{len(found)} elements EncryptedKey, not one")


def check_value_is_here(cipher_data: Element) -> None:
    """XML Encryption 1.1 3.3: the octets stand in the message; a CipherReference would have us fetch them."""
    if [part.tag for part in cipher_data] != [f"{{{XENC}}}CipherValue"]:
        raise EncryptionRefused("CipherData does not hold the octets")


def check_one_element(within: Element) -> None:
    """XML Encryption 1.1 3.1: what was encrypted is one element, and no text beside it."""
    beside = xml.text(within) or any((child.tail or "").strip() for child in within)
    if len(within) != 1 or beside:
        raise EncryptionRefused("what was encrypted is not one element")


# -- algorithms -------------------------------------------------------------------------------------------------------


def check_content_method(uri: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.2.1: AES-GCM. CBC can be decrypted by asking us often enough."""
    if uri not in CONTENT_KEY_LENGTHS:
        raise EncryptionRefused("the content is not encrypted with AES-128 or AES-256 in GCM")


def check_key_method(uri: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.2.2: RSA-OAEP, or a key wrapped by an agreed one; never RSA 1.5."""
    if uri not in KEY_METHODS:
        raise EncryptionRefused("the content's key is encrypted neither by RSA-OAEP nor by AES key wrap")


def check_oaep_hash(digest: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.1.1: the hash is SHA-2, and named: its absence would mean SHA-1."""
    if digest not in DIGESTS or DIGESTS[digest].deviations:
        raise EncryptionRefused("RSA-OAEP needs a DigestMethod of SHA-256, SHA-384 or SHA-512")


def check_mask(mask: str) -> None:
    """XML Encryption 1.1 5.5.2: the mask's hash is SHA-2, and named: its absence would mean SHA-1."""
    if mask not in MASKS:
        raise EncryptionRefused("RSA-OAEP needs an MGF of SHA-256, SHA-384 or SHA-512")


def check_deviations(needed: frozenset[Deviation], compatibility: Compatibility) -> None:
    """eIDAS Cryptographic Requirements 1.4, table 5: what it forbids passes only for a partner that may do so by name."""
    if lacking := compatibility.lacks(needed):
        raise EncryptionRefused(f"the encryption needs what this partner is not allowed: {lacking}")


def check_agreement_method(uri: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, table 6: ECDH-ES is the one key agreement."""
    if uri != ECDH_ES:
        raise EncryptionRefused("the key agreement is not ECDH-ES")


def check_derivation(uri: str, digest: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.2.2.2: ConcatKDF on SHA-2."""
    if uri != CONCAT_KDF or digest not in DIGESTS or DIGESTS[digest].deviations:
        raise EncryptionRefused("the key derivation is not ConcatKDF with SHA-256, SHA-384 or SHA-512")


def check_whole_octets(parameter: bytes) -> None:
    """XML Encryption 1.1 5.4.1: the first octet counts the bits of padding; we read whole octets, so it is zero."""
    if parameter and parameter[0] != 0:
        raise EncryptionRefused("a parameter of ConcatKDF has not whole octets")


def check_named_curve(urn: str) -> None:
    """eIDAS Cryptographic Requirements 1.4, 3.4: the originator's key is on a named curve of at least 256 bits."""
    if urn not in CURVES:
        raise EncryptionRefused("the originator's key is not on a curve that eIDAS names")


# -- keys -------------------------------------------------------------------------------------------------------------


def check_some_key(fitting: Sequence[Decrypter]) -> None:
    """A key of ours is of the kind, and on the curve, that the message was encrypted for."""
    if not fitting:
        raise EncryptionRefused("we have no key of the kind that the message was encrypted for")


def check_key_length(key: bytes, content_method: str) -> None:
    """XML Encryption 1.1 5.2.4: the decrypted key has the length of the named cipher: AES-256 is not read as AES-128."""
    if len(key) != CONTENT_KEY_LENGTHS[content_method]:
        raise DecryptionFailed


def algorithm(parent: Element, tag: str) -> str:
    """The URI in the attribute Algorithm of the one child of this name; empty when there is none, or several."""
    found = xml.children(parent, tag)
    return found[0].get("Algorithm", "") if len(found) == 1 else ""


def child(parent: Element, tag: str) -> Element:
    """The one child of this name. Raises EncryptionRefused."""
    found = xml.children(parent, tag)
    if len(found) != 1:
        raise EncryptionRefused(f"{len(found)} elements {tag.partition('}')[2]} in their parent, not one")
    return found[0]
