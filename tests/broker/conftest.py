"""A world for each test of the broker; the keys, which cost time, are made once."""

import functools
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import create_engine, text

from broker import app
from broker.store.migrate import upgrade
from tests.broker.checks import CheckWorld
from tests.broker.foreign import Abroad
from tests.broker.world import World

_numbers = count()


class _Compiled(BytecodeCache):
    """Templates that were compiled in this process."""

    def __init__(self) -> None:
        self._known: dict[tuple[type, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if known := self._known.get(_of(bucket)):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[_of(bucket)] = bucket.bytecode_to_string()


def _of(bucket: Bucket) -> tuple[type, str]:
    """Each language has a compiler of its own."""
    return bucket.environment.code_generator_class, bucket.key


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
def make_checks(instance_folder: Path) -> Callable[..., CheckWorld]:
    """A function that makes a world of data providers that check tokens: another database, other parties."""
    return lambda *arguments, **changes: CheckWorld(instance_folder, *arguments, **changes)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A whole Passerelle in memory."""
    return make_world()


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a new, empty database on the server."""
    name = f"passerelle_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield str(admin.url.set(database=name).render_as_string(hide_password=False))
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres(empty_postgres: str) -> str:
    """The URL of an upgraded database."""
    upgrade(empty_postgres)
    return empty_postgres
