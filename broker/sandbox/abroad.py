"""A simulated service of another country: a button for French citizens, and a page that shows all that came of one."""

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.believing import Distrusted
from broker.sandbox.node.asking import OPTIONAL, SP_TYPES, USUAL
from broker.sandbox.node.connector import Outcome
from broker.sandbox.node.hearing import Person
from broker.sandbox.node.reading import LEVELS
from broker.sandbox.node.writing import Status
from broker.sandbox.pages import Party, new_app
from broker.sandbox.parties import DemoServiceAbroad
from broker.sandbox.shelf import Shelf

SESSION = "sp-session"
BACK = "/back"
_SECONDS = 1800
_TRIES = ("level", "sptype", "binding", "requester", "provider", "minimum", "wanted")
"""What an address may ask for, for trying out; the Connector reads it (`asking.wish_of`)."""
_CHOICES = {"levels": LEVELS, "sp_types": SP_TYPES, "optional": OPTIONAL, "usual": USUAL}


class ServiceAbroad:
    """One service and its sessions.

    `connector` is the address at which its country's Connector takes citizens over; `collect` gets from there, once, what
    became of a login.
    """

    def __init__(
        self,
        service: DemoServiceAbroad,
        connector: str,
        collect: Callable[[str], Outcome | None],
        clock: Callable[[], int],
    ) -> None:
        self.service = service
        self.connector = connector
        self.collect = collect
        self.pending: Shelf[str] = Shelf(_SECONDS, clock)
        self.sessions: Shelf[Person | Status] = Shelf(_SECONDS, clock)

    def app(self, party: Party) -> Flask:
        """Its pages."""
        app = new_app(party, languages=self.service.languages)
        app.register_error_handler(Distrusted, _distrusted)
        app.context_processor(lambda: {"tries": self._tries(), **_CHOICES})
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/login", view_func=self.log_in)
        app.add_url_rule(BACK, view_func=self.back)
        app.add_url_rule("/logout", view_func=self.log_out, methods=["POST"])
        return app

    def home(self) -> str:
        """The button; or who came, or why nobody did."""
        found = self.sessions.read(request.cookies.get(SESSION))
        if isinstance(found, Person):
            return render_template("abroad_person.html", person=found)
        return render_template("abroad_home.html", status=found)

    def _tries(self) -> list[tuple[str, str]]:
        """What the address asks for, to be handed on."""
        return [(name, value) for name, value in request.args.items(multi=True) if name in _TRIES]

    def log_in(self) -> AnyResponse:
        """The button: to the country's Connector."""
        state = secrets.token_urlsafe(16)
        response = redirect(f"{self.connector}?{urlencode([*self._tries(), ('state', state)])}", 303)
        _set(response, _pending(state), self.pending.put(state))
        return response

    def back(self) -> AnyResponse:
        """From the Connector, in the browser that was sent there."""
        state = request.args.get("state", "")
        check_asked(state, self.pending.take(request.cookies.get(_pending(state))))
        outcome = self.collect(request.args.get("result", ""))
        check_outcome(state, outcome)
        response = redirect("/", 303)
        if outcome is not None:
            _set(response, SESSION, self.sessions.put(outcome.answer))
        response.delete_cookie(_pending(state), httponly=True, samesite="Lax", path="/")
        return response

    def log_out(self) -> AnyResponse:
        """Ends the session here; there is no other."""
        self.sessions.take(request.cookies.get(SESSION))
        response = redirect("/", 303)
        response.delete_cookie(SESSION, httponly=True, samesite="Lax", path="/")
        return response


def check_asked(received: str, expected: str | None) -> None:
    """A login belongs to the browser in which the button was pressed; else somebody else's could be slipped in."""
    if received != expected:
        raise Distrusted("state: this login was not asked for by this browser")


def check_outcome(state: str, outcome: Outcome | None) -> None:
    """What is collected belongs to this login, and is there once."""
    if outcome is None or outcome.state != state:
        raise Distrusted("result: this is not the outcome of this login")


def _pending(state: str) -> str:
    """The cookie of one login: two tabs may be on their way at the same time."""
    return f"sp-asked-{state[:12]}"


def _set(response: AnyResponse, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, httponly=True, samesite="Lax", path="/")


def _distrusted(distrusted: Distrusted) -> tuple[str, int]:
    return render_template("abroad_home.html", status=None, refused=str(distrusted)), 400
