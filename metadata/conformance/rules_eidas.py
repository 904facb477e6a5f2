"""Rules on what eIDAS adds to SAML metadata: country, sector, versions, levels, algorithms, attributes, and people."""

import re

from eidas import xml
from eidas.algorithms import DIGESTS, SIGNATURE_METHODS
from eidas.attributes import DEFINITIONS, MANDATORY, REPRESENTATIVES, Kind
from eidas.vocabulary import (
    APPLICATION_IDENTIFIER,
    ASSURANCE_CERTIFICATION,
    ENTITY_CATEGORY,
    LOA_PREFIX,
    NOTIFIED_LEVELS,
    PROTOCOL_VERSION,
    PROTOCOL_VERSIONS,
    URI_NAME,
    WANTS_REQUESTER_ID,
)
from eidas.xml import EIDAS, SAML
from metadata.conformance.parts import Broken, Place, Rule, Severity
from metadata.conformance.places import (
    EXTENSIONS,
    IDP,
    SP,
    attributes,
    countries,
    digest_methods,
    entity_attribute_of,
    entity_attributes,
    nodes,
    proxies,
    signing_methods,
    sp_types,
    values,
)

_COUNTRY = f"{{{EIDAS}}}NodeCountry"
_EIDAS_CODES = {"GR": "EL", "GB": "UK"}
_OURS = "http://eidas.europa.eu/attributes/"
_VERSION = re.compile(r"1\.[0-9]{1,2}")
_APPLICATION = re.compile(r"[^:\s][^:]*:[^:\s][^:]*:[0-9]+\.[0-9]+(\.[0-9A-Za-z-]+)?")
_KNOWN_URIS = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


# -- country and sector -----------------------------------------------------------------------------------------------


def check_country_in_role(place: Place) -> None:
    """Message Format 1.4, 4.2: the role says in its Extensions of which country it is."""
    own = [one for part in xml.children(place.element, EXTENSIONS) for one in xml.children(part, _COUNTRY)]
    if not own and not countries(place.entity):
        raise Broken("the role has no NodeCountry")


def check_country_place(place: Place) -> None:
    """Message Format 1.4, 4.2: NodeCountry stands in the Extensions of the role, and nowhere else."""
    above = [one.tag for one in place.element.iterancestors()]
    if above[:1] != [EXTENSIONS] or above[1:2] not in ([SP], [IDP]):
        raise Broken("NodeCountry does not stand in the role's Extensions")


def check_country_code(place: Place) -> None:
    """Message Format 1.4, 4.2: Greece is EL, and the United Kingdom UK as in all of eIDAS' lists."""
    code = xml.text(place.element)
    if code in _EIDAS_CODES:
        raise Broken(f"NodeCountry is {code}")


def check_sp_type_once(place: Place) -> None:
    """Message Format 1.4, 4.1: SPType stands once, in the Extensions of a Connector's entity, if requests have none."""
    extensions = place.element.getparent()
    above = None if extensions is None else extensions.getparent()
    twice = next(place.element.itersiblings(str(place.element.tag), preceding=True), None) is not None
    if above is not place.entity.element or twice or not xml.children(place.entity.element, SP):
        raise Broken("SPType does not stand once, in the Extensions of a Connector's entity")


# -- versions ---------------------------------------------------------------------------------------------------------


def check_version_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1, 3.3: the versions of the profile are stated."""
    if not any(values(one) for one in entity_attribute_of(place.entity, PROTOCOL_VERSION)):
        raise Broken("no protocol-version is stated")


def check_version_form(place: Place) -> None:
    """Message Format 1.4, 3.3: a version is written as 1.2."""
    for value in values(place.element):
        if place.element.get("Name") == PROTOCOL_VERSION and not _VERSION.fullmatch(value):
            raise Broken(f"protocol-version is {value}")


def check_version_current(place: Place) -> None:
    """Message Format 1.4, 3.3: one of the versions is 1.2 or later."""
    if place.element.get("Name") == PROTOCOL_VERSION:
        stated = [value for value in values(place.element) if _VERSION.fullmatch(value)]
        if stated and not set(stated) & set(PROTOCOL_VERSIONS):
            raise Broken(f"protocol-version is {', '.join(stated)} alone")


def check_application_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1, 3.3: the product and its version are stated."""
    if not any(values(one) for one in entity_attribute_of(place.entity, APPLICATION_IDENTIFIER)):
        raise Broken("no application-identifier is stated")


def check_application_form(place: Place) -> None:
    """Message Format 1.4, 3.3: application-identifier is vendor:software:major.minor, perhaps with a patch."""
    for value in values(place.element):
        if place.element.get("Name") == APPLICATION_IDENTIFIER and not _APPLICATION.fullmatch(value):
            raise Broken(f"application-identifier is {value}")


