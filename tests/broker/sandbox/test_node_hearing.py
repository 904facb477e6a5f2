"""The simulated Connector believes a Response after every check of its own, and no other."""

from base64 import b64encode
from dataclasses import replace

import pytest

from broker.sandbox.node.hearing import AROUND, INSIDE, SUCCESSFUL, Received, check_identifier, hear
from broker.sandbox.node.reading import NotUnderstood
from broker.sandbox.node.writing import Status
from eidas import signature
from eidas.address import Address, write_address
from eidas.algorithms import AES128_GCM, AES256_GCM
from eidas.attributes import (
    CURRENT_ADDRESS,
    FAMILY_NAME,
    GIVEN_NAME,
    PERSON_IDENTIFIER,
)
from eidas.messages import Status as OurStatus
from eidas.response import write_failure
from eidas.vocabulary import AUTHN_FAILED, LOA_HIGH, LOA_LOW, PERSISTENT, RESPONDER, SUCCESS, TRANSIENT
from tests.broker.sandbox.connectors import ANGELA, PERSON, Crossing, awaited
from tests.broker.sandbox.nodes import NOW
from tests.eidas.exchange import (
    ATTRIBUTES,
    CONDITIONS,
    CONFIRMATION,
    DATA,
    ENVELOPE,
    LEVEL,
    NAME_ID,
    STATED,
    adding,
    attribute,
    doubling,
    dropping,
    response,
    saying,
    setting,
    value,
)
from tests.eidas.parts import signer_of

ANOTHER = "https://another.example"
FIRST = f"{ATTRIBUTES}/saml2:Attribute[1]"


def told(*changes, statement=PERSON, **around):
    """The Response of the exchange, spoilt at one of its steps."""
    return response(*changes, statement=statement, envelope=replace(ENVELOPE, **around))


def heard(octets, **known):
    return hear(octets, awaited(**known))


def refused(octets, **known):
    with pytest.raises(NotUnderstood) as why:
        heard(octets, **known)
    return str(why.value)


# -- good answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [AES128_GCM, AES256_GCM], ids=["128", "256"])
@pytest.mark.parametrize("encryption", ["secp256r1", "secp384r1", "secp521r1", "rsa"])
@pytest.mark.parametrize("ours", ["secp256r1", "rsa", "brainpoolP256r1"])
def test_an_answer_of_our_library_is_understood_whatever_the_keys(ours, encryption, content):
    crossing = Crossing(encryption=encryption, ours=ours)
    page = crossing.answer(crossing.person(crossing.asked(crossing.go()), content=content))
    assert page.status_code == 200, page.text


def test_a_person_is_heard_with_everything_that_was_said():
    person = heard(told())
    assert person.level == "substantial"
    assert person.attributes == (
        Received("PersonIdentifier", ("FR/IT/Ab-12.34",)),
        Received("FamilyName", ("Dubois",), ("Ντυμπουά",)),
        Received("FirstName", ("Angela Claire Louise",)),
        Received("DateOfBirth", ("1962-08-24",)),
    )


def test_an_address_is_heard_line_by_line():
    given = Address(thoroughfare="Rue de l’Église & Cie", locator_designator="6 bis", post_name="Paris", post_code="75001")
    person = heard(told(statement=replace(PERSON, attributes=(*ANGELA, attribute(CURRENT_ADDRESS, write_address(given))))))
    lines = person.attributes[-1].latin[0].splitlines()
    assert lines == ["6 bis", "Rue de l’Église & Cie", "Paris", "75001"]


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        ("!", "the address is not base64 of UTF-8"),
        (b64encode(b"\xff").decode(), "the address is not base64 of UTF-8"),
        (b64encode(b"<a>").decode(), "the message is not XML"),
    ],
)
def test_an_address_that_is_none_is_refused(encoded, why):
    given = (*ANGELA, attribute(CURRENT_ADDRESS, write_address(Address(post_name="Paris"))))
    spoilt = told(saying(value(CURRENT_ADDRESS), encoded), statement=replace(PERSON, attributes=given))
    assert refused(spoilt) == why


