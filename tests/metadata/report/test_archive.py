"""The file of a report: what we write is read, and what hides something is not."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from metadata.errors import ReportRefused
from metadata.report import archive
from metadata.report.archive import read_archive, write_archive

FILES = {"README.txt": b"read me", "report.html": b"<p>", f"snapshots/{'a' * 64}.xml": b"<a/>"}


def written(files: dict[str, bytes] = FILES) -> bytes:
    out = io.BytesIO()
    write_archive(out, {name: lambda octets=octets: octets for name, octets in files.items()})  # type: ignore[misc]
    return out.getvalue()


def read(tmp_path: Path, octets: bytes) -> dict[str, bytes]:
    path = tmp_path / "report.zip"
    path.write_bytes(octets)
    with read_archive(path) as files:
        return {name: file() for name, file in files.items()}


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, octets in members:
            made.writestr(name, octets)
        made.comment = comment
    return out.getvalue()


def with_extra(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.extra = b"\xfe\xca\x04\x00evil"
    return info


def noted(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.comment = b"a note"
    return info


def gapped() -> bytes:
    """Something between the last file and the directory."""
    octets = zipped(("README.txt", b"x"))
    start = octets.index(b"PK\x01\x02")
    end = octets.index(b"PK\x05\x06")
    moved = octets[end : end + 16] + struct.pack("<L", start + 6) + octets[end + 20 :]
    return octets[:start] + b"hidden" + octets[start:end] + moved


def overlapping() -> bytes:
    """Two names for the same octets."""
    octets = zipped(("README.txt", b"same"), ("report.json", b"same"))
    second = octets.index(b"PK\x01\x02", octets.index(b"PK\x01\x02") + 4)
    return octets[: second + 42] + bytes(4) + octets[second + 46 :]


def test_what_is_written_is_read(tmp_path: Path):
    assert read(tmp_path, written()) == FILES


def test_the_same_files_give_the_same_octets_in_whatever_order_they_come():
    assert written() == written(dict(reversed(FILES.items())))


def test_any_program_can_read_it():
    made = zipfile.ZipFile(io.BytesIO(written()))
    assert (made.testzip(), made.namelist()) == (None, sorted(FILES))


DEFECTS = {
    "no zip": (b"<html>", "it is no ZIP"),
    "empty": (b"", "it is no ZIP"),
    "up and out": (zipped(("../README.txt", b"x")), "no file of a report"),
    "absolute": (zipped(("/etc/passwd", b"x")), "no file of a report"),
    "a drive": (zipped(("C:\\README.txt", b"x")), "no file of a report"),
    "a folder": (zipped(("snapshots/", b"")), "no file of a report"),
    "a path within": (zipped(("snapshots/../README.txt", b"x")), "no file of a report"),
    "another digest": (zipped((f"snapshots/{'A' * 64}.xml", b"x")), "no file of a report"),
    "a newline": (zipped(("README.txt\n", b"x")), "no file of a report"),
    "a zero octet": (zipped(("README.txtXevil", b"x")).replace(b"txtX", b"txt\0"), "no file of a report"),
    "an older folder": (zipped(("README.TXT", b"x")), "no file of a report"),
    "a bomb": (zipped(("report.json", bytes(1 << 20)), how=zipfile.ZIP_DEFLATED), "compressed or encrypted"),
    "another method": (zipped(("report.json", bytes(99)), how=zipfile.ZIP_BZIP2), "compressed or encrypted"),
    "something before": (b"#!/bin/sh\n" + zipped(("README.txt", b"x")), "hidden before"),
    "something behind": (zipped(("README.txt", b"x")) + b"tail", "behind its end"),
    "a comment": (zipped(("README.txt", b"x"), comment=b"hello"), "behind its end"),
    "a note": (zipped((noted("README.txt"), b"x")), "hidden before"),
    "an extra field": (zipped((with_extra("README.txt"), b"x")), "hidden before"),
    "another order": (zipped(("report.json", b"x"), ("README.txt", b"x")), "hidden before"),
    "one in the other": (overlapping(), "hidden before"),
    "a gap": (gapped(), "hidden behind"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_what_hides_something_is_refused_before_it_is_read(tmp_path: Path, name: str):
    octets, why = DEFECTS[name]
    with pytest.raises(ReportRefused, match=why):
        read(tmp_path, octets)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path):
    with pytest.raises(ReportRefused, match=r"README\.txt is in it 2 times"):
        read(tmp_path, zipped(("README.txt", b"one"), ("README.txt", b"two")))


def test_what_says_that_it_is_larger_than_it_is_is_refused(tmp_path: Path):
    octets = zipped(("README.txt", b"x"))
    place = octets.index(b"PK\x01\x02") + 24
    with pytest.raises(ReportRefused, match="compressed or encrypted"):
        read(tmp_path, octets[:place] + struct.pack("<L", 1 << 30) + octets[place + 4 :])


def test_the_names_inside_must_be_those_of_the_directory(tmp_path: Path):
    octets = zipped(("README.txt", b"x"))
    with pytest.raises(ReportRefused, match="not as the ZIP itself has it"):
        read(tmp_path, octets.replace(b"README", b"OTHERS", 1))


def test_an_altered_octet_of_a_file_is_found_by_the_zip_itself(tmp_path: Path):
    with pytest.raises(ReportRefused, match="not as the ZIP itself has it"):
        read(tmp_path, zipped(("README.txt", b"original")).replace(b"original", b"0riginal"))


def test_there_is_a_limit_to_a_file_and_to_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "_MOST_IN_ONE", 6)
    with pytest.raises(ReportRefused, match=r"README\.txt is larger"):
        read(tmp_path, written())
    monkeypatch.setattr(archive, "MOST_OCTETS", len(written()) - 1)
    with pytest.raises(ReportRefused, match="a shorter span"):
        read(tmp_path, b"x" * len(written()))
    with pytest.raises(ReportRefused, match="a shorter span"):
        written()


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, cut: int):
    with pytest.raises(ReportRefused):
        read(tmp_path, written()[:-cut])
