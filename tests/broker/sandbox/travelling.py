"""A citizen of another country on the way from a service over the broker to the node and back, over HTTP."""

from broker.sandbox.parties import NODES, SERVICES, DemoNode, DemoService
from broker.sandbox.world import World
from tests.broker.sandbox.browsing import Browser, Page

GREECE, GERMANY, ITALY = NODES
MAIRIE = SERVICES[0]


def at_countries(world: World, browser: Browser, service: DemoService = MAIRIE, path: str = "/login") -> Page:
    """The page of countries."""
    return browser.press(browser.open(world.address.of(service.host, path)), "provider-eidas")


def at_cards(world: World, browser: Browser, node: DemoNode = GREECE, **where: object) -> Page:
    """The node's login page."""
    return browser.press(browser.press(at_countries(world, browser, **where), f"country-{node.code}"), "go")


def prove(world: World, browser: Browser, persona: str = "el-onasis", **where: object) -> Page:
    """What the broker shows when a card was clicked."""
    return browser.press(browser.press(at_cards(world, browser, **where), f"persona-{persona}"), "go")


def login(world: World, browser: Browser, persona: str = "el-onasis", **where: object) -> Page:
    """What the service shows in the end."""
    return browser.press(prove(world, browser, persona, **where), "continue", consent="yes")
