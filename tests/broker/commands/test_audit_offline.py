"""What an auditor verifies at home, with one file that shares nothing with the program."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import broker
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import grow

VERIFIER = Path(broker.__file__).parents[1] / "docs/auditor/verify.py"


@pytest.fixture
def home(run: Run, kept: Path, head: Path, tmp_path: Path) -> Path:
    """What an auditor has at home: the verifier, the key, a checkpoint, proofs; nothing of the program."""
    folder = tmp_path / "home"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.json").write_text(run("audit", "proof", number, "-C", kept, "--head", head).output, "utf-8")
    grow(kept)
    run("audit", "checkpoint", "-C", kept)
    (folder / "growth.json").write_text(run("audit", "growth", head, "-C", kept).output, "utf-8")
    (folder / "key.pem").write_text(run("audit", "key", "-C", kept).stdout, "utf-8")
    (folder / "kept.txt").write_bytes(head.read_bytes())
    (folder / "verify.py").write_bytes(VERIFIER.read_bytes())
    return folder


def offline(home: Path, *arguments: str) -> tuple[int, str]:
    """The verifier as a process of its own, which cannot import the program."""
    command = [sys.executable, "-I", "verify.py", *arguments]
    done = subprocess.run(command, cwd=home, env={}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def forge(home: Path, name: str, **changes: object) -> None:
    members = json.loads((home / name).read_text("utf-8"))
    (home / name).write_text(json.dumps({**members, **changes}), "utf-8")


def test_every_entry_is_found_in_the_ledger_offline(home: Path):
    for number in range(4):
        code, said = offline(home, "key.pem", f"{number}.json", "kept.txt")
        assert (code, said.splitlines()[0]) == (0, f"entry {number} is in the ledger of 4 entries:")


def test_the_older_ledger_is_found_to_be_the_beginning_offline(home: Path):
    said = "the ledger of 4 entries is the beginning of the one of 5\n"
    assert offline(home, "key.pem", "growth.json") == (0, said)


def test_an_altered_entry_does_not_fit_offline(home: Path):
    event = json.loads((home / "1.json").read_text("utf-8"))["event"]
    forge(home, "1.json", event=event.replace('"active"', '"retiring"'))
    assert offline(home, "key.pem", "1.json") == (1, "DOES NOT FIT: the entry is not in this ledger\n")


@pytest.mark.parametrize("changes", [{"index": 2}, {"index": -3}, {"path": []}], ids=str)
def test_an_altered_proof_does_not_fit_offline(home: Path, changes: dict[str, object]):
    forge(home, "1.json", **changes)
    code, said = offline(home, "key.pem", "1.json")
    assert (code, said.startswith("DOES NOT FIT: ")) == (1, True)


def test_a_proof_with_steps_too_many_does_not_fit_offline(home: Path):
    path = json.loads((home / "1.json").read_text("utf-8"))["path"]
    forge(home, "1.json", path=[path[0], *path])
    assert offline(home, "key.pem", "1.json") == (1, "DOES NOT FIT: the entry is not in this ledger\n")


def test_another_growth_does_not_fit_offline(home: Path):
    path = json.loads((home / "1.json").read_text("utf-8"))["path"]
    forge(home, "growth.json", path=path[:1])
    assert offline(home, "key.pem", "growth.json") == (
        1,
        "DOES NOT FIT: the older ledger is not the beginning of this one\n",
    )


def test_an_altered_checkpoint_does_not_fit_offline(home: Path):
    note = json.loads((home / "1.json").read_text("utf-8"))["checkpoint"]
    forge(home, "1.json", checkpoint=note.replace("\n4\n", "\n5\n"))
    assert offline(home, "key.pem", "1.json") == (1, "DOES NOT FIT: the signature of a checkpoint is wrong\n")


def test_another_checkpoint_than_the_one_that_was_kept_does_not_fit_offline(home: Path):
    newer = json.loads((home / "growth.json").read_text("utf-8"))["checkpoint"]
    (home / "kept.txt").write_text(newer, "utf-8")
    code, said = offline(home, "key.pem", "1.json", "kept.txt")
    assert (code, "another checkpoint than the one that you kept" in said) == (1, True)


def test_another_key_does_not_fit_offline(home: Path, run: Run):
    run("init", "second")
    run("keys", "new", "ledger-signing", "-C", "second")
    (home / "key.pem").write_text(run("audit", "key", "-C", "second").stdout, "utf-8")
    assert offline(home, "key.pem", "1.json") == (1, "DOES NOT FIT: the checkpoint is not signed by this key\n")


def test_the_verifier_shares_no_code_with_the_program():
    imported = re.findall(r"^(?:from|import) (\w+)", VERIFIER.read_text("utf-8"), re.MULTILINE)
    assert set(imported) - sys.stdlib_module_names == {"cryptography"}
