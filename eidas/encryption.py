"""XML Encryption 1.1, as eIDAS Cryptographic Requirements 1.4, 3.2 cut it: AES-GCM, with a key that is either transported
by RSA-OAEP or agreed by ECDH-ES.

GCM says that nobody changed the octets, not who wrote them: anybody can encrypt for us. Verify the signature around the
encrypted element first (`signature.verify`).
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eidas import encryption_rules as rules
from eidas import xml
from eidas.agreement import unwrap_agreed, wrap_for_agreement
from eidas.algorithms import (
    AES128_GCM,
    AES256_GCM,
    CONTENT_KEY_LENGTHS,
    ECDH_ES,
    ELEMENT_TYPE,
    KEY_WRAPS,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    STRICT,
    Compatibility,
    Deviation,
)
from eidas.certificates import Certificate
from eidas.errors import DecryptionFailed
from eidas.keys import Decrypter
from eidas.transport import unwrap_transported, wrap_for_transport
from eidas.xml import DS, XENC, Element, make

_IV_OCTETS = 12
_METHOD, _KEY_INFO = f"{{{XENC}}}EncryptionMethod", f"{{{DS}}}KeyInfo"


@dataclass(frozen=True, slots=True)
class Decrypted:
    """An element that was encrypted for us: a document of its own. `deviations` are those that were needed, for the log."""

    element: Element
    deviations: frozenset[Deviation]


# -- decrypting -------------------------------------------------------------------------------------------------------


def decrypt(container: Element, keys: Sequence[Decrypter], compatibility: Compatibility = STRICT) -> Decrypted:
    """What an EncryptedAssertion (or the like) holds; `keys` newest first. Raises Refused.

    The element is not put back into the message: there it could get other prefixes, which would break its signature.
    """
    found = xml.children(container, f"{{{XENC}}}EncryptedData")
    rules.check_one_encrypted_data(found)
    (data,) = found
    content_method = rules.algorithm(data, _METHOD)
    rules.check_content_method(content_method)
    encrypted_key = _encrypted_key(container, data)
    octets = _cipher_value(data)
    content = _open(octets, content_method, _content_key(encrypted_key, keys, compatibility))
    within = xml.parse_within(data, content)
    rules.check_one_element(within)
    return Decrypted(xml.separate(within[0]), _deviations(rules.algorithm(encrypted_key, _METHOD)))


def _encrypted_key(container: Element, data: Element) -> Element:
    tag = f"{{{XENC}}}EncryptedKey"
    inside = [key for info in xml.children(data, _KEY_INFO) for key in xml.children(info, tag)]
    found = inside + xml.children(container, tag)
    rules.check_one_encrypted_key(found)
    return found[0]


def _cipher_value(encrypted: Element) -> bytes:
    cipher_data = rules.child(encrypted, f"{{{XENC}}}CipherData")
    rules.check_value_is_here(cipher_data)
    return xml.octets(cipher_data[0])


def _content_key(encrypted_key: Element, keys: Sequence[Decrypter], compatibility: Compatibility) -> bytes:
    method, wrapped = rules.child(encrypted_key, _METHOD), _cipher_value(encrypted_key)
    uri = method.get("Algorithm", "")
    rules.check_key_method(uri)
    rules.check_deviations(_deviations(uri), compatibility)
    if uri in KEY_WRAPS:
        return unwrap_agreed(method, rules.child(encrypted_key, _KEY_INFO), wrapped, keys)
    return unwrap_transported(method, wrapped, keys)


def _deviations(key_method: str) -> frozenset[Deviation]:
    return frozenset({Deviation.RSA_OAEP_MGF1P} if key_method == RSA_OAEP_MGF1P else ())


def _open(octets: bytes, content_method: str, key: bytes) -> bytes:
    rules.check_key_length(key, content_method)
    try:
        return AESGCM(key).decrypt(octets[:_IV_OCTETS], octets[_IV_OCTETS:], None)
    except (InvalidTag, ValueError):  # ValueError: not even an IV
        raise DecryptionFailed from None


# -- encrypting -------------------------------------------------------------------------------------------------------


def encrypt(
    element: Element, recipient: Certificate, content_method: str = AES256_GCM, compatibility: Compatibility = STRICT
) -> Element:
    """EncryptedData for one recipient, its EncryptedKey inside; the element stays as it is. Raises EncryptionRefused.

    The content's key, its IV and the ephemeral key are fresh in each call, from the system: they must never be chosen.
    """
    rules.check_content_method(content_method)
    rules.check_deviations(recipient.deviations, compatibility)
    key, iv = os.urandom(CONTENT_KEY_LENGTHS[content_method]), os.urandom(_IV_OCTETS)
    octets = iv + AESGCM(key).encrypt(iv, xml.write(element), None)
    encrypted_key = make("xenc", "EncryptedKey", *_wrapped(key, recipient))
    return make(
        "xenc",
        "EncryptedData",
        make("xenc", "EncryptionMethod", Algorithm=content_method),
        make("ds", "KeyInfo", encrypted_key),
        xml.cipher_data(octets),
        Type=ELEMENT_TYPE,
    )


def choose_method(recipient: Certificate, offered: Collection[str]) -> str | None:
    """The strongest content encryption that a recipient reads, by the methods that his metadata offers for this key.

    Methods of all kinds stand in one list (Message Format 1.4, 3.3); of a kind that is absent nothing is said, and the
    profile's own counts. None when he reads nothing that eIDAS allows.
    """
    return next((content for content in (AES256_GCM, AES128_GCM) if _readable(recipient, content, offered)), None)


def _readable(recipient: Certificate, content: str, offered: Collection[str]) -> bool:
    needed: dict[str, tuple[str, ...]] = {content: ("-gcm", "-cbc")}
    if isinstance(recipient.key, ec.EllipticCurvePublicKey):
        needed |= {ECDH_ES: ("ECDH", "dh-es"), _wrap(CONTENT_KEY_LENGTHS[content]): ("kw-",)}
    else:
        needed |= {RSA_OAEP: ("rsa",)}
    named = {uri: any(mark in one for one in offered for mark in marks) for uri, marks in needed.items()}
    return all(uri in offered or not kind for uri, kind in named.items())


def _wrap(length: int) -> str:
    return next(uri for uri, octets in KEY_WRAPS.items() if octets == length)


def _wrapped(content_key: bytes, recipient: Certificate) -> list[Element]:
    if isinstance(recipient.key, ec.EllipticCurvePublicKey):
        return wrap_for_agreement(content_key, recipient, recipient.key, _wrap(len(content_key)))
    return wrap_for_transport(content_key, recipient, recipient.key)
