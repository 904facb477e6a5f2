"""The simulated world put together: every party at its own host name, on one port of this machine, in one process.

Tests build it with `build_world` and serve it with `World.serve`; `serve_demo` is the command `passerelle demo`.
"""

import shutil
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from broker import journal
from broker.app import create_app, now
from broker.sandbox import instance, neighbours
from broker.sandbox.abroad import BACK, ServiceAbroad
from broker.sandbox.calling import Caller
from broker.sandbox.data.checking import Checker, KeyedChecker, SecretChecker
from broker.sandbox.data.provider import SimulatedDataProvider
from broker.sandbox.data.using import DataUser
from broker.sandbox.decoding import Opened
from broker.sandbox.dev import Published, developer_app, start_app
from broker.sandbox.falsify import as_switched, lie
from broker.sandbox.faults import BROKER, Faults
from broker.sandbox.meeting import meet
from broker.sandbox.node.connector import LOGIN, OwnConnector, SimulatedConnector
from broker.sandbox.node.node import OwnNode, SimulatedNode
from broker.sandbox.node.people import European, load_europeans
from broker.sandbox.node.rollover import Rollover
from broker.sandbox.pages import Party
from broker.sandbox.parties import (
    BROKER_AT_PROVIDERS,
    BROKER_HOST,
    COMUNE,
    DATA_PROVIDERS,
    NODES,
    PROVIDERS,
    SERVICES,
    Address,
    DemoDataProvider,
    DemoNode,
    DemoProvider,
    DemoService,
    DemoServiceAbroad,
)
from broker.sandbox.personas import Persona, load_personas
from broker.sandbox.provider import SimulatedProvider
from broker.sandbox.recorder import Recorder
from broker.sandbox.relying import Relying
from broker.sandbox.service import CALLBACK, SimulatedService
from broker.sandbox.vouching import Registered, Vouching
from broker.settings import Settings, load

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HERE = "127.0.0.1"
_HABITS = {provider.id: provider.habit for provider in PROVIDERS if provider.habit}


@dataclass(frozen=True, slots=True)
class World:
    """Everything that runs. `application` serves all hosts; `hosts` are the recorded applications by host name; `rollovers`
    the keys of the nodes by their country's code. `opened` is what is in a token that was encrypted for a data provider.
    """

    address: Address
    settings: Settings
    broker: Flask
    hosts: Mapping[str, "WSGIApplication"]
    application: "WSGIApplication"
    recorder: Recorder
    faults: Faults
    personas: Mapping[str, Persona]
    europeans: Mapping[str, European]
    rollovers: Mapping[str, Rollover]
    opened: Opened

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve in threads of this process, once, after the broker has fetched what its neighbours publish.

        Gives the address of the start page.
        """
        server = make_server(_HERE, self.address.port, self.application, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            meet(self.broker.extensions["passerelle"])
            yield self.address.of("localhost", "/")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            self.close()

    def close(self) -> None:
        """End the broker's threads, and let go of its store."""
        for chore in self.broker.extensions["chores"]:
            chore.stop()
        self.broker.extensions["passerelle"]().vault.store.close()


class _Quiet(WSGIRequestHandler):
    """/dev/flow tells more than a line a request would."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Only what went wrong."""
        if type != "info":
            super().log(type, message, *args)


def build_world(
    folder: Path,
    port: int = 0,
    *,
    clock: Callable[[], int] = now,
    faults: Faults | None = None,
    database: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> World:
    """The world in a folder, which is made or used again; port 0 takes one that is free.

    `database` is a URL in the place of the folder's own SQLite file. Raises SettingsInvalid when somebody has written
    something wrong into the folder.
    """
    address = Address(port or _free_port())
    instance.prepare(folder, address, clock())
    settings = load(folder, {})
    settings = replace(settings, database=database) if database else settings
    builder = _Builder(folder, address, clock, faults or Faults(), sleep)
    broker = create_app(settings, clock=clock)
    lie(broker, as_switched(builder.lies, lambda alg: broker.extensions["passerelle"]().keyring.signing(alg)))
    return builder.world(settings, broker)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])


