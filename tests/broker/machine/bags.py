"""What each side received, what was written down, and the words that must never be among it."""

import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.broker.leaks import forms
from tests.broker.machine.parties import CITIZENS, PROVIDERS, SERVICES, UNMISTAKABLE
from tests.broker.world import SECRET

STATE, NONCE = "st4te-of-a-service-", "n0nce-of-a-service-"
SERVICE_WORDS = (*SERVICES, *(one.name.fr for one in SERVICES.values()), STATE, NONCE, SECRET)
PROVIDER_WORDS = (*PROVIDERS, *(one.name.fr for one in PROVIDERS.values()), "account-", "fi-code", "fi-access", "fi-secret")
PERSONS = tuple(str(citizen[claim]) for citizen in CITIZENS for claim in UNMISTAKABLE)
_WRITTEN = tuple((value, form) for value in PERSONS for form in forms(value))


@dataclass
class Bag:
    """Texts that somebody received; each is searched once."""

    words: tuple[str, ...]
    texts: list[str] = field(default_factory=list)
    searched: int = 0

    def add(self, *texts: str) -> None:
        """He received these."""
        self.texts.extend(texts)

    def betrayals(self) -> list[tuple[str, str]]:
        """Words that he must not know, in what he received since the last look."""
        new = self.texts[self.searched :]
        self.searched = len(self.texts)
        return [(word, text) for text in new for word in self.words if word in text]


class Lines(logging.Handler):
    """Every line of every log, journal included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, with the traceback that it may have."""
        self.lines.append(self.format(record))

    def taken(self) -> bytes:
        """The lines since the last look."""
        lines, self.lines = self.lines, []
        return "\n".join(lines).encode()


class Disk:
    """The files of the database; what was appended since the last look is searched, the rest at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._read = 0

    def taken(self) -> bytes:
        """What was written since the last look."""
        size = self._wal.stat().st_size if self._wal.exists() else 0
        since, self._read = (self._read if size >= self._read else 0), size
        if not size:
            return b""
        with self._wal.open("rb") as wal:
            wal.seek(since)
            return wal.read()

    def whole(self) -> bytes:
        """Everything, and the rows as a program reads them."""
        files = [path.read_bytes() for path in (self._path, self._wal) if path.exists()]
        with sqlite3.connect(f"file:{self._path}?mode=ro", uri=True) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            rows = [repr(connection.execute(f"SELECT * FROM {name}").fetchall()).encode() for name in tables]
        connection.close()
        return b"".join((*files, *rows))


def persons_in(content: bytes) -> list[str]:
    """The values of persons that stand in octets, in any form that one would think of."""
    return [value for value, form in _WRITTEN if form in content]


def strangers_in(page: str, known: Iterable[int]) -> list[str]:
    """The values of citizens in a page that is shown to a browser in which only these have said who they are."""
    others = [citizen for number, citizen in enumerate(CITIZENS) if number not in set(known)]
    return [citizen[claim] for citizen in others for claim in UNMISTAKABLE if citizen[claim] in page]
