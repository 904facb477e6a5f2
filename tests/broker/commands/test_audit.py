"""passerelle audit."""

import json
from pathlib import Path

import pytest

from broker.commands.audit import TYPES
from broker.ledger import Ledger
from certs.keyring import new_key
from certs.keys import State, Use
from metadata.ledger.kinds import CONFIGURATION, KEY, KINDS
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import NOW, grow, start


def alter(ledger: Ledger, old: bytes, new: bytes) -> None:
    content = ledger.events.read_bytes()
    assert old in content
    ledger.events.write_bytes(content.replace(old, new, 1))


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


def test_an_altered_entry_is_named_with_its_file_and_line(run: Run, kept: Path, ledger: Ledger):
    alter(ledger, b'"RS256"', b'"ES256"')
    result = run("audit", "verify", "-C", kept, "--format", "json")
    (row,) = json.loads(result.output.partition("passerelle:")[0])
    assert (result.exit_code, row["where"]) == (1, f"events.jsonl:{row['entry'] + 1}")
    assert row["what"] == "the entry was altered: its root is another"


def test_a_line_that_was_cut_short_is_named(run: Run, kept: Path, ledger: Ledger):
    ledger.events.write_bytes(ledger.events.read_bytes()[:-7])
    result = run("audit", "verify", "-C", kept)
    assert (result.exit_code, "events.jsonl:4  line 4 of events.jsonl was cut short" in result.output) == (1, True)


def test_a_file_that_is_gone_is_named(run: Run, kept: Path, ledger: Ledger):
    next((ledger.folder / "blobs").iterdir()).unlink()
    result = run("audit", "verify", "-C", kept)
    assert (result.exit_code, "the file is missing" in result.output) == (1, True)


def test_whoever_writes_the_whole_ledger_anew_is_found_by_the_checkpoint_that_was_kept(
    run: Run, kept: Path, ledger: Ledger, head: Path
):
    for path in (ledger.events, *(ledger.folder / "checkpoints").iterdir()):
        path.unlink()
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


def test_what_is_no_key_is_wrong_usage(run: Run, kept: Path, head: Path):
    result = run("audit", "verify", "-C", kept, "--key", head)
    assert (result.exit_code, "not a public key in PEM" in result.output) == (2, True)


def test_passerelle_check_says_when_the_ledger_cannot_be_continued(run: Run, kept: Path, ledger: Ledger):
    assert run("check", "-C", kept).exit_code == 0
    alter(ledger, b'"RS256"', b'"ES256"')
    result = run("check", "-C", kept)
    assert (result.exit_code, " ✘ L01 the ledger cannot be continued: entry " in result.output) == (1, True)


def test_a_line_that_was_cut_short_is_shown_and_cut_off(run: Run, kept: Path, ledger: Ledger):
    ledger.events.write_bytes(ledger.events.read_bytes()[:-7])
    assert "would be cut off" in run("audit", "mend", "-C", kept, "--dry-run").output
    assert "was cut off" in run("audit", "mend", "-C", kept).output
    assert run("audit", "mend", "-C", kept).output == "every line is whole\n"
    assert len(ledger.entries()) == 3


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


def test_nothing_is_proven_of_a_checkpoint_that_does_not_fit(run: Run, kept: Path, ledger: Ledger, head: Path):
    for path in (ledger.events, *(ledger.folder / "checkpoints").iterdir()):
        path.unlink()
    start(kept, NOW - 1)
    result = run("audit", "proof", "0", "-C", kept, "--head", head)
    assert (result.exit_code, "signed over other entries" in result.output) == (1, True)
