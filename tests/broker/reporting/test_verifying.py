"""Whoever alters a report is found, whether he has the key or not."""

import json
from pathlib import Path

import pytest

from broker.reporting.verifying import Trusted
from metadata.report.manifest import SIGNATURE
from tests.broker.reporting.made import PROGRAM, faults, made, saved, signed_anew, verdict
from tests.metadata import past as p
from tests.metadata.ledgers import rewritten, signing_key
from tests.metadata.past import DAY, sha256
from tests.metadata.report.reported import (
    AFTER,
    BEGIN,
    DOCUMENT,
    END,
    KEY_OF_LEDGER,
    OTHER_KEY,
    TWO_KEYS,
    Told,
    half_a_year,
)

REPORT = made()
SNAPSHOT = f"snapshots/{sha256(DOCUMENT)}.xml"
NAMES = sorted(REPORT.keys() - {"MANIFEST.json", "MANIFEST.jws"})
KINDS = {name.partition("/")[0] if "/" in name and "ledger" not in name else name: name for name in NAMES}
"""One of each kind: digests are others in each process."""
OWN = [KEY_OF_LEDGER.public_key]


def replace(name: str, old: bytes, new: bytes):
    """Other octets in a file."""

    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def put(name: str, value: object, *path: str | int):
    """Another value in report.json."""

    def change(files: dict[str, bytes]) -> None:
        told = place = json.loads(files["report.json"])
        for step in path:
            place = place[step]
        place[name] = value
        files["report.json"] = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    return change


def test_a_report_that_nobody_touched_holds(tmp_path: Path):
    found = verdict(REPORT, tmp_path)
    assert (found.faults, found.left_out) == ((), ())
    assert found.holds == (
        f"{len(NAMES)} files are those of the manifest",
        "the manifest is signed by a key that counts",
        "12 entries of the ledger were recomputed",
        "the checkpoint in it is over these entries",
        "who was trusted, and who decided, follows from the entries",
        "every page and table follows from the entries and documents",
    )


def test_it_has_the_files_that_it_promises():
    assert {name for name in NAMES if "/" not in name} == {
        "README.txt",
        "report.html",
        "report.json",
        "trust.csv",
        "events.csv",
    }
    assert REPORT[SNAPSHOT] == DOCUMENT


def test_it_is_the_same_each_time_but_for_the_signature():
    assert {**made(), SIGNATURE: b"", "ledger/checkpoint.txt": b"", "MANIFEST.json": b""} == {
        **REPORT,
        SIGNATURE: b"",
        "ledger/checkpoint.txt": b"",
        "MANIFEST.json": b"",
    }


def test_an_unsigned_one_is_the_same_to_the_octet(tmp_path: Path):
    once, twice = (saved(made(half_a_year().basis(signed=False)), tmp_path / name) for name in ("a.zip", "b.zip"))
    assert once.read_bytes() == twice.read_bytes()


