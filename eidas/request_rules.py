"""What an AuthnRequest must be, one rule a function. Those on an `AuthnRequest` hold for what we write as well."""

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from eidas import times, xml
from eidas.attributes import DEFINITIONS, MANDATORY, REPRESENTATIVES, Kind
from eidas.errors import (
    AttributesRefused,
    BindingRefused,
    LevelsRefused,
    NameIdPolicyRefused,
    PassiveRefused,
    RequestRefused,
    SubjectRefused,
    UnsupportedAttributes,
    UnsupportedLevel,
    VersionRefused,
)
from eidas.messages import AuthnRequest, KnownConnector, RequestedAttribute, SpType
from eidas.vocabulary import (
    ENTITY,
    HTTP_POST,
    LOA_PREFIX,
    NAME_ID_FORMATS,
    NOTIFIED_LEVELS,
    URI_NAME,
)
from eidas.xml import DS, EIDAS, SAML, SAMLP, Element

OLDEST = 300
"""Seconds for which a request may be under way."""
_LONGEST_NAME, _LONGEST_REQUESTER = 128, 1024
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{15,255}")
_SP_TYPES = etree.XPath("p:Extensions/e:SPType", namespaces={"p": SAMLP, "e": EIDAS})
_REQUESTED = etree.XPath("p:Extensions/e:RequestedAttributes/e:RequestedAttribute", namespaces={"p": SAMLP, "e": EIDAS})
_NODE_COUNTRY = etree.XPath("boolean(//e:NodeCountry)", namespaces={"e": EIDAS})


def sp_types(root: Element) -> list[str]:
    """What the message says of the kind of service, each time."""
    return [xml.text(one) for one in _SP_TYPES(root)]


def requested(root: Element) -> list[Element]:
    """The attributes that the message asks for."""
    found: list[Element] = _REQUESTED(root)
    return found


# -- the message ------------------------------------------------------------------------------------------------------


def check_root(root: Element) -> None:
    """SAML Core 3.4.1: it is an AuthnRequest and nothing else."""
    if root.tag != f"{{{SAMLP}}}AuthnRequest":
        raise RequestRefused("the message is not an AuthnRequest")


def check_version(root: Element) -> None:
    """SAML Core 3.2.1: version 2.0."""
    if root.get("Version") != "2.0":
        raise VersionRefused("the version is not 2.0")


def check_issuer(root: Element, entity_id: str) -> None:
    """Message Format 1.4, 2.1.1, 6.3: the sender is the Connector that is known by this name, and says so as an entity."""
    issuers = xml.children(root, f"{{{SAML}}}Issuer")
    if [xml.text(issuer) for issuer in issuers] != [entity_id]:
        raise RequestRefused("the issuer is not the Connector that was looked up")
    if issuers[0].get("Format", ENTITY) != ENTITY:
        raise RequestRefused("the issuer is not named as an entity")


def check_unsigned(root: Element) -> None:
    """SAML Bindings 3.4.4.1: where the query is signed the message is not; nobody would look at that signature."""
    if xml.children(root, f"{{{DS}}}Signature"):
        raise RequestRefused("the message has a signature beside that of the query")


def check_id(root: Element) -> None:
    """SAML Core 1.3.4: an identifier that nobody guesses: at least 16 characters."""
    if not _NCNAME.fullmatch(root.get("ID", "")):
        raise RequestRefused("the ID is too short, or has characters of another kind")


def check_destination(root: Element, endpoint: str) -> None:
    """SAML Bindings 3.4.5.2, 3.5.5.2: the message was meant for the address at which it arrived."""
    if root.get("Destination") != endpoint:
        raise RequestRefused("the destination is another")


def check_instant(root: Element, now: int, skew: int) -> None:
    """Message Format 1.4, 2.4: a request is fresh, and not of the future."""
    issued = times.read(root.get("IssueInstant", ""))
    if issued > now + skew or issued < now - OLDEST - skew:
        raise RequestRefused(f"the request was issued {now - issued} s ago")


def check_force_authn(root: Element) -> None:
    """Message Format 1.4, 2.4.1: ForceAuthn is true: nobody is let through by a session."""
    if root.get("ForceAuthn") not in ("true", "1"):
        raise RequestRefused("ForceAuthn is not true")


def check_not_passive(root: Element) -> None:
    """Message Format 1.4, 2.4.1: IsPassive should be false; the schema's default is. The citizen must be able to act."""
    if root.get("IsPassive", "false") not in ("false", "0"):
        raise PassiveRefused("IsPassive is true")


