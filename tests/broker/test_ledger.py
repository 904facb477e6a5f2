"""Where the ledger lies: written by several workers at once, and never behind what does not hold."""

from dataclasses import replace

import pytest

from broker.ledger import Ledger
from broker.store import open_store
from metadata.errors import LedgerRefused
from metadata.ledger import EntryRefused, Stated
from metadata.ledger.checkpoint import parse_checkpoint
from metadata.review import standing
from tests.metadata.ledgers import BLOBS, DIGEST, NOW, STATED, checkpoint, entries_of, rewritten, signing_key

WITH_FILES = tuple(
    replace(one, blobs={digest: BLOBS[digest] for digest in one.facts.values() if digest in BLOBS}) for one in STATED
)
KEY = signing_key()


def configuration(number: int) -> Stated:
    """Another configuration each time."""
    return replace(STATED[0], after=f"{number:064x}")


@pytest.fixture
def store():
    return open_store("memory:", lambda: NOW)


@pytest.fixture
def ledger(store):
    """A ledger of four entries."""
    made = Ledger(store)
    made.note(WITH_FILES, (), NOW)
    return made


def rewrite(store, lines):
    """What only somebody does who can write to the database."""
    store.ledger._lines[:] = lines


def keep(ledger, lines, time=NOW):
    """Sign and keep a checkpoint of these lines; returns its name."""
    note = checkpoint(lines, KEY, time)
    return ledger.keep_checkpoint(parse_checkpoint(note)[0], note)


def test_what_is_noted_can_be_read_again(ledger):
    assert [entry.event.subject for entry in ledger.entries()] == [one.subject for one in STATED]


def test_the_files_that_entries_speak_of_are_kept(ledger):
    ledger.note(WITH_FILES, (), NOW)
    assert {digest: ledger.blob(digest) for digest in BLOBS} == BLOBS


def test_no_file_is_kept_for_what_is_not_written(ledger):
    unchanged = replace(STATED[2], blobs={DIGEST["a"]: b"the same, signed another day"})
    assert (ledger.note([unchanged], (), NOW), ledger.blob(DIGEST["a"])) == ([], None)


def test_there_may_be_no_ledger_yet(store):
    empty = Ledger(store)
    assert (list(empty.lines()), empty.entries(), empty.standing(), empty.checkpoints()) == ([], (), {}, {})


def test_what_the_ledger_says_now_is_what_its_entries_say(ledger):
    ledger.note([configuration(1)], (), NOW + 1)
    ledger.note([], (STATED[1].type,), NOW + 2)
    assert ledger.standing() == standing(ledger.entries())
    assert len(ledger.standing()) == 3


def test_many_entries_are_read_to_the_last(store, monkeypatch):
    monkeypatch.setattr("broker.ledger._PAGE", 3)
    for number in range(1, 8):
        Ledger(store).note([configuration(number)], (), NOW)
    assert (len(Ledger(store).entries()), len(list(Ledger(store).lines()))) == (7, 7)


def test_checkpoints_are_in_the_order_of_their_sizes(ledger):
    for number in range(8):
        ledger.note([configuration(number)], (), NOW + number)
        name = keep(ledger, list(ledger.lines()), NOW + number)
    assert (name, list(ledger.checkpoints())[-1]) == ("12-20260921T141327Z.txt",) * 2


def test_checkpoints_that_others_have_named_stop_nobody(ledger, store):
    for name in ("x-1.txt", "", "\u0663-1.txt", f"{'9' * 5000}-1.txt"):
        store.ledger.keep_checkpoint(name, b"")
    assert keep(ledger, list(ledger.lines())) in ledger.checkpoints()


def test_of_one_size_and_second_the_first_checkpoint_stays(ledger):
    lines = list(ledger.lines())
    first = checkpoint(lines, KEY)
    name = ledger.keep_checkpoint(parse_checkpoint(first)[0], first)
    assert (keep(ledger, lines), ledger.checkpoints()) == (name, {name: first})


# -- several at once --------------------------------------------------------------------------------------------------


class Contended:
    """A store in which others write first, so many times: before each append of ours a rival appends."""

    def __init__(self, store, times: int) -> None:
        self._store = store.ledger
        self._rival = Ledger(store)
        self._left = times
        self.ledger = self
        self.lines, self.blob, self.checkpoints = self._store.lines, self._store.blob, self._store.checkpoints

    def append(self, *arguments):
        if self._left:
            self._left -= 1
            self._rival.note([configuration(self._left + 100)], (), NOW)
        self._store.append(*arguments)


def test_who_comes_second_reads_again_and_writes_behind(store):
    ledger = Ledger(Contended(store, 3))
    assert [event.seq for event in ledger.note([STATED[3]], (), NOW)] == [3]
    assert [entry.event.type for entry in Ledger(store).entries()] == [STATED[0].type] * 3 + [STATED[3].type]


