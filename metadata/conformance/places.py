"""Where rules look: from an entity to its elements of one kind."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from eidas import times, xml
from eidas.errors import XmlRefused
from eidas.xml import ALG, DS, EIDAS, MD, SAML, Element
from metadata.conformance.parts import Entity, Role

IDP, SP = f"{{{MD}}}IDPSSODescriptor", f"{{{MD}}}SPSSODescriptor"
KEY, CERTIFICATE, SIGNATURE = f"{{{MD}}}KeyDescriptor", f"{{{DS}}}X509Certificate", f"{{{DS}}}Signature"
ACS, SSO = f"{{{MD}}}AssertionConsumerService", f"{{{MD}}}SingleSignOnService"
METHOD, EXTENSIONS = f"{{{MD}}}EncryptionMethod", f"{{{MD}}}Extensions"
_OTHER_ROLES = ("RoleDescriptor", "AuthnAuthorityDescriptor", "AttributeAuthorityDescriptor", "PDPDescriptor")
_ROLES = (IDP, SP, *(f"{{{MD}}}{name}" for name in _OTHER_ROLES))
_TAG = {Role.CONNECTOR: SP, Role.PROXY: IDP}


# -- the document -----------------------------------------------------------------------------------------------------


def root(entity: Entity) -> list[Element]:
    """The document's root: judged once, however many entities there are."""
    return [entity.document.root]


def faulty(entity: Entity) -> list[Element]:
    """What the schemas object to."""
    return list(entity.document.faults)


def bearer(entity: Entity) -> Element:
    """What a signature must stand in: the root, or the entity where only that is signed."""
    signed = xml.children(entity.document.root, SIGNATURE)
    return entity.document.root if signed else entity.element


def signed(entity: Entity) -> list[Element]:
    """The element with the signature; nothing when there is none."""
    found = bearer(entity)
    return [found] if xml.children(found, SIGNATURE) else []


def dated(entity: Entity) -> list[Element]:
    """Everything that says until when this entity counts."""
    own = [entity.element, *entity.element.iterancestors(), *roles(entity)]
    return [one for one in own if one.get("validUntil") is not None]


def cached(entity: Entity) -> list[Element]:
    """Everything that says how long it may be kept."""
    own = [entity.element, *entity.element.iterancestors(), *roles(entity)]
    return [one for one in own if one.get("cacheDuration") is not None]


# -- roles ------------------------------------------------------------------------------------------------------------


def roles(entity: Entity) -> list[Element]:
    """Every role descriptor, or only those of the role that is looked for."""
    wanted = _ROLES if entity.document.role is None else (_TAG[entity.document.role],)
    return list(entity.element.iterchildren(*wanted))


def connectors(entity: Entity) -> list[Element]:
    """The descriptors of a Connector."""
    return [one for one in roles(entity) if one.tag == SP]


def proxies(entity: Entity) -> list[Element]:
    """The descriptors of a Proxy-Service."""
    return [one for one in roles(entity) if one.tag == IDP]


def nodes(entity: Entity) -> list[Element]:
    """The descriptors of both."""
    return [one for one in roles(entity) if one.tag in (IDP, SP)]


def endpoints(entity: Entity) -> list[Element]:
    """Every service with an address."""
    return [one for role in roles(entity) for one in role if one.get("Location") is not None]


def services(entity: Entity) -> list[Element]:
    """Where messages of a login arrive."""
    return [one for role in nodes(entity) for one in role.iterchildren(ACS, SSO)]


def name_id_formats(entity: Entity) -> list[Element]:
    """The formats of names that are supported."""
    return [one for role in nodes(entity) for one in xml.children(role, f"{{{MD}}}NameIDFormat")]


# -- keys -------------------------------------------------------------------------------------------------------------


def keys(entity: Entity) -> list[Element]:
    """The keys of every role."""
    return [one for role in roles(entity) for one in xml.children(role, KEY)]


def encryption_keys(entity: Entity) -> list[Element]:
    """Those that others may encrypt for."""
    return [one for one in keys(entity) if one.get("use") == "encryption"]


def signing_keys(entity: Entity) -> list[Element]:
    """Those that others verify with, and nothing else."""
    return [one for one in keys(entity) if one.get("use") == "signing"]


def message_certificates(entity: Entity) -> list[Element]:
    """The certificates in the roles."""
    return [one for key in keys(entity) for one in key.iter(CERTIFICATE)]


def signer_certificates(entity: Entity) -> list[Element]:
    """The certificates in the signature of the metadata."""
    return [one for part in signed(entity) for mark in xml.children(part, SIGNATURE) for one in mark.iter(CERTIFICATE)]


def certificates(entity: Entity) -> list[Element]:
    """Both."""
    return [*signer_certificates(entity), *message_certificates(entity)]


# -- what eIDAS adds --------------------------------------------------------------------------------------------------


def attributes(entity: Entity) -> list[Element]:
    """The attributes that a Proxy-Service can tell of a person."""
    return [one for role in proxies(entity) for one in xml.children(role, f"{{{SAML}}}Attribute")]


def entity_attributes(entity: Entity) -> list[Element]:
    """The attributes of the entity itself."""
    return [one for part in xml.children(entity.element, EXTENSIONS) for one in part.iter(f"{{{SAML}}}Attribute")]


def entity_attribute_of(entity: Entity, name: str) -> list[Element]:
    """Those of one name."""
    return [one for one in entity_attributes(entity) if one.get("Name") == name]


def values(attribute: Element) -> list[str]:
    """The values of an attribute."""
    return [xml.text(one) for one in xml.children(attribute, f"{{{SAML}}}AttributeValue")]


def countries(entity: Entity) -> list[Element]:
    """Every statement of a country, wherever it stands."""
    return list(entity.element.iter(f"{{{EIDAS}}}NodeCountry"))


def sp_types(entity: Entity) -> list[Element]:
    """Every statement of whether services are public."""
    return list(entity.element.iter(f"{{{EIDAS}}}SPType"))


def digest_methods(entity: Entity) -> list[Element]:
    """The digests that are announced."""
    return list(_announced(entity, "DigestMethod"))


def signing_methods(entity: Entity) -> list[Element]:
    """The signature methods that are announced."""
    return list(_announced(entity, "SigningMethod"))


def _announced(entity: Entity, name: str) -> Iterator[Element]:
    for above in (entity.element, *roles(entity)):
        for part in xml.children(above, EXTENSIONS):
            yield from xml.children(part, f"{{{ALG}}}{name}")


def contacts(entity: Entity) -> list[Element]:
    """Whom to write to."""
    return xml.children(entity.element, f"{{{MD}}}ContactPerson")


def organisations(entity: Entity) -> list[Element]:
    """Who operates the node."""
    return xml.children(entity.element, f"{{{MD}}}Organization")


# -- values of odd documents ------------------------------------------------------------------------------------------


def moment(text: str) -> int | None:
    """Unix seconds, or None."""
    try:
        return times.read(text)
    except (XmlRefused, OverflowError, ValueError):
        return None


def scheme_and_host(address: str) -> tuple[str, str]:
    """Both in small letters; "" for what an address has not."""
    try:
        parts = urlsplit(address.strip())
        return parts.scheme, parts.hostname or ""
    except ValueError:
        return "", ""