def check_entity_attribute_format(place: Place) -> None:
    """Message Format 1.4, 2.1.1, 3.3: the attributes of an entity have the NameFormat of a URI."""
    if place.element.get("NameFormat") != URI_NAME:
        raise Broken(f"{place.element.get('Name')} has another NameFormat")


def check_requester_id_flag(place: Place) -> None:
    """Message Format 1.4, 3.4: the flag for RequesterID is a Proxy-Service's."""
    if WANTS_REQUESTER_ID in values(place.element) and not xml.children(place.entity.element, IDP):
        raise Broken("a Connector has the flag for RequesterID")


def check_requester_id_name(place: Place) -> None:
    """Message Format 1.4, 3.4: the flag for RequesterID is a value of the entity category."""
    if WANTS_REQUESTER_ID in values(place.element) and place.element.get("Name") != ENTITY_CATEGORY:
        raise Broken(f"the flag for RequesterID is a value of {place.element.get('Name')}")


# -- levels of assurance ----------------------------------------------------------------------------------------------


def check_levels_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a Proxy-Service publishes every level that it supports."""
    if not any(values(one) for one in entity_attribute_of(place.entity, ASSURANCE_CERTIFICATION)):
        raise Broken("no level of assurance is published")


def check_level_is_uri(place: Place) -> None:
    """Message Format 1.4, 3.1: a level is a URI."""
    for value in values(place.element):
        if place.element.get("Name") == ASSURANCE_CERTIFICATION and not _KNOWN_URIS.fullmatch(value):
            raise Broken(f"{value} is no URI")


def check_level_notified(place: Place) -> None:
    """Message Format 1.4, 3.1: eIDAS' own prefix is for its three levels alone."""
    for value in values(place.element):
        if value.startswith(LOA_PREFIX) and value not in NOTIFIED_LEVELS:
            raise Broken(f"{value} is none of the three levels")


def check_levels_whole(place: Place) -> None:
    """Message Format 1.4, 2.1.1: whoever publishes low and high publishes substantial, which lies between."""
    stated = {value for one in entity_attribute_of(place.entity, ASSURANCE_CERTIFICATION) for value in values(one)}
    low, substantial, high = NOTIFIED_LEVELS
    if {low, high} <= stated and substantial not in stated:
        raise Broken("low and high are published, substantial is not")


# -- algorithms -------------------------------------------------------------------------------------------------------


def check_digests_published(place: Place) -> None:
    """Message Format 1.4, 2.1.1, SAML Algorithm Support 2.3: the digests that are read are published."""
    if not digest_methods(place.entity):
        raise Broken("no alg:DigestMethod is published")


def check_signing_published(place: Place) -> None:
    """Message Format 1.4, 2.1.1, SAML Algorithm Support 2.4: the signature methods that are read are published."""
    if not signing_methods(place.entity):
        raise Broken("no alg:SigningMethod is published")


