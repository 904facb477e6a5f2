"""What is signed: the digest and the size of each other file of a report.

It is JSON with a file a line, so that `sha256sum` can be given it by `sed` alone, and written in one way only.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from metadata.errors import ReportRefused
from metadata.report.archive import Files
from metadata.report.basis import SCHEMA

MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.jws"
OUTSIDE = frozenset({MANIFEST, SIGNATURE})


@dataclass(frozen=True, slots=True)
class Listed:
    """A file: its SHA-256 in hex and its size in octets."""

    name: str
    sha256: str
    size: int


def listed(name: str, octets: bytes) -> Listed:
    """A file as it stands in the manifest."""
    return Listed(name, hashlib.sha256(octets).hexdigest(), len(octets))


def manifest_of(files: Files) -> bytes:
    """The manifest of files, in the order of their names."""
    return write_manifest([listed(name, files[name]()) for name in sorted(files)])


def write_manifest(files: Collection[Listed]) -> bytes:
    """The octets of a manifest."""
    lines = ",\n".join(json.dumps(asdict(one), separators=(",", ":")) for one in files)
    return f'{{"schema":"{SCHEMA}","files":[\n{lines}\n]}}\n'.encode()


def read_manifest(octets: bytes) -> Mapping[str, Listed]:
    """The files of a manifest, by name. Raises ReportRefused."""
    try:
        every = [Listed(**one) for one in json.loads(octets)["files"]]
        check_written_once(octets, every)
        return {one.name: one for one in every}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReportRefused("it is no manifest of a report") from None


# -- the law ----------------------------------------------------------------------------------------------------------


def check_written_once(octets: bytes, files: Collection[Listed]) -> None:
    """Ours: a manifest has one form, so no two programs read it in two ways."""
    names = [one.name for one in files]
    if write_manifest(files) != octets or names != sorted(set(names)):
        raise ReportRefused("it is not written as we write it")


def check_complete(known: Mapping[str, Listed], names: Collection[str]) -> None:
    """Ours: what the manifest lists is there."""
    if gone := sorted(known.keys() - set(names)):
        raise ReportRefused(f"missing, though the manifest lists it: {', '.join(gone)}")


def check_nothing_more(known: Mapping[str, Listed], names: Collection[str]) -> None:
    """Ours: what the manifest does not list nobody has signed."""
    if more := sorted(set(names) - known.keys() - OUTSIDE):
        raise ReportRefused(f"in the report, though the manifest does not list it: {', '.join(more)}")


def check_same(known: Listed, octets: bytes) -> None:
    """Ours: a file is the one that was listed."""
    if listed(known.name, octets) != known:
        raise ReportRefused("it was altered: its digest is not that of the manifest")
