"""Rules on roles, and on the addresses where messages arrive."""

from eidas import xml
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT, NAME_ID_FORMATS, SAML_PROTOCOL
from eidas.xml import MD
from metadata.conformance.parts import Broken, Place, Rule, Severity
from metadata.conformance.places import (
    ACS,
    SSO,
    connectors,
    endpoints,
    name_id_formats,
    nodes,
    proxies,
    roles,
    scheme_and_host,
    services,
)

_TRUE = ("true", "1")
_OUTSIDE = ("SingleLogoutService", "ArtifactResolutionService", "ManageNameIDService")
_BINDINGS = {ACS: (HTTP_POST,), SSO: (HTTP_POST, HTTP_REDIRECT)}


# -- roles ------------------------------------------------------------------------------------------------------------


def check_one_role(place: Place) -> None:
    """SAML Metadata 2.4.1: of two descriptors of one role nobody could say which one counts."""
    tag = str(place.element.tag)
    if tag != f"{{{MD}}}RoleDescriptor" and next(place.element.itersiblings(tag, preceding=True), None) is not None:
        raise Broken("the role is described once more")


def check_speaks_saml(place: Place) -> None:
    """SAML Metadata 2.4.1: the role speaks SAML 2.0."""
    if SAML_PROTOCOL not in place.element.get("protocolSupportEnumeration", "").split():
        raise Broken("the role does not speak SAML 2.0")


