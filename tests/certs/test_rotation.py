"""Replacing a key: which step is due when, and what it changes in the folder."""

from pathlib import Path

import pytest

from certs.keyring import Keyring, load_keyring, new_key
from certs.keys import Key, State, Use, generate_private, key_of
from certs.rotation import Act, next_step, take

NOW, HOUR = 1_790_000_000, 3600


def key(state: State, created: int = NOW, use: Use = Use.OP_SIGNING, algorithm: str = "ES256") -> Key:
    return key_of(generate_private(algorithm), use, algorithm, state, created)


ACTIVE, RETIRING = key(State.ACTIVE, NOW - 99 * HOUR), key(State.RETIRING, NOW - 200 * HOUR)
OTHER_USE = key(State.PUBLISHED, NOW - 99 * HOUR, Use.LEDGER_SIGNING, "P-256")


def step(*keys: Key, algorithm: str = "ES256", use: Use = Use.OP_SIGNING, wait: int = 24 * HOUR):  # type: ignore[no-untyped-def]
    return next_step(Keyring(keys), use, algorithm, NOW, wait)


def published(hours: int) -> Key:
    return key(State.PUBLISHED, NOW - hours * HOUR)


def test_the_next_key_is_made_first() -> None:
    due = step(ACTIVE, RETIRING, OTHER_USE)
    assert (due.act, due.fresh, due.old, due.ready) == (Act.PUBLISH, None, ACTIVE, NOW + 24 * HOUR)


@pytest.mark.parametrize(("hours", "act"), [(0, Act.WAIT), (23, Act.WAIT), (24, Act.ACTIVATE), (99, Act.ACTIVATE)])
def test_it_signs_when_it_has_been_shown_for_long_enough(hours: int, act: Act) -> None:
    fresh = published(hours)
    due = step(ACTIVE, fresh)
    assert (due.act, due.fresh, due.ready) == (act, fresh, fresh.created + 24 * HOUR)


def test_of_two_that_are_shown_the_older_one_signs() -> None:
    older = published(30)
    assert step(published(25), ACTIVE, older).fresh is older


def test_nobody_waits_for_a_stolen_key() -> None:
    assert step(ACTIVE, published(0), wait=0).act is Act.ACTIVATE


def test_without_an_active_key_what_is_published_signs_at_once() -> None:
    assert step(published(0), RETIRING).act is Act.ACTIVATE


def test_without_any_key_one_is_made_that_signs_at_once(tmp_path: Path) -> None:
    made = take(step(), tmp_path, lambda state: new_key(tmp_path, Use.OP_SIGNING, "ES256", state, NOW))
    assert [state for _, state in made] == [State.ACTIVE]


def test_keys_of_another_algorithm_are_left_alone() -> None:
    assert step(ACTIVE, published(99), algorithm="RS256").act is Act.PUBLISH


def test_elsewhere_a_use_has_one_key_whatever_its_kind() -> None:
    saml = [key(State.ACTIVE, NOW, Use.SAML_SIGNING, "P-256"), key(State.PUBLISHED, 0, Use.SAML_SIGNING, "P-384")]
    assert step(*saml, use=Use.SAML_SIGNING).act is Act.ACTIVATE


# -- in a folder ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_key(tmp_path, Use.OP_SIGNING, "ES256", State.ACTIVE, NOW - 9 * HOUR)
    return tmp_path


def run(folder: Path, now: int) -> list[State]:
    due = next_step(load_keyring(folder), Use.OP_SIGNING, "ES256", now, HOUR)
    return [state for _, state in take(due, folder, lambda state: new_key(folder, Use.OP_SIGNING, "ES256", state, now))]


def test_a_whole_rotation_is_two_steps_with_a_wait_between(folder: Path) -> None:
    first = load_keyring(folder).signing("ES256").kid
    assert [run(folder, NOW), run(folder, NOW + 1)] == [[State.PUBLISHED], []]
    assert load_keyring(folder).signing("ES256").kid == first
    assert run(folder, NOW + HOUR) == [State.RETIRING, State.ACTIVE]
    ring = load_keyring(folder)
    assert ring.signing("ES256").kid != first
    assert {one.kid: one.state for one in ring.keys}[first] is State.RETIRING


def test_what_else_stands_beside_a_key_stays(folder: Path) -> None:
    (facts,) = folder.glob("*.toml")
    facts.write_text(f"# ours since 2026\n{facts.read_text()}")
    run(folder, NOW)
    run(folder, NOW + HOUR)
    assert facts.read_text().startswith("# ours since 2026\n")
    assert facts.stat().st_mode & 0o077 == 0


def test_a_step_that_was_interrupted_is_finished_by_the_next_run(folder: Path) -> None:
    run(folder, NOW)
    for facts in folder.glob("*.toml"):  # the machine stopped between the two files
        facts.write_text(facts.read_text().replace('"active"', '"retiring"'))
    assert run(folder, NOW + 1) == [State.ACTIVE]
