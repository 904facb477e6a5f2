"""What others publish, read into what a login needs. The caller trusts the octets: by a pin, or by who signed them.

Fetching is not here; anchors are in `trust`, lists in `mdsl`. Real metadata has much that is unknown or odd: that is left
out, never a failure.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from eidas import times, xml
from eidas.algorithms import STRICT, Compatibility
from eidas.attributes import DEFINITIONS
from eidas.certificates import Certificate, read_certificate
from eidas.encryption import choose_method
from eidas.errors import CertificateRefused, XmlRefused
from eidas.messages import SpType
from eidas.schema import check_schema
from eidas.vocabulary import (
    APPLICATION_IDENTIFIER,
    ASSURANCE_CERTIFICATION,
    ENTITY_CATEGORY,
    HTTP_POST,
    HTTP_REDIRECT,
    PROTOCOL_VERSION,
    WANTS_REQUESTER_ID,
)
from eidas.xml import DS, EIDAS, MD, SAML, Element, Limits
from metadata import read_rules as rules
from metadata.nodes import Connector, Contact, ProxyService

LIMITS = Limits(size=1_048_576)
NORMAL = {"GR": "EL", "GB": "UK"}
"""From ISO 3166-1 to how eIDAS writes a country."""
_IDP, _SP = f"{{{MD}}}IDPSSODescriptor", f"{{{MD}}}SPSSODescriptor"


def read_proxy_service(
    octets: bytes, *, now: int, compatibility: Compatibility = STRICT, sandbox: bool = False
) -> ProxyService:
    """The Proxy-Service in a document. Raises Refused; MetadataExpired when it counts no longer at `now`."""
    entity, role = _role(octets, _IDP)
    common = _common(octets, entity, role, now, compatibility)
    rules.check_requests_signed(role, "WantAuthnRequestsSigned")
    sso = _addresses(role)
    rules.check_some_address(sso)
    rules.check_addresses((common["entity_id"], *sso.values()), sandbox)
    stated = _entity_attributes(entity)
    # Bare words that some countries list (`High`) are no levels.
    levels = frozenset(level for level in stated.get(ASSURANCE_CERTIFICATION, ()) if ":" in level)
    rules.check_levels_published(levels)
    attributes = frozenset(_names(role) & DEFINITIONS.keys())
    rules.check_minimum_published(attributes)
    wants = WANTS_REQUESTER_ID in stated.get(ENTITY_CATEGORY, ())
    return ProxyService(**common, sso=sso, levels=levels, attributes=attributes, wants_requester_id=wants)


def read_connector(octets: bytes, *, now: int, compatibility: Compatibility = STRICT, sandbox: bool = False) -> Connector:
    """The Connector in a document. Raises Refused; MetadataExpired when it counts no longer at `now`."""
    entity, role = _role(octets, _SP)
    common = _common(octets, entity, role, now, compatibility)
    rules.check_requests_signed(role, "AuthnRequestsSigned")
    acs = _default_acs(role)
    rules.check_addresses((common["entity_id"], acs), sandbox)
    encryption = tuple(_encryption(role))
    keys = [key for key, _ in encryption]
    rules.check_some_key(keys, "encryption")
    rules.check_keys_strong(keys, compatibility)
    rules.check_keys_differ(common["signing"], keys)
    usable = [(key, method) for key, offered in encryption if (method := choose_method(key, offered)) is not None]
    rules.check_some_method(usable)
    return Connector(**common, acs=acs, encryption=encryption, recipient=usable[0], sp_type=_sp_type(entity))


def _role(octets: bytes, tag: str) -> tuple[Element, Element]:
    root = xml.parse(octets, LIMITS)
    check_schema(root)
    entities = [one for one in root.iter(f"{{{MD}}}EntityDescriptor") if xml.children(one, tag)]
    rules.check_one_entity(entities)
    roles = xml.children(entities[0], tag)
    rules.check_one_role(roles)
    rules.check_protocol(roles[0])
    return entities[0], roles[0]


def _common(octets: bytes, entity: Element, role: Element, now: int, compatibility: Compatibility) -> dict[str, Any]:
    rules.check_expiry_stated(entity)
    until = times.read(entity.get("validUntil", ""))
    rules.check_not_expired(until, now)
    country = _country(role)
    rules.check_country_stated(country, compatibility)
    rules.check_uses(role)
    signing = tuple(key for key in _keys(role, "signing"))
    rules.check_some_key(signing, "signing")
    rules.check_keys_strong(signing, compatibility)
    stated = _entity_attributes(entity)
    versions = tuple(stated.get(PROTOCOL_VERSION, ()))
    rules.check_versions(versions)
    return {
        "entity_id": entity.get("entityID", ""),
        "node_country": country,
        "signing": signing,
        "name_id_formats": tuple(xml.text(one) for one in xml.children(role, f"{{{MD}}}NameIDFormat")),
        "protocol_versions": versions,
        "application": "".join(stated.get(APPLICATION_IDENTIFIER, ())[:1]),
        "valid_until": until,
        "organisation": _organisation(entity),
        "contacts": tuple(_contact(one) for one in xml.children(entity, f"{{{MD}}}ContactPerson")),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }


# -- what stands where ------------------------------------------------------------------------------------------------


def _country(role: Element) -> str:
    stated = [xml.text(one) for part in xml.children(role, f"{{{MD}}}Extensions") for one in _countries(part)]
    return NORMAL.get(stated[0], stated[0]) if stated else ""


def _countries(part: Element) -> list[Element]:
    return xml.children(part, f"{{{EIDAS}}}NodeCountry")


def _entity_attributes(entity: Element) -> dict[str, tuple[str, ...]]:
    """The values of each entity attribute, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    for extensions in xml.children(entity, f"{{{MD}}}Extensions"):
        for attribute in extensions.iter(f"{{{SAML}}}Attribute"):
            values = tuple(xml.text(value) for value in xml.children(attribute, f"{{{SAML}}}AttributeValue"))
            found[attribute.get("Name", "")] = found.get(attribute.get("Name", ""), ()) + values
    return found


