"""One simulated world for all tests: it takes half a second to make. And a tab of a browser in front of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from broker.sandbox.faults import BROKER, Faults
from broker.sandbox.parties import DATA_PROVIDERS, NODES, PROVIDERS
from broker.sandbox.world import World, build_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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
    _served.faults.switch(BROKER, None)
    for provider in (*PROVIDERS, *DATA_PROVIDERS):
        _served.faults.switch(provider.id, None)
    for node in NODES:
        _served.faults.switch(node.code, None)
    return _served


@pytest.fixture
def language() -> str:
    """What the browser wishes for."""
    return "fr-FR"


@pytest.fixture
def console() -> list[str]:
    """What the browser says on its console: nothing."""
    return []


@pytest.fixture
def page(chromium: "Browser", language: str, console: list[str]) -> "Iterator[Page]":
    """A tab of a browser on a small screen."""
    context = chromium.new_context(locale=language, viewport={"width": 320, "height": 640})
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    yield tab
    context.close()
    assert said == console
