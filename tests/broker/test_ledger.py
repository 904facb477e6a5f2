"""Where the ledger lies: written by several processes, through crashes, and never behind what does not hold."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from broker.ledger import Ledger, LedgerTorn
from metadata.errors import LedgerRefused
from metadata.ledger import EntryRefused, Stated
from metadata.ledger.checkpoint import parse_checkpoint
from metadata.ledger.kinds import CONFIGURATION
from tests.metadata.ledgers import BLOBS, DIGEST, NOW, STATED, checkpoint, signing_key

ROOT = Path(__file__).parents[2]
WITH_FILES = tuple(
    replace(one, blobs={digest: BLOBS[digest] for digest in one.facts.values() if digest in BLOBS}) for one in STATED
)


def configuration(number: int) -> Stated:
    """Another configuration each time."""
    return replace(STATED[0], after=f"{number:064x}")


@pytest.fixture
def ledger(tmp_path):
    """A ledger of four entries."""
    made = Ledger(tmp_path / "ledger")
    made.note(WITH_FILES, (), NOW)
    return made


def test_what_is_noted_can_be_read_again(ledger):
    assert [entry.event.subject for entry in ledger.entries()] == [one.subject for one in STATED]


def test_the_files_that_entries_speak_of_are_kept_once(ledger):
    ledger.note(WITH_FILES, (), NOW)
    assert {path.name: path.read_bytes() for path in (ledger.folder / "blobs").iterdir()} == BLOBS


def test_no_file_is_kept_for_what_is_not_written(ledger):
    unchanged = replace(STATED[2], blobs={DIGEST["a"]: b"the same, signed another day"})
    assert (ledger.note([unchanged], (), NOW), ledger.blob(DIGEST["a"])) == ([], None)


def test_others_on_the_machine_cannot_read_it(ledger):
    paths = [ledger.folder, *ledger.folder.rglob("*")]
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in paths if path.stat().st_mode & 0o077} == {}


def test_there_may_be_no_ledger_yet(tmp_path):
    assert (Ledger(tmp_path).lines(), Ledger(tmp_path).checkpoints(), list(tmp_path.iterdir())) == ([], {}, [])


def test_somebody_who_may_only_read_can_read(ledger):
    (ledger.folder / "lock").chmod(0o400)
    ledger.folder.chmod(0o500)
    assert len(ledger.entries()) == 4


# -- crashes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [1, 40, 200])
def test_a_line_that_was_cut_short_is_named_and_nothing_is_written_behind_it(ledger, left):
    whole = ledger.events.read_bytes()
    with ledger.events.open("ab") as file:
        file.write(ledger.lines()[0][:left])
    with pytest.raises(LedgerTorn, match=r"line 5 of events\.jsonl was cut short") as torn:
        ledger.note([configuration(1)], (), NOW)
    assert (torn.value.kept, len(torn.value.tail)) == (len(whole), left)


def test_a_last_line_without_its_end_is_cut_off_by_command_alone(ledger):
    whole = ledger.events.read_bytes()
    ledger.events.write_bytes(whole[:-1])
    assert ledger.mend(dry_run=True).line == 4
    assert ledger.events.read_bytes() == whole[:-1]
    ledger.mend()
    assert ledger.events.read_bytes() == whole[: whole.rindex(b"\n", 0, -1) + 1]


def test_what_was_cut_off_is_noted_anew(ledger):
    ledger.events.write_bytes(ledger.events.read_bytes()[:-1])
    ledger.mend()
    assert [event.seq for event in ledger.note(WITH_FILES, (), NOW)] == [3]


def test_there_is_nothing_to_cut_off_where_every_line_is_whole(ledger):
    assert ledger.mend() is None


def test_a_full_disk_is_said(ledger, monkeypatch):
    monkeypatch.setattr("broker.ledger._whole", _full)
    with pytest.raises(OSError, match="full"):
        ledger.note([configuration(1)], (), NOW)


def _full(*_):
    raise OSError("full")


# -- what does not hold -----------------------------------------------------------------------------------------------


def test_nothing_is_written_behind_an_altered_entry(ledger):
    ledger.events.write_bytes(ledger.events.read_bytes().replace(b"us.example", b"no.example"))
    with pytest.raises(EntryRefused, match="its root is another"):
        ledger.note([configuration(1)], (), NOW)


def test_nothing_is_written_where_a_checkpoint_covers_more(ledger):
    note = checkpoint(ledger.lines(), signing_key())
    ledger.keep_checkpoint(parse_checkpoint(note)[0], note)
    ledger.events.write_bytes(b"".join(line + b"\n" for line in ledger.lines()[:3]))
    with pytest.raises(LedgerRefused, match="missing: 3; the checkpoint was signed over 4 entries"):
        ledger.note([configuration(1)], (), NOW)


def test_checkpoints_are_in_the_order_of_their_sizes(ledger):
    for number in range(8):
        ledger.note([configuration(number)], (), NOW + number)
        note = checkpoint(ledger.lines(), signing_key(), NOW + number)
        kept = ledger.keep_checkpoint(parse_checkpoint(note)[0], note)
    assert (kept.name, list(ledger.checkpoints())[-1]) == ("12-20260921T141327Z.txt",) * 2


# -- several processes ------------------------------------------------------------------------------------------------

WORKER = """
import sys
from pathlib import Path
from broker.ledger import Ledger
from metadata.ledger import Stated
from metadata.ledger.kinds import CONFIGURATION, KEY

ledger, mine = Ledger(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.read()
facts = {"use": "op-signing", "algorithm": "ES256", "state": "active", "public_key": "c" * 64, "certificate": ""}
for turn in range(20):
    ledger.note([Stated(CONFIGURATION, "instance", {"mode": "production", "program": "1"}, "a" * 64)], (), turn)
    ledger.note([Stated(KEY, f"{mine}" * 43, facts, f"{turn:064x}")], (), turn)
"""


def test_several_processes_write_at_once_and_what_all_of_them_say_is_written_once(tmp_path):
    command = [sys.executable, "-c", WORKER, tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen([*command, str(mine)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        for mine in range(3)
    ]
    assert {worker.stdout.readline() for worker in workers} == {b"ready\n"}
    for worker in workers:
        worker.stdin.close()
    codes = {worker.wait(60) for worker in workers}
    for worker in workers:
        worker.stdout.close()
    events = [entry.event for entry in Ledger(tmp_path).entries()]
    assert (codes, len(events), [event.type for event in events].count(CONFIGURATION)) == ({0}, 61, 1)
