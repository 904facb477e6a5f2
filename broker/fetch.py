"""The one way out over HTTP: to providers, with bounds on time, size and destination.

A name is resolved once, its addresses are judged, and the connection goes to the very address that was judged, so that a
second answer of the DNS changes nothing. Redirects are not followed, the environment's proxies are not used, and nothing
is asked twice: what a provider does wrong is its caller's to handle.
"""

import builtins
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, SSLError, TimeoutError
from urllib3.util import Timeout

from oidc.messages import HttpRequest, HttpResponse

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 6.0
LARGEST = 262_144
_PIECE = 16_384

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → numeric addresses, best first. Raises OSError."""


class FetchFailed(Exception):
    """Nothing usable came back. `kind` is timeout, refused, dns, tls, too-large, private-address, scheme or protocol."""

    def __init__(self, kind: str, host: str) -> None:
        super().__init__(f"{kind} at {host}")
        self.kind = kind
        self.host = host


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's answer."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def localhost_resolver(host: str, port: int) -> Sequence[str]:
    """As `system_resolver`, but every name under .localhost is this machine (RFC 6761 6.3), which glibc does not know."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    return system_resolver(host, port)


class Fetcher:
    """Fetches over kept connections, in any number of threads. `allow_http` and the resolver differ in the sandbox."""

    def __init__(
        self, resolve: Resolve = system_resolver, *, allow_http: bool = False, total: float = TOTAL_SECONDS
    ) -> None:
        self._resolve = resolve
        self._schemes = ("https", "http") if allow_http else ("https",)
        self._total = total
        self._context = ssl.create_default_context()
        self._pools: dict[tuple[str, str, int, bool], urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """One request, one answer, as it came (a redirect too). Raises FetchFailed."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        check_scheme(parts.scheme, host, self._schemes)
        pool = self._pool(parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80), allow_private)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        deadline = time.monotonic() + self._total
        try:
            return self._exchange(pool, request, path, host, deadline)
        except NewConnectionError as refused:  # urllib3 counts it among the time-outs
            raise FetchFailed("refused", host) from refused
        except TimeoutError as late:
            raise FetchFailed("timeout", host) from late
        except SSLError as tls:
            raise FetchFailed("tls", host) from tls
        except (ProtocolError, HTTPError, OSError) as broken:
            raise FetchFailed("protocol", host) from broken

    def _exchange(
        self, pool: urllib3.HTTPConnectionPool, request: HttpRequest, path: str, host: str, deadline: float
    ) -> HttpResponse:
        response = pool.urlopen(
            request.method,
            path,
            body=request.body or None,
            headers={**request.headers, "User-Agent": "Passerelle", "Accept-Encoding": "identity"},
            redirect=False,
            retries=False,
            timeout=Timeout(connect=min(CONNECT_SECONDS, self._total), total=self._total),
            preload_content=False,
            decode_content=False,
        )
        try:
            body = self._read(response, host, deadline)
        except BaseException:
            response.close()  # what is left of the answer must not be read by the next request
            raise
        response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        check_plain(headers, host)
        return HttpResponse(response.status, headers, body)

    def _read(self, response: urllib3.BaseHTTPResponse, host: str, deadline: float) -> bytes:
        """The body, within its size and the time that is left for the whole exchange, however it drips."""
        pieces, size = [], 0
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            size += len(piece)
            check_size(size, host)
            check_time(deadline, host)
        return b"".join(pieces)

    def _pool(self, scheme: str, host: str, port: int, private: bool) -> urllib3.HTTPConnectionPool:
        key = (scheme, host, port, private)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(*key)
            return self._pools[key]

    def _new_pool(self, scheme: str, host: str, port: int, private: bool) -> urllib3.HTTPConnectionPool:
        def connect(timeout: float | None) -> socket.socket:
            return self._connect(host, port, private, timeout)

        if scheme == "https":
            secure = urllib3.HTTPSConnectionPool(host, port, maxsize=8, ssl_context=self._context)
            secure.ConnectionCls = _through(HTTPSConnection, connect)  # type: ignore[assignment]  # it is one
            return secure
        plain = urllib3.HTTPConnectionPool(host, port, maxsize=8)
        plain.ConnectionCls = _through(HTTPConnection, connect)
        return plain

    def _connect(self, host: str, port: int, private: bool, timeout: float | None) -> socket.socket:
        try:
            addresses = self._resolve(host, port)
        except OSError as unknown:
            raise FetchFailed("dns", host) from unknown
        if not addresses:
            raise FetchFailed("dns", host)
        for address in addresses:
            check_address(address, host, private)
        connection = socket.create_connection((addresses[0], port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _through(base: type[HTTPConnection], connect: Callable[[float | None], socket.socket]) -> type[HTTPConnection]:
    """urllib3's connection, on a socket of ours."""

    class Connection(base):  # type: ignore[misc,valid-type]
        def _new_conn(self) -> socket.socket:
            timeout = self.timeout if isinstance(self.timeout, int | float) else None
            try:
                return connect(timeout)
            except builtins.TimeoutError as late:
                raise urllib3.exceptions.ConnectTimeoutError(self, "connect") from late
            except OSError as refused:
                raise NewConnectionError(self, "refused") from refused

    return Connection


def check_scheme(scheme: str, host: str, allowed: Sequence[str]) -> None:
    """Providers are reached over TLS (OpenID Connect Core 16.17); plain HTTP is for the sandbox."""
    if scheme not in allowed or not host:
        raise FetchFailed("scheme", host)


def check_address(address: str, host: str, private: bool) -> None:
    """A provider's metadata must not make us ask our own network (server-side request forgery)."""
    judged = ipaddress.ip_address(address)
    mapped = getattr(judged, "ipv4_mapped", None)
    if not private and not (mapped or judged).is_global:
        raise FetchFailed("private-address", host)
    if (mapped or judged).is_multicast:
        raise FetchFailed("private-address", host)


def check_plain(headers: dict[str, str], host: str) -> None:
    """We ask for no compression: an answer that is compressed all the same could be a bomb."""
    if headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed("protocol", host)


def check_size(size: int, host: str) -> None:
    """No message of a login has a quarter of a megabyte."""
    if size > LARGEST:
        raise FetchFailed("too-large", host)


def check_time(deadline: float, host: str) -> None:
    """FranceConnect gives a provider six seconds; an answer that drips gets no more."""
    if time.monotonic() > deadline:
        raise FetchFailed("timeout", host)
