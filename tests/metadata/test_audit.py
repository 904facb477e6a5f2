"""The audit: whatever was altered is found, and named."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.ledger.audit import Fault, examine
from tests.metadata.ledgers import BLOBS, DIGEST, checkpoint, entries_of, ledger, rewritten, signing_key

KEY = signing_key()
LINES = ledger(turns=4)
FILE = b"".join(line + b"\n" for line in LINES)
NOTES = {"6.txt": checkpoint(LINES[:6], KEY), "4.txt": checkpoint(LINES[:4], KEY)}


def faults(lines, notes=NOTES, blobs=BLOBS):
    return examine(lines, "events.jsonl", blobs.get, notes, [KEY.public_key]).faults


def test_a_ledger_that_nobody_touched_holds():
    found = examine(LINES, "events.jsonl", BLOBS.get, NOTES, [KEY.public_key])
    assert (found.faults, len(found.entries), set(found.checkpoints)) == ((), 7, {"4.txt", "6.txt"})


@given(st.integers(0, len(FILE) - 2), st.integers(1, 255))
def test_one_altered_octet_anywhere_is_found_and_its_entry_named(position, change):
    altered = FILE[:position] + bytes([FILE[position] ^ change]) + FILE[position + 1 :]
    first = faults(altered.split(b"\n")[:-1])[0]
    entry = FILE[:position].count(b"\n")
    assert (first.seq, first.where) == (entry, f"events.jsonl:{entry + 1}")


def test_an_entry_that_is_in_no_file_is_named_by_its_number():
    found = examine([*LINES[:3], b"{}", *LINES[4:]], "", BLOBS.get, NOTES, [KEY.public_key])
    assert [(fault.seq, fault.where) for fault in found.faults] == [(3, "entry 3")]


@pytest.mark.parametrize("position", range(7))
def test_a_missing_entry_is_found_wherever_it_was(position):
    lines = [*LINES[:position], *LINES[position + 1 :]]
    found = faults(lines, {"7.txt": checkpoint(LINES, KEY)})
    assert (found[0].seq, "missing" in found[0].what) == (position, True)


@pytest.mark.parametrize("position", range(1, 7))
def test_an_inserted_entry_is_found_wherever_it_is(position):
    found = faults([*LINES[:position], LINES[position - 1], *LINES[position:]])
    assert found[0] == Fault(position, f"events.jsonl:{position + 1}", found[0].what)


def test_whoever_writes_all_roots_anew_is_found_by_a_checkpoint():
    events = [entry.event for entry in entries_of(LINES)]
    events[5] = replace(events[5], time=events[5].time - 1)
    what = "altered, somewhere in 4 to 5: the checkpoint was signed over other entries"
    assert faults(rewritten(events)) == (Fault(4, "6.txt", what),)


def test_entries_behind_the_last_checkpoint_are_held_by_their_roots_alone():
    events = [entry.event for entry in entries_of(LINES)]
    events[6] = replace(events[6], time=events[6].time + 1)
    assert faults(rewritten(events)) == ()


def test_a_ledger_that_was_cut_off_is_found_by_a_checkpoint():
    what = "missing: 5; the checkpoint was signed over 6 entries"
    assert faults(LINES[:5]) == (Fault(5, "6.txt", what),)


def test_a_checkpoint_before_an_altered_entry_is_still_compared():
    other = ledger(turns=1)
    events = [replace(entry.event, time=1) for entry in entries_of(other)]
    found = faults([*rewritten(events), b"{}"])
    assert [fault.where for fault in found] == ["events.jsonl:5", "4.txt"]


def test_a_missing_file_is_named_with_the_entry_that_speaks_of_it():
    left = {digest: file for digest, file in BLOBS.items() if digest != DIGEST["b"]}
    assert faults(LINES, blobs=left) == (Fault(1, DIGEST["b"], "the file is missing"),)


def test_an_altered_file_is_named_with_the_entry_that_speaks_of_it():
    what = "the file was altered: its digest is another"
    assert faults(LINES, blobs={**BLOBS, DIGEST["d"]: b"<other/>"}) == (Fault(2, DIGEST["d"], what),)


def test_a_checkpoint_that_nobody_known_signed_is_named():
    found = faults(LINES, {**NOTES, "7.txt": checkpoint(LINES, signing_key())})
    assert found == (Fault(-1, "7.txt", "the checkpoint is not signed by a key that is known here"),)