class _Builder:
    """What all parties are made with."""

    def __init__(
        self,
        folder: Path,
        address: Address,
        clock: Callable[[], int],
        faults: Faults,
        sleep: Callable[[float], None],
    ) -> None:
        self.folder = folder
        self.address = address
        self.clock = clock
        self.faults = faults
        self.sleep = sleep
        self.personas = load_personas()
        self.europeans = load_europeans()
        self.rollovers = {node.code: neighbours.rollover_of(folder / instance.MARK, node, clock()) for node in NODES}

    def lies(self) -> str:
        """What the broker tells services wrongly just now, "" for nothing."""
        fault = self.faults.on(BROKER)
        return fault.name if fault else ""

    def world(self, settings: Settings, broker: Flask) -> World:
        """All parties around this broker."""
        apps: dict[str, WSGIApplication] = {BROKER_HOST: broker.wsgi_app}
        apps |= {service.host: self.service(service).wsgi_app for service in SERVICES}
        apps |= {provider.host: self.provider(provider).wsgi_app for provider in PROVIDERS}
        data = {one.host: self.data_provider(one) for one in DATA_PROVIDERS}
        apps |= {host: one.app(self._party(one.provider)).wsgi_app for host, one in data.items()}
        connector = self.connector()
        apps |= {node.host: self.node(node, connector).wsgi_app for node in NODES}
        apps[COMUNE.host] = self.abroad(connector).wsgi_app
        recorder = Recorder(self.clock)
        hosts = {host: recorder.around(app, host) for host, app in apps.items()}
        published = Published(apps, self.address, tuple(one.checker.opened for one in data.values()))
        backstage = developer_app(recorder, self.faults, published, self.address)
        start = start_app(self.address, len(self.personas) + len(self.europeans))
        return World(
            address=self.address,
            settings=settings,
            broker=broker,
            hosts=hosts,
            application=_dispatcher(hosts, backstage.wsgi_app, start.wsgi_app),
            recorder=recorder,
            faults=self.faults,
            personas=self.personas,
            europeans=self.europeans,
            rollovers=self.rollovers,
            opened=published.opened,
        )

    def service(self, service: DemoService) -> Flask:
        """A service, registered at the broker."""
        home = self.address.of(service.host)
        secret = instance.secret_of(self.folder, service)
        relying = Relying(service, self.address.issuer, secret, home + CALLBACK, self.clock)
        data = DataUser(service.host, self.address, self.faults, self.clock, relying.revoke)
        simulated = SimulatedService(relying, home, self.address.of(BROKER_HOST, "/"), self.clock, data)
        return simulated.app(self._party(service))

    def provider(self, provider: DemoProvider) -> Flask:
        """A provider, where the broker is registered."""
        after_login, after_logout = self.address.at_provider(provider.id)
        secret = instance.secret_at(self.folder, provider)
        client = Registered(BROKER_AT_PROVIDERS, secret, (after_login,), (after_logout,))
        vouching = Vouching(provider, self.address.of(provider.host), client, self.clock)
        simulated = SimulatedProvider(vouching, self.personas, self.faults, self.clock, self.sleep)
        return simulated.app(self._party(provider))

    def data_provider(self, provider: DemoDataProvider) -> SimulatedDataProvider:
        """A data provider, registered at the broker."""
        checker, resource = self._checker(provider), self.address.resource(provider)
        return SimulatedDataProvider(provider, resource, checker, self.faults, self.clock)

    def _checker(self, provider: DemoDataProvider) -> Checker:
        issuer, caller = self.address.issuer, Caller(provider.host)
        if provider.encryption:
            return KeyedChecker(provider.id, issuer, caller, self.clock)
        secret = instance.secret_of(self.folder, provider)
        return SecretChecker(provider.id, issuer, caller, secret, self.address.resource(provider))

    def node(self, node: DemoNode, connector: SimulatedConnector) -> Flask:
        """Another country's node, which reads the broker's metadata where the broker publishes it."""
        signer = neighbours.metadata_key(self.folder / instance.MARK, node)
        own = OwnNode(node, self.address.of(node.host), self.rollovers[node.code], signer)
        simulated = SimulatedNode(own, self._published(node, "connector"), self.europeans, self.faults, self.clock)
        app = simulated.app(self._party(node))
        if node == COMUNE.node:
            connector.add_to(app)
        return app

    def connector(self) -> SimulatedConnector:
        """Another country's Connector, which reads what the broker publishes as a Proxy-Service."""
        signing, encryption = neighbours.connector_keys(self.folder / instance.MARK)
        own = OwnConnector(
            cast=COMUNE.node,
            home=self.address.of(COMUNE.node.host),
            signing=signing,
            encryption=encryption,
            signer=neighbours.metadata_key(self.folder / instance.MARK, COMUNE.node),
            back=self.address.of(COMUNE.host, BACK),
            provider=COMUNE.name.en,
        )
        return SimulatedConnector(own, self._published(COMUNE.node, "proxy"), self.clock)

    def abroad(self, connector: SimulatedConnector) -> Flask:
        """The service behind that Connector."""
        simulated = ServiceAbroad(COMUNE, self.address.of(COMUNE.node.host, LOGIN), connector.collect, self.clock)
        return simulated.app(self._party(COMUNE))

    def _party(self, one: DemoService | DemoProvider | DemoDataProvider | DemoNode | DemoServiceAbroad) -> Party:
        return Party(one.name, one.id, self._backstage())

    def _published(self, node: DemoNode, role: str) -> Callable[[], bytes]:
        """How a node gets the broker's metadata of a role."""
        caller, where = Caller(node.host), self.address.of(BROKER_HOST, f"/eidas/{role}/metadata")
        return lambda: caller.get(where).body

    def _backstage(self) -> str:
        return self.address.of(BROKER_HOST, "/dev/flow")


