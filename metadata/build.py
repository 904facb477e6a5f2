"""Our metadata: what other countries must know of us, complete by Message Format 1.4, 3.3, 4 and 6.1.

The same facts give the same octets, until they are signed; signing is a step of its own, which may be done elsewhere
(`publication`). The address of the document is our name (2.1.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from eidas import signature, times, xml
from eidas.algorithms import (
    AES128_GCM,
    AES256_GCM,
    DIGESTS,
    ECDH_ES,
    KEY_WRAPS,
    MGF1_SHA256,
    RSA_OAEP,
    SIGNATURE_METHODS,
    Scheme,
    digest_uri,
)
from eidas.attributes import DEFINITIONS
from eidas.certificates import read_certificate
from eidas.keys import Signer
from eidas.vocabulary import (
    APPLICATION_IDENTIFIER,
    ASSURANCE_CERTIFICATION,
    HTTP_POST,
    HTTP_REDIRECT,
    NAME_ID_FORMATS,
    PROTOCOL_VERSION,
    PROTOCOL_VERSIONS,
    SAML_PROTOCOL,
    URI_NAME,
)
from eidas.xml import Element, make

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LEAST_RSA, _MOST_RSA = "3072", "8192"
_LEAST_CURVE, _MOST_CURVE = "256", "521"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom other countries write to: `kind` is technical or support."""

    kind: str
    mail: str = ""
    tel: str = ""


@dataclass(frozen=True, slots=True)
class AboutUs:
    """What our node says of itself. Certificates are X.509 in DER, newest first; `valid_until` is Unix seconds."""

    entity_id: str
    country: str
    organisation: str
    site: str
    contacts: tuple[Mailbox, ...]
    signing: tuple[bytes, ...]
    encryption: tuple[bytes, ...]
    valid_until: int
    version: str


def build_connector(about: AboutUs, acs: str, signer: Signer) -> bytes:
    """The signed metadata of our Connector; answers go to `acs`. Raises SignatureRefused, CertificateRefused."""
    return _signed(connector_entity(about, acs), signer)


def build_proxy_service(
    about: AboutUs, sso: str, levels: Sequence[str], attributes: Sequence[str], signer: Signer
) -> bytes:
    """The signed metadata of our Proxy-Service, which reads requests by both bindings at `sso`.

    `levels` and `attributes` are what it can say, by URI. Raises SignatureRefused, CertificateRefused.
    """
    return _signed(proxy_entity(about, sso, levels, attributes), signer)


def connector_entity(about: AboutUs, acs: str) -> Element:
    """As `build_connector`, not signed yet. Raises CertificateRefused."""
    return _entity(about, _connector(about, acs))


def proxy_entity(about: AboutUs, sso: str, levels: Sequence[str], attributes: Sequence[str]) -> Element:
    """As `build_proxy_service`, not signed yet. Raises CertificateRefused."""
    return _entity(about, _proxy_service(about, sso, attributes), (ASSURANCE_CERTIFICATION, levels))


def _signed(entity: Element, signer: Signer) -> bytes:
    signature.sign(entity, signer)
    return xml.write(entity)


def _entity(about: AboutUs, role: Element, *stated: tuple[str, Sequence[str]]) -> Element:
    root = make("md", "EntityDescriptor", entityID=about.entity_id, validUntil=times.written(about.valid_until))
    root.set("ID", f"_{about.valid_until:x}")
    root.append(_extensions(about, stated))
    root.append(role)
    root.extend(_organisation(about))
    root.extend(_contact(about, mailbox) for mailbox in about.contacts)
    return root


def _proxy_service(about: AboutUs, sso: str, attributes: Sequence[str]) -> Element:
    """Both kinds of key stand in it: what countries encrypt for us, and by which method (3.4)."""
    return make(
        "md",
        "IDPSSODescriptor",
        make("md", "Extensions", make("eidas", "NodeCountry", about.country)),
        *_keys(about),
        *(make("md", "NameIDFormat", name) for name in NAME_ID_FORMATS),
        *(make("md", "SingleSignOnService", Binding=binding, Location=sso) for binding in (HTTP_POST, HTTP_REDIRECT)),
        *(_attribute(name) for name in attributes),
        WantAuthnRequestsSigned="true",
        protocolSupportEnumeration=SAML_PROTOCOL,
    )


def _attribute(name: str) -> Element:
    return make("saml2", "Attribute", Name=name, NameFormat=URI_NAME, FriendlyName=DEFINITIONS[name].friendly_name)


