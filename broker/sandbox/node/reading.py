"""What the simulated node reads: the Connector's metadata, and AuthnRequests, as Message Format 1.4 has them."""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zlib import decompressobj
from zlib import error as ZlibError

from lxml import etree

from broker.sandbox.node.people import MINIMUM, NATURAL
from broker.sandbox.node.security import DS, SAML, Element, Untrusted, verify, verify_query

T = TypeVar("T")
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
EXTENSIONS = "http://eidas.europa.eu/saml-extensions"
LOA = "http://eidas.europa.eu/LoA/"
URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
LEVELS = ("low", "substantial", "high")
"""The levels of assurance, lowest first."""
NS = {"a": SAML, "p": SAMLP, "m": MD, "ds": DS, "e": EXTENSIONS}
LARGEST = 131_072
LONGEST_RELAY_STATE = 80
_OLDEST = timedelta(minutes=5)
_SKEW = timedelta(minutes=1)


class NotUnderstood(Exception):
    """A message that the node does not answer; the text says why."""


def require(right: bool, otherwise: str) -> None:
    """Raises NotUnderstood with these words where something is not right."""
    if not right:
        raise NotUnderstood(otherwise)


def parsed(octets: bytes) -> Element:
    """The root of a document, without entities, comments, or anything from elsewhere. Raises NotUnderstood."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(octets, parser)
    except etree.XMLSyntaxError:
        raise NotUnderstood("the message is not XML") from None


# -- the Connector ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Partner:
    """The broker's Connector, as its metadata describes it: certificates are base64 of DER."""

    entity_id: str
    acs: str
    signing: str
    encryption: str


def read_partner(octets: bytes) -> Partner:
    """The Connector's metadata. Nobody vouches for who signed it here, but signed it is. Raises NotUnderstood."""
    root = parsed(octets)
    understood(lambda: verify(root, certificate_in(root, "/m:EntityDescriptor/ds:Signature")))
    key = "//m:SPSSODescriptor/m:KeyDescriptor[@use='{}'][1]"
    partner = Partner(
        entity_id=text_of(root, "/m:EntityDescriptor/@entityID"),
        acs=text_of(root, "//m:SPSSODescriptor/m:AssertionConsumerService[@isDefault='true']/@Location"),
        signing=certificate_in(root, key.format("signing")),
        encryption=certificate_in(root, key.format("encryption")),
    )
    require(bool(partner.entity_id and partner.acs), "the Connector's metadata does not say who it is, or where")
    require(bool(partner.signing and partner.encryption), "the Connector's metadata lacks a key")
    return partner


def text_of(root: Element, path: str) -> str:
    """The text at a path, "" where there is nothing. Prefixes are those of `NS`."""
    return str(root.xpath(f"string({path})", namespaces=NS)).strip()


def texts_of(root: Element, path: str) -> tuple[str, ...]:
    """The texts of all elements at a path, without white space."""
    return tuple("".join(str(one.text or "").split()) for one in root.xpath(path, namespaces=NS))


def certificate_in(root: Element, inside: str) -> str:
    """The first certificate inside an element, base64 of DER; "" where there is none."""
    return "".join(text_of(root, f"{inside}//ds:X509Certificate").split())


def understood(judging: Callable[[], T]) -> T:
    """What somebody says who may call a message untrusted. Raises NotUnderstood."""
    try:
        return judging()
    except Untrusted as wrong:
        raise NotUnderstood(str(wrong)) from None


