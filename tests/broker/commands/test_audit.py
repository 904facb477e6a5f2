"""passerelle audit."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.commands.audit import TYPES
from broker.ledger import Ledger
from certs.keyring import load_keyring, new_key
from certs.keys import State, Use
from metadata.ledger.checkpoint import public_octets
from metadata.ledger.kinds import CONFIGURATION, KEY, KINDS
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import NOW, alter, grow, start, tamper

RS256 = "instr(line, '\"RS256\"')"


def forget(instance: Path) -> None:
    """Whoever rewrites a ledger begins with an empty one."""
    for table in ("ledger_entries", "ledger_checkpoints"):
        tamper(instance, f"DELETE FROM {table}")


def faults(run: Run, kept: Path, *more: object) -> list[tuple[object, str, str]]:
    """What `verify` names: entry, where, what."""
    result = run("audit", "verify", "-C", kept, "--format", "json", *more)
    assert (result.exit_code, "the ledger does not hold" in result.stderr) == (1, True)
    return [tuple(row.values()) for row in json.loads(result.stdout)]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_the_log_has_an_entry_a_row(run: Run, kept: Path):
    rows = json.loads(run("audit", "log", "-C", kept, "--format", "json").output)
    assert [(row["seq"], row["type"]) for row in rows] == [(0, CONFIGURATION), *((seq, KEY) for seq in (1, 2, 3))]
    assert (rows[0]["time"], rows[0]["facts"]) == ("2026-09-21T14:13:20Z", ["mode=production", "program=0.1.0"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("--type", "configuration.in_force"), [0, 4]),
        (("--since", "2026-09-22"), [4]),
        (("--since", "2026-09-21", "--type", "key.state"), [1, 2, 3]),
    ],
    ids=str,
)
def test_the_log_can_be_narrowed(run: Run, kept: Path, asked: tuple[str, ...], found: list[int]):
    grow(kept)
    rows = json.loads(run("audit", "log", "-C", kept, "--format", "json", *asked).output)
    assert [row["seq"] for row in rows] == found


def test_what_is_no_more_is_said(run: Run, kept: Path):
    for file in (kept / "secrets/keys").glob("*rs256*"):
        file.unlink()
    start(kept, NOW + 1)
    assert run("audit", "log", "-C", kept).output.splitlines()[-1].endswith("no more")


def test_the_choices_are_those_of_the_library():
    assert set(TYPES) == set(KINDS)


def test_an_instance_that_was_never_started_has_no_ledger(run: Run, instance: Path):
    result = run("audit", "log", "-C", instance)
    assert (result.exit_code, "there is no ledger yet" in result.output) == (1, True)


# -- verifying --------------------------------------------------------------------------------------------------------


def test_a_ledger_that_nobody_touched_holds(run: Run, kept: Path, head: Path):
    grow(kept)
    result = run("audit", "verify", "-C", kept, "--head", head)
    said = "5 entries and 2 checkpoints hold; 1 entries stand behind the last checkpoint\n"
    assert (result.exit_code, result.output) == (0, said)


def test_an_altered_entry_is_named(run: Run, kept: Path):
    alter(kept, "ledger_entries", "line", RS256, b'"RS256"', b'"ES256"')
    ((seq, where, what),) = faults(run, kept)
    assert (where, what) == (f"entry {seq}", "the entry was altered: its root is another")


def test_an_altered_octet_is_named_in_the_table(run: Run, kept: Path):
    alter(kept, "ledger_entries", "line", "seq = 3", b'"time":1', b'"time":2')
    assert "3      entry 3  the entry was altered: its root is another\n" in run("audit", "verify", "-C", kept).stdout


def test_an_altered_file_is_named_by_its_digest_and_entry(run: Run, kept: Path, ledger: Ledger):
    digest = ledger.entries()[2].event.facts["public_key"]
    octets = ledger.blob(digest)
    alter(kept, "ledger_blobs", "octets", f"digest = '{digest}'", octets[-1:], bytes([octets[-1] ^ 1]))
    assert faults(run, kept) == [(2, digest, "the file was altered: its digest is another")]


def test_a_file_that_is_gone_is_named_by_its_digest_and_entry(run: Run, kept: Path, ledger: Ledger):
    digest = ledger.entries()[2].event.facts["public_key"]
    tamper(kept, "DELETE FROM ledger_blobs WHERE digest = ?", digest)
    assert faults(run, kept) == [(2, digest, "the file is missing")]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"\n4\n", b"\n3\n", "the checkpoint's signature is wrong"),
        (b"time 1", b"time 2", "the checkpoint's signature is wrong"),
        (b"\n4\n", b"\nx\n", "the text is no checkpoint"),
    ],
    ids=["another size", "another time", "no size"],
)
def test_an_altered_checkpoint_is_named(
    run: Run, kept: Path, head: Path, ledger: Ledger, old: bytes, new: bytes, what: str
):
    (name,) = ledger.checkpoints()
    alter(kept, "ledger_checkpoints", "octets", "1 = 1", old, new)
    assert faults(run, kept) == [("", name, what)]


@pytest.mark.parametrize("gone", [(3,), (2, 3), (0, 1, 2, 3)], ids=str)
def test_entries_that_were_removed_behind_a_checkpoint_are_named(
    run: Run, kept: Path, head: Path, ledger: Ledger, gone: tuple[int, ...]
):
    tamper(kept, f"DELETE FROM ledger_entries WHERE seq >= {gone[0]}")
    (name,) = ledger.checkpoints()
    missing = f"{gone[0]} to 3" if gone[1:] else "3"
    what = f"missing: {missing}; the checkpoint was signed over 4 entries"
    assert faults(run, kept) == [(gone[0], name, what)]


def test_an_entry_that_was_removed_before_others_is_named(run: Run, kept: Path, head: Path):
    tamper(kept, "DELETE FROM ledger_entries WHERE seq = 1")
    assert faults(run, kept) == [(1, "entry 1", "the entry is missing: 2 is the next that is stored")]


@pytest.mark.parametrize("seq", ["4", "99", "1.5", "'x'"])
def test_an_entry_that_was_inserted_is_named(run: Run, kept: Path, seq: str):
    tamper(kept, f"INSERT INTO ledger_entries SELECT {seq}, line FROM ledger_entries WHERE seq = 1")
    ((entry, where, _what),) = faults(run, kept)
    assert (entry, where) == ((2, "entry 2") if seq == "1.5" else (4, "entry 4"))


def test_entries_that_were_exchanged_are_named(run: Run, kept: Path):
    for before, after in ((1, 9), (2, 1), (9, 2)):
        tamper(kept, f"UPDATE ledger_entries SET seq = {after} WHERE seq = {before}")
    assert faults(run, kept) == [(1, "entry 1", "entry 1 is missing, or was renumbered: 2 stands there")]


def test_what_is_no_octets_at_all_stops_nobody(run: Run, kept: Path):
    tamper(kept, "UPDATE ledger_entries SET line = 'text' WHERE seq = 1")
    assert faults(run, kept) == [(1, "entry 1", "the entry was altered: the line is no entry any more")]


def test_a_table_that_is_gone_is_said(run: Run, kept: Path):
    with sqlite3.connect(kept / "var/passerelle.db") as database:
        database.execute("DROP TABLE ledger_entries")
    result = run("audit", "verify", "-C", kept)
    assert (result.exit_code, result.stderr.startswith("passerelle: the database does not answer as it should")) == (
        1,
        True,
    )


def test_whoever_writes_the_whole_ledger_anew_is_found_by_the_checkpoint_that_was_kept(run: Run, kept: Path, head: Path):
    forget(kept)
    start(kept, NOW - 1)
    assert run("audit", "verify", "-C", kept).exit_code == 0
    result = run("audit", "verify", "-C", kept, "--head", head)
    assert (result.exit_code, "altered, somewhere in 0 to 3" in result.output) == (1, True)


def test_a_checkpoint_of_an_older_key_still_counts(run: Run, kept: Path, head: Path):
    for file in (kept / "secrets/keys").glob("ledger-signing-*"):
        file.unlink()
    new_key(kept / "secrets/keys", Use.LEDGER_SIGNING, "P-256", State.ACTIVE, NOW)
    start(kept, NOW + 1)
    assert run("audit", "verify", "-C", kept, "--head", head).exit_code == 0


def test_only_the_key_that_was_named_counts(run: Run, kept: Path, head: Path, tmp_path: Path):
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_text(run("audit", "key", "-C", kept).stdout, "utf-8")
    assert run("audit", "verify", "-C", kept, "--key", own).exit_code == 0
    run("init", "second")
    run("keys", "new", "ledger-signing", "-C", "second")
    other.write_text(run("audit", "key", "-C", "second").stdout, "utf-8")
    result = run("audit", "verify", "-C", kept, "--key", other)
    assert (result.exit_code, "not signed by a key that is known here" in result.output) == (1, True)


def named_key(ledger: Ledger) -> str:
    """The digest of the key that signs checkpoints, as the ledger has it."""
    (named,) = [one.event.facts["public_key"] for one in ledger.entries() if one.event.facts.get("use") == "ledger-signing"]
    return named


def test_a_key_that_was_put_in_the_place_of_the_ledgers_own_does_not_count(run: Run, kept: Path, ledger: Ledger):
    keys = kept / "secrets/keys"
    for file in keys.glob("ledger-signing-*"):
        file.unlink()
    new_key(keys, Use.LEDGER_SIGNING, "P-256", State.ACTIVE, NOW)
    theirs = public_octets(load_keyring(keys).active(Use.LEDGER_SIGNING).public_key)
    run("audit", "checkpoint", "-C", kept)
    for file in keys.glob("ledger-signing-*"):
        file.unlink()
    tamper(kept, "UPDATE ledger_blobs SET octets = ? WHERE digest = ?", theirs, named_key(ledger))
    what = [fault[2] for fault in faults(run, kept)]
    assert what == [
        "the file was altered: its digest is another",
        "the checkpoint is not signed by a key that is known here",
    ]


@pytest.mark.parametrize("octets", [b"", b"no key"])
def test_a_key_in_the_ledger_that_is_none_any_more_is_named(run: Run, kept: Path, ledger: Ledger, octets: bytes):
    tamper(kept, "UPDATE ledger_blobs SET octets = ? WHERE digest = ?", octets, named_key(ledger))
    assert [fault[1:] for fault in faults(run, kept)] == [
        (named_key(ledger), "the file was altered: its digest is another")
    ]


def test_what_is_no_key_is_wrong_usage(run: Run, kept: Path, head: Path):
    result = run("audit", "verify", "-C", kept, "--key", head)
    assert (result.exit_code, "not a public key in PEM" in result.output) == (2, True)


def test_passerelle_check_says_when_the_ledger_cannot_be_continued(run: Run, kept: Path):
    assert run("check", "-C", kept).exit_code == 0
    alter(kept, "ledger_entries", "line", RS256, b'"RS256"', b'"ES256"')
    result = run("check", "-C", kept)
    assert (result.exit_code, " ✘ L01 the ledger cannot be continued: entry " in result.output) == (1, True)


def test_passerelle_check_says_when_a_checkpoint_is_of_another_ledger(run: Run, kept: Path, head: Path):
    tamper(kept, "DELETE FROM ledger_entries WHERE seq = 3")
    result = run("check", "-C", kept)
    assert (result.exit_code, "missing: 3; the checkpoint was signed over 4 entries" in result.output) == (1, True)


def test_passerelle_check_says_that_an_earlier_versions_ledger_is_not_continued(run: Run, kept: Path):
    (kept / "var/ledger").mkdir()
    result = run("check", "-C", kept)
    assert (result.exit_code, "var/ledger is an earlier version's ledger, which nobody continues" in result.output) == (
        0,
        True,
    )


# -- what an auditor takes home ---------------------------------------------------------------------------------------


def test_a_checkpoint_is_kept_and_printed(run: Run, kept: Path, ledger: Ledger):
    printed = run("audit", "checkpoint", "-C", kept).output
    assert printed.splitlines()[:2] == ["connexion.mairie.fr/ledger", "4"]
    assert list(ledger.checkpoints().values()) == [printed.encode()]


def test_a_checkpoint_needs_a_key_of_its_own(run: Run, instance: Path):
    start(instance)
    result = run("audit", "checkpoint", "-C", instance)
    assert (result.exit_code, "passerelle keys new ledger-signing" in result.output) == (1, True)


def test_a_proof_needs_a_checkpoint(run: Run, kept: Path):
    result = run("audit", "proof", "0", "-C", kept)
    assert (result.exit_code, "there is no checkpoint yet" in result.output) == (1, True)


def test_an_entry_behind_the_checkpoint_has_no_proof_yet(run: Run, kept: Path, head: Path):
    grow(kept)
    result = run("audit", "proof", "4", "-C", kept)
    assert (result.exit_code, "a newer checkpoint: passerelle audit checkpoint" in result.output) == (1, True)


def test_nothing_is_proven_of_a_checkpoint_that_does_not_fit(run: Run, kept: Path, head: Path):
    forget(kept)
    start(kept, NOW - 1)
    result = run("audit", "proof", "0", "-C", kept, "--head", head)
    assert (result.exit_code, "signed over other entries" in result.output) == (1, True)


# -- an export --------------------------------------------------------------------------------------------------------


@pytest.fixture
def exported(run: Run, kept: Path, head: Path, tmp_path: Path) -> Path:
    """What the operator hands over."""
    result = run("audit", "export", tmp_path / "export", "-C", kept)
    assert result.stdout == f"4 entries, 3 files and 1 checkpoints are in {tmp_path / 'export'}\n"
    return tmp_path / "export"


@pytest.fixture
def own(run: Run, kept: Path, tmp_path: Path) -> Path:
    """The public key of the instance's checkpoints."""
    key = tmp_path / "own.pem"
    key.write_text(run("audit", "key", "-C", kept).stdout, "utf-8")
    return key