def check_no_subject(root: Element) -> None:
    """SAML Core 3.4.1, 3.4.1.4: an answer must be about the Subject that a request names; here nobody is known before."""
    if xml.children(root, f"{{{SAML}}}Subject"):
        raise SubjectRefused("the request names a Subject")


def check_acs(root: Element, acs: str) -> None:
    """Message Format 1.4, 2.4.1: the metadata says where the answer goes; a request may repeat it, letter by letter."""
    if root.get("AssertionConsumerServiceURL", acs) != acs:
        raise RequestRefused("AssertionConsumerServiceURL is not the one of the metadata")


def check_protocol_binding(root: Element) -> None:
    """Interoperability Architecture 1.4, 3.2.1.1: answers go by HTTP-POST."""
    if root.get("ProtocolBinding", HTTP_POST) != HTTP_POST:
        raise BindingRefused("ProtocolBinding is not HTTP-POST")


def check_extensions(root: Element) -> None:
    """Message Format 1.4, 2.3.2, 6.3: at least one attribute is asked for, in Extensions."""
    if not requested(root):
        raise AttributesRefused("no attribute is asked for")


def check_no_node_country(root: Element) -> None:
    """Message Format 1.4, 4.2: NodeCountry belongs to metadata."""
    if _NODE_COUNTRY(root):
        raise RequestRefused("the request has a NodeCountry")


def check_sp_type(root: Element, published: SpType | None) -> None:
    """Message Format 1.4, 2.1.2.2: public or private is said in one place: in the request or in the metadata."""
    stated = sp_types(root)
    if len(stated) + (published is not None) != 1:
        raise RequestRefused("SPType is not in exactly one of request and metadata")
    if stated and stated[0] not in ("public", "private"):
        raise RequestRefused("SPType is neither public nor private")


def check_attribute_formats(root: Element) -> None:
    """Message Format 1.4, 2.3.2: attributes are named by URIs, and each once."""
    elements = requested(root)
    if any(element.get("NameFormat") != URI_NAME for element in elements):
        raise AttributesRefused("the name format of an attribute is not uri")
    if any(times > 1 for times in Counter(element.get("Name") for element in elements).values()):
        raise AttributesRefused("an attribute is asked for twice")


def check_one_context(root: Element) -> None:
    """Message Format 1.4, 2.4.1: the level is asked for, once."""
    if len(xml.children(root, f"{{{SAMLP}}}RequestedAuthnContext")) != 1:
        raise LevelsRefused("there is not one RequestedAuthnContext")


def check_comparison_known(root: Element) -> None:
    """Message Format 1.4, 2.4.1: Comparison is minimum or exact; SAML Core 3.3.2.2.1: where there is none it is exact."""
    (context,) = xml.children(root, f"{{{SAMLP}}}RequestedAuthnContext")
    if context.get("Comparison", "exact") not in ("minimum", "exact"):
        raise LevelsRefused("Comparison is neither minimum nor exact")


# -- what it says -----------------------------------------------------------------------------------------------------


def check_content(request: AuthnRequest) -> None:  # rules below, in order
    """Message Format 1.4, 2.3, 2.4: what a request may say, whoever wrote it."""
    for rule in _CONTENT:
        rule(request)


def check_levels(request: AuthnRequest) -> None:
    """Message Format 1.4, 3.1: levels are URIs, each once; those that look like notified ones are."""
    if not request.levels or len(set(request.levels)) != len(request.levels):
        raise LevelsRefused("no level is asked for, or one twice")
    for level in request.levels:
        if not _URI.fullmatch(level) or (level.lower().startswith(LOA_PREFIX.lower()) and level not in NOTIFIED_LEVELS):
            raise LevelsRefused("a level is not a URI, or only looks like a notified one")


