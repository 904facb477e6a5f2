"""Rules on keys and certificates, and on the methods by which others encrypt for a key."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eidas import xml
from eidas.algorithms import CONTENT_KEY_LENGTHS, DIGESTS, ECDH_ES, KEY_WRAPS, RSA_OAEP
from eidas.xml import DS, Element
from metadata.conformance.parts import Broken, Place, Rule, Severity
from metadata.conformance.places import (
    CERTIFICATE,
    KEY,
    METHOD,
    certificates,
    connectors,
    encryption_keys,
    keys,
    message_certificates,
    nodes,
    signing_keys,
)

_WEAK, _STRONG = 2048, 3072
_CONTENT = (*CONTENT_KEY_LENGTHS, "http://www.w3.org/2009/xmlenc11#aes192-gcm")
_ALLOWED = (*_CONTENT, RSA_OAEP, ECDH_ES, *KEY_WRAPS)
_FITS: dict[type, tuple[str, str]] = {
    rsa.RSAPublicKey: (RSA_OAEP, "rsa-oaep"),
    ec.EllipticCurvePublicKey: (ECDH_ES, "ECDH-ES"),
}


# -- certificates -----------------------------------------------------------------------------------------------------


def check_certificate_is_one(place: Place) -> None:
    """SAML Metadata Interoperability 2.5.1: an X509Certificate holds a certificate, in base64 of its DER."""
    if not any(held.is_one for held in place.held()):
        raise Broken("neither a strict reader nor OpenSSL finds a certificate")


def check_certificate_strict(place: Place) -> None:
    """RFC 5280 4.1: the certificate keeps to its grammar, so that strict readers take it as OpenSSL does."""
    if any(held.openssl and held.strict is None for held in place.held()):
        raise Broken("OpenSSL reads the certificate, a strict reader refuses it")


def check_certificate_dates(place: Place) -> None:
    """SAML Metadata Interoperability 2.6.1: the dates of a message certificate do not count; some nodes heed them still."""
    for held in place.held():
        if not held.counts(place.document.now):
            raise Broken(f"the certificate counts from {held.dates}")


def check_key_readable(place: Place) -> None:
    """SAML Metadata Interoperability 2.5.1: the certificate has a public key that can be read."""
    if any(held.is_one and held.key is None for held in place.held()):
        raise Broken("the key in the certificate cannot be read")


def check_key_not_tiny(place: Place) -> None:
    """NIST SP 800-131A 3, 6: an RSA key has 2048 bits at the very least."""
    for held in place.held():
        if held.rsa_bits is not None and held.rsa_bits < _WEAK:
            raise Broken(f"the RSA key has {held.rsa_bits} bits")


def check_key_strong(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.2.2.1, 3.3.1: an RSA key has 3072 bits or more."""
    for held in place.held():
        if held.rsa_bits is not None and _WEAK <= held.rsa_bits < _STRONG:
            raise Broken(f"the RSA key has {held.rsa_bits} bits")


