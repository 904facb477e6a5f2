"""Two versions of one node's metadata: a document with some of everything, and what can be changed in it."""

from base64 import b64encode
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from eidas import signature, xml
from metadata.diff import Change, compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import Why
from tests.eidas.parts import certificate_of, private_key, resign, signer_of

Swap = tuple[str, str]


def pem(name: str = "secp256r1", turn: int = 0) -> str:
    """A certificate as it stands in metadata."""
    return b64encode(certificate_of(private_key(name, turn))).decode()


def key(use: str, certificate: str, methods: str = "") -> str:
    """A KeyDescriptor."""
    info = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    return f'<md:KeyDescriptor use="{use}">{info}{methods}</md:KeyDescriptor>'


def method(uri: str, inner: str = "") -> str:
    """An EncryptionMethod."""
    return f'<md:EncryptionMethod Algorithm="{uri}">{inner}</md:EncryptionMethod>'


def key_value(modulus: int, exponent: int) -> str:
    """A key without certificate."""
    parts = (
        f"<ds:{name}>{b64encode(number.to_bytes(1024).lstrip(bytes(1))).decode()}</ds:{name}>"
        for name, number in (("Modulus", modulus), ("Exponent", exponent))
    )
    return f"<ds:KeyValue><ds:RSAKeyValue>{''.join(parts)}</ds:RSAKeyValue></ds:KeyValue>"


@cache
def renewed() -> str:
    """Another certificate for the key of `pem()`."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "renewed.example")])
    private = private_key("secp256r1")
    builder = x509.CertificateBuilder(
        name, name, private.public_key(), 2, datetime(2026, 2, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
    )
    return b64encode(builder.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


ENC, ENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
MORE, DS = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2000/09/xmldsig#"
SHA256 = f'<ds:DigestMethod Algorithm="{ENC}sha256"/>'
MGF = f'<xenc11:MGF Algorithm="{ENC11}mgf1sha256"/>'
OAEP = method(f"{ENC11}rsa-oaep", SHA256 + MGF)
GCM = method(f"{ENC11}aes256-gcm")
SIGNING = key("signing", pem())
OTHER = key("signing", pem(turn=1))
THIRD = key("signing", pem(turn=2))
ENCRYPTION = key("encryption", pem("rsa"), GCM + OAEP)
DIGEST = f'<alg:DigestMethod Algorithm="{ENC}sha256"/>'
WEAK_DIGEST = f'<alg:DigestMethod Algorithm="{DS}sha1"/>'
METHOD = f'<alg:SigningMethod Algorithm="{MORE}ecdsa-sha256" MinKeySize="256" MaxKeySize="521"/>'
SUPPORT = (
    '<md:ContactPerson contactType="support"><md:EmailAddress>mailto:help@el.example</md:EmailAddress></md:ContactPerson>'
)
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SSO = f'<md:SingleSignOnService Binding="{POST}" Location="https://el.example/sso"/>'
REDIRECT = SSO.replace("HTTP-POST", "HTTP-Redirect")
ACS = f'<md:AssertionConsumerService Binding="{POST}" Location="https://el.example/acs" index="0" isDefault="true"/>'
ACS_2 = f'<md:AssertionConsumerService Binding="{POST}" Location="https://el.example/two" index="1"/>'
SPEAKS = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
SP = f"<md:SPSSODescriptor {SPEAKS}>{ACS}{ACS_2}</md:SPSSODescriptor>"
ASKED = (
    '<md:AttributeConsumingService index="0"><md:ServiceName xml:lang="en">x</md:ServiceName>'
    '<md:RequestedAttribute Name="http://eidas.europa.eu/attributes/naturalperson/Gender"/></md:AttributeConsumingService>'
)
LOA = "http://eidas.europa.eu/LoA/"
FORMAT = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"
GENDER = '<saml2:Attribute Name="http://eidas.europa.eu/attributes/naturalperson/Gender"/>'
COUNTRY = "<eidas:NodeCountry>EL</eidas:NodeCountry>"
SP_TYPE = "<eidas:SPType>public</eidas:SPType>"
UNTIL = 'validUntil="2026-09-22T14:13:20Z"'
PUBLISHED = '<mdrpi:PublicationInfo creationInstant="2026-09-15T14:13:20Z" publisher="x"/>'
ORGANISATION = (
    '<md:Organization><md:OrganizationName xml:lang="en">Node</md:OrganizationName>'
    '<md:OrganizationDisplayName xml:lang="en">Our node</md:OrganizationDisplayName>'
    '<md:OrganizationURL xml:lang="en">https://el.example/</md:OrganizationURL></md:Organization>'
)


def stated(name: str, *values: str) -> str:
    """An entity attribute."""
    inner = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute Name="{name}">{inner}</saml2:Attribute>'


LEVELS = stated("urn:oasis:names:tc:SAML:attribute:assurance-certification", f"{LOA}low", f"{LOA}substantial")
VERSIONS = stated("http://eidas.europa.eu/entity-attributes/protocol-version", "1.4", "1.2")
APPLICATION = stated("http://eidas.europa.eu/entity-attributes/application-identifier", "CEF:eIDAS:2.7")
CATEGORY = stated("http://macedir.org/entity-category", "urn:x:requesterid")
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"' for prefix, uri in (*xml.PREFIXES.items(), ("mdrpi", "urn:oasis:names:tc:SAML:metadata:rpi"))
)
BASE = f"""<md:EntityDescriptor {NAMESPACES} ID="_1" entityID="https://el.example/metadata" {UNTIL} cacheDuration="P1D">
<md:Extensions><mdattr:EntityAttributes>{LEVELS}{VERSIONS}{APPLICATION}{CATEGORY}</mdattr:EntityAttributes>
{SP_TYPE}{DIGEST}{METHOD}</md:Extensions>
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" {SPEAKS}>
<md:Extensions>{COUNTRY}</md:Extensions>{SIGNING}{ENCRYPTION}{FORMAT}{SSO}{REDIRECT}{GENDER}
</md:IDPSSODescriptor>{SP}{ORGANISATION}{SUPPORT}</md:EntityDescriptor>"""


def version(*swaps: Swap) -> bytes:
    """The document with texts replaced, each of which must be there."""
    text = BASE
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


@cache
def signed(octets: bytes, name: str = "secp256r1", turn: int = 5) -> bytes:
    """The document with a signature."""
    root = xml.parse(octets)
    signature.sign(root, signer_of(name, turn))
    resign(root, signer_of(name, turn))  # it may stand in other prefixes than it was made in
    return xml.write(root)


def listed(*entities: bytes) -> bytes:
    """A list of entities."""
    return (
        b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        + b"".join(entities)
        + b"</md:EntitiesDescriptor>"
    )


def changes(before: bytes, after: bytes) -> tuple[Change, ...]:
    """What changed."""
    return compare(read_entities(before), read_entities(after))


def reasons(before: bytes, after: bytes) -> set[Why]:
    """Why it matters."""
    return {one.why for one in changes(before, after)}
