"""What is wrong with metadata: each rule finds its own defect and nothing else; what is in order has no finding."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import xml
from metadata.conformance import OCTETS, RULES, Finding, Profile, Report, validate
from metadata.conformance.parts import Role, Severity
from tests.metadata.conformance_defects import DEFECTS, GIVEN
from tests.metadata.conformance_documents import CONNECTOR, NOW, PROXY, URL, listed, named, setting, without

EVERY = [*OCTETS, *RULES]
SECOND = named(PROXY, "_second", "https://node.example/proxy")
CASES = [(number, at) for number, documents in DEFECTS.items() for at in range(len(documents))]


def found(octets: bytes, **how: object) -> list[str]:
    """The numbers of the rules that are broken, each once."""
    return list(dict.fromkeys(one.rule for one in validate(octets, **{"now": NOW, **how}).findings))  # type: ignore[arg-type]


def only(report: Report) -> Finding:
    """The one finding."""
    (finding,) = report.findings
    return finding


# -- the rules --------------------------------------------------------------------------------------------------------


def test_every_rule_has_a_number_of_its_own_and_a_defect():
    numbers = [rule.id for rule in EVERY]
    assert len(set(numbers)) == len(numbers)
    assert set(DEFECTS) == set(numbers)
    assert all(DEFECTS.values())


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_a_rule_names_its_clause_what_it_demands_and_how_to_mend_it(rule: object):
    assert rule.clause
    assert rule.demand
    assert rule.mend[0].islower() or rule.mend[0] == "E"


@pytest.mark.parametrize("prefix", ["SAML-MD", "EID-MD"])
def test_the_numbers_of_a_family_have_no_gap(prefix: str):
    numbers = sorted(rule.id for rule in EVERY if rule.id.startswith(prefix))
    assert numbers == [f"{prefix}-{number:02}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize(("number", "at"), CASES, ids=lambda part: str(part))
def test_a_rule_finds_its_defect_and_is_the_only_one_to(number: str, at: int):
    assert found(DEFECTS[number][at], **GIVEN.get(number, {})) == [number]


# -- in order ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets", [CONNECTOR, PROXY, listed(CONNECTOR, SECOND)], ids=["connector", "proxy", "a list of both"]
)
def test_what_is_in_order_has_no_finding(octets: bytes):
    assert found(octets) == []


@pytest.mark.parametrize(("octets", "role"), [(CONNECTOR, Role.CONNECTOR), (PROXY, Role.PROXY)])
def test_the_address_and_the_role_may_be_given(octets: bytes, role: Role):
    assert found(octets, role=role, url=URL) == []


# -- what a finding says ----------------------------------------------------------------------------------------------


def test_a_finding_names_the_clause_the_place_and_what_is_there():
    finding = only(validate(DEFECTS["EID-MD-44"][0], now=NOW))
    assert finding.clause == "Message Format 1.4, 4.2"
    assert finding.xpath == "/md:EntityDescriptor/md:SPSSODescriptor/md:Extensions/eidas:NodeCountry"
    assert (finding.what, finding.severity) == ("NodeCountry is GR", Severity.ERROR)


def test_the_place_among_several_of_one_name_has_a_number():
    path = only(validate(DEFECTS["EID-MD-26"][0], now=NOW)).xpath
    assert path == "/md:EntityDescriptor/md:SPSSODescriptor/md:KeyDescriptor[2]"


def test_the_schemas_objection_is_at_its_element():
    finding = only(validate(DEFECTS["SAML-MD-06"][1], now=NOW))
    assert finding.xpath.endswith("md:SPSSODescriptor/md:Extensions/eidas:NodeCountry")
    assert "FRA" in finding.what


def test_several_defects_are_found_at_once_the_gravest_first():
    octets = setting(without(CONNECTOR, "{urn:oasis:names:tc:SAML:2.0:metadata}ContactPerson"), ".", "entityID", "urn:x")
    findings = validate(octets, now=NOW).findings
    assert [one.rule for one in findings] == ["EID-MD-01", "EID-MD-71", "EID-MD-72"]
    assert validate(octets, now=NOW).has_errors


def test_what_is_not_an_error_leaves_the_report_without_errors():
    assert not validate(DEFECTS["EID-MD-70"][0], now=NOW).has_errors


def test_the_profile_saml_asks_its_own_rules_alone():
    octets = DEFECTS["EID-MD-42"][0]
    assert found(octets, profile=Profile.SAML) == []
    assert found(DEFECTS["SAML-MD-10"][0], profile=Profile.SAML) == ["SAML-MD-10"]


def test_each_entity_of_a_list_is_judged_under_its_own_path():
    report = validate(listed(CONNECTOR, setting(SECOND, ".", "entityID", "urn:x")), now=NOW)
    assert report.entities == (URL, "urn:x")
    assert only(report).xpath == "/md:EntitiesDescriptor/md:EntityDescriptor[2]"


def test_of_one_rule_twenty_places_are_told_and_the_rest_counted():
    head, _, key = DEFECTS["EID-MD-19"][0].partition(b"<md:KeyDescriptor>")
    octets = head + b"<md:KeyDescriptor><x/></md:KeyDescriptor>" * 29 + b"<md:KeyDescriptor>" + key
    told = [one for one in validate(octets, now=NOW).findings if one.rule == "EID-MD-19"]
    assert (len(told), told[-1].what) == (20, "the key does not say what it is for (and 10 more places)")


# -- whatever comes ---------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(st.sampled_from([CONNECTOR, PROXY]), st.integers(0, 10_000), st.binary(max_size=12), st.integers(0, 12))
def test_whatever_is_given_has_findings_or_none(octets: bytes, at: int, put: bytes, gone: int):
    assert isinstance(validate(octets[:at] + put + octets[at + gone :], now=NOW), Report)


def attributes_of(octets: bytes) -> Iterator[tuple[str, str]]:
    """Every attribute of every element: its path and its name."""
    root = xml.parse(octets)
    return ((root.getroottree().getelementpath(one), name) for one in root.iter("*") for name in one.attrib)


@pytest.mark.parametrize("value", ["", "\u00e9 \u2028", "https://[", "9" * 5000, "-P1Y", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("octets", [CONNECTOR, PROXY], ids=["connector", "proxy"])
def test_an_odd_value_in_any_attribute_is_a_finding_at_most(octets: bytes, value: str):
    for path, name in attributes_of(octets):
        root = xml.parse(octets)
        root.find(path).set(name, value)
        assert isinstance(validate(xml.write(root), now=NOW), Report)


@pytest.mark.parametrize("octets", [CONNECTOR, PROXY], ids=["connector", "proxy"])
def test_any_element_may_be_missing_or_empty(octets: bytes):
    root = xml.parse(octets)
    for path in [root.getroottree().getelementpath(one) for one in root.iterdescendants("*")]:
        gone, empty = xml.parse(octets), xml.parse(octets)
        xml.remove(gone.find(path))
        empty.find(path).clear()
        assert validate(xml.write(gone), now=NOW).findings or validate(xml.write(empty), now=NOW).findings


def test_a_document_full_of_defects_is_judged_in_bounded_time():
    role = '<md:SPSSODescriptor protocolSupportEnumeration="x"><md:AssertionConsumerService/></md:SPSSODescriptor>'
    entity = f'<md:EntityDescriptor entityID="x">{role * 4}</md:EntityDescriptor>'
    begun = time.process_time()
    report = validate(listed(entity.encode() * 2200), now=NOW)
    assert time.process_time() - begun < 20
    assert len(report.findings) < 20 * len(EVERY)