def check_comparison(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.4.1: one notified level at least (minimum), or a list with others in it (exact)."""
    notified = [level in NOTIFIED_LEVELS for level in request.levels]
    if request.comparison == "minimum" and notified != [True]:
        raise LevelsRefused("minimum is for one notified level")
    if request.comparison == "exact" and all(notified):
        raise LevelsRefused("exact is for levels that are not notified")


def check_higher_listed(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.4.1: with exact, whatever notified level is above one that is listed is listed as well."""
    listed = [position for position, level in enumerate(NOTIFIED_LEVELS) if level in request.levels]
    if listed and listed != list(range(listed[0], len(NOTIFIED_LEVELS))) and request.comparison == "exact":
        raise LevelsRefused("a notified level above a listed one is not listed")


def check_no_representative(request: AuthnRequest) -> None:
    """Attribute Profile 1.4, 2.8: representatives may be answered, never asked for."""
    if any(DEFINITIONS[one.name].kind in REPRESENTATIVES for one in _known(request)):
        raise AttributesRefused("attributes of a representative are asked for")


def check_one_kind(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.3.2: a natural or a legal person, not both."""
    if len({DEFINITIONS[one.name].kind for one in _known(request)}) > 1:
        raise AttributesRefused("natural and legal person are asked for together")


def check_minimum_data_set(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.3.2: whoever asks for a person asks for the whole minimum data set."""
    names = {one.name for one in request.attributes}
    kinds = {DEFINITIONS[one.name].kind for one in _known(request)} or {Kind.NATURAL}
    if any(not names.issuperset(MANDATORY[kind]) for kind in kinds):
        raise AttributesRefused("the minimum data set is not asked for as a whole")


def check_required_flags(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.3.2: mandatory attributes are required, optional ones are not."""
    if any(one.required is not DEFINITIONS[one.name].mandatory for one in _known(request)):
        raise AttributesRefused("isRequired is not what the profile says")


def check_provider_name(request: AuthnRequest) -> None:
    """eIDAS-Node: ProviderName has at most 128 characters."""
    if request.provider_name is not None and not 0 < len(request.provider_name) <= _LONGEST_NAME:
        raise RequestRefused("ProviderName is empty or too long")


def check_requester_id(request: AuthnRequest) -> None:
    """SAML Core 3.4.1.2: RequesterID is a URI; eIDAS-Node: of at most 1024 characters."""
    stated = request.requester_id
    if stated is not None and not (_URI.fullmatch(stated) and len(stated) <= _LONGEST_REQUESTER):
        raise RequestRefused("RequesterID is not a URI, or too long")


def check_name_id_format(request: AuthnRequest) -> None:
    """Message Format 1.4, 2.2: persistent, transient or unspecified."""
    if request.name_id_format is not None and request.name_id_format not in NAME_ID_FORMATS:
        raise NameIdPolicyRefused("the format of NameIDPolicy is not one that eIDAS has")


_CONTENT = (
    check_levels,
    check_comparison,
    check_higher_listed,
    check_no_representative,
    check_one_kind,
    check_minimum_data_set,
    check_required_flags,
    check_provider_name,
    check_requester_id,
    check_name_id_format,
)


def _known(request: AuthnRequest) -> Sequence[RequestedAttribute]:
    return [one for one in request.attributes if one.name in DEFINITIONS]


def check_writable(request: AuthnRequest) -> None:
    """XML 1.0 2.2, Message Format 1.4, 2.3.2: characters that XML has, and attributes that the profile has."""
    texts = (request.id, request.issuer, request.destination, request.provider_name or "", request.requester_id or "")
    if any(_ILLEGAL.search(text) for text in texts):
        raise RequestRefused("a character that XML does not have")
    if any(one.name not in DEFINITIONS for one in request.attributes):
        raise RequestRefused("an attribute that the profile does not have")


# -- what this node has ------------------------------------------------------------------------------------------------


def check_requester_id_present(request: AuthnRequest, known: KnownConnector) -> None:
    """Interoperability Architecture 1.4, 2.5, 5.3: where this node insists, a private service is named."""
    private = (request.sp_type or known.sp_type) == "private"
    if known.wants_requester_id and private and request.requester_id is None:
        raise RequestRefused("a private service must be named by RequesterID")


def check_attributes_published(request: AuthnRequest, published: frozenset[str]) -> None:
    """Message Format 1.4, 2.3.2: what is required and not to be had is a failure; what is optional is left out."""
    lacking = tuple(one.name for one in request.attributes if one.required and one.name not in published)
    if lacking:
        raise UnsupportedAttributes(lacking)


def check_level_published(request: AuthnRequest, published: frozenset[str]) -> None:
    """Message Format 1.4, 2.4.1: a level of this node is one that was asked, or above it."""
    enough = set(request.levels)
    if request.comparison == "minimum":
        enough = set(NOTIFIED_LEVELS[NOTIFIED_LEVELS.index(request.levels[0]) :])
    if not enough & published:
        raise UnsupportedLevel("no level of this node is one that was asked")
