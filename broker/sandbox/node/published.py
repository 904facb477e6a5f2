"""What the simulated node publishes of itself: signed metadata as Message Format 1.4, 2.1, 3.3, 3.4 and 4 has it."""

from html import escape

from lxml import etree

from broker.sandbox.node.people import ATTRIBUTES, NATURAL
from broker.sandbox.node.reading import EXTENSIONS, LOA, MD, SAMLP, URI
from broker.sandbox.node.security import DS, METHODS, SAML, SHA256, NodeKey, sign
from broker.sandbox.node.writing import PERSISTENT, moment, new_id
from broker.sandbox.parties import DemoNode

_DAY = 86_400
_ENTITY = "http://eidas.europa.eu/entity-attributes"
_ASSURANCE = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
_BINDINGS = ("POST", "Redirect")


def entity_id(home: str) -> str:
    """The node's name in the network: the address of its metadata."""
    return f"{home}/metadata"


def endpoint(home: str) -> str:
    """Where requests arrive."""
    return f"{home}/sso"


def node_metadata(node: DemoNode, home: str, key: NodeKey, now: int) -> bytes:
    """The signed metadata of the node at `home` (its origin), which ends `node.metadata_days` from now."""
    root = etree.fromstring(
        f"""<md:EntityDescriptor xmlns:md="{MD}" xmlns:saml2="{SAML}" ID="{new_id()}" entityID="{escape(entity_id(home))}"
 validUntil="{moment(now + node.metadata_days * _DAY)}">{_capabilities(node)}
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="{SAMLP}"><md:Extensions>
<eidas:NodeCountry xmlns:eidas="{EXTENSIONS}">{node.code}</eidas:NodeCountry></md:Extensions>
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>
<ds:X509Certificate>{key.der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>{_endpoints(home)}{_attributes()}</md:IDPSSODescriptor>
{_organisation(node, home)}</md:EntityDescriptor>"""
    )
    sign(root, key)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _capabilities(node: DemoNode) -> str:
    methods = "".join(f'<alg:SigningMethod Algorithm="{method}"/>' for method in METHODS)
    return f"""<md:Extensions xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport">
<mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute">
{_entity_attribute(f"{_ENTITY}/protocol-version", "1.4", "1.3", "1.2")}
{_entity_attribute(f"{_ENTITY}/application-identifier", "Demo:node:1.0")}
{_entity_attribute(_ASSURANCE, *(LOA + level for level in node.levels))}</mdattr:EntityAttributes>
<alg:DigestMethod Algorithm="{SHA256}"/>{methods}</md:Extensions>"""


def _entity_attribute(name: str, *values: str) -> str:
    inner = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute Name="{name}" NameFormat="{URI}">{inner}</saml2:Attribute>'


def _endpoints(home: str) -> str:
    binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
    where = escape(endpoint(home))
    return "".join(f'<md:SingleSignOnService Binding="{binding}{name}" Location="{where}"/>' for name in _BINDINGS)


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
