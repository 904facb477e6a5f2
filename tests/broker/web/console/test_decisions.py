"""What an operator decides at the console, and how it stands in the ledger."""

from dataclasses import replace

import pytest

from metadata.ledger.kinds import COUNTRY, DECISION, IN_FORCE, WAITING
from metadata.review import standing
from tests.broker.web.console.at_work import CAMILLE, DOMINIQUE, SACHA, signed_in
from tests.broker.web.console.past import DAY, EVIL, document, ledger_of, waiting, write_past
from tests.broker.world import World

PHONE = "fingerprint read over the phone to +30 210 000"


@pytest.fixture
def past(world):
    return write_past(ledger_of(world), world.clock)


@pytest.fixture
def desk(world):
    return signed_in(world, "operator", SACHA)


def now_stands(world: World, kind: str, subject: str):
    """What the ledger says now."""
    return standing(ledger_of(world).entries()).get((kind, subject))


def decide(desk, verdict="approved", words=PHONE, **changes):
    desk.open("/decisions")
    return desk.submit("/decisions", verdict=verdict, words=words, **changes)


# -- a waiting document -----------------------------------------------------------------------------------------------


def test_the_page_shows_what_waits_its_keys_and_what_they_would_change(world, past, desk):
    desk.open("/decisions")
    shown = desk.page.one(data_testid="open-EL-proxy").text
    digest = past.digest(2)
    assert " ".join(digest[at : at + 4] for at in range(0, 32, 4)) in shown
    assert "new" in shown
    assert "without overlap" in shown
    assert "dangerous" in shown


def test_the_first_document_of_a_node_is_said_to_be_the_first(world, desk):
    octets, _ = document("IT", world.clock)
    ledger_of(world).note([waiting(octets, "IT", "first", world.clock() + DAY, "")], (), world.clock())
    desk.open("/decisions")
    assert "it is the first document" in desk.page.one(data_testid="open-IT-proxy").text


def test_an_approval_puts_the_document_in_force_under_the_name_of_the_operator(world, past, desk):
    before = world.store.generation()
    answer = decide(desk)
    assert (answer.status_code, answer.location) == (303, "/console/decisions")
    decision = now_stands(world, DECISION, "EL/proxy").facts
    assert (decision["verdict"], decision["by"], decision["words"]) == ("approved", SACHA, PHONE)
    force = now_stands(world, IN_FORCE, "EL/proxy").facts
    assert (force["document"], force["ground"]) == (past.digest(2), "approval")
    assert now_stands(world, WAITING, "EL/proxy") is None
    assert world.store.generation() > before
    desk.open("/decisions")
    assert desk.page.one(data_testid="nothing")


def test_a_rejection_leaves_in_force_what_was(world, past, desk):
    assert decide(desk, "rejected", "they know nothing of it").status_code == 303
    assert now_stands(world, DECISION, "EL/proxy").facts["verdict"] == "rejected"
    assert now_stands(world, IN_FORCE, "EL/proxy").facts["document"] == past.digest(1)
    assert now_stands(world, WAITING, "EL/proxy") is None


@pytest.mark.parametrize("verdict", ["", "maybe", "proposed", "APPROVED"])
def test_what_is_neither_word_decides_nothing(world, past, desk, verdict):
    size = len(ledger_of(world).entries())
    assert decide(desk, verdict).status_code == 422
    assert len(ledger_of(world).entries()) == size


@pytest.mark.parametrize("words", ["", "  ", "ok", "x" * 301])
def test_a_decision_without_a_reason_is_not_taken_and_what_was_typed_stays(world, past, desk, words):
    answer = decide(desk, words=words)
    assert answer.status_code == 422
    assert "3 to 300" in desk.says("wrong")
    assert desk.page.one(data_testid="words").get("value") == words.strip()
    assert desk.page.one(data_testid="words").get("aria-describedby") == "erreurs"
    assert now_stands(world, WAITING, "EL/proxy")


def test_a_document_that_was_replaced_while_somebody_looked_is_not_approved(world, past, desk):
    desk.open("/decisions")
    octets, _ = document("EL", world.clock)
    ledger_of(world).note([waiting(octets, "EL", "keys", world.clock() + DAY, "")], (), world.clock())
    assert desk.submit("/decisions", verdict="approved", words=PHONE).status_code == 422
    assert "another document" in desk.says("wrong")
    assert now_stands(world, IN_FORCE, "EL/proxy").facts["document"] == past.digest(1)


