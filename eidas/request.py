"""The AuthnRequest: what a Connector sends, and what a Proxy-Service reads (Message Format 1.4, 2.4, 6.3).

`write_request` writes it by every rule. Reading has two halves: `prove_request` tells whether its Connector sent it, for
nobody else is answered; `read_proven` believes it after every other rule, and `refusal` says what the Connector hears where
one is broken. That an ID is not used twice is for the caller to see to, who alone knows what came before.
"""

from dataclasses import dataclass

from lxml import etree

from eidas import request_rules as rules
from eidas import signature, times, xml
from eidas.algorithms import Deviation
from eidas.attributes import DEFINITIONS
from eidas.certificates import Certificate
from eidas.errors import Refused, RequestRefused
from eidas.keys import Signer
from eidas.messages import AuthnRequest, KnownConnector, Peeked, ReadRequest, RequestedAttribute, Status
from eidas.schema import check_schema
from eidas.vocabulary import ENTITY, REQUEST_DENIED, REQUESTER, URI_NAME
from eidas.xml import SAML, SAMLP, Element, make

_ISSUER, _EXTENSIONS = f"{{{SAML}}}Issuer", f"{{{SAMLP}}}Extensions"
_NONE: frozenset[Deviation] = frozenset()

# -- writing ----------------------------------------------------------------------------------------------------------


def write_request(request: AuthnRequest, signer: Signer | None) -> bytes:
    """The message, signed. Raises RequestRefused, SignatureRefused.

    Without a signer it is not: the HTTP-Redirect binding signs the query instead (SAML Bindings 3.4.4.1).
    """
    rules.check_writable(request)
    rules.check_content(request)
    element = _written(request)
    if signer is not None:
        signature.sign(element, signer)
    return xml.write(element)


def _written(request: AuthnRequest) -> Element:
    attributes = {
        "ID": request.id,
        "Version": "2.0",
        "IssueInstant": times.written(request.issued),
        "Destination": request.destination,
        "ForceAuthn": "true",
        "IsPassive": "false",
    }
    if request.provider_name is not None:
        attributes["ProviderName"] = request.provider_name
    element = make("saml2p", "AuthnRequest", **attributes)
    element.append(make("saml2", "Issuer", request.issuer, Format=ENTITY))
    element.append(make("saml2p", "Extensions", *_extensions(request)))
    if request.name_id_format is not None:
        element.append(make("saml2p", "NameIDPolicy", AllowCreate="true", Format=request.name_id_format))
    levels = (make("saml2", "AuthnContextClassRef", level) for level in request.levels)
    element.append(make("saml2p", "RequestedAuthnContext", *levels, Comparison=request.comparison))
    if request.requester_id is not None:
        element.append(make("saml2p", "Scoping", make("saml2p", "RequesterID", request.requester_id)))
    return element


def _extensions(request: AuthnRequest) -> list[Element]:
    sp_type = [make("eidas", "SPType", request.sp_type)] if request.sp_type else []
    return [*sp_type, make("eidas", "RequestedAttributes", *map(_attribute, request.attributes))]


def _attribute(asked: RequestedAttribute) -> Element:
    return make(
        "eidas",
        "RequestedAttribute",
        Name=asked.name,
        NameFormat=URI_NAME,
        isRequired="true" if asked.required else "false",
        FriendlyName=DEFINITIONS[asked.name].friendly_name,
    )


# -- reading ----------------------------------------------------------------------------------------------------------


def peek_request(octets: bytes) -> Peeked:
    """Who says that the message is his: to find his metadata by, and nothing else. Raises Refused."""
    root = xml.parse(octets)
    issuers = xml.children(root, _ISSUER)
    return Peeked(root.get("ID", ""), xml.text(issuers[0]) if issuers else "", "")


@dataclass(frozen=True, slots=True)
class ProvenRequest:
    """A request that its Connector signed: whatever else is wrong with it, he can be told. Only `element` is read on.

    `signer` is whose key signed it; `deviations` are those that the signature needed.
    """

    id: str
    element: Element
    signer: Certificate
    deviations: frozenset[Deviation]