def test_an_attribute_that_nobody_knows_is_left_out():
    unknown = '<saml2:Attribute Name="http://eidas.europa.eu/attributes/naturalperson/Shoe" NameFormat="{}"/>'
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    assert len(heard(told(adding(ATTRIBUTES, unknown.format(uri)))).attributes) == 4


def test_an_assertion_may_be_signed_as_well():
    assert heard(told(lambda assertion: signature.sign(assertion, signer_of()))).level == "substantial"


def test_an_assertion_that_somebody_else_signed_is_refused():
    assert refused(told(lambda assertion: signature.sign(assertion, signer_of(turn=1)))) == "the signature is wrong"


def test_a_failure_says_why():
    octets = write_failure(ENVELOPE, OurStatus(RESPONDER, AUTHN_FAILED, "EID-301: cancelled"), signer_of())
    assert heard(octets) == Status("Responder", "AuthnFailed", "EID-301: cancelled")


def test_a_failure_without_details_is_one():
    assert heard(write_failure(ENVELOPE, OurStatus(RESPONDER), signer_of())) == Status("Responder")


# -- what is wrong ----------------------------------------------------------------------------------------------------

STATUS = "samlp:Status/samlp:StatusCode"
SPOILT_AROUND = {
    "it is no Response of version 2.0": lambda: told(lambda _: None, setting(".", "Version", "1.1")),
    "the issuer is another": lambda: told(lambda _: None, saying("saml2:Issuer", ANOTHER)),
    "the destination is another": lambda: told(lambda _: None, setting(".", "Destination", ANOTHER)),
    "it answers another request": lambda: told(lambda _: None, setting(".", "InResponseTo", "_another")),
    "there is not one status": lambda: told(lambda _: None, doubling(STATUS)),
    "an assertion is not encrypted (2.4.2)": lambda: response(envelope=ENVELOPE, statement=PERSON, encrypt=False),
    "there is not one encrypted assertion (6.4)": lambda: told(lambda _: None, doubling("saml2:EncryptedAssertion")),
}
REPRESENTED = PERSON_IDENTIFIER.replace("naturalperson/", "naturalperson/representative/")
SPOILT_INSIDE = {
    "it is no assertion of version 2.0": setting(".", "Version", "1.1"),
    "the assertion's issuer is another": saying("saml2:Issuer", ANOTHER),
    "the subject's name is of another format (2.2)": setting(NAME_ID, "Format", TRANSIENT),
    "it is not confirmed for the bearer": setting(CONFIRMATION, "Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"),
    "it is confirmed for another place": setting(DATA, "Recipient", ANOTHER),
    "it is confirmed for another request": setting(DATA, "InResponseTo", "_another"),
    "it is for another audience": saying(f"{CONDITIONS}/saml2:AudienceRestriction/saml2:Audience", ANOTHER),
    "there is not one statement of a login": doubling(STATED),
    "there is not one statement of attributes": doubling(ATTRIBUTES),
    "an attribute is encrypted (2.3.3)": adding(ATTRIBUTES, "<saml2:EncryptedAttribute/>"),
    "an attribute's name is not of the kind uri (2.3.2)": setting(FIRST, "NameFormat", None),
    "somebody acts for somebody else (2.8)": setting(f"{ATTRIBUTES}/saml2:Attribute[4]", "Name", REPRESENTED),
    "an attribute is not one of a natural person": (
        setting(f"{ATTRIBUTES}/saml2:Attribute[4]", "Name", "http://eidas.europa.eu/attributes/legalperson/LegalName")
    ),
    "an attribute stands twice": doubling(FIRST),
    "a value is empty (2.3.3)": saying(value(FAMILY_NAME), " "),
}


def test_there_is_a_case_for_every_rule():
    assert list(SPOILT_AROUND) == [*AROUND, *SUCCESSFUL]
    assert list(SPOILT_INSIDE) == list(INSIDE)


