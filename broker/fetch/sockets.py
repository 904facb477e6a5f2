"""Sockets on which everything that is received must have come by one moment, however it drips.

A socket's own time-out begins again with every piece, so a peer that sends a byte now and then would hold a thread for
ever: the time that is left is set for each.
"""

import select
import socket
import ssl
import time

_LEAST = 0.001  # a time-out of zero would mean: do not wait at all
_PIECE = 65_536


def received(connection: socket.socket, deadline: float) -> bytes:
    """The next octets, b"" at the end, within the time (of time.monotonic). Raises TimeoutError, OSError."""
    check_time(deadline)
    connection.settimeout(seconds_left(deadline))
    return connection.recv(_PIECE)


def is_quiet(connection: socket.socket) -> bool:
    """Whether the peer has neither closed the connection nor said anything on it."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return not waiting.poll(0)


def secured(opened: socket.socket, context: ssl.SSLContext, host: str, deadline: float) -> ssl.SSLSocket:
    """TLS on a connection, with a peer that proves to be `host`. Raises ssl.SSLError, OSError.

    That it ends without the peer's word (close_notify) is an error later on: anybody on the way can end it (RFC 9112 9.8).
    """
    try:
        opened.settimeout(seconds_left(deadline))  # for the whole handshake
        return context.wrap_socket(opened, server_hostname=host, suppress_ragged_eofs=False)
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
