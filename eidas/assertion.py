"""The assertion inside a Response: who somebody is, how sure that is, for whom and until when (Message Format 1.4, 6.5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from eidas import assertion_rules as rules
from eidas import signature, times, xml
from eidas.algorithms import Deviation
from eidas.attributes import DATE_OF_BIRTH, PERSON_IDENTIFIER, Attribute
from eidas.messages import Envelope, Expected, Statement
from eidas.schema import check_schema
from eidas.value_rules import check_date_of_birth, check_person_identifier
from eidas.values import read_attributes, write_attribute
from eidas.vocabulary import BEARER, ENTITY
from eidas.xml import DS, SAML, Element, make

LIFE = 300
"""Seconds for which an assertion of ours counts (eIDAS-Node: five minutes)."""


@dataclass(frozen=True, slots=True)
class Person:
    """What an assertion says, every rule having passed. Moments are Unix seconds; `level` is a URI."""

    id: str
    level: str
    authenticated: int
    until: int
    attributes: Mapping[str, Attribute]


# -- writing ----------------------------------------------------------------------------------------------------------


def written(envelope: Envelope, statement: Statement) -> Element:
    """The assertion, not signed: the signature of the Response covers it. Nothing leaves that no reader would accept.

    Raises LevelRefused, AttributesMissing, ResponseRefused, SchemaRefused.
    """
    rules.check_level_uri(statement.level)
    rules.check_values_filled(statement.attributes)
    rules.check_minimum({one.definition.name: one for one in statement.attributes})
    start, end = times.written(envelope.issued), times.written(envelope.issued + LIFE)
    attributes = make("saml2", "AttributeStatement", *map(write_attribute, statement.attributes))
    read_attributes(attributes)  # each value by the rules of its format
    element = make(
        "saml2",
        "Assertion",
        make("saml2", "Issuer", envelope.issuer, Format=ENTITY),
        _subject(envelope, statement, end),
        _conditions(envelope.audience, start, end),
        _authentication(statement),
        attributes,
        ID=statement.assertion_id,
        Version="2.0",
        IssueInstant=start,
    )
    rules.check_name_id(element, statement.name_id_format)
    check_schema(element)
    return element


def _subject(envelope: Envelope, statement: Statement, end: str) -> Element:
    data = make(
        "saml2",
        "SubjectConfirmationData",
        InResponseTo=envelope.in_response_to,
        NotOnOrAfter=end,
        Recipient=envelope.destination,
    )
    name_id = make("saml2", "NameID", statement.name_id, Format=statement.name_id_format)
    return make("saml2", "Subject", name_id, make("saml2", "SubjectConfirmation", data, Method=BEARER))


def _conditions(audience: str, start: str, end: str) -> Element:
    restriction = make("saml2", "AudienceRestriction", make("saml2", "Audience", audience))
    return make("saml2", "Conditions", restriction, NotBefore=start, NotOnOrAfter=end)


def _authentication(statement: Statement) -> Element:
    context = make("saml2", "AuthnContext", make("saml2", "AuthnContextClassRef", statement.level))
    return make("saml2", "AuthnStatement", context, AuthnInstant=times.written(statement.authenticated))


# -- reading ----------------------------------------------------------------------------------------------------------


def read(element: Element, expected: Expected) -> tuple[Person, frozenset[Deviation]]:
    """What a decrypted assertion says, and the deviations that it needed. Raises Refused."""
    rules.check_assertion(element)
    check_schema(element)
    rules.check_no_other(element)
    assertion, used = _own_signature(element, expected)
    rules.check_version(assertion)
    rules.check_issuer(assertion, expected.issuer)
    rules.check_instant(assertion, expected)
    rules.check_name_id(assertion, expected.request.name_id_format)
    rules.check_confirmation(assertion, expected)
    rules.check_conditions(assertion)
    start, until = rules.period_of(assertion)
    rules.check_period(start, until, expected)
    used |= rules.audience_deviation(assertion, expected)
    level, authenticated = _level(assertion, expected)
    attributes = _attributes(assertion, expected)
    return Person(assertion.get("ID", ""), level, authenticated, until, attributes), used


def _own_signature(element: Element, expected: Expected) -> tuple[Element, frozenset[Deviation]]:
    """Message Format 1.4, 2.4.2: an assertion may be signed as well; a signature that is there is right."""
    if not xml.children(element, f"{{{DS}}}Signature"):
        return element, frozenset()
    verified = signature.verify(element, expected.keys, expected.compatibility)
    return verified.element, verified.deviations


def _level(assertion: Element, expected: Expected) -> tuple[str, int]:
    rules.check_one_statement(assertion)
    (statement,) = xml.children(assertion, f"{{{SAML}}}AuthnStatement")
    rules.check_authn_instant(statement, expected)
    rules.check_level_stated(statement)
    level = rules.level_of(statement)
    rules.check_level_uri(level)
    rules.check_level_asked(level, expected.request)
    rules.check_level_published(level, expected.published)
    return level, times.read(statement.get("AuthnInstant", ""))


def _attributes(assertion: Element, expected: Expected) -> Mapping[str, Attribute]:
    rules.check_one_attribute_statement(assertion)
    (statement,) = xml.children(assertion, f"{{{SAML}}}AttributeStatement")
    rules.check_no_representative(statement)
    rules.check_natural_person(statement)
    attributes = read_attributes(statement)
    rules.check_minimum(attributes)
    rules.check_required(attributes, expected.request)
    check_person_identifier(attributes[PERSON_IDENTIFIER].latin, expected.country, expected.recipient_country)
    check_date_of_birth(attributes[DATE_OF_BIRTH].latin, expected.now)
    return attributes
