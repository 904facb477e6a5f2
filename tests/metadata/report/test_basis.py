"""What a report stands on: its span, and the entries up to its end."""

import pytest

from eidas import times
from metadata.errors import ReportRefused
from metadata.report.basis import documents, key_files, span_of, up_to
from tests.metadata import past as p
from tests.metadata.past import DAY, sha256
from tests.metadata.report.reported import (
    AFTER,
    BEFORE,
    BEGIN,
    DOCUMENT,
    END,
    OLD_OF_OURS,
    OURS,
    TWO_KEYS,
    Told,
    half_a_year,
    own_key,
)


def test_a_span_is_of_whole_days():
    span = span_of("2026-07-01", "2026-12-31", AFTER)
    assert (span.since, span.until, span.holds(BEGIN), span.holds(END + 1)) == (BEGIN, END, True, False)


def test_a_day_that_is_not_over_is_told_of_up_to_now():
    now = times.read("2026-12-31T10:00:00Z")
    assert span_of("2026-12-31", "2026-12-31", now).until == now


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-07-02", "2026-07-01", "before it begins"),
        ("2026-07-01", "2027-12-31", "has not come yet"),
        ("2026-07-01", "2026-02-30", "no span of days"),
        ("yesterday", "2026-02-01", "no span of days"),
    ],
)
def test_what_is_no_span_is_refused(first: str, last: str, why: str):
    with pytest.raises(ReportRefused, match=why):
        span_of(first, last, AFTER)


def test_the_entries_end_with_the_last_one_of_the_span_whatever_the_clock_did_between():
    told = Told().tell(BEGIN, p.in_force()).tell(END + DAY, p.anchor()).tell(END, p.country("suspended"))
    told.tell(END + 1, p.country("resumed"))
    assert [entry.event.seq for entry in up_to(told.entries, END)] == [0, 1, 2]


def test_the_documents_are_those_in_force_in_the_span_theirs_and_ours():
    told = half_a_year()
    assert documents(told.basis()) == sorted(map(sha256, (DOCUMENT, TWO_KEYS, OLD_OF_OURS, OURS)))
    assert documents(told.basis("2026-07-02", "2026-07-03")) == sorted(map(sha256, (DOCUMENT, OLD_OF_OURS)))


def test_a_document_that_was_replaced_as_the_span_begins_is_there_for_the_comparison():
    told = Told().tell(BEFORE, p.in_force()).tell(BEGIN, p.in_force(TWO_KEYS))
    assert sha256(DOCUMENT) in documents(told.basis())


def test_the_keys_are_those_that_were_there_in_the_span():
    told = half_a_year()
    digest = own_key("active").facts["public_key"]
    assert (key_files(told.basis()), key_files(told.basis("2020-01-01", "2020-01-02"))) == ([digest], [])
