"""The floors of the benchmarks claim what one login does; here it is counted."""

from collections import Counter

import pytest

from bench import eidas, floor
from broker import seal
from broker.providers.remote import Remote
from certs import keys
from oidc import tokens
from tests.broker.asking import Asked
from tests.broker.foreign import Abroad
from tests.broker.world import World


@pytest.fixture
def counting(monkeypatch):
    """A function that begins to count, at the places where it is done, what the instance of a world does."""

    def begin(world):
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
            (keys.InMemory, ("sign", "agree")),
            (world.store, ("read", "grant_stands", "put", "swap", "transaction")),
            (tokens, ("check_signature",)),
            (Remote, ("ask",)),
        ):
            for name in names:
                watch(owner, name)
        return count

    return begin


def did(count):
    """Derivations, seals, openings, reads and writes."""
    reads = count["read"] + count["grant_stands"]
    writes = count["put"] + count["swap"] + count["transaction"]
    return count["_place"], count["seal"], count["open"], reads, writes


def test_the_floor_counts_what_a_login_does(tmp_path, counting):
    world = World(tmp_path)
    world.browser().log_in()  # metadata and keys of the provider are known afterwards
    count = counting(world)
    citizen = world.browser()
    citizen.userinfo(citizen.redeem(citizen.log_in()["code"]).json["access_token"])
    assert (count["sign"], count["check_signature"]) == (floor.SIGNATURES, floor.VERIFICATIONS)
    assert count["ask"] == floor.ASKS
    assert did(count) == (floor.DERIVATIONS, floor.SEALS, floor.OPENINGS, floor.READS, floor.WRITES)


def test_the_floor_counts_what_a_login_from_abroad_does(tmp_path, counting):
    world = Abroad(tmp_path)
    world.traveller().received()
    count = counting(world)
    world.traveller().received()
    signatures, verifications, *others = eidas.COUNTS["through"]
    assert (count["sign"], count["agree"]) == (signatures + 2, 1)  # and the request, and the country's answer
    assert (count["check_signature"], did(count)) == (verifications, tuple(others))
    assert count["ask"] == eidas.ASKS["through"]


def test_the_floor_counts_what_a_login_to_another_country_does(tmp_path, counting):
    world = Asked(tmp_path)
    world.citizen().identified()
    count = counting(world)
    world.citizen().identified("BirthName")
    signatures, verifications, *others = eidas.COUNTS["abroad"]
    assert count["sign"] == signatures + 2  # the country's request, and the answer
    assert (count["check_signature"], did(count)) == (verifications, tuple(others))
    assert count["ask"] == eidas.ASKS["abroad"]
