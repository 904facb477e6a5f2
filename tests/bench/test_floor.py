"""The floor of `bench/login.py` claims what one login does; here it is counted."""

from collections import Counter

import pytest

from bench import floor
from broker import seal
from certs import keys
from oidc import tokens
from tests.broker.world import World


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """What one login did, counted at the places where it is done."""
    world = World(tmp_path)
    browser = world.browser()
    browser.log_in()  # metadata and keys of the provider are known afterwards
    count = Counter()

    def watch(owner, name):
        original = getattr(owner, name)

        def watched(*arguments, **named):
            count[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, watched)

    for owner, names in (
        (seal.Place, ("seal", "open")),
        (seal, ("_place",)),
        (keys.InMemory, ("sign",)),
        (world.store, ("read", "grant_stands", "transaction")),
        (tokens.jws, ("validate_compact",)),
    ):
        for name in names:
            watch(owner, name)
    other = world.browser()
    other.userinfo(other.redeem(other.log_in()["code"]).json["access_token"])
    return count


def test_the_floor_counts_what_a_login_does(counted):
    assert (counted["sign"], counted["validate_compact"]) == (floor.SIGNATURES, floor.VERIFICATIONS)
    assert counted["_place"] == floor.DERIVATIONS
    assert (counted["seal"], counted["open"]) == (floor.SEALS, floor.OPENINGS)
    assert (counted["read"] + counted["grant_stands"], counted["transaction"]) == (floor.READS, floor.WRITES)
