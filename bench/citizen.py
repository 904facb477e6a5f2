"""A citizen with a browser, and the service that he comes from: they log in again and again, and may keep what was said."""

import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.instance import HIDDEN, Instance

_COOKIE = re.compile(r"\r\nSet-Cookie: ([^=]+)=([^;]*)")
_LOCATION = re.compile(r"\r\nLocation: ([^\r]+)")
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)")


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent, and the head and text of its answer."""

    method: str
    target: str
    octets: bytes
    head: str
    text: str


class Citizen:
    """Logs in again and again, each time over a new connection (a kept one would stay at the worker that took it).

    It writes HTTP by hand: an ordinary client would take more of the machine than what it measures.
    """

    def __init__(self, port: int, host: str) -> None:
        self._port = port
        self._host = host
        self._kept: list[Exchange] | None = None
        self._connect()

    def come_anew(self) -> None:
        """Begin again: a new connection, no cookies."""
        self._socket.close()
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, target: str, body: str = "", bearer: str = "") -> tuple[int, str, str]:
        """(status, location, text) of one request."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}"]
        if self._cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        if bearer:
            lines.append(f"Authorization: Bearer {bearer}")
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        octets = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        head, text = self._exchanged(octets)
        if self._kept is not None:
            self._kept.append(Exchange(method, target, octets, head, text))
        for cookie in _COOKIE.findall(head):
            self._cookies[cookie[0]] = cookie[1]
        location = _LOCATION.search(head)
        return int(head[9:12]), location[1] if location else "", text

    def kept(self, work: Callable[[], None]) -> list[Exchange]:
        """What is said in a piece of work."""
        said = self._kept = []
        work()
        self._kept = None
        return said

    def repeat(self, said: list[Exchange]) -> None:
        """Send the same octets again, over a new connection, and read what comes."""
        self.come_anew()
        for exchange in said:
            self._exchanged(exchange.octets)

    def _exchanged(self, octets: bytes) -> tuple[str, str]:
        self._socket.sendall(octets)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length and len(body) < int(length[1]):
            body += self._more()
        return head.decode(), body.decode()

    def _more(self) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise SystemExit("the server closed the connection")
        return piece

    def log_in(self, world: Instance) -> None:
        """A whole login; ends the program when anything is not as it should be."""
        self.come_anew()
        self.read(self.handed(world, self.vouched(world, self.sent(world))))

    def sent(self, world: Instance, **more: str) -> str:
        """The address of the choice, for what the service asks, and `more`."""
        return self.ask("GET", "/api/v2/authorize?" + urlencode({**world.request(), **more}))[1]

    def vouched(self, world: Instance, choice: str) -> str:
        """The address of the confirmation, after a login at the provider."""
        _, there, _ = self.ask("POST", "/choisir", urlencode({**self.form(choice), "provider": "fi"}))
        return self.ask("GET", "/api/v2/oidc-callback/fi?" + world.vouch(there))[1]

    def handed(self, world: Instance, confirm: str, **more: str) -> str:
        """The access token that the service is handed when its citizen confirms, with `more` in the form."""
        _, back, _ = self.ask("POST", "/confirmer", urlencode({**self.form(confirm), "action": "continue", **more}))
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        _, _, tokens = self.ask("POST", "/api/v2/token", urlencode(world.token_request(code)))
        return tokens.partition('"access_token":"')[2].partition('"')[0]

    def read(self, access_token: str) -> None:
        """The userinfo; ends the program when it is not as it should be."""
        status, _, userinfo = self.ask("GET", "/api/v2/userinfo", bearer=access_token)
        if status != 200 or userinfo.count(".") != 2:
            raise SystemExit(f"the login failed: {status} {userinfo[:200]}")

    def form(self, page: str) -> dict[str, str]:
        """The hidden fields of a page."""
        return dict(HIDDEN.findall(self.ask("GET", page)[2]))


def spread(citizens: list[Citizen], work: Callable[[Citizen], None], count: int) -> float:
    """Do `count` pieces of work on all citizens at once; returns the seconds."""
    share = count // len(citizens)

    def run(citizen: Citizen) -> None:
        for _ in range(share):
            work(citizen)

    threads = [threading.Thread(target=run, args=(citizen,)) for citizen in citizens]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began
