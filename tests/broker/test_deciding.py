"""Decisions about other countries: what counts, under whose name, and which attempts do not."""

import threading

import pytest

from broker.deciding import DecisionRefused, confirm, decide, set_state
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION, IN_FORCE, WAITING
from tests.broker.fetched import SUBJECT, Trusting, digest
from tests.eidas.parts import private_key


@pytest.fixture
def trusting(tmp_path):
    return Trusting(tmp_path)


@pytest.fixture
def two(tmp_path):
    return Trusting(tmp_path, approvals=2)


def waiting(trusting) -> bytes:
    document = trusting.publish()
    trusting.refresh()
    return document


def test_an_approval_says_who_and_how(trusting):
    document = waiting(trusting)
    assert trusting.decide(document, by="Camille  Martin", words="phone +30,\tN. P.") == "approved"
    facts = trusting.said(DECISION).facts
    assert (facts["by"], facts["words"], facts["needed"]) == ("Camille Martin", "phone +30, N. P.", "1")
    assert trusting.said(IN_FORCE).after == digest(document)


def test_a_rejection_leaves_what_was_in_force(trusting):
    before = trusting.trust()
    trusting.publisher.signing.append(private_key("secp256r1", 2))
    document = waiting(trusting)
    assert trusting.decide(document, "rejected") == "rejected"
    assert (trusting.said(WAITING), trusting.said(IN_FORCE).after) == (None, digest(before))


def test_every_worker_hears_of_it(trusting):
    document, generation = waiting(trusting), trusting.store.generation()
    trusting.decide(document)
    assert trusting.store.generation() == generation + 1


def test_where_two_must_agree_one_is_not_enough(two):
    document = waiting(two)
    assert two.decide(document, by="Camille") == "proposed"
    assert (two.said(WAITING).after, two.said(IN_FORCE)) == (digest(document), None)
    assert two.decide(document, by="Dominique") == "approved"
    assert two.said(IN_FORCE).after == digest(document)


@pytest.mark.parametrize("same", ["Camille", "CAMILLE", " camille ", "\uff23amille"])
def test_where_two_must_agree_they_are_two(two, same):
    document = waiting(two)
    two.decide(document, by="Camille")
    with pytest.raises(DecisionRefused, match="another person must approve"):
        two.decide(document, by=same)
    assert two.said(IN_FORCE) is None


def test_one_may_reject_alone(two):
    document = waiting(two)
    two.decide(document, by="Camille")
    assert two.decide(document, "rejected", by="Camille") == "rejected"


def test_a_proposal_is_of_one_document(two):
    first = waiting(two)
    two.decide(first, by="Camille")
    two.publisher.signing.append(private_key("secp256r1", 2))
    second = waiting(two)
    assert two.decide(second, by="Dominique") == "proposed"


def test_one_decides_on_what_one_has_seen(trusting):
    first = waiting(trusting)
    trusting.publisher.signing.append(private_key("secp256r1", 2))
    waiting(trusting)
    with pytest.raises(DecisionRefused, match="another document of EL/proxy waits now"):
        trusting.decide(first)
    assert trusting.said(IN_FORCE) is None


def test_nothing_is_decided_twice(trusting):
    document = waiting(trusting)
    trusting.decide(document, "rejected")
    with pytest.raises(DecisionRefused, match="nothing of EL/proxy waits"):
        trusting.decide(document)


@pytest.mark.parametrize("by", ["", "X", "a" * 81, "a\x1b[31mb"])
def test_a_decision_has_a_name(trusting, by):
    document = waiting(trusting)
    with pytest.raises(DecisionRefused, match="say who decides"):
        trusting.decide(document, by=by)


@pytest.mark.parametrize("words", ["", "ok", " . ", "a" * 301, "tele\x07phone"])
def test_a_decision_says_how_it_was_verified(trusting, words):
    document = waiting(trusting)
    with pytest.raises(DecisionRefused, match="say how it was verified"):
        trusting.decide(document, words=words)


def test_two_who_decide_at_once_do_not_both_count(trusting):
    document = waiting(trusting)
    start, told = threading.Barrier(4), []

    def attempt(number: int) -> None:
        start.wait()
        verdict = "approved" if number % 2 else "rejected"
        try:
            told.append(trusting.decide(document, verdict, by=f"Person {number}"))
        except DecisionRefused:
            told.append("refused")

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("refused") == 3
    assert trusting.types().count(DECISION) == 1


# -- countries --------------------------------------------------------------------------------------------------------


def suspend(trusting, state="suspended", words="their key was stolen"):
    set_state(trusting.ledger, trusting.store, "EL", state, "Camille", words, trusting.clock())


def test_a_suspended_country_is_off_and_comes_back(trusting):
    trusting.trust()
    suspend(trusting)
    assert trusting.country.active is False
    suspend(trusting, "resumed", "a new key was approved")
    assert trusting.country.active is True


def test_what_the_configuration_has_off_no_decision_puts_on(trusting):
    trusting.change(active=False)
    suspend(trusting)
    suspend(trusting, "resumed")
    assert trusting.country.active is False


@pytest.mark.parametrize(("first", "second"), [(None, "resumed"), ("suspended", "suspended")])
def test_what_is_so_already_is_not_said_again(trusting, first, second):
    if first:
        suspend(trusting, first)
    with pytest.raises(DecisionRefused, match="EL is"):
        suspend(trusting, second)


def test_a_suspension_says_why(trusting):
    with pytest.raises(DecisionRefused, match="or why"):
        suspend(trusting, words="")
    assert COUNTRY not in trusting.types()


def test_a_confirmation_is_written_down(trusting):
    trusting.trust()
    confirm(trusting.ledger, trusting.store, "EL", "Camille", "by phone", trusting.clock())
    assert CONFIRMED in trusting.types()


def test_only_what_is_in_force_can_be_confirmed(trusting):
    with pytest.raises(DecisionRefused, match="no metadata of EL is in force"):
        confirm(trusting.ledger, trusting.store, "EL", "Camille", "by phone", trusting.clock())


def test_a_confirmation_says_how(trusting):
    trusting.trust()
    with pytest.raises(DecisionRefused, match="how it was verified"):
        confirm(trusting.ledger, trusting.store, "EL", "Camille", "", trusting.clock())


def test_an_unknown_node_cannot_be_decided_on(trusting):
    with pytest.raises(DecisionRefused, match="nothing of DE/proxy waits"):
        decide(trusting.ledger, trusting.store, "DE/proxy", "a" * 64, "approved", "Camille", "by phone", 1, 0)
    assert SUBJECT not in {entry.event.subject for entry in trusting.ledger.entries()}
