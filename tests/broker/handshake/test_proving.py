"""Who vouches for a document: the way to the anchor, and what the operator needs in order to ask on the phone."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from broker.handshake import Step
from broker.handshake.proving import ASKS
from certs.keys import fingerprint
from eidas.algorithms import Compatibility, Deviation
from metadata.ledger import Stated
from metadata.ledger.kinds import ANCHOR as PINNED
from metadata.trust.links import Policy, read_anchor
from tests.broker.fetched import ANCHOR, STRANGER
from tests.broker.handshake.meetings import Handshaking, lines, pin
from tests.broker.test_revoking import ROOT, SIGNER, WHERE
from tests.metadata.authorities import DAY, Holder, authority, holder, published, revoked, signer

LEAF = signer("Greek signer", ROOT)
NEXT = holder(ANCHOR.name, key=STRANGER.private)
"""A certificate of the anchor's name around another key."""


@pytest.fixture
def shaking(tmp_path: Path) -> Handshaking:
    return Handshaking(tmp_path)


def signature(shaking: Handshaking, *anchors: Holder, **policy: object) -> Step:
    """The step, where these are the anchors."""
    found = tuple(read_anchor("EL", one.der) for one in anchors)
    shaking.change(anchors=found, policy=Policy("EL", **policy))  # type: ignore[arg-type]
    return shaking.steps()["signature"]


def told(step: Step, *words: str) -> bool:
    """Whether one fact has all of these words."""
    return any(all(word in fact for word in words) for fact in lines(step))


def test_every_certificate_on_the_way_is_shown_with_its_digest_in_groups(shaking: Handshaking):
    shaking.gives(published(LEAF, LEAF, ROOT))
    step = signature(shaking, ROOT)
    assert [fingerprint(one.der) in fact for one, fact in zip((LEAF, ROOT), step.facts[1:], strict=False)] == [True, True]
    assert (step.verdict, told(step, "pinned in partners/countries/EL.toml")) == ("fine", True)


def test_since_when_an_anchor_is_in_the_ledger_is_said(shaking: Handshaking):
    digest = hashlib.sha256(ANCHOR.der).hexdigest()
    facts = {"certificate": digest, "valid_until": "2027-09-21T14:13:20Z", "from": "configuration"}
    stated = Stated(PINNED, f"EL/{digest}", facts, digest, {digest: ANCHOR.der})
    shaking.ledger.note([stated], (), shaking.clock() - DAY)
    shaking.gives(published(ANCHOR))
    assert told(shaking.steps()["signature"], "in our ledger since 2026-09-20")


def test_an_anchor_of_a_list_is_not_said_to_be_pinned(shaking: Handshaking):
    shaking.gives(published(ANCHOR))
    meeting = shaking.meeting()
    course = shaking.course()
    course.meeting = replace(meeting, country=replace(meeting.country, anchors=()))
    assert told({step.name: step for step in course}["signature"], "given by a list")


RELATIONS = {
    "a stranger": (published(STRANGER), "we do not know it"),
    "a successor by its name": (published(NEXT), "it has the name of our anchor and another key"),
    "somebody who says that we issued it": (
        published(replace(STRANGER, der=signer("x", replace(STRANGER, name=ANCHOR.name), key=STRANGER.private).der)),
        "it says that our anchor issued it, which is not so",
    ),
}


@pytest.mark.parametrize("name", RELATIONS)
def test_what_a_certificate_has_to_do_with_ours_is_said(shaking: Handshaking, name: str):
    document, words = RELATIONS[name]
    shaking.gives(document)
    step = signature(shaking, ANCHOR)
    assert (step.verdict, told(step, words)) == ("wrong", True), step.facts
    assert told(step, "our anchor:", fingerprint(ANCHOR.der))


def test_a_certificate_that_our_anchor_issued_and_may_not_use_is_said_to_be_issued_by_it(shaking: Handshaking):
    other = signer("Greek web server", ANCHOR)
    shaking.gives(published(other))
    assert told(signature(shaking, ANCHOR), "issued by our anchor", fingerprint(other.der))


