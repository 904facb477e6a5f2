"""What a report says, chapter by chapter."""

import json

import pytest

from eidas import times
from metadata.ledger.kinds import IN_FORCE
from metadata.report import facts
from tests.metadata import past as p
from tests.metadata.past import DAY, sha256
from tests.metadata.report.reported import (
    BEFORE,
    BEGIN,
    DOCUMENT,
    END,
    OLD_OF_OURS,
    OTHER_KEY,
    OURS,
    TWO_KEYS,
    Told,
    configured,
    half_a_year,
    own_key,
    refused,
    root_of,
)
from tests.metadata.versions import ENC, GCM, method, signed, version

SAID = facts(half_a_year().basis())


def said(*told, **span):
    """What a report says of a ledger that was told of this: moments, and what."""
    made = Told()
    for moment, *stated in told:
        made.tell(moment, *stated)
    return facts(made.basis(**span))


def test_it_is_the_same_each_time_and_of_nothing_but_json():
    assert json.loads(json.dumps(SAID)) == json.loads(json.dumps(facts(half_a_year().basis())))


def test_who_was_trusted_is_told_of_both_ends_of_the_span():
    ends = [
        [(one["document"], one["version"], one["ground"]) for one in SAID[f"trusted_{end}"]] for end in ("first", "last")
    ]
    assert ends == [[(sha256(DOCUMENT), 1, "pin")], [(sha256(TWO_KEYS), 2, "approval")]]


def test_what_was_decided_behind_the_span_is_not_told():
    told = [(one["verdict"], one["people"], one["time"]) for one in SAID["decisions"]]
    assert told == [
        ("approved", ("Camille",), "2026-07-12T00:00:00Z"),
        ("suspended", ("Camille",), "2026-08-10T00:00:00Z"),
        ("resumed", ("Camille",), "2026-08-11T00:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([p.decision("approved", needed="1")], [(True, False)]),
        ([p.decision("approved", needed="2")], [(True, True)]),
        ([p.decision("proposed", needed="2"), p.decision("approved", needed="2", by="Dominique")], [(False, False)] * 2),
        (
            [p.decision("proposed", needed="2"), p.decision("approved", needed="2", by="CAMILLE")],
            [(False, False), (True, True)],
        ),
        ([p.decision("rejected", needed="2")], [(True, False)]),
        ([p.country("suspended")], [(True, False)]),
    ],
    ids=["one", "one of two", "two", "one under two names", "rejected by one", "suspended by one"],
)
def test_the_word_of_one_person_is_marked_and_so_is_one_that_was_not_enough(words, expected):
    told = said(*((BEGIN + count, word) for count, word in enumerate(words)))
    assert [(one["alone"], one["short"]) for one in told["decisions"]] == expected


def test_a_decision_stands_beside_the_configuration_of_its_moment():
    told = said(
        (BEFORE, p.country("suspended")),
        (BEGIN, configured("sandbox")),
        (BEGIN + 1, p.country("resumed")),
        (BEGIN + 2, configured("production")),
        (BEGIN + 3, p.country("suspended")),
    )
    assert [one["mode"] for one in told["decisions"]] == ["sandbox", "production"]
    assert told["decisions"][0]["configuration"] == sha256(b"sandbox")


def test_a_decision_without_a_configuration_says_so():
    assert said((BEGIN, p.country("suspended")))["decisions"][0]["mode"] == ""


def test_each_state_of_a_key_that_was_there_in_the_span_is_told():
    told = said(
        (BEFORE, own_key("published")),
        (BEFORE + DAY, own_key("active")),
        (BEGIN + DAY, own_key("retiring")),
        (END + DAY, own_key("active")),
    )
    states = [(one["state"], one["since"], one["until"]) for one in told["keys"]]
    assert states == [
        ("active", times.written(BEFORE + DAY), times.written(BEGIN + DAY)),
        ("retiring", times.written(BEGIN + DAY), ""),
    ]


def test_a_version_is_compared_with_the_one_before_it_even_when_that_came_before_the_span():
    (change,) = SAID["changes"]
    assert (change["version"], change["before"], change["grade"]) == (2, sha256(DOCUMENT), "attention")
    told = [(one["code"], one["grade"]) for one in change["changes"] if one["part"] == "keys"]
    assert told == [("key-beside", "attention")]


def test_a_document_that_says_nothing_else_is_counted_and_not_listed():
    again = signed(version(('validUntil="2026-09-22T14:13:20Z"', 'validUntil="2026-09-23T14:13:20Z"')))
    told = said((BEFORE, p.in_force()), (BEGIN, p.in_force(again, "renewal")), (BEGIN + 1, p.in_force(OTHER_KEY)))
    assert (told["renewals"], [one["version"] for one in told["changes"]]) == ({"EL/proxy": 1}, [3])


