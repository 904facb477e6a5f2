"""What the tests of this library share: keys, certificates, a message, and how to break what has been signed."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from lxml import etree

from eidas import signature, xml
from eidas.algorithms import CURVES
from eidas.certificates import read_certificate
from eidas.keys import LocalSigner

HASHES = (SHA256(), SHA384(), SHA512())
CURVE_NAMES = [curve.name for curve in CURVES.values()]
NIST = ["secp256r1", "secp384r1", "secp521r1"]
KEYS = ["rsa", *CURVE_NAMES]
NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml2": xml.SAML,
    "ds": xml.DS,
    "xenc": xml.XENC,
    "xenc11": xml.XENC11,
    "ds11": xml.DSIG11,
}
RESPONSE = b"""\
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" \
ID="_response" Version="2.0">
  <saml2:Issuer>https://node.example/metadata</saml2:Issuer>
  <samlp:Status/>
  <saml2:Assertion ID="_assertion" Version="2.0">
    <saml2:Issuer>https://node.example/metadata</saml2:Issuer>
    <saml2:Subject><saml2:NameID>ES/FR/12345678Z</saml2:NameID></saml2:Subject>
  </saml2:Assertion>
</samlp:Response>"""


def private_key(name, turn=0):
    """A key: `rsa` (3072 bits), `rsa2048`, or the name of a curve; another one for each turn."""
    return _private_key(name, turn)


@cache
def _private_key(name, turn):
    if name.startswith("rsa"):
        return rsa.generate_private_key(65537, int(name.removeprefix("rsa") or 3072))
    return ec.generate_private_key(next(curve for curve in CURVES.values() if curve.name == name))


@cache
def certificate_of(private):
    """A certificate in DER that the key has signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "node.example")])
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, start, end)
    return builder.sign(private, SHA256()).public_bytes(Encoding.DER)


def signer_of(name="secp256r1", turn=0, algorithm=HASHES[0]):
    """Somebody who signs."""
    private = private_key(name, turn)
    return LocalSigner(private, algorithm, certificate_of(private))


def trusted(name="secp256r1", turn=0):
    """The same one's certificate, as we trust it."""
    return read_certificate(certificate_of(private_key(name, turn)))


def private_pem(private):
    """A private key as other programs read it."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(private):
    """A public key as other programs read it."""
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signed(signer=None, data=RESPONSE, at="."):
    """A message whose element at this path is signed: its root, as read from what was written."""
    root = xml.parse(data)
    signature.sign(root.find(at, NS), signer or signer_of())
    return xml.parse(xml.write(root))


def find(root, path):
    """One element, by prefixes."""
    return root.find(path, NS)


def names(element):
    """Who the persons in an element are."""
    return [name.text for name in element.iter(f"{{{xml.SAML}}}NameID")]


def resign(element, signer=None):
    """Compute the value of the element's signature anew: the signer did sign whatever stands in it now."""
    info, value = element.find("ds:Signature/ds:SignedInfo", NS), element.find("ds:Signature/ds:SignatureValue", NS)
    value.text = xml.encoded((signer or signer_of()).sign(xml.canonical(info)))


def fragment(text):
    """An element of a few letters; the usual prefixes are known."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    return etree.fromstring(f"<w {declared}>{text}</w>")[0]
