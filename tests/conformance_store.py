"""What every store must do. A store's test class inherits `StoreConformance` and says how to open one."""

import hashlib
import threading

import pytest

from broker.ledger import Ledger
from broker.ports import Check, DuplicateRow, Row, StoreUnavailable
from metadata.errors import LedgerRefused
from metadata.ledger import Stated, read_entries
from metadata.ledger.kinds import CONFIGURATION, KEY

NOW = 1_000_000
LATER = NOW + 100


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.moment = NOW

    def __call__(self):
        return self.moment


def row(number=1, expires=LATER, version=0, body=b"sealed"):
    """A row whose id is a number."""
    return Row(number.to_bytes(32, "big"), expires, version, body)


def grant(number=1):
    """A grant's id."""
    return b"g" * 31 + bytes((number,))


def stated(subject, turn):
    """A key in another state each time, with a file of its own."""
    octets = f"{subject} {turn}".encode()
    digest = hashlib.sha256(octets).hexdigest()
    facts = {"use": "op-signing", "algorithm": "ES256", "state": "active", "public_key": digest, "certificate": ""}
    return Stated(KEY, subject * 43, facts, f"{turn + 1:064x}", {digest: octets})


CONFIGURED = Stated(CONFIGURATION, "instance", {"mode": "production", "program": "1"}, "a" * 64)


def open_grant(store, number=1, expires=LATER):
    with store.transaction() as transaction:
        transaction.open_grant(grant(number), expires)


def note_check(store, data_provider="a", at=NOW, number=1):
    return store.note_check(grant(number), data_provider, at)


def withdraw(store, data_provider="a", number=1):
    with store.transaction() as transaction:
        return transaction.withdraw(grant(number), data_provider)


def put(store, *rows):
    with store.transaction() as transaction:
        for each in rows:
            transaction.put(each)


