"""One simulated world for all tests of a file: it takes half a second to make."""

from collections.abc import Iterator

import pytest

from broker.sandbox.faults import Faults
from broker.sandbox.parties import NODES, PROVIDERS
from broker.sandbox.world import World, build_world


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    slept: list[float] = []
    world = build_world(tmp_path_factory.mktemp("demo"), faults=Faults(), database="memory:", sleep=slept.append)
    with world.serve():
        yield world


@pytest.fixture
def world(_served: World) -> World:
    """The world in order, without a past."""
    _served.recorder.clear()
    for provider in PROVIDERS:
        _served.faults.switch(provider.id, None)
    for node in NODES:
        _served.faults.switch(node.code, None)
    return _served
