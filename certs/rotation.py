"""Replacing a key without losing anybody: the next key is known before it signs, the old one is known after it has signed.

A rotation is two steps with a wait between them: a new key is published, and once everybody has fetched it, it becomes
active and the old one retiring. `next_step` says which of the two is due, `take` does it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from certs.keyring import Keyring, read_keys, write_file
from certs.keys import JOSE_USES, Key, State, Use


class Act(StrEnum):
    """What a step does."""

    PUBLISH = "publish"
    """Make the next key and show it."""
    WAIT = "wait"
    """Nothing: the next key has not been shown for long enough."""
    ACTIVATE = "activate"
    """Let the next key sign, and the old one verify."""


@dataclass(frozen=True, slots=True)
class Step:
    """The step that is due. `fresh` is the next key, None before it is made; `old` the active one, None when there is none;
    `ready` when the next key may sign (Unix seconds).
    """

    act: Act
    fresh: Key | None
    old: Key | None
    ready: int


def next_step(ring: Keyring, use: Use, algorithm: str, now: int, wait: int) -> Step:
    """The step that is due at `now`, where a key is shown for `wait` seconds before it signs.

    Without an active key there is nobody to wait for: what is published becomes active at once.
    """
    rivals = [key for key in ring.all(use) if use not in JOSE_USES or key.algorithm == algorithm]
    old = next((key for key in rivals if key.state is State.ACTIVE), None)
    published = [key for key in rivals if key.state is State.PUBLISHED]
    if not published:
        return Step(Act.PUBLISH, None, old, now + wait if old else now)
    fresh = min(published, key=lambda key: key.created)
    ready = fresh.created + wait if old else now
    return Step(Act.ACTIVATE if ready <= now else Act.WAIT, fresh, old, ready)


def take(step: Step, folder: Path, make: Callable[[State], Path]) -> list[tuple[Path, State]]:
    """Take a step in a folder; `make` makes a key in a state. Returns the keys' files that changed, and their states."""
    if step.act is Act.PUBLISH:
        state = State.PUBLISHED if step.old else State.ACTIVE
        return [(make(state), state)]
    if step.act is Act.WAIT or step.fresh is None:
        return []
    changes = [(step.old, State.RETIRING)] if step.old else []
    return [(_become(folder, key, state), state) for key, state in [*changes, (step.fresh, State.ACTIVE)]]


def _become(folder: Path, wanted: Key, state: State) -> Path:
    path = next(path for path, key in read_keys(folder) if key.public_key == wanted.public_key)
    beside = path.with_suffix(".toml")
    facts = re.sub(r'(?m)^(\s*state\s*=\s*)"[a-z]+"', rf'\1"{state}"', beside.read_text("utf-8"))
    write_file(beside, facts.encode())
    return path
