"""Citizens on their way through the simulated world who agree to data, over HTTP."""

from collections.abc import Mapping

from broker.sandbox.data.records import record
from broker.sandbox.parties import DATA_PROVIDERS, NODES, PROVIDERS, SERVICES
from broker.sandbox.world import World
from tests.broker.sandbox import travelling
from tests.broker.sandbox.browsing import Browser, Page

MAIRIE, ASSURANCE = SERVICES
REVENUS, POINTS = DATA_PROVIDERS
QUOTE = "/login?data=yes"


def said(scope: str, claims: Mapping[str, object]) -> str:
    """The number that a service shows in French for the person of these claims, with single spaces, and one behind it."""
    return f"{record(scope, claims):,} ".replace(",", " ").replace(".", ",")


def asked(world: World, browser: Browser, persona: str = "angela", path: str = "/login") -> Page:
    """The page that asks, for somebody with a French account or, by his persona, from another country."""
    service = ASSURANCE if path == QUOTE else MAIRIE
    if persona in world.europeans:
        node = next((one for one in NODES if persona.startswith(one.code.lower())), NODES[0])
        return travelling.prove(world, browser, persona, service=service, path=path, node=node)
    choice = browser.open(world.address.of(service.host, path))
    cards = browser.press(choice, f"provider-{PROVIDERS[0].id}")
    return browser.press(cards, f"persona-{persona}")


def agree(browser: Browser, page: Page, *scopes: str) -> Page:
    """Tick these and go on."""
    return browser.press(page, "continue", consent="yes", data=list(scopes))


def sign_in(world: World, browser: Browser, *scopes: str, persona: str = "angela", path: str = "/login") -> Page:
    """What the service shows in the end."""
    return agree(browser, asked(world, browser, persona, path), *scopes)


def withdraw(world: World, browser: Browser, name: str) -> Page:
    """Press the button of a data provider on the page of what was agreed to."""
    return browser.press(browser.open(f"{world.address.broker}/mes-autorisations"), f"withdraw-{name}")
