"""The headers of every answer: who may be told where the citizen comes from (nobody), and what a page may do (little)."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.wrappers import Response

from broker.errors import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ALWAYS = (
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), publickey-credentials-get=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def allow_form_to(*urls: str) -> None:
    """Let this page's form end at these origins: Chromium blocks the redirect after a post otherwise."""
    g.form_targets = (*g.get("form_targets", ()), *(origin(url) for url in urls if url))


def allow_script(source: str) -> None:
    """Let this page run the one script that a CSP source such as `'sha256-…'` names."""
    g.script_source = source


def origin(url: str) -> str:
    """scheme://host[:port] of a URL; only the scheme for an app's private one (`com.example:/back`)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def install(app: Flask, hsts: bool) -> None:
    """Put the headers on every answer of this app."""
    app.wsgi_app = _always(app.wsgi_app, [*_ALWAYS, _HSTS] if hsts else [*_ALWAYS])  # type: ignore[assignment, method-assign]

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        given = dict(headers)  # to ask each name of `headers` goes through all of them, and makes an exception of none
        if "Cache-Control" not in given:
            headers.add("Cache-Control", "no-store")
        if given.get("Content-Type", "").startswith("text/html"):
            script = (f"; script-src {g.script_source}",) if "script_source" in g else ()
            headers["Content-Security-Policy"] = " ".join((_CSP, *dict.fromkeys(g.get("form_targets", ())), *script))
        return response


def _always(app: "WSGIApplication", headers: list[tuple[str, str]]) -> "WSGIApplication":
    """The application with these headers on whatever it answers: nothing between here and there can forget them."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        return app(environ, partial(_begin, start, headers))

    return answer


def _begin(
    start: "StartResponse", headers: list[tuple[str, str]], status: str, own: list[tuple[str, str]], *exception: Any
) -> Callable[[bytes], object]:
    return start(status, [*own, *headers], *exception)


def check_same_site() -> None:
    """Fetch Metadata: our forms are posted by our own pages; `Origin` says null, since we send no referrer.

    Browsers without the header are covered by the step token.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Problem("USR-103", "a form was posted by another site")
