"""What the simulated node answers is what our library reads; and every fault is the defect that its name says."""

from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from lxml import etree

from broker.sandbox.faults import COUNTRY_FAULTS
from broker.sandbox.node.node import REFUSALS, SPOILT
from broker.sandbox.node.people import LOGIN, load_europeans
from eidas.attributes import BIRTH_NAME, FAMILY_NAME, GIVEN_NAME, PERSON_IDENTIFIER
from eidas.errors import AuthenticationFailed, LevelRefused, NotAPerson, Refused, ResponseRefused, SignatureRefused
from eidas.request import write_request
from eidas.schema import check_schema
from eidas.vocabulary import LOA_HIGH, LOA_LOW, LOA_SUBSTANTIAL
from tests.broker.sandbox.nodes import EVERYTHING, GERMANY, GREECE, NOW, SSO, Abroad, asking, fields_of, handle_of
from tests.eidas.parts import CURVE_NAMES, signer_of

PEOPLE = load_europeans()


# -- as it should be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encryption", ["rsa", *CURVE_NAMES])
def test_our_library_reads_an_answer_whatever_our_key(encryption: str) -> None:
    abroad = Abroad(encryption=encryption)
    found = abroad.read(abroad.answer())
    assert (found.level, found.until) == (LOA_SUBSTANTIAL, NOW + 300 + 60)
    assert found.attributes[PERSON_IDENTIFIER].latin == "EL/FR/Ab-12.34"
    assert found.deviations == frozenset()


@pytest.mark.parametrize("node", [GREECE, GERMANY], ids=lambda one: one.code)
def test_our_library_reads_an_answer_whatever_the_nodes_key(node) -> None:  # type: ignore[no-untyped-def]
    abroad = Abroad(node)
    assert abroad.read(abroad.answer()).attributes[PERSON_IDENTIFIER].latin == f"{node.code}/FR/Ab-12.34"


@pytest.mark.parametrize("person", PEOPLE.values(), ids=lambda one: one.id)
def test_our_library_makes_of_every_citizen_what_the_card_says(person) -> None:  # type: ignore[no-untyped-def]
    abroad = Abroad()
    octets = abroad.answer(person.id)
    if person.expect != LOGIN:
        with pytest.raises(NotAPerson if person.expect == "EID-306" else ResponseRefused):
            abroad.read(octets)
        return
    found = abroad.read(octets)
    stated = person.stated("EL", 1)
    assert {name: {value.text for value in one.values} for name, one in found.attributes.items()} == {
        name: {value for value in values if value} for name, values in stated.items()
    }
    assert found.level.endswith(person.level)


def test_both_scripts_are_told_apart_and_the_other_one_comes_first() -> None:
    abroad = Abroad()
    found = abroad.read(abroad.answer()).attributes
    assert [(found[name].latin, found[name].original) for name in (GIVEN_NAME, FAMILY_NAME)] == [
        ("Aristotelis", "Αριστοτέλης"),
        ("Onasis", "Ωνάσης"),
    ]
    plain = str(etree.tostring(etree.fromstring(Abroad(fault="not_encrypted").answer()), encoding="unicode"))
    assert plain.index("Ωνάσης") < plain.index(">Onasis<")


def test_only_what_was_asked_is_told() -> None:
    few = tuple(one for one in asking().attributes if one.required or one.name == BIRTH_NAME)
    abroad = Abroad(request=asking(attributes=few))
    assert set(abroad.read(abroad.answer("el-eleni")).attributes) == {one.name for one in few}
    assert len(few) < len(EVERYTHING)


def test_an_answer_is_valid_by_the_schemas() -> None:
    check_schema(etree.fromstring(Abroad().answer()))


def test_the_relay_state_comes_back_as_it_went() -> None:
    abroad = Abroad()
    assert abroad.click("el-onasis", abroad.go("a&b=\"c' <é>"))["RelayState"] == "a&b=\"c' <é>"


def test_an_identifier_that_changes_is_another_at_each_login() -> None:
    abroad = Abroad(GERMANY)
    both = {abroad.read(abroad.answer("de-mueller")).attributes[PERSON_IDENTIFIER].latin for _ in range(2)}
    assert both == {"DE/FR/5RXPH8KF4TL1", "DE/FR/5RXPH8KF4TL2"}


def test_no_country_vouches_at_more_than_it_publishes() -> None:
    greek, german = Abroad(), Abroad(GERMANY)
    assert [one.read(one.answer("at-high")).level for one in (greek, german)] == [LOA_HIGH, LOA_SUBSTANTIAL]


# -- refusals ---------------------------------------------------------------------------------------------------------


def status(abroad: Abroad, octets: bytes) -> tuple[str, str]:
    """The last parts of the status of an answer without an identity."""
    with pytest.raises(AuthenticationFailed) as failed:
        abroad.read(octets)
    return failed.value.code.rpartition(":")[2], failed.value.sub.rpartition(":")[2]


def test_a_citizen_whose_level_is_too_low_is_refused() -> None:
    abroad = Abroad(request=asking(levels=(LOA_SUBSTANTIAL,)))
    assert status(abroad, abroad.answer("nl-low")) == ("Responder", "AuthnFailed")


def test_a_citizen_may_cancel() -> None:
    abroad = Abroad()
    page = abroad.browser.post("/cancel", data={"login": handle_of(abroad.go())})
    assert status(abroad, b64decode(fields_of(page)["SAMLResponse"])) == ("Responder", "RequestDenied")


