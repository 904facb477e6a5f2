from dataclasses import dataclass

import pytest

from broker.journey import Choosing, Consenting, Failure, Finished, Passage, Proving
from broker.seal import locator
from broker.session import Given, Session
from broker.store import open_store
from broker.vault import Drawer, Vault
from broker.visit import JOURNEYS, SESSIONS
from tests.broker.people import demand, proof

SECRET = b"s" * 40
STEPS = [
    Choosing(demand(max_age=0), Failure("FI-201", {"provider": "impots"})),
    Proving(demand(), "impots", "handle.tag", {"nonce": "n"}),
    Consenting(demand(), proof(amr=("pwd",)), reused=True),
    Finished(demand(), Passage("https://it.example/acs", {"SAMLResponse": "PD94"}), 30, released=True),
]


def vault(*peppers):
    return Vault(STORE, locator(peppers))


STORE = open_store("memory:", lambda: 1000)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_comes_back_as_it_was_kept(step):
    fresh = Vault(open_store("memory:", lambda: 1000), locator((b"p",)))
    with fresh.change() as change:
        change.put(JOURNEYS, SECRET, step, 2000)
    assert fresh.find(JOURNEYS, SECRET).value == step


def test_a_row_of_the_former_pepper_is_found_taken_and_swapped():
    with vault(b"old").change() as change:
        change.put(SESSIONS, SECRET, Session(proof(), b"i" * 16), 2000)
    both = vault(b"new", b"old")
    held = both.find(SESSIONS, SECRET)
    with both.change() as change:
        assert change.swap(SESSIONS, held, held.value.with_release(Given("mairie", b"g", 2000), 1000), 2000)
    with both.change() as change:
        assert change.take(SESSIONS, SECRET).services == ("mairie",)


def test_of_two_who_read_the_same_only_one_can_replace_it():
    fresh = Vault(open_store("memory:", lambda: 1000), locator((b"p",)))
    with fresh.change() as change:
        change.put(JOURNEYS, SECRET, STEPS[0], 2000)
    one, other = fresh.find(JOURNEYS, SECRET), fresh.find(JOURNEYS, SECRET)
    with fresh.change() as change:
        results = [change.swap(JOURNEYS, held, STEPS[3], 2000) for held in (one, other)]
    assert results == [True, False]


def test_a_session_remembers_each_service_once_and_the_newest_grants():
    session = Session(proof(), b"i" * 16)
    for number in range(70):
        session = session.with_release(Given("mairie", bytes((number,)), 2000), 1000)
    assert (session.services, len(session.given), session.given[-1].grant) == (("mairie",), 64, bytes((69,)))


@dataclass(frozen=True, slots=True)
class Former:
    """A session as another release had it."""

    proof: str
    services: tuple[str, ...]


@pytest.mark.parametrize("former", [Drawer("session", Former), Drawer("session", str, Former)], ids=["shape", "kind"])
def test_what_another_release_kept_in_another_shape_is_as_if_it_had_expired(former):
    kept = vault(b"pepper")
    with kept.change() as change:
        change.put(former, SECRET, Former("proof", ("mairie",)), 2000)
    assert kept.find(SESSIONS, SECRET) is None
    with kept.change() as change:
        assert change.take(SESSIONS, SECRET) is None
