"""Where the ledger lies: a folder of the instance, written by every worker on this machine, one at a time.

    events.jsonl      an entry a line, appended and never changed
    blobs/DIGEST      the metadata and public keys that entries speak of, each kept once
    checkpoints/      signed notes, by size and time
    lock              held by whoever reads or appends (flock)

A line that was cut short by a crash is named and nothing is appended behind it, until somebody has it cut off.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eidas.times import written as moment
from metadata.errors import LedgerRefused
from metadata.ledger import Entry, Event, Stated, news, read_entries, written
from metadata.ledger.checkpoint import Checkpoint, check_head, parse_checkpoint

FOLDER = Path("var") / "ledger"
"""Below the instance's folder."""


class LedgerTorn(LedgerRefused):
    """The last line ends in its middle: `kept` octets before it are whole, `tail` is what there is of it."""

    def __init__(self, line: int, kept: int, tail: bytes) -> None:
        super().__init__(f"line {line} of events.jsonl was cut short while it was written: passerelle audit mend")
        self.line = line
        self.kept = kept
        self.tail = tail


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger in a folder, which may not be there yet."""

    folder: Path

    @property
    def events(self) -> Path:
        """The file of the entries."""
        return self.folder / "events.jsonl"

    def lines(self) -> list[bytes]:
        """Every line, none if there is no ledger. Raises OSError, LedgerTorn."""
        if not self.events.exists():
            return []
        with self._locked(fcntl.LOCK_SH):
            return self._whole_lines()

    def entries(self) -> list[Entry]:
        """Every entry, each after every rule. Raises OSError, LedgerRefused."""
        return list(read_entries(self.lines()))

    def note(self, stated: Sequence[Stated], whole: Iterable[str], now: int) -> list[Event]:
        """Append what is new in what is stated; returns the events that were written.

        Of the types in `whole`, what is not stated is no more. Raises OSError, LedgerRefused when nothing may be appended.
        """
        self._make()
        with self._locked(fcntl.LOCK_EX):
            entries = list(read_entries(self._whole_lines()))
            for octets in self.checkpoints().values():
                check_head(parse_checkpoint(octets)[0], entries)
            events = news(entries, stated, whole, now)
            lines = written(entries, events)
            changed = {(event.type, event.subject) for event in events}
            for one in stated:
                self._keep(one.blobs if (one.type, one.subject) in changed else {})
            self._append(lines)
        return events

    def mend(self, dry_run: bool = False) -> LedgerTorn | None:
        """Cut off a line that was cut short; returns what was cut, None when every line is whole."""
        with self._locked(fcntl.LOCK_EX):
            try:
                self._whole_lines()
            except LedgerTorn as torn:
                if not dry_run:
                    with self.events.open("r+b") as file:
                        file.truncate(torn.kept)
                        os.fsync(file.fileno())
                return torn
        return None

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""
        try:
            return (self.folder / "blobs" / digest).read_bytes()
        except FileNotFoundError:
            return None

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by the names of their files, the smallest ledger first."""
        found = {path.name: path.read_bytes() for path in (self.folder / "checkpoints").glob("*.txt")}
        return dict(sorted(found.items(), key=lambda pair: (int(f"0{pair[0].partition('-')[0]}"), pair[0])))

    def keep_checkpoint(self, checkpoint: Checkpoint, octets: bytes) -> Path:
        """Keep a signed note; returns its file."""
        stamp = moment(checkpoint.time).replace("-", "").replace(":", "")
        path = self.folder / "checkpoints" / f"{checkpoint.size}-{stamp}.txt"
        _write(path, octets)
        return path

    # -- the file -----------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        for folder in (self.folder, self.folder / "blobs", self.folder / "checkpoints"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """An auditor who may only read can lock as well: the file needs no right to write."""
        create = os.O_RDWR | os.O_CREAT if how == fcntl.LOCK_EX else os.O_RDONLY
        descriptor = os.open(self.folder / "lock", create | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _whole_lines(self) -> list[bytes]:
        content = self.events.read_bytes() if self.events.exists() else b""
        *lines, tail = content.split(b"\n")
        if tail:
            raise LedgerTorn(len(lines) + 1, len(content) - len(tail), tail)
        return lines

    def _keep(self, blobs: Mapping[str, bytes]) -> None:
        for digest, octets in blobs.items():
            path = self.folder / "blobs" / digest
            if not path.exists():
                _write(path, octets)

    def _append(self, lines: Sequence[bytes]) -> None:
        """All lines at once, on the disk before anybody is told."""
        if not lines:
            return
        fresh = not self.events.exists()
        with os.fdopen(os.open(self.events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0) as file:
            _whole(file.write(content := b"".join(line + b"\n" for line in lines)), len(content))
            os.fsync(file.fileno())
        if fresh:
            _sync(self.folder)


def digest_of(octets: bytes) -> str:
    """The digest by which a file is kept: SHA-256 in hex."""
    return hashlib.sha256(octets).hexdigest()


def _whole(written_octets: int, wanted: int) -> None:
    if written_octets != wanted:
        raise OSError("the disk took a part of the line only")


def _write(path: Path, octets: bytes) -> None:
    """A file whole or not at all, on the disk; only our account may read it."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
