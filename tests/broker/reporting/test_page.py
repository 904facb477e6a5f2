"""What people read: the page and the README, and what must not get into either."""

import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker.reporting import told_files
from metadata.ledger.kinds import COUNTRY
from tests.broker.reporting.made import made
from tests.broker.web.markup import Document
from tests.metadata import past as p
from tests.metadata.ledgers import signing_key
from tests.metadata.past import sha256
from tests.metadata.report.reported import BEFORE, BEGIN, KEY_OF_LEDGER, OTHER_KEY, Told, half_a_year, refused

SCRIPT = "<script>alert(1)</script>\"'&"
TITLES = (
    "1. Summary",
    "2. Trusted on the first and on the last day",
    "3. Decisions",
    "4. Our keys and their use",
    "5. Changes in peers",
    "6. Weak or expired",
    "7. Incidents",
    "8. Conformance of our own metadata",
    "9. Heads of the ledger",
)


def page(told: Told, signed: bool = True) -> Document:
    return Document(told_files(told.basis(signed=signed))["report.html"]().decode())


def texts(document: Document, tag: str) -> list[str]:
    return [one.text for one in document.elements if one.tag == tag]


def marked(document: Document) -> list[str]:
    return texts(document, "strong")


PAGE = page(half_a_year())


def test_the_chapters_are_the_nine_that_a_regulator_looks_for():
    assert (texts(PAGE, "h2"), PAGE.faults) == (list(TITLES), [])


def test_every_table_has_a_caption_and_every_heading_of_it_a_scope():
    tables = [one for one in PAGE.elements if one.tag == "table"]
    assert len([one for one in PAGE.elements if one.tag == "caption" and one.text]) == len(tables)
    assert {one.get("scope") for one in PAGE.elements if one.tag == "th"} == {"col", "row"}


def test_the_page_loads_nothing_and_runs_nothing():
    names = {name for one in PAGE.elements for name in one.attributes}
    assert not names & {"src", "srcset", "style"}
    assert not any(name.startswith("on") for name in names)
    assert {one.tag for one in PAGE.elements} & {"script", "link", "img", "iframe", "object", "form", "base"} == set()
    assert all(one.get("href").startswith("#chapter-") for one in PAGE.elements if one.tag == "a")
    assert "url(" not in made()["report.html"].decode()
    assert "@import" not in made()["report.html"].decode()


def test_it_says_whether_it_is_signed():
    assert "This report is not signed:" in marked(page(half_a_year(), signed=False))
    assert "This report is not signed:" not in marked(PAGE)
    assert b"IT IS NOT SIGNED" in told_files(half_a_year().basis(signed=False))["README.txt"]()


def test_one_person_decisions_are_marked_as_such_with_the_mode_in_force():
    told = Told().tell(BEGIN, p.decision("approved", needed="2"))
    told.tell(BEGIN + 1, p.country("suspended"))
    found = page(told)
    assert [one for one in marked(found) if "ONE" in one] == ["ONE PERSON, though two were needed", "ONE PERSON"]
    assert "two people needed; no configuration known" in texts(found, "td")


def test_the_word_of_two_is_not_marked():
    told = Told().tell(BEGIN, p.decision("proposed", needed="2"))
    told.tell(BEGIN + 1, p.decision("approved", needed="2", by="Dominique"))
    cells = texts(page(told), "td")
    assert ("the first of two" in cells, "two people" in cells, any("ONE" in one for one in marked(page(told)))) == (
        True,
        True,
        False,
    )
    assert "Camille (Camille read it out); Dominique (Dominique read it out)" in cells


@pytest.mark.parametrize("where", ["by", "words"])
def test_the_words_of_people_are_no_markup(where: str):
    facts = {"state": "suspended", "by": "Camille", "words": "they called", "at": "2026-07-12T00:00:00Z", where: SCRIPT}
    found = page(Told().tell(BEFORE, p.in_force()).tell(BEGIN, p.stated(COUNTRY, "EL", facts)))
    assert "script" not in {one.tag for one in found.elements}
    assert any(SCRIPT in one for one in texts(found, "td"))


def test_what_a_peer_writes_is_no_markup():
    name = "https://el.example/'onmouseover='alert(1)'&lt;script&gt;"
    found = page(Told().tell(BEGIN, p.in_force(entity_id=name), refused(SCRIPT)))
    assert {"script", "onmouseover"} & {name for one in found.elements for name in (one.tag, *one.attributes)} == set()
    assert name in texts(found, "td")


