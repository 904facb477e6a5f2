"""The entries of the ledger: what may be written, how it is written, and what is noticed when it is read."""

import json
from dataclasses import asdict, replace

import pytest

from certs.keys import EIDAS_ALGORITHMS, OP_ALGORITHMS, Use
from metadata.errors import LedgerRefused
from metadata.ledger import EntryRefused, Event, canonical, news, written
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION, KEY, KINDS, REFUSED, REPORT
from metadata.ledger.merkle import Frontier, leaf_hash
from tests.metadata.ledgers import DIGEST, EXAMPLES, KEY_FACTS, KID, NOW, STATED, entries_of, ledger, rewritten


@pytest.fixture
def lines():
    """A ledger of five entries."""
    return ledger(turns=2)


@pytest.fixture
def events(lines):
    return [entry.event for entry in entries_of(lines)]


def refusal(lines):
    with pytest.raises(EntryRefused) as refused:
        entries_of(lines)
    return refused.value


def test_an_event_is_written_in_one_way(lines):
    assert entries_of(lines)[0].leaf.decode() == (
        '{"after":"' + "a" * 64 + '","before":"","facts":{"mode":"production","program":"0.1.0"},'
        '"seq":0,"subject":"instance","time":1790000000,"type":"configuration.in_force"}'
    )


def test_the_root_beside_an_event_is_that_of_all_events_up_to_it(lines):
    entries = entries_of(lines)
    assert entries[3].root == Frontier(leaf_hash(entry.leaf) for entry in entries[:4]).root()


def test_what_has_not_changed_is_not_written_again(lines):
    entries = entries_of(ledger())
    assert news(entries, STATED, (), NOW + 1) == []


def test_what_has_changed_says_what_it_was(events):
    assert (events[4].before, events[4].after) == (DIGEST["a"], f"{1:064x}")


def test_what_is_no_more_is_written_down_where_everything_was_stated(lines):
    (event,) = news(entries_of(ledger()), STATED[:3], [KEY], NOW)
    assert (event.subject, event.before, event.after, event.facts) == (KID, DIGEST["f"], "", {})


def test_what_is_no_more_is_not_written_twice():
    lines = ledger()
    lines += written(entries_of(lines), news(entries_of(lines), STATED[:3], [KEY], NOW))
    assert news(entries_of(lines), STATED[:3], [KEY], NOW) == []


def test_an_entry_names_the_files_that_it_speaks_of(lines):
    assert [entry.blobs for entry in entries_of(lines)] == [(), (DIGEST["b"],), (DIGEST["d"],), (DIGEST["c"],), ()]


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.SEALING])
@pytest.mark.parametrize("algorithm", sorted({*OP_ALGORITHMS, *EIDAS_ALGORITHMS}))
def test_every_key_can_be_written_down(use, algorithm):
    event = Event(0, NOW, KEY, KID, {**KEY_FACTS, "use": str(use), "algorithm": algorithm}, "", DIGEST["a"])
    assert entries_of(written([], [event]))[0].event == event


# -- nothing of a person ----------------------------------------------------------------------------------------------

OF_A_PERSON = ["Aristotelis Onasis", "1966-01-20", "camille@example.org", "+33 1 23 45 67 89", "EL/FR/Ab-12.34", "Ωνάσης"]


OF_THE_STAFF = {(type_, name) for type_ in (DECISION, COUNTRY, CONFIRMED) for name in ("by", "words")} | {
    (REFUSED, "reason"),  # ours: rules do not quote what they refuse
    (REPORT, "from"),
    (REPORT, "to"),
}
"""What has the form of a sentence or of a day, because it is the staff's own."""
FACTS = [(type_, name) for type_, kind in KINDS.items() for name in kind.facts]


def test_there_is_an_example_of_each_type():
    assert {one.type for one in EXAMPLES} == KINDS.keys()


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.type)
def test_every_type_can_be_written_down(one):
    event = Event(0, NOW, one.type, one.subject, one.facts, "", one.after)
    assert entries_of(written([], [event]))[0].event == event


