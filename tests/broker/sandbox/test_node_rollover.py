"""The steps by which a simulated node changes its key: which are possible, what is published, and which key signs."""

import pytest

from broker.sandbox.neighbours import rollover_of
from broker.sandbox.node.reading import NotUnderstood
from broker.sandbox.node.rollover import STEPS
from broker.sandbox.node.showing import certificates_in
from broker.sandbox.world import build_world
from metadata.read import read_proxy_service
from tests.broker.sandbox.nodes import GREECE, NOW, Abroad

POSSIBLE = {(): {"begin", "replace"}, ("begin",): {"sign"}, ("begin", "sign"): {"withdraw"}}
LIFE = ("begin", "sign", "withdraw")


@pytest.mark.parametrize("step", [*STEPS, "", "another"])
@pytest.mark.parametrize("taken", POSSIBLE, ids="-".join)
def test_only_the_next_step_can_be_taken(taken, step):
    abroad = Abroad()
    for one in taken:
        assert abroad.browser.post("/rollover", data={"step": one}).status_code == 303
    before = abroad.rollover.keys
    right = step in POSSIBLE[taken]
    assert abroad.browser.post("/rollover", data={"step": step}).status_code == (303 if right else 400)
    assert (abroad.rollover.keys != before) is right


@pytest.mark.parametrize("count", range(4))
def test_the_metadata_has_the_keys_of_the_moment_and_one_of_them_signs(count):
    abroad = Abroad()
    for step in LIFE[:count]:
        abroad.rollover.take(step)
    octets = abroad.browser.get("/metadata").data
    keys = abroad.rollover.keys
    assert certificates_in(octets) == tuple(key.der for key in keys.published)
    assert len(keys.published) == (1 if count in (0, 3) else 2)
    assert (keys.signing is abroad.key) is (count < 2)
    known = read_proxy_service(octets, now=NOW, sandbox=True)
    assert abroad.read(abroad.answer(), keys=known.signing)


def test_its_metadata_is_made_for_each_request_and_signed_with_the_key_for_it():
    abroad = Abroad()
    first = abroad.browser.get("/metadata").data
    abroad.now += 86_400
    second = read_proxy_service(abroad.browser.get("/metadata").data, now=NOW, sandbox=True)
    assert second.valid_until == read_proxy_service(first, now=NOW, sandbox=True).valid_until + 86_400


@pytest.mark.parametrize("count", range(4))
def test_a_node_that_is_started_anew_is_where_it_was(tmp_path, count):
    build_world(tmp_path, 8000, database="memory:").close()
    held = tmp_path / "simulated"
    rollover = rollover_of(held, GREECE, NOW)
    for step in LIFE[:count]:
        rollover.take(step)
    assert rollover_of(held, GREECE, NOW).keys == rollover.keys
    assert {path.stat().st_mode & 0o777 for path in held.glob("node-el*.pem")} == {0o600}


def test_a_key_that_is_replaced_at_once_stands_alone():
    abroad = Abroad()
    abroad.rollover.replace_at_once()
    assert abroad.rollover.keys.published == (abroad.rollover.keys.signing,) != (abroad.key,)


def test_a_step_out_of_turn_is_refused_to_callers_too():
    with pytest.raises(NotUnderstood, match="not the next one"):
        Abroad().rollover.withdraw_the_old_key()
