"""Who is trusted, who decided, what waits: cases that a person would ask about."""

import pytest

from eidas import times
from metadata.ledger.kinds import ANCHOR, COUNTRY, DECISION, IN_FORCE, WAITING
from metadata.review import standing
from metadata.review.anchors import anchors
from metadata.review.nodes import State, TrustedNode, trusted
from metadata.review.people import decisions
from metadata.review.remarks import remarks
from metadata.review.versions import versions
from metadata.review.waiting import waiting
from tests.metadata import past as p
from tests.metadata.past import ANCHOR_DIGEST, DAY, DOCUMENT, NAME, NOW, Past, past, sha256
from tests.metadata.versions import OTHER, SIGNING, signed, version

NEXT = signed(version((SIGNING, SIGNING + OTHER)))
MOVED = "https://moved.el.example/metadata"
BY_ANCHOR = {"anchor": ANCHOR_DIGEST}


def one(made: Past, days: int = 0) -> TrustedNode:
    """The only node."""
    (node,) = trusted(made.entries, NOW + days * DAY, made.blob)
    return node


def said(made: Past, days: int = 0) -> tuple[str, ...]:
    """The remarks on the only node."""
    at = NOW + days * DAY
    return remarks(made.entries, at, trusted(made.entries, at, made.blob))["EL/proxy"]


def test_what_stands_is_the_last_that_was_said_and_is_still_so():
    made = past([(0, p.in_force()), (1, p.in_force(NEXT)), (1, p.waits()), (2, p.gone(WAITING, "EL/proxy"))])
    assert {key: event.after != "" for key, event in standing(made.entries).items()} == {(IN_FORCE, "EL/proxy"): True}
    assert standing(made.entries)[IN_FORCE, "EL/proxy"].facts["document"] == sha256(NEXT)
    assert standing(made.entries, NOW + DAY).keys() == {(IN_FORCE, "EL/proxy"), (WAITING, "EL/proxy")}


# -- in force ---------------------------------------------------------------------------------------------------------


def test_a_node_is_a_row_with_its_keys():
    node = one(past([(0, p.in_force())]))
    assert (node.subject, node.entity_id, node.document, node.ground) == ("EL/proxy", NAME, sha256(DOCUMENT), "pin")
    assert [(key.kind, len(key.certificate)) for key in node.signing] == [("EC P-256", 64)]
    assert (node.state, node.unreadable, node.waits, node.decision) == (State.IN_USE, "", None, None)


def test_the_moment_itself_counts_and_the_second_before_does_not():
    made = past([(0, p.in_force())])
    assert len(trusted(made.entries, NOW, made.blob)) == 1
    assert trusted(made.entries, NOW - 1, made.blob) == []


def test_trust_begins_anew_after_a_gap_and_the_same_document_keeps_its_number():
    made = past([(0, p.in_force()), (1, p.gone(IN_FORCE, "EL/proxy")), (2, p.in_force())])
    node = one(made, 3)
    assert (node.since, node.version, node.version_since) == (NOW + 2 * DAY, 1, NOW + 2 * DAY)
    assert [(v.number, v.since, v.until) for v in versions(made.entries, "EL/proxy")] == [
        (1, NOW, NOW + DAY),
        (1, NOW + 2 * DAY, None),
    ]


def test_who_takes_another_entity_id_is_trusted_from_then_on():
    made = past([(0, p.in_force()), (1, p.in_force(NEXT, "approval", entity_id=MOVED))])
    assert (one(made).since, one(made, 1).since) == (NOW, NOW + DAY)


def test_a_document_counts_until_the_second_before_its_end():
    made = past([(0, p.in_force(valid_until=times.written(NOW + DAY)))])
    states = [trusted(made.entries, NOW + DAY + more, made.blob)[0].state for more in (-1, 0)]
    assert states == [State.IN_USE, State.EXPIRED]


def test_who_is_suspended_stays_so_with_fresh_metadata_until_somebody_resumes():
    made = past([(0, p.in_force()), (1, p.country("suspended")), (2, p.in_force(NEXT)), (3, p.country("resumed"))])
    assert [one(made, days).state for days in (0, 1, 2, 3)] == ["in use", "suspended", "suspended", "in use"]


def test_the_suspension_of_another_country_changes_nothing():
    made = past([(0, p.in_force()), (0, p.country("suspended", "IT"))])
    assert one(made).state is State.IN_USE