# -- faults -----------------------------------------------------------------------------------------------------------


def spoilt(fault: str, **how: object) -> tuple[Abroad, bytes]:
    """The node with a fault, and its answer."""
    abroad = Abroad(fault=fault, **how)  # type: ignore[arg-type]
    return abroad, abroad.answer()


@pytest.mark.parametrize(
    ("fault", "said"), [("cancel", ("Responder", "RequestDenied")), ("responder_error", ("Responder", ""))]
)
def test_a_fault_that_is_a_refusal(fault: str, said: tuple[str, str]) -> None:
    assert status(*spoilt(fault)) == said


DEFECTS = {
    "bad_sig": (SignatureRefused, "the signature is wrong|digest"),
    "sha1": (SignatureRefused, "sha1|SHA-1|method"),
    "not_encrypted": (ResponseRefused, "EncryptedAssertion|encrypted"),
    "wrong_audience": (ResponseRefused, "the audience is another"),
    "expired_assertion": (ResponseRefused, "assertion was issued 1800 s ago"),
    "clock+10m": (ResponseRefused, "-600 s"),
    "lower_loa": (LevelRefused, "level of assurance"),
}


@pytest.mark.parametrize("node", [GREECE, GERMANY], ids=lambda one: one.code)
@pytest.mark.parametrize("fault", DEFECTS)
def test_a_fault_is_refused_for_what_its_name_says(fault: str, node) -> None:  # type: ignore[no-untyped-def]
    kind, words = DEFECTS[fault]
    abroad, octets = spoilt(fault, node=node, request=asking(levels=(LOA_SUBSTANTIAL,)))
    with pytest.raises(kind, match=words):
        abroad.read(octets)


RIGHT = {
    "lower_loa": {"request": asking(levels=(LOA_LOW,), destination=SSO)},
    "clock+10m": {"now": NOW + 600},
    "wrong_audience": {"entity_id": "https://another-connector.example/metadata"},
}


@pytest.mark.parametrize("fault", RIGHT)
def test_what_a_fault_spoils_is_all_that_is_wrong(fault: str) -> None:
    abroad, octets = spoilt(fault, request=asking(levels=(LOA_SUBSTANTIAL,)))
    assert abroad.read(octets, **RIGHT[fault]).attributes


def test_a_replay_is_the_answer_before_once_more() -> None:
    abroad = Abroad()
    first = abroad.answer()
    abroad.faults.switch("EL", "country.replay")
    abroad.request = replace(abroad.request, id="_another-0123456789abcdef")
    assert abroad.answer("el-eleni") == first
    with pytest.raises(Refused, match="answer"):
        abroad.read(first)


def test_without_an_answer_before_there_is_nothing_to_replay() -> None:
    abroad, octets = spoilt("replay")
    assert abroad.read(octets)


def test_every_fault_of_a_country_has_a_test() -> None:
    assert {f"country.{name}" for name in (*DEFECTS, *REFUSALS, "replay")} == set(COUNTRY_FAULTS)
    assert set(SPOILT) <= set(DEFECTS)


def test_a_fault_is_one_nodes_alone() -> None:
    abroad = Abroad()
    abroad.faults.switch("DE", "country.cancel")
    assert abroad.read(abroad.answer())


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_page_is_in_the_language_of_its_country_and_two_more() -> None:
    abroad = Abroad()
    page = abroad.go().text
    assert '<span lang="el" translate="no">Ταυτοποίηση</span>' in page
    again = abroad.browser.get("/login", query_string={"r": handle_of(abroad.go()), "lang": "en"}).text
    assert "Choose an invented person" in again
    assert 'data-testid="persona-el-onasis"' in again


def test_the_card_says_what_to_expect() -> None:
    page = Abroad(request=asking(levels=(LOA_SUBSTANTIAL,))).go().text
    assert "EID-301" in page
    assert "EID-306" in page
    assert '<code translate="no">family_name</code> <span translate="no">Papadopoulou</span>' in page
    assert '<code translate="no">family_name</code> manque' in page


def test_a_request_that_is_not_understood_says_why() -> None:
    abroad = Abroad()
    octets = write_request(replace(abroad.request, issuer="https://other.example"), signer_of())
    page = abroad.browser.post("/sso", data={"SAMLRequest": b64encode(octets).decode()})
    assert (page.status_code, "the issuer is another" in page.text) == (400, True)


@pytest.mark.parametrize("persona", ["nobody", ""])
def test_who_is_not_known_cannot_log_in(persona: str) -> None:
    abroad = Abroad()
    page = abroad.browser.post("/login", data={"login": handle_of(abroad.go()), "persona": persona})
    assert page.status_code == 400


def test_a_request_is_answered_once() -> None:
    abroad = Abroad()
    cards = abroad.go()
    assert abroad.click("el-onasis", cards)
    again = abroad.browser.post("/login", data={"login": handle_of(cards), "persona": "el-onasis"})
    assert (again.status_code, "answered before" in again.text) == (400, True)


def test_the_form_goes_by_itself_and_no_other_script_runs() -> None:
    abroad = Abroad()
    page = abroad.browser.post("/login", data={"login": handle_of(abroad.go()), "persona": "el-onasis"})
    assert "<script>document.forms[0].submit()</script>" in page.text
    assert "script-src 'sha256-" in page.headers["Content-Security-Policy"]
    assert 'data-testid="go"' in page.text
