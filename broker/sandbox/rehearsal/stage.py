"""A real broker for one service: its own keys, its own store in memory, the rules and answers of every broker.

Two things are different. Whoever comes to the authorization endpoint is identified at once as the citizen of the script,
who agrees to everything; and what the script says is false in the answer. So the service is tried as it stands, with
nothing changed in it: the registration, the secret and the keys that it has here are the ones of its instance.
"""

import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from broker.app import create_app
from broker.errors import Problem
from broker.fetch import Fetcher, localhost_resolver
from broker.identity import Person
from broker.journey import Consenting, Demand, Passage, Proof
from broker.parties import Parties, Service
from broker.relying.encrypting import envelope
from broker.relying.keys import source_of
from broker.relying.oidc import demand_of
from broker.sandbox.falsify import TOKEN_VIEW, USERINFO_VIEW, Falsify, falsified, lie
from broker.session import Session
from broker.settings import Settings
from broker.settings.model import Node
from broker.store import open_store
from broker.vault import Change
from broker.web.posting import refusal_page
from broker.web.rooms import Rooms
from certs.keyring import load_keyring, new_key
from certs.keys import State, Use
from certs.rotation import next_step, take
from oidc.answering import in_query, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Citizen = Callable[[Demand], Person]
AUTHORIZE, TOKEN, USERINFO_ENDPOINT = "oidc.authorize", TOKEN_VIEW, USERINFO_VIEW
KEYS, END_SESSION = "oidc.jwks", "oidc.end_session"
_MEANS = ("pwd", "otp", "mfa")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error in the place of a login: `code` is ours, `description` what the service is told."""

    error: str
    description: str
    code: str


@dataclass(frozen=True, slots=True)
class Script:
    """What happens at the next login: who comes, or why nobody does, and what is false in the answer."""

    citizen: Citizen
    refusal: Refusal | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that the stage answered: the endpoint, its parameters, the status, and the error's words ("")."""

    endpoint: str
    values: Mapping[str, str]
    status: int
    error: str = ""


@dataclass(slots=True)
class Heard:
    """What the stage heard since the last scene began. `falsified` counts the false answers that were sent."""

    calls: list[Call] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    falsified: int = 0

    def of(self, endpoint: str) -> list[Call]:
        """The calls of one endpoint."""
        return [call for call in self.calls if call.endpoint == endpoint]