UNREADABLE = {
    "no XML": (b"<md:EntityDescriptor", "not well-formed"),
    "of another node": (DOCUMENT.replace(NAME.encode(), MOVED.encode()), "does not describe https://el.example/metadata"),
    "bombs": (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "document type"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_document_that_cannot_be_read_is_a_row_that_says_so(name: str):
    octets, why = UNREADABLE[name]
    node = one(past([(0, p.in_force(octets))]))
    assert (node.entity_id, node.signing) == (NAME, ())
    assert why in node.unreadable


def test_a_document_that_is_lost_or_altered_is_not_taken_for_what_was_trusted():
    made = past([(0, p.in_force())])
    digest = sha256(DOCUMENT)
    made.blobs[digest] = NEXT
    assert "was altered" in one(made).unreadable
    del made.blobs[digest]
    assert "does not have the document" in one(made).unreadable
    assert said(made) == (one(made).unreadable,)


# -- decisions --------------------------------------------------------------------------------------------------------

APPROVED = [(0, p.waits()), (1, p.decision("approved")), (1, p.in_force(ground="approval", **BY_ANCHOR))]


def test_behind_the_keys_stands_who_approved_them_also_after_renewals():
    made = past([*APPROVED, (2, p.in_force(NEXT, "renewal", **BY_ANCHOR))])
    decision = one(made, 2).decision
    assert decision is not None
    assert (decision.people, decision.words, decision.time) == (("Camille",), ("Camille read it out",), NOW + DAY)


@pytest.mark.parametrize("ground", ["pin", "anchor"])
def test_no_decision_stands_behind_keys_that_came_without_one(ground: str):
    assert one(past([*APPROVED, (2, p.in_force(NEXT, ground))]), 2).decision is None


def test_a_decision_of_the_same_moment_counts_whichever_was_written_first():
    made = past([(0, p.in_force(ground="approval")), (0, p.decision("approved"))])
    assert one(made).decision is not None


def test_the_approval_of_another_document_is_not_behind_this_one():
    assert one(past([(0, p.decision("approved", NEXT)), (0, p.in_force(ground="approval"))])).decision is None


def test_two_people_are_named_the_one_who_proposed_first():
    told = [(0, p.decision("proposed", by="Camille", needed="2")), (1, p.decision("approved", by="Dominique", needed="2"))]
    proposed, approved = decisions(past(told).entries)
    assert (proposed.people, proposed.by_two) == (("Camille",), False)
    assert (approved.people, approved.by_two, approved.needed) == (("Camille", "Dominique"), True, 2)


ALONE = {
    "one who proposed and approved": [p.decision("proposed", needed="2"), p.decision("approved", needed="2")],
    "one who writes his name in two ways": [
        p.decision("proposed", needed="2"),
        p.decision("approved", by="CAMILLE", needed="2"),
    ],
    "a proposal of another document": [p.decision("proposed", NEXT, "Dominique", "2"), p.decision("approved", needed="2")],
    "a proposal that was rejected": [
        p.decision("proposed", by="Dominique", needed="2"),
        p.decision("rejected", needed="2"),
        p.decision("approved", needed="2"),
    ],
    "a proposal that stands no more": [
        p.decision("proposed", by="Dominique", needed="2"),
        p.gone(DECISION, "EL/proxy"),
        p.decision("approved", needed="2"),
    ],
}


@pytest.mark.parametrize("name", ALONE)
def test_one_person_is_not_two(name: str):
    made = past([(0, told) for told in ALONE[name]]).tell(NOW + DAY, p.in_force(ground="approval"))
    assert decisions(made.entries)[-1].by_two is False
    assert "two people were needed, and one decided" in said(made, 1)


def test_suspensions_and_confirmations_are_decisions_too():
    made = past([(0, p.country("suspended")), (1, p.country("resumed")), (2, p.confirmed()), (3, p.gone(COUNTRY, "EL"))])
    assert [(one.verdict, one.country) for one in decisions(made.entries)] == [
        ("suspended", "EL"),
        ("resumed", "EL"),
        ("confirmed", "EL"),
    ]
    assert len(decisions(made.entries, NOW + DAY)) == 2


# -- what waits -------------------------------------------------------------------------------------------------------


def test_what_waits_is_in_the_row_since_it_waits():
    made = past([(0, p.in_force()), (1, p.waits(NEXT)), (2, p.waits(NEXT, "dangerous"))])
    waits = one(made, 4).waits
    assert waits is not None
    assert (waits.document, waits.news, waits.since) == (sha256(NEXT), "dangerous", NOW + DAY)
    assert said(made, 4) == ("another document waits for a decision for 3 days: it has something dangerous",)


def test_another_document_waits_anew():
    (waits,) = waiting(past([(0, p.waits()), (1, p.waits(NEXT))]).entries)
    assert waits.since == NOW + DAY


def test_the_first_of_two_words_is_beside_what_waits():
    made = past([(0, p.waits()), (1, p.decision("proposed", needed="2"))])
    assert [one.proposed.people for one in waiting(made.entries) if one.proposed] == [("Camille",)]
    made.tell(NOW + 2 * DAY, p.waits(NEXT))
    assert [one.proposed for one in waiting(made.entries)] == [None]


# -- anchors, and what to look at -------------------------------------------------------------------------------------


def test_an_anchor_names_who_stands_on_it():
    made = past(
        [(0, p.anchor()), (1, p.in_force(ground="anchor", **BY_ANCHOR)), (1, p.in_force(subject="IT/proxy", **BY_ANCHOR))]
    )
    (anchor,) = anchors(made.entries, NOW + DAY)
    assert (anchor.country, anchor.since, anchor.source, anchor.nodes) == ("EL", NOW, "configuration", ("EL/proxy",))


REMARKS = {
    "nothing": ([p.anchor(), p.in_force(**BY_ANCHOR)], []),
    "suspended": ([p.in_force(), p.country("suspended")], ["suspended by Camille: they called us"]),
    "expired": ([p.in_force(valid_until=times.written(NOW - 3 * DAY))], ["its metadata expired 3 days ago"]),
    "anchor gone": (
        [p.anchor(), p.in_force(**BY_ANCHOR), p.gone(ANCHOR, f"EL/{ANCHOR_DIGEST}")],
        ["its anchor is not pinned"],
    ),
    "anchor of another country": ([p.anchor(code="IT"), p.in_force(**BY_ANCHOR)], ["its anchor is not pinned"]),
    "anchor over": ([p.anchor(NOW - DAY), p.in_force(**BY_ANCHOR)], ["its anchor expired 1 day ago"]),
}


@pytest.mark.parametrize("name", REMARKS)
def test_what_to_look_at_is_said(name: str):
    told, expected = REMARKS[name]
    assert list(said(past([(0, one) for one in told]))) == expected


def test_a_country_that_nobody_asked_for_a_year_is_said():
    made = past([(0, p.in_force(valid_until="2040-01-01T00:00:00Z"))])
    assert (said(made, 364), said(made, 365)) == ((), ("not confirmed with the country for 365 days",))
    made.tell(NOW + 366 * DAY, p.confirmed())
    assert said(made, 366) == ()