# -- by somebody without the key --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_altered_file_is_named(tmp_path: Path, kind: str):
    name = KINDS[kind]
    octets = REPORT[name]
    altered = {**REPORT, name: octets[:-9] + bytes((octets[-9] ^ 1,)) + octets[-8:]}
    assert (name, "it was altered: its digest is not that of the manifest") in faults(altered, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file_is_named(tmp_path: Path, kind: str):
    name = KINDS[kind]
    less = {other: octets for other, octets in REPORT.items() if other != name}
    assert ("MANIFEST.json", f"missing, though the manifest lists it: {name}") in faults(less, tmp_path)


def test_a_file_too_many_is_named(tmp_path: Path):
    more = {**REPORT, f"snapshots/{'0' * 64}.xml": b"<evil/>"}
    what = f"in the report, though the manifest does not list it: snapshots/{'0' * 64}.xml"
    assert ("MANIFEST.json", what) in faults(more, tmp_path)


def test_an_altered_manifest_is_not_signed(tmp_path: Path):
    files = signed_anew(REPORT, replace("report.html", b"Nothing", b"nothing"))
    files[SIGNATURE] = REPORT[SIGNATURE]
    assert ("MANIFEST.jws", "the signature is wrong") in faults(files, tmp_path)


def test_a_report_without_its_manifest_or_signature_says_so(tmp_path: Path):
    for name in ("MANIFEST.json", "MANIFEST.jws"):
        less = {other: octets for other, octets in REPORT.items() if other != name}
        assert [where for where, what in faults(less, tmp_path) if "it is missing" in what] == [name]
    assert ("report.json", "it says that the report is signed") in faults(less, tmp_path)


def test_a_manifest_that_is_none_is_named(tmp_path: Path):
    assert faults({**REPORT, "MANIFEST.json": b"{}"}, tmp_path) == [("MANIFEST.json", "it is no manifest of a report")]


def test_another_key_counts_for_nothing(tmp_path: Path):
    by = Trusted([signing_key().public_key], {}, PROGRAM)
    assert [where for where, _ in faults(REPORT, tmp_path, by)] == ["MANIFEST.jws", "ledger/checkpoint.txt"]


def test_what_is_no_zip_is_named_by_its_file(tmp_path: Path):
    from broker.reporting.verifying import verify

    (tmp_path / "page.zip").write_bytes(b"<html>")
    (fault,) = verify(tmp_path / "page.zip", Trusted(OWN, {}, PROGRAM)).faults
    assert (fault.where, fault.what) == ("page.zip", "it is no ZIP, or something stands behind its end")


# -- by whoever has the key -------------------------------------------------------------------------------------------


LIES = {
    "another page": (replace("report.html", b"ONE PERSON", b"two people"), "report.html"),
    "another table": (replace("trust.csv", b"in use", b"in us3"), "trust.csv"),
    "fewer events": (replace("events.csv", b"suspended", b"confirmed"), "events.csv"),
    "another README": (replace("README.txt", b"ledger.pem", b"keys.pem"), "README.txt"),
    "another verdict": (put("verdict", "rejected", "decisions", 0), "report.json"),
    "another person": (put("people", ["Dominique", "Camille"], "decisions", 0), "report.json"),
    "who was trusted": (put("trusted_first", []), "report.json"),
    "who is trusted": (put("document", "0" * 64, "trusted_last", 0), "report.json"),
    "no such row": (put("trusted_last", [{}]), "report.json"),
    "no rows at all": (put("trusted_last", 7), "report.json"),
    "one person fewer": (put("decisions_of_one_person", 0, "summary"), "report.json"),
    "no incidents": (put("incidents", []), "report.json"),
    "a better grade": (put("grade", "better", "changes", 0), "report.json"),
    "an older root": (put("root", "A" * 43 + "=", "heads"), "report.json"),
    "another head": (put("size", 4, "heads", "checkpoints", 0), "report.json"),
    "more entries than there are": (put("size", 99, "heads", "checkpoints", 0), "report.json"),
    "a head of text": (put("size", "4", "heads", "checkpoints", 0), "report.json"),
    "no heads": (put("checkpoints", [], "heads"), "ledger/checkpoint.txt"),
    "another ledger": (put("origin", "other.example/ledger"), "ledger/checkpoint.txt"),
    "markup for an origin": (put("origin", "<script> x"), "report.json"),
    "another span": (put("from", "2026-07-13"), "report.json"),
    "a shorter span": (put("to", "2026-07-31"), "report.json"),
    "no day": (put("from", 7), "report.json"),
    "an end within the day": (put("until", "2026-12-30T12:00:00Z"), "report.json"),
    "another schema": (put("schema", "passerelle-report/2"), "report.json"),
    "no signature announced": (put("signed", False), "report.json"),
    "no version": (put("program", "<b>"), "report.json"),
    "no JSON": (replace("report.json", b"{", b""), "report.json"),
    "a list": (lambda files: files.update({"report.json": b"[]"}), "report.json"),
    "deep": (lambda files: files.update({"report.json": b"[" * 200_000}), "report.json"),
    "no data": (lambda files: files.pop("report.json"), "report.json"),
    "no page": (lambda files: files.pop("report.html"), "report.html"),
    "no lines": (lambda files: files.pop("ledger/events.jsonl"), "ledger/events.jsonl"),
    "a line cut short": (
        lambda files: files.update({"ledger/events.jsonl": files["ledger/events.jsonl"][:-1]}),
        "ledger/events.jsonl",
    ),
    "a line less": (
        lambda files: files.update({"ledger/events.jsonl": b"".join(files["ledger/events.jsonl"].splitlines(True)[:-1])}),
        "report.json",
    ),
    "an altered entry": (replace("ledger/events.jsonl", b"Camille", b"Camilla"), "ledger/events.jsonl"),
    "no checkpoint": (lambda files: files.pop("ledger/checkpoint.txt"), "ledger/checkpoint.txt"),
    "an altered checkpoint": (replace("ledger/checkpoint.txt", b"time 1", b"time 2"), "ledger/checkpoint.txt"),
    "a document less": (lambda files: files.pop(SNAPSHOT), sha256(DOCUMENT)),
    "an altered document": (replace(SNAPSHOT, b"el.example/sso", b"no.example/sso"), "report.json"),
    "a document of no use": (lambda files: files.update({f"snapshots/{sha256(b'x')}.xml": b"x"}), "MANIFEST.json"),
}


@pytest.mark.parametrize("name", LIES)
def test_whoever_signs_a_lie_is_found_by_what_the_ledger_says(tmp_path: Path, name: str):
    change, where = LIES[name]
    assert where in [place for place, _ in faults(signed_anew(REPORT, change), tmp_path)]


SENTENCES = {
    "another schema": (
        put("schema", "passerelle-report/2"),
        "it is not of the form passerelle-report/1: a newer Passerelle may read it",
    ),
    "an end behind its last day": (
        put("until", "2027-01-02T00:00:00Z"),
        "its span ends at another moment than its last day",
    ),
    "an end before its last day": (
        put("until", "2026-12-30T12:00:00Z"),
        "2026-12-31 has not come yet: a report ends today at the latest",
    ),
    "no incidents": (put("incidents", []), "incidents is not what the entries and documents say"),
    "who was trusted": (put("trusted_first", []), "trusted_first is not what the entries of the ledger say"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_report_json_says_wrongly_is_said(tmp_path: Path, name: str):
    change, what = SENTENCES[name]
    assert ("report.json", what) in faults(signed_anew(REPORT, change), tmp_path)


def test_a_ledger_that_was_written_anew_is_found_by_the_checkpoint_that_was_kept(tmp_path: Path):
    told = half_a_year()
    _, kept = told.note(4, BEGIN)
    forged = Told()
    for entry in told.entries[:-1]:
        event = entry.event
        forged.tell(event.time, p.Stated(event.type, event.subject, event.facts, event.after, told.blobs))
        if event.seq == 2:
            forged.tell(event.time, p.confirmed("IT"))
    head, note = forged.note(time=AFTER)
    files = made(forged.basis(heads=[head]), note)
    assert faults(files, tmp_path) == []
    by = Trusted(OWN, {"kept.txt": kept}, PROGRAM)
    assert faults(files, tmp_path, by) == [
        ("kept.txt", "altered, somewhere in 0 to 3: the checkpoint was signed over other entries")
    ]


def test_entries_that_were_left_out_are_found_by_a_checkpoint_of_the_span(tmp_path: Path):
    told = half_a_year()
    _, kept = told.note(len(told.entries) - 1, END - DAY)
    shorter = half_a_year()
    shorter.entries = shorter.entries[:-3]
    head, note = shorter.note()
    files = made(shorter.basis(heads=[head]), note)
    assert faults(files, tmp_path) == []
    (fault,) = faults(files, tmp_path, Trusted(OWN, {"kept.txt": kept}, PROGRAM))
    assert (fault[0], "missing: " in fault[1]) == ("kept.txt", True)


def test_a_checkpoint_of_after_the_span_is_not_compared_and_that_is_said(tmp_path: Path):
    _, kept = half_a_year().note()
    found = verdict(REPORT, tmp_path, Trusted(OWN, {"kept.txt": kept}, PROGRAM))
    assert (found.faults, found.left_out) == (
        (),
        ("kept.txt was signed after the span, over more entries: it was not compared",),
    )


def test_a_kept_checkpoint_of_these_entries_holds_and_one_of_another_ledger_does_not(tmp_path: Path):
    _, kept = half_a_year().note(4)
    assert "kept.txt is over these entries" in verdict(REPORT, tmp_path, Trusted(OWN, {"kept.txt": kept}, PROGRAM)).holds
    other = write_of_another_ledger()
    assert [where for where, _ in faults(REPORT, tmp_path, Trusted(OWN, {"kept.txt": other}, PROGRAM))] == ["kept.txt"]


def write_of_another_ledger() -> bytes:
    from metadata.ledger.checkpoint import Checkpoint, write_checkpoint

    root = half_a_year().entries[3].root
    return write_checkpoint(Checkpoint("other.example/ledger", 4, root, AFTER), KEY_OF_LEDGER)


def test_entries_of_after_the_span_do_not_belong_in_it(tmp_path: Path):
    told = half_a_year()
    lines = b"".join(line + b"\n" for line in rewritten(entry.event for entry in told.entries))
    files = signed_anew(REPORT, lambda files: files.update({"ledger/events.jsonl": lines}))
    assert ("ledger", "it has entries of after the span") in faults(files, tmp_path)


def test_what_the_ledger_had_lost_is_a_fault_of_an_honest_report(tmp_path: Path):
    told = half_a_year()
    del told.blobs[sha256(TWO_KEYS)]
    head, note = told.note(len(told.basis().entries))
    files = made(told.basis(heads=[head]), note)
    assert faults(files, tmp_path) == [(sha256(TWO_KEYS), "the ledger had lost this file, or had it altered")]


def test_a_report_of_another_version_is_compared_in_what_follows_from_the_lines(tmp_path: Path):
    by = Trusted(OWN, {}, "9.9.9")
    assert verdict(REPORT, tmp_path, by).left_out == (
        "made by Passerelle 0.1.0, read by 9.9.9: pages and gradings were not made again",
    )
    change = put("document", sha256(OTHER_KEY), "trusted_last", 0)
    assert faults(signed_anew(REPORT, change), tmp_path, by) == [
        ("report.json", "trusted_last is not what the entries of the ledger say")
    ]


@pytest.mark.parametrize("span", [("2020-01-01", "2020-12-31"), ("2026-06-10", "2026-06-20")], ids=str)
def test_a_span_with_nothing_in_it_makes_a_report_that_holds_but_for_what_nobody_signed(tmp_path: Path, span):
    told = half_a_year()
    basis = told.basis(*span)
    heads = [told.note(len(basis.entries))] if basis.entries else []
    files = made(told.basis(*span, heads=[head for head, _ in heads]), heads[0][1] if heads else None)
    expected = [] if heads else [("ledger/checkpoint.txt", "it is missing: no checkpoint holds the ledger")]
    assert faults(files, tmp_path) == expected
