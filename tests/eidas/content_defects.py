"""What can be wrong in a request that its Connector did sign: one defect each, the rule that says so, and the answer."""

from dataclasses import dataclass, field, replace
from typing import Any

from eidas import xml
from eidas.attributes import BIRTH_NAME, LEGAL_PERSON, MANDATORY, NATURAL_PERSON, Kind
from eidas.messages import AuthnRequest, RequestedAttribute
from eidas.vocabulary import (
    HTTP_REDIRECT,
    INVALID_ATTRIBUTE,
    INVALID_NAME_ID_POLICY,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NO_AUTHN_CONTEXT,
    NO_PASSIVE,
    NOT_NOTIFIED_LEVELS,
    REQUEST_DENIED,
    REQUEST_UNSUPPORTED,
    REQUESTER,
    TRANSIENT,
    UNSUPPORTED_BINDING,
    URI_NAME,
    VERSION_MISMATCH,
)
from tests.eidas.arrivals import Answer
from tests.eidas.exchange import (
    ACS,
    CONNECTOR,
    REQUEST,
    SSO,
    Change,
    adding,
    doubling,
    dropping,
    find,
    nothing,
    saying,
    setting,
)

NOBODY: Answer = None
DENIED = (REQUESTER, REQUEST_DENIED)
UNSUPPORTED = (REQUESTER, REQUEST_UNSUPPORTED)
LEVELS = (REQUESTER, NO_AUTHN_CONTEXT)
ATTRIBUTES = (REQUESTER, INVALID_ATTRIBUTE)
POLICY = (REQUESTER, INVALID_NAME_ID_POLICY)
VERSION = (VERSION_MISMATCH, "")

NAME_ID_POLICY = "saml2p:NameIDPolicy"
CONTEXT = "saml2p:RequestedAuthnContext"
LEVEL = f"{CONTEXT}/saml2:AuthnContextClassRef"
EXTENSIONS = "saml2p:Extensions"
REQUESTED = f"{EXTENSIONS}/eidas:RequestedAttributes"
FIRST = f"{REQUESTED}/eidas:RequestedAttribute[1]"
SP_TYPE = f"{EXTENSIONS}/eidas:SPType"
BIRTH = f'<eidas:RequestedAttribute Name="{BIRTH_NAME}" isRequired="true" NameFormat="{URI_NAME}"/>'
REPRESENTATIVE = BIRTH.replace("naturalperson/", "naturalperson/representative/").replace("true", "false")
LEGAL_NAME = BIRTH.replace(BIRTH_NAME, next(iter(LEGAL_PERSON)))
PRIVATE = replace(REQUEST, sp_type="private", requester_id="https://a.example/requester/1")
LEGAL = replace(REQUEST, attributes=tuple(RequestedAttribute(name, one.mandatory) for name, one in LEGAL_PERSON.items()))
EXACT = replace(REQUEST, comparison="exact", levels=(LOA_SUBSTANTIAL, LOA_HIGH, NOT_NOTIFIED_LEVELS[1]))


@dataclass(frozen=True, slots=True)
class Defect:
    """A change before signing, the rule that fires, the answer; what is asked otherwise, and what is known then."""

    change: Change
    rule: str
    answer: Answer = DENIED
    asked: AuthnRequest = REQUEST
    known: dict[str, Any] = field(default_factory=dict)


def another_message(root):
    """The request becomes one of another kind."""
    root.tag = root.tag.replace("AuthnRequest", "LogoutRequest")
    for child in list(root)[1:]:
        root.remove(child)
    for name in ("ForceAuthn", "IsPassive", "Destination"):
        root.attrib.pop(name, None)
    adding(".", "<saml2:NameID>x</saml2:NameID>")(root)


def early_scoping(root):
    """What a German middleware once wrote: Scoping before NameIDPolicy."""
    find(root, NAME_ID_POLICY).addprevious(find(root, "saml2p:Scoping"))


