"""What ends, and when a country is to be asked again."""

from datetime import UTC, datetime

import pytest

from eidas import times
from metadata.ledger.kinds import IN_FORCE
from metadata.review.endings import Ending, confirmations, expiring, months_after
from tests.eidas.parts import certificate_of, private_key
from tests.metadata import past as p
from tests.metadata.past import DAY, NOW, Past, past

YEARS = 40 * 366 * DAY
FAR = "2040-01-01T00:00:00Z"
TEN, ELEVEN, TWELVE = (months_after(NOW, count) for count in (10, 11, 12))


def endings(made: Past, kind: str, at: int = NOW, within: int = YEARS) -> list[Ending]:
    """What of one kind ends."""
    return [one for one in expiring(made.entries, at, within, made.blob) if one.kind == kind]


SEVERITY = {
    "metadata": [(-1, "over"), (0, "over"), (1, "urgent"), (3, "soon"), (4, "note")],
    "anchor": [(0, "over"), (30, "urgent"), (31, "soon"), (90, "soon"), (91, "note")],
}


@pytest.mark.parametrize(("kind", "days", "severity"), [(kind, *one) for kind, some in SEVERITY.items() for one in some])
def test_the_nearer_the_end_the_graver(kind: str, days: int, severity: str):
    until = NOW + days * DAY
    made = past([(0, p.anchor(until)), (0, p.in_force(valid_until=times.written(until)))])
    (found,) = endings(made, kind)
    assert (found.time, found.days_left, found.severity) == (until, days, severity)


def test_only_what_ends_within_the_span_is_told_and_what_has_ended():
    made = past([(0, p.anchor(NOW + days * DAY, letter * 64)) for days, letter in ((-9, "a"), (10, "b"), (11, "c"))])
    assert [one.days_left for one in endings(made, "anchor", within=10 * DAY)] == [-9, 10]


def test_what_is_no_more_does_not_end():
    made = past([(0, p.in_force()), (1, p.gone(IN_FORCE, "EL/proxy"))])
    assert expiring(made.entries, NOW + DAY, YEARS, made.blob) == ()


def test_the_dates_of_message_keys_are_a_note():
    found = endings(past([(0, p.in_force())]), "message key", at=NOW + YEARS)
    assert {(one.what, str(one.severity)) for one in found} == {
        ("signing key EC P-256", "note"),
        ("encryption key RSA 3072", "note"),
    }
    assert all(one.days_left < 0 and len(one.digest) == 64 for one in found)


@pytest.mark.parametrize(("state", "severity"), [("active", "over"), ("published", "over"), ("retiring", "note")])
def test_our_own_certificates_end_and_those_of_retiring_keys_may(state: str, severity: str):
    made = past([(0, p.key(state, certificate=certificate_of(private_key("secp256r1"))))])
    (found,) = endings(made, "own key", at=NOW + YEARS)
    assert (found.subject, found.severity, found.what) == ("K" * 43, severity, f"saml-signing key, {state}")


def test_a_certificate_that_cannot_be_read_has_no_date():
    made = past([(0, p.key("active", certificate=b"no certificate"))])
    assert endings(made, "own key") == []
    made.blobs.clear()
    assert endings(made, "own key") == []


# -- the yearly question ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "severity"),
    [(TEN - 1, "note"), (TEN, "soon"), (ELEVEN - 1, "soon"), (ELEVEN, "urgent"), (TWELVE - 1, "urgent"), (TWELVE, "over")],
)
def test_a_country_is_to_be_confirmed_within_a_year(at: int, severity: str):
    (found,) = endings(past([(0, p.in_force(valid_until=FAR))]), "confirmation", at)
    assert (found.time, found.subject, found.severity) == (TWELVE, "EL", severity)
    assert found.what == "trusted, and never confirmed"


def test_the_year_begins_anew_when_somebody_asked():
    made = past([(0, p.in_force()), (100, p.confirmed()), (200, p.in_force(subject="EL/connector"))])
    (found,) = confirmations(made.entries)
    assert (found.asked, found.by, found.words) == (NOW + 100 * DAY, "Camille", "asked by phone")
    assert found.reminders == tuple(months_after(NOW + 100 * DAY, count) for count in (10, 11, 12))


def test_another_document_or_a_second_role_is_no_confirmation():
    made = past([(0, p.in_force()), (100, p.in_force(ground="anchor")), (200, p.in_force(subject="EL/connector"))])
    (found,) = confirmations(made.entries)
    assert (found.asked, found.by) == (NOW, "")


def test_a_confirmation_from_before_a_gap_counts_no_longer():
    made = past([(0, p.in_force()), (1, p.confirmed()), (2, p.gone(IN_FORCE, "EL/proxy")), (3, p.in_force())])
    assert [one.asked for one in confirmations(made.entries)] == [NOW + 3 * DAY]


MONTHS = {
    ("2026-01-31T08:00:00", 1): "2026-02-28T08:00:00",
    ("2027-12-31T08:00:00", 2): "2028-02-29T08:00:00",
    ("2026-11-28T08:00:00", 12): "2027-11-28T08:00:00",
    ("2028-02-29T08:00:00", 12): "2029-02-28T08:00:00",
    ("2026-03-15T08:00:00", 10): "2027-01-15T08:00:00",
}


@pytest.mark.parametrize(("begun", "count"), MONTHS)
def test_months_are_those_of_the_calendar(begun: str, count: int):
    moment = int(datetime.fromisoformat(begun).replace(tzinfo=UTC).timestamp())
    assert times.written(months_after(moment, count)) == f"{MONTHS[begun, count]}Z"