@pytest.mark.parametrize("value", OF_A_PERSON)
@pytest.mark.parametrize(("type_", "name"), [fact for fact in FACTS if fact not in OF_THE_STAFF])
def test_no_fact_takes_what_describes_a_person(type_, name, value):
    (stated,) = (one for one in EXAMPLES if one.type == type_)
    event = Event(0, NOW, type_, stated.subject, {**stated.facts, name: value}, "", DIGEST["a"])
    with pytest.raises(LedgerRefused, match=f"the fact {name} of"):
        written([], [event])


@pytest.mark.parametrize("value", OF_A_PERSON)
@pytest.mark.parametrize("stated", EXAMPLES, ids=lambda one: one.type)
def test_no_subject_is_a_person(stated, value):
    with pytest.raises(LedgerRefused, match="no such subject"):
        written([], [Event(0, NOW, stated.type, value, stated.facts, "", DIGEST["a"])])


def test_a_fact_of_another_name_is_not_written(events):
    with pytest.raises(LedgerRefused, match="other facts"):
        written([], [replace(events[0], facts={**events[0].facts, "name": "x"})])


def test_an_event_of_another_type_is_not_written(events):
    with pytest.raises(LedgerRefused, match="type that the ledger does not have"):
        written([], [replace(events[0], type="login.finished", facts={})])


# -- what is noticed --------------------------------------------------------------------------------------------------


def test_an_altered_entry_is_named(lines):
    lines[2] = lines[2].replace(b"us.example", b"no.example")
    assert str(refusal(lines)) == "entry 2: the entry was altered: its root is another"


def test_an_altered_root_is_named(lines):
    members = json.loads(lines[1])
    lines[1] = canonical({**members, "root": json.loads(lines[2])["root"]})
    assert str(refusal(lines)) == "entry 1: the entry was altered: its root is another"


def test_a_missing_entry_is_named(lines):
    del lines[2]
    assert str(refusal(lines)) == "entry 2: entry 2 is missing, or was renumbered: 3 stands there"


def test_an_inserted_entry_is_named(lines):
    lines.insert(2, lines[1])
    assert str(refusal(lines)) == "entry 2: an entry was inserted, or renumbered: 1 stands there"


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"1", b'{"event":{},"root":""}', b'{"event":[],"root":""}', b"\xff", b"[" * 100_000],
    ids=["empty", "half", "list", "number", "no members", "no object", "no text", "deep"],
)
def test_a_line_that_is_no_entry_is_named(lines, line):
    lines[3] = line
    assert str(refusal(lines)) == "entry 3: the entry was altered: the line is no entry any more"


@pytest.mark.parametrize("altered", [b" {", b'{"a":1,'], ids=["a space", "a member"])
def test_a_line_that_is_written_in_another_way_is_named(lines, altered):
    lines[0] = altered + lines[0][1:]
    assert refusal(lines).detail == "the entry was altered: it is not written as we write"


@pytest.mark.parametrize("change", [{"time": True}, {"seq": 2.0}, {"subject": None}, {"facts": {"mode": 1}}], ids=str)
def test_members_of_other_types_are_named(events, change):
    events[2] = replace(events[2], **change)
    assert (refusal(rewritten(events)).position, refusal(rewritten(events)).detail[-6:]) == (2, "r type")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"type": "login.finished"}, "type that the ledger does not have"),
        ({"subject": "Camille"}, "no such subject"),
        ({"facts": {}}, "other facts"),
        ({"before": "a" * 64}, "does not follow"),
        ({"after": "a sentence"}, "does not follow"),
    ],
    ids=str,
)
def test_rules_hold_for_what_is_read_as_for_what_is_written(events, change, detail):
    events[1] = replace(events[1], **change)
    assert detail in refusal(rewritten(events)).detail


def test_an_entry_that_changes_nothing_is_named(events):
    events[4] = replace(events[4], after=events[0].after)
    assert "does not follow" in refusal(rewritten(events)).detail


def test_an_event_has_the_members_that_the_page_for_auditors_names():
    event = Event(0, NOW, KEY, KID, KEY_FACTS, "", DIGEST["a"])
    assert sorted(asdict(event)) == ["after", "before", "facts", "seq", "subject", "time", "type"]