def by_declaration(root):
    """The level is asked for by a declaration."""
    find(root, LEVEL).tag = f"{{{xml.SAML}}}AuthnContextDeclRef"


def for_somebody(root):
    """The citizen is named in advance."""
    adding(".", "<saml2:Subject><saml2:NameID>EL/FR/1</saml2:NameID></saml2:Subject>", 2)(root)


NOT_VALID = {
    "Scoping before NameIDPolicy": Defect(early_scoping, "check_schema", NOBODY, PRIVATE),
    "an attribute that SAML does not have": Defect(setting(".", "Lifetime", "5"), "check_schema", NOBODY),
    "an ID that XML does not have": Defect(setting(".", "ID", "0123456789abcdef-0"), "check_schema", NOBODY),
    "no version": Defect(setting(".", "Version", None), "check_schema", NOBODY),
    "no moment": Defect(setting(".", "IssueInstant", None), "check_schema", NOBODY),
    "a moment in words": Defect(setting(".", "IssueInstant", "today"), "check_schema", NOBODY),
    "ForceAuthn in words": Defect(setting(".", "ForceAuthn", "yes"), "check_schema", NOBODY),
    "two issuers": Defect(doubling("saml2:Issuer"), "check_schema", NOBODY),
    "two Extensions": Defect(doubling(EXTENSIONS), "check_schema", NOBODY),
    "nothing in Extensions": Defect(lambda root: find(root, EXTENSIONS).clear(), "check_schema", NOBODY),
    "two policies": Defect(doubling(NAME_ID_POLICY), "check_schema", NOBODY),
    "two contexts": Defect(doubling(CONTEXT), "check_schema", NOBODY),
    "a context without a level": Defect(dropping(LEVEL), "check_schema", NOBODY),
    "a comparison that SAML does not have": Defect(setting(CONTEXT, "Comparison", "least"), "check_schema", NOBODY),
    "SPType neither public nor private": Defect(saying(SP_TYPE, "Public"), "check_schema", NOBODY),
    "an attribute without a name": Defect(setting(FIRST, "Name", None), "check_schema", NOBODY),
    "isRequired in words": Defect(setting(FIRST, "isRequired", "yes"), "check_schema", NOBODY),
    "a country in small letters": Defect(
        adding(EXTENSIONS, "<eidas:NodeCountry>el</eidas:NodeCountry>"), "check_schema", NOBODY
    ),
}
"""Nobody can tell whose a message is that is not valid."""

