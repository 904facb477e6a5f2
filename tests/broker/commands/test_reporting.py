"""passerelle audit report and verify-report."""

import json
import zipfile
from pathlib import Path

import pytest

from broker.ledger import Ledger
from metadata.ledger.checkpoint import parse_checkpoint
from metadata.ledger.kinds import REPORT
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import NOW, grow, ledger_of, tamper
from tests.broker.reporting.made import saved

DAY = 86_400
SPAN = ("--from", "2026-09-01", "--to", "2026-09-30")
NAME = "passerelle-2026-09-01-2026-09-30.zip"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some days after the span."""
    for module in ("reporting", "audit"):
        monkeypatch.setattr(f"broker.commands.{module}.now", lambda: NOW + 20 * DAY)


@pytest.fixture
def made(run: Run, kept: Path, tmp_path: Path) -> Path:
    """A signed report, and the auditor's key beside it."""
    assert run("audit", "report", *SPAN, "--sign", "-C", kept).exit_code == 0
    (tmp_path / "ledger.pem").write_text(run("audit", "key", "-C", kept).stdout, "utf-8")
    return tmp_path / NAME


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reports(ledger: Ledger) -> list[dict[str, str]]:
    return [dict(entry.event.facts) for entry in ledger.entries() if entry.event.type == REPORT]


def test_a_report_is_written_and_holds(run: Run, made: Path, kept: Path):
    result = run("audit", "verify-report", made, "--key", "ledger.pem")
    assert (result.exit_code, result.output.splitlines()[1:4]) == (
        0,
        [
            "the manifest is signed by a key that counts",
            "4 entries of the ledger were recomputed",
            "the checkpoint in it is over these entries",
        ],
    )


def test_what_was_written_is_told(run: Run, kept: Path):
    lines = run("audit", "report", *SPAN, "--sign", "-C", kept).output.splitlines()
    assert lines[0].startswith(f"{NAME}: ")
    assert (lines[0].endswith("4 entries of 4"), lines[2]) == (True, "signed by the key of the ledger")


def test_the_ledger_has_an_entry_of_the_report_by_its_manifest(run: Run, made: Path, kept: Path):
    from hashlib import sha256

    with ledger_of(kept) as ledger:
        digest = sha256(files_of(made)["MANIFEST.json"]).hexdigest()
        assert reports(ledger) == [{"from": "2026-09-01", "to": "2026-09-30", "manifest": digest}]


def test_the_same_report_again_is_the_same_but_for_its_signature_and_no_entry(run: Run, made: Path, kept: Path):
    assert run("audit", "report", *SPAN, "--sign", "-o", "again.zip", "-C", kept).exit_code == 0
    once, twice = files_of(made), files_of(Path("again.zip"))
    assert {name for name in once if once[name] != twice[name]} == {"MANIFEST.jws"}
    with ledger_of(kept) as ledger:
        assert len(reports(ledger)) == 1


def test_an_unsigned_one_is_made_says_so_and_does_not_count(run: Run, kept: Path):
    for name in ("one.zip", "two.zip"):
        result = run("audit", "report", *SPAN, "-o", name, "-C", kept)
        assert (result.exit_code, result.output.splitlines()[2]) == (0, "not signed: nobody vouches for it (--sign)")
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    assert b"IT IS NOT SIGNED" in files_of(Path("one.zip"))["README.txt"]
    result = run("audit", "verify-report", "one.zip", "-C", kept)
    assert (result.exit_code, "the report is not signed, so nobody vouches for it" in result.output) == (1, True)


def test_a_checkpoint_over_the_last_entry_of_the_span_is_signed_and_kept(run: Run, kept: Path):
    grow(kept)
    assert run("audit", "report", "--from", "2026-09-01", "--to", "2026-09-21", "--sign", "-C", kept).exit_code == 0
    with ledger_of(kept) as ledger:
        assert [parse_checkpoint(octets)[0].size for octets in ledger.checkpoints().values()] == [4]


def test_a_checkpoint_that_is_there_is_taken(run: Run, kept: Path, head: Path):
    assert run("audit", "report", *SPAN, "--sign", "-C", kept).exit_code == 0
    assert files_of(Path(NAME))["ledger/checkpoint.txt"] == head.read_bytes()


def test_a_checkpoint_that_was_kept_is_compared(run: Run, head: Path, made: Path):
    result = run("audit", "verify-report", made, "--key", "ledger.pem", "--head", head)
    assert (result.exit_code, f"{head} is over these entries" in result.output) == (0, True)


