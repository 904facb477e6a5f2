"""A simulated service (FS): a page with the button, a callback, and a page that shows every claim that came."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.believing import Distrusted
from broker.sandbox.data.using import DataUser
from broker.sandbox.pages import Party, language, new_app
from broker.sandbox.parties import BROKER_NAME
from broker.sandbox.relying import Denied, Pending, Relying, SignedIn, Wish
from broker.sandbox.shelf import Shelf
from broker.sandbox.told import Ended, read_logout

SESSION = "fs-session"
CALLBACK, SIGNED_OUT, TOLD = "/callback", "/signed-out", "/backchannel-logout"
_LEVELS = ("eidas1", "eidas2", "eidas3")
_PROMPTS = ("login", "consent", "none")


@dataclass(frozen=True, slots=True)
class Failure:
    """What the error page says: the code of an OAuth error, or "" when one of our own checks failed."""

    error: str
    detail: str


class SimulatedService:
    """One service and its sessions. `home` is its own public address; `data` asks data providers, if there are any."""

    def __init__(
        self, relying: Relying, home: str, about: str, clock: Callable[[], int], data: DataUser | None = None
    ) -> None:
        self.relying = relying
        self.data = data
        self.home_url = home
        self.about = about
        self._clock = clock
        self.pending: Shelf[Pending] = Shelf(1800, clock)
        self.sessions: Shelf[SignedIn] = Shelf(3600, clock)
        self.leaving: Shelf[str] = Shelf(1800, clock)
        self.ended = Ended()

    def app(self, party: Party) -> Flask:
        """Its pages."""
        app = new_app(party)
        app.register_error_handler(Denied, _denied)
        app.register_error_handler(Distrusted, _distrusted)
        app.context_processor(lambda: {"broker": BROKER_NAME[language()], "about": self.about})
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/login", view_func=self.log_in)
        app.add_url_rule(CALLBACK, view_func=self.callback)
        app.add_url_rule("/ask", view_func=self.ask, methods=["POST"])
        app.add_url_rule("/logout", view_func=self.logout, methods=["POST"])
        app.add_url_rule(SIGNED_OUT, view_func=self.signed_out)
        app.add_url_rule(TOLD, view_func=self.told, methods=["POST"])
        return app

    def home(self) -> str:
        """The button, or who is signed in, or that he has signed out elsewhere."""
        service, signed_in = self.relying.service, self.sessions.read(request.cookies.get(SESSION))
        if signed_in is not None and signed_in.sid in self.ended:
            self.sessions.take(request.cookies.get(SESSION))
            return render_template("service_signed_out.html", service=service, elsewhere=True)
        if signed_in is None:
            return render_template("service_home.html", service=service)
        return render_template(
            "service_signed_in.html", service=service, signed_in=signed_in, agreements=f"{self.about}mes-autorisations"
        )

    def log_in(self) -> AnyResponse:
        """The button: to the broker. Its parameters are for trying out what a service may ask."""
        location, pending = self.relying.ask(self._wish())
        response = redirect(location, 303)
        _set(response, _pending(pending.state), self.pending.put(pending))
        return response

    def _wish(self) -> Wish:
        asked = request.args
        prompt, level = asked.get("prompt"), asked.get("level", "")
        service, scopes = self.relying.service, asked.get("scope", "").split()
        data = self._data_wished(scopes)
        resources = self.data.resources(data) if self.data and service.bound else ()
        picked = tuple(scope for scope in service.scopes if scope in scopes)
        return Wish(
            scopes=("openid",) if resources else picked or service.scopes,
            level=level if level in _LEVELS else "eidas1",
            prompt=prompt if prompt in _PROMPTS else None,
            language=asked.get("ui_locales", language()),
            data=data,
            resources=resources,
        )

    def _data_wished(self, scopes: list[str]) -> tuple[str, ...]:
        """What is asked of data providers: at each login, or where the second button was pressed."""
        service = self.relying.service
        if self.data is None or (service.offer and "data" not in request.args):
            return ()
        return tuple(need.scope for need in service.data if need.scope in scopes or not scopes)

    def callback(self) -> AnyResponse:
        """The broker's answer."""
        cookie = _pending(request.args.get("state", ""))
        pending = self.pending.take(request.cookies.get(cookie))
        signed_in = self.relying.hear(request.args, pending)
        response = redirect("/", 303)
        _set(response, SESSION, self.sessions.put(self._with_data(signed_in)))
        response.delete_cookie(cookie, httponly=True, samesite="Lax", path="/")
        return response

    def ask(self) -> AnyResponse:
        """Ask the data providers once more: what they delivered is not kept longer than it is needed."""
        signed_in = self.sessions.take(request.cookies.get(SESSION))
        response = redirect("/", 303)
        if signed_in is not None:
            _set(response, SESSION, self.sessions.put(self._with_data(signed_in)))
        return response

    def _with_data(self, signed_in: SignedIn) -> SignedIn:
        return replace(signed_in, deliveries=self.data.ask(signed_in.held)) if self.data else signed_in

    def logout(self) -> AnyResponse:
        """Ends the session here, then the broker's."""
        signed_in = self.sessions.take(request.cookies.get(SESSION))
        if signed_in is None:
            return redirect("/", 303)
        state = secrets.token_urlsafe(16)
        location = self.relying.farewell(signed_in, state, self.home_url + SIGNED_OUT)
        response = redirect(location, 303)
        response.delete_cookie(SESSION, httponly=True, samesite="Lax", path="/")
        _set(response, _pending(state), self.leaving.put(state))
        return response

    def signed_out(self) -> str:
        """Back from the broker's logout."""
        state = request.args.get("state", "")
        check_left(state, self.leaving.take(request.cookies.get(_pending(state))))
        return render_template("service_signed_out.html", service=self.relying.service, elsewhere=False)

    def told(self) -> AnyResponse:
        """The broker says, server to server, that a session is over."""
        try:
            self.ended.add(read_logout(self.relying, request.form.get("logout_token", ""), self._clock()))
            response = Response(status=200)
        except Distrusted as distrusted:
            response = jsonify(error="invalid_request", error_description=str(distrusted))
            response.status_code = 400
        response.headers["Cache-Control"] = "no-store"
        return response


def check_left(received: str, expected: str | None) -> None:
    """RP-Initiated Logout 3: the state comes back as it was sent."""
    if received != expected:
        raise Distrusted("state: this logout was not asked for by this browser")


def _pending(state: str) -> str:
    """The cookie of one request: two tabs may be on their way at the same time."""
    return f"fs-asked-{state[:12]}"


def _set(response: AnyResponse, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, httponly=True, samesite="Lax", path="/")


def _denied(denied: Denied) -> tuple[str, int]:
    return render_template("service_error.html", failure=Failure(denied.error, str(denied))), 200


def _distrusted(distrusted: Distrusted) -> tuple[str, int]:
    return render_template("service_error.html", failure=Failure("", str(distrusted))), 400
