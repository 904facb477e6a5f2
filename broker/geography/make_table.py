"""Make the tables of this package from INSEE's Code officiel géographique: `python -m broker.geography.make_table FOLDER`.

FOLDER holds `communes.csv` (the communes of today), `mouvements-communes.csv` (every event since 1943) and
`countries-2025.csv`; docs/geography.md says where they come from. The same input gives the same bytes.

The first line of each table names its source. Then `communes.txt.gz` has one line for each code: the code, a tab, and its
names in time as `from/until/name` joined by `|`; an absent date means "as far as the source knows". `countries.csv` has the
code, its ISO 3166 code, the ISO codes of parts that have no code of their own here, the French and the English name.
States stand before territories, so the first line with an ISO code is the state's.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from babel import Locale

HERE = Path(__file__).parent

Period = tuple[str, str, str]
"""From and until when (YYYY-MM-DD, or "" as far as the source knows) a code had a name, and the name."""
Land = tuple[str, str, str, str, str]
"""One line of `countries.csv`."""

_KINDS = ("COM", "ARM")  # communes; Paris, Lyon and Marseille register births by arrondissement
_SUFFIX = " Arrondissement"

# Communes of Guadeloupe until 2007, which the source leaves out (now 97701 and 97801): insee.fr/fr/information/2028040
_LEFT_OUT = {"97123": "Saint-Barthélemy", "97127": "Saint-Martin"}

# Parts that the source lists within the official name of a code, or that are France overseas: they have ISO codes, and
# INSEE gives them none (99xxx) of their own.
_PARTS = {
    "99100": "BL GF GP MF MQ NC PF PM RE TF WF YT",
    "99159": "SJ",
    "99161": "GG IM JE",
    "99265": "CC CX HM",
    "99363": "BV",
    "99425": "AI BM KY MS TC VG",
    "99427": "FK GS",
    "99432": "PR VI",
    "99505": "AS GU MP UM",
    "99519": "TK",
    "99522": "NF",
}
# Territories that are several things at once, or that share the ISO code of their state: Unicode has no name for them.
_ENGLISH = {
    "99133": "British territories in the Mediterranean",
    "99159": "Norwegian territories in the North Atlantic",
    "99161": "British Crown Dependencies",
    "99162": "Pheasant Island",
    "99265": "Australian Indian Ocean territories",
    "99306": "British territories in the Atlantic Ocean",
    "99313": "Spanish territories in North Africa",
    "99319": "Portuguese territories in the Atlantic Ocean",
    "99363": "Norwegian southern territories",
    "99425": "British territories in the Caribbean and Bermuda",
    "99427": "British territories in the South Atlantic",
    "99432": "United States territories in America",
    "99446": "Argentine Antarctic territory",
    "99447": "Chilean Antarctic territory",
    "99505": "United States territories in Oceania",
    "99519": "New Zealand territories",
    "99522": "Australian territories in Oceania",
}

_EVENT = ("DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP")
_COMMUNES_SOURCE = (
    "# INSEE, Code officiel géographique: communes, and their events from {} to {}. Licence Ouverte 2.0. "
    "See docs/geography.md\n"
)
_COUNTRIES_SOURCE = (
    "# INSEE, Code officiel géographique: countries of 2025 (Licence Ouverte 2.0; compilation: Unlicense). "
    "English names: Unicode CLDR, and ours. See docs/geography.md\n"
)


class SourceWrong(ValueError):
    """A file of the source is absent, lacks a column or has no row."""


def read(folder: Path, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a source file. Raises SourceWrong."""
    path = folder / name
    if not path.is_file():
        raise SourceWrong(f"{path} is absent")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = set(columns).difference(rows.fieldnames or ())
        if missing:
            raise SourceWrong(f"{path} has no column {', '.join(sorted(missing))}")
        found = list(rows)
    if not found:
        raise SourceWrong(f"{path} has no row")
    return found


def communes(folder: Path) -> dict[str, list[Period]]:
    """For each code its names in time. Raises SourceWrong."""
    rows = read(folder, "communes.csv", ("TYPECOM", "COM", "LIBELLE"))
    today = {row["COM"]: _label(row["LIBELLE"]) for row in rows if row["TYPECOM"] in _KINDS}
    events = read(folder, "mouvements-communes.csv", _EVENT)
    before, after = _names_at(events, "AV"), _names_at(events, "AP")
    changed = {code: _periods(before[code], after[code], today.get(code)) for code in {*before, *after}}
    return {**{code: [("", "", name)] for code, name in {**_LEFT_OUT, **today}.items()}, **changed}


def _label(name: str) -> str:
    return name.removesuffix(_SUFFIX)


def _names_at(events: list[dict[str, str]], side: str) -> defaultdict[str, dict[str, str]]:
    """For each code its name at each day of an event: before it (`AV`) or after it (`AP`)."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in events:
        if row[f"TYPECOM_{side}"] in _KINDS:
            found[row[f"COM_{side}"]][row["DATE_EFF"]] = _label(row[f"LIBELLE_{side}"])
    return found


def _periods(before: dict[str, str], after: dict[str, str], today: str | None) -> list[Period]:
    """The names of one code. Of two changes on one day the next day of change, or today's list, knows the outcome."""
    days = sorted({*before, *after})
    between = [before.get(later, after.get(day)) for day, later in pairwise(days)]
    periods: list[Period] = []
    for start, end, name in zip(["", *days], [*days, ""], [before.get(days[0]), *between, today], strict=True):
        if name is None:
            continue
        if periods and periods[-1][1:] == (start, name):
            start = periods.pop()[0]
        periods.append((start, end, name))
    return periods


def countries(folder: Path) -> list[Land]:
    """The lines of `countries.csv`: states, then territories, in the order of their codes. Raises SourceWrong."""
    english = Locale("en").territories
    rows = read(folder, "countries-2025.csv", ("code", "iso2_code", "name", "parent_code"))
    rows.sort(key=lambda row: (row["parent_code"] != "", row["code"]))
    return [
        (code, iso, _PARTS.get(code, ""), name, _ENGLISH.get(code) or english.get(iso, name))
        for code, iso, name in ((row["code"], row["iso2_code"], row["name"]) for row in rows)
    ]


def write(source: Path, target: Path) -> str:
    """Make both tables in the folder `target`, and say how much they hold. Raises SourceWrong."""
    table, lands = communes(source), countries(source)
    days = [row["DATE_EFF"] for row in read(source, "mouvements-communes.csv", _EVENT)]
    text = _COMMUNES_SOURCE.format(min(days), max(days)) + "".join(_lines(table))
    (target / "communes.txt.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    with (target / "countries.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(_COUNTRIES_SOURCE)
        csv.writer(file, lineterminator="\n").writerows(lands)
    return f"{len(table)} codes of communes, {len(lands)} countries"


def _lines(table: dict[str, list[Period]]) -> Iterator[str]:
    return (f"{code}\t{'|'.join('/'.join(period) for period in table[code])}\n" for code in sorted(table))


def main(arguments: list[str], target: Path = HERE) -> int:
    """Write both tables; 2 with a sentence when the source cannot be used."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__)
        return 0 if arguments == ["--help"] else 2
    try:
        print(write(Path(arguments[0]), target))
    except SourceWrong as wrong:
        print(f"make_table: {wrong}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