def test_a_checkpoint_of_later_is_said_not_to_be_compared(run: Run, made: Path, kept: Path, tmp_path: Path):
    later = tmp_path / "later.txt"
    later.write_text(run("audit", "checkpoint", "-C", kept).output, "utf-8")
    result = run("audit", "verify-report", made, "--key", "ledger.pem", "--head", later)
    assert (result.exit_code, f"{later} was signed after the span" in result.output) == (0, True)


def test_without_a_key_those_of_the_instance_count(run: Run, made: Path, kept: Path):
    assert run("audit", "verify-report", made, "-C", kept).exit_code == 0


def test_what_does_not_hold_is_named(run: Run, made: Path, tmp_path: Path):
    files = files_of(made)
    files["report.html"] = files["report.html"].replace(b"Incidents", b"incidents")
    altered = saved(files, tmp_path / "altered.zip")
    result = run("audit", "verify-report", altered, "--key", "ledger.pem", "--format", "json")
    rows = json.loads(result.output.partition("passerelle:")[0])
    assert (result.exit_code, {row["where"] for row in rows}) == (1, {"report.html"})


def test_a_report_that_holds_is_an_empty_list_for_programs(run: Run, made: Path):
    assert json.loads(run("audit", "verify-report", made, "--key", "ledger.pem", "--format", "json").output) == []


def test_what_is_no_key_is_wrong_usage(run: Run, made: Path):
    result = run("audit", "verify-report", made, "--key", made)
    assert (result.exit_code, "not a public key in PEM" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (("--from", "2026-09-30", "--to", "2026-09-01"), "before it begins"),
        (("--from", "2026-09-01", "--to", "2026-12-31"), "has not come yet"),
        (("--from", "2026-09", "--to", "2026-12-31"), "Invalid value"),
    ],
)
def test_what_is_no_span_is_wrong_usage(run: Run, kept: Path, span: tuple[str, ...], why: str):
    result = run("audit", "report", *span, "-C", kept)
    assert (result.exit_code, why in result.output) == (2, True)


def test_a_day_that_is_not_over_is_told_of_up_to_now(run: Run, kept: Path):
    assert run("audit", "report", "--from", "2026-10-01", "--to", "2026-10-11", "--sign", "-C", kept).exit_code == 0
    path = Path("passerelle-2026-10-01-2026-10-11.zip")
    assert json.loads(files_of(path)["report.json"])["until"] == "2026-10-11T14:13:20Z"
    assert run("audit", "verify-report", path, "-C", kept).exit_code == 0


def test_a_span_before_the_ledger_began_is_told_of(run: Run, kept: Path):
    result = run("audit", "report", "--from", "2020-01-01", "--to", "2020-12-31", "--sign", "-C", kept)
    assert (result.exit_code, "0 entries of 0" in result.output) == (0, True)


def test_a_dry_run_writes_nothing(run: Run, kept: Path):
    result = run("audit", "report", *SPAN, "--sign", "--dry-run", "-C", kept)
    assert (result.exit_code, Path(NAME).exists()) == (0, False)
    with ledger_of(kept) as ledger:
        assert (reports(ledger), ledger.checkpoints()) == ([], {})


def test_a_file_that_is_there_is_not_written_over(run: Run, made: Path, kept: Path):
    before = made.read_bytes()
    assert run("audit", "report", *SPAN, "-C", kept).exit_code == 2
    assert made.read_bytes() == before


def test_a_folder_that_is_not_there_is_a_sentence_and_leaves_nothing(run: Run, kept: Path):
    result = run("audit", "report", *SPAN, "-o", "absent/report.zip", "-C", kept)
    assert (result.exit_code, "No such file or directory" in result.output) == (1, True)
    with ledger_of(kept) as ledger:
        assert reports(ledger) == []


def test_without_a_key_of_the_ledger_none_is_signed(run: Run, kept: Path):
    for file in (kept / "secrets/keys").glob("ledger-signing-*"):
        file.unlink()
    result = run("audit", "report", *SPAN, "--sign", "-C", kept)
    assert (result.exit_code, "passerelle keys new ledger-signing" in result.output) == (1, True)


def test_no_report_is_made_of_a_ledger_that_does_not_hold(run: Run, kept: Path, head: Path):
    tamper(kept, "UPDATE ledger_checkpoints SET octets = ?", head.read_bytes().replace(b"\n4\n", b"\n3\n"))
    result = run("audit", "report", *SPAN, "-C", kept)
    assert (result.exit_code, "passerelle audit verify" in result.output, Path(NAME).exists()) == (1, True, False)
