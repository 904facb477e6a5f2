"""The floor of the checks claims what one check does; here it is counted."""

from collections import Counter

import pytest

from bench.checktoken import WAYS
from broker import seal
from certs import keys
from oidc import tokens
from tests.broker.checks import CheckWorld, parties, with_key, with_secret
from tests.broker.web.test_checktoken import assertion


@pytest.fixture
def counted(monkeypatch):
    """A function that counts, at the places where it is done, what the instance of a world does meanwhile."""

    def count(world, act):
        calls = Counter()

        def watch(owner, name):
            original = getattr(owner, name)
            monkeypatch.setattr(owner, name, lambda *a, **k: calls.update([name]) or original(*a, **k))

        for owner, names in (
            (seal.Place, ("seal", "open")),
            (seal, ("_place",)),
            (keys.InMemory, ("sign",)),
            (world.store, ("read", "grant_stands", "note_check", "put", "swap", "transaction")),
            (tokens, ("check_signature",)),
        ):
            for name in names:
                watch(owner, name)
        act()
        return {
            "signatures": calls["sign"],
            "verifications": calls["check_signature"],
            "derivations": calls["_place"],
            "seals": calls["seal"],
            "openings": calls["open"],
            "reads": calls["read"] + calls["grant_stands"],
            "writes": sum(calls[name] for name in ("put", "swap", "transaction", "note_check")),
        }

    return count


OFFICES = {
    "secret, signed": (with_secret("revenus", "revenu_fiscal"), dict),
    "key, encrypted": (with_key("revenus", "revenu_fiscal", encrypt="ECDH-ES"), assertion),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_floor_counts_what_a_check_does(tmp_path, counted, way):
    office, credentials = OFFICES[way]
    world = CheckWorld(tmp_path, parties=parties({"revenus": office}))
    token = world.token("revenu_fiscal")
    world.ask(token, **credentials())  # the first of a minute takes a share of it
    sent = credentials()
    assert counted(world, lambda: world.ask(token, **sent)) == WAYS[way].counts
