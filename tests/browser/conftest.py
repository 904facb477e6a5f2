"""A simulated world and a browser in which nothing has happened yet; each page seen is kept as a picture."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from broker.sandbox.faults import Faults
from broker.sandbox.parties import PROVIDERS
from broker.sandbox.world import World, build_world

PICTURES = Path(os.environ.get("PASSERELLE_ARTEFACTS", "artefacts")) / "pages"


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = build_world(tmp_path_factory.mktemp("demo"), faults=Faults(), sleep=lambda _seconds: None)
    with world.serve():
        yield world


@pytest.fixture
def world(_served: World) -> World:
    """The world in order, without a past."""
    _served.recorder.clear()
    for provider in PROVIDERS:
        _served.faults.switch(provider.id, None)
    return _served


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for each citizen: `visitor(locale="en-GB", width=320)`. A blocked load is a failure."""
    contexts: list[BrowserContext] = []
    blocked: list[str] = []

    def open_page(locale: str = "fr-FR", width: int = 1280, scheme: str = "light") -> Page:
        context = chromium.new_context(
            locale=locale,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
        page.on("pageerror", lambda error: blocked.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert blocked == []


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps the page as `artefacts/pages/NAME.png`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=PICTURES / f"{name}.png", full_page=True) and None