def test_what_somebody_else_has_said_meanwhile_is_not_said_again(store):
    ledger = Ledger(Contended(store, 1))
    assert ledger.note([configuration(100)], (), NOW) == []
    assert len(ledger.entries()) == 1


def test_what_follows_from_the_ledger_is_asked_again_when_somebody_wrote_first(store):
    seen = []

    def make(standing):
        seen.append([event.after[-3:] for event in standing.values()])
        return [STATED[3]]

    events = Ledger(Contended(store, 2)).amend(make, NOW)
    assert (seen, [event.seq for event in events]) == ([[], ["065"], ["064"]], [2])


def test_who_finds_that_nothing_follows_writes_nothing(ledger):
    with pytest.raises(KeyError):
        ledger.amend(lambda standing: [standing["no", "such"]], NOW)
    assert (ledger.amend(lambda _: [], NOW), len(ledger.entries())) == ([], 4)


def test_who_always_comes_second_gives_up(store):
    with pytest.raises(LedgerRefused, match="others wrote first, 50 times: try again"):
        Ledger(Contended(store, 1000)).note([STATED[3]], (), NOW)


def test_what_others_wrote_is_read_without_reading_the_rest_again(ledger, store, monkeypatch):
    before = len(ledger.standing())
    Ledger(store).note([configuration(1)], (), NOW)
    asked, read = [], store.ledger.lines
    monkeypatch.setattr(type(store.ledger), "lines", lambda _, since, most: asked.append(since) or read(since, most))
    assert (len(ledger.standing()), min(asked)) == (before, 3)


# -- what does not hold -----------------------------------------------------------------------------------------------


def test_nothing_is_written_behind_an_altered_entry(ledger, store):
    rewrite(store, [line.replace(b"us.example", b"no.example") for line in ledger.lines()])
    with pytest.raises(EntryRefused, match=r"entry 2: .* its root is another"):
        Ledger(store).note([configuration(1)], (), NOW)


def test_nothing_is_written_where_a_checkpoint_covers_more(ledger, store):
    name = keep(ledger, list(ledger.lines()))
    rewrite(store, list(ledger.lines())[:3])
    with pytest.raises(LedgerRefused, match=f"{name}: missing: 3; the checkpoint was signed over 4 entries"):
        Ledger(store).note([configuration(1)], (), NOW)


def test_nothing_is_written_where_a_checkpoint_is_of_other_entries(ledger, store):
    keep(ledger, list(ledger.lines()))
    rewrite(store, rewritten([replace(entry.event, time=NOW - 1) for entry in ledger.entries()]))
    with pytest.raises(LedgerRefused, match="altered, somewhere in 0 to 3"):
        Ledger(store).check()


def test_who_has_read_the_last_entries_misses_them_without_a_checkpoint(ledger, store):
    ledger.entries()
    rewrite(store, list(ledger.lines())[:2])
    with pytest.raises(EntryRefused, match="entry 2: the entry is missing, and was there before"):
        ledger.note([configuration(1)], (), NOW)
    assert len(Ledger(store).entries()) == 2


def test_who_has_read_an_entry_knows_another_one_in_its_place(ledger, store):
    events = [entry.event for entry in ledger.entries()]
    rewrite(store, rewritten([*events[:2], *(replace(event, time=NOW + 1) for event in events[2:])]))
    with pytest.raises(EntryRefused, match="entry 2: the entry is another than before"):
        ledger.note([configuration(1)], (), NOW)
    assert len(Ledger(store).entries()) == 4


def test_an_entry_that_was_put_back_is_the_one_that_was_read(ledger, store):
    lines = list(ledger.lines())
    rewrite(store, lines[:3])
    with pytest.raises(EntryRefused):
        ledger.standing()
    rewrite(store, lines)
    assert (ledger.note([configuration(1)], (), NOW)[0].seq, len(ledger.entries())) == (4, 5)


def test_a_line_that_was_altered_since_it_was_read_is_named(ledger, store):
    lines = [*ledger.lines()]
    ledger.entries()
    rewrite(store, [*lines[:3], lines[3].replace(b"active", b"retiring")])
    with pytest.raises(EntryRefused, match="entry 3: the entry was altered: its root is another"):
        ledger.entries()


def test_an_entry_that_does_not_hold_is_not_remembered(ledger, store):
    ledger.entries()
    store.ledger.append(4, [b"{}"], {})
    for _ in range(2):
        with pytest.raises(EntryRefused, match="entry 4"):
            ledger.entries()
    rewrite(store, list(ledger.lines())[:4])
    assert entries_of(list(ledger.lines())) == list(ledger.entries())