def check_digest_strong(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.1.1: a digest is SHA-256, SHA-384 or SHA-512."""
    uri = place.element.get("Algorithm", "")
    if uri not in DIGESTS or DIGESTS[uri].deviations:
        raise Broken(f"{uri} is published")


def check_signing_strong(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.3.1: a signature method is RSASSA-PSS or ECDSA, with SHA-256 or more."""
    uri = place.element.get("Algorithm", "")
    if uri not in SIGNATURE_METHODS or SIGNATURE_METHODS[uri].deviations:
        raise Broken(f"{uri} is published")


def check_signing_size(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.3.1, 3.4: keys have 3072 bits, or 256 on a curve, and say so."""
    least = 256 if "#ecdsa-" in place.element.get("Algorithm", "") else 3072
    size = place.element.get("MinKeySize", "")
    if size.isdecimal() and len(size) < 9 and int(size) < least:
        raise Broken(f"MinKeySize is {size}")


# -- attributes of persons --------------------------------------------------------------------------------------------


def check_minimum_data_set(place: Place) -> None:
    """Message Format 1.4, 2.3.1: the minimum data set of a natural person is published whole."""
    stated = {one.get("Name", "") for one in xml.children(place.element, f"{{{SAML}}}Attribute")}
    if missing := [name for name in MANDATORY[Kind.NATURAL] if name not in stated]:
        raise Broken(f"{missing[0].rpartition('/')[2]} is not published")


def check_attribute_known(place: Place) -> None:
    """Attribute Profile 1.4, 2.2 to 2.7: a name in eIDAS' own space is one of the profile's."""
    name = place.element.get("Name", "")
    if name.startswith(_OURS) and name not in DEFINITIONS:
        raise Broken(f"{name} is not in the profile")


def check_attribute_format(place: Place) -> None:
    """Attribute Profile 1.4, 2.1: an attribute has the NameFormat of a URI."""
    if place.element.get("NameFormat") != URI_NAME:
        raise Broken(f"{place.element.get('Name')} has another NameFormat")


def check_friendly_name(place: Place) -> None:
    """Attribute Profile 1.4, 2.2 to 2.7: a friendly name is the profile's, letter by letter."""
    known = DEFINITIONS.get(place.element.get("Name", ""))
    stated = place.element.get("FriendlyName")
    if known and stated is not None and stated != known.friendly_name:
        raise Broken(f"{known.friendly_name} is called {stated}")


def check_no_representative(place: Place) -> None:
    """Attribute Profile 1.4, 2.8: what is told of a representative cannot be asked for, so it is not published."""
    known = DEFINITIONS.get(place.element.get("Name", ""))
    if known and known.kind in REPRESENTATIVES:
        raise Broken(f"{known.friendly_name} is published")


def check_attribute_once(place: Place) -> None:
    """SAML Metadata 2.4.3: an attribute is published once."""
    names = [one.get("Name") for one in xml.children(place.element, f"{{{SAML}}}Attribute")]
    if len(names) != len(set(names)):
        raise Broken("an attribute is published twice")


_ERROR, _NON_BREAKING, _WARNING = Severity.ERROR, Severity.NON_BREAKING, Severity.WARNING

RULES: tuple[Rule[Place], ...] = (
    Rule("EID-MD-42", _ERROR, check_country_in_role, "add eidas:NodeCountry to the md:Extensions of the role", nodes),
    Rule("EID-MD-43", _ERROR, check_country_place, "move it to the md:Extensions of the role", countries),
    Rule("EID-MD-44", _ERROR, check_country_code, "write EL for Greece, UK for the United Kingdom", countries),
    Rule("EID-MD-45", _ERROR, check_sp_type_once, "state it once in the entity's md:Extensions, or in requests", sp_types),
    Rule("EID-MD-46", _NON_BREAKING, check_version_stated, f"add the entity attribute {PROTOCOL_VERSION}"),
    Rule(
        "EID-MD-47", _NON_BREAKING, check_version_form, "write two numbers with a point, one value each", entity_attributes
    ),
    Rule("EID-MD-48", _WARNING, check_version_current, "update the node, and state what it then speaks", entity_attributes),
    Rule("EID-MD-49", _NON_BREAKING, check_application_stated, f"add the entity attribute {APPLICATION_IDENTIFIER}"),
    Rule("EID-MD-50", _NON_BREAKING, check_application_form, "write it like CEF:eIDAS-ref:2.9", entity_attributes),
    Rule("EID-MD-51", _NON_BREAKING, check_entity_attribute_format, f'write NameFormat="{URI_NAME}"', entity_attributes),
    Rule("EID-MD-52", _WARNING, check_requester_id_flag, "remove the value: only a Proxy-Service asks", entity_attributes),
    Rule("EID-MD-53", _NON_BREAKING, check_requester_id_name, f"make it a value of {ENTITY_CATEGORY}", entity_attributes),
    Rule("EID-MD-54", _ERROR, check_levels_stated, f"add the entity attribute {ASSURANCE_CERTIFICATION}", proxies),
    Rule(
        "EID-MD-55", _NON_BREAKING, check_level_is_uri, f"write the whole URI, like {NOTIFIED_LEVELS[2]}", entity_attributes
    ),
    Rule("EID-MD-56", _ERROR, check_level_notified, "write low, substantial or high, in small letters", entity_attributes),
    Rule("EID-MD-57", _WARNING, check_levels_whole, "publish substantial as well, or say why not", proxies),
    Rule("EID-MD-58", _NON_BREAKING, check_digests_published, "add alg:DigestMethod to the entity's md:Extensions"),
    Rule("EID-MD-59", _NON_BREAKING, check_signing_published, "add alg:SigningMethod to the entity's md:Extensions"),
    Rule("EID-MD-60", _NON_BREAKING, check_digest_strong, "remove it: it must not be used", digest_methods),
    Rule("EID-MD-61", _NON_BREAKING, check_signing_strong, "remove it: it must not be used", signing_methods),
    Rule("EID-MD-62", _WARNING, check_signing_size, "write MinKeySize 3072 for RSA, 256 for a curve", signing_methods),
    Rule("EID-MD-63", _ERROR, check_minimum_data_set, "add a saml2:Attribute for each of the four", proxies),
    Rule("EID-MD-64", _ERROR, check_attribute_known, "write the name as in the profile", attributes),
    Rule("EID-MD-65", _NON_BREAKING, check_attribute_format, f'write NameFormat="{URI_NAME}"', attributes),
    Rule("EID-MD-66", _NON_BREAKING, check_friendly_name, "write the profile's friendly name", attributes),
    Rule("EID-MD-67", _NON_BREAKING, check_no_representative, "remove the attribute", attributes),
    Rule("EID-MD-68", _WARNING, check_attribute_once, "keep each attribute once", proxies),
)
