"""Each rule of an assertion, broken alone before it is encrypted."""

from dataclasses import replace

import pytest

from eidas import signature
from eidas.attributes import BIRTH_NAME, DATE_OF_BIRTH, DEFINITIONS, LEGAL_PERSON, PERSON_IDENTIFIER
from eidas.errors import AttributesMissing, LevelRefused, NotAPerson
from eidas.messages import RequestedAttribute
from eidas.vocabulary import LOA_HIGH, LOA_LOW, LOA_SUBSTANTIAL, NOT_NOTIFIED_LEVELS, TRANSIENT
from tests.eidas.exchange import (
    ACS,
    ATTRIBUTES,
    CONDITIONS,
    CONFIRMATION,
    DATA,
    FUTURE,
    LEVEL,
    NAME_ID,
    PAST,
    PERSON,
    REQUEST,
    STATED,
    STATEMENT,
    attribute,
    doubling,
    dropping,
    find,
    read,
    saying,
    setting,
    value,
)
from tests.eidas.exchange import response as made
from tests.eidas.parts import signer_of
from tests.eidas.rules import refused_by, rule_that_fired


def other_element(element):
    element.tag = "{urn:oasis:names:tc:SAML:2.0:assertion}Advice"


def declared(element):
    find(element, LEVEL).tag = "{urn:oasis:names:tc:SAML:2.0:assertion}AuthnContextDecl"


def backwards(element):
    """Both ends lie within the tolerance of clocks, in the wrong order."""
    setting(CONDITIONS, "NotBefore", "2026-09-21T14:13:50Z")(element)
    setting(CONDITIONS, "NotOnOrAfter", "2026-09-21T14:12:50Z")(element)


