"""A data provider asks as often as was agreed, however many workers there are."""

import threading
from dataclasses import replace

import pytest

from broker.relying.rates import Rates
from broker.seal import locator
from broker.store import open_store
from broker.vault import Vault
from oidc.errors import TooOften
from tests.broker.checks import DATA, parties, with_secret
from tests.broker.world import Clock

ONE = replace(DATA["revenus"], checks=100)


def rates_of(store, clock):
    return Rates(Vault(store, locator((b"p" * 32,))), clock)


@pytest.fixture
def clock():
    return Clock(1_790_000_000 // 60 * 60)


@pytest.fixture
def store(clock, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/rates.db", clock)
    yield store
    store.close()


def granted(rates, one=ONE, most=1000):
    """How often one may ask at once."""
    for count in range(most):
        try:
            rates.check_rate(one)
        except TooOften:
            return count
    return most


def test_one_worker_gives_away_exactly_as_many_as_were_agreed(store, clock):
    assert granted(rates_of(store, clock)) == 100


@pytest.mark.parametrize("limit", [1, 7, 19, 20, 21, 600])
def test_a_limit_of_any_size_is_kept(store, clock, limit):
    assert granted(rates_of(store, clock), replace(ONE, checks=limit)) == limit


def test_several_workers_give_away_no_more_together(store, clock):
    workers = [rates_of(store, clock) for _ in range(4)]
    given = [granted(worker, most=30) for worker in workers]
    assert sum(given) == 100
    assert [granted(worker) for worker in workers] == [0, 0, 0, 0]


def test_another_minute_is_another_count(store, clock):
    rates = rates_of(store, clock)
    assert granted(rates) == 100
    clock.advance(59)
    assert granted(rates) == 0
    clock.advance(1)
    assert granted(rates) == 100


def test_data_providers_are_counted_each_alone(store, clock):
    rates = rates_of(store, clock)
    assert (granted(rates), granted(rates, replace(DATA["points"], checks=3))) == (100, 3)


def test_threads_that_ask_at_once_get_no_more(store, clock):
    workers, given = [rates_of(store, clock) for _ in range(2)], []

    def ask(worker):
        given.append(granted(worker, most=60))

    threads = [threading.Thread(target=ask, args=(worker,)) for worker in workers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 100 <= sum(given) <= 100 + len(threads)  # whoever could take no share gave one away


def test_shares_cost_one_write_for_many_checks(store, clock, monkeypatch):
    writes = []
    transaction = store.transaction
    monkeypatch.setattr(store, "transaction", lambda: writes.append(1) or transaction())
    assert granted(rates_of(store, clock)) == 100
    assert len(writes) == 20


def test_who_asks_too_often_is_told_when_he_may_again(make_checks):
    world = make_checks(parties=parties({"revenus": with_secret("revenus", "revenu_fiscal", checks=2)}))
    token = world.token("revenu_fiscal")
    assert [world.ask(token).status_code for _ in range(2)] == [200, 200]
    refused = world.ask(token)
    assert (refused.status_code, refused.json["error"]) == (429, "temporarily_unavailable")
    assert refused.headers["Retry-After"] == str(60 - world.clock() % 60)
    assert refused.json["error_uri"].endswith("#TOK-607")
    world.clock.advance(int(refused.headers["Retry-After"]))
    assert world.ask(token).status_code == 200


def test_whoever_does_not_say_who_he_is_uses_up_nothing(make_checks):
    world = make_checks(parties=parties({"revenus": with_secret("revenus", "revenu_fiscal", checks=1)}))
    token = world.token("revenu_fiscal")
    for _ in range(3):
        assert world.ask(token, client_secret="wrong-secret-with-many-characters").status_code == 401
    assert world.ask(token).status_code == 200