def test_an_export_is_verified_without_the_instance(run: Run, kept: Path, head: Path, own: Path, exported: Path):
    shutil.rmtree(kept)
    for key in ((), ("--key", own)):
        result = run("audit", "verify", "--folder", exported, "--head", head, *key)
        assert result.output == "4 entries and 2 checkpoints hold; 0 entries stand behind the last checkpoint\n"


SPOILT = {
    "an entry": (lambda it: spoil(it / "events.jsonl", b'"RS256"', b'"ES256"'), "events.jsonl:"),
    "the end": (lambda it: spoil(it / "events.jsonl", b'"}\n', b""), "events.jsonl:1 "),
    "everything": (lambda it: (it / "events.jsonl").write_bytes(b""), "missing: 0 to 3"),
    "a file": (lambda it: next((it / "blobs").iterdir()).write_bytes(b"other"), "the file was altered"),
    "no file": (lambda it: next((it / "blobs").iterdir()).unlink(), "the file is missing"),
    "a checkpoint": (lambda it: spoil(next((it / "checkpoints").iterdir()), b"\n4\n", b"\n3\n"), "signature is wrong"),
}


def spoil(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


@pytest.mark.parametrize(("change", "said"), SPOILT.values(), ids=SPOILT)
def test_whatever_was_changed_in_an_export_is_named(
    run: Run, exported: Path, own: Path, change: Callable[[Path], object], said: str
):
    change(exported)
    result = run("audit", "verify", "--folder", exported, "--key", own)
    assert (result.exit_code, said in result.output) == (1, True), result.output


def test_an_export_overwrites_nothing(run: Run, kept: Path, exported: Path):
    result = run("audit", "export", exported, "-C", kept)
    assert (result.exit_code, "name a folder that is not there yet" in result.output) == (2, True)


def test_what_is_no_export_is_wrong_usage(run: Run, tmp_path: Path):
    result = run("audit", "verify", "--folder", tmp_path)
    assert (result.exit_code, "was it written by `passerelle audit export`?" in result.output) == (2, True)


@pytest.mark.parametrize("name", ["../../leak", "/tmp/leak", "4-20260921T141320Z.txt/../../leak", "x-leak.txt", ""])
def test_a_checkpoint_whose_name_leads_elsewhere_is_not_exported(
    run: Run, kept: Path, head: Path, tmp_path: Path, name: str
):
    tamper(kept, "UPDATE ledger_checkpoints SET name = ?", name)
    result = run("audit", "export", tmp_path / "export", "-C", kept)
    assert (result.exit_code, "which we did not write" in result.output) == (1, True)
    assert not (tmp_path / "export").exists()


def test_a_ledger_that_does_not_hold_is_not_exported(run: Run, kept: Path, tmp_path: Path):
    alter(kept, "ledger_entries", "line", RS256, b'"RS256"', b'"ES256"')
    result = run("audit", "export", tmp_path / "export", "-C", kept)
    assert (result.exit_code, "passerelle audit verify" in result.output) == (1, True)
