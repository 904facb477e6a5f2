"""Asking: one request, one answer, over connections that are kept."""

import logging
import os
import time
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from ssl import SSLEOFError, SSLError
from typing import NamedTuple
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.exceptions import SSLError as BrokenTls
from urllib3.response import HTTPResponse

from broker.fetch.addresses import Resolve, connect, system_resolver
from broker.fetch.failure import FetchFailed
from broker.fetch.sockets import BoundedSocket, BoundedTlsSocket, seconds_left, secured, tls_context
from oidc.messages import HttpRequest, HttpResponse

CONNECT_SECONDS = 3.0  # the look-up of the name, the connection and TLS
TOTAL_SECONDS = 6.0
LARGEST = 262_144
_PIECE = 16_384
_MOST_KEPT = 8  # for one peer
_KEPT_SECONDS = 30.0  # after that a firewall on the way may have forgotten the connection, and would say nothing
_OURS = {"User-Agent": "Passerelle", "Accept-Encoding": "identity"}

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings hold whole addresses, with their query


class Origin(NamedTuple):
    """Whom a connection leads to, and whether he may be in a private network."""

    scheme: str
    host: str
    port: int
    private: bool


@dataclass(slots=True)
class Line:
    """One connection; `since` is when it was last used (of time.monotonic)."""

    connection: HTTPConnection
    socket: BoundedSocket | BoundedTlsSocket
    since: float

    def is_fresh(self) -> bool:
        """Whether it may serve again: the peer has not closed it, nor said what nobody asked."""
        return time.monotonic() - self.since < _KEPT_SECONDS and self.connection.is_connected


Kept = dict[tuple[int, Origin], deque[Line]]


class Fetcher:
    """Fetches over kept connections, in any number of threads. `allow_http` and the resolver differ in the sandbox.

    `total` is the seconds that an answer may take, `largest` the octets that it may have.
    """

    def __init__(
        self,
        resolve: Resolve = system_resolver,
        *,
        allow_http: bool = False,
        total: float = TOTAL_SECONDS,
        largest: int = LARGEST,
    ) -> None:
        self._resolve = resolve
        self._schemes = ("https", "http") if allow_http else ("https",)
        self._total = total
        self._largest = largest
        self._context = tls_context()
        self._kept: Kept = {}
        weakref.finalize(self, _hang_up, self._kept)

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """One request, one answer, as it came (a redirect too). Raises FetchFailed."""
        host, deadline = "", time.monotonic() + self._total
        try:
            parts = urlsplit(request.url)
            host = parts.hostname or ""
            check_scheme(parts.scheme, host, self._schemes)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            origin = Origin(parts.scheme, host, port, allow_private)
            return self._ask(origin, request, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", deadline)
        except (TimeoutError, ReadTimeoutError) as late:
            raise FetchFailed("timeout", host) from late
        except (SSLError, BrokenTls) as tls:
            raise FetchFailed("tls", host) from tls
        except (HTTPException, HTTPError, OSError, ValueError) as broken:  # ValueError: an address or a header that is none
            raise FetchFailed("protocol", host) from broken

    def _ask(self, origin: Origin, request: HttpRequest, path: str, deadline: float) -> HttpResponse:
        """Ask over a kept connection or a new one; RFC 9110 9.2.2: what is idempotent may be asked again."""
        if line := self._kept_line(origin):
            try:
                return self._exchange(origin, line, request, path, deadline)
            except (ConnectionError, SSLEOFError):
                if request.method != "GET":
                    raise
        return self._exchange(origin, self._new_line(origin, deadline), request, path, deadline)

    def _exchange(self, origin: Origin, line: Line, request: HttpRequest, path: str, deadline: float) -> HttpResponse:
        line.socket.deadline = deadline
        line.socket.settimeout(seconds_left(deadline))
        try:
            with closing(_send(line.connection, request, path)) as response:
                answer = _read(response, origin.host, self._largest)
        except BaseException:
            line.connection.close()  # what is left of the answer must not be read by the next request
            raise
        self._keep(origin, line)
        return answer

    def _new_line(self, origin: Origin, deadline: float) -> Line:
        moment = min(deadline, time.monotonic() + CONNECT_SECONDS)
        opened = connect(self._resolve, origin.host, origin.port, origin.private, moment)
        if origin.scheme == "http":
            return _line(HTTPConnection(origin.host, origin.port), opened)
        return _line(HTTPSConnection(origin.host, origin.port), secured(opened, self._context, origin.host, moment))

    def _kept_line(self, origin: Origin) -> Line | None:
        lines = self._lines(origin)
        while lines:
            try:
                line = lines.pop()
            except IndexError:  # another thread was first
                break
            if line.is_fresh():
                return line
            line.connection.close()
        return None

    def _keep(self, origin: Origin, line: Line) -> None:
        lines = self._lines(origin)
        if line.connection.sock is None or len(lines) >= _MOST_KEPT:
            line.connection.close()
            return
        line.since = time.monotonic()
        lines.append(line)

    def _lines(self, origin: Origin) -> deque[Line]:
        """The connections of this process: a worker that was forked later must not speak on them as well."""
        key = (os.getpid(), origin)
        return self._kept.setdefault(key, deque())


def _line(connection: HTTPConnection, socket: BoundedSocket | BoundedTlsSocket) -> Line:
    connection.auto_open = 0  # only we open connections
    connection.sock = socket
    return Line(connection, socket, time.monotonic())


def _send(connection: HTTPConnection, request: HttpRequest, path: str) -> HTTPResponse:
    connection.request(
        request.method,
        path,
        body=request.body or None,
        headers={**request.headers, **_OURS},
        preload_content=False,
        decode_content=False,
    )
    return connection.getresponse()


def _read(response: HTTPResponse, host: str, largest: int) -> HttpResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    check_final(response.status, host)
    check_plain(headers, host)
    return HttpResponse(response.status, headers, _body(response, host, largest))


def _body(response: HTTPResponse, host: str, largest: int) -> bytes:
    pieces, size = [], 0
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        check_size(size, largest, host)
    return b"".join(pieces)


def _hang_up(kept: Kept) -> None:
    for lines in kept.values():
        while lines:
            lines.pop().connection.close()


def check_scheme(scheme: str, host: str, allowed: Sequence[str]) -> None:
    """Providers are reached over TLS (OpenID Connect Core 16.17); plain HTTP is for the sandbox."""
    if scheme not in allowed or not host:
        raise FetchFailed("scheme", host)


def check_final(status: int, host: str) -> None:
    """An interim answer (RFC 9110 15.2) is not the answer, which would then be taken for that of the next request."""
    if status < 200:
        raise FetchFailed("protocol", host)


def check_plain(headers: Mapping[str, str], host: str) -> None:
    """We ask for no compression: an answer that is compressed all the same could be a bomb."""
    if headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed("protocol", host)


def check_size(size: int, largest: int, host: str) -> None:
    """No message of a login has a quarter of a megabyte; lists of metadata may be larger."""
    if size > largest:
        raise FetchFailed("too-large", host)
