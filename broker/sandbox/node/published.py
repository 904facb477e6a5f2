"""What the simulated node publishes of its roles: signed metadata as Message Format 1.4, 2.1, 3.3, 3.4 and 4 has it."""

from collections.abc import Sequence
from html import escape

from lxml import etree

from broker.sandbox.node.people import ATTRIBUTES, NATURAL
from broker.sandbox.node.reading import EXTENSIONS, LOA, MD, SAMLP, URI
from broker.sandbox.node.security import DS, METHODS, PSS, SAML, SHA256, XENC, NodeKey, sign
from broker.sandbox.node.writing import PERSISTENT, moment, new_id
from broker.sandbox.parties import DemoNode

_DAY = 86_400
_ENTITY = "http://eidas.europa.eu/entity-attributes"
_ASSURANCE = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
_BINDINGS = ("POST", "Redirect")
_HTTP = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
_XENC11 = "http://www.w3.org/2009/xmlenc11#"
_CONNECTOR_DAYS = 30


def entity_id(home: str) -> str:
    """The node's name in the network: the address of its metadata."""
    return f"{home}/metadata"


def endpoint(home: str) -> str:
    """Where requests arrive."""
    return f"{home}/sso"


def connector_id(home: str) -> str:
    """The name in the network of the node's Connector: the address of its metadata."""
    return f"{home}/connector/metadata"


def connector_acs(home: str) -> str:
    """Where answers arrive."""
    return f"{home}/connector/acs"


def node_metadata(node: DemoNode, home: str, keys: Sequence[NodeKey], signer: NodeKey, now: int) -> bytes:
    """The metadata of the node at `home` (its origin), which ends `node.metadata_days` from now: it has these keys for its
    messages, and is signed with another.
    """
    levels = _entity_attribute(_ASSURANCE, *(LOA + level for level in node.levels))
    role = f"""<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="{SAMLP}">{_country(node)}
{"".join(_key("signing", key) for key in keys)}
<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>{_endpoints(home)}{_attributes()}</md:IDPSSODescriptor>"""
    return _entity(node, home, entity_id(home), now + node.metadata_days * _DAY, levels, role, signer)


def connector_metadata(
    node: DemoNode, home: str, signing: NodeKey, encryption: NodeKey, signer: NodeKey, now: int
) -> bytes:
    """The metadata of the Connector at `home`, signed with `signer`; each request says the kind of service."""
    role = f"""<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="false"
 protocolSupportEnumeration="{SAMLP}">{_country(node)}
{_key("signing", signing)}{_key("encryption", encryption, _ways(encryption))}
<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat><md:AssertionConsumerService Binding="{_HTTP}POST"
 Location="{escape(connector_acs(home))}" index="0" isDefault="true"/></md:SPSSODescriptor>"""
    return _entity(node, home, connector_id(home), now + _CONNECTOR_DAYS * _DAY, "", role, signer)


def _entity(node: DemoNode, home: str, name: str, until: int, more: str, role: str, key: NodeKey) -> bytes:
    root = etree.fromstring(
        f"""<md:EntityDescriptor xmlns:md="{MD}" xmlns:saml2="{SAML}" ID="{new_id()}" entityID="{escape(name)}"
 validUntil="{moment(until)}">{_capabilities(more)}
{role}{_organisation(node, home)}</md:EntityDescriptor>"""
    )
    sign(root, key)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _country(node: DemoNode) -> str:
    stated = f'<eidas:NodeCountry xmlns:eidas="{EXTENSIONS}">{node.code}</eidas:NodeCountry>'
    return f"<md:Extensions>{stated}</md:Extensions>"


def _key(use: str, key: NodeKey, methods: str = "") -> str:
    return f"""<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>
<ds:X509Certificate>{key.der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"""


def _ways(key: NodeKey) -> str:
    """Cryptographic Requirements 1.4, 3.2: how the content may be encrypted, and how its key comes to this key."""
    agreed = (f"{_XENC11}ECDH-ES", f"{XENC}kw-aes256", f"{XENC}kw-aes128")
    key_methods = _OAEP if key.method == PSS else "".join(map(_encryption_method, agreed))
    return "".join(_encryption_method(f"{_XENC11}aes{size}-gcm") for size in (256, 128)) + key_methods


def _encryption_method(uri: str) -> str:
    return f'<md:EncryptionMethod Algorithm="{uri}"/>'


_OAEP = f"""<md:EncryptionMethod Algorithm="{_XENC11}rsa-oaep"><ds:DigestMethod xmlns:ds="{DS}" Algorithm="{SHA256}"/>
<xenc11:MGF xmlns:xenc11="{_XENC11}" Algorithm="{_XENC11}mgf1sha256"/></md:EncryptionMethod>"""


def _capabilities(more: str) -> str:
    methods = "".join(f'<alg:SigningMethod Algorithm="{method}"/>' for method in METHODS)
    return f"""<md:Extensions xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport">
<mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute">
{_entity_attribute(f"{_ENTITY}/protocol-version", "1.4", "1.3", "1.2")}
{_entity_attribute(f"{_ENTITY}/application-identifier", "Demo:node:1.0")}
{more}</mdattr:EntityAttributes>
<alg:DigestMethod Algorithm="{SHA256}"/>{methods}</md:Extensions>"""


def _entity_attribute(name: str, *values: str) -> str:
    inner = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute Name="{name}" NameFormat="{URI}">{inner}</saml2:Attribute>'


def _endpoints(home: str) -> str:
    where = escape(endpoint(home))
    return "".join(f'<md:SingleSignOnService Binding="{_HTTP}{name}" Location="{where}"/>' for name in _BINDINGS)


def _attributes() -> str:
    natural = [(suffix, facts) for suffix, facts in ATTRIBUTES.items() if not facts.legal]
    return "".join(
        f'<saml2:Attribute FriendlyName="{facts.friendly}" Name="{NATURAL}/{suffix}" NameFormat="{URI}"/>'
        for suffix, facts in natural
    )


def _organisation(node: DemoNode, home: str) -> str:
    name, domain = escape(node.name.en), f"{node.code.lower()}.example"
    return f"""<md:Organization><md:OrganizationName xml:lang="en">{name}</md:OrganizationName>
<md:OrganizationDisplayName xml:lang="en">{name}</md:OrganizationDisplayName>
<md:OrganizationURL xml:lang="en">{escape(home)}/</md:OrganizationURL></md:Organization>
<md:ContactPerson contactType="technical"><md:GivenName>Node</md:GivenName>
<md:EmailAddress>mailto:node@{domain}</md:EmailAddress></md:ContactPerson>
<md:ContactPerson contactType="support"><md:GivenName>Support</md:GivenName>
<md:EmailAddress>mailto:support@{domain}</md:EmailAddress></md:ContactPerson>"""
