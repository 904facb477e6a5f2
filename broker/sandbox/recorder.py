"""Keeps every message of the simulated world, in memory and within bounds, so that people and tests can read them."""

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from broker.sandbox.calling import AGENT
from broker.sandbox.parties import BROKER_HOST

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BROWSER = "browser"
_MOST = 600
_LARGEST = 65_536
_NOT_WORTH_IT = ("/static/", "/favicon.ico")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `sender` is a host name or "browser"; `at` is Unix seconds."""

    number: int
    at: int
    sender: str
    host: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    answer_headers: tuple[tuple[str, str], ...]
    answer: bytes

    @property
    def url(self) -> str:
        """The address as it was called, without scheme and port."""
        return f"{self.host}{self.path}{'?' + self.query if self.query else ''}"

    def header(self, name: str) -> str:
        """A header of the answer, or ""."""
        return next((value for key, value in self.answer_headers if key.lower() == name), "")

    def sent(self) -> bytes:
        """Everything that the host received: the address, the headers, the body."""
        lines = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def answered(self) -> bytes:
        """Everything that the sender got back."""
        lines = [str(self.status), *(f"{name}: {value}" for name, value in self.answer_headers)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.answer


class Recorder:
    """The last few hundred exchanges, in the order in which they were answered."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._kept: deque[Exchange] = deque(maxlen=_MOST)

    def exchanges(self) -> list[Exchange]:
        """What is kept, oldest first."""
        with self._lock:
            return sorted(self._kept, key=lambda exchange: exchange.number)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def received_by(self, host: str) -> bytes:
        """Every byte that a party was sent: the requests to it, and the answers to its own."""
        kept = self.exchanges()
        asked = [exchange.sent() for exchange in kept if exchange.host == host]
        told = [exchange.answered() for exchange in kept if exchange.sender == host]
        return b"\n".join(asked + told)

    def around(self, app: "WSGIApplication", host: str) -> "WSGIApplication":
        """The same application, recorded as the party at `host`."""

        def recorded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith(_NOT_WORTH_IT):
                return [_run(app, environ, start_response)[0]]  # read whole: a browser that goes away leaves no open file
            number, body = self._number(), _keep_body(environ)
            answer, got = _run(app, environ, start_response)
            self._keep(_exchange(number, self._clock(), host, environ, body, got, answer))
            return [answer]

        return recorded

    def _number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def _keep(self, exchange: Exchange) -> None:
        with self._lock:
            self._kept.append(exchange)


def _keep_body(environ: "WSGIEnvironment") -> bytes:
    """The body of a request, which the application then reads again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _run(app: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse") -> tuple[bytes, list[Any]]:
    """The whole answer of an application, and what it gave to `start_response`."""
    got: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        got[:] = [int(status.partition(" ")[0]), tuple(headers)]
        return start_response(status, headers, exc_info)

    pieces = app(environ, start)
    try:
        return b"".join(pieces), got
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()


def _exchange(
    number: int, at: int, host: str, environ: "WSGIEnvironment", body: bytes, got: list[Any], answer: bytes
) -> Exchange:
    status, answer_headers = got
    return Exchange(
        number=number,
        at=at,
        sender=_sender(environ.get("HTTP_USER_AGENT", "")),
        host=host,
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=tuple(_headers(environ)),
        body=body[:_LARGEST],
        status=status,
        answer_headers=answer_headers,
        answer=answer[:_LARGEST],
    )


def _sender(agent: str) -> str:
    if agent == "Passerelle":
        return BROKER_HOST
    return agent.removeprefix(AGENT) if agent.startswith(AGENT) else BROWSER


def _headers(environ: "WSGIEnvironment") -> Iterable[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key.removeprefix("HTTP_").replace("_", "-").title(), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield key.replace("_", "-").title(), value
