"""The demo reaches its countries by what the broker has fetched and judged; the first documents the demo approves."""

import pytest

from broker.deciding import decide
from broker.sandbox.faults import Faults
from broker.sandbox.meeting import BY, WORDS
from broker.sandbox.world import build_world
from metadata.ledger.kinds import DECISION, IN_FORCE, REFUSED, WAITING

pytestmark = pytest.mark.loopback


def said(world):
    """What the ledger says now, by type and subject."""
    return world.broker.extensions["passerelle"]().ledger.standing()


def test_what_is_in_force_was_fetched_from_the_nodes(world):
    standing = said(world)
    grounds = {subject: event.facts["ground"] for (type_, subject), event in standing.items() if type_ == IN_FORCE}
    assert grounds == {"EL/proxy": "approval", "DE/proxy": "anchor", "IT/connector": "anchor"}


def test_the_first_document_that_waits_is_approved_by_the_demo(world):
    decision = said(world)[DECISION, "EL/proxy"]
    assert (decision.facts["by"], decision.facts["words"], decision.facts["verdict"]) == (BY, WORDS, "approved")
    assert not any(type_ == WAITING for type_, _ in said(world))


def test_metadata_that_has_expired_is_refused_and_its_country_cannot_be_chosen(world):
    assert said(world)[REFUSED, "IT/proxy"].facts["reason"] == "the metadata has expired"
    house = world.broker.extensions["passerelle"]
    assert house().countries["IT"].missing() is not None


def test_a_demo_that_starts_again_decides_nothing_anew(tmp_path):
    events, port = [], 0
    for _ in range(2):
        world = build_world(tmp_path, port, faults=Faults())
        port = world.address.port
        with world.serve():
            ledger = world.broker.extensions["passerelle"]().ledger
            events.append([entry.event.type for entry in ledger.entries()])
    assert events[0] == events[1]


def test_on_another_port_the_demo_meets_its_neighbours_anew(tmp_path):
    for _ in range(2):
        world = build_world(tmp_path, faults=Faults())
        with world.serve():
            assert world.broker.extensions["passerelle"]().countries["EL"].missing() is None


def test_a_new_key_of_a_node_that_is_trusted_is_not_the_demos_to_approve(tmp_path):
    world = build_world(tmp_path, faults=Faults())
    with world.serve():
        world.rollovers["EL"].begin()
    again = build_world(tmp_path, world.address.port, faults=Faults())
    with again.serve():
        standing = said(again)
        assert (WAITING, "EL/proxy") in standing
        assert again.rollovers["EL"].keys.stage == "announced"


def test_where_two_must_agree_the_demo_is_one_of_them_however_often_it_starts(tmp_path):
    world = build_world(tmp_path, faults=Faults())
    world.close()
    toml = tmp_path / "passerelle.toml"
    toml.write_text(toml.read_text() + "\n[trust]\napprovals = 2\n")
    for _ in range(2):
        again = build_world(tmp_path, world.address.port, faults=Faults())
        with again.serve():
            rooms, waiting = again.broker.extensions["passerelle"](), said(again)[WAITING, "EL/proxy"]
            assert said(again)[DECISION, "EL/proxy"].facts["verdict"] == "proposed"
            assert rooms.countries["EL"].missing() is not None
    last = build_world(tmp_path, world.address.port, faults=Faults())
    with last.serve():
        rooms = last.broker.extensions["passerelle"]()
        decide(rooms.ledger, rooms.vault.store, "EL/proxy", waiting.after, "approved", "Ada", "seen", 2, rooms.clock())
        assert last.broker.extensions["passerelle"].look().countries["EL"].missing() is None
