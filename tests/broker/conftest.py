"""A world for each test of the broker; the keys, which cost time, are made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.broker.world import World


@pytest.fixture(scope="session")
def instance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance with keys."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture
def make_world(instance_folder: Path) -> Callable[..., World]:
    """A function that makes a world: another database, other settings."""
    return lambda *arguments, **changes: World(instance_folder, *arguments, **changes)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A whole Passerelle in memory."""
    return make_world()
