"""What would become of a document that is fetched, and what it changes."""

from pathlib import Path

import pytest

from metadata.ledger.kinds import IN_FORCE
from tests.broker.fetched import STRANGER
from tests.broker.handshake.meetings import Handshaking, first_wrong, lines, pin
from tests.eidas.parts import private_key
from tests.metadata.authorities import DAY, published

NEW = private_key("secp256r1", 2)


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    """Greece's Proxy-Service is trusted; her Connector is of another test."""
    made = Handshaking(tmp_path)
    made.change(sources={"proxy": made.address})
    return made


def change(shaking: Handshaking):
    shaking.gives(shaking.publisher.document())
    return shaking.steps()["change"]


def test_the_first_document_would_wait(shaking: Handshaking):
    step = change(shaking)
    assert (step.verdict, step.found) == (
        "note",
        "on fetching it would wait for a person: it is the first that this node is trusted by",
    )


def test_where_an_anchor_suffices_it_would_count(shaking: Handshaking):
    shaking.change(updates="auto")
    assert change(shaking).found == "on fetching it would count, since an anchor suffices (updates = auto)"


def test_what_is_in_force_already_changes_nothing(shaking: Handshaking):
    shaking.trust()
    step = change(shaking)
    assert (step.verdict, step.found) == ("fine", "on fetching nothing would change")
    assert lines(step) == ("it says the same as what is in force",)


def test_a_renewal_would_count(shaking: Handshaking):
    shaking.trust()
    shaking.clock.advance(4 * DAY)
    step = change(shaking)
    assert step.found == "on fetching it would count, as a renewal without news"


def test_a_new_key_would_wait_and_is_shown(shaking: Handshaking):
    shaking.trust()
    shaking.publisher.signing.append(NEW)
    step = change(shaking)
    assert step.found == "on fetching it would wait for a person: it has new keys"
    assert any(fact.startswith("! attention: + signing key") for fact in lines(step))


def test_a_dangerous_change_is_asked_about(shaking: Handshaking):
    shaking.trust()
    shaking.publisher.edits.append(("https://node.el.example/sso", "https://elsewhere.example/sso"))
    step = change(shaking)
    assert (step.verdict, "it changes something dangerous" in step.found) == ("note", True)
    assert any(fact.startswith("! dangerous:") for fact in lines(step))
    assert any(ask.startswith("Confirm this change") for ask in step.theirs)


def test_what_waits_already_is_to_be_decided(shaking: Handshaking):
    shaking.publish()
    shaking.refresh()
    step = change(shaking)
    assert (step.found, step.ours) == ("it waits for a person already", ("Decide on it: passerelle trust pending.",))


def test_what_was_rejected_would_be_refused(shaking: Handshaking):
    document = shaking.publish()
    shaking.refresh()
    shaking.decide(document, "rejected")
    assert "a person rejected it" in change(shaking).found


def test_what_is_refused_leaves_what_is_in_force(shaking: Handshaking):
    shaking.trust()
    until = shaking.said(IN_FORCE).facts["valid_until"]
    shaking.gives(published(STRANGER))
    steps = shaking.steps()
    assert first_wrong(steps) == "signature"
    assert lines(steps["change"]) == (f"! what is in force stays until {until}",)


def test_a_pinned_file_would_not_be_fetched(shaking: Handshaking):
    pin(shaking, shaking.publisher.document())
    assert shaking.steps()["change"].found == "a pinned file counts as it lies there"


def test_errors_of_form_are_noted_with_their_rules(shaking: Handshaking):
    shaking.publisher.edits.append((' use="signing"', ""))
    shaking.gives(shaking.publisher.document())
    step = shaking.steps()["conformance"]
    assert (step.verdict, any("EID-MD-" in fact and "KeyDescriptor" in fact for fact in lines(step))) == ("note", True)
    assert any("(Message Format 1.4" in ask and ask.startswith("EID-MD-") for ask in step.theirs)
