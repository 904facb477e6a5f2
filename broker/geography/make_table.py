"""Make the tables of this package from INSEE's Code officiel géographique: `python -m broker.geography.make_table FOLDER`.

FOLDER holds `communes.csv` (the communes of today), `mouvements-communes.csv` (every event since 1943) and
`countries-2025.csv`. The same input gives the same bytes.

`communes.txt.gz` has one line for each code: the code, a tab, and its names in time as `from/until/name` joined by `|`;
an absent date means "as far as the source knows". `countries.csv` has code, ISO 3166 code, French and English name.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

HERE = Path(__file__).parent
_KINDS = ("COM", "ARM")
_SUFFIX = " Arrondissement"


class SourceWrong(ValueError):
    """A file of the source is absent or lacks a column."""


def read(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a source file. Raises SourceWrong."""
    path = folder / name
    if not path.is_file():
        raise SourceWrong(f"{path} is absent")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = set(columns).difference(rows.fieldnames or ())
        if missing:
            raise SourceWrong(f"{path} has no column {', '.join(sorted(missing))}")
        yield from rows


def communes(folder: Path) -> dict[str, list[tuple[str, str, str]]]:
    """For each code its names in time: (from, until, name), dates as YYYY-MM-DD or ""."""
    today = {
        row["COM"]: row["LIBELLE"].removesuffix(_SUFFIX)
        for row in read(folder, "communes.csv", ("TYPECOM", "COM", "LIBELLE"))
        if row["TYPECOM"] in _KINDS
    }
    events = _events(folder)
    history = {code: _periods(events[code], today.get(code)) for code in events}
    return {**{code: [("", "", name)] for code, name in today.items()}, **history}


def _events(folder: Path) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """For each code, date by date: its name before and after (None: the code did not exist)."""
    found: dict[str, dict[str, tuple[str | None, str | None]]] = defaultdict(dict)
    columns = ("DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP")
    for row in read(folder, "mouvements-communes.csv", columns):
        day = row["DATE_EFF"]
        for side, other in (("AV", 0), ("AP", 1)):
            if row[f"TYPECOM_{side}"] in _KINDS:
                code, name = row[f"COM_{side}"], row[f"LIBELLE_{side}"].removesuffix(_SUFFIX)
                pair = list(found[code].get(day, (None, None)))
                pair[other] = name
                found[code][day] = (pair[0], pair[1])
    return found


def _periods(events: dict[str, tuple[str | None, str | None]], today: str | None) -> list[tuple[str, str, str]]:
    days = sorted(events)
    names = [events[days[0]][0], *(events[day][1] for day in days)]
    names[-1] = today  # the list of today knows best how it ended
    starts, ends = ["", *days], [*days, ""]
    periods: list[tuple[str, str, str]] = []
    for start, end, name in zip(starts, ends, names, strict=True):
        if name is None:
            continue
        if periods and periods[-1][1:] == (start, name):
            periods[-1] = (periods[-1][0], end, name)
        else:
            periods.append((start, end, name))
    return periods


def countries(folder: Path) -> list[tuple[str, str, str, str]]:
    """(code, ISO code or "", French name, English name), in the order of the codes."""
    english = Locale("en").territories
    rows = read(folder, "countries-2025.csv", ("code", "iso2_code", "name"))
    return sorted((row["code"], row["iso2_code"], row["name"], english.get(row["iso2_code"], row["name"])) for row in rows)


def main(arguments: list[str]) -> int:
    """Write both tables; 2 with a sentence when the source cannot be used."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__)
        return 0 if arguments == ["--help"] else 2
    try:
        table, lands = communes(Path(arguments[0])), countries(Path(arguments[0]))
    except SourceWrong as wrong:
        print(f"make_table: {wrong}", file=sys.stderr)
        return 2
    lines = (f"{code}\t{'|'.join('/'.join(period) for period in table[code])}\n" for code in sorted(table))
    (HERE / "communes.txt.gz").write_bytes(gzip.compress("".join(lines).encode(), mtime=0))
    with (HERE / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lands)
    print(f"{len(table)} codes of communes, {len(lands)} countries")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
