"""A world for each test of the broker; the keys, which cost time, are made once."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from broker import app
from tests.broker.foreign import Abroad
from tests.broker.world import World


class _Compiled(BytecodeCache):
    """Templates that were compiled in this process."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """A thousand worlds have the same keys, which take 0.15 s to read and check, and the same templates to compile."""
    read, options = app.load_keyring, Flask.jinja_options
    app.load_keyring = functools.cache(read)
    Flask.jinja_options = {**options, "bytecode_cache": _Compiled()}
    yield
    app.load_keyring, Flask.jinja_options = read, options


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance with keys."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture
def make_world(instance_folder: Path) -> Callable[..., World]:
    """A function that makes a world: another database, other settings."""
    return lambda *arguments, **changes: World(instance_folder, *arguments, **changes)


@pytest.fixture(scope="session")
def abroad_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance with the keys of a node."""
    return tmp_path_factory.mktemp("abroad")


@pytest.fixture
def make_abroad(abroad_folder: Path) -> Callable[..., Abroad]:
    """A function that makes a world with countries: other metadata, other settings."""
    return lambda *arguments, **changes: Abroad(abroad_folder, *arguments, **changes)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A whole Passerelle in memory."""
    return make_world()
