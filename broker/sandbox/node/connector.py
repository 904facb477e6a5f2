"""The endpoints of the simulated Connector: a service of its country asks for a citizen of ours, and gets what came."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.calling import CallFailed
from broker.sandbox.node.asking import BINDINGS as WAYS
from broker.sandbox.node.asking import Asking, Wish, wish_of
from broker.sandbox.node.asking import request as written
from broker.sandbox.node.counterpart import Country, read_country
from broker.sandbox.node.hearing import Awaited, Person, hear
from broker.sandbox.node.node import AUTO_HASH
from broker.sandbox.node.published import connector_acs, connector_id, connector_metadata
from broker.sandbox.node.reading import NotUnderstood, decoded, parsed, require
from broker.sandbox.node.security import Element, NodeKey
from broker.sandbox.node.writing import Status
from broker.sandbox.parties import DemoNode
from broker.sandbox.shelf import Shelf

LOGIN = "/connector/login"
_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class OwnConnector:
    """What a Connector is: its place in the cast, its origin (`http://node.it.localhost:8000`), its keys (`signer` is for
    its metadata), and its one service.

    `back` is the address of the service that citizens return to, `provider` the name of the service.
    """

    cast: DemoNode
    home: str
    signing: NodeKey
    encryption: NodeKey
    signer: NodeKey
    back: str
    provider: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that has no answer yet. `state` is the service's, `relay_state` ours."""

    country: Country
    level: str
    at: int
    state: str
    relay_state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a login, for the service that began it with this state."""

    state: str
    answer: Person | Status


class SimulatedConnector:
    """One country's Connector. `proxy` gets the broker's metadata, for each request; it may raise CallFailed."""

    def __init__(self, own: OwnConnector, proxy: Callable[[], bytes], clock: Callable[[], int]) -> None:
        self.own = own
        self.proxy = proxy
        self.clock = clock
        self.sent: Shelf[Sent] = Shelf(_SECONDS, clock)
        self.outcomes: Shelf[Outcome] = Shelf(_SECONDS, clock)

    def add_to(self, app: Flask) -> None:
        """Its endpoints beside those of its country's Proxy-Service, at the same host."""
        app.context_processor(lambda: {"connector": True})
        app.add_url_rule("/connector/metadata", view_func=self.connector_metadata)
        app.add_url_rule(LOGIN, view_func=self.connector_login)
        app.add_url_rule("/connector/acs", view_func=self.connector_acs, methods=["POST"])

    def connector_metadata(self) -> AnyResponse:
        """What the broker fetches: made anew for whoever asks."""
        own = self.own
        octets = connector_metadata(own.cast, own.home, own.signing, own.encryption, own.signer, self.clock())
        return Response(octets, mimetype="application/samlmetadata+xml")

    # -- a request goes out -------------------------------------------------------------------------------------------

    def connector_login(self) -> AnyResponse:
        """The service sends somebody; the request travels on in the same browser."""
        wish = wish_of(request.args, request.args.getlist("wanted"), self.own.provider)
        sent = Sent(self._country(), wish.level, self.clock(), request.args.get("state", ""), secrets.token_urlsafe(16))
        way = WAYS[wish.binding]
        address = sent.country.address(wish.binding)
        carried = way(self._request(wish, self.sent.put(sent), address), self.own.signing, sent.relay_state, address)
        if not carried.fields:
            return redirect(carried.address, 303)
        return _form("connector_post.html", action=carried.address, fields=carried.fields)

    def _country(self) -> Country:
        try:
            return read_country(self.proxy(), self.clock())
        except CallFailed:
            raise NotUnderstood("France's metadata cannot be read") from None

    def _request(self, wish: Wish, handle: str, address: str) -> Element:
        return written(Asking(f"_{handle}", connector_id(self.own.home), address, self.clock()), wish)

    # -- an answer comes in -------------------------------------------------------------------------------------------

    def connector_acs(self) -> AnyResponse:
        """The answer, by every check; the citizen goes on to the service.

        A page of ours is between, for a redirect would end a form that the broker's content policy lets end here alone.
        """
        octets = decoded(request.form, "SAMLResponse")
        handle = parsed(octets).get("InResponseTo", "").removeprefix("_")
        sent = _asked(self.sent.read(handle))
        check_relay_state(request.form.get("RelayState", ""), sent.relay_state)
        answer = hear(octets, self._awaited(handle, sent))
        _asked(self.sent.take(handle))
        fields = {"state": sent.state, "result": self.outcomes.put(Outcome(sent.state, answer))}
        return _form("connector_back.html", action=self.own.back, fields=fields, method="get")

    def _awaited(self, handle: str, sent: Sent) -> Awaited:
        return Awaited(
            country=sent.country,
            entity_id=connector_id(self.own.home),
            acs=connector_acs(self.own.home),
            request=f"_{handle}",
            level=sent.level,
            asked=sent.at,
            now=self.clock(),
            key=self.own.encryption,
        )

    def collect(self, result: str) -> Outcome | None:
        """What the service came for, once."""
        return self.outcomes.take(result)


def _form(template: str, **inside: object) -> AnyResponse:
    """A page whose form goes by itself."""
    g.script_source = AUTO_HASH
    return Response(render_template(template, **inside))


def check_relay_state(received: str, sent: str) -> None:
    """SAML Bindings 3.5.3: the RelayState comes back as it was sent."""
    require(received == sent, "the RelayState is another")


def _asked(sent: Sent | None) -> Sent:
    if sent is None:
        raise NotUnderstood("nobody asked for this, or it was answered before")
    return sent
