"""Services that are told over real connections: those that hang, drip, answer without end, or lead us elsewhere."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broker.fetch import Fetcher, localhost_resolver
from tests.broker.told import log_in, parties, rooms_of, turn
from tests.broker.web.test_backchannel import leave_by_oneself, shown

pytestmark = pytest.mark.loopback
TOTAL = 1.0


class Peer(BaseHTTPRequestHandler):
    """One server for all services: the path says how it behaves."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.heard.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        getattr(self, self.path.strip("/"))()

    do_GET = do_POST

    def good(self):
        self._answer(200)

    def hangs(self):
        self.server.stopped.wait(10)

    def drips(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.server.stopped.wait(0.1):
            self.wfile.write(b"x")

    def endless(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.server.stopped.is_set():
            self.wfile.write(b"x" * 65_536)

    def elsewhere(self):
        self._answer(307, "/good")

    def nothing(self):
        self.close_connection = True

    def _answer(self, status, location=""):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Location", location)
        self.end_headers()

    def handle(self):
        try:
            super().handle()
        except OSError:  # we hung up
            self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    server.heard, server.stopped = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def peer():
    with serving() as server:
        yield server


def world_of(make_world, peer, private=True, **behaviours):
    """A world whose services behave so, and which tells them over real connections."""
    everybody = parties(*behaviours, private_addresses=private)
    of = {name: f"http://{name}.localhost:{peer.server_port}/{how}" for name, how in behaviours.items()}
    services = {name: replace(one, tell_at=of.get(name, "")) for name, one in everybody.services.items()}
    world = make_world(parties=replace(everybody, services=services))
    rooms_of(world).telling._fetch = Fetcher(localhost_resolver, allow_http=True, total=TOTAL)
    return world


def visited(world, *names):
    browser = world.browser()
    for name in names:
        log_in(browser, name)
    return browser


@pytest.mark.parametrize("how", ["hangs", "drips", "endless", "elsewhere", "nothing"])
def test_a_service_that_misbehaves_harms_nobody_and_is_told_again(make_world, peer, how):
    world = world_of(make_world, peer, mairie="good", rsa=how)
    browser = visited(world, "mairie", "rsa")
    began = time.monotonic()
    said = shown(browser, leave_by_oneself(browser))
    assert (said, time.monotonic() - began < 2.5) == ({"confirmed": {"mairie"}, "pending": {"rsa"}}, True)
    assert sorted(peer.heard) == sorted(["/good", f"/{how}"])
    world.clock.advance(30)
    assert turn(world) == ("pending",)


def test_while_one_hangs_another_citizen_of_another_service_does_not_wait(make_world, peer):
    world = world_of(make_world, peer, mairie="good", rsa="hangs")
    waiting, quick = visited(world, "rsa"), visited(world, "mairie")
    thread = threading.Thread(target=lambda: leave_by_oneself(waiting))
    thread.start()
    began = time.monotonic()
    leave_by_oneself(quick)
    took = time.monotonic() - began
    thread.join()
    assert took < 0.8 * TOTAL


def test_an_address_of_our_own_network_is_not_called_unless_the_file_says_so(make_world, peer):
    world = world_of(make_world, peer, private=False, mairie="good")
    browser = visited(world, "mairie")
    assert (shown(browser, leave_by_oneself(browser)), peer.heard) == ({"pending": {"mairie"}}, [])
