"""How a peer is reached: its address, TLS, and how long its certificate counts. Nothing is asked of it."""

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from broker.fetch.addresses import Resolve, connect, system_resolver
from broker.fetch.client import CONNECT_SECONDS, check_scheme
from broker.fetch.failure import FetchFailed
from broker.fetch.sockets import secured


@dataclass(frozen=True, slots=True)
class Probed:
    """The address that answered, the version of TLS ("TLSv1.3"; "" for plain HTTP), the suite, and until when the peer's
    certificate counts (Unix seconds, 0 without TLS).
    """

    address: str
    tls: str = ""
    suite: str = ""
    until: int = 0


class Prober:
    """Probes addresses, with the bounds of a Fetcher: judged addresses only, and `seconds` for all of it."""

    def __init__(
        self, resolve: Resolve = system_resolver, *, allow_http: bool = False, seconds: float = CONNECT_SECONDS
    ) -> None:
        self._resolve = resolve
        self._schemes: Sequence[str] = ("https", "http") if allow_http else ("https",)
        self._seconds = seconds

    def __call__(self, url: str, *, allow_private: bool = False) -> Probed:
        """How the host of an address is reached. Raises FetchFailed."""
        host, deadline = "", time.monotonic() + self._seconds
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            check_scheme(parts.scheme, host, self._schemes)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            opened = connect(self._resolve, host, port, allow_private, deadline)
            return _plain(opened) if parts.scheme == "http" else _over_tls(opened, host, deadline)
        except TimeoutError as late:
            raise FetchFailed("timeout", host) from late
        except ssl.SSLError as tls:
            raise FetchFailed("tls", host, said(tls)) from tls
        except (OSError, ValueError) as broken:  # ValueError: an address that is none
            raise FetchFailed("protocol", host) from broken


def said(failed: Exception) -> str:
    """What OpenSSL says of a handshake that failed: its own words, in which the peer has no part."""
    return str(getattr(failed, "verify_message", "") or getattr(failed, "reason", "") or "").replace("_", " ").lower()


def _plain(opened: socket.socket) -> Probed:
    with opened:
        return Probed(opened.getpeername()[0])


def _over_tls(opened: socket.socket, host: str, deadline: float) -> Probed:
    with secured(opened, ssl.create_default_context(), host, deadline) as spoken:
        certificate, suite = spoken.getpeercert() or {}, spoken.cipher()
        until = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        return Probed(spoken.getpeername()[0], spoken.version() or "", suite[0] if suite else "", until)
