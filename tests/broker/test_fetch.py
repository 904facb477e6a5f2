"""The way out: bounds on time, size and destination, against a server that misbehaves."""

import socket
import ssl
import threading
import time

import pytest

from broker.fetch import LARGEST, Fetcher, FetchFailed, localhost_resolver
from oidc.messages import HttpRequest

pytestmark = pytest.mark.loopback
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """A server that answers each connection with a function of its socket; it counts connections and requests."""

    def __init__(self, behave):
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self.requests = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                while request := self._read(connection):
                    self.requests.append(request)
                    if self._behave(connection) == "close":
                        return
            except OSError:
                return

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


@pytest.fixture
def peer():
    """Starts peers, and stops them afterwards."""
    peers = []

    def start(behave):
        peers.append(Peer(behave))
        return peers[-1]

    yield start
    for each in peers:
        each.close()


def fetcher(**changes):
    return Fetcher(**{"resolve": localhost_resolver, "allow_http": True, "total": 0.5, **changes})


def get(port, path="/", *, fetch=None, host="fi.localhost", allow_private=True, method="GET", body=b""):
    request = HttpRequest(method, f"http://{host}:{port}{path}", {"Accept": "application/json"}, body)
    return (fetch or fetcher())(request, allow_private=allow_private)


def kind(call):
    with pytest.raises(FetchFailed) as failed:
        call()
    return failed.value.kind


def answer(content):
    return lambda connection: connection.sendall(content)


def test_an_answer_comes_as_it_is(peer):
    response = get(peer(answer(OK)).port)
    assert (response.status, response.headers["content-type"], response.body) == (200, "application/json", b"{}")


def test_the_query_and_the_name_reach_the_peer_and_no_cookie_does(peer):
    served = peer(answer(OK))
    get(served.port, "/path?a=1&b=2")
    head = served.requests[0].decode()
    assert head.startswith("GET /path?a=1&b=2 HTTP/1.1\r\n")
    assert f"Host: fi.localhost:{served.port}" in head
    assert "User-Agent: Passerelle" in head
    assert "Cookie" not in head


def test_a_connection_is_kept_for_the_next_request(peer):
    served, fetch = peer(answer(OK)), fetcher()
    for _ in range(3):
        get(served.port, fetch=fetch)
    assert (served.connections, len(served.requests)) == (1, 3)


def test_a_connection_that_the_peer_closed_is_opened_anew(peer):
    served, fetch = peer(lambda connection: (connection.sendall(OK), "close")[1]), fetcher()
    get(served.port, fetch=fetch)
    time.sleep(0.05)
    assert get(served.port, fetch=fetch, method="POST", body=b"code=1").status == 200


def test_a_redirect_is_returned_and_not_followed(peer):
    served = peer(answer(b"HTTP/1.1 302 Found\r\nLocation: http://fi.localhost/other\r\nContent-Length: 0\r\n\r\n"))
    assert get(served.port).status == 302
    assert len(served.requests) == 1


def test_a_peer_that_says_nothing_is_left_in_time(peer):
    began = time.monotonic()
    assert kind(lambda: get(peer(lambda connection: time.sleep(3)).port)) == "timeout"
    assert time.monotonic() - began < 2


def test_an_answer_that_drips_is_left_in_time(peer):
    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)

    began = time.monotonic()
    assert kind(lambda: get(peer(drip).port)) == "timeout"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("head", [b"Content-Length: 10000000\r\n", b"Connection: close\r\n"])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(peer, head):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"x" * (LARGEST + 1))
        time.sleep(1)

    assert kind(lambda: get(peer(flood).port, fetch=fetcher(total=3))) == "too-large"


def test_what_is_left_of_a_large_answer_does_not_spoil_the_next(peer):
    answers = iter((b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + b"x" * 400_000, OK))
    served, fetch = peer(lambda connection: connection.sendall(next(answers))), fetcher(total=3)
    kind(lambda: get(served.port, fetch=fetch))
    assert get(served.port, fetch=fetch).body == b"{}"


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["nonsense", "truncated", "compressed"],
)
def test_an_answer_that_is_not_one_is_a_protocol_error(peer, content):
    served = peer(lambda connection: (connection.sendall(content), "close")[1])
    assert kind(lambda: get(served.port)) == "protocol"


def test_a_port_where_nobody_listens_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert kind(lambda: get(port)) == "refused"


def test_a_peer_that_speaks_no_tls_is_a_tls_error(peer):
    served = peer(answer(OK))
    request = HttpRequest("GET", f"https://fi.localhost:{served.port}/", {}, b"")
    assert kind(lambda: fetcher()(request, allow_private=True)) in ("tls", "timeout")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
    ],
)
def test_private_addresses_are_not_asked(address):
    fetch = fetcher(resolve=lambda host, port: [address])
    assert kind(lambda: get(80, fetch=fetch, host="provider.example", allow_private=False)) == "private-address"


def test_one_private_address_among_others_is_enough_to_refuse():
    fetch = fetcher(resolve=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    assert kind(lambda: get(80, fetch=fetch, host="provider.example", allow_private=False)) == "private-address"


def test_a_multicast_address_is_never_asked():
    fetch = fetcher(resolve=lambda host, port: ["224.0.0.1"])
    assert kind(lambda: get(80, fetch=fetch, host="provider.example")) == "private-address"


def test_a_name_is_resolved_once_for_a_connection(peer):
    served, asked = peer(answer(OK)), []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    get(served.port, fetch=fetcher(resolve=resolve), host="provider.example")
    assert asked == ["provider.example"]


@pytest.mark.parametrize("resolve", [lambda host, port: [], lambda host, port: (_ for _ in ()).throw(OSError("no"))])
def test_a_name_without_an_address_is_a_dns_error(resolve):
    assert kind(lambda: get(80, fetch=fetcher(resolve=resolve))) == "dns"


@pytest.mark.parametrize("url", ["http://provider.example/", "ftp://provider.example/", "file:///etc/passwd", "https:///x"])
def test_only_https_is_spoken_outside_the_sandbox(url):
    assert kind(lambda: Fetcher()(HttpRequest("GET", url, {}, b""))) == "scheme"


def test_a_failure_names_the_host_and_nothing_of_the_query(peer):
    with pytest.raises(FetchFailed) as failed:
        get(peer(answer(b"nonsense\r\n\r\n")).port, "/?code=secret")
    assert str(failed.value) == "protocol at fi.localhost"


def test_every_name_under_localhost_is_this_machine():
    assert localhost_resolver("fi.localhost", 80) == ["127.0.0.1"]


def test_tls_checks_the_name():
    context = Fetcher()._context
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
