"""The Response: what is written is what is read, and each rule is broken alone, at the step where an attacker or a
careless node would break it.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import assertion, response, signature
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import (
    BIRTH_NAME,
    DATE_OF_BIRTH,
    DEFINITIONS,
    GENDER,
    LEGAL_PERSON,
    MANDATORY,
    NATURAL_PERSON,
    PERSON_IDENTIFIER,
    Kind,
)
from eidas.errors import AttributesMissing, AuthenticationFailed, LevelRefused, NotAPerson, Refused
from eidas.keys import LocalDecrypter
from eidas.messages import RequestedAttribute, Status
from eidas.vocabulary import (
    AUTHN_FAILED,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    NOT_NOTIFIED_LEVELS,
    PERSISTENT,
    REQUEST_DENIED,
    REQUESTER,
    RESPONDER,
    SUCCESS,
    TRANSIENT,
    UNSPECIFIED,
)
from tests.eidas.exchange import (
    ACS,
    ENVELOPE,
    KEYS,
    NOW,
    PERSON,
    RECIPIENT,
    REQUEST,
    STATEMENT,
    adding,
    attribute,
    doubling,
    dropping,
    expected,
    find,
    saying,
    setting,
    trusted_keys,
)
from tests.eidas.exchange import response as made
from tests.eidas.parts import private_key, signer_of
from tests.eidas.rules import refused_by, rule_that_fired


def read(octets, **changes):
    """The message as our Connector reads it."""
    return response.read_response(octets, expected(**changes), KEYS)


# -- in order ---------------------------------------------------------------------------------------------------------


def test_what_is_written_is_what_is_read():
    found = read(response.write_response(ENVELOPE, STATEMENT, RECIPIENT, signer_of()))
    assert tuple(found.attributes.values()) == PERSON
    assert (found.level, found.authenticated, found.until) == (LOA_SUBSTANTIAL, NOW, NOW + assertion.LIFE + 60)
    assert (found.response_id, found.assertion_id) == (ENVELOPE.id, STATEMENT.assertion_id)
    assert (found.deviations, len(found.digest)) == (frozenset(), 32)


def test_both_spellings_come_back():
    name = read(made()).attributes[MANDATORY[Kind.NATURAL][1]]
    assert (name.latin, name.original) == ("Onasis", "Ωνάσης")


def test_an_assertion_may_be_signed_as_well():
    assert read(made(lambda element: signature.sign(element, signer_of()))).level == LOA_SUBSTANTIAL


def test_an_unsigned_assertion_in_a_signed_response_is_the_normal_case():
    assert read(made()).response_id == ENVELOPE.id


CEF = (
    adding("saml2:AuthnStatement/saml2:AuthnContext", "<saml2:AuthnContextDecl/>"),
    adding("samlp:Status", f"<samlp:StatusMessage>{SUCCESS}</samlp:StatusMessage>"),
)


def test_what_the_cef_node_adds_is_accepted():
    assert read(made(*CEF)).level == LOA_SUBSTANTIAL


def test_unknown_attributes_are_not_passed_on():
    unknown = (
        '<saml2:Attribute Name="urn:x" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">'
        "<saml2:AttributeValue>x</saml2:AttributeValue></saml2:Attribute>"
    )
    assert len(read(made(adding("saml2:AttributeStatement", unknown))).attributes) == len(PERSON)


def test_an_issuer_without_a_format_is_an_entity():
    octets = made(setting("saml2:Issuer", "Format", None), setting("saml2:Issuer", "Format", None))
    assert read(octets).response_id == ENVELOPE.id


@pytest.mark.parametrize("asked", [None, UNSPECIFIED, PERSISTENT])
def test_a_persistent_name_is_what_was_asked(asked):
    assert read(made(), request=replace(REQUEST, name_id_format=asked)).level == LOA_SUBSTANTIAL


def test_peeking_believes_nothing():
    peeked = response.peek_response(made(sign=False, encrypt=False))
    assert (peeked.id, peeked.in_response_to, peeked.issuer) == (ENVELOPE.id, REQUEST.id, ENVELOPE.issuer)


# -- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status",
    [Status(RESPONDER, AUTHN_FAILED, "no"), Status(REQUESTER, REQUEST_DENIED), Status(RESPONDER)],
    ids=["failed", "denied", "bare"],
)
def test_a_failure_says_why(status):
    with pytest.raises(AuthenticationFailed) as caught:
        read(response.write_failure(ENVELOPE, status, signer_of()))
    assert (caught.value.code, caught.value.sub, caught.value.message) == (status.code, status.sub, status.message)


def test_what_a_country_writes_is_cut_and_not_in_the_detail():
    with pytest.raises(AuthenticationFailed) as caught:
        read(response.write_failure(ENVELOPE, Status(RESPONDER, AUTHN_FAILED, "Onasis" * 100), signer_of()))
    assert (len(caught.value.message), "Onasis" in caught.value.detail) == (256, False)


def test_an_assertion_in_a_failure_is_not_read():
    with pytest.raises(AuthenticationFailed):
        read(made(on_response=setting("samlp:Status/samlp:StatusCode", "Value", RESPONDER)))


@pytest.mark.parametrize("code", [SUCCESS, AUTHN_FAILED])
def test_a_failure_that_is_none_is_not_written(code):
    assert refused_by(lambda: response.write_failure(ENVELOPE, Status(code), signer_of())) == "check_failure"


# -- the message, broken before it is signed --------------------------------------------------------------------------


def renamed(root):
    root.tag = root.tag.replace("Response", "ArtifactResponse")
    for child in list(root)[2:]:
        root.remove(child)


MESSAGE = {
    "another message": (renamed, "check_root"),
    "another issuer": (saying("saml2:Issuer", "https://other.example"), "check_issuer"),
    "no issuer": (dropping("saml2:Issuer"), "check_issuer"),
    "an issuer of another kind": (setting("saml2:Issuer", "Format", TRANSIENT), "check_issuer"),
    "version 1": (setting(".", "Version", "1.1"), "check_version"),
    "another destination": (setting(".", "Destination", f"{ACS}/"), "check_destination"),
    "no destination": (setting(".", "Destination", None), "check_destination"),
    "for another session": (setting(".", "InResponseTo", "_another"), "check_in_response_to"),
    "unsolicited": (setting(".", "InResponseTo", None), "check_in_response_to"),
    "stale": (setting(".", "IssueInstant", "2026-01-01T00:00:00Z"), "check_instant"),
    "from the future": (setting(".", "IssueInstant", "2027-01-01T00:00:00Z"), "check_instant"),
    "no assertion": (dropping("saml2:EncryptedAssertion"), "check_one_encrypted"),
    "two assertions": (doubling("saml2:EncryptedAssertion"), "check_one_encrypted"),
    "no status": (dropping("samlp:Status"), "check_schema"),
    "an ID that is none": (setting(".", "ID", "1 2"), "check_schema"),
}


@pytest.mark.parametrize("name", MESSAGE)
def test_a_rule_of_the_message_that_is_broken_alone_fires(name):
    change, rule = MESSAGE[name]
    assert refused_by(lambda: read(made(on_response=change))) == rule


def test_an_assertion_that_is_not_encrypted_is_refused():
    assert refused_by(lambda: read(made(encrypt=False))) == "check_one_encrypted"


def plain_beside(root):
    root.append(assertion.written(ENVELOPE, replace(STATEMENT, assertion_id="_plain-0123456789")))


def test_a_plain_assertion_beside_an_encrypted_one_is_refused():
    assert refused_by(lambda: read(made(on_response=plain_beside))) == "check_one_encrypted"


# -- the assertion, broken before it is encrypted ---------------------------------------------------------------------

CONFIRMATION = "saml2:Subject/saml2:SubjectConfirmation"
DATA = f"{CONFIRMATION}/saml2:SubjectConfirmationData"
CONDITIONS = "saml2:Conditions"
STATED = "saml2:AuthnStatement"
LEVEL = f"{STATED}/saml2:AuthnContext/saml2:AuthnContextClassRef"
NAME_ID = "saml2:Subject/saml2:NameID"
ATTRIBUTES = "saml2:AttributeStatement"
PAST, FUTURE = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


def value(name):
    """The path to the first value of an attribute."""
    return f"{ATTRIBUTES}/saml2:Attribute[@Name='{name}']/saml2:AttributeValue[1]"


def other_element(element):
    element.tag = "{urn:oasis:names:tc:SAML:2.0:assertion}Advice"


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
    "a word": (saying(LEVEL, "low"), "check_level_asked"),
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


@pytest.mark.parametrize("name", ["NotBefore", "NotOnOrAfter"])
def test_conditions_say_from_when_and_until_when(name):
    refusal = "the conditions do not say from when and until when"
    assert refused_by(lambda: read(made(setting(CONDITIONS, name, None)))) == refusal


def test_a_level_that_is_not_stated_is_refused():
    def declared(element):
        find(element, LEVEL).tag = "{urn:oasis:names:tc:SAML:2.0:assertion}AuthnContextDecl"

    with pytest.raises(LevelRefused):
        read(made(declared))


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


# -- what is not written ----------------------------------------------------------------------------------------------


def test_an_empty_value_is_not_written():
    empty = replace(STATEMENT, attributes=(*PERSON, attribute(GENDER, "")))
    assert refused_by(lambda: made(statement=empty)) == "check_values_filled"


def test_an_incomplete_person_is_not_written():
    assert refused_by(lambda: made(statement=replace(STATEMENT, attributes=PERSON[:3]))) == "check_minimum"


def test_a_level_that_only_looks_notified_is_not_written():
    assert refused_by(lambda: made(statement=replace(STATEMENT, level=f"{LOA_LOW}er"))) == "check_level_uri"


# -- deviations -------------------------------------------------------------------------------------------------------


def allowing(*deviations):
    return Compatibility(frozenset(deviations))


def test_our_address_as_audience_passes_for_a_country_that_may_and_is_told():
    octets = made(saying(f"{CONDITIONS}/saml2:AudienceRestriction/saml2:Audience", ACS))
    found = read(octets, compatibility=allowing(Deviation.AUDIENCE_ACS_URL))
    assert found.deviations == {Deviation.AUDIENCE_ACS_URL}


def test_a_deviation_that_was_not_needed_is_not_told():
    found = read(made(), compatibility=allowing(*Deviation))
    assert found.deviations == frozenset()


def test_a_weak_key_passes_for_a_country_that_may_and_is_told():
    keys = tuple(trusted_keys("rsa2048"))
    octets = made(signer=signer_of("rsa2048"))
    assert read(octets, keys=keys, compatibility=allowing(Deviation.RSA_2048)).deviations == {Deviation.RSA_2048}
    assert refused_by(lambda: read(octets, keys=keys)) == "check_key_strong"


# -- keys are replaced ------------------------------------------------------------------------------------------------


def test_two_keys_at_once_on_their_side():
    keys = (*trusted_keys("secp256r1", 4), *trusted_keys())
    assert read(made(), keys=keys).response_id == ENVELOPE.id


def test_two_keys_at_once_on_our_side():
    newer = LocalDecrypter(private_key("secp256r1", 8))
    assert response.read_response(made(), expected(), [newer, *KEYS]).response_id == ENVELOPE.id


def test_a_message_for_another_key_of_ours_is_not_opened():
    other = [LocalDecrypter(private_key("secp256r1", 8))]
    assert refused_by(lambda: response.read_response(made(), expected(), other)) == "the message cannot be decrypted"


# -- clocks -----------------------------------------------------------------------------------------------------------


def test_the_edges_of_freshness():
    octets = made()
    for now in (NOW - 60, NOW + 359):
        assert read(octets, now=now).response_id == ENVELOPE.id
    assert refused_by(lambda: read(octets, now=NOW - 61)) == "check_instant"
    assert refused_by(lambda: read(octets, now=NOW + 360)) == "check_confirmation"
    assert refused_by(lambda: read(octets, now=NOW + 361)) == "check_instant"


# -- whatever comes ---------------------------------------------------------------------------------------------------

VALID = made()
NAMES = [*NATURAL_PERSON, *LEGAL_PERSON, "urn:x"]


@settings(max_examples=200)
@given(st.integers(0, len(VALID) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_a_message_changed_anywhere_is_refused_as_one_of_ours(at, put, gone):
    spoilt = VALID[:at] + put + VALID[at + gone :]
    try:
        assert tuple(read(spoilt).attributes.values()) == PERSON
    except Refused:
        return


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_whatever_comes_is_refused(octets):
    with pytest.raises(Refused):
        read(octets)


@settings(max_examples=200)
@given(
    st.sampled_from([LEVEL, NAME_ID, value(PERSON_IDENTIFIER), value(DATE_OF_BIRTH), value(MANDATORY[Kind.NATURAL][1])]),
    st.text(max_size=80),
)
def test_whatever_a_country_signs_is_read_or_refused(path, said):
    def change(element):
        try:
            find(element, path).text = said
        except ValueError:
            return  # not a text that XML has

    try:
        found = read(made(change))
    except Refused:
        return
    assert set(found.attributes) == {one.definition.name for one in PERSON}


@settings(max_examples=100)
@given(
    st.sampled_from([DATA, CONDITIONS, STATED, ".", NAME_ID, f"{ATTRIBUTES}/saml2:Attribute[1]"]),
    st.sampled_from(["ID", "NotOnOrAfter", "NotBefore", "IssueInstant", "AuthnInstant", "Format", "Name", "InResponseTo"]),
    st.text(max_size=40),
)
def test_whatever_an_attribute_of_an_element_says_is_read_or_refused(path, name, said):
    def change(element):
        try:
            find(element, path).set(name, said)
        except ValueError:
            return

    try:
        read(made(change))
    except Refused:
        return