def check_key_kind(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.4: a key that is not RSA is on a named curve of 256 bits or more."""
    for held in place.held():
        if held.key is not None and held.rsa_bits is None and held.usable is None:
            raise Broken("the key is neither RSA nor on a curve that eIDAS names")


def check_key_usage_stated(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5.2: the certificate has the extension keyUsage."""
    if any(held.strict and held.usage is None for held in place.held()):
        raise Broken("the certificate has no keyUsage")


def check_key_usage_signs(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5.2, RFC 5280 4.2.1.3: a key for signing is certified for digitalSignature."""
    if any(held.usage and not held.usage.digital_signature for held in place.held()):
        raise Broken("keyUsage does not name digitalSignature")


def check_key_usage_encrypts(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5.2, RFC 5280 4.2.1.3: a key for encryption is certified for that."""
    if any(held.usage and not _encrypts(held.usage) for held in place.held()):
        raise Broken("keyUsage names neither keyEncipherment nor keyAgreement")


def _encrypts(usage: x509.KeyUsage) -> bool:
    return usage.key_encipherment or usage.key_agreement or usage.data_encipherment


# -- keys in a role ---------------------------------------------------------------------------------------------------


def check_key_has_certificate(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a KeyDescriptor holds its certificate in X509Certificate."""
    if next(place.element.iter(CERTIFICATE), None) is None:
        raise Broken("the key has no X509Certificate")


def check_one_certificate(place: Place) -> None:
    """SAML Metadata Interoperability 2.5.1: a KeyDescriptor holds one certificate; others would not count."""
    if len(place.held()) > 1:
        raise Broken(f"the key has {len(place.held())} certificates")


def check_use_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1: each KeyDescriptor says what it is for."""
    if place.element.get("use") is None:
        raise Broken("the key does not say what it is for")


def check_signing_key(place: Place) -> None:
    """Message Format 1.4, 2.1.1, 2.4: each role has a key that its messages are verified with."""
    if not _keys_for(place.element, "signing"):
        raise Broken("the role has no key for signing")


def check_encryption_key(place: Place) -> None:
    """Message Format 1.4, 2.4.2: a Connector has a key that assertions are encrypted for."""
    if not _keys_for(place.element, "encryption"):
        raise Broken("the Connector has no key for encryption")


def check_keys_apart(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5.2: keys for signing and for encryption differ."""
    signing, encryption = (
        {held.numbers for key in xml.children(place.element, KEY) if key.get("use") == use for held in place.held(key)}
        for use in ("signing", "encryption")
    )
    if (signing & encryption) - {None}:
        raise Broken("one key is there for signing and for encryption")


def _keys_for(role: Element, use: str) -> list[Element]:
    return [key for key in xml.children(role, KEY) if key.get("use") in (use, None)]


# -- methods of encryption --------------------------------------------------------------------------------------------


def check_methods_in_place(place: Place) -> None:
    """SAML Metadata 2.4.1.1: an EncryptionMethod belongs to a key for encryption."""
    if xml.children(place.element, METHOD):
        raise Broken("a key for signing has an EncryptionMethod")


def check_methods_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a key for encryption says by which methods."""
    if not xml.children(place.element, METHOD):
        raise Broken("the key has no EncryptionMethod")


def check_content_method(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.2.1: content is encrypted by AES-GCM."""
    offered = _offered(place)
    if offered and not offered & set(_CONTENT):
        raise Broken("no AES-GCM is offered")


def check_transport_fits(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.2.2: an RSA key is offered with rsa-oaep, one on a curve with ECDH-ES."""
    offered = _offered(place)
    for held in place.held():
        for kind, (uri, name) in _FITS.items():
            if offered and isinstance(held.key, kind) and uri not in offered:
                raise Broken(f"the key is not offered with {name}")


def check_key_wrap(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.2.2.2: key agreement comes with kw-aes128 or kw-aes256."""
    offered = _offered(place)
    if ECDH_ES in offered and not offered & set(KEY_WRAPS):
        raise Broken("ECDH-ES is offered without a key wrap")


def check_methods_strong(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.2: no CBC, no rsa-1_5, no rsa-oaep-mgf1p, nor another method."""
    if weak := sorted(_offered(place) - set(_ALLOWED)):
        raise Broken(f"{weak[0]} is offered")


def check_oaep_digest(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.1.1, XML Encryption 1.1 5.5.2: rsa-oaep names SHA-2, for its default is SHA-1."""
    for method in xml.children(place.element, METHOD):
        digests = [one.get("Algorithm", "") for one in method.iter(f"{{{DS}}}DigestMethod")]
        if method.get("Algorithm") == RSA_OAEP and not any(uri in DIGESTS and "sha1" not in uri for uri in digests):
            raise Broken("rsa-oaep is offered without a digest of SHA-2")


def _offered(place: Place) -> set[str]:
    return {one.get("Algorithm", "") for one in xml.children(place.element, METHOD)}


_ERROR, _NON_BREAKING, _WARNING = Severity.ERROR, Severity.NON_BREAKING, Severity.WARNING

RULES: tuple[Rule[Place], ...] = (
    Rule("SAML-MD-20", _ERROR, check_certificate_is_one, "put the certificate's DER there, in base64", certificates),
    Rule(
        "SAML-MD-21",
        _NON_BREAKING,
        check_certificate_strict,
        "let the certificate be issued anew by another program; until then some nodes cannot read it",
        certificates,
    ),
    Rule(
        "SAML-MD-22",
        _WARNING,
        check_certificate_dates,
        "renew the certificate; keep the old one beside it until every country has the new one",
        message_certificates,
    ),
    Rule("SAML-MD-23", _ERROR, check_key_readable, "let the certificate be issued anew, for a sound key", certificates),
    Rule("SAML-MD-24", _ERROR, check_key_not_tiny, "make a key of 3072 bits or more, or one on P-256", certificates),
    Rule("SAML-MD-25", _WARNING, check_one_certificate, "give each certificate a KeyDescriptor of its own", keys),
    Rule("SAML-MD-26", _WARNING, check_methods_in_place, "move it to the key for encryption", signing_keys),
    Rule("EID-MD-13", _ERROR, check_key_strong, "make a key of 3072 bits or more, or one on P-256", certificates),
    Rule(
        "EID-MD-14", _ERROR, check_key_kind, "make a key on P-256, P-384, P-521 or a brainpool curve, by name", certificates
    ),
    Rule(
        "EID-MD-15", _WARNING, check_key_usage_stated, "let the certificate be issued with keyUsage", message_certificates
    ),
    Rule(
        "EID-MD-16",
        _NON_BREAKING,
        check_key_usage_signs,
        "let the certificate be issued with digitalSignature",
        lambda entity: [one for key in signing_keys(entity) for one in key.iter(CERTIFICATE)],
    ),
    Rule(
        "EID-MD-17",
        _NON_BREAKING,
        check_key_usage_encrypts,
        "let the certificate be issued with keyEncipherment (RSA) or keyAgreement (curve)",
        lambda entity: [one for key in encryption_keys(entity) for one in key.iter(CERTIFICATE)],
    ),
    Rule("EID-MD-18", _ERROR, check_key_has_certificate, "put the key's certificate into ds:X509Data", keys),
    Rule("EID-MD-19", _ERROR, check_use_stated, 'write use="signing" or use="encryption"', keys),
    Rule("EID-MD-20", _ERROR, check_signing_key, 'add the certificate as KeyDescriptor use="signing"', nodes),
    Rule("EID-MD-21", _ERROR, check_encryption_key, 'add a certificate as KeyDescriptor use="encryption"', connectors),
    Rule("EID-MD-22", _ERROR, check_keys_apart, "make a key of its own for each use", nodes),
    Rule(
        "EID-MD-23",
        _NON_BREAKING,
        check_methods_stated,
        "add md:EncryptionMethod for aes256-gcm and so on",
        encryption_keys,
    ),
    Rule("EID-MD-24", _ERROR, check_content_method, "add xmlenc11#aes256-gcm and xmlenc11#aes128-gcm", encryption_keys),
    Rule(
        "EID-MD-25",
        _ERROR,
        check_transport_fits,
        "add xmlenc11#rsa-oaep (RSA) or xmlenc11#ECDH-ES (curve)",
        encryption_keys,
    ),
    Rule("EID-MD-26", _NON_BREAKING, check_key_wrap, "add xmlenc#kw-aes128 and xmlenc#kw-aes256", encryption_keys),
    Rule("EID-MD-27", _NON_BREAKING, check_methods_strong, "remove it", encryption_keys),
    Rule(
        "EID-MD-28",
        _WARNING,
        check_oaep_digest,
        "add ds:DigestMethod for xmlenc#sha256, and xenc11:MGF for mgf1sha256",
        encryption_keys,
    ),
)
