"""The pages of a simulated node: a request comes in, somebody clicks on a card, an answer goes back through the browser."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import Flask, Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.calling import CallFailed
from broker.sandbox.faults import Faults
from broker.sandbox.node import security, writing
from broker.sandbox.node.people import LOGIN, European
from broker.sandbox.node.published import endpoint, entity_id, node_metadata
from broker.sandbox.node.reading import (
    LEVELS,
    Asked,
    NotUnderstood,
    Partner,
    Receiving,
    read_partner,
    read_posted,
    read_redirected,
)
from broker.sandbox.node.rollover import Rollover
from broker.sandbox.node.sealing import encrypted
from broker.sandbox.node.security import Element, NodeKey
from broker.sandbox.node.writing import Answering, Login, Status, login_of
from broker.sandbox.pages import Party, new_app
from broker.sandbox.parties import DemoNode
from broker.sandbox.shelf import Shelf

_SECONDS = 1800
_AUTO = "document.forms[0].submit()"
AUTO_HASH = f"'sha256-{b64encode(hashlib.sha256(_AUTO.encode()).digest()).decode()}'"
"""The script that sends a form by itself, as a content policy names it."""


@dataclass(frozen=True, slots=True)
class OwnNode:
    """What a node is: its place in the cast, its origin (`http://node.el.localhost:8000`), the keys that its messages are
    signed with, and the one that its metadata is signed with.
    """

    cast: DemoNode
    home: str
    rollover: Rollover
    signer: NodeKey


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request whose citizen looks at the cards."""

    asked: Asked
    relay_state: str
    partner: Partner


