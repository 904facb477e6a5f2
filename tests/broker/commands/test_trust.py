"""passerelle trust, metadata history and get, keys used: the ledger as an auditor reads it."""

import csv
import io
import json
from pathlib import Path

import pytest

from broker.commands.trust_events import TYPES, WORDS
from metadata.ledger.kinds import WAITING
from metadata.review import timeline
from tests.broker.commands.conftest import Run
from tests.broker.commands.recorded import ledger_of
from tests.metadata import past as p
from tests.metadata.past import ANCHOR_DIGEST, DAY, DOCUMENT, NAME, NOW, sha256
from tests.metadata.versions import OTHER, SIGNING, signed, version

NEXT = signed(version((SIGNING, SIGNING + OTHER)))
FUTURE = signed(version(("el.example/sso", "evil.example/sso")))
ON_ANCHOR = {"anchor": ANCHOR_DIGEST}
STORY = [
    (1, p.anchor(NOW + 40 * DAY)),
    (1, p.in_force(**ON_ANCHOR)),
    (2, p.waits(NEXT)),
    (3, p.decision("proposed", NEXT, "Camille", "2", NOW + 3 * DAY)),
    (4, p.decision("approved", NEXT, "Dominique", "2", NOW + 4 * DAY)),
    (4, p.in_force(NEXT, "approval", **ON_ANCHOR)),
    (4, p.gone(WAITING, "EL/proxy")),
    (5, p.waits(FUTURE, "dangerous")),
]
AT = ("--at", "2026-09-26")
"""Five days after NOW, at its end."""


@pytest.fixture
def storied(kept: Path) -> Path:
    """An instance whose ledger has a story of a node."""
    with ledger_of(kept) as ledger:
        for days, one in STORY:
            ledger.note([one], (), NOW + days * DAY)
    return kept


def tell(folder: Path, stated: list, now: int) -> None:
    """The ledger is told something."""
    with ledger_of(folder) as ledger:
        ledger.note(stated, (), now)


def rows(run: Run, folder: Path, *command: object) -> list[dict]:
    """What a command says, as JSON."""
    return json.loads(run(*command, "-C", folder, "--format", "json").stdout)


# -- trust list -------------------------------------------------------------------------------------------------------


def test_the_table_has_the_moment_above_and_how_far_the_ledger_holds_below(run: Run, storied: Path):
    result = run("trust", "list", *AT, "-C", storied)
    assert result.exit_code == 0
    first, head, row, last = result.output.splitlines()
    assert first == "TRUST ON 2026-09-26 23:59 UTC"
    assert head.split() == ["CC", "ROLE", "ENTITY", "SINCE", "ANCHOR", "META", "VALID", "STATE"]
    shown = ["EL", "proxy", NAME, "2026-09-22", "aaaa…aaaa", "approval", "v2", "1", "d", "!", "another", "document"]
    assert row.split()[:12] == shown
    assert last == "1 warning · ledger verified to entry 11"


def test_a_past_day_is_that_of_the_ledger_of_then(run: Run, storied: Path):
    (row,) = rows(run, storied, "trust", "list", "--at", "2026-09-23T12:00")
    assert (row["version"], row["document"], row["ground"], row["approved_by"]) == (1, sha256(DOCUMENT), "pin", [])
    (row,) = rows(run, storied, "trust", "list", *AT)
    assert (row["version"], row["document"], row["approved_by"]) == (2, sha256(NEXT), ["Camille", "Dominique"])
    assert (row["words"][1], row["approved_at"]) == ("Dominique read it out", "2026-09-25T14:13:20Z")
    assert len(row["signing_keys"]) == 2


@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-09-21", 0), ("2026-09-22T14:13:19", 0), ("2026-09-22T14:13:20", 1), ("2026-09-22", 1), ("2026-09-22 15:00", 1)],
)
def test_a_date_alone_means_its_end(run: Run, storied: Path, at: str, found: int):
    assert len(rows(run, storied, "trust", "list", "--at", at)) == found


def test_of_a_day_before_the_ledger_nothing_is_pretended(run: Run, storied: Path):
    result = run("trust", "list", "--at", "2020-01-01", "-C", storied, "--format", "json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert "the ledger begins at 2026-09-21T14:13:20Z: of 2020-01-01 23:59 UTC it says nothing" in result.stderr


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "2026-09-22T25:00"])
def test_what_is_no_moment_is_wrong_usage(run: Run, storied: Path, at: str):
    result = run("trust", "list", "--at", at, "-C", storied)
    assert (result.exit_code, "neither a date" in result.output) == (2, True)


def test_csv_has_a_row_a_node(run: Run, storied: Path):
    (row,) = csv.DictReader(io.StringIO(run("trust", "list", *AT, "-C", storied, "--format", "csv").stdout))
    assert (row["country"], row["entity_id"], row["approved_by"]) == ("EL", NAME, "Camille Dominique")


