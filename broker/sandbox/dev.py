"""The developer's pages: the last login explained, the faults to switch, and the start page with every address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, redirect, render_template, request
from joserfc.jwk import KeySet
from werkzeug.test import Client
from werkzeug.wrappers import Response as AnyResponse

from broker.parties import Text
from broker.sandbox.decoding import Certificates
from broker.sandbox.faults import BROKER, BROKER_FAULTS, COUNTRY_FAULTS, DATA_FAULTS, FAULTS, Faults
from broker.sandbox.flow import last_login, tell
from broker.sandbox.node.showing import certificates_in
from broker.sandbox.pages import Party, new_app
from broker.sandbox.parties import BROKER_NAME, COMUNE, DATA_PROVIDERS, NODES, PROVIDERS, SERVICES, Address
from broker.sandbox.recorder import Recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_DISCOVERY = "/.well-known/openid-configuration"
_METADATA = "/metadata"
_CAST = {"services": SERVICES, "providers": PROVIDERS, "data": DATA_PROVIDERS, "nodes": NODES}


@dataclass(frozen=True, slots=True)
class Published:
    """The keys that the parties publish, asked of the applications themselves so that no message of it is recorded.

    `openers` read what was encrypted for data providers: it is their keys that the backstage borrows.
    """

    apps: Mapping[str, "WSGIApplication"]
    address: Address
    openers: tuple[Callable[[str], str | None], ...] = ()

    def opened(self, sealed: str) -> str | None:
        """What is in a JWE that was made for a data provider of this world; None for any other."""
        return next((text for opener in self.openers if (text := opener(sealed)) is not None), None)

    def __call__(self, issuer: str) -> KeySet | Certificates | None:
        """The keys of an issuer of this world, or certificates where its name is that of metadata; else None."""
        return self._certificates(issuer) if issuer.endswith(_METADATA) else self._keys(issuer)

    def _certificates(self, entity_id: str) -> Certificates | None:
        for host, app in self.apps.items():
            root = self.address.of(host)
            if entity_id.startswith(f"{root}/"):
                return certificates_in(Client(app).get(entity_id.removeprefix(root), base_url=root).data)
        return None

    def _keys(self, issuer: str) -> KeySet | None:
        for one in DATA_PROVIDERS:
            if issuer == one.id:  # it signs as the client that it is at the broker (RFC 7523 3)
                return KeySet.import_key_set(Client(self.apps[one.host]).get("/jwks").json)  # type: ignore[arg-type]  # our own
        for host, app in self.apps.items():
            root = self.address.of(host)
            if issuer in (root, f"{root}/api/v2"):
                client = Client(app)
                found = client.get(issuer.removeprefix(root) + _DISCOVERY, base_url=root).json
                keys = client.get(str(found["jwks_uri"]).removeprefix(root), base_url=root).json if found else None
                return KeySet.import_key_set(keys) if keys else None
        return None


def developer_app(recorder: Recorder, faults: Faults, published: Published, address: Address) -> Flask:
    """The pages under /dev of the broker's host. English only."""
    app = new_app(Party(Text("Coulisses", "Backstage"), "dev", ""), "/dev/static", ("en",))
    app.context_processor(lambda: _CAST | {"address": address})

    @app.get("/dev")
    def index() -> str:
        return render_template("dev.html")

    @app.get("/dev/flow")
    def flow() -> str:
        story = tell(last_login(recorder.exchanges()), published, address.port, published.opened)
        return render_template("flow.html", story=story)

    @app.get("/dev/faults")
    def show_faults() -> str:
        parties = (BROKER, *(one.id for one in (*PROVIDERS, *DATA_PROVIDERS)), *(node.code for node in NODES))
        on = {party: fault.name for party in parties if (fault := faults.on(party))}
        known = {
            "faults": FAULTS,
            "data_faults": DATA_FAULTS,
            "country_faults": COUNTRY_FAULTS,
            "broker_faults": BROKER_FAULTS,
        }
        return render_template("faults.html", **known, broker=BROKER_NAME, on=on, saved="saved" in request.args)

    @app.post("/dev/faults")
    def switch_faults() -> AnyResponse:
        for provider in PROVIDERS:
            name = request.form.get(provider.id, "")
            faults.switch(provider.id, name if name in FAULTS or name == provider.habit else None)
        for one in DATA_PROVIDERS:
            name = request.form.get(one.id, "")
            faults.switch(one.id, name if name in DATA_FAULTS else None)
        for node in NODES:
            name = request.form.get(node.code, "")
            faults.switch(node.code, name if name in COUNTRY_FAULTS else None)
        name = request.form.get(BROKER, "")
        faults.switch(BROKER, name if name in BROKER_FAULTS else None)
        return redirect("/dev/faults?saved=1", 303)

    return app


def start_app(address: Address, people: int) -> Flask:
    """The page at every other name of this machine: where to begin."""
    app = new_app(Party(Text("Passerelle, démonstration", "Passerelle demo"), "start", f"{address.broker}/dev/flow"))

    def start(path: str = "") -> tuple[str, int]:
        page = render_template(
            "start.html",
            address=address,
            services=SERVICES,
            providers=PROVIDERS,
            data=DATA_PROVIDERS,
            broker=BROKER_NAME,
            people=people,
            nodes=NODES,
            abroad=COMUNE,
        )
        return page, 404 if path else 200

    app.add_url_rule("/", view_func=start)
    app.add_url_rule("/<path:path>", "elsewhere", view_func=start)
    return app
