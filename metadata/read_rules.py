"""What metadata must be before it is used, one rule a function."""

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from eidas import xml
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import MANDATORY, Kind
from eidas.certificates import Certificate
from eidas.vocabulary import PROTOCOL_VERSIONS, SAML_PROTOCOL
from eidas.xml import MD, Element
from metadata.errors import MetadataExpired, MetadataRefused


def check_one_entity(found: Sequence[Element]) -> None:
    """Message Format 1.4, 4: the document describes one entity that has the role."""
    if len(found) != 1:
        raise MetadataRefused(f"{len(found)} entities have the role that was looked for, not one")


def check_one_role(roles: Sequence[Element]) -> None:
    """SAML Metadata 2.4.1: of two descriptors of one role nobody could say which one counts."""
    if len(roles) != 1:
        raise MetadataRefused(f"the entity has {len(roles)} descriptors of the role, not one")


def check_protocol(role: Element) -> None:
    """SAML Metadata 2.4.1: the role speaks SAML 2.0."""
    if SAML_PROTOCOL not in role.get("protocolSupportEnumeration", "").split():
        raise MetadataRefused("the role does not speak SAML 2.0")


def check_expiry_stated(entity: Element) -> None:
    """Message Format 1.4, 4.1: metadata says until when it counts."""
    if "validUntil" not in entity.attrib:
        raise MetadataRefused("the metadata does not say until when it counts")


def check_not_expired(until: int, now: int) -> None:
    """Message Format 1.4, 4.1: metadata counts until then, and no longer."""
    if until <= now:
        raise MetadataExpired(until)


def check_addresses(addresses: Iterable[str], sandbox: bool) -> None:
    """Interoperability Architecture 1.4, 6.4: https; the sandbox may use http on this very machine."""
    for address in addresses:
        parts = urlsplit(address)
        loopback = sandbox and parts.scheme == "http" and (parts.hostname or "").endswith(".localhost")
        if not (parts.hostname and (parts.scheme == "https" or loopback)):
            raise MetadataRefused("an address is not https")


def check_country_stated(country: str, compatibility: Compatibility) -> None:
    """Message Format 1.4, 4.2: the role says of which country it is."""
    if not country and Deviation.NO_NODE_COUNTRY not in compatibility.deviations:
        raise MetadataRefused("the role does not say of which country it is (no-node-country)")


def check_requests_signed(role: Element, attribute: str) -> None:
    """Message Format 1.4, 3.3, 3.4: requests are signed, and both roles say so."""
    if role.get(attribute) not in ("true", "1"):
        raise MetadataRefused(f"{attribute} is not true")


def check_uses(role: Element) -> None:
    """Message Format 1.4, 3.3: each key says what it is for."""
    if any(key.get("use") not in ("signing", "encryption") for key in xml.children(role, f"{{{MD}}}KeyDescriptor")):
        raise MetadataRefused("a key does not say whether it signs or decrypts")


def check_some_key(keys: Sequence[Certificate], use: str) -> None:
    """Message Format 1.4, 3.3, 3.4: there is a key that can be read."""
    if not keys:
        raise MetadataRefused(f"no key for {use} can be read")


def check_some_method(usable: Collection[object]) -> None:
    """Cryptographic Requirements 1.4, 3.2: one of its keys can be encrypted for by a method that it offers."""
    if not usable:
        raise MetadataRefused("no key for encryption is offered with AES-GCM, and RSA-OAEP of version 1.1 or ECDH-ES")


def check_keys_differ(signing: Iterable[Certificate], encryption: Iterable[Certificate]) -> None:
    """Cryptographic Requirements 1.4, 3.5: keys for signing and for encryption differ."""
    numbers = {key.key.public_numbers() for key in signing}
    if any(key.key.public_numbers() in numbers for key in encryption):
        raise MetadataRefused("one key is there for signing and for encryption")


def check_keys_strong(keys: Iterable[Certificate], compatibility: Compatibility) -> None:
    """Cryptographic Requirements 1.4, 3.3.1: RSA from 3072 bits, or a named curve."""
    for key in keys:
        if lacking := compatibility.lacks(key.deviations):
            raise MetadataRefused(f"a key is weaker than this country is allowed ({lacking})")


def check_some_address(addresses: Collection[str]) -> None:
    """Interoperability Architecture 1.4, 3.2.1.1: HTTP-POST or HTTP-Redirect."""
    if not addresses:
        raise MetadataRefused("there is no address for HTTP-POST or HTTP-Redirect")


def check_one_acs(found: Sequence[Element]) -> None:
    """Message Format 1.4, 3.3: one place is the one where answers go."""
    if len(found) != 1:
        raise MetadataRefused("there is not one AssertionConsumerService that is the default")


def check_versions(stated: Collection[str]) -> None:
    """Message Format 1.4, 4.3: versions have one in common; a side that states none is compatible."""
    if stated and not set(stated) & set(PROTOCOL_VERSIONS):
        raise MetadataRefused("no version of the message format is one that is spoken here")


def check_minimum_published(attributes: Collection[str]) -> None:
    """Message Format 1.4, 3.4: the minimum data set of a natural person is published."""
    if not set(MANDATORY[Kind.NATURAL]) <= set(attributes):
        raise MetadataRefused("the minimum data set of a natural person is not published")


def check_levels_published(levels: Collection[str]) -> None:
    """Message Format 1.4, 3.4: the levels that are vouched for are published."""
    if not levels:
        raise MetadataRefused("no level of assurance is published")
