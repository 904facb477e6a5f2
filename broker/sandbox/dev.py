"""The developer's pages: the last login explained, the faults to switch, and the start page with every address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, redirect, render_template, request
from joserfc.jwk import KeySet
from werkzeug.test import Client
from werkzeug.wrappers import Response as AnyResponse

from broker.parties import Text
from broker.sandbox.faults import FAULTS, Faults
from broker.sandbox.flow import last_login, tell
from broker.sandbox.pages import Party, new_app
from broker.sandbox.parties import BROKER_NAME, PROVIDERS, SERVICES, Address
from broker.sandbox.personas import Persona
from broker.sandbox.recorder import Recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Published:
    """The keys that the parties publish, asked of the applications themselves so that no message of it is recorded."""

    apps: Mapping[str, "WSGIApplication"]
    address: Address

    def __call__(self, issuer: str) -> KeySet | None:
        """The keys of an issuer of this world, or None."""
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
    app.context_processor(lambda: {"services": SERVICES, "providers": PROVIDERS, "address": address})

    @app.get("/dev")
    def index() -> str:
        return render_template("dev.html")

    @app.get("/dev/flow")
    def flow() -> str:
        story = tell(last_login(recorder.exchanges()), published, address.port)
        return render_template("flow.html", story=story)

    @app.get("/dev/faults")
    def show_faults() -> str:
        on = {provider.id: fault.name for provider in PROVIDERS if (fault := faults.on(provider.id))}
        return render_template("faults.html", faults=FAULTS, on=on, saved="saved" in request.args)

    @app.post("/dev/faults")
    def switch_faults() -> AnyResponse:
        for provider in PROVIDERS:
            name = request.form.get(provider.id, "")
            faults.switch(provider.id, name if name in FAULTS or name == provider.habit else None)
        return redirect("/dev/faults?saved=1", 303)

    return app


def start_app(address: Address, personas: Mapping[str, Persona]) -> Flask:
    """The page at every other name of this machine: where to begin."""
    app = new_app(Party(Text("Passerelle, démonstration", "Passerelle demo"), "start", f"{address.broker}/dev/flow"))

    def start(path: str = "") -> tuple[str, int]:
        page = render_template(
            "start.html",
            address=address,
            services=SERVICES,
            providers=PROVIDERS,
            broker=BROKER_NAME,
            people=len(personas),
        )
        return page, 404 if path else 200

    app.add_url_rule("/", view_func=start)
    app.add_url_rule("/<path:path>", "elsewhere", view_func=start)
    return app
