"""Key transport: RSAES-OAEP as XML Encryption 1.1 5.5.2 has it."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from eidas import encryption_rules as rules
from eidas import xml
from eidas.algorithms import DIGESTS, MASKS, MGF1_SHA256, RSA_OAEP, RSA_OAEP_MGF1P, digest_uri
from eidas.certificates import Certificate
from eidas.errors import DecryptionFailed
from eidas.keys import Decrypter, Oaep
from eidas.xml import DS, XENC, XENC11, Element, make


def unwrap_transported(method: Element, wrapped: bytes, keys: Sequence[Decrypter]) -> bytes:
    """The content's key, by the first of ours that opens it. Raises EncryptionRefused, DecryptionFailed."""
    oaep = read_oaep(method)
    fitting = [key for key in keys if isinstance(key.public_key, rsa.RSAPublicKey)]
    rules.check_some_key(fitting)
    for key in fitting:
        try:
            return key.unwrap_rsa(wrapped, oaep)
        except ValueError:
            continue
    raise DecryptionFailed


def read_oaep(method: Element) -> Oaep:
    """The parameters of RSA-OAEP. Raises EncryptionRefused."""
    digest = rules.algorithm(method, f"{{{DS}}}DigestMethod")
    rules.check_oaep_hash(digest)
    label = b"".join(xml.octets(found) for found in xml.children(method, f"{{{XENC}}}OAEPparams"))
    return Oaep(DIGESTS[digest].hash, _mask(method), label)


def _mask(method: Element) -> HashAlgorithm:
    if method.get("Algorithm") == RSA_OAEP_MGF1P:
        return SHA1()  # noqa: S303 - this URI means it, and is refused unless the partner is allowed it
    mask = rules.algorithm(method, f"{{{XENC11}}}MGF")
    rules.check_mask(mask)
    return MASKS[mask]


def wrap_for_transport(content_key: bytes, recipient: Certificate, key: rsa.RSAPublicKey) -> list[Element]:
    """EncryptionMethod, KeyInfo and CipherData of an EncryptedKey: SHA-256 for the label, SHA-256 for the mask."""
    method = make(
        "xenc",
        "EncryptionMethod",
        make("ds", "DigestMethod", Algorithm=digest_uri(SHA256())),
        make("xenc11", "MGF", Algorithm=MGF1_SHA256),
        Algorithm=RSA_OAEP,
    )
    wrapped = key.encrypt(content_key, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    return [method, make("ds", "KeyInfo", xml.certificate_data(recipient.der)), xml.cipher_data(wrapped)]