ASSERTION = {
    "something else": (other_element, "check_assertion"),
    "not valid": (dropping("saml2:Issuer"), "check_schema"),
    "version 1": (setting(".", "Version", "1.1"), "check_version"),
    "another issuer": (saying("saml2:Issuer", "https://other.example"), "check_issuer"),
    "stale": (setting(".", "IssueInstant", PAST), "check_instant"),
    "from the future": (setting(".", "IssueInstant", FUTURE), "check_instant"),
    "no name": (dropping(NAME_ID), "check_name_id"),
    "an empty name": (saying(NAME_ID, ""), "check_name_id"),
    "a name of another format": (setting(NAME_ID, "Format", TRANSIENT), "check_name_id"),
    "a name of an unknown format": (setting(NAME_ID, "Format", "urn:x"), "check_name_id"),
    "no subject": (dropping("saml2:Subject"), "check_name_id"),
    "no confirmation": (dropping(CONFIRMATION), "check_confirmation"),
    "two confirmations": (doubling(CONFIRMATION), "check_confirmation"),
    "holder of key": (
        setting(CONFIRMATION, "Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
        "check_confirmation",
    ),
    "no data of the confirmation": (dropping(DATA), "check_confirmation"),
    "a confirmation that begins": (setting(DATA, "NotBefore", PAST), "check_confirmation"),
    "for another address": (setting(DATA, "Recipient", "https://other.example/acs"), "check_confirmation"),
    "for no address": (setting(DATA, "Recipient", None), "check_confirmation"),
    "in answer to another": (setting(DATA, "InResponseTo", "_another"), "check_confirmation"),
    "a confirmation that has ended": (setting(DATA, "NotOnOrAfter", PAST), "check_confirmation"),
    "not yet": (setting(CONDITIONS, "NotBefore", "2026-09-21T16:00:00Z"), "check_period"),
    "no more": (setting(CONDITIONS, "NotOnOrAfter", PAST), "check_period"),
    "for ever": (setting(CONDITIONS, "NotOnOrAfter", FUTURE), "check_period"),
    "for no time": (backwards, "check_period"),
    "from no moment": (setting(CONDITIONS, "NotBefore", None), "check_conditions"),
    "until no moment": (setting(CONDITIONS, "NotOnOrAfter", None), "check_conditions"),
    "no conditions": (dropping(CONDITIONS), "check_conditions"),
    "no audience": (dropping(f"{CONDITIONS}/saml2:AudienceRestriction"), "check_audience"),
    "for another Connector": (
        saying(f"{CONDITIONS}/saml2:AudienceRestriction/saml2:Audience", "https://other.example/metadata"),
        "check_audience",
    ),
    "for our address": (saying(f"{CONDITIONS}/saml2:AudienceRestriction/saml2:Audience", ACS), "check_audience"),
    "for two": (doubling(f"{CONDITIONS}/saml2:AudienceRestriction/saml2:Audience"), "check_audience"),
    "no AuthnStatement": (dropping(STATED), "check_one_statement"),
    "two AuthnStatements": (doubling(STATED), "check_one_statement"),
    "yet to come": (setting(STATED, "AuthnInstant", FUTURE), "check_authn_instant"),
    "a level that only looks notified": (saying(LEVEL, "http://eidas.europa.eu/LoA/Low"), "check_level_uri"),
    "a level that is not notified": (saying(LEVEL, NOT_NOTIFIED_LEVELS[2]), "check_level_asked"),
    "a word": (saying(LEVEL, "low"), "check_level_uri"),
    "a level in other letters": (saying(LEVEL, LOA_SUBSTANTIAL.upper()), "check_level_uri"),
    "no level": (declared, "check_level_stated"),
    "no attributes": (dropping(ATTRIBUTES), "check_one_attribute_statement"),
    "two AttributeStatements": (doubling(ATTRIBUTES), "check_one_attribute_statement"),
    "one of the minimum missing": (
        dropping(f"{ATTRIBUTES}/saml2:Attribute[@Name='{DATE_OF_BIRTH}']"),
        "check_minimum",
    ),
    "another nationality": (saying(value(PERSON_IDENTIFIER), "DE/FR/1"), "check_person_identifier"),
    "for another country": (saying(value(PERSON_IDENTIFIER), "EL/IT/1"), "check_person_identifier"),
    "no pattern": (saying(value(PERSON_IDENTIFIER), "el/fr/1"), "check_person_identifier"),
    "an identifier with a space": (saying(value(PERSON_IDENTIFIER), "EL/FR/1 2"), "check_content"),
    "a long identifier": (saying(value(PERSON_IDENTIFIER), f"EL/FR/{'1' * 251}"), "check_person_identifier"),
    "born tomorrow": (saying(value(DATE_OF_BIRTH), "2026-09-23"), "check_date_of_birth"),
    "born too long ago": (saying(value(DATE_OF_BIRTH), "1849-12-31"), "check_date_of_birth"),
    "a day with a zone": (saying(value(DATE_OF_BIRTH), "1966-01-20Z"), "check_content"),
    "no day": (saying(value(DATE_OF_BIRTH), "1966-02-30"), "check_schema"),
}


@pytest.mark.parametrize("name", ASSERTION)
def test_a_rule_of_the_assertion_that_is_broken_alone_fires(name):
    change, rule = ASSERTION[name]
    assert refused_by(lambda: read(made(change))) == rule


def test_an_assertion_with_a_wrong_signature_of_its_own_is_refused():
    def signed_by_another(element):
        signature.sign(element, signer_of("secp256r1", 3))

    assert refused_by(lambda: read(made(signed_by_another))) == "check_verified"


def test_a_level_below_the_one_asked_is_named():
    with pytest.raises(LevelRefused) as caught:
        read(made(statement=replace(STATEMENT, level=LOA_LOW)), request=replace(REQUEST, levels=(LOA_SUBSTANTIAL,)))
    assert (caught.value.got, rule_that_fired(caught.value)) == (LOA_LOW, "check_level_asked")


def test_a_level_that_the_country_does_not_publish_is_refused():
    assert refused_by(lambda: read(made(), published=frozenset((LOA_LOW, LOA_HIGH)))) == "check_level_published"


def test_exactly_one_of_the_levels_that_were_listed_is_accepted():
    asked = replace(REQUEST, comparison="exact", levels=(LOA_HIGH, NOT_NOTIFIED_LEVELS[1]))
    octets = made(statement=replace(STATEMENT, level=NOT_NOTIFIED_LEVELS[1]))
    assert read(octets, request=asked, published=frozenset(NOT_NOTIFIED_LEVELS)).level == NOT_NOTIFIED_LEVELS[1]
    assert refused_by(lambda: read(made(), request=asked)) == "check_level_asked"


def test_what_is_missing_is_named():
    with pytest.raises(AttributesMissing) as caught:
        read(made(dropping(f"{ATTRIBUTES}/saml2:Attribute[@Name='{DATE_OF_BIRTH}']")))
    assert caught.value.names == (DATE_OF_BIRTH,)


def test_what_was_required_beyond_the_minimum_is_missed_as_well():
    asked = replace(REQUEST, attributes=(*REQUEST.attributes, RequestedAttribute(BIRTH_NAME, True)))
    assert refused_by(lambda: read(made(), request=asked)) == "check_required"


def test_a_legal_person_is_refused():
    company = tuple(attribute(name, "EL/FR/1") for name, one in LEGAL_PERSON.items() if one.mandatory)
    with pytest.raises(NotAPerson) as caught:
        read(made(statement=replace(STATEMENT, attributes=company)))
    assert rule_that_fired(caught.value) == "check_natural_person"


def test_a_representative_is_refused():
    agent = attribute(DEFINITIONS[PERSON_IDENTIFIER].name.replace("person/", "person/representative/"), "EL/FR/2")
    with pytest.raises(NotAPerson) as caught:
        read(made(statement=replace(STATEMENT, attributes=(*PERSON, agent))))
    assert rule_that_fired(caught.value) == "check_no_representative"