# -- the request ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """An AuthnRequest that was verified. `level` is the lowest that is enough; `attributes` name what is wanted."""

    id: str
    level: str
    attributes: frozenset[str]
    sp_type: str
    requester: str
    text: str


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the node knows when a request arrives: from whom it may come, where it arrived, its levels, the time."""

    partner: Partner
    endpoint: str
    levels: tuple[str, ...]
    now: int


def read_posted(form: Mapping[str, str], receiving: Receiving) -> Asked:
    """HTTP-POST: base64, with the signature inside. Raises NotUnderstood."""
    return _enveloped(decoded(form, "SAMLRequest"), receiving)


def read_redirected(query: str, parameters: Mapping[str, str], receiving: Receiving) -> Asked:
    """HTTP-Redirect: deflated, with a signed query; or signed inside, as the sample nodes do. Raises NotUnderstood."""
    octets = decoded(parameters, "SAMLRequest")
    if "SigAlg" not in parameters:
        return _enveloped(octets, receiving)
    understood(lambda: verify_query(query, receiving.partner.signing))
    return _asked(parsed(_inflated(octets)), receiving)


def decoded(parameters: Mapping[str, str], name: str) -> bytes:
    """The message in a parameter, of base64. Raises NotUnderstood."""
    value = parameters.get(name, "")
    require(0 < len(value) <= LARGEST, f"there is no {name}, or it is too large")
    require(len(parameters.get("RelayState", "")) <= LONGEST_RELAY_STATE, "the RelayState is too long")
    try:
        return b64decode("".join(value.split()), validate=True)
    except (Error, ValueError):
        raise NotUnderstood("the message is not base64") from None


def _inflated(octets: bytes) -> bytes:
    try:
        return decompressobj(-15).decompress(octets, LARGEST)
    except ZlibError:
        raise NotUnderstood("the message is not deflated") from None


def _enveloped(octets: bytes, receiving: Receiving) -> Asked:
    root = parsed(octets)
    understood(lambda: verify(root, receiving.partner.signing))
    return _asked(root, receiving)


_MINIMUM = " or ".join(f"@Name='{NATURAL}/{name}'" for name in MINIMUM)
_CONTEXT = "/p:AuthnRequest/p:RequestedAuthnContext"
_ATTRIBUTE = "/p:AuthnRequest/p:Extensions/e:RequestedAttributes/e:RequestedAttribute"
RULES: Mapping[str, str] = {
    "it is no AuthnRequest of version 2.0": "/p:AuthnRequest[@Version='2.0'][@ID]",
    "the issuer is another": "/p:AuthnRequest/a:Issuer = $issuer",
    "the destination is another": "/p:AuthnRequest/@Destination = $endpoint",
    "it does not demand a fresh login (2.4.1)": "/p:AuthnRequest/@ForceAuthn = 'true'",
    "it is passive (2.4.1)": "/p:AuthnRequest/@IsPassive = 'false'",
    "the answer should go elsewhere (6.3)": (
        "not(/p:AuthnRequest[@AssertionConsumerServiceURL != $acs or @AssertionConsumerServiceIndex])"
    ),
    "there is not one SPType, public or private (4.3)": "count(//e:SPType) = 1 and //e:SPType[.='public' or .='private']",
    "it names a country (4.2)": "not(//e:NodeCountry)",
    "it asks for another format of names (2.2)": (
        "not(/p:AuthnRequest/p:NameIDPolicy/@Format != 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent')"
    ),
    "there is not one RequestedAuthnContext (2.4.1)": f"count({_CONTEXT}) = 1",
    "the level is not one notified one at least (2.4.1)": (
        f"{_CONTEXT}/@Comparison = 'minimum' and count({_CONTEXT}/a:AuthnContextClassRef) = 1"
    ),
    "an attribute's name is not of the kind uri (2.3.2)": f"not({_ATTRIBUTE}[not(@NameFormat = '{URI}')])",
    "an attribute is not one of a natural person (2.3.2)": (
        f"not({_ATTRIBUTE}[not(starts-with(@Name, '{NATURAL}/')) or contains(@Name, '/representative/')])"
    ),
    "an attribute is asked for twice": f"not({_ATTRIBUTE}[@Name = preceding-sibling::*/@Name])",
    "the minimum data set is not required as a whole (2.3.2)": (
        f"count({_ATTRIBUTE}[@isRequired = 'true'][{_MINIMUM}]) = {len(MINIMUM)}"
    ),
    "something optional is required (2.3.2)": f"count({_ATTRIBUTE}[@isRequired = 'true']) = {len(MINIMUM)}",
}
"""What would be wrong, and the XPath expression that says that it is not; numbers are sections of Message Format 1.4."""


def _asked(root: Element, receiving: Receiving) -> Asked:
    known = {"issuer": receiving.partner.entity_id, "endpoint": receiving.endpoint, "acs": receiving.partner.acs}
    for wrong, path in RULES.items():
        require(bool(etree.XPath(path, namespaces=NS)(root, **known)), wrong)
    check_fresh(root.get("IssueInstant", ""), receiving.now)
    level = text_of(root, f"{_CONTEXT}/a:AuthnContextClassRef").removeprefix(LOA)
    require(level in receiving.levels, "the level is none of this node's")
    return Asked(
        id=str(root.get("ID")),
        level=level,
        attributes=frozenset(str(name) for name in root.xpath(f"{_ATTRIBUTE}/@Name", namespaces=NS)),
        sp_type=text_of(root, "//e:SPType"),
        requester=text_of(root, "//p:RequesterID"),
        text=etree.tostring(root, pretty_print=True).decode(),
    )


def check_fresh(instant: str, now: int) -> None:
    """SAML Core 3.2.1, 3.2.2: a message is of now."""
    try:
        age = datetime.fromtimestamp(now, UTC) - datetime.fromisoformat(instant)
    except (ValueError, TypeError):
        raise NotUnderstood("the instant of issue is none") from None
    require(-_SKEW <= age <= _OLDEST + _SKEW, "the message is old, or of the future")


def seconds_of(instant: str) -> float:
    """A moment of SAML in Unix seconds. Raises NotUnderstood."""
    try:
        return datetime.fromisoformat(instant).timestamp()
    except ValueError:
        raise NotUnderstood("a moment is none") from None
