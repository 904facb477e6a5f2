"""The floor under the requests of a login: Flask reads what they carry, does nothing, and answers the same octets.

Whoever serves a login over HTTP with Flask must read the query, the cookies and the form of each request, and write each
answer with its headers; so this is no part of what a login costs above its floor. What was said in one login is handed
over in the file that PASSERELLE_BENCH_SAID names (see `hand_over`).
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from flask import Flask, Response, request

from bench.citizen import Exchange

SAID = "PASSERELLE_BENCH_SAID"
_OF_THE_SERVER = ("server", "date", "connection")


def hand_over(said: Iterable[Exchange], path: Path) -> None:
    """Write the answers for the server that is to give them."""
    path.write_text(json.dumps([_answer(exchange) for exchange in said]))


def _answer(exchange: Exchange) -> tuple[str, str, str, list[tuple[str, str]], str]:
    status, *lines = exchange.head.partition(" ")[2].split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    own = [(name, value) for name, value in headers if name.lower() not in _OF_THE_SERVER]
    return exchange.method, exchange.target.partition("?")[0], status, own, exchange.text


def create() -> Flask:
    """The application."""
    app = Flask("mirror")
    given = json.loads(Path(os.environ[SAID]).read_text())
    answers = {(method, path): (status, headers, text.encode()) for method, path, status, headers, text in given}

    def answer() -> Response:
        request.args.get("j")
        request.cookies.get("__Host-flow")
        request.form.get("j")
        status, headers, text = answers[request.method, request.path]
        return Response(text, status, headers)

    for path in {path for _, path in answers}:
        app.add_url_rule(path, path, answer, methods=["GET", "POST"])
    app.add_url_rule("/healthz", "alive", lambda: "ok")
    return app
