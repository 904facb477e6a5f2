"""Flask without what no page of ours uses, but every request pays for.

Each thing that is left out is named with its reason; what a login costs is measured by `bench/login.py`.
"""

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from flask.templating import Environment
from jinja2.runtime import Context
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response as BaseResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_EMPTY = (204, 304)
_LARGEST_FORM = 65_536  # octets; what other countries send is larger, and the views that take it say so


class _Context(Context):
    """None of our functions asks for the context (`pass_context`), which is looked for at each call otherwise."""

    def call(self, function: Callable[..., Any], /, *values: Any, **named: Any) -> Any:
        """What a page calls: a sentence, a macro."""
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return function(*values, **named)


class _Environment(Environment):
    """No template has globals of its own, so those of all are a plain dict: an import compares its keys each time."""

    context_class = _Context

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template."""
        return {**self.globals, **d} if d else self.globals


class Asked(Request):
    """Its bounds are numbers, which a view may change; Flask looks each up in the configuration whenever it is needed."""

    max_content_length: int | None = _LARGEST_FORM
    max_form_memory_size: int | None = _LARGEST_FORM
    max_form_parts: int | None = 1000


class Answer(Response):
    """Its headers are final when it is made. Werkzeug would copy them, each judged again, and take the address of a
    redirect to pieces: ours are addresses in ASCII, put together by `urlencode` or read from settings that were checked.
    """

    max_cookie_size = 4093  # RFC 6265 6.1, and what else goes with a cookie

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        """The headers, with the length of the content."""
        given = dict(self.headers)
        if not given.get("Location", "").isascii() or not self.is_sequence or self.status_code in _EMPTY:
            return super().get_wsgi_headers(environ)
        if "Content-Length" not in given:
            self.headers["Content-Length"] = str(sum(map(len, self.iter_encoded())))
        return self.headers


class _NoSessions(SessionInterface):
    """We keep none of Flask's sessions: what a browser may bring is in `cookies`."""

    _none = NullSession()

    def open_session(self, *_: object) -> NullSession:
        """The one that holds nothing."""
        return self._none


class Application(Flask):
    """The application of the broker's pages and endpoints, at the address that the settings say."""

    jinja_environment = _Environment
    request_class = Asked
    response_class = Answer
    session_interface = _NoSessions()

    def __init__(self, name: str, public_url: str) -> None:
        super().__init__(name, static_folder=None)
        self._public = urlsplit(public_url)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the view, by the path alone: the header Host is not looked at, and decides over no redirect."""
        if request is None:
            return None
        scheme, host, environ = self._public.scheme, self._public.netloc, request.environ
        return MapAdapter(
            self.url_map, host, "/", "", scheme, request.path, request.method, environ.get("QUERY_STRING", "")
        )

    def redirect(self, location: str, code: int = 302) -> BaseResponse:
        """The way on, without a page that nobody sees and that would say in English where it leads."""
        return self.response_class("", code, {"Location": location})

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view or hook is asynchronous; whether one is would be asked at each call."""
        return func
