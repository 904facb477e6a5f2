"""Encryption for the Connector: by libxmlsec for RSA, and ECDH-ES, which libxmlsec does not do as eIDAS does.

Sources: XML Encryption 1.1, 5.4.1 (ConcatKDF), 5.5.2 (RSA-OAEP), 5.6.4 (ECDH-ES), NIST SP 800-56A 5.8.1, RFC 3394.
"""

import hashlib
import os
from base64 import b64decode, b64encode

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from broker.sandbox.node.security import DS, SAML, SHA256, XENC, Element

_XENC11 = "http://www.w3.org/2009/xmlenc11#"
_CURVES = {
    "secp256r1": "1.2.840.10045.3.1.7",
    "secp384r1": "1.3.132.0.34",
    "secp521r1": "1.3.132.0.35",
    "brainpoolP256r1": "1.3.36.3.3.2.8.1.1.7",
    "brainpoolP384r1": "1.3.36.3.3.2.8.1.1.11",
    "brainpoolP512r1": "1.3.36.3.3.2.8.1.1.13",
}


def encrypted(assertion: Element, certificate: str) -> Element:
    """The EncryptedAssertion for the owner of a certificate (base64 of DER)."""
    key = x509.load_der_x509_certificate(b64decode(certificate)).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        data = _agreed(etree.tostring(assertion), key, certificate)
    else:
        data = _transported(assertion, certificate)
    around = etree.Element(f"{{{SAML}}}EncryptedAssertion", nsmap={"saml2": SAML})
    around.append(data)
    return around


def _transported(assertion: Element, certificate: str) -> Element:
    """RSA-OAEP with SHA-256 for label and mask, AES-256-GCM."""
    template = etree.fromstring(
        f"""<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Element">
<xenc:EncryptionMethod Algorithm="{_XENC11}aes256-gcm"/><ds:KeyInfo><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="{_XENC11}rsa-oaep"><ds:DigestMethod Algorithm="{SHA256}"/>
<xenc11:MGF xmlns:xenc11="{_XENC11}" Algorithm="{_XENC11}mgf1sha256"/>
</xenc:EncryptionMethod><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>
</ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"""
    )
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(b64decode(certificate), xmlsec.constants.KeyDataFormatCertDer))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, 256, xmlsec.constants.KeyDataTypeSession)
    holder = etree.Element("holder")
    holder.append(etree.fromstring(etree.tostring(assertion)))
    return context.encrypt_xml(template, holder[0])


def _agreed(octets: bytes, peer: ec.EllipticCurvePublicKey, certificate: str) -> Element:
    """ECDH-ES with ConcatKDF (SHA-256, empty party info), AES-256 key wrap, AES-256-GCM."""
    own = ec.generate_private_key(peer.curve)
    # AlgorithmID, PartyUInfo and PartyVInfo: of "0000" the first octet counts padding bits, the second one is the value.
    wrapping = hashlib.sha256(b"\0\0\0\1" + own.exchange(ec.ECDH(), peer) + b"\0\0\0").digest()
    content, iv = os.urandom(32), os.urandom(12)
    sealed = iv + AESGCM(content).encrypt(iv, octets, None)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return etree.fromstring(
        f"""<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Element">
<xenc:EncryptionMethod Algorithm="{_XENC11}aes256-gcm"/><ds:KeyInfo><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="{XENC}kw-aes256"/><ds:KeyInfo>
<xenc:AgreementMethod Algorithm="{_XENC11}ECDH-ES">
<xenc11:KeyDerivationMethod xmlns:xenc11="{_XENC11}" Algorithm="{_XENC11}ConcatKDF">
<xenc11:ConcatKDFParams AlgorithmID="0000" PartyUInfo="0000" PartyVInfo="0000"><ds:DigestMethod Algorithm="{SHA256}"/>
</xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>
<xenc:OriginatorKeyInfo><ds:KeyValue><ds11:ECKeyValue xmlns:ds11="http://www.w3.org/2009/xmldsig11#">
<ds11:NamedCurve URI="urn:oid:{_CURVES[peer.curve.name]}"/><ds11:PublicKey>{_base64(point)}</ds11:PublicKey>
</ds11:ECKeyValue></ds:KeyValue></xenc:OriginatorKeyInfo>
<xenc:RecipientKeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>
</xenc:RecipientKeyInfo></xenc:AgreementMethod></ds:KeyInfo><xenc:CipherData>
<xenc:CipherValue>{_base64(aes_key_wrap(wrapping, content))}</xenc:CipherValue></xenc:CipherData>
</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{_base64(sealed)}</xenc:CipherValue>
</xenc:CipherData></xenc:EncryptedData>"""
    )


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode()
