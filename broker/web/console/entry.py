"""The ways in and out: a one-time link that the operator made, his own OpenID Connect provider, and the sign-out."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broker import console as work
from broker.console import ConsoleRefused
from broker.providers.console import ConsolePort
from broker.web import cookies
from broker.web.console.gate import check_form, visit
from broker.web.console.models import EntryPage
from broker.web.render import draw

_MINUTES = 10 * 60


def install(console: Blueprint) -> None:
    """The addresses by which people come and go."""

    @console.get("/entrer")
    def enter() -> Response:
        token = request.args.get("t", "")
        person = work.invited(visit().rooms.vault, token)
        browser = cookies.entry_secret() or secrets.token_bytes(32)
        page = EntryPage(visit().worker, person.name, person.role, token, _step(browser, token))
        response = Response(draw("console_enter.html", page), mimetype="text/html")
        cookies.set_entry(response, browser, _MINUTES)
        return response

    @console.post("/entrer")
    def use_link() -> Response:
        """The form comes from the browser that was shown the link: nobody is signed in as somebody else by a stranger."""
        token, browser, now = request.form.get("t", ""), cookies.entry_secret(), visit().rooms.clock()
        check_form(request.form.get("step", ""), _step(browser, token) if browser else "")
        return arrived(work.enter(visit().rooms.vault, token, now))

    @console.get("/connexion")
    def connect() -> Response:
        """To the operator's provider. A stranger who sends people here gains nothing: it is they who sign in."""
        rooms, browser = visit().rooms, cookies.entry_secret() or secrets.token_bytes(32)
        state = secrets.token_urlsafe(32)
        location, departed = _port().depart(state)
        work.depart(rooms.vault, browser, state, departed, rooms.clock() + _MINUTES)
        response = redirect(location, 303)
        cookies.set_entry(response, browser, _MINUTES)
        return response

    @console.get("/retour")
    def return_() -> Response:
        rooms, state = visit().rooms, request.args.get("state", "")
        departed = work.arrive(rooms.vault, cookies.entry_secret(), state)
        person = _port().hear(tuple(request.args.items(multi=True)), state, departed)
        return arrived(work.begin(rooms.vault, person, rooms.clock()))

    @console.post("/sortir")
    def leave() -> Response:
        work.leave(visit().rooms.vault, cookies.console_secret())
        response = redirect("/console", 303)
        cookies.drop_console(response)
        return response


def arrived(secret: bytes) -> Response:
    """To the first page, with a new session; the one before ends, for nobody holds its secret any more."""
    work.leave(visit().rooms.vault, cookies.console_secret())
    response = redirect("/console", 303)
    cookies.set_console(response, secret)
    return response


def _port() -> ConsolePort:
    port = visit().rooms.console
    if port is None:
        raise ConsoleRefused("provider", "there is no provider: the table [console] in passerelle.toml")
    return port


def _step(browser: bytes, token: str) -> str:
    digest = hmac.digest(browser, f"console-link:{token}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
