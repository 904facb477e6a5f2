"""One part of a role's metadata after the other, each read by its own rules: `read` asks for all of them, in order.

So whoever wants to know what is wrong with one part asks for that part, and hears the very rule that a login would meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eidas import times, xml
from eidas.algorithms import Compatibility
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
from metadata.nodes import Contact

LIMITS = Limits(size=1_048_576)
NORMAL = {"GR": "EL", "GB": "UK"}
"""From ISO 3166-1 to how eIDAS writes a country."""
_ROLES = {"proxy": f"{{{MD}}}IDPSSODescriptor", "connector": f"{{{MD}}}SPSSODescriptor"}
_PROMISES = {"proxy": "WantAuthnRequestsSigned", "connector": "AuthnRequestsSigned"}


@dataclass(frozen=True, slots=True)
class Found:
    """The one entity of a document that has a role ("proxy" or "connector"), and that role."""

    kind: str
    entity: Element
    role: Element

    @property
    def entity_id(self) -> str:
        """Its name, as it states it."""
        return self.entity.get("entityID", "")


def find(octets: bytes, kind: str) -> Found:
    """A role in a document. Raises Refused."""
    root = xml.parse(octets, LIMITS)
    check_schema(root)
    entities = [one for one in root.iter(f"{{{MD}}}EntityDescriptor") if xml.children(one, _ROLES[kind])]
    rules.check_one_entity(entities)
    roles = xml.children(entities[0], _ROLES[kind])
    rules.check_one_role(roles)
    rules.check_protocol(roles[0])
    return Found(kind, entities[0], roles[0])


def valid_until(found: Found) -> int:
    """Until when it counts (Unix seconds). Raises Refused."""
    rules.check_expiry_stated(found.entity)
    return times.read(found.entity.get("validUntil", ""))


def country(found: Found, compatibility: Compatibility) -> str:
    """Of which country it is ("EL"); "" where it may leave that out. Raises Refused."""
    stated = _country(found.role)
    rules.check_country_stated(stated, compatibility)
    return stated


def signing_keys(found: Found, compatibility: Compatibility) -> tuple[Certificate, ...]:
    """The keys that sign its messages. Raises Refused."""
    rules.check_uses(found.role)
    keys = tuple(_keys(found.role, "signing"))
    rules.check_some_key(keys, "signing")
    rules.check_keys_strong(keys, compatibility)
    return keys


def versions(found: Found) -> tuple[str, ...]:
    """The versions of the message format that it states. Raises Refused."""
    stated = tuple(_entity_attributes(found.entity).get(PROTOCOL_VERSION, ()))
    rules.check_versions(stated)
    return stated


def check_promise(found: Found) -> None:
    """Message Format 1.4, 3.3, 3.4: requests are signed, and the role says so in its own word."""
    rules.check_requests_signed(found.role, _PROMISES[found.kind])


def addresses(found: Found, sandbox: bool) -> dict[str, str]:
    """Where requests are taken, by binding. Raises Refused."""
    sso = _addresses(found.role)
    rules.check_some_address(sso)
    rules.check_addresses((found.entity_id, *sso.values()), sandbox)
    return sso


def default_acs(found: Found, sandbox: bool) -> str:
    """Where answers are taken. Raises Refused."""
    acs = _default_acs(found.role)
    rules.check_addresses((found.entity_id, acs), sandbox)
    return acs


def levels(found: Found) -> frozenset[str]:
    """The levels that it vouches for, by URI. Raises Refused."""
    # Bare words that some countries list (`High`) are no levels.
    stated = _entity_attributes(found.entity).get(ASSURANCE_CERTIFICATION, ())
    published = frozenset(level for level in stated if ":" in level)
    rules.check_levels_published(published)
    return published


def attributes(found: Found) -> frozenset[str]:
    """The attributes that it can state and that we know. Raises Refused."""
    published = frozenset(_names(found.role) & DEFINITIONS.keys())
    rules.check_minimum_published(published)
    return published


Encryption = tuple[tuple[Certificate, frozenset[str]], ...]
"""Keys for encryption, each with the methods that are offered for it."""


def encryption(found: Found, signing: tuple[Certificate, ...], compatibility: Compatibility) -> Encryption:
    """What may be encrypted for. Raises Refused."""
    offered = tuple(_encryption(found.role))
    keys = [key for key, _ in offered]
    rules.check_some_key(keys, "encryption")
    rules.check_keys_strong(keys, compatibility)
    rules.check_keys_differ(signing, keys)
    return offered


def recipient(offered: Encryption) -> tuple[Certificate, str]:
    """The first key that we can encrypt for, and how the content is encrypted then (a URI). Raises Refused."""
    usable = [(key, method) for key, methods in offered if (method := choose_method(key, methods)) is not None]
    rules.check_some_method(usable)
    return usable[0]


def contacts(found: Found) -> tuple[Contact, ...]:
    """Whom to write to."""
    return tuple(_contact(one) for one in xml.children(found.entity, f"{{{MD}}}ContactPerson"))


def application(found: Found) -> str:
    """The software, as it names itself; "" where it does not."""
    return "".join(_entity_attributes(found.entity).get(APPLICATION_IDENTIFIER, ())[:1])


def name_id_formats(found: Found) -> tuple[str, ...]:
    """The forms of names that it knows."""
    return tuple(xml.text(one) for one in xml.children(found.role, f"{{{MD}}}NameIDFormat"))


def organisation(found: Found) -> str:
    """Who runs it, as it wants to be shown."""
    names = [one for part in xml.children(found.entity, f"{{{MD}}}Organization") for one in part]
    return next((xml.text(one) for one in names if one.tag == f"{{{MD}}}OrganizationDisplayName"), "")


def wants_requester_id(found: Found) -> bool:
    """Whether it insists on a name for each private service."""
    return WANTS_REQUESTER_ID in _entity_attributes(found.entity).get(ENTITY_CATEGORY, ())


def sp_type(found: Found) -> SpType | None:
    """Whether its services are public; None where requests say it."""
    stated = [xml.text(one) for one in found.entity.iter(f"{{{EIDAS}}}SPType")]
    if not stated:
        return None
    return "public" if stated[0] == "public" else "private"


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


def _names(role: Element) -> set[str]:
    return {one.get("Name", "") for one in xml.children(role, f"{{{SAML}}}Attribute")}


def _contact(element: Element) -> Contact:
    def first(name: str) -> str:
        return next((xml.text(one) for one in xml.children(element, f"{{{MD}}}{name}")), "")

    mail = first("EmailAddress").removeprefix("mailto:")
    return Contact(element.get("contactType", ""), mail, first("TelephoneNumber"), first("GivenName"))
