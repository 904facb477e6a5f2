"""What a citizen does, and who works at the console, in the words of the pages' test ids."""

import time

from playwright.sync_api import Page

from broker import console
from broker.console import Person
from broker.sandbox.world import World
from broker.web.rooms import Rooms


def at(page: Page, name: str) -> None:
    """Click the element with this test id."""
    page.click(f'[data-testid="{name}"]')


def back(page: Page, arrived: str) -> None:
    """Go back once the element with this test id has arrived: before, the browser may still be replacing the page."""
    page.wait_for_selector(f'[data-testid="{arrived}"]')
    page.wait_for_load_state()
    with page.expect_navigation():
        page.evaluate("setTimeout(() => history.back())")


def text(page: Page, name: str) -> str:
    """The text of the element with this test id."""
    return page.inner_text(f'[data-testid="{name}"]')


def open_service(page: Page, world: World, host: str = "fs.localhost") -> None:
    """The home page of a service."""
    page.goto(world.address.of(host, "/"))


def to_confirmation(
    page: Page, world: World, host: str = "fs.localhost", provider: str = "impots-demo", persona: str = "angela"
) -> None:
    """From the service's button to the page that shows what will be sent."""
    open_service(page, world, host)
    at(page, "login")
    at(page, f"provider-{provider}")
    at(page, f"persona-{persona}")


def log_in(page: Page, world: World, host: str = "fs.localhost", **changes: str) -> None:
    """A whole login."""
    to_confirmation(page, world, host, **changes)
    if page.query_selector('[data-testid="consent"]'):
        page.check('[data-testid="consent"]')
    at(page, "continue")


def rooms_of(world: World) -> Rooms:
    """What the broker of a world works with."""
    rooms: Rooms = world.broker.extensions["passerelle"]()
    return rooms


def come(page: Page, world: World, person: Person) -> None:
    """Into the console: by a one-time link, and its button."""
    token = console.invite(rooms_of(world).vault, person, int(time.time()) + 600)
    page.goto(f"{world.address.broker}/console/entrer?t={token}")
    at(page, "enter")
    page.wait_for_url("**/console")
