"""Sockets on which everything that is received must have come by one moment, however it drips.

A socket's own time-out begins again with every piece, so a peer that sends a byte now and then would hold a thread for
ever. http.client reads from `makefile`, which calls `recv_into`: there the time that is left is set each time.
"""

import socket
import ssl
import time
from typing import Any, cast

_LEAST = 0.001  # a time-out of zero would mean: do not wait at all


class BoundedSocket(socket.socket):
    """Receives until `deadline` (of time.monotonic), which whoever begins an exchange sets. Raises TimeoutError."""

    deadline = 0.0

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As socket.recv_into, within the time."""
        check_time(self.deadline)
        self.settimeout(seconds_left(self.deadline))
        return super().recv_into(buffer, nbytes, flags)


class BoundedTlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    deadline = 0.0

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As SSLSocket.recv_into, within the time."""
        check_time(self.deadline)
        self.settimeout(seconds_left(self.deadline))
        return super().recv_into(buffer, nbytes, flags)


def tls_context() -> ssl.SSLContext:
    """The machine's authorities, names checked, and our sockets."""
    context = ssl.create_default_context()
    context.sslsocket_class = BoundedTlsSocket
    return context


def secured(opened: BoundedSocket, context: ssl.SSLContext, host: str, deadline: float) -> BoundedTlsSocket:
    """TLS on a connection, with a peer that proves to be `host`. Raises ssl.SSLError, OSError."""
    try:
        opened.settimeout(seconds_left(deadline))  # for the whole handshake
        return cast(BoundedTlsSocket, context.wrap_socket(opened, server_hostname=host))
    except BaseException:
        opened.close()
        raise


def seconds_left(deadline: float) -> float:
    """How long the next step may take; never zero."""
    return max(deadline - time.monotonic(), _LEAST)


def check_time(deadline: float) -> None:
    """FranceConnect gives a provider six seconds; an answer that drips gets no more. Raises TimeoutError."""
    if time.monotonic() > deadline:
        raise TimeoutError
