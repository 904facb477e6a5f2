"""What the pages of the simulated parties have in common: their languages, one stylesheet, and the banner."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import Flask, g, request
from werkzeug.wrappers import Response

from broker.parties import Text

_NAMES = {"fr": "Français", "en": "English", "it": "Italiano"}
HERE = Path(__file__).parent
_CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Party:
    """Whose pages an app shows. `kind` chooses the colours; `backstage` is the page that shows every message."""

    name: Text
    kind: str
    backstage: str


def new_app(party: Party, static_path: str = "/static", languages: tuple[str, ...] = ("fr", "en")) -> Flask:
    """An app with the templates and stylesheets of the simulated parties; the first language is the one without a wish."""
    app = Flask("broker.sandbox", static_url_path=static_path, root_path=str(HERE))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(lambda: _choose_language(languages))
    app.after_request(_finish)
    named = tuple((lang, _NAMES[lang]) for lang in languages)
    app.context_processor(
        lambda: {"party": party, "lang": g.lang, "languages": named, "t": say, "number": number, "here_in": _here_in}
    )
    return app


def say(fr: str, en: str, it: str = "") -> str:
    """The words in the language of the running request; Italian is for the pages of Italians."""
    return {"fr": fr, "en": en, "it": it}[language()]


def number(value: object) -> str:
    """A number as people write it: 47 230 or 2,5 in French, 47,230 or 2.5 in English. Anything else as it is."""
    if not isinstance(value, int | float):
        return str(value)
    english = f"{value:,}"
    return say(english.replace(",", "\u202f").replace(".", ","), english)


def language() -> str:
    """The language of the running request: fr, en or it."""
    return cast(str, g.lang)


def _choose_language(languages: tuple[str, ...]) -> None:
    wishes: tuple[Callable[[], str | None], ...] = (
        lambda: request.args.get("lang"),
        lambda: request.cookies.get("lang"),
        lambda: request.accept_languages.best_match(languages),
    )
    g.lang = next((wish for ask in wishes if (wish := ask()) in languages), languages[0])


def _finish(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        script = f"; script-src {g.script_source}" if "script_source" in g else ""
        response.headers["Content-Security-Policy"] = _CSP + script
    if request.args.get("lang") == g.lang:
        response.set_cookie("lang", language(), httponly=True, samesite="Lax", path="/")
    return response


def _here_in(lang: str) -> str:
    """This page in another language, as a relative address."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + urlencode([*query, ("lang", lang)])