class Stage:
    """The broker of a rehearsal. `script` is set before each login; `heard` is made anew by `begin`.

    `keys_fetched` is when the service last fetched our keys (Unix seconds).
    """

    def __init__(
        self, settings: Settings, service: Service, public_url: str, folder: Path, script: Script, clock: Callable[[], int]
    ) -> None:
        self.service = service
        self.issuer = f"{public_url}/api/v2"
        self.script = script
        self.heard = Heard()
        self.keys_fetched = 0
        self._keys_folder = folder / "keys"
        self._clock = clock
        self._store = open_store("memory:", clock)
        self._settings = _settings(settings, service, public_url, folder)
        self._keys = {service.client_id: source_of(service.keys, _fetcher(), clock)} if service.keys else {}
        new_key(self._keys_folder, Use.OP_SIGNING, service.algorithm, State.ACTIVE, clock())
        self._app = self._built()

    def begin(self, script: Script) -> None:
        """Another scene."""
        self.script, self.heard = script, Heard()

    def since_keys_fetched(self) -> int:
        """Seconds since the service last looked at our keys."""
        return self._clock() - self.keys_fetched

    def rotate(self) -> None:
        """From now on another key signs; the one before is still published, as in every rotation."""
        algorithm, use = self.service.algorithm, Use.OP_SIGNING
        for _ in range(2):  # publish, activate
            step = next_step(load_keyring(self._keys_folder), use, algorithm, self._clock(), 0)
            take(step, self._keys_folder, lambda state: new_key(self._keys_folder, use, algorithm, state, self._clock()))
        self._app = self._built()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        """The application in force."""
        return self._app.wsgi_app(environ, start_response)

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Serve at the port of the public address, on this machine alone. Raises OSError when the port is taken."""
        port = urlsplit(self.issuer).port or 80
        with socket.create_server(("127.0.0.1", port)) as own:  # werkzeug would end the program where it has none
            server = make_server("127.0.0.1", port, self, threaded=True, request_handler=_Quiet, fd=own.fileno())
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()
                server.server_close()

    # -- the app ------------------------------------------------------------------------------------------------------

    def _built(self) -> Flask:
        app = create_app(self._settings, store=self._store, fetch=_fetcher(), clock=self._clock, chores=False)
        rooms = app.extensions["passerelle"]
        app.view_functions[AUTHORIZE] = lambda: self._authorize(rooms())
        lie(app, lambda token, faults: self._told(rooms(), token, faults))
        app.after_request(self._note)
        return app

    def _note(self, response: Response) -> Response:
        if request.endpoint == KEYS:
            self.keys_fetched = self._clock()
        told = response.get_json(silent=True) if response.status_code >= 400 else None
        error = f"{told.get('error')}: {told.get('error_description')}" if isinstance(told, dict) else ""
        self.heard.calls.append(Call(request.endpoint or "", request.values.to_dict(), response.status_code, error))
        return response

    def _authorize(self, rooms: Rooms) -> Response:
        asked = rooms.asking.hear(list(request.args.items(multi=True)))
        demand = demand_of(asked.request, self.service, rooms.parties.data_scopes)
        self.heard.demands.append(demand)
        with rooms.vault.change() as change:
            if asked.once:
                asked.once(change)
            passage = self._refused(rooms, demand) if self.script.refusal else self._granted(rooms, change, demand)
        if not passage.fields:
            return redirect(passage.location, 303)
        page = refusal_page(self.service, passage.location, passage.fields, demand.reference)
        return Response(page, mimetype="text/html")

    def _granted(self, rooms: Rooms, change: Change, demand: Demand) -> Passage:
        proof = Proof(self.script.citizen(demand), demand.level, "rehearsal", self._clock(), _MEANS)
        ready = Consenting(demand, proof).consent(agreed=True, data=demand.data)
        return rooms.relying.grant(change, ready, Session(proof, secrets.token_bytes(16)).sid(demand.service)).passage

    def _refused(self, rooms: Rooms, demand: Demand) -> Passage:
        refused = self.script.refusal
        assert refused is not None  # noqa: S101 - whoever calls has just seen it
        usual = rooms.relying.refuse(demand, Problem(refused.code))
        uri = rooms.relying.help_url(refused.code, demand.reference)
        told = refusal(
            demand.note["state"], self.issuer, error=refused.error, description=refused.description, error_uri=uri
        )
        if usual.fields:
            return Passage(usual.location, told)
        return Passage(in_query(demand.note["redirect_uri"], told))

    def _told(self, rooms: Rooms, token: str, faults: Mapping[str, Falsify]) -> str:
        """The token as the service gets it: false if the script says so, and encrypted if it wants it so."""
        fault = faults.get(self.script.fault)
        if fault is not None:
            token = falsified(token, fault, rooms.keyring.signing(self.service.algorithm))
            self.heard.falsified += 1
        return envelope(self.service, self._keys, self.issuer).around(token)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """The report says what happened."""


def _fetcher() -> Fetcher:
    return Fetcher(localhost_resolver, allow_http=True)


def _settings(settings: Settings, service: Service, public_url: str, folder: Path) -> Settings:
    """The instance's, for this service alone; it encrypts nothing, because what is false is put in before."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    plain = replace(service, encrypt="", europe=False)
    return replace(
        settings,
        secrets_folder=folder,
        mode="sandbox",
        public_url=public_url,
        database="memory:",
        parties=Parties({service.id: plain}, {}, data=settings.parties.data),
        node=Node(),
        console=None,
    )
