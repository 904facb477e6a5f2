"""A ledger as files, for an auditor who has no database.

events.jsonl      an entry a line
blobs/DIGEST      the metadata, certificates and public keys that entries speak of
checkpoints/      signed notes
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from broker.commands.audited import entries_of
from broker.commands.tools import WRONG_USAGE, fail

if TYPE_CHECKING:
    from broker.ledger import Ledger
    from metadata.ledger import Entry

EVENTS = "events.jsonl"
_NAME = re.compile(r"[0-9]{1,15}-[0-9]{8}T[0-9]{6}Z\.txt")


@dataclass(frozen=True, slots=True)
class Exported:
    """A ledger in a folder, as it is read."""

    folder: Path

    def lines(self) -> Iterator[bytes]:
        """Every line."""
        try:
            content = (self.folder / EVENTS).read_bytes()
        except OSError as absent:
            fail(f"{absent.filename}: {absent.strerror}; was it written by `passerelle audit export`?", WRONG_USAGE)
        yield from content.removesuffix(b"\n").split(b"\n") if content else ()

    def entries(self) -> "tuple[Entry, ...]":
        """Every entry, each after every rule. Raises LedgerRefused."""
        from metadata.ledger import read_entries

        return tuple(read_entries(self.lines()))

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""
        path = self.folder / "blobs" / digest
        return path.read_bytes() if path.is_file() else None

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by their names."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "checkpoints").glob("*.txt"))}


def write_export(ledger: "Ledger", folder: Path) -> tuple[int, int, int]:
    """Write all of a ledger; returns how many entries, files and checkpoints. Ends the program when it does not hold."""
    from metadata.ledger import line_of

    notes = ledger.checkpoints()  # first: one that is signed meanwhile is of more entries than we write
    entries = entries_of(ledger)
    check_names(notes)
    kept = {digest: ledger.blob(digest) for entry in entries for digest in entry.blobs}
    files = {f"blobs/{digest}": octets for digest, octets in kept.items() if octets is not None}
    lines = b"".join(line_of(entry.leaf, entry.root) + b"\n" for entry in entries)
    _write(folder, {EVENTS: lines, **files, **{f"checkpoints/{name}": octets for name, octets in notes.items()}})
    return len(entries), len(files), len(notes)


def check_names(notes: dict[str, bytes]) -> None:
    """Ours: the name of a note in the database becomes that of a file, and leads nowhere else."""
    for name in notes:
        if not _NAME.fullmatch(name):
            fail(f"a checkpoint has the name {name!r}, which we did not write: passerelle audit verify")


def _write(folder: Path, files: dict[str, bytes]) -> None:
    try:
        for made in (folder, folder / "blobs", folder / "checkpoints"):
            made.mkdir(mode=0o700)
        for name, octets in files.items():
            (folder / name).write_bytes(octets)
    except OSError as refused:
        fail(f"{refused.filename}: {refused.strerror}; name a folder that is not there yet", WRONG_USAGE)
