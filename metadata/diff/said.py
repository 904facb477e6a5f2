"""What an entity and its roles say of themselves: each reader gives topics and values, however odd."""

from eidas import xml
from eidas.vocabulary import APPLICATION_IDENTIFIER, ASSURANCE_CERTIFICATION, ENTITY_CATEGORY, PROTOCOL_VERSION
from eidas.xml import ALG, EIDAS, MD, MDATTR, SAML, Element
from metadata.diff.grades import short
from metadata.diff.topics import Said, Subject, Topic, extensions, is_true, local, roles, whole_text

_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FLAGS = ("WantAuthnRequestsSigned", "AuthnRequestsSigned", "WantAssertionsSigned")
_SAME_COUNTRY = {"GR": "EL", "GB": "UK"}

# -- identifiers ------------------------------------------------------------------------------------------------------


def _identifiers(entity: Element) -> Said:
    yield Topic(Subject.ENTITY_ID), " ".join(entity.get("entityID", "").split())
    for one in entity.iter(f"{{{EIDAS}}}NodeCountry"):
        yield Topic(Subject.COUNTRY), _SAME_COUNTRY.get(whole_text(one), whole_text(one))
    for one in entity.iter(f"{{{EIDAS}}}SPType"):
        yield Topic(Subject.SP_TYPE), whole_text(one)


def _role_identifiers(entity: Element) -> Said:
    for name, role in roles(entity):
        yield Topic(Subject.ROLE), name
        for word in role.get("protocolSupportEnumeration", "").split():
            yield Topic(Subject.PROTOCOL, name), word
        for one in xml.children(role, f"{{{MD}}}NameIDFormat"):
            yield Topic(Subject.FORMAT, name), whole_text(one)


_STATED = {
    ASSURANCE_CERTIFICATION: Subject.LEVEL,
    PROTOCOL_VERSION: Subject.VERSION,
    APPLICATION_IDENTIFIER: Subject.APPLICATION,
    ENTITY_CATEGORY: Subject.CATEGORY,
}


def _statements(entity: Element) -> Said:
    for attributes in entity.iter(f"{{{MDATTR}}}EntityAttributes"):
        for one in attributes.iter(f"{{{SAML}}}Attribute"):
            name = one.get("Name", "")
            topic = Topic(_STATED[name]) if name in _STATED else Topic(Subject.STATEMENT, detail=name)
            yield from ((topic, whole_text(value)) for value in one.iterchildren(f"{{{SAML}}}AttributeValue"))


# -- endpoints and attributes -----------------------------------------------------------------------------------------


def _endpoints(entity: Element) -> Said:
    for name, role in roles(entity):
        for one in role.iterchildren(f"{{{MD}}}*"):
            if "Location" in one.attrib:
                yield from _endpoint(name, one)


def _endpoint(role: str, element: Element) -> Said:
    kind, binding = local(element), element.get("Binding", "").strip().removeprefix(_BINDINGS)
    location = element.get("Location", "").strip()
    yield Topic(Subject.ENDPOINT, role, f"{kind} {binding}".strip()), location
    if answers := element.get("ResponseLocation", "").strip():
        yield Topic(Subject.ENDPOINT, role, f"{kind} {binding} ResponseLocation"), answers
    if is_true(element.get("isDefault")):
        yield Topic(Subject.DEFAULT, role, kind), location


def _attributes(entity: Element) -> Said:
    for name, role in roles(entity):
        for one in xml.children(role, f"{{{SAML}}}Attribute"):
            yield Topic(Subject.ATTRIBUTE, name), one.get("Name", "")
        for one in role.iter(f"{{{MD}}}RequestedAttribute"):
            required = " (required)" if is_true(one.get("isRequired")) else ""
            yield Topic(Subject.REQUESTED, name), one.get("Name", "") + required


# -- algorithms -------------------------------------------------------------------------------------------------------


def _algorithms(entity: Element) -> Said:
    """Metadata Profile for Algorithm Support 1.0, 2.3: a role may say its own."""
    for name, place in (("", entity), *roles(entity)):
        for one in extensions(place):
            uri = short(one.get("Algorithm", ""))
            if one.tag == f"{{{ALG}}}DigestMethod":
                yield Topic(Subject.ALGORITHM, name, "for digests"), uri
            elif one.tag == f"{{{ALG}}}SigningMethod":
                yield Topic(Subject.ALGORITHM, name, "for signatures"), uri
                sizes = (one.get(limit, "").strip() or "any" for limit in ("MinKeySize", "MaxKeySize"))
                yield Topic(Subject.KEY_SIZE, name, uri), " to ".join(sizes)


def _flags(entity: Element) -> Said:
    for name, role in roles(entity):
        for flag in _FLAGS:
            yield Topic(Subject.FLAG, name, flag), "true" if is_true(role.get(flag)) else "false"


# -- people -----------------------------------------------------------------------------------------------------------

_PERSON = ("Company", "GivenName", "SurName", "EmailAddress", "TelephoneNumber")


def _contacts(entity: Element) -> Said:
    for one in entity.iter(f"{{{MD}}}ContactPerson"):
        told = (sorted(whole_text(part) for part in xml.children(one, f"{{{MD}}}{name}")) for name in _PERSON)
        written = ", ".join(text.removeprefix("mailto:") for texts in told for text in texts if text)
        yield Topic(Subject.CONTACT, detail=one.get("contactType", "")), written


def _organisation(entity: Element) -> Said:
    for part in entity.iter(f"{{{MD}}}Organization"):
        for one in part.iterchildren(f"{{{MD}}}*"):
            detail = f"{local(one).removeprefix('Organization')} {one.get(_XML_LANG, '')}".strip()
            yield Topic(Subject.ORGANISATION, detail=detail), whole_text(one)


READERS = (
    _identifiers,
    _role_identifiers,
    _statements,
    _endpoints,
    _attributes,
    _algorithms,
    _flags,
    _contacts,
    _organisation,
)
