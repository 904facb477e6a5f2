"""Key agreement: ECDH-ES, ConcatKDF and AES key wrap (XML Encryption 1.1 5.6.4, 5.4.1, 5.7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eidas import encryption_rules as rules
from eidas import xml
from eidas.algorithms import CONCAT_KDF, CURVE_URNS, CURVES, DIGESTS, ECDH_ES, KEY_WRAPS, digest_uri
from eidas.certificates import Certificate, read_public_key
from eidas.errors import DecryptionFailed, EncryptionRefused
from eidas.keys import Decrypter
from eidas.xml import DS, DSIG11, XENC, XENC11, Element, make

# In this order they are joined (XML Encryption 1.1 5.4.1).
_PARAMETERS = ("AlgorithmID", "PartyUInfo", "PartyVInfo", "SuppPubInfo", "SuppPrivInfo")
# What the CEF node writes: an octet that says that no bits are padding, and an octet. libxmlsec refuses less.
_WRITTEN = {"AlgorithmID": "0000", "PartyUInfo": "0000", "PartyVInfo": "0000"}
_WRITTEN_INFO = b"\0\0\0"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a message says about the agreed key: the other side's point, and how the key is derived from the secret."""

    peer: ec.EllipticCurvePublicKey
    hash: HashAlgorithm
    info: bytes

    def derive(self, secret: bytes, length: int) -> bytes:
        """The key that wraps the content's key, of so many octets."""
        return ConcatKDFHash(self.hash, length, self.info).derive(secret)


# -- reading ----------------------------------------------------------------------------------------------------------


def unwrap_agreed(method: Element, key_info: Element, wrapped: bytes, keys: Sequence[Decrypter]) -> bytes:
    """The content's key, by the first of ours that opens it. Raises Refused.

    RecipientKeyInfo is not read, for some leave it out: every key of ours on the curve is tried (key wrap tells).
    """
    agreement = read_agreement(rules.child(key_info, f"{{{XENC}}}AgreementMethod"))
    fitting = [key for key in keys if _same_curve(key, agreement.peer)]
    rules.check_some_key(fitting)
    for key in fitting:
        kek = agreement.derive(key.agree(agreement.peer), KEY_WRAPS[method.get("Algorithm", "")])
        try:
            return aes_key_unwrap(kek, wrapped)
        except InvalidUnwrap:
            continue
    raise DecryptionFailed


def _same_curve(key: Decrypter, peer: ec.EllipticCurvePublicKey) -> bool:
    own = key.public_key
    return isinstance(own, ec.EllipticCurvePublicKey) and own.curve.name == peer.curve.name


def read_agreement(method: Element) -> Agreement:
    """XML Encryption 1.1 5.6.4. A KA-Nonce may stand there: ConcatKDF does not use it (5.4.1)."""
    rules.check_agreement_method(method.get("Algorithm", ""))
    derivation = rules.child(method, f"{{{XENC11}}}KeyDerivationMethod")
    parameters = rules.child(derivation, f"{{{XENC11}}}ConcatKDFParams")
    digest = rules.algorithm(parameters, f"{{{DS}}}DigestMethod")
    rules.check_derivation(derivation.get("Algorithm", ""), digest)
    info = b"".join(_parameter(parameters.get(name, "")) for name in _PARAMETERS)
    return Agreement(_originator(rules.child(method, f"{{{XENC}}}OriginatorKeyInfo")), DIGESTS[digest].hash, info)


def _parameter(value: str) -> bytes:
    try:
        octets = bytes.fromhex(value)
    except ValueError:
        raise EncryptionRefused("a parameter of ConcatKDF is not hexadecimal") from None
    rules.check_whole_octets(octets)
    return octets[1:]


def _originator(info: Element) -> ec.EllipticCurvePublicKey:
    encoded = xml.children(info, f"{{{DSIG11}}}DEREncodedKeyValue")
    if len(encoded) == 1:
        return _encoded_key(xml.octets(encoded[0]))
    value = rules.child(rules.child(info, f"{{{DS}}}KeyValue"), f"{{{DSIG11}}}ECKeyValue")
    curve = rules.child(value, f"{{{DSIG11}}}NamedCurve").get("URI", "")
    rules.check_named_curve(curve)
    return _point(CURVES[curve], xml.octets(rules.child(value, f"{{{DSIG11}}}PublicKey")))


def _point(curve: ec.EllipticCurve, octets: bytes) -> ec.EllipticCurvePublicKey:
    # A point beside its curve would tell the sender something of our key with each answer.
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, octets)
    except ValueError:
        raise EncryptionRefused("the originator's point is not on its curve") from None


def _encoded_key(der: bytes) -> ec.EllipticCurvePublicKey:
    key = read_public_key(der)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise EncryptionRefused("the originator's key is not on a curve")
    return key


# -- writing ----------------------------------------------------------------------------------------------------------


def wrap_for_agreement(
    content_key: bytes, recipient: Certificate, key: ec.EllipticCurvePublicKey, wrap: str
) -> list[Element]:
    """EncryptionMethod, KeyInfo and CipherData of an EncryptedKey, with an originator's key made for this message alone."""
    ephemeral = ec.generate_private_key(key.curve)
    agreement = Agreement(key, SHA256(), _WRITTEN_INFO)
    kek = agreement.derive(ephemeral.exchange(ec.ECDH(), key), KEY_WRAPS[wrap])
    method = make(
        "xenc",
        "AgreementMethod",
        _written_derivation(agreement.hash),
        make("xenc", "OriginatorKeyInfo", _key_value(ephemeral.public_key())),
        make("xenc", "RecipientKeyInfo", xml.certificate_data(recipient.der)),
        Algorithm=ECDH_ES,
    )
    return [
        make("xenc", "EncryptionMethod", Algorithm=wrap),
        make("ds", "KeyInfo", method),
        xml.cipher_data(aes_key_wrap(kek, content_key)),
    ]


def _written_derivation(algorithm: HashAlgorithm) -> Element:
    digest = make("ds", "DigestMethod", Algorithm=digest_uri(algorithm))
    parameters = make("xenc11", "ConcatKDFParams", digest, **_WRITTEN)
    return make("xenc11", "KeyDerivationMethod", parameters, Algorithm=CONCAT_KDF)


def _key_value(key: ec.EllipticCurvePublicKey) -> Element:
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    curve = make("ds11", "NamedCurve", URI=CURVE_URNS[key.curve.name])
    public = make("ds11", "PublicKey", xml.encoded(point))
    return make("ds", "KeyValue", make("ds11", "ECKeyValue", curve, public))