def test_what_is_weak_is_a_line_each(run: Run, storied: Path):
    assert rows(run, storied, "trust", "list", "--weak", *AT) == []
    weak = version((SIGNING, SIGNING + OTHER))
    tell(storied, [p.in_force(weak, "approval", **ON_ANCHOR)], NOW + 6 * DAY)
    found = rows(run, storied, "trust", "list", "--weak", "--at", "2026-09-27")
    assert [(row["what"], row["value"], row["grade"]) for row in found] == [
        ("signature", "none", "refused"),
        ("digest", "none", "refused"),
    ]
    assert run("trust", "list", "--weak", *AT, "-C", storied).output.splitlines()[-1].startswith("0 weak · ledger")


# -- trust show -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["EL", "EL/proxy", NAME])
def test_a_node_is_shown_with_its_story(run: Run, storied: Path, whom: str):
    found = json.loads(run("trust", "show", whom, *AT, "-C", storied, "--format", "json").stdout)
    assert [node["entity_id"] for node in found["nodes"]] == [NAME]
    words = ["pinned", "trusted", "waits", "proposed", "approved", "version", "settled", "waits"]
    assert [event["word"] for event in found["events"]] == words


def test_the_story_is_told_to_people(run: Run, storied: Path):
    output = run("trust", "show", "EL", *AT, "-C", storied).output
    assert "approved_by    Camille; Dominique" in output
    assert "Dominique approved document" in output
    assert output.splitlines()[-1] == "ledger verified to entry 11"


def test_who_is_trusted_no_more_has_a_story_still(run: Run, storied: Path):
    tell(storied, [p.gone("metadata.in_force", "EL/proxy")], NOW + 6 * DAY)
    output = run("trust", "show", "EL/proxy", "--at", "2026-09-27", "-C", storied).output
    assert output.startswith("not trusted on 2026-09-27 23:59 UTC")
    assert "EL/proxy is trusted no more" in output


def test_whom_the_ledger_does_not_know_is_said(run: Run, storied: Path):
    result = run("trust", "show", "PT", "-C", storied)
    assert (result.exit_code, "the ledger knows nothing of PT" in result.output) == (1, True)


def test_the_story_is_csv_as_well(run: Run, storied: Path):
    found = list(csv.DictReader(io.StringIO(run("trust", "show", "EL", *AT, "-C", storied, "--format", "csv").stdout)))
    assert len(found) == 8


# -- what waits, what ends, what happened, anchors --------------------------------------------------------------------


def test_what_waits_is_listed(run: Run, storied: Path):
    (row,) = rows(run, storied, "trust", "pending", *AT)
    assert (row["node"], row["news"], row["document"]) == ("EL/proxy", "dangerous", sha256(FUTURE))
    (row,) = rows(run, storied, "trust", "pending", "--at", "2026-09-24")
    assert (row["news"], row["proposed by"]) == ("keys", "Camille: Camille read it out")
    assert run("trust", "pending", *AT, "-C", storied).output.splitlines()[0] == "WAITING ON 2026-09-26 23:59 UTC"


def test_what_ends_is_listed(run: Run, storied: Path):
    found = rows(run, storied, "trust", "expiring", "--within", "60d", *AT)
    assert [(row["kind"], row["subject"], row["left"], row["severity"]) for row in found] == [
        ("metadata", "EL/proxy", 1, "soon"),
        ("anchor", "EL", 34, "soon"),
    ]
    assert len(rows(run, storied, "trust", "expiring", "--within", "30", *AT)) == 1
    assert "2026-09-28  1 d   soon      metadata" in run("trust", "expiring", *AT, "-C", storied).output


def test_what_is_no_span_is_wrong_usage(run: Run, storied: Path):
    result = run("trust", "expiring", "--within", "soon", "-C", storied)
    assert (result.exit_code, "no number of days" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((), 8),
        (("--type", "approved"), 1),
        (("--type", "trust.decision"), 2),
        (("--since", "2026-09-26"), 1),
        (("--at", "2026-09-22"), 2),
        (("--type", "rejected"), 0),
    ],
    ids=str,
)
def test_the_log_has_what_is_about_trust(run: Run, storied: Path, asked: tuple[str, ...], found: int):
    assert len(rows(run, storied, "trust", "log", *asked)) == found


def test_an_approval_is_read_with_who_and_how(run: Run, storied: Path):
    output = run("trust", "log", "--type", "approved", "-C", storied).output
    assert f"Dominique approved document {sha256(NEXT)[:12]} (two are needed): Dominique read it out" in output


def test_anchors_are_listed_by_country(run: Run, storied: Path):
    (row,) = rows(run, storied, "trust", "anchors", *AT)
    assert (row["cc"], row["sha256"], row["nodes"], row["left"]) == ("EL", ANCHOR_DIGEST, ["EL/proxy"], "34 d")
    assert rows(run, storied, "trust", "anchors", "IT", *AT) == []


def test_the_choices_are_those_of_the_library():
    assert (TYPES, WORDS) == (timeline.TRUST, timeline.WORDS)


# -- metadata history, get and diff -----------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["EL/proxy", NAME])
def test_the_versions_of_a_node_are_listed(run: Run, storied: Path, whom: str):
    found = rows(run, storied, "metadata", "history", whom)
    assert [(row["version"], row["from"], row["to"]) for row in found] == [
        (1, "2026-09-22T14:13:20Z", "2026-09-25T14:13:20Z"),
        (2, "2026-09-25T14:13:20Z", ""),
    ]


