"""The audit of a ledger: every entry, the files that it speaks of, and every checkpoint.

What is wrong is named, not raised.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from certs.keys import PublicKey
from metadata.errors import LedgerRefused
from metadata.ledger import Entry, EntryRefused, read_entries
from metadata.ledger.checkpoint import Checkpoint, check_head, read_checkpoint

Blob = Callable[[str], bytes | None]
"""The file of a digest, None when there is none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: with which entry (-1 where it is none), where (a line, a digest, a checkpoint's name), and what."""

    seq: int
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Findings:
    """The entries that hold, the checkpoints that were signed by a known key, and every fault."""

    entries: tuple[Entry, ...]
    checkpoints: Mapping[str, Checkpoint]
    faults: tuple[Fault, ...]


def examine(
    lines: Iterable[bytes], where: str, blob: Blob, checkpoints: Mapping[str, bytes], keys: Iterable[PublicKey]
) -> Findings:
    """Look at everything: the lines of the ledger in the file `where` ("" for one in no file), and checkpoints by name."""
    entries, altered = _entries(lines, where)
    faults = [*altered, *_blobs(entries, blob)]
    known, signed = tuple(keys), dict[str, Checkpoint]()
    for name, octets in checkpoints.items():
        try:
            signed[name] = read_checkpoint(octets, known)
        except LedgerRefused as refused:
            faults.append(Fault(-1, name, refused.detail))
    within = {name: one for name, one in signed.items() if not altered or one.size <= len(entries)}
    faults += _heads(entries, within)
    return Findings(tuple(entries), signed, tuple(faults))


def _entries(lines: Iterable[bytes], where: str) -> tuple[list[Entry], list[Fault]]:
    entries: list[Entry] = []
    try:
        entries.extend(read_entries(lines))
    except EntryRefused as refused:
        place = f"{where}:{refused.position + 1}" if where else f"entry {refused.position}"
        return entries, [Fault(refused.position, place, refused.detail)]
    return entries, []


def _blobs(entries: Sequence[Entry], blob: Blob) -> list[Fault]:
    first = dict[str, int]()
    for entry in entries:
        for digest in entry.blobs:
            first.setdefault(digest, entry.event.seq)
    return [Fault(seq, digest, wrong) for digest, seq in first.items() if (wrong := _wrong(digest, blob(digest)))]


def _wrong(digest: str, octets: bytes | None) -> str:
    if octets is None:
        return "the file is missing"
    return "" if hashlib.sha256(octets).hexdigest() == digest else "the file was altered: its digest is another"


def _heads(entries: Sequence[Entry], signed: Mapping[str, Checkpoint]) -> list[Fault]:
    """The first checkpoint that does not fit: what it covers and the one before it does not is what was altered."""
    held = 0
    for name, checkpoint in sorted(signed.items(), key=lambda pair: pair[1].size):
        try:
            check_head(checkpoint, entries, held)
        except LedgerRefused as refused:
            first = len(entries) if checkpoint.size > len(entries) else held
            return [Fault(first, name, refused.detail)]
        held = checkpoint.size
    return []