def _dispatcher(
    hosts: Mapping[str, "WSGIApplication"], backstage: "WSGIApplication", start: "WSGIApplication"
) -> "WSGIApplication":
    """One application for all host names: /dev of the broker's host comes before the broker."""

    def dispatch(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").rpartition(":")[0] or environ.get("HTTP_HOST", "")
        path = environ["PATH_INFO"]
        if host == BROKER_HOST and (path == "/dev" or path.startswith("/dev/")):
            return backstage(environ, start_response)
        return hosts.get(host, start)(environ, start_response)

    return dispatch


# -- the command ------------------------------------------------------------------------------------------------------


class DemoRefused(click.ClickException):
    """The demo cannot start, and why."""


def serve_demo(folder: Path, port: int, reset: bool, open_browser: bool) -> None:
    """Serve the world until Ctrl-C. Raises DemoRefused."""
    began = time.monotonic()
    check_port_free(port)
    if reset:
        forget(folder)
    world = build_world(folder, port, faults=Faults(_HABITS.items()))
    journal.keep_in(folder / "var" / "journal.log")
    with world.serve() as start_page:
        click.echo(banner(world, folder, time.monotonic() - began))
        if open_browser:
            webbrowser.open(start_page)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("\nstopped")


def check_port_free(port: int) -> None:
    """Another program on the port would answer in our place."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HERE, port))
        except OSError as taken:
            hint = f"choose another: passerelle demo --port {port + 1}"
            raise DemoRefused(f"port {port} cannot be used: {taken.strerror}\n  hint: {hint}") from taken


def forget(folder: Path) -> None:
    """Remove what an earlier demo left. Raises DemoRefused for a folder that no demo made."""
    if folder.exists():
        check_demo_folder(folder)
        shutil.rmtree(folder)


def check_demo_folder(folder: Path) -> None:
    """--reset removes a folder; only one that the demo made."""
    if not (folder / instance.MARK).is_dir():
        raise DemoRefused(f"{folder} was not made by the demo, so it stays\n  hint: remove it yourself, or use --folder")


def banner(world: World, folder: Path, seconds: float) -> str:
    """What the terminal says when everything runs."""
    of = world.address.of
    services = [(of(one.host, "/"), f"{one.name.en} ({_manner(one)})") for one in SERVICES]
    providers = [(of(one.host, "/"), f'identity provider "{one.name.fr}" ({_level(one)})') for one in PROVIDERS]
    data = [(of(one.host, "/"), f'data provider "{one.name.fr}" (checks the token)') for one in DATA_PROVIDERS]
    nodes = [(of(one.host, "/"), f"{one.name.en} (eIDAS)") for one in NODES]
    across = [
        (of(SERVICES[0].host, "/?as=eidas"), "Eleni (Greece) at the town hall"),
        (of(COMUNE.host, "/"), "Angela (France) at an Italian service"),
    ]
    people = len(world.personas) + len(world.europeans)
    lines = [
        f"Passerelle {metadata.version('passerelle')} demo: everything is simulated, nothing leaves this computer",
        "",
        *_listed("Start here", services),
        *_listed("Cross-border", across),
        *_listed("Behind", [(of(BROKER_HOST, "/"), "the broker"), *providers, *data, *nodes]),
        *_listed("Watch", [(of(BROKER_HOST, "/dev/flow"), "every message of the last login, decoded")]),
        *_listed("Break things", [(of(BROKER_HOST, "/dev/faults"), "wrong nonce, slow provider, …")]),
        "",
        f"  Test people   {people}: click one on the login page, no password",
        f"  Keys, data    {folder}  (start anew: passerelle demo --reset)",
        "",
        f"ready in {seconds:.1f} s - Ctrl-C to stop",
    ]
    return "\n".join(lines)


def _listed(title: str, entries: list[tuple[str, str]]) -> list[str]:
    return [f"  {title if first == 0 else '':<12}  {url:<36} {what}" for first, (url, what) in enumerate(entries)]


def _manner(service: DemoService) -> str:
    return "public service: informs" if service.public else "private service: asks for consent"


def _level(provider: DemoProvider) -> str:
    word = "substantial" if "eidas2" in provider.levels else "low"
    return f"{word}, slow" if provider.habit else word