def prove_request(octets: bytes, known: KnownConnector) -> ProvenRequest:
    """A request whose signature stands in it (HTTP-POST, and what the CEF node sends by HTTP-Redirect). Raises Refused."""
    root = _valid(octets, known)
    verified = signature.verify(root, known.keys, known.compatibility)
    return ProvenRequest(verified.element.get("ID", ""), verified.element, verified.certificate, verified.deviations)


def prove_request_of_query(
    octets: bytes, known: KnownConnector, signer: Certificate, deviations: frozenset[Deviation] = _NONE
) -> ProvenRequest:
    """A request whose signature was in the query and has been verified (`query.verify_query`). Raises Refused."""
    root = _valid(octets, known)
    rules.check_unsigned(root)
    return ProvenRequest(root.get("ID", ""), root, signer, deviations)


def _valid(octets: bytes, known: KnownConnector) -> Element:
    root = xml.parse(octets)
    check_schema(root)
    rules.check_root(root)
    rules.check_issuer(root, known.entity_id)
    return root


def read_proven(proven: ProvenRequest, known: KnownConnector) -> ReadRequest:
    """What a proven request asks, every rule having passed. Raises Refused: `refusal` says what its sender is answered."""
    root = proven.element
    rules.check_version(root)
    rules.check_id(root)
    rules.check_destination(root, known.endpoint)
    rules.check_instant(root, known.now, known.skew)
    rules.check_force_authn(root)
    rules.check_not_passive(root)
    rules.check_no_subject(root)
    rules.check_acs(root, known.acs)
    rules.check_protocol_binding(root)
    rules.check_extensions(root)
    rules.check_no_node_country(root)
    rules.check_sp_type(root, known.sp_type)
    rules.check_attribute_formats(root)
    rules.check_one_context(root)
    rules.check_comparison_known(root)
    request = _stated(root)
    rules.check_content(request)
    rules.check_requester_id_present(request, known)
    rules.check_attributes_published(request, known.attributes)
    rules.check_level_published(request, known.levels)
    return ReadRequest(request, proven.deviations)


def refusal(refused: Refused) -> Status:
    """SAML Core 3.2.2.2: what the sender of a proven request is answered with: his fault, and which."""
    if isinstance(refused, RequestRefused):
        return Status(refused.code, refused.sub, refused.detail)
    return Status(REQUESTER, REQUEST_DENIED, refused.detail)


def read_request(octets: bytes, known: KnownConnector) -> ReadRequest:
    """Both at once, where nobody is answered. Raises Refused."""
    return read_proven(prove_request(octets, known), known)


def _stated(root: Element) -> AuthnRequest:
    """What the message says; attributes that nobody knows are left out (Message Format 1.4, 2.3.2)."""
    context = xml.children(root, f"{{{SAMLP}}}RequestedAuthnContext")[0]
    sp_type = rules.sp_types(root)
    policies = xml.children(root, f"{{{SAMLP}}}NameIDPolicy")
    return AuthnRequest(
        id=root.get("ID", ""),
        issuer=xml.text(xml.children(root, _ISSUER)[0]),
        destination=root.get("Destination", ""),
        issued=times.read(root.get("IssueInstant", "")),
        levels=tuple(xml.text(level) for level in xml.children(context, f"{{{SAML}}}AuthnContextClassRef")),
        comparison="minimum" if context.get("Comparison") == "minimum" else "exact",
        attributes=tuple(_asked(one) for one in rules.requested(root) if one.get("Name") in DEFINITIONS),
        sp_type=("public" if sp_type[0] == "public" else "private") if sp_type else None,
        requester_id=_requester(root),
        provider_name=root.get("ProviderName"),
        name_id_format=policies[0].get("Format") if policies else None,
    )


def _asked(element: Element) -> RequestedAttribute:
    return RequestedAttribute(element.get("Name", ""), element.get("isRequired") in ("true", "1"))


_REQUESTERS = etree.XPath("p:Scoping/p:RequesterID", namespaces={"p": SAMLP})


def _requester(root: Element) -> str | None:
    found: list[Element] = _REQUESTERS(root)
    return xml.text(found[0]) if found else None
