"""Where a key stands in a TOML file. `tomllib` gives lines for syntax errors only; a problem of meaning needs one, too.

A file that `tomllib` has read is well-formed, so a look at the beginning of each line is enough.
"""

import re
from collections.abc import Sequence

Place = tuple[int, int]
"""Line and column, from 1; (0, 0) is nowhere."""

_PART = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_NAME})\s*\]")
_KEY = re.compile(rf"\s*({_NAME})\s*=")
_NUMBER = re.compile(r"\[\d+\]")


def entry(name: str, place: int) -> str:
    """The name of an entry of a list of tables, the first at `place` 0: fd.scope, fd.scope[2], fd.scope[3]…"""
    return f"{name}[{place + 1}]" if place else name


def find(lines: Sequence[str], name: str) -> Place:
    """The place of a dotted name; when it is absent, that of the nearest table above it."""
    known = _places(lines)
    above = name = name if any(numbered in known for numbered in _numbered(name)) else _NUMBER.sub("", name)
    while above not in known:
        if "." not in above:
            return (0, 0)
        above = above.rpartition(".")[0]
    return known[above] if above == name else _inside(lines, known[above], name.removeprefix(f"{above}."))


def _numbered(name: str) -> list[str]:
    """The parts of a name that end in an entry's number: none where a list is written in one line."""
    return [name[: found.end()] for found in _NUMBER.finditer(name)]


def _places(lines: Sequence[str]) -> dict[str, Place]:
    """The first place of each table and key, by dotted name."""
    known: dict[str, Place] = {}
    counted: dict[str, int] = {}
    table: list[str] = []
    quotes = ""
    for number, line in enumerate(lines, 1):
        found = None if quotes else _HEADER.match(line) or _KEY.match(line)
        if found:
            name = [part.strip("\"'") for part in re.findall(_PART, found[1])]
            if found.re is _HEADER:
                table = name = _counted(name, counted) if line.lstrip().startswith("[[") else name
            else:
                name = [*table, *name]
            for length in range(1, len(name) + 1):
                known.setdefault(".".join(name[:length]), (number, found.start(1) + 1))
        quotes = _still_open(line, quotes)
    return known


def _counted(name: list[str], counted: dict[str, int]) -> list[str]:
    """The name of one more entry of a list of tables."""
    whole = ".".join(name)
    counted[whole] = counted.get(whole, 0) + 1
    return [*name[:-1], entry(name[-1], counted[whole] - 1)]


def _still_open(line: str, quotes: str) -> str:
    """The quotes of a text of several lines that is not closed at the end of this line."""
    for mark in re.findall(r'"""|\'\'\'', line):
        if not quotes:
            quotes = mark
        elif quotes == mark:
            quotes = ""
    return quotes


def _inside(lines: Sequence[str], place: Place, rest: str) -> Place:
    """A key of a table that is written in one line, or the place of the table."""
    line, column = place
    found = re.compile(rf"\b{re.escape(rest)}\s*=").search(lines[line - 1], column)
    return (line, found.start() + 1) if found else place
