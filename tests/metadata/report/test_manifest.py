"""The manifest: what it lists is there as it was, and nothing else is."""

import hashlib

import pytest

from metadata.errors import ReportRefused
from metadata.report.manifest import (
    check_complete,
    check_nothing_more,
    check_same,
    listed,
    manifest_of,
    read_manifest,
    write_manifest,
)

OCTETS = {"report.json": b"{}", "README.txt": b"read me"}
MANIFEST = manifest_of({name: lambda octets=octets: octets for name, octets in OCTETS.items()})  # type: ignore[misc]
KNOWN = read_manifest(MANIFEST)


def test_it_lists_each_file_with_its_digest_and_size_on_a_line():
    digest = hashlib.sha256(b"read me").hexdigest()
    assert MANIFEST.splitlines()[1].decode() == f'{{"name":"README.txt","sha256":"{digest}","size":7}},'


def test_what_is_written_is_read():
    assert list(KNOWN.values()) == [listed(name, OCTETS[name]) for name in sorted(OCTETS)]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"[]",
        b"{}",
        b'{"files":[1]}',
        b'{"files":[{"name":1,"sha256":"a","size":1}]}',
        b"[" * 100_000,
        MANIFEST + b" ",
        MANIFEST.replace(b'"size":7', b'"size":7,"more":1'),
        MANIFEST.replace(b'"size":7', b'"size":1,"size":7'),
        MANIFEST.replace(b"passerelle-report/1", b"passerelle-report/2"),
        write_manifest([KNOWN["report.json"], KNOWN["README.txt"]]),
        write_manifest([KNOWN["README.txt"], KNOWN["README.txt"]]),
    ],
    ids=lambda octets: octets[:30].decode(),
)
def test_what_is_not_written_as_we_write_it_is_refused(octets: bytes):
    with pytest.raises(ReportRefused):
        read_manifest(octets)


def test_a_file_that_is_missing_is_named():
    with pytest.raises(ReportRefused, match=r"missing.*: report\.json"):
        check_complete(KNOWN, ["README.txt"])
    check_complete(KNOWN, OCTETS)


def test_a_file_too_many_is_named():
    with pytest.raises(ReportRefused, match=r"does not list it: trust\.csv"):
        check_nothing_more(KNOWN, [*OCTETS, "trust.csv"])
    check_nothing_more(KNOWN, [*OCTETS, "MANIFEST.json", "MANIFEST.jws"])


@pytest.mark.parametrize("octets", [b"read mE", b"read me ", b""])
def test_an_altered_file_is_refused(octets: bytes):
    with pytest.raises(ReportRefused, match="altered"):
        check_same(KNOWN["README.txt"], octets)
    check_same(KNOWN["README.txt"], b"read me")