def test_the_first_version_is_listed_without_a_comparison():
    (change,) = said((BEGIN, p.in_force()))["changes"]
    assert (change["before"], change["changes"]) == ("", ())


@pytest.mark.parametrize("broken", [b"<md:EntityDescriptor", DOCUMENT])
def test_a_version_that_cannot_be_compared_says_why(broken):
    told = Told().tell(BEFORE, p.in_force(broken)).tell(BEGIN, p.in_force(TWO_KEYS))
    if broken is DOCUMENT:
        told.blobs[sha256(DOCUMENT)] = b"altered"
    (change,) = facts(told.basis())["changes"]
    assert change["unreadable"]


def test_what_is_missing_or_altered_is_named():
    told = half_a_year()
    told.blobs[sha256(DOCUMENT)] = b"altered"
    del told.blobs[sha256(TWO_KEYS)]
    assert facts(told.basis())["missing"] == sorted([sha256(DOCUMENT), sha256(TWO_KEYS)])


def test_what_is_weak_on_the_last_day_is_told_and_what_is_good_is_not():
    broken = signed(version((GCM, method(f"{ENC}tripledes-cbc"))))
    told = said((BEGIN, p.in_force(broken)))["weak"]
    assert [(one["node"], one["about"], one["strength"]) for one in told] == [("EL/proxy", "encryption method", "refused")]
    assert SAID["weak"] == []


def test_what_had_ended_is_told_and_what_ends_soon():
    told = {one["kind"]: one["severity"] for one in SAID["endings"]}
    assert (told["metadata"], told["anchor"]) == ("over", "urgent")


def test_incidents_are_refusals_words_against_and_keys_that_nobody_announced():
    told = said(
        (BEFORE, p.in_force(), refused("before the span")),
        (BEGIN, refused()),
        (BEGIN + 1, p.decision("rejected")),
        (BEGIN + 2, p.country("suspended")),
        (BEGIN + 3, p.in_force(OTHER_KEY, "approval")),
        (BEGIN + 4, p.gone(IN_FORCE, "EL/proxy")),
    )
    assert [one["kind"] for one in told["incidents"]] == [
        "refused metadata",
        "rejected metadata",
        "suspended",
        "keys without announcement",
    ]


def test_a_key_that_came_beside_the_old_one_is_no_incident():
    told = said((BEFORE, p.in_force()), (BEGIN, p.in_force(TWO_KEYS)), (BEGIN + 1, p.in_force(OTHER_KEY)))
    assert [one["kind"] for one in told["incidents"]] == []


def test_a_clock_that_went_back_is_an_incident_and_cuts_no_entry_off():
    told = said((BEGIN + DAY, configured()), (END + DAY, p.anchor()), (BEGIN + DAY - 5, p.in_force()))
    assert told["heads"]["entries"] == 3
    assert [(one["kind"], one["what"]) for one in told["incidents"]] == [
        ("the clock went back", f"entry 2 is {END - BEGIN + 5} s earlier than the one before it")
    ]


def test_our_own_metadata_is_judged_as_of_the_moment_of_its_publication():
    told = [(one["document"], len(one["findings"]) > 0) for one in SAID["conformance"]]
    assert told == [(sha256(OLD_OF_OURS), True), (sha256(OURS), False)]


def test_our_own_metadata_that_the_ledger_has_lost_is_said_to_be():
    told = half_a_year()
    del told.blobs[sha256(OURS)]
    assert "does not have the document" in facts(told.basis())["conformance"][1]["unreadable"]


def test_the_heads_are_those_of_the_end_of_the_span():
    told = half_a_year()
    note, _ = told.note(3)
    heads = facts(told.basis(heads=[note]))["heads"]
    assert (heads["entries"], heads["covered"], heads["begun"]) == (len(told.entries) - 1, 3, times.written(BEFORE))
    assert heads["root"] != root_of(told)


def test_a_span_in_which_nothing_happened_is_told_of_all_the_same():
    told = facts(half_a_year().basis("2026-06-10", "2026-06-20"))
    assert (told["decisions"], told["changes"], told["incidents"]) == ([], [], [])
    assert len(told["trusted_first"]) == len(told["trusted_last"]) == 1


def test_of_a_span_before_the_ledger_began_it_says_nothing():
    told = facts(half_a_year().basis("2020-01-01", "2020-12-31"))
    assert (told["trusted_last"], told["heads"]["entries"], told["heads"]["begun"]) == ([], 0, "")


def test_the_summary_counts_what_the_chapters_hold():
    assert SAID["summary"] == {
        "trusted_first": 1,
        "trusted_last": 1,
        "decisions": 3,
        "decisions_of_one_person": 3,
        "decisions_short_of_a_person": 0,
        "keys": 1,
        "changes": {"attention": 1},
        "weak": 0,
        "ended": 1,
        "incidents": 3,
        "errors_of_ours": len([one for one in SAID["conformance"][0]["findings"] if one["severity"] == "error"]),
    }
