"""Asking: one request, one answer, over connections that are kept."""

import os
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from broker.fetch.addresses import Resolve, connect, system_resolver
from broker.fetch.failure import FetchFailed
from broker.fetch.sockets import is_quiet, received, seconds_left, secured
from broker.fetch.wire import Answer, written
from oidc.messages import HttpRequest, HttpResponse

CONNECT_SECONDS = 3.0  # the look-up of the name, the connection and TLS
TOTAL_SECONDS = 6.0
LARGEST = 262_144
_MOST_KEPT = 8  # for one peer
_KEPT_SECONDS = 30.0  # after that a firewall on the way may have forgotten the connection, and would say nothing


class Origin(NamedTuple):
    """Whom a connection leads to, and whether he may be in a private network."""

    scheme: str
    host: str
    port: int
    private: bool


@dataclass(slots=True)
class Line:
    """One connection; `since` is when it was last used (of time.monotonic)."""

    socket: socket.socket
    since: float

    def is_fresh(self) -> bool:
        """Whether it may serve again: the peer has not closed it, nor said what nobody asked."""
        return time.monotonic() - self.since < _KEPT_SECONDS and is_quiet(self.socket)


Kept = dict[Origin, deque[Line]]


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
        self._context = ssl.create_default_context()
        self._kept: Kept = {}
        weakref.finalize(self, _hang_up, self._kept)
        _all.add(self)

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """One request, one answer, as it came (a redirect too). Raises FetchFailed."""
        host, deadline = "", time.monotonic() + self._total
        try:
            parts = urlsplit(request.url)
            host = parts.hostname or ""
            check_scheme(parts.scheme, host, self._schemes)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            octets = written(request, host, parts.netloc.rpartition("@")[2], target)
            return self._ask(Origin(parts.scheme, host, port, allow_private), octets, request.method == "GET", deadline)
        except TimeoutError as late:
            raise FetchFailed("timeout", host) from late
        except ssl.SSLError as tls:
            raise FetchFailed("tls", host) from tls
        except (OSError, ValueError) as broken:  # ValueError: an address or a header that is none
            raise FetchFailed("protocol", host) from broken

    def _ask(self, origin: Origin, octets: bytes, twice: bool, deadline: float) -> HttpResponse:
        """Ask over a kept connection or a new one; RFC 9110 9.2.2: what is idempotent may be asked `twice`."""
        if line := self._kept_line(origin):
            try:
                return self._exchange(origin, line, octets, deadline)
            except (ConnectionError, ssl.SSLEOFError):
                if not twice:
                    raise
        return self._exchange(origin, self._new_line(origin, deadline), octets, deadline)

    def _exchange(self, origin: Origin, line: Line, octets: bytes, deadline: float) -> HttpResponse:
        answer = Answer(origin.host, self._largest)
        try:
            line.socket.settimeout(seconds_left(deadline))
            line.socket.sendall(octets)
            while not answer.whole:
                answer.hear(received(line.socket, deadline))
        except BaseException:
            line.socket.close()  # what is left of the answer must not be read by the next request
            raise
        self._keep(origin, line, answer.lasting)
        return answer.read()

    def _new_line(self, origin: Origin, deadline: float) -> Line:
        moment = min(deadline, time.monotonic() + CONNECT_SECONDS)
        opened = connect(self._resolve, origin.host, origin.port, origin.private, moment)
        if origin.scheme == "https":
            opened = secured(opened, self._context, origin.host, moment)
        return Line(opened, time.monotonic())

    def _kept_line(self, origin: Origin) -> Line | None:
        lines = self._lines(origin)
        while lines:
            try:
                line = lines.pop()
            except IndexError:  # another thread was first
                break
            if line.is_fresh():
                return line
            line.socket.close()
        return None

    def _keep(self, origin: Origin, line: Line, lasting: bool) -> None:
        lines = self._lines(origin)
        if not lasting or len(lines) >= _MOST_KEPT:
            line.socket.close()
            return
        line.since = time.monotonic()
        lines.append(line)

    def _lines(self, origin: Origin) -> deque[Line]:
        return self._kept.setdefault(origin, deque())

    def begin_anew(self) -> None:
        """A forked worker must not speak on its parent's connections: it closes its own ends of them."""
        _hang_up(self._kept)


def _hang_up(kept: Kept) -> None:
    for lines in kept.values():
        while lines:
            lines.pop().socket.close()


_all: "weakref.WeakSet[Fetcher]" = weakref.WeakSet()


def _begin_anew() -> None:
    for fetcher in list(_all):
        fetcher.begin_anew()


os.register_at_fork(after_in_child=_begin_anew)


def check_scheme(scheme: str, host: str, allowed: Sequence[str]) -> None:
    """Providers are reached over TLS (OpenID Connect Core 16.17); plain HTTP is for the sandbox."""
    if scheme not in allowed or not host:
        raise FetchFailed("scheme", host)
