"""Attributes: each comes back as it was written, and what a careless or hostile country writes is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import xml
from eidas.attributes import (
    CURRENT_ADDRESS,
    DATE_OF_BIRTH,
    DEFINITIONS,
    EMAIL_ADDRESS,
    FAMILY_NAME,
    GENDER,
    LEGAL_PERSON,
    MANDATORY,
    NATIONALITY,
    NATURAL_PERSON,
    PERSON_IDENTIFIER,
    PHONE_NUMBER,
    REPRESENTATIVE,
    Attribute,
    Kind,
    Value,
)
from eidas.errors import Refused
from eidas.schema import check_schema
from eidas.value_rules import check_date_of_birth, check_person_identifier
from eidas.values import read_attributes, write_attribute
from tests.eidas.exchange import NOW, PREFIXES, attribute, find
from tests.eidas.rules import refused_by

SAMPLES = {
    "DateOfBirth": "1966-01-20",
    "Gender": "Unspecified",
    "Nationality": "EL",
    "CountryOfBirth": "EL",
    "CountryOfResidence": "FR",
    "PhoneNumber": "+30 21 9900",
    "EmailAddress": "a@b.example",
    "CurrentAddress": "PGE+",
}


def statement(*attributes):
    """An AttributeStatement that has travelled."""
    element = xml.make("saml2", "AttributeStatement", *map(write_attribute, attributes))
    return xml.parse(xml.write(element))


def around(text):
    """A statement from a text with the usual prefixes."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    return xml.parse(f"<saml2:AttributeStatement {declared}>{text}</saml2:AttributeStatement>".encode())


def one(name=FAMILY_NAME, values="<saml2:AttributeValue>Onasis</saml2:AttributeValue>", more=""):
    """One attribute as a text."""
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    form = "" if "NameFormat" in more else f'NameFormat="{uri}"'
    return f'<saml2:Attribute Name="{name}" {form} {more}>{values}</saml2:Attribute>'


def latin(said, script=""):
    """A value, with what it says of its script."""
    return f"<saml2:AttributeValue {script}>{said}</saml2:AttributeValue>"


# -- the table --------------------------------------------------------------------------------------------------------


