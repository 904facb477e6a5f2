"""passerelle metadata diff."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.broker.commands.conftest import Run
from tests.metadata import versions as v
from tests.metadata.versions import listed, signed, version

Compare = Callable[..., Result]
BASE = signed(version())
NEW_KEY = signed(version((v.SIGNING, v.SIGNING + v.OTHER)))
MANY = signed(
    version((v.SIGNING, v.SIGNING + v.OTHER), ("CEF:eIDAS:2.7", "CEF:eIDAS:2.8"), (v.SSO, v.SSO.replace("el.", "it.")))
)


@pytest.fixture
def compare(run: Run, tmp_path: Path) -> Compare:
    """The command on two documents."""

    def call(before: bytes, after: bytes, *options: object) -> Result:
        for name, octets in (("A.xml", before), ("B.xml", after)):
            (tmp_path / name).write_bytes(octets)
        return run("metadata", "diff", tmp_path / "A.xml", tmp_path / "B.xml", *options)

    return call


STATUS = {
    "nothing changed": (BASE, 0),
    "better": (signed(version(('MinKeySize="256"', 'MinKeySize="384"'))), 0),
    "neutral": (signed(version(("CEF:eIDAS:2.7", "CEF:eIDAS:2.8"))), 0),
    "attention": (NEW_KEY, 1),
    "dangerous": (MANY, 3),
}


@pytest.mark.parametrize("name", STATUS)
def test_the_exit_status_is_that_of_the_gravest_change(compare: Compare, name: str):
    after, status = STATUS[name]
    assert compare(BASE, after).exit_code == status


def test_the_status_counts_what_is_not_shown(compare: Compare):
    before = version(("MinKeySize", "x"))
    result = compare(before, version(("CEF:eIDAS:2.7", "")), "--only", "dangerous")
    assert (result.exit_code, "not shown" in result.output) == (0, True)


def test_a_new_key_is_told_to_a_person(compare: Compare):
    lines = compare(BASE, NEW_KEY).output.splitlines()
    assert lines[0] == "A.xml → B.xml   https://el.example/metadata"
    assert lines[1] == "  signed by the same key ✔"
    assert lines[2].split() == " + Proxy-Service signing key EC P-256, valid 2026-01-01 to 2036-01-01".split()
    assert lines[3].strip().startswith("certificate sha256 ")
    assert lines[5].strip() == "attention: a new key beside one that was known (overlap)"
    assert lines[6].startswith(" = endpoints, levels, attributes, ")
    assert lines[-1] == (
        "Decision needed: Proxy-Service signing key (key beside, attention). "
        "Compare with what the country told you on another way."
    )


def test_nothing_is_to_decide_when_nothing_changed(compare: Compare):
    assert compare(BASE, BASE).output.splitlines()[2:] == [
        " = keys, endpoints, levels, attributes, algorithms, contacts, organisation, validity, identifiers, signature, "
        "other content unchanged   (IDs, white space, prefixes, order and signature values ignored)",
        "Nothing to decide.",
    ]


SIGNED = {
    "another key": (BASE, signed(version(), turn=6), "signed by another key !"),
    "not signed": (BASE, version(), "A: signed; B: not signed"),
    "changed": (BASE, BASE.replace(b"2.7", b"2.8"), "A: signed; B: signature not right by a key that it names"),
}


@pytest.mark.parametrize("name", SIGNED)
def test_the_second_line_says_who_signed(compare: Compare, name: str):
    before, after, told = SIGNED[name]
    assert compare(before, after).output.splitlines()[1].strip() == told


def test_only_leaves_out_what_is_less_grave(compare: Compare):
    rows = json.loads(compare(BASE, MANY, "--only", "attention", "--format", "json").output)
    assert {row["grade"] for row in rows} == {"attention", "dangerous"}
    assert "1 less grave not shown" in compare(BASE, MANY, "--only", "attention").output


def test_json_has_each_change_whole(compare: Compare):
    (row,) = json.loads(compare(BASE, NEW_KEY, "--format", "json").output)
    told = (row["grade"], row["class"], row["change"], row["role"], row["code"])
    assert told == ("attention", "keys", "added", "Proxy-Service", "key-beside")
    assert [one.rpartition(" ")[0] for one in row["digests"]] == ["certificate sha256", "key sha256"]


def test_csv_has_the_same_rows(compare: Compare):
    rows = list(csv.DictReader(io.StringIO(compare(BASE, MANY, "--format", "csv").output)))
    assert [row["code"] for row in rows] == ["key-beside", "host-changed", "application"]


def test_a_list_names_each_entity(compare: Compare):
    other = version(("https://el.example/metadata", "https://it.example/metadata"))
    result = compare(listed(version(), other), listed(version(), other.replace(b">EL<", b">IT<")))
    assert result.output.splitlines()[0].endswith("2 entities")
    assert " ~ https://it.example/metadata country EL → IT" in result.output


def test_when_both_were_fetched_tells_how_long_they_count(compare: Compare):
    after = signed(version((v.UNTIL, 'validUntil="2026-10-22T00:00:00Z"')))
    fetched = ("--fetched", "2026-09-15", "2026-09-22")
    assert "8 days → 30 days" in compare(BASE, after, *fetched).output


def test_what_a_peer_wrote_does_not_command_the_terminal(compare: Compare):
    after = version(("CEF:eIDAS:2.7", "\u202eCEF\u009b31m"))
    assert not {"\u202e", "\u009b"} & set(compare(version(), after).output)


WRONG = {
    "no XML": (b"metadata", "B.xml cannot be read: not well-formed XML (line 1)"),
    "no metadata": (b"<a/>", "B.xml is no metadata: it describes no entity"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_holds_no_metadata_is_wrong_usage(compare: Compare, name: str):
    octets, sentence = WRONG[name]
    result = compare(BASE, octets)
    assert (result.exit_code, result.output) == (2, f"passerelle: {sentence}\n")
