"""Who may pass: the one place where sessions and rights of the console are enforced."""

import logging
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, abort, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from broker.console import ConsoleRefused, Session, at_work, check_may_write
from broker.errors import Problem
from broker.vault import Held
from broker.web import cookies
from broker.web.console.models import ConnectPage, RefusedPage, Worker
from broker.web.headers import check_same_site
from broker.web.render import draw
from broker.web.rooms import Current, Rooms
from oidc.wire import same

_log = logging.getLogger("passerelle")
_OPEN = ("console.enter", "console.use_link", "console.connect", "console.return_")
"""What whoever has no session may ask for: the ways in."""
_STATUS = {"link": 410, "rights": 403, "form": 403, "name": 403, "words": 422, "groups": 403, "provider": 502, "state": 400}
_READ = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the console, with the rooms that his request works on."""

    rooms: Rooms
    held: Held[Session] | None

    @property
    def session(self) -> Session:
        """Who it is. Raises ConsoleRefused for nobody, which the gate has seen before any page does."""
        if self.held is None:
            raise ConsoleRefused("rights", "nobody is signed in")
        return self.held.value

    @property
    def token(self) -> str:
        """What each form of this session carries: nobody else can make it."""
        return self.held.place.token(b"console-form") if self.held else ""

    @property
    def worker(self) -> Worker | None:
        """Who it is, for the page."""
        return Worker(self.held.value.name, self.held.value.role, self.token) if self.held else None


def install(console: Blueprint, current: Current) -> None:
    """Let every request of the console pass here first."""

    @console.before_request
    def admit() -> Any:
        rooms = current()
        g.visit = visit = Visit(rooms, at_work(rooms.vault, cookies.console_secret(), rooms.clock()))
        if request.method not in _READ:
            check_same_site()
        if request.endpoint in _OPEN:
            return None
        if visit.held is None:
            return connect_page(403)
        if request.method not in _READ:
            check_form(request.form.get("token", ""), visit.token)
            if request.endpoint != "console.leave":
                check_may_write(visit.held.value)
        return None

    @console.get("/<path:rest>")
    def nowhere(rest: str) -> Any:  # noqa: ARG001 - the address of a page that is none
        abort(404)

    @console.errorhandler(ConsoleRefused)
    def refused(error: ConsoleRefused) -> Response:
        _log.info("console %s %s: %s", request.method, error.kind, error.detail)
        return refusal(error.kind, _STATUS[error.kind], error.detail)

    @console.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        _log.info("console %s %s", request.method, error)
        return refusal("form", 403, error.detail)

    @console.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        code = error.code or 500
        return refusal("absent" if code in (404, 405) else "failed", code, error.description or "")


def check_form(received: str, token: str) -> None:
    """A form was made for this session: a page of another site cannot know its token."""
    if not token or not same(received, token):
        raise ConsoleRefused("form", "the form was not made for this session: open the page again")


def visit() -> Visit:
    """The visit of the running request."""
    return cast(Visit, g.visit)


def connect_page(status: int) -> Response:
    """How to sign in; where the operator has a provider, at that one."""
    port = visit().rooms.console
    return _answer("console_connect.html", ConnectPage(visit().worker, port.host if port else ""), status)


def refusal(kind: str, status: int, detail: str) -> Response:
    """Why the console does not do this, and what to do."""
    return _answer("console_refused.html", RefusedPage(visit().worker, kind, detail), status)


def _answer(template: str, page: object, status: int) -> Response:
    return Response(draw(template, page), status, mimetype="text/html")