def test_the_profile_has_fourteen_attributes_of_people_twelve_of_companies_and_both_for_representatives():
    assert (len(NATURAL_PERSON), len(LEGAL_PERSON), len(REPRESENTATIVE)) == (14, 12, 26)
    assert len(MANDATORY[Kind.NATURAL]) == 4
    assert [one.friendly_name for one in NATURAL_PERSON.values()][1:3] == ["FamilyName", "FirstName"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_each_attribute_comes_back_and_is_valid(name):
    definition = DEFINITIONS[name]
    sample = SAMPLES.get(name.rpartition("/")[2], "Onasis-1")
    values = (Value(sample), Value("Ωνάσης", latin=False)) if definition.transliterable else (Value(sample),)
    written = statement(Attribute(definition, values))
    assert read_attributes(written) == {name: Attribute(definition, values)}
    check_schema(written)


def test_the_type_of_a_value_survives_canonicalisation():
    octets = xml.canonical(write_attribute(attribute(FAMILY_NAME, "Onasis", "Ωνάσης")))
    assert read_attributes(around(octets.decode()))[FAMILY_NAME].original == "Ωνάσης"


# -- scripts ----------------------------------------------------------------------------------------------------------

QUALIFIED = 'eidas-natural:LatinScript="false"'
BARE = 'LatinScript="false"'


@pytest.mark.parametrize("script", [QUALIFIED, BARE, 'LatinScript="0"'], ids=["qualified", "bare", "zero"])
@pytest.mark.parametrize("order", [1, -1], ids=["latin-first", "latin-last"])
def test_a_name_in_two_scripts_is_told_apart_however_it_is_written(script, order):
    values = [latin("Onasis"), latin("Ωνάσης", script)][::order]
    found = read_attributes(around(one(values="".join(values))))[FAMILY_NAME]
    assert (found.latin, found.original) == ("Onasis", "Ωνάσης")


def test_what_is_latin_may_say_so():
    assert (
        read_attributes(around(one(values=latin("Onasis", 'eidas-natural:LatinScript="true"'))))[FAMILY_NAME].latin
        == "Onasis"
    )


def test_several_nationalities_are_read():
    values = latin("EL") + latin("CY")
    assert len(read_attributes(around(one(NATIONALITY, values)))[NATIONALITY].values) == 2


# -- each rule, broken alone ------------------------------------------------------------------------------------------

TYPED = "<saml2:AttributeValue xsi:type='{}'>Onasis</saml2:AttributeValue>"
REFUSED = {
    "an encrypted attribute": ("<saml2:EncryptedAttribute/>", "check_only_attributes"),
    "one twice": (one() + one(), "check_names_once"),
    "an unknown one twice": (one("urn:x") + one("urn:x"), "check_names_once"),
    "another name format": (one(more='NameFormat="urn:x"'), "check_name_format"),
    "another friendly name": (one(more='FriendlyName="FirstName"'), "check_friendly_name"),
    "an element in a value": (one(values=latin("<saml2:NameID>x</saml2:NameID>")), "check_plain"),
    "another element": (one(values=latin("a") + "<saml2:NameID>x</saml2:NameID>"), "check_plain"),
    "another type": (one(values=TYPED.format("eidas-natural:CurrentGivenNameType")), "check_type"),
    "a type of another namespace": (one(values=TYPED.format("ds:CurrentFamilyNameType")), "check_type"),
    "no value": (one(values=""), "check_number"),
    "three values": (one(values=latin("a") * 3), "check_number"),
    "two birth dates": (one(DATE_OF_BIRTH, latin("1966-01-20") * 2), "check_number"),
    "two Latin forms": (one(values=latin("a") + latin("b")), "check_scripts"),
    "no Latin form": (one(values=latin("Ωνάσης", QUALIFIED)), "check_scripts"),
    "another script where there is none": (one(GENDER, latin("Male", BARE)), "check_scripts"),
    "an empty value": (one(values=latin(" ")), "check_content"),
    "a long value": (one(values=latin("x" * 513)), "check_content"),
    "a character that cannot be read": (one(values=latin("On&#x202E;asis")), "check_content"),
    "a line break inside": (one(values=latin("On\nasis")), "check_content"),
    "another gender": (one(GENDER, latin("male")), "check_content"),
    "a country by name": (one(NATIONALITY, latin("Greece")), "check_content"),
    "a number without a country": (one(PHONE_NUMBER, latin("0299")), "check_content"),
    "an address without a sign": (one(EMAIL_ADDRESS, latin("a.b")), "check_content"),
    "half a date": (one(DATE_OF_BIRTH, latin("1966")), "check_content"),
    "an identifier in two words": (one(PERSON_IDENTIFIER, latin("EL/FR/1 2")), "check_content"),
    "a huge address": (one(CURRENT_ADDRESS, latin("x" * 65_536)), "check_content"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_that_is_broken_alone_is_the_one_that_fires(name):
    text, rule = REFUSED[name]
    assert refused_by(lambda: read_attributes(around(text))) == rule


def test_a_comment_does_not_cut_a_value():
    found = read_attributes(around(one(values=latin("Ona<!-- x -->sis"))))
    assert found[FAMILY_NAME].latin == "Onasis"


def test_a_type_may_be_a_string_or_left_out():
    text = TYPED.format("xs:string").replace("<saml2", '<saml2:X xmlns:xs="http://www.w3.org/2001/XMLSchema"/><saml2')
    text = text.replace('<saml2:X xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', "")
    typed = text.replace("xsi:type", 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type')
    assert read_attributes(around(one(values=typed)))[FAMILY_NAME].latin == "Onasis"


def test_no_refusal_quotes_a_value():
    for text, _ in REFUSED.values():
        with pytest.raises(Refused) as caught:
            read_attributes(around(text))
        assert not [word for word in ("Onasis", "Ωνάσης", "1966", "Greece", "0299", "a.b") if word in caught.value.detail]


@pytest.mark.parametrize("value", ["EL/FR/1", "EL/FR/a&b<c>/d~%41", f"EL/FR/{'1' * 250}"])
def test_an_identifier_is_two_countries_and_readable_characters(value):
    check_person_identifier(value, "EL", "FR")


@pytest.mark.parametrize(
    "value",
    ["DE/FR/1", "EL/IT/1", "EL/FR/", "EL/FR", "el/FR/1", "EL/FR/a b", "EL/FR/\x01", f"EL/FR/{'1' * 251}", "GR/FR/1"],
)
def test_another_identifier_is_refused(value):
    assert refused_by(lambda: check_person_identifier(value, "EL", "FR")) == "check_person_identifier"


@pytest.mark.parametrize("value", ["1966-01-20", "1850-01-01", "2026-09-22", "2000-02-29"])
def test_a_birth_date_is_a_day_of_the_calendar(value):
    check_date_of_birth(value, NOW)


@pytest.mark.parametrize("value", ["1849-12-31", "2026-09-23", "2001-02-29", "1966-1-1", "", "x"])
def test_another_birth_date_is_refused(value):
    assert refused_by(lambda: check_date_of_birth(value, NOW)) == "check_date_of_birth"


@settings(max_examples=200)
@given(
    st.sampled_from([*NATURAL_PERSON, "urn:x"]),
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(["", QUALIFIED, BARE, 'LatinScript="x"'])), max_size=3),
)
def test_whatever_stands_there_is_read_or_refused(name, values):
    element = around(one(name, "".join(latin("x", script) for _, script in values)))
    try:
        for child, (said, _) in zip(find(element, "saml2:Attribute"), values, strict=True):
            child.text = said
    except ValueError:
        return  # not a text that XML has
    try:
        assert set(read_attributes(element)) <= {name}
    except Refused:
        return
