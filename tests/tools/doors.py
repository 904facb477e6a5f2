"""Sockets are off in tests: a test that reaches the network would depend on the day, and might tell somebody something.

Unix sockets always pass. The loopback interface passes while a test runs that is marked for it. Nothing else ever passes,
and no name is looked up but `localhost`.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any


class SocketsAreOff(RuntimeError):
    """A test touched the network. Not an OSError: code that is ready for a broken network must not swallow it."""

    def __init__(self, target: object) -> None:
        super().__init__(f"{target!r}: a test may not go there (mark it loopback for a server of its own on 127.0.0.1)")


_loopback = [False]


@contextmanager
def loopback(allowed: bool) -> Iterator[None]:
    """Within this block, connections to the loopback interface pass, or they do not."""
    before, _loopback[0] = _loopback[0], allowed
    try:
        yield
    finally:
        _loopback[0] = before


def close() -> None:
    """Shut the doors of this process, once and for all."""
    if socket.getaddrinfo.__module__ == __name__:
        return
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _lookup(socket.getaddrinfo)


def _guarded(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: socket.socket, *args: Any) -> Any:
        address = args[-1]
        if self.family != socket.AF_UNIX and not (_loopback[0] and _is_loopback(address[0])):
            self.close()  # a caller that is ready for an OSError alone would leave it open
            raise SocketsAreOff(address)
        return real(self, *args)

    return call


def _lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        if host and host != "localhost" and not _is_address(host):
            raise SocketsAreOff(host)
        return real(host, *args, **kwargs)

    return getaddrinfo


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str | bytes) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
