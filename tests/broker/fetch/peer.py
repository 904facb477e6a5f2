"""A provider's server that misbehaves on demand, and the ways to ask it."""

import socket
import threading
from contextlib import suppress

import pytest

from broker.fetch import Fetcher, FetchFailed, localhost_resolver
from oidc.messages import HttpRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """Answers each request on a connection with a function of its socket, until that says "close"; keeps count."""

    def __init__(self, behave, context=None):
        self._behave = behave
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self.requests = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with suppress(OSError), connection, self._secured(connection) as speaking:
            while request := self._read(speaking):
                self.requests.append(request)
                if self._behave(speaking) == "close":
                    return

    def _secured(self, connection):
        return self._context.wrap_socket(connection, server_side=True) if self._context else connection

    def _read(self, connection):
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                return b""
            received += piece
        return received

    def close(self):
        """Stop listening."""
        self._socket.close()


def answer(content):
    """A behaviour: always this answer."""
    return lambda connection: connection.sendall(content)


def answers(*contents):
    """A behaviour: one after the other; None is a connection that ends without a word."""
    waiting = iter(contents)

    def behave(connection):
        content = next(waiting)
        return "close" if content is None else connection.sendall(content)

    return behave


def fetcher(**changes):
    """A fetcher of the sandbox that waits half a second."""
    return Fetcher(**{"resolve": localhost_resolver, "allow_http": True, "total": 0.5, **changes})


def get(port, path="/", *, fetch=None, host="fi.localhost", allow_private=True, method="GET", body=b"", scheme="http"):
    """Ask a peer on this machine."""
    request = HttpRequest(method, f"{scheme}://{host}:{port}{path}", {"Accept": "application/json"}, body)
    return (fetch or fetcher())(request, allow_private=allow_private)


def kind(call):
    """The kind of failure that a call ends in."""
    with pytest.raises(FetchFailed) as failed:
        call()
    return failed.value.kind