def test_an_anchor_that_stands_beside_a_wrong_signature_is_recognised(shaking: Handshaking):
    shaking.gives(published(ANCHOR).replace(b"support@", b"attacker@"))
    step = signature(shaking, ANCHOR)
    assert (step.verdict, told(step, "it is one of our anchors")) == ("wrong", True)
    assert "change no octet" in step.theirs[0]


SHORT = holder("Greek RSA", kind="rsa2048")
OLD = signer("Greek PKCS1", authority("Greek RSA authority", kind="rsa"), kind="rsa")


def test_what_must_be_allowed_by_name_is_named(shaking: Handshaking):
    shaking.gives(published(SHORT))
    step = signature(shaking, SHORT)
    assert (step.verdict, step.theirs) == ("wrong", (ASKS[Deviation.RSA_2048],))
    assert 'compat = ["rsa-2048"]' in step.ours[0]


def test_what_is_allowed_by_name_is_noted(shaking: Handshaking):
    shaking.gives(published(SHORT))
    step = signature(shaking, SHORT, compatibility=Compatibility(frozenset({Deviation.RSA_2048})))
    assert (step.verdict, step.theirs) == ("note", (ASKS[Deviation.RSA_2048],))


def test_every_deviation_has_something_to_ask():
    assert set(ASKS) == set(Deviation)


OVER = holder("Greek metadata of once", start=-400 * DAY, end=-DAY)
SOON = holder("Greek metadata for now", end=20 * DAY)


def test_an_expired_anchor_is_wrong_or_noted_as_the_policy_says(shaking: Handshaking):
    shaking.gives(published(OVER))
    refused, warned = signature(shaking, OVER), signature(shaking, OVER, expired="warn")
    assert (refused.verdict, warned.verdict) == ("wrong", "note")
    assert 'expired_certificates = "warn"' in refused.ours[0]


def test_an_anchor_that_ends_soon_is_noted(shaking: Handshaking):
    shaking.gives(published(SOON))
    step = signature(shaking, SOON)
    assert (step.verdict, told(step, "ends in 20 days")) == ("note", True)


def test_too_many_certificates_are_not_looked_at(shaking: Handshaking):
    shaking.gives(published(STRANGER, *[STRANGER] * 9))
    step = signature(shaking, ANCHOR)
    assert (step.verdict, told(step, "beside the signature")) == ("wrong", False)


def test_a_certificate_cannot_pass_a_digest_of_its_choice_for_its_own(shaking: Handshaking):
    liar = holder(f"SHA-256 {fingerprint(ANCHOR.der)[:40]}")
    shaking.gives(published(liar))
    (fact,) = [one for one in signature(shaking, ANCHOR).facts if "beside the signature" in one]
    assert fact.index(fingerprint(liar.der)) < fact.index("subject")


# -- revocation -------------------------------------------------------------------------------------------------------


def named(shaking: Handshaking, *serials: int) -> Step:
    """A signer whose certificate names a list, on which these numbers are."""
    shaking.gives(published(SIGNER))
    shaking.server.gives(WHERE, revoked(ROOT, *serials))
    return signature(shaking, ROOT)


def test_a_revoked_signer_is_wrong_and_nothing_would_be_taken_from_him(shaking: Handshaking):
    step = named(shaking, 77)
    assert (step.verdict, step.found) == ("wrong", "the certificate CN=Greek signer is revoked")
    assert "is revoked" in shaking.steps()["change"].found
    assert "tell us on another way" in step.theirs[0]


def test_a_signer_who_is_on_no_list_is_fine_and_the_list_was_looked_at(shaking: Handshaking):
    step = named(shaking, 1)
    assert (step.verdict, told(step, "revocation not checked")) == ("fine", False)


def test_a_list_that_cannot_be_had_is_told(shaking: Handshaking):
    shaking.gives(published(SIGNER))
    step = signature(shaking, ROOT)
    assert (step.verdict, told(step, "revocation not checked")) == ("note", True)


def test_of_a_pinned_file_no_list_is_fetched(shaking: Handshaking):
    pin(shaking, published(SIGNER))
    signature(shaking, ROOT)
    assert shaking.server.asked == []