def check_has_role(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a Connector has an SPSSODescriptor, a Proxy-Service an IDPSSODescriptor."""
    if not nodes(place.entity):
        raise Broken(f"the entity has no role of a {place.document.role or 'Connector or a Proxy-Service'}")


def check_connector_signs(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a Connector says that it signs its requests."""
    if place.element.get("AuthnRequestsSigned") not in _TRUE:
        raise Broken("AuthnRequestsSigned is not true")


def check_proxy_wants_signed(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a Proxy-Service says that requests must be signed."""
    if place.element.get("WantAuthnRequestsSigned") not in _TRUE:
        raise Broken("WantAuthnRequestsSigned is not true")


def check_name_formats_stated(place: Place) -> None:
    """Message Format 1.4, 2.1.1: the formats of names are stated."""
    if not xml.children(place.element, f"{{{MD}}}NameIDFormat"):
        raise Broken("no NameIDFormat is stated")


def check_name_format_known(place: Place) -> None:
    """Message Format 1.4, 2.2: persistent, transient and unspecified are what all nodes know."""
    if xml.text(place.element) not in NAME_ID_FORMATS:
        raise Broken(f"{xml.text(place.element)} is another format of names")


def check_no_other_service(place: Place) -> None:
    """Message Format 1.4, 2.1.1: eIDAS has no logout, no artifacts and no management of names."""
    for name in _OUTSIDE:
        if xml.children(place.element, f"{{{MD}}}{name}"):
            raise Broken(f"the role has a {name}")


# -- addresses --------------------------------------------------------------------------------------------------------


def check_location_absolute(place: Place) -> None:
    """SAML Metadata 2.2.2: Location is an absolute URI."""
    if not all(scheme_and_host(place.element.get("Location", ""))):
        raise Broken(f"Location is {place.element.get('Location')}")


def check_no_response_location(place: Place) -> None:
    """SAML Metadata 2.4.3, 2.4.4: what only receives has no ResponseLocation."""
    if place.element.get("ResponseLocation") is not None:
        raise Broken("there is a ResponseLocation")


def check_index_once(place: Place) -> None:
    """SAML Metadata 2.2.3: each AssertionConsumerService has an index of its own."""
    indexes = [one.get("index", "") for one in xml.children(place.element, ACS)]
    if len(indexes) != len(set(indexes)):
        raise Broken("two AssertionConsumerServices have one index")


def check_one_default(place: Place) -> None:
    """SAML Metadata 2.2.3: at most one AssertionConsumerService is the default."""
    marked = [one for one in xml.children(place.element, ACS) if one.get("isDefault") in _TRUE]
    if len(marked) > 1:
        raise Broken(f"{len(marked)} AssertionConsumerServices are the default")


def check_default_marked(place: Place) -> None:
    """Message Format 1.4, 2.1.1: the default AssertionConsumerService is marked by isDefault."""
    found = xml.children(place.element, ACS)
    if found and not any(one.get("isDefault") in _TRUE for one in found):
        raise Broken("no AssertionConsumerService is marked as the default")


def check_answers_by_post(place: Place) -> None:
    """Message Format 1.4, 2.4.2, SAML Profiles 4.1.2: answers come by HTTP-POST."""
    found = xml.children(place.element, ACS)
    if not any(one.get("Binding") == HTTP_POST for one in found):
        raise Broken("there is no AssertionConsumerService for HTTP-POST")


def check_requests_by_browser(place: Place) -> None:
    """Interoperability Architecture 1.4, 3.2.1.1: requests come by HTTP-POST or HTTP-Redirect."""
    if not _bindings(place):
        raise Broken("there is no SingleSignOnService for HTTP-POST or HTTP-Redirect")


def check_both_bindings(place: Place) -> None:
    """Interoperability Architecture 1.4, 3.2.1.1: a Connector may choose between both bindings."""
    if len(_bindings(place)) == 1:
        raise Broken(f"only {_bindings(place).pop().rpartition(':')[2]} is offered")


def check_binding_used(place: Place) -> None:
    """Interoperability Architecture 1.4, 3.2.1.1: messages of eIDAS go through the browser, so other bindings lie idle."""
    found = list(place.element.iterchildren(*_BINDINGS))
    idle = [one for one in found if one.get("Binding") not in _BINDINGS[str(one.tag)]]
    if idle and len(idle) < len(found):
        raise Broken(f"{idle[0].get('Binding')} is offered beside the others")


def check_location_https(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.4, Cryptographic Requirements 1.4, 2: messages go over https alone."""
    scheme, host = scheme_and_host(place.element.get("Location", ""))
    if scheme and host and scheme != "https":
        raise Broken(f"Location is {place.element.get('Location')}")


def check_location_host(place: Place) -> None:
    """Ours, since it surprises whoever compares: messages go to the host that the entity is named after."""
    own = scheme_and_host(place.entity.element.get("entityID", ""))[1]
    host = scheme_and_host(place.element.get("Location", ""))[1]
    if own and host and host != own:
        raise Broken(f"messages go to {host}, the entity is named after {own}")


def _bindings(place: Place) -> set[str]:
    found = {one.get("Binding", "") for one in xml.children(place.element, SSO)}
    return found & {HTTP_POST, HTTP_REDIRECT}


_ERROR, _NON_BREAKING, _WARNING = Severity.ERROR, Severity.NON_BREAKING, Severity.WARNING

RULES: tuple[Rule[Place], ...] = (
    Rule("SAML-MD-27", _ERROR, check_one_role, "keep one descriptor of each role", roles),
    Rule("SAML-MD-28", _ERROR, check_speaks_saml, f'write protocolSupportEnumeration="{SAML_PROTOCOL}"', roles),
    Rule("SAML-MD-29", _ERROR, check_location_absolute, "write the whole address, with https:// and the host", endpoints),
    Rule("SAML-MD-30", _NON_BREAKING, check_no_response_location, "remove ResponseLocation", services),
    Rule("SAML-MD-31", _ERROR, check_index_once, "number the services: 0, 1, 2 and so on", connectors),
    Rule("SAML-MD-32", _ERROR, check_one_default, 'keep isDefault="true" on one of them', connectors),
    Rule("EID-MD-29", _ERROR, check_has_role, "add the descriptor of the role"),
    Rule("EID-MD-30", _ERROR, check_connector_signs, 'write AuthnRequestsSigned="true", and sign them', connectors),
    Rule("EID-MD-31", _ERROR, check_proxy_wants_signed, 'write WantAuthnRequestsSigned="true"', proxies),
    Rule("EID-MD-32", _NON_BREAKING, check_name_formats_stated, "add md:NameIDFormat for each that is supported", nodes),
    Rule("EID-MD-33", _WARNING, check_name_format_known, "remove it, or agree on it with each country", name_id_formats),
    Rule("EID-MD-34", _NON_BREAKING, check_no_other_service, "remove the service", nodes),
    Rule("EID-MD-35", _NON_BREAKING, check_default_marked, 'write isDefault="true" on one of them', connectors),
    Rule("EID-MD-36", _ERROR, check_answers_by_post, "add an AssertionConsumerService for HTTP-POST", connectors),
    Rule("EID-MD-37", _ERROR, check_requests_by_browser, "add a SingleSignOnService for each of both", proxies),
    Rule("EID-MD-38", _NON_BREAKING, check_both_bindings, "add a SingleSignOnService for the other", proxies),
    Rule("EID-MD-39", _WARNING, check_binding_used, "remove the service: nobody uses it", nodes),
    Rule("EID-MD-40", _ERROR, check_location_https, "write an https address, and serve it over TLS 1.2 or 1.3", endpoints),
    Rule(
        "EID-MD-41", _WARNING, check_location_host, "serve both from one host, or tell the other countries why", endpoints
    ),
)