@pytest.mark.parametrize("wrong", SPOILT_AROUND)
def test_a_response_with_one_defect_is_refused_for_that(wrong):
    assert refused(SPOILT_AROUND[wrong]()) == wrong


@pytest.mark.parametrize("wrong", SPOILT_INSIDE)
def test_an_assertion_with_one_defect_is_refused_for_that(wrong):
    assert refused(told(SPOILT_INSIDE[wrong])) == wrong


@pytest.mark.parametrize("name", [PERSON_IDENTIFIER, FAMILY_NAME, GIVEN_NAME])
def test_what_was_required_must_be_there(name):
    assert refused(told(dropping(f"{ATTRIBUTES}/saml2:Attribute[@Name='{name}']"))).endswith("is missing")


@pytest.mark.parametrize(
    "identifier", ["FR/IT/", "EL/IT/a", "FR/EL/a", "FR/IT/ a", "FR/IT/a\n", "a", f"FR/IT/{'a' * 251}", ""]
)
def test_an_identifier_that_is_not_of_france_for_italy_is_refused(identifier):
    with pytest.raises(NotUnderstood, match="identifier"):
        check_identifier(identifier)


def test_an_identifier_for_another_country_is_refused():
    assert "identifier" in refused(told(saying(value(PERSON_IDENTIFIER), "FR/EL/Ab-12.34")))


@pytest.mark.parametrize("issued", [NOW - 361, NOW + 61])
def test_a_response_of_another_time_is_refused(issued):
    assert "old, or of the future" in refused(told(issued=issued))


def test_an_assertion_of_another_time_is_refused():
    assert "old, or of the future" in refused(told(setting(".", "IssueInstant", "2026-01-01T00:00:00Z")))


@pytest.mark.parametrize(
    ("path", "name", "moment"),
    [
        (CONDITIONS, "NotBefore", "2027-01-01T00:00:00Z"),
        (CONDITIONS, "NotOnOrAfter", "2026-01-01T00:00:00Z"),
        (DATA, "NotOnOrAfter", "2026-01-01T00:00:00Z"),
    ],
)
def test_an_assertion_that_does_not_count_now_is_refused(path, name, moment):
    assert refused(told(setting(path, name, moment))) == "it does not count now"


@pytest.mark.parametrize("moment", [None, "yesterday"])
def test_a_moment_that_is_none_is_refused(moment):
    assert refused(told(setting(CONDITIONS, "NotBefore", moment))) == "a moment is none"


@pytest.mark.parametrize("seconds", [-121, 61])
def test_a_login_that_is_not_one_for_this_request_is_refused(seconds):
    assert "login" in refused(told(statement=replace(PERSON, authenticated=NOW + seconds)))


@pytest.mark.parametrize("seconds", [-120, 60])
def test_a_login_may_be_a_minute_beside_by_another_clock(seconds):
    assert heard(told(statement=replace(PERSON, authenticated=NOW + seconds)))


def test_a_level_below_the_one_that_was_asked_for_is_refused():
    assert "below" in refused(told(statement=replace(PERSON, level=LOA_LOW)), level="substantial")


def test_a_level_above_the_one_that_was_asked_for_is_enough():
    assert heard(told(statement=replace(PERSON, level=LOA_HIGH)), level="substantial").level == "high"


@pytest.mark.parametrize("level", [LOA_HIGH, "urn:another"])
def test_a_level_that_france_does_not_publish_is_refused(level):
    country = replace(awaited().country, levels=("low", "substantial"))
    assert "publishes" in refused(told(saying(LEVEL, level)), country=country)


def test_a_message_that_was_changed_after_it_was_signed_is_refused():
    assert refused(told(lambda _: None, lambda _: None, setting(STATUS, "Value", RESPONDER))) == "the signature is wrong"


def test_the_cases_begin_from_what_is_right():
    assert (PERSON.name_id_format, heard(told()).level, SUCCESS.endswith("Success")) == (PERSISTENT, "substantial", True)