def _connector(about: AboutUs, acs: str) -> Element:
    service = make("md", "AssertionConsumerService", Binding=HTTP_POST, Location=acs, index="0", isDefault="true")
    return make(
        "md",
        "SPSSODescriptor",
        make("md", "Extensions", make("eidas", "NodeCountry", about.country)),
        *_keys(about),
        *(make("md", "NameIDFormat", name) for name in NAME_ID_FORMATS),
        service,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="false",
        protocolSupportEnumeration=SAML_PROTOCOL,
    )


# -- the entity -------------------------------------------------------------------------------------------------------


def _extensions(about: AboutUs, stated: Sequence[tuple[str, Sequence[str]]]) -> Element:
    application = f"Passerelle:Passerelle:{about.version}"
    return make(
        "md",
        "Extensions",
        make(
            "mdattr",
            "EntityAttributes",
            _entity_attribute(PROTOCOL_VERSION, PROTOCOL_VERSIONS),
            _entity_attribute(APPLICATION_IDENTIFIER, (application,)),
            *(_entity_attribute(name, values) for name, values in stated),
        ),
        *(make("alg", "DigestMethod", Algorithm=uri) for uri, one in DIGESTS.items() if not one.deviations),
        *_signing_methods(),
    )


def _entity_attribute(name: str, values: Sequence[str]) -> Element:
    return make(
        "saml2",
        "Attribute",
        *(make("saml2", "AttributeValue", value) for value in values),
        Name=name,
        NameFormat=URI_NAME,
    )


def _signing_methods() -> list[Element]:
    """Message Format 1.4, 4.4: what we read, with the sizes of keys."""
    made = []
    for uri, method in SIGNATURE_METHODS.items():
        if not method.deviations:
            curve = method.scheme is Scheme.ECDSA
            least, most = (_LEAST_CURVE, _MOST_CURVE) if curve else (_LEAST_RSA, _MOST_RSA)
            made.append(make("alg", "SigningMethod", Algorithm=uri, MinKeySize=least, MaxKeySize=most))
    return made


def _organisation(about: AboutUs) -> list[Element]:
    parts = (("OrganizationName", about.organisation), ("OrganizationDisplayName", about.organisation))
    elements = []
    for name, text in (*parts, ("OrganizationURL", about.site)):
        for language in ("fr", "en"):  # its name is a proper name: whoever looks for one in English finds it
            elements.append(make("md", name, text))
            elements[-1].set(_XML_LANG, language)
    return [make("md", "Organization", *elements)]


def _contact(about: AboutUs, mailbox: Mailbox) -> Element:
    kind = mailbox.kind if mailbox.kind in ("technical", "support") else "other"
    mail = [make("md", "EmailAddress", f"mailto:{mailbox.mail}")] if mailbox.mail else []
    tel = [make("md", "TelephoneNumber", mailbox.tel)] if mailbox.tel else []
    return make(
        "md",
        "ContactPerson",
        make("md", "Company", about.organisation),
        make("md", "GivenName", mailbox.kind),
        *mail,
        *tel,
        contactType=kind,
    )


# -- keys -------------------------------------------------------------------------------------------------------------


def _keys(about: AboutUs) -> list[Element]:
    encryption = (_key(der, "encryption", *_encryption_methods(der)) for der in about.encryption)
    return [*(_key(der, "signing") for der in about.signing), *encryption]


def _key(der: bytes, use: str, *methods: Element) -> Element:
    return make("md", "KeyDescriptor", make("ds", "KeyInfo", xml.certificate_data(der)), *methods, use=use)


def _encryption_methods(der: bytes) -> list[Element]:
    """Cryptographic Requirements 1.4, 3.2: how the content is encrypted, and how its key comes to this key of ours."""
    content = [make("md", "EncryptionMethod", Algorithm=uri) for uri in (AES256_GCM, AES128_GCM)]
    if isinstance(read_certificate(der).key, ec.EllipticCurvePublicKey):
        return [*content, *(make("md", "EncryptionMethod", Algorithm=uri) for uri in (ECDH_ES, *KEY_WRAPS))]
    digest = make("ds", "DigestMethod", Algorithm=digest_uri(SHA256()))
    mask = make("xenc11", "MGF", Algorithm=MGF1_SHA256)
    return [*content, make("md", "EncryptionMethod", digest, mask, Algorithm=RSA_OAEP)]
