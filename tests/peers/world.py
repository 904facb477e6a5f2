"""A Passerelle of two gunicorn workers, npm's oidc-provider as its providers, libraries of others as its services."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from certs.keys import Use
from tests.peers.browser import Browser, Page
from tests.peers.programs import free_port, gunicorn, program
from tests.peers.registrations import Provider, Service, told_to_provider, told_to_service, write_files

HERE = Path(__file__).parent

# How each authenticates, and the algorithm of its tokens.
SERVICES = (
    Service("basic"),
    Service(
        "post",
        'auth = "client_secret_post"\nsigned_response_alg = "RS256"',
        {"method": "client_secret_post", "alg": "RS256"},
    ),
    Service("app", 'auth = "none"', {"method": "none"}, secret=False),
)
# How userinfo comes.
PROVIDERS = (Provider("plain"), Provider("signed", client={"userinfo_signed_response_alg": "ES256"}))


@dataclass(frozen=True)
class Peers:
    """Everything that runs. Addresses are origins without a slash, but for `home`; `issuers` are those of the providers."""

    broker: str
    issuers: Mapping[str, str]
    home: str
    access_log: Path

    @property
    def provider(self) -> str:
        """The issuer of the first provider."""
        return next(iter(self.issuers.values()))

    @property
    def workers(self) -> set[str]:
        """The processes that have answered so far, by their ids."""
        return {line.split()[0] for line in self.access_log.read_text().splitlines()}

    def to_provider(self, browser: Browser, service: str = "basic", provider: str = "plain", query: str = "") -> Page:
        """From the service's button to the provider's login page."""
        choice = browser.open(f"{self.home}{service}/login{query}")
        return browser.press(choice, "provider", provider)

    def to_confirmation(self, browser: Browser, account: str = "angela", acr: str = "eidas2", **at: str) -> Page:
        """To the page that shows what will be sent."""
        return browser.press(self.to_provider(browser, **at), account=account, acr=acr)

    def log_in(self, browser: Browser, account: str = "angela", **how: str) -> dict:
        """A whole login: what the service shows."""
        return shown(browser.press(self.to_confirmation(browser, account, **how), "action", "continue"))


def shown(page: Page) -> dict:
    """What a page of the service says."""
    assert page.headers["Content-Type"] == "application/json", f"{page.status} at {page.url}: {page.text[:2000]}"
    return json.loads(page.text)


@contextmanager
def running(
    folder: Path,
    node: str,
    services: Collection[Service] = SERVICES,
    providers: Collection[Provider] = PROVIDERS,
    keys: Collection[tuple[Use, str]] = (),
) -> Iterator[Peers]:
    """All of them, started and stopped again; what they print lies in `folder`."""
    ports = {provider.name: free_port() for provider in providers}
    broker, service = free_port(), free_port()
    peers = Peers(
        broker=f"http://fc.localhost:{broker}",
        issuers={one.name: f"http://{one.host}:{ports[one.name]}{one.path}" for one in providers},
        home=f"http://fs.localhost:{service}/",
        access_log=folder / "access.log",
    )
    instance = folder / "instance"
    by_issuer = {peers.issuers[provider.name]: provider for provider in providers}
    write_files(instance, peers.broker, peers.home, services, by_issuer, keys)
    environ = {"PASSERELLE_CONFIG": str(instance), "PASSERELLE_MODE": "sandbox"}
    with ExitStack() as stack:
        stack.enter_context(program(folder, "provider", max(ports.values()), _providers(node, ports, peers, providers)))
        stack.enter_context(program(folder, "broker", broker, gunicorn(broker, peers.access_log), environ))
        stack.enter_context(program(folder, "service", service, _services(node, service, peers, services)))
        yield peers


def _providers(node: str, ports: Mapping[str, int], peers: Peers, providers: Collection[Provider]) -> list[str]:
    facts = [
        {
            "port": ports[provider.name],
            "issuer": peers.issuers[provider.name],
            "client": told_to_provider(provider, peers.broker),
            **provider.options,
        }
        for provider in sorted(providers, key=lambda provider: ports[provider.name])  # who waits, waits for the last
    ]
    return [node, str(HERE / "provider.mjs"), json.dumps(facts)]


def _services(node: str, port: int, peers: Peers, services: Collection[Service]) -> list[str]:
    registrations = {service.name: told_to_service(service) for service in services if service.facts is not None}
    facts = {"port": port, "home": peers.home, "issuer": f"{peers.broker}/api/v2", "registrations": registrations}
    return [node, str(HERE / "service.mjs"), json.dumps(facts)]