@pytest.mark.parametrize(
    ("asked", "octets"),
    [
        (("EL/proxy", "--at", "2026-09-23"), DOCUMENT),
        ((NAME, *AT), NEXT),
        (("EL/proxy@1",), DOCUMENT),
        (("EL/proxy@2",), NEXT),
        (("EL/proxy@waiting",), FUTURE),
        (("EL/proxy@waiting", "--at", "2026-09-24"), NEXT),
        ((f"EL/proxy@{sha256(FUTURE)[:12]}",), FUTURE),
        ((f"EL/proxy@{sha256(DOCUMENT)}",), DOCUMENT),
    ],
    ids=["day", "name", "first", "second", "waiting", "waited", "beginning", "whole"],
)
def test_a_document_is_had_octet_by_octet(run: Run, storied: Path, asked: tuple[str, ...], octets: bytes):
    assert run("metadata", "get", *asked, "-C", storied).stdout_bytes == octets


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        (("EL/proxy", "--at", "2026-09-21"), 1, "the ledger has no EL/proxy at 2026-09-21"),
        (("EL/proxy@3",), 1, "the ledger has no EL/proxy@3"),
        (("EL/proxy@00000000",), 1, "the ledger has no EL/proxy@00000000"),
        ((f"EL/proxy@{sha256(NEXT)[:12]}", "--at", "2026-09-22"), 1, "the ledger has no EL/proxy@"),
        (("IT/proxy@waiting",), 1, "passerelle metadata history IT/proxy"),
        (("https://nobody.example/",), 2, "is no node of the ledger"),
        (("EL",), 2, "is no node of the ledger"),
    ],
    ids=["day", "version", "beginning", "later", "waiting", "name", "country"],
)
def test_a_document_that_is_not_there_is_said(run: Run, storied: Path, asked: tuple[str, ...], status: int, why: str):
    result = run("metadata", "get", *asked, "-C", storied)
    assert (result.exit_code, result.stdout, why in result.stderr) == (status, "", True)


def test_digits_with_which_two_documents_begin_name_neither(run: Run, storied: Path):
    for day, end in ((6, "0"), (7, "1")):
        tell(storied, [p.waits(document="ab" * 4 + end * 56)], NOW + day * DAY)
    result = run("metadata", "get", "EL/proxy@abababab", "-C", storied)
    assert (result.exit_code, "several documents of EL/proxy begin with abababab" in result.output) == (2, True)


def test_a_name_of_two_nodes_must_be_told_apart(run: Run, storied: Path):
    tell(storied, [p.in_force(subject="EL/connector")], NOW + 6 * DAY)
    result = run("metadata", "get", NAME, "-C", storied)
    assert (result.exit_code, "EL/connector and EL/proxy" in result.output) == (2, True)


def test_versions_of_the_ledger_can_be_compared(run: Run, storied: Path):
    result = run("metadata", "diff", "EL/proxy@1", "EL/proxy@2", "-C", storied)
    assert (result.exit_code, result.output.splitlines()[0]) == (1, f"EL/proxy@1 → EL/proxy@2   {NAME}")
    was = run("metadata", "diff", "EL/proxy@1", "EL/proxy@waiting", "--at", "2026-09-24", "-C", storied).output
    assert was.splitlines()[1:] == result.output.splitlines()[1:]
    found = rows(run, storied, "metadata", "diff", "EL/proxy@2", "EL/proxy@waiting")
    assert {row["code"] for row in found if row["grade"] == "dangerous"} == {"host-changed"}


def test_a_version_can_be_compared_with_a_file_and_a_file_comes_first(run: Run, storied: Path, tmp_path: Path):
    (tmp_path / "EL").mkdir()
    (tmp_path / "EL/proxy@2").write_bytes(DOCUMENT)
    assert run("metadata", "diff", "EL/proxy@1", "EL/proxy@2", "-C", storied).exit_code == 0


@pytest.mark.parametrize("name", ["nothing.xml", "EL/proxy@0", "el/proxy@1"])
def test_what_is_neither_file_nor_version_is_wrong_usage(run: Run, storied: Path, name: str):
    result = run("metadata", "diff", name, "EL/proxy@1", "-C", storied)
    assert (result.exit_code, f"{name}: No such file" in result.output) == (2, True)


# -- keys used --------------------------------------------------------------------------------------------------------


def test_our_keys_of_a_day_are_listed(run: Run, storied: Path):
    found = rows(run, storied, "keys", "used", *AT)
    assert {(row["use"], row["state"], row["since"]) for row in found} == {
        ("op-signing", "active", "2026-09-21T14:13:20Z"),
        ("ledger-signing", "active", "2026-09-21T14:13:20Z"),
    }
    assert rows(run, storied, "keys", "used", "--at", "2026-09-20") == []
    assert run("keys", "used", *AT, "-C", storied).output.splitlines()[-1] == "3 keys · ledger verified to entry 11"
