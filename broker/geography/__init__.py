"""INSEE's geographic code: what a birth place or country is called, and whether there ever was such a code.

Data: INSEE, Code officiel géographique (communes and their events from 1943 to 2024-01-01, Licence Ouverte 2.0;
countries of 2025, compilation under the Unlicense); English names of countries from Unicode CLDR. Made by `make_table`;
docs/geography.md has the sources and the limits.

A code is *named* as of the birth date, and *refused* only if it is malformed or never existed: the birth certificate may
have the code of its day or today's. Codes before 1943 count as the first that the source knows; overseas collectivities
that the source does not list pass by pattern, and so do the codes of states that no longer exist.
"""

import csv
import functools
import gzip
import re
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_COMMUNE = re.compile(r"(?:2[AB]|[0-9]{2})[0-9]{3}")
_OVERSEAS = re.compile(r"97[5-8][0-9]{2}|98[4-9][0-9]{2}")
_COUNTRY = re.compile(r"99[1-9][0-9]{2}")
_CODE = 5
_EIDAS_ISO = {"EL": "GR", "UK": "GB"}
_ISO_EIDAS = {iso: code for code, iso in _EIDAS_ISO.items()}


class UnknownPlace(ValueError):
    """No commune or country ever had this code."""


def check_birth_code(code: str) -> None:
    """INSEE: five characters, of a commune that existed at some date. Raises UnknownPlace."""
    if not _COMMUNE.fullmatch(code):
        raise UnknownPlace("not the code of a commune")
    if _periods(code) is None and not _OVERSEAS.fullmatch(code):
        raise UnknownPlace("no commune ever had this code")


def check_country_code(code: str) -> None:
    """INSEE: 99100 is France, every other country 99xxx. Raises UnknownPlace."""
    if not _COUNTRY.fullmatch(code):
        raise UnknownPlace("not the code of a country")


def commune_name(code: str, on: str) -> str | None:
    """The name of a commune on a day (YYYY-MM-DD, `00` for what is not known); None for a code without a name.

    A code that did not exist that day has the last name that it had before, or else its first.
    """
    line = _periods(code)
    if line is None:
        return None
    day = on.replace("-00", "-99")  # an unknown day or month: as late as it may have been
    periods = [period.split("/", 2) for period in line.split("|")]
    begun = [name for start, _, name in periods if start <= day]
    return begun[-1] if begun else periods[0][2]


def place_name(code: str, on: str) -> str:
    """The name of a commune on a day, or its code when there is no name for it."""
    return commune_name(code, on) or code


def country_name(code: str, language: str) -> str:
    """The name of a country in `fr` or `en`, or its code when it has no name any more."""
    land = _countries().get(code)
    if land is None:
        return code
    return land.english if language == "en" else land.french


def country_of_iso(iso: str) -> str | None:
    """The code 99xxx of an ISO 3166 or eIDAS country code (EL is Greece, UK the United Kingdom), or None.

    Several ISO codes may lead to one: France overseas is 99100, Bermuda and Anguilla are 99425.
    """
    return _isos().get(_EIDAS_ISO.get(iso, iso))


def iso_of_country(code: str) -> str | None:
    """The ISO 3166 code, as eIDAS writes it (Greece is EL), of a code 99xxx; None for a state that has none any more."""
    land = _countries().get(code)
    return _ISO_EIDAS.get(land.iso, land.iso) or None if land else None


def load() -> int:
    """Load the table of communes now rather than at the first birth place, so that forked workers share it."""
    return len(_communes().codes) // _CODE


@dataclass(frozen=True, slots=True)
class _Table:
    """All lines as one text, and where each begins: an eighth of the memory that a dictionary takes."""

    text: bytes
    codes: bytes
    starts: "array[int]"


def _periods(code: str) -> str | None:
    """The names of a code in time, as they stand in the table; None when it has none."""
    table, wanted = _communes(), code.encode()
    position = bisect_left(range(len(table.starts) - 1), wanted, key=lambda i: table.codes[i * _CODE : (i + 1) * _CODE])
    if table.codes[position * _CODE : (position + 1) * _CODE] != wanted:
        return None
    return table.text[table.starts[position] + _CODE + 1 : table.starts[position + 1] - 1].decode()


@functools.cache
def _communes() -> _Table:
    text = gzip.decompress(resources.files(__name__).joinpath("communes.txt.gz").read_bytes())
    # The first line names the source: the table begins where that line ends.
    starts = array("I", (found.end() for found in re.finditer(b"\n", text)))
    codes = b"".join(text[start : start + _CODE] for start in starts[:-1])
    return _Table(text, codes, starts)


@dataclass(frozen=True, slots=True)
class _Land:
    """One line of the table of countries; `parts` are ISO codes, with spaces between."""

    code: str
    iso: str
    parts: str
    french: str
    english: str


@functools.cache
def _countries() -> Mapping[str, _Land]:
    _, *lines = resources.files(__name__).joinpath("countries.csv").read_text("utf-8").splitlines()
    return {row[0]: _Land(*row) for row in csv.reader(lines)}


@functools.cache
def _isos() -> Mapping[str, str]:
    """Spain and its territories share ES: the first line that has a code counts, which is the state's."""
    codes: dict[str, str] = {}
    for land in _countries().values():
        for iso in (land.iso, *land.parts.split()):
            codes.setdefault(iso, land.code)
    del codes[""]
    return codes
