"""Two providers on sockets, one of which misbehaves: how long a login through the other takes in a small worker."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from broker.fetch import Fetcher, localhost_resolver
from oidc.messages import HttpRequest
from tests.broker.test_providers_oidc import attempt
from tests.broker.world import ISSUER, Clock, World

pytestmark = pytest.mark.loopback

PATIENCE = 3.0  # seconds that a request of ours may take here
WORKER = 4  # threads, as in docs/operator/gunicorn.conf.py


class Site(ThreadingHTTPServer):
    """A provider on a socket. `misbehave` answers in its place at the token endpoint."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, fi):
        self.fi, self.misbehave, self.over = fi, None, threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(b"")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body):
        if self.server.misbehave and self.path == "/token":
            with suppress(OSError):  # we hung up
                self.server.misbehave(self)
            self.close_connection = True
            return None
        request = HttpRequest(self.command, self.server.fi.issuer + self.path, dict(self.headers.items()), body)
        answer = self.server.fi.fetch(request)
        return say(self, answer.status, answer.headers.get("content-type", ""), answer.body)

    def log_message(self, *_):
        pass


def say(handler, status, kind, content, **headers):
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def hang(handler):
    handler.server.over.wait(60)


def drip(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.server.over.wait(0.1):
        handler.wfile.write(b"x")


def truncate(handler):
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"access_token": "')
    handler.close_connection = True


def redirect(handler):
    say(handler, 307, "text/html", b"", Location="/token")


def ten_megabytes(handler):
    say(handler, 200, "application/json", b" " * 10_000_000)


def wrong_types(handler):
    say(handler, 200, "application/json", b'{"access_token": 1, "id_token": [], "token_type": {}}')


def a_page(handler):
    say(handler, 200, "text/html", b"<html>")


def refuse(handler):
    say(handler, 503, "text/html", b"down")


class SocketWorld(World):
    """A world whose back channel goes over sockets."""

    out = Fetcher(localhost_resolver, allow_http=True, total=PATIENCE)

    def fetch(self, request, *, allow_private=False):
        parts = urlsplit(request.url)
        port = self.sites[parts.hostname.removesuffix(".example")].server_address[1]
        plain = HttpRequest(request.method, f"http://localhost:{port}{parts.path}", request.headers, request.body)
        return self.out(plain, allow_private=True)


@pytest.fixture
def world(instance_folder):
    world = SocketWorld(instance_folder, clock=Clock())
    world.sites = {name: Site(fi) for name, fi in world.fi.items()}
    yield world
    for site in world.sites.values():
        site.over.set()
        site.shutdown()
        site.server_close()


def seconds_of_a_login(world, worker):
    """How long a login through the provider that is well takes, each of its requests in a thread of the worker."""
    browser, begun = world.browser(), time.monotonic()
    page = worker.submit(lambda: browser.page(browser.authorize())).result()
    departed = worker.submit(browser.choose, page, "poste").result()
    confirmation = worker.submit(lambda: browser.page(browser.prove(departed, "poste"))).result()
    assert "code=" in worker.submit(browser.confirm, confirmation).result().location
    return time.monotonic() - begun


BEHAVIOURS = [hang, drip, truncate, redirect, ten_megabytes, wrong_types, a_page, refuse]


@pytest.mark.parametrize("misbehave", BEHAVIOURS, ids=lambda one: one.__name__)
def test_a_provider_that_misbehaves_slows_nobody_else_down(world, misbehave):
    with ThreadPoolExecutor(WORKER) as worker:
        alone = min(seconds_of_a_login(world, worker) for _ in range(3))
        world.sites["impots"].misbehave = misbehave
        assert "FI-20" in attempt(world).text  # the first citizen who meets it, and who waits for it
        victims = [departed(world) for _ in range(8)]
        heard = [worker.submit(browser.get, callback) for browser, callback in victims]
        beside = seconds_of_a_login(world, worker)
        assert beside < alone + PATIENCE / 2
        assert {future.result().status_code for future in heard} == {303}


def departed(world):
    browser = world.browser()
    location = browser.choose(browser.page(browser.authorize())).location
    return browser, f"{ISSUER}/oidc-callback/impots?{world.fi['impots'].log_in(location)}"


def test_once_it_is_known_to_be_down_it_costs_nobody_anything(world):
    world.sites["impots"].misbehave = refuse
    for _ in range(5):
        attempt(world)
    world.sites["impots"].misbehave = hang
    begun = time.monotonic()
    assert "FI-210" in attempt_to_choose(world).text
    assert time.monotonic() - begun < PATIENCE / 2


def attempt_to_choose(world):
    browser = world.browser()
    return browser.page(browser.choose(browser.page(browser.authorize())))