def test_a_form_that_is_sent_twice_decides_once(world, past, desk):
    decide(desk)
    desk.open("/registre")
    size = desk.says("size")
    token = desk.page.all("input", name="token")[0].get("value")
    form = {"subject": "EL/proxy", "document": past.digest(2), "verdict": "approved", "words": PHONE, "token": token}
    assert desk.send("/decisions", **form).status_code == 422
    desk.open("/registre")
    assert desk.says("size") == size


def test_where_two_must_agree_one_proposes_and_another_approves(make_world):
    world = make_world()
    house = world.app.extensions["passerelle"]
    trust = replace(world.settings.trust, approvals=2)
    house._rooms = replace(house(), settings=replace(world.settings, trust=trust))
    past = write_past(ledger_of(world), world.clock)
    first, second = signed_in(world, "operator", SACHA), signed_in(world, "operator", DOMINIQUE)
    assert decide(first).status_code == 303
    assert now_stands(world, IN_FORCE, "EL/proxy").facts["document"] == past.digest(1)
    assert decide(first).status_code == 422
    assert "another person" in first.says("wrong")
    second.open("/decisions")
    assert SACHA in second.says("proposed")
    assert decide(second).status_code == 303
    assert now_stands(world, IN_FORCE, "EL/proxy").facts["document"] == past.digest(2)


def test_markup_in_a_reason_is_shown_as_text_everywhere(world, past, desk):
    decide(desk, words=EVIL)
    for path in ("", "/decisions", "/noeud/EL/proxy", "/registre"):
        assert "<script" not in desk.open(path).text
    assert EVIL in desk.open("/decisions").text.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')


def test_an_auditor_sees_what_waits_and_no_form(world, past):
    desk = signed_in(world, "auditor", CAMILLE)
    desk.open("/decisions")
    assert desk.page.one(data_testid="open-EL-proxy")
    assert [form.get("action") for form in desk.page.all("form", method="post")] == ["/console/sortir"]


def test_the_name_is_that_of_the_session_whatever_the_form_says(world, past, desk):
    decide(desk, by=CAMILLE, name=CAMILLE)
    assert now_stands(world, DECISION, "EL/proxy").facts["by"] == SACHA


# -- a country --------------------------------------------------------------------------------------------------------


def test_a_country_is_suspended_and_used_again_with_a_reason_each(world, past, desk):
    for state, words, button in (("suspended", "their key was stolen", "resume"), ("resumed", "a new key", "suspend")):
        desk.open("/pays/EL")
        answer = desk.submit("/pays/EL", state=state, words=words)
        assert (answer.status_code, answer.location) == (303, "/console/pays/EL")
        told = now_stands(world, COUNTRY, "EL").facts
        assert (told["state"], told["by"], told["words"]) == (state, SACHA, words)
        desk.open("/pays/EL")
        assert desk.page.one(data_testid=button)


@pytest.mark.parametrize(("state", "words"), [("suspended", ""), ("suspended", "x"), ("off", PHONE), ("", PHONE)])
def test_a_country_is_not_suspended_without_a_word_or_a_reason(world, past, desk, state, words):
    desk.open("/pays/EL")
    assert desk.submit("/pays/EL", state=state, words=words).status_code == 422
    assert now_stands(world, COUNTRY, "EL") is None
    assert desk.page.one(data_testid="wrong")


def test_what_is_neither_word_does_not_end_a_suspension(world, past, desk):
    desk.open("/pays/IS")
    assert desk.submit("/pays/IS", state="off", words=PHONE).status_code == 422
    assert now_stands(world, COUNTRY, "IS").facts["state"] == "suspended"


def test_what_is_so_already_is_not_said_again(world, past, desk):
    desk.open("/pays/IS")
    assert desk.submit("/pays/IS", state="suspended", words=PHONE).status_code == 422
    assert "already" in desk.says("wrong")


def test_a_country_that_nobody_knows_is_not_suspended(world, past, desk):
    desk.open("/pays/EL")
    token = desk.page.all("input", name="token")[0].get("value")
    assert desk.send("/pays/XX", token=token, state="suspended", words=PHONE).status_code == 404
    assert now_stands(world, COUNTRY, "XX") is None


def test_an_auditor_sees_the_state_of_a_country_and_no_form(world, past):
    desk = signed_in(world, "auditor", CAMILLE)
    desk.open("/pays/IS")
    assert desk.says("state") == "suspended"
    assert not desk.page.all(data_testid="resume")