class SimulatedNode:
    """One country's node. `connector` gets the broker's metadata, for each request; it may raise CallFailed."""

    def __init__(
        self,
        own: OwnNode,
        connector: Callable[[], bytes],
        people: Mapping[str, European],
        faults: Faults,
        clock: Callable[[], int],
    ) -> None:
        self.own = own
        self.connector = connector
        self.people = people
        self.faults = faults
        self.clock = clock
        self.waiting: Shelf[Waiting] = Shelf(_SECONDS, clock)
        self.last = ""
        self.logins = 0

    def app(self, party: Party) -> Flask:
        """Its pages and endpoints."""
        app = new_app(party)
        app.register_error_handler(NotUnderstood, _not_understood)
        app.context_processor(lambda: {"node": self.own.cast, "auto": _AUTO, "login": LOGIN})
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/metadata", view_func=self.metadata)
        app.add_url_rule("/sso", view_func=self.sso, methods=["GET", "POST"])
        app.add_url_rule("/login", view_func=self.cards)
        app.add_url_rule("/login", view_func=self.log_in, methods=["POST"])
        app.add_url_rule("/cancel", view_func=self.cancel, methods=["POST"])
        self.own.rollover.add_to(app)
        return app

    def home(self) -> str:
        """What this place is."""
        return render_template("node_home.html")

    def metadata(self) -> AnyResponse:
        """What the broker fetches: made anew for whoever asks."""
        own = self.own
        octets = node_metadata(own.cast, own.home, own.rollover.keys.published, own.signer, self.clock())
        return Response(octets, mimetype="application/samlmetadata+xml")

    # -- a request comes in -------------------------------------------------------------------------------------------

    def sso(self) -> str:
        """HTTP-POST, or HTTP-Redirect with the signature in the query or in the message."""
        partner = self._partner()
        receiving = Receiving(partner, endpoint(self.own.home), self.own.cast.levels, self.clock())
        if request.method == "POST":
            asked = read_posted(request.form, receiving)
        else:
            asked = read_redirected(request.query_string.decode("ascii", "replace"), request.args, receiving)
        waiting = Waiting(asked, request.values.get("RelayState", ""), partner)
        return self._cards(self.waiting.put(waiting), waiting)

    def _partner(self) -> Partner:
        try:
            return read_partner(self.connector())
        except CallFailed:
            raise NotUnderstood("the Connector's metadata cannot be read") from None

    def cards(self) -> str:
        """The login page once more, in another language."""
        handle = request.args.get("r", "")
        return self._cards(handle, _there(self.waiting.read(handle)))

    def _cards(self, handle: str, waiting: Waiting) -> str:
        people = [(person, self._enough(person, waiting.asked)) for person in self.people.values()]
        return render_template("node_login.html", handle=handle, asked=waiting.asked, people=people)

    def _enough(self, person: European, asked: Asked) -> bool:
        return LEVELS.index(self._level(person)) >= LEVELS.index(asked.level)

    def _level(self, person: European) -> str:
        """The level at which somebody proves himself here: no country vouches at more than it publishes."""
        return min(person.level, self.own.cast.levels[-1], key=LEVELS.index)

    # -- an answer goes back ------------------------------------------------------------------------------------------

    def log_in(self) -> AnyResponse:
        """A card was clicked."""
        person = self.people.get(request.form.get("persona", ""))
        if person is None:
            raise NotUnderstood("nobody is known by this name")
        waiting = self._take()
        if not self._enough(person, waiting.asked):
            return self._post(self._refusal(waiting, _TOO_WEAK), waiting)
        return self._post(self._answer(waiting, person), waiting)

    def cancel(self) -> AnyResponse:
        """The citizen goes back without logging in."""
        waiting = self._take()
        return self._post(self._refusal(waiting, REFUSALS["cancel"]), waiting)

    def _take(self) -> Waiting:
        return _there(self.waiting.take(request.form.get("login")))

    def _around(self, waiting: Waiting) -> Answering:
        partner, own = waiting.partner, entity_id(self.own.home)
        return Answering(own, partner.acs, waiting.asked.id, partner.entity_id, self.clock())

    def _refusal(self, waiting: Waiting, status: Status) -> str:
        return self._signed(writing.response(self._around(waiting), status))

    def _answer(self, waiting: Waiting, person: European) -> str:
        """The answer, with the fault that is on."""
        fault = self.faults.on(self.own.cast.code)
        name = fault.name.removeprefix("country.") if fault else ""
        if name in REFUSALS:
            return self._refusal(waiting, REFUSALS[name])
        if name == "replay" and self.last:
            return self.last
        self.logins += 1
        level = "low" if name == "lower_loa" else self._level(person)
        login = login_of(person, self.own.cast.code, self.logins, level, waiting.asked.attributes)
        answer = self._success(waiting, login, name)
        self.last = answer
        return writing.spoilt(answer) if name == "bad_sig" else answer

    def _success(self, waiting: Waiting, login: Login, fault: str) -> str:
        around, inside = SPOILT.get(fault, _unspoilt)(self._around(waiting))
        said = writing.assertion(inside, login)
        if fault != "not_encrypted":
            said = encrypted(said, waiting.partner.encryption)
        return self._signed(writing.response(around, Status("Success"), said), weak=fault == "sha1")

    def _signed(self, root: Element, weak: bool = False) -> str:
        key = self.own.rollover.keys.signing
        if weak:
            security.sign(root, key, security.WEAK[key.method], security.SHA1)
        else:
            security.sign(root, key)
        return writing.posted(root)

    def _post(self, answer: str, waiting: Waiting) -> AnyResponse:
        g.script_source = AUTO_HASH
        fields = {"SAMLResponse": answer, "RelayState": waiting.relay_state}
        return Response(render_template("node_post.html", action=waiting.partner.acs, fields=fields))


_TOO_WEAK = Status("Responder", "AuthnFailed", "the means of identification is too weak")
REFUSALS: Mapping[str, Status] = {
    "cancel": Status("Responder", "RequestDenied", "the citizen cancelled"),
    "responder_error": Status("Responder", "", "an internal error, in words that nobody should see"),
}
"""The faults that are answers without an identity."""


def _unspoilt(right: Answering) -> tuple[Answering, Answering]:
    return right, right


SPOILT: Mapping[str, Callable[[Answering], tuple[Answering, Answering]]] = {
    "wrong_audience": lambda right: (right, replace(right, audience="https://another-connector.example/metadata")),
    "expired_assertion": lambda right: (right, replace(right, now=right.now - 1800)),
    "clock+10m": lambda right: _unspoilt(replace(right, now=right.now + 600)),
}
"""The faults that say something wrong: what then stands around the Response, and around the assertion."""


def _there(waiting: Waiting | None) -> Waiting:
    if waiting is None:
        raise NotUnderstood("this request was answered before, or is too old")
    return waiting


def _not_understood(error: NotUnderstood) -> tuple[str, int]:
    return render_template("node_message.html", reason=str(error)), 400