def _keys(role: Element, use: str) -> Iterator[Certificate]:
    for descriptor in xml.children(role, f"{{{MD}}}KeyDescriptor"):
        if descriptor.get("use") == use:
            yield from _certificates(descriptor)


def _certificates(descriptor: Element) -> Iterator[Certificate]:
    for element in descriptor.iter(f"{{{DS}}}X509Certificate"):
        try:
            yield read_certificate(xml.octets(element))
        except (CertificateRefused, XmlRefused):
            continue  # another of its keys may do; a rule sees to it that one is left


def _encryption(role: Element) -> Iterator[tuple[Certificate, frozenset[str]]]:
    for descriptor in xml.children(role, f"{{{MD}}}KeyDescriptor"):
        if descriptor.get("use") == "encryption":
            methods = xml.children(descriptor, f"{{{MD}}}EncryptionMethod")
            uris = frozenset(method.get("Algorithm", "") for method in methods)
            yield from ((certificate, uris) for certificate in _certificates(descriptor))


def _addresses(role: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in xml.children(role, f"{{{MD}}}SingleSignOnService"):
        if element.get("Binding") in (HTTP_POST, HTTP_REDIRECT):
            found.setdefault(element.get("Binding", ""), element.get("Location", ""))
    return found


def _default_acs(role: Element) -> str:
    """SAML Metadata 2.2.3: the one that says so, or the only one there is."""
    found = [one for one in xml.children(role, f"{{{MD}}}AssertionConsumerService") if one.get("Binding") == HTTP_POST]
    default = [one for one in found if one.get("isDefault") in ("true", "1")] or found
    rules.check_one_acs(default)
    return default[0].get("Location", "")


def _sp_type(entity: Element) -> SpType | None:
    found = [xml.text(one) for one in entity.iter(f"{{{EIDAS}}}SPType")]
    if not found:
        return None
    return "public" if found[0] == "public" else "private"


def _names(role: Element) -> set[str]:
    return {one.get("Name", "") for one in xml.children(role, f"{{{SAML}}}Attribute")}


def _organisation(entity: Element) -> str:
    names = [one for part in xml.children(entity, f"{{{MD}}}Organization") for one in part]
    return next((xml.text(one) for one in names if one.tag == f"{{{MD}}}OrganizationDisplayName"), "")


def _contact(element: Element) -> Contact:
    def first(name: str) -> str:
        return next((xml.text(one) for one in xml.children(element, f"{{{MD}}}{name}")), "")

    mail = first("EmailAddress").removeprefix("mailto:")
    return Contact(element.get("contactType", ""), mail, first("TelephoneNumber"), first("GivenName"))
