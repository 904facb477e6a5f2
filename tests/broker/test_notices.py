"""Which services are told when a session ends, and how often it is tried."""

from dataclasses import replace

import pytest

from broker.notices import LEASE, LIFE, next_attempt, notices_of
from broker.ports import Notice
from broker.session import Given, Session
from tests.broker.people import proof
from tests.broker.told import parties

NOW = 1_000_000
VISITED = ("mairie", "rsa", "gone", "appli")
SESSION = Session(proof(), b"i" * 16, tuple(Given(name, name.encode(), NOW) for name in VISITED))
SERVICES = parties("mairie", "rsa").services


def test_who_can_be_told_is_told_but_one():
    assert {one.service for one in notices_of(SESSION, SERVICES, "", NOW)} == {"mairie", "rsa"}
    assert {one.service for one in notices_of(SESSION, SERVICES, "rsa", NOW)} == {"mairie"}


def test_a_notice_is_leased_for_its_first_attempt_and_lasts_an_hour():
    for one in notices_of(SESSION, SERVICES, "", NOW):
        assert (one.sid, one.attempts, len(one.id)) == (SESSION.sid(one.service), 1, 16)
        assert (NOW + LEASE <= one.due < NOW + LEASE + 10, NOW + LIFE - 300 < one.expires <= NOW + LIFE) == (True, True)


def test_neither_the_order_nor_the_moments_say_which_belong_together():
    made = [notices_of(SESSION, SERVICES, "", NOW) for _ in range(60)]
    assert {tuple(one.service for one in both) for both in made} == {("mairie", "rsa"), ("rsa", "mairie")}
    assert sum(first.expires == second.expires for first, second in made) < 10
    assert sum(first.due == second.due for first, second in made) < 30


@pytest.mark.parametrize(("attempts", "pause"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 600), (40, 600)])
def test_the_more_often_it_was_tried_the_longer_it_waits(attempts, pause):
    assert next_attempt(Notice(b"", "rsa", "", NOW + LIFE, attempts, NOW), NOW) == NOW + pause


def test_it_is_given_up_when_the_next_attempt_would_be_too_late():
    notice = Notice(b"", "rsa", "", NOW + 5, 1, NOW)
    assert (next_attempt(notice, NOW), next_attempt(replace(notice, expires=NOW + 6), NOW)) == (None, NOW + 5)