ENVELOPE = {
    "another message": Defect(another_message, "check_root", NOBODY),
    "no issuer": Defect(dropping("saml2:Issuer"), "check_issuer", NOBODY),
    "another issuer": Defect(saying("saml2:Issuer", "https://other.example"), "check_issuer", NOBODY),
    "an issuer in capitals": Defect(saying("saml2:Issuer", CONNECTOR.upper()), "check_issuer", NOBODY),
    "an issuer with a slash more": Defect(saying("saml2:Issuer", f"{CONNECTOR}/"), "check_issuer", NOBODY),
    "an issuer of another kind": Defect(setting("saml2:Issuer", "Format", TRANSIENT), "check_issuer", NOBODY),
    "version 1.1": Defect(setting(".", "Version", "1.1"), "check_version", VERSION),
    "version 2": Defect(setting(".", "Version", "2"), "check_version", VERSION),
    "a short ID": Defect(setting(".", "ID", "_short"), "check_id"),
    "a long ID": Defect(setting(".", "ID", "_" * 257), "check_id"),
    "another destination": Defect(setting(".", "Destination", ACS), "check_destination"),
    "a destination with a query": Defect(setting(".", "Destination", f"{SSO}?a"), "check_destination"),
    "no destination": Defect(setting(".", "Destination", None), "check_destination"),
    "stale": Defect(setting(".", "IssueInstant", "2026-01-01T00:00:00Z"), "check_instant"),
    "from the future": Defect(setting(".", "IssueInstant", "2027-01-01T00:00:00Z"), "check_instant"),
    "issued in another zone": Defect(setting(".", "IssueInstant", "2026-09-21T14:13:20+02:00"), "check_instant"),
    "a moment beyond all calendars": Defect(setting(".", "IssueInstant", "10000-01-01T00:00:00Z"), "check_instant"),
    "ForceAuthn false": Defect(setting(".", "ForceAuthn", "false"), "check_force_authn"),
    "ForceAuthn 0": Defect(setting(".", "ForceAuthn", "0"), "check_force_authn"),
    "no ForceAuthn": Defect(setting(".", "ForceAuthn", None), "check_force_authn"),
    "passive": Defect(setting(".", "IsPassive", "true"), "check_not_passive", (REQUESTER, NO_PASSIVE)),
    "passive 1": Defect(setting(".", "IsPassive", "1"), "check_not_passive", (REQUESTER, NO_PASSIVE)),
    "somebody in advance": Defect(for_somebody, "check_no_subject", UNSUPPORTED),
    "another place for the answer": Defect(setting(".", "AssertionConsumerServiceURL", f"{ACS}/"), "check_acs"),
    "an empty place for the answer": Defect(setting(".", "AssertionConsumerServiceURL", ""), "check_acs"),
    "the place for the answer in capitals": Defect(setting(".", "AssertionConsumerServiceURL", ACS.upper()), "check_acs"),
    "another binding": Defect(
        setting(".", "ProtocolBinding", HTTP_REDIRECT), "check_protocol_binding", (REQUESTER, UNSUPPORTED_BINDING)
    ),
    "no SPType": Defect(dropping(SP_TYPE), "check_sp_type"),
    "SPType twice": Defect(doubling(SP_TYPE), "check_sp_type"),
    "SPType in the metadata as well": Defect(nothing, "check_sp_type", known={"sp_type": "public"}),
    "a country": Defect(adding(EXTENSIONS, "<eidas:NodeCountry>EL</eidas:NodeCountry>"), "check_no_node_country"),
    "a country that hides": Defect(
        adding(EXTENSIONS, '<x xmlns="urn:x"><eidas:NodeCountry>EL</eidas:NodeCountry></x>'), "check_no_node_country"
    ),
    "a long ProviderName": Defect(setting(".", "ProviderName", "x" * 129), "check_provider_name"),
    "an empty ProviderName": Defect(setting(".", "ProviderName", ""), "check_provider_name"),
    "another policy": Defect(setting(NAME_ID_POLICY, "Format", "urn:x"), "check_name_id_format", POLICY),
    "a policy of e-mail addresses": Defect(
        setting(NAME_ID_POLICY, "Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
        "check_name_id_format",
        POLICY,
    ),
    "a RequesterID that is no URI": Defect(
        saying("saml2p:Scoping/saml2p:RequesterID", "requester"), "check_requester_id", asked=PRIVATE
    ),
    "an empty RequesterID": Defect(saying("saml2p:Scoping/saml2p:RequesterID", ""), "check_requester_id", asked=PRIVATE),
    "a long RequesterID": Defect(
        saying("saml2p:Scoping/saml2p:RequesterID", f"urn:{'x' * 1024}"), "check_requester_id", asked=PRIVATE
    ),
    "a private service without a name": Defect(
        dropping("saml2p:Scoping"), "check_requester_id_present", asked=PRIVATE, known={"wants_requester_id": True}
    ),
    "a private service by its metadata, without a name": Defect(
        dropping(SP_TYPE), "check_requester_id_present", known={"wants_requester_id": True, "sp_type": "private"}
    ),
}

ASKED = {
    "no Extensions": Defect(dropping(EXTENSIONS), "check_extensions", ATTRIBUTES),
    "no RequestedAttributes": Defect(dropping(REQUESTED), "check_extensions", ATTRIBUTES),
    "no attributes": Defect(lambda root: find(root, REQUESTED).clear(), "check_extensions", ATTRIBUTES),
    "attributes that hide": Defect(
        lambda root: find(root, REQUESTED).getparent().append(inside(find(root, REQUESTED))), "check_extensions", ATTRIBUTES
    ),
    "an attribute twice": Defect(doubling(FIRST), "check_attribute_formats", ATTRIBUTES),
    "another name format": Defect(setting(FIRST, "NameFormat", "urn:x"), "check_attribute_formats", ATTRIBUTES),
    "an attribute twice, in two lists": Defect(doubling(REQUESTED), "check_attribute_formats", ATTRIBUTES),
    "a representative": Defect(adding(REQUESTED, REPRESENTATIVE), "check_no_representative", ATTRIBUTES),
    "two kinds of person": Defect(adding(REQUESTED, LEGAL_NAME), "check_one_kind", ATTRIBUTES),
    "not the whole minimum": Defect(dropping(FIRST), "check_minimum_data_set", ATTRIBUTES),
    "an attribute in capitals": Defect(
        setting(FIRST, "Name", MANDATORY[Kind.NATURAL][0].upper()), "check_minimum_data_set", ATTRIBUTES
    ),
    "an optional one required": Defect(adding(REQUESTED, BIRTH), "check_required_flags", ATTRIBUTES),
    "a mandatory one not required": Defect(setting(FIRST, "isRequired", "false"), "check_required_flags", ATTRIBUTES),
    "a person whom this node does not know": Defect(
        nothing, "check_attributes_published", ATTRIBUTES, LEGAL, {"attributes": frozenset(NATURAL_PERSON)}
    ),
    "no level": Defect(dropping(CONTEXT), "check_one_context", LEVELS),
    "one level twice": Defect(doubling(LEVEL), "check_levels", LEVELS),
    "a level by declaration": Defect(by_declaration, "check_levels", LEVELS),
    "a level that only looks notified": Defect(saying(LEVEL, "http://eidas.europa.eu/LOA/Low"), "check_levels", LEVELS),
    "a notified level that there is not": Defect(saying(LEVEL, "http://eidas.europa.eu/LoA/top"), "check_levels", LEVELS),
    "a bare word": Defect(saying(LEVEL, "low"), "check_levels", LEVELS),
    "better": Defect(setting(CONTEXT, "Comparison", "better"), "check_comparison_known", LEVELS),
    "better than those of two schemes": Defect(
        setting(CONTEXT, "Comparison", "better"), "check_comparison_known", LEVELS, EXACT
    ),
    "at most those of two schemes": Defect(
        setting(CONTEXT, "Comparison", "maximum"), "check_comparison_known", LEVELS, EXACT
    ),
    "exact, with notified levels alone": Defect(setting(CONTEXT, "Comparison", "exact"), "check_comparison", LEVELS),
    "no comparison, which is exact": Defect(setting(CONTEXT, "Comparison", None), "check_comparison", LEVELS),
    "minimum of two": Defect(setting(CONTEXT, "Comparison", "minimum"), "check_comparison", LEVELS, EXACT),
    "minimum of one that is not notified": Defect(saying(LEVEL, NOT_NOTIFIED_LEVELS[0]), "check_comparison", LEVELS),
    "exact, without a higher one": Defect(dropping(f"{LEVEL}[2]"), "check_higher_listed", LEVELS, EXACT),
    "a level above those of this node": Defect(
        saying(LEVEL, LOA_HIGH), "check_level_published", LEVELS, known={"levels": frozenset({LOA_LOW, LOA_SUBSTANTIAL})}
    ),
    "a scheme that this node does not have": Defect(
        nothing,
        "check_level_published",
        LEVELS,
        replace(REQUEST, comparison="exact", levels=(NOT_NOTIFIED_LEVELS[1],)),
    ),
}


def inside(element):
    """An element inside one that nobody knows."""
    outer = element.makeelement("{urn:x}x")
    outer.append(element)
    return outer


CONTENT = {**NOT_VALID, **ENVELOPE, **ASKED}