def test_a_change_shows_its_grade_before_and_after():
    found = page(Told().tell(BEFORE, p.in_force()).tell(BEGIN, p.in_force(OTHER_KEY)))
    assert "dangerous" in marked(found)
    assert "keys without announcement" in marked(found)


def test_a_version_that_cannot_be_read_and_one_that_is_lost_are_told_of():
    told = Told().tell(BEFORE, p.in_force()).tell(BEGIN, p.in_force(b"<md:EntityDescriptor"))
    assert "not compared" in marked(page(told))
    told.blobs.clear()
    assert any(f"has lost, or has altered, the file {sha256(p.DOCUMENT)}" in one for one in texts(page(told), "p"))


def test_another_document_that_says_the_same_has_a_line():
    same = p.DOCUMENT + b"<!-- another document -->"
    found = page(Told().tell(BEGIN, p.in_force()).tell(BEGIN, p.in_force(same)))
    assert any(one.startswith("Signed anew") for one in texts(found, "caption"))


def test_our_own_metadata_is_shown_with_what_is_wrong_with_it():
    assert "error" in marked(PAGE)
    assert "this is no metadata: no entity stands in it" in texts(PAGE, "td")


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (("2020-01-01", "2020-12-31"), "of this time it says nothing"),
        (("2026-05-01", "2026-06-30"), "within this span: of what was before it says nothing"),
        (("2026-07-01", "2026-07-31"), "before this span"),
    ],
)
def test_how_far_back_the_ledger_reaches_is_said(span: tuple[str, str], said: str):
    octets = told_files(half_a_year().basis(*span))["report.html"]()
    assert any(said in one for one in texts(Document(octets.decode()), "p"))


def test_a_span_with_nothing_in_it_says_so_in_each_chapter():
    octets = told_files(Told().basis())["report.html"]()
    document = Document(octets.decode())
    assert (texts(document, "h2"), document.faults, texts(document, "caption")) == (
        list(TITLES),
        [],
        ["The span in numbers"],
    )


# -- the README -------------------------------------------------------------------------------------------------------


def commands(readme: str, word: str) -> str:
    """The indented block of the README that has a word in it."""
    (found,) = [block for block in re.findall(r"(?:^    .*\n)+", readme, re.MULTILINE) if word in block]
    return found


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A report's files in a folder, and the key beside it."""
    folder = tmp_path / "report"
    for name, octets in made().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(octets)
    keep_key(tmp_path / "ledger.pem")
    return folder


def keep_key(path: Path, key=KEY_OF_LEDGER) -> None:
    path.write_bytes(key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def shell(folder: Path, word: str) -> tuple[int, str]:
    typed = commands((folder / "README.txt").read_text("utf-8"), word)
    done = subprocess.run(["sh", "-c", typed], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_openssl_alone_verifies_the_signature(unpacked: Path):
    assert shell(unpacked, "openssl") == (0, "Verified OK\n")


@pytest.mark.parametrize("_turn", range(12))
def test_openssl_verifies_every_signature_whatever_its_numbers_begin_with(unpacked: Path, _turn: int):
    from broker.reporting import TYPE
    from oidc.detached import sign_detached

    octets = sign_detached((unpacked / "MANIFEST.json").read_bytes(), KEY_OF_LEDGER, TYPE)
    (unpacked / "MANIFEST.jws").write_bytes(octets)
    assert shell(unpacked, "openssl")[0] == 0


def test_openssl_refuses_another_manifest_and_another_key(unpacked: Path):
    manifest = (unpacked / "MANIFEST.json").read_bytes()
    (unpacked / "MANIFEST.json").write_bytes(manifest.replace(b'"size":', b'"size": ', 1))
    assert shell(unpacked, "openssl")[0] == 1
    (unpacked / "MANIFEST.json").write_bytes(manifest)
    keep_key(unpacked.parent / "ledger.pem", signing_key())
    assert shell(unpacked, "openssl")[0] == 1


def test_the_shell_finds_an_altered_file_and_one_too_many(unpacked: Path):
    assert shell(unpacked, "sha256sum") == (0, "")
    listed, there = shell(unpacked, "grep -c")[1].split()
    assert listed == there
    (unpacked / "report.html").write_bytes(b"another page")
    (unpacked / "more.html").write_bytes(b"one more")
    assert "report.html: FAILED" in shell(unpacked, "sha256sum")[1]
    listed, there = shell(unpacked, "grep -c")[1].split()
    assert int(there) == int(listed) + 1
