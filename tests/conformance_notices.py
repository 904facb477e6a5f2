"""What every store must do with notices. A store's test class inherits `NoticeConformance` beside `StoreConformance`."""

import threading
from dataclasses import replace

import pytest

from broker.ports import Notice
from tests.conformance_store import LATER, NOW

UNTIL = NOW + 60


def notice(number=1, service="mairie", due=NOW, expires=LATER):
    """A notice whose id is a number."""
    return Notice(number.to_bytes(16, "big"), service, f"{number:032x}", expires, 0, due)


def keep(store, *notices):
    with store.transaction() as transaction:
        for each in notices:
            transaction.put_notice(each)


def leased(store, service="mairie", most=10):
    return store.notices.lease(service, UNTIL, most)


class NoticeConformance:
    """The law of notices. Fixtures: `clock`, and `store`, which the inheriting class makes."""

    def test_a_notice_is_leased_as_it_was_put_with_one_attempt_more(self, store):
        keep(store, notice())
        assert store.notices.waiting() == ["mairie"]
        assert leased(store) == [replace(notice(), attempts=1, due=UNTIL)]

    def test_nobody_else_gets_what_is_leased(self, store):
        keep(store, notice())
        leased(store)
        assert (leased(store), store.notices.waiting()) == ([], [])

    def test_a_lease_ends_by_itself(self, store, clock):
        keep(store, notice(expires=UNTIL + 10))
        leased(store)
        clock.moment = UNTIL
        assert [one.attempts for one in store.notices.lease("mairie", UNTIL + 60, 10)] == [2]

    def test_what_is_not_due_waits(self, store, clock):
        keep(store, notice(due=NOW + 1))
        assert (store.notices.waiting(), leased(store)) == ([], [])
        clock.moment = NOW + 1
        assert len(leased(store)) == 1

    def test_what_has_expired_is_not_leased(self, store, clock):
        keep(store, notice())
        clock.moment = LATER
        assert (store.notices.waiting(), leased(store)) == ([], [])

    def test_services_are_leased_one_by_one_and_each_is_named_once(self, store):
        keep(store, notice(1), notice(2, "rsa"), notice(3))
        assert sorted(store.notices.waiting()) == ["mairie", "rsa"]
        assert [one.id for one in leased(store, "rsa")] == [notice(2).id]

    def test_of_many_the_first_due_are_leased(self, store):
        keep(store, *(notice(number, due=NOW - number) for number in range(1, 6)))
        assert sorted(one.due for one in leased(store, most=2)) == [UNTIL, UNTIL]
        assert {one.id for one in leased(store)} == {notice(number).id for number in (1, 2, 3)}

    def test_a_notice_that_was_postponed_comes_again(self, store, clock):
        keep(store, notice())
        store.notices.postpone(leased(store)[0], NOW + 5)
        clock.moment = NOW + 5
        assert [one.attempts for one in leased(store)] == [2]

    def test_who_comes_after_his_lease_has_ended_changes_nothing_of_the_next_one(self, store, clock):
        keep(store, notice(expires=UNTIL + 100))
        (late,) = leased(store)
        clock.moment = UNTIL
        store.notices.lease("mairie", UNTIL + 60, 1)
        store.notices.postpone(late, UNTIL)
        assert store.notices.waiting() == []

    def test_a_notice_that_was_dropped_is_gone_and_its_neighbours_stay(self, store, clock):
        keep(store, notice(1), notice(2))
        first, second = leased(store)
        store.notices.drop(first)
        store.notices.drop(first)
        clock.moment = UNTIL
        assert [one.id for one in leased(store)] == [second.id]

    def test_a_transaction_that_fails_keeps_no_notice(self, store):
        with pytest.raises(KeyError):
            self._put_and_fail(store)
        assert store.notices.waiting() == []

    def _put_and_fail(self, store):
        with store.transaction() as transaction:
            transaction.put_notice(notice())
            raise KeyError

    def test_a_purge_takes_what_has_expired(self, store, clock):
        keep(store, notice(1), notice(2, "rsa", expires=LATER + 50), notice(3))
        clock.moment = LATER
        assert (store.purge(1), store.purge(), store.purge()) == (1, 1, 0)
        assert store.notices.waiting() == ["rsa"]

    def test_eight_threads_lease_each_notice_once(self, store):
        keep(store, *(notice(number) for number in range(40)))
        got, barrier = [], threading.Barrier(8)

        def lease():
            barrier.wait()
            for _ in range(20):
                got.extend(one.id for one in leased(store, most=3))

        threads = [threading.Thread(target=lease) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(got), len(set(got))) == (40, 40)
