"""Another's way to encrypt for us: written on primitives alone, with every liberty that XML Encryption 1.1 leaves."""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from eidas import xml
from eidas.algorithms import CURVE_URNS
from tests.eidas.parts import NS

DIGESTS = {
    "sha1": NS["ds"] + "sha1",
    "sha256": NS["xenc"] + "sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": NS["xenc"] + "sha512",
}
HASHES = {"sha1": SHA1(), "sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
ASSERTION = b'<saml2:Assertion ID="_a" Version="2.0"><saml2:Issuer>https://node.example</saml2:Issuer></saml2:Assertion>'


def cipher_data(octets):
    return f"<xenc:CipherData><xenc:CipherValue>{xml.encoded(octets)}</xenc:CipherValue></xenc:CipherData>"


def concat_kdf(algorithm, secret, info, length):
    """NIST SP 800-56A 5.8.1, for one or two rounds."""
    rounds = (hashlib.new(algorithm, bytes([0, 0, 0, turn]) + secret + info).digest() for turn in (1, 2))
    return b"".join(rounds)[:length]


def key_value(public, point=None):
    """An originator's key by its curve and point."""
    octets = point or public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return (
        f'<ds:KeyValue><ds11:ECKeyValue><ds11:NamedCurve URI="{CURVE_URNS[public.curve.name]}"/>'
        f"<ds11:PublicKey>{xml.encoded(octets)}</ds11:PublicKey></ds11:ECKeyValue></ds:KeyValue>"
    )


def der_value(public):
    """An originator's key as it stands in certificates."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"<ds11:DEREncodedKeyValue>{xml.encoded(der)}</ds11:DEREncodedKeyValue>"


def agreed(key, public, parameters=None, algorithm="sha256", wrap=256, recipient="", originator=key_value, nonce=""):
    """An EncryptedKey by ECDH-ES. `parameters`: the hexadecimal attributes, in order."""
    ephemeral = ec.generate_private_key(public.curve)
    parameters = parameters or {}
    info = b"".join(bytes.fromhex(value)[1:] for value in parameters.values())
    kek = concat_kdf(algorithm, ephemeral.exchange(ec.ECDH(), public), info, wrap // 8)
    attributes = "".join(f' {name}="{value}"' for name, value in parameters.items())
    return f"""\
<xenc:EncryptedKey>
  <xenc:EncryptionMethod Algorithm="{NS["xenc"]}kw-aes{wrap}"/>
  <ds:KeyInfo><xenc:AgreementMethod Algorithm="{NS["xenc11"]}ECDH-ES">{nonce}
    <xenc11:KeyDerivationMethod Algorithm="{NS["xenc11"]}ConcatKDF">
      <xenc11:ConcatKDFParams{attributes}><ds:DigestMethod Algorithm="{DIGESTS[algorithm]}"/></xenc11:ConcatKDFParams>
    </xenc11:KeyDerivationMethod>
    <xenc:OriginatorKeyInfo>{originator(ephemeral.public_key())}</xenc:OriginatorKeyInfo>{recipient}
  </xenc:AgreementMethod></ds:KeyInfo>
  {cipher_data(aes_key_wrap(kek, key))}
</xenc:EncryptedKey>"""


def transported(key, public, method=NS["xenc11"] + "rsa-oaep", digest="sha256", mask="sha256", label=b""):
    """An EncryptedKey by RSA-OAEP. `digest`, `mask`: None where the element is absent, which means SHA-1."""
    oaep = padding.OAEP(padding.MGF1(HASHES[mask or "sha1"]), HASHES[digest or "sha1"], label or None)
    parts = [f"<xenc:OAEPparams>{xml.encoded(label)}</xenc:OAEPparams>"] if label else []
    parts += [f'<ds:DigestMethod Algorithm="{DIGESTS[digest]}"/>'] if digest else []
    parts += [f'<xenc11:MGF Algorithm="{NS["xenc11"]}mgf1{mask}"/>'] if mask and "xmlenc11" in method else []
    return f"""\
<xenc:EncryptedKey>
  <xenc:EncryptionMethod Algorithm="{method}">{"".join(parts)}</xenc:EncryptionMethod>
  {cipher_data(public.encrypt(key, oaep))}
</xenc:EncryptedKey>"""


def wrapped_by(key, public, **options):
    """An EncryptedKey for whatever key it is."""
    return (agreed if isinstance(public, ec.EllipticCurvePublicKey) else transported)(key, public, **options)


def encrypted(public, octets=ASSERTION, bits=256, beside=False, key=None, iv=None, **options):
    """An EncryptedAssertion as it arrives; its EncryptedKey inside the EncryptedData, or beside it."""
    key, iv = key or os.urandom(bits // 8), os.urandom(12) if iv is None else iv
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    encrypted_key = wrapped_by(key, public, **options)
    inside, after = ("", encrypted_key) if beside else (f"<ds:KeyInfo>{encrypted_key}</ds:KeyInfo>", "")
    text = f"""\
<saml2:EncryptedAssertion {declared}>
  <xenc:EncryptedData Type="{NS["xenc"]}Element">
    <xenc:EncryptionMethod Algorithm="{NS["xenc11"]}aes{bits}-gcm"/>{inside}
    {cipher_data(iv + AESGCM(key).encrypt(iv, octets, None) if iv else b"")}
  </xenc:EncryptedData>{after}
</saml2:EncryptedAssertion>"""
    return xml.parse(text.encode())