def at_once(count, act):
    """`act(number)` in so many threads, all of which begin together."""
    barrier = threading.Barrier(count)

    def begin(number):
        barrier.wait()
        act(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class StoreConformance:
    """The law of a store. Fixtures: `clock`, and `store`, which the inheriting class makes."""

    @pytest.fixture
    def clock(self):
        return Clock()

    # -- rows

    def test_a_row_comes_back_as_it_was_put(self, store):
        put(store, row(body=bytes(range(256))))
        assert store.read(row().id) == row(body=bytes(range(256)))

    def test_an_unknown_row_is_none(self, store):
        assert store.read(row().id) is None

    def test_a_row_expires_at_its_second(self, store, clock):
        put(store, row())
        clock.moment = LATER
        assert store.read(row().id) is None

    def test_a_second_row_with_an_id_is_refused_and_changes_nothing(self, store):
        put(store, row())
        with pytest.raises(DuplicateRow):
            put(store, row(body=b"other"))
        assert store.read(row().id) == row()

    # -- single use

    def test_a_row_can_be_taken_once(self, store):
        put(store, row())
        with store.transaction() as transaction:
            assert transaction.take(row().id) == row()
        with store.transaction() as transaction:
            assert transaction.take(row().id) is None

    def test_an_expired_row_cannot_be_taken(self, store, clock):
        put(store, row())
        clock.moment = LATER
        with store.transaction() as transaction:
            assert transaction.take(row().id) is None

    def test_of_eight_threads_exactly_one_takes_a_row(self, store):
        for number in range(20):
            put(store, row(number))
            winners = self._race(store, number)
            assert len(winners) == 1

    def _race(self, store, number):
        winners = []

        def take(_):
            with store.transaction() as transaction:
                taken = transaction.take(row(number).id)
            if taken is not None:
                winners.append(taken)

        at_once(8, take)
        return winners

    # -- compare and swap

    def test_a_row_is_replaced_by_its_next_version(self, store):
        put(store, row())
        with store.transaction() as transaction:
            assert transaction.swap(row(version=1, body=b"next", expires=LATER + 5))
        assert store.read(row().id) == row(version=1, body=b"next", expires=LATER + 5)

    def test_whoever_comes_second_cannot_replace_it(self, store):
        put(store, row())
        with store.transaction() as transaction:
            transaction.swap(row(version=1, body=b"first"))
        with store.transaction() as transaction:
            assert not transaction.swap(row(version=1, body=b"second"))
        assert store.read(row().id).body == b"first"

    def test_a_row_can_be_put_and_replaced_alone(self, store):
        store.put(row())
        with pytest.raises(DuplicateRow):
            store.put(row(body=b"other"))
        assert store.swap(row(version=1, body=b"next"))
        assert not store.swap(row(version=1, body=b"late"))
        assert store.read(row().id) == row(version=1, body=b"next")
        assert not store.swap(row(2, version=1))
        assert store.read(row(2).id) is None

    def test_an_expired_row_cannot_be_replaced_alone(self, store, clock):
        store.put(row(expires=NOW + 1))
        clock.moment = NOW + 1
        assert not store.swap(row(version=1))

    def test_of_eight_threads_exactly_one_replaces_a_row_alone(self, store):
        store.put(row())
        done = []

        def replace(number):
            if store.swap(row(version=1, body=bytes((number,)))):
                done.append(number)

        at_once(8, replace)
        assert len(done) == 1
        assert store.read(row().id) == row(version=1, body=bytes(done))

    def test_an_absent_row_cannot_be_replaced(self, store):
        with store.transaction() as transaction:
            assert not transaction.swap(row(version=1))

    def test_an_expired_row_cannot_be_replaced(self, store, clock):
        put(store, row())
        clock.moment = LATER
        with store.transaction() as transaction:
            assert not transaction.swap(row(version=1, expires=LATER + 100))

    # -- all or nothing

    def test_an_exception_undoes_everything(self, store):
        put(store, row(1))
        with pytest.raises(KeyError):
            self._fail_in_the_middle(store)
        assert (store.read(row(1).id), store.read(row(2).id), store.grant_stands(grant())) == (row(1), None, False)

    def _fail_in_the_middle(self, store):
        with store.transaction() as transaction:
            transaction.take(row(1).id)
            transaction.put(row(2))
            transaction.open_grant(grant(), LATER)
            raise KeyError

    def test_an_exception_undoes_a_replacement_and_an_ended_grant(self, store):
        put(store, row())
        with store.transaction() as transaction:
            transaction.open_grant(grant(), LATER)
        with pytest.raises(KeyError):
            self._swap_and_close_and_fail(store)
        assert (store.read(row().id), store.grant_stands(grant())) == (row(), True)

    def _swap_and_close_and_fail(self, store):
        with store.transaction() as transaction:
            assert (transaction.swap(row(version=1)), transaction.close_grant(grant())) == (True, True)
            raise KeyError

    def test_what_is_put_can_be_replaced_and_taken_in_the_same_transaction(self, store):
        with store.transaction() as transaction:
            transaction.put(row())
            assert transaction.swap(row(version=1))
            assert transaction.take(row().id) == row(version=1)
        assert store.read(row().id) is None

    def test_nobody_sees_what_a_transaction_has_not_finished(self, store):
        put(store, row(1))
        seen = []
        reader = threading.Thread(target=lambda: seen.extend((store.read(row(1).id), store.grant_stands(grant()))))
        with pytest.raises(KeyError):
            self._be_read_in_the_middle(store, reader)
        reader.join()
        assert seen == [row(1), False]

    def _be_read_in_the_middle(self, store, reader):
        with store.transaction() as transaction:
            transaction.take(row(1).id)
            transaction.open_grant(grant(), LATER)
            reader.start()
            reader.join(0.1)  # it answers at once, or waits until we have ended
            raise KeyError

    def test_a_refused_insert_undoes_what_came_before_it(self, store):
        put(store, row(1), row(2))
        with pytest.raises(DuplicateRow):
            self._take_and_put_twice(store)
        assert store.read(row(1).id) == row(1)

    def _take_and_put_twice(self, store):
        with store.transaction() as transaction:
            transaction.take(row(1).id)
            transaction.put(row(2))

    def test_the_store_works_on_after_an_exception(self, store):
        with pytest.raises(KeyError), store.transaction():
            raise KeyError
        put(store, row())
        assert store.read(row().id) == row()

    # -- grants

    def test_a_grant_stands_until_it_is_closed(self, store):
        with store.transaction() as transaction:
            transaction.open_grant(grant(), LATER)
        assert store.grant_stands(grant())
        with store.transaction() as transaction:
            assert transaction.close_grant(grant())
        assert not store.grant_stands(grant())

    def test_a_grant_is_closed_once(self, store):
        with store.transaction() as transaction:
            assert not transaction.close_grant(grant())

    def test_a_grant_is_opened_once(self, store):
        with store.transaction() as transaction:
            transaction.open_grant(grant(), LATER)
        with pytest.raises(DuplicateRow), store.transaction() as transaction:
            transaction.open_grant(grant(), LATER + 100)

    def test_a_grant_expires(self, store, clock):
        with store.transaction() as transaction:
            transaction.open_grant(grant(), LATER)
        clock.moment = LATER
        assert not store.grant_stands(grant())

    # -- checks

    def test_nobody_has_checked_a_new_grant(self, store):
        open_grant(store)
        assert store.checks(grant()) == {}

    def test_the_last_check_of_each_data_provider_is_kept(self, store):
        open_grant(store)
        open_grant(store, 2)
        done = [note_check(store, name, at) for name, at in (("a", NOW), ("b", NOW + 1), ("a", NOW + 2))]
        assert (done, store.checks(grant(2))) == ([True] * 3, {})
        assert store.checks(grant()) == {"a": Check(NOW + 2, False), "b": Check(NOW + 1, False)}

    def test_what_was_withdrawn_counts_for_that_data_provider_no_more(self, store):
        open_grant(store)
        assert (note_check(store, "a"), note_check(store, "b"), withdraw(store, "a")) == (True, True, True)
        assert (note_check(store, "a", NOW + 5), note_check(store, "b", NOW + 5)) == (False, True)
        assert store.checks(grant()) == {"a": Check(NOW, True), "b": Check(NOW + 5, False)}

    def test_what_nobody_has_checked_can_be_withdrawn_once(self, store):
        open_grant(store)
        assert [withdraw(store), withdraw(store), note_check(store)] == [True, False, False]
        assert store.checks(grant()) == {"a": Check(None, True)}

    def test_a_grant_that_was_never_opened_is_neither_checked_nor_withdrawn(self, store):
        assert (note_check(store), withdraw(store), store.checks(grant())) == (False, False, {})

    def test_a_grant_that_has_expired_is_neither_checked_nor_withdrawn(self, store, clock):
        open_grant(store)
        note_check(store)
        clock.moment = LATER
        assert (note_check(store), withdraw(store), store.checks(grant())) == (False, False, {})

    def test_a_grant_that_ends_takes_its_checks_with_it(self, store):
        for number in (1, 2):
            open_grant(store, number)
            note_check(store, number=number)
        with store.transaction() as transaction:
            transaction.close_grant(grant(1))
        assert (note_check(store), store.checks(grant(1))) == (False, {})
        open_grant(store, 1)  # nothing of the first one is left
        assert (store.checks(grant(1)), store.checks(grant(2))) == ({}, {"a": Check(NOW, False)})

    def test_a_purge_takes_the_checks_of_what_has_expired(self, store, clock):
        for number, expires in ((1, LATER), (2, LATER + 50)):
            open_grant(store, number, expires)
            note_check(store, number=number)
        clock.moment = LATER
        store.purge()
        assert store.purge() == 0
        clock.moment = NOW
        open_grant(store, 1)
        assert (store.checks(grant(1)), store.checks(grant(2))) == ({}, {"a": Check(NOW, False)})

    def test_an_exception_undoes_checks_and_withdrawals(self, store):
        open_grant(store)
        note_check(store, "a")
        with pytest.raises(KeyError):
            self._check_and_withdraw_and_fail(store)
        assert (store.checks(grant()), store.grant_stands(grant())) == ({"a": Check(NOW, False)}, True)

    def _check_and_withdraw_and_fail(self, store):
        with store.transaction() as transaction:
            assert transaction.withdraw(grant(), "b")
            assert transaction.withdraw(grant(), "a")
            assert transaction.close_grant(grant())
            raise KeyError

    def test_no_check_counts_that_begins_after_a_withdrawal_has_ended(self, store):
        for number in range(10):
            open_grant(store, number)
            assert self._checked_after_withdrawal(store, number) == []

    def _checked_after_withdrawal(self, store, number):
        wrong, withdrawn, barrier = [], threading.Event(), threading.Barrier(5)

        def check():
            barrier.wait()
            for turn in range(6):
                before = withdrawn.is_set()
                if note_check(store, "a", NOW + turn, number) and before:
                    wrong.append(turn)

        threads = [threading.Thread(target=check) for _ in range(4)]
        for thread in threads:
            thread.start()
        barrier.wait()
        assert withdraw(store, "a", number)
        withdrawn.set()
        for thread in threads:
            thread.join()
        assert store.checks(grant(number))["a"].withdrawn
        return wrong

    # -- purge, generation

    def test_what_has_expired_goes_and_the_rest_stays(self, store, clock):
        put(store, row(1), row(2, expires=LATER + 50))
        with store.transaction() as transaction:
            transaction.open_grant(grant(1), LATER)
            transaction.open_grant(grant(2), LATER + 50)
        clock.moment = LATER
        assert store.purge() == 2
        clock.moment = NOW
        assert (store.read(row(1).id), store.read(row(2).id)) == (None, row(2, expires=LATER + 50))
        assert (store.grant_stands(grant(1)), store.grant_stands(grant(2))) == (False, True)

    def test_a_purge_takes_no_more_than_it_was_told(self, store, clock):
        put(store, *(row(number) for number in range(5)))
        clock.moment = LATER
        assert [store.purge(2), store.purge(2), store.purge(2), store.purge(2)] == [2, 2, 1, 0]

    def test_the_generation_grows(self, store):
        before = store.generation()
        assert store.raise_generation() == store.generation() == before + 1

    def test_a_store_that_answers_says_nothing(self, store):
        assert store.ping() is None

    # -- the ledger

    def test_entries_come_back_in_their_order_as_they_were_appended(self, store):
        store.ledger.append(0, [b"a", bytes(range(256))], {})
        store.ledger.append(2, [b"c"], {})
        assert store.ledger.lines(0, 10) == [(0, b"a"), (1, bytes(range(256))), (2, b"c")]
        assert (store.ledger.lines(1, 1), store.ledger.lines(3, 10)) == ([(1, bytes(range(256)))], [])

    def test_a_number_is_taken_once_and_nothing_of_the_second_is_kept(self, store):
        store.ledger.append(0, [b"a", b"b"], {})
        with pytest.raises(DuplicateRow):
            store.ledger.append(1, [b"other", b"more"], {"d1": b"its file"})
        assert (store.ledger.lines(0, 10), store.ledger.blob("d1")) == ([(0, b"a"), (1, b"b")], None)

    def test_files_come_back_and_the_first_of_a_digest_stays(self, store):
        store.ledger.append(0, [b"a"], {"d1": bytes(range(256))})
        store.ledger.append(1, [b"b"], {"d1": b"another", "d2": b"new"})
        assert [store.ledger.blob(name) for name in ("d1", "d2", "d3")] == [bytes(range(256)), b"new", None]

    def test_signed_notes_come_back_by_their_names(self, store):
        store.ledger.keep_checkpoint("2-b.txt", b"two")
        store.ledger.keep_checkpoint("1-a.txt", b"one")
        assert store.ledger.checkpoints() == {"1-a.txt": b"one", "2-b.txt": b"two"}

    def test_a_signed_note_is_not_replaced(self, store):
        store.ledger.keep_checkpoint("1-a.txt", b"one")
        with pytest.raises(DuplicateRow):
            store.ledger.keep_checkpoint("1-a.txt", b"other")
        assert store.ledger.checkpoints() == {"1-a.txt": b"one"}

    def test_a_purge_leaves_the_ledger_alone(self, store, clock):
        store.ledger.append(0, [b"a"], {"d1": b"file"})
        store.ledger.keep_checkpoint("1-a.txt", b"one")
        clock.moment = 2**40
        store.purge()
        assert (store.ledger.lines(0, 10), store.ledger.blob("d1")) == ([(0, b"a")], b"file")
        assert store.ledger.checkpoints() == {"1-a.txt": b"one"}

    def test_what_several_threads_note_at_once_is_all_there_and_in_one_order(self, store):
        ledger, wrong = Ledger(store), []

        def note(mine):
            try:
                for turn in range(8):
                    (ledger if mine % 2 else Ledger(store)).note([CONFIGURED, stated("abcdef"[mine], turn)], (), turn)
            except (DuplicateRow, LedgerRefused, StoreUnavailable) as failed:
                wrong.append(failed)

        at_once(6, note)
        entries = list(read_entries([line for _, line in store.ledger.lines(0, 1000)]))
        assert (wrong, len(entries), sum(one.event.type == CONFIGURATION for one in entries)) == ([], 6 * 8 + 1, 1)
        assert [one for one in entries for digest in one.blobs if store.ledger.blob(digest) is None] == []
