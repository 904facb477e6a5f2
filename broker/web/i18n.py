"""Which language a page speaks: `?lang=`, then the cookie `lang`, then the browser's wish, then French.

A service's `ui_locales` is written into the cookie when a journey begins (`remember_language`). Babel reads the catalogues;
English is the language of the sources, so only French has a catalogue.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
COOKIE = "lang"
_CATALOGUES = Path(__file__).parent / "translations"
_ABROAD = ("/eidas", "/eidas/pays", "/eidas/verifier", "/aller")
_YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Let this app choose a language for each request, and keep the one that `?lang=` names."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's: `trans` hands the values over

    @app.after_request
    def keep(response: Response) -> Response:
        named, guessed = _named(), "en" if _speaks_neither() else ""
        if (named or guessed) and response.mimetype == "text/html":  # a feed or a document is fetched by programs
            remember_language(response, (named, guessed))
        return response


def choose() -> Language:
    """The language of the running request."""
    return _known(_named()) or _known(_kept()) or _wish() or _guess()


def _named() -> str:
    args = request.args
    if "lang" not in args:  # most often; and `get` would make an exception of it first
        return ""
    return args["lang"]


def _wish() -> Language | None:
    """The browser's first wish that we speak. werkzeug's best_match would take `en` for `fr-CA, en;q=0.5`."""
    spoken = (_known(tag) for tag, quality in request.accept_languages if quality > 0)
    return next(filter(None, spoken), None)


def _guess() -> Language:
    """French; but English where people of other countries come, for a browser that wishes for neither."""
    return "en" if _speaks_neither() else "fr"


def _speaks_neither() -> bool:
    """Whether this is a page of other countries, for a browser that says what it speaks and names neither language.

    The guess is then kept, so that the rest of the journey is not in French again.
    """
    return request.path in _ABROAD and bool(request.accept_languages) and not _known(_kept()) and not _wish()


def _kept() -> str:
    return request.cookies.get(COOKIE, "")


def remember_language(response: Response, ui_locales: Iterable[str]) -> None:
    """Keep the first of these language tags that we speak (OpenID Connect Core 3.1.2.1, `ui_locales`), if any."""
    spoken = next(filter(None, map(_known, ui_locales)), None)
    if spoken:
        response.set_cookie(COOKIE, spoken, max_age=_YEAR, secure=True, httponly=True, samesite="Lax", path="/")


def language() -> Language:
    """The language that the running request was given: a page asks some thirty times."""
    given: Language | None = g.get("language")
    if given is None:
        given = g.language = choose()
    return given


def other_language() -> Language:
    """The one that it was not given."""
    return "en" if language() == "fr" else "fr"


def translator() -> Callable[[str], str]:
    """`gettext` of the running request's language."""
    return _gettext(language())


def markup_translator() -> Callable[..., Markup]:
    """The `gettext` of templates: values are escaped as they are put into the message. No message writes `%%`."""
    return _markup_gettext(language())


def markup_plural() -> Callable[..., Markup]:
    """The `ngettext` of templates: (singular, plural, number), the number being `%(num)s` in the message."""
    return _markup_plural(language())


@cache
def _markup_plural(spoken: Language) -> Callable[..., Markup]:
    catalogue = _catalogue(spoken)

    def ngettext(singular: str, plural: str, num: int, **values: object) -> Markup:
        return Markup(catalogue.ungettext(singular, plural, num)) % {"num": num, **values}  # noqa: S704 - as above

    return ngettext


@cache
def _catalogue(spoken: Language) -> NullTranslations:
    return Translations.load(_CATALOGUES, [spoken])


@cache
def _gettext(spoken: Language) -> Callable[[str], str]:
    """A page asks some forty times, always the same sentences: each is looked up once."""
    return cache(_catalogue(spoken).ugettext)


@cache
def _markup_gettext(spoken: Language) -> Callable[..., Markup]:
    known = _gettext(spoken)

    def gettext(message: str, **values: object) -> Markup:
        text = known(message)
        filled = text % {name: escape(value) for name, value in values.items()} if values else text
        return Markup(filled)  # noqa: S704 - messages are ours, and values are escaped

    return gettext


# -- sentences in templates -------------------------------------------------------------------------------------------


def speaking(environment: Environment) -> dict[Language, Environment]:
    """An environment for each language. What templates say without a value is put in when they are compiled."""
    return {spoken: _speaking(environment, spoken) for spoken in LANGUAGES}


def _speaking(environment: Environment, spoken: Language) -> Environment:
    speaks = environment.overlay()
    speaks.code_generator_class = _COMPILERS[spoken]
    return speaks


class Compiler(CodeGenerator):
    """Compiles the templates of one language."""

    language: Language

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Put the sentences in, then go on."""
        _Sentences(_markup_gettext(self.language)).visit(node)
        super().visit_Template(node, frame)


class _French(Compiler):
    language = "fr"


class _English(Compiler):
    language = "en"


_COMPILERS: dict[Language, type[Compiler]] = {"fr": _French, "en": _English}


class _Sentences(NodeTransformer):
    def __init__(self, gettext: Callable[..., Markup]) -> None:
        self._gettext = gettext

    def visit_Call(self, node: nodes.Call, *values: Any, **named: Any) -> nodes.Node:
        """A sentence in the place of `_('…')` and of `{% trans %}` without values."""
        match node:
            case nodes.Call(node=nodes.Name(name="_" | "gettext"), args=[nodes.Const(value=message)], kwargs=[]):
                return nodes.Const(self._gettext(message))
        return self.generic_visit(node, *values, **named)


def mark(message: str) -> str:
    """Mark a message of a table for the catalogue; it is translated where the table is read."""
    return message


def _known(tag: str) -> Language | None:
    primary = tag[:2].lower() if tag[2:3] in ("", "-", "_") else ""
    return next((language for language in LANGUAGES if language == primary), None)
