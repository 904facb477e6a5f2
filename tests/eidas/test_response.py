"""The Response: what is written is what is read, and what a Connector is told of it."""

from dataclasses import replace

import pytest

from eidas import assertion, response, signature, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.attributes import DATE_OF_BIRTH, GENDER, MANDATORY, PERSON_IDENTIFIER, Kind
from eidas.errors import AuthenticationFailed
from eidas.keys import LocalDecrypter
from eidas.messages import Status
from eidas.vocabulary import (
    AUTHN_FAILED,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    PERSISTENT,
    REQUEST_DENIED,
    REQUESTER,
    RESPONDER,
    SUCCESS,
    UNSPECIFIED,
)
from tests.eidas.exchange import (
    ACS,
    CONDITIONS,
    ENVELOPE,
    KEYS,
    NOW,
    PERSON,
    RECIPIENT,
    REQUEST,
    STATEMENT,
    adding,
    attribute,
    expected,
    find,
    read,
    saying,
    setting,
    trusted_keys,
)
from tests.eidas.exchange import response as made
from tests.eidas.parts import private_key, signer_of
from tests.eidas.rules import refused_by

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


@pytest.mark.parametrize(("code", "sub"), [("urn:x:Unheard", ""), (RESPONDER, "urn:x:Unheard")], ids=["first", "second"])
def test_a_failure_with_a_code_that_nobody_knows_is_a_failure(code, sub):
    def change(root):
        stated = find(root, "samlp:Status/samlp:StatusCode")
        stated.set("Value", code)
        if sub:
            stated.append(xml.make("saml2p", "StatusCode", Value=sub))

    with pytest.raises(AuthenticationFailed) as caught:
        read(made(on_response=change))
    assert (caught.value.code, caught.value.sub) == (code, sub)


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


# -- what is not written ----------------------------------------------------------------------------------------------


def test_an_empty_value_is_not_written():
    empty = replace(STATEMENT, attributes=(*PERSON, attribute(GENDER, "")))
    assert refused_by(lambda: made(statement=empty)) == "check_values_filled"


def test_an_incomplete_person_is_not_written():
    assert refused_by(lambda: made(statement=replace(STATEMENT, attributes=PERSON[:3]))) == "check_minimum"


@pytest.mark.parametrize("level", [f"{LOA_LOW}er", "low", ""], ids=["looks notified", "a word", "none"])
def test_a_level_that_is_none_is_not_written(level):
    assert refused_by(lambda: made(statement=replace(STATEMENT, level=level))) == "check_level_uri"


def test_a_person_without_a_name_is_not_written():
    assert refused_by(lambda: made(statement=replace(STATEMENT, name_id=""))) == "check_name_id"


UNREADABLE = {
    "a gender in other letters": ((*PERSON, attribute(GENDER, "male")), "check_content"),
    "an identifier with a space": ((attribute(PERSON_IDENTIFIER, "EL/FR/1 2"), *PERSON[1:]), "check_content"),
    "a day in another order": ((*PERSON[:3], attribute(DATE_OF_BIRTH, "20-01-1966")), "check_content"),
    "a day that no calendar has": ((*PERSON[:3], attribute(DATE_OF_BIRTH, "1966-02-30")), "check_schema"),
    "an attribute twice": ((*PERSON, PERSON[1]), "check_names_once"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_no_reader_would_accept_is_not_written(name):
    attributes, rule = UNREADABLE[name]
    assert refused_by(lambda: made(statement=replace(STATEMENT, attributes=attributes))) == rule


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
