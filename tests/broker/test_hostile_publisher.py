"""A publisher that is slow, endless, huge or moved: each costs a bounded time and no trust."""

import time

import pytest

from broker.fetch import Fetcher, localhost_resolver
from broker.refreshing import MetadataWays, Refresher
from metadata.ledger.kinds import IN_FORCE
from tests.broker.fetch.peer import Peer
from tests.broker.fetched import Trusting

pytestmark = pytest.mark.loopback
LARGEST = 300_000


def page(octets: bytes, kind: str = "application/samlmetadata+xml") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind.encode(), len(octets)) + octets


def drip(connection) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
    for _ in range(40):
        connection.sendall(b"<")
        time.sleep(0.05)


def endless(connection) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<md:EntitiesDescriptor>")
    for _ in range(1000):
        connection.sendall(b"<md:EntityDescriptor/>" * 100)


def silent(_connection) -> None:
    time.sleep(2)


MOVED = b"HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
DEEP = b"<a>" * 30_000 + b"</a>" * 30_000
HOSTILE = {
    "slow": (drip, "failed"),
    "endless": (endless, "failed"),
    "silent": (silent, "failed"),
    "moved": (lambda one: one.sendall(MOVED), "failed"),
    "compressed": (
        lambda one: one.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"),
        "failed",
    ),
    "huge": (lambda one: one.sendall(page(b"<a>" + b" " * LARGEST + b"</a>")), "failed"),
    "cut short": (lambda one: one.sendall(page(b"<a/>").replace(b": 4", b": 400")) or "close", "failed"),
    "another type": (lambda one: one.sendall(page(b"%PDF-1.7", "application/pdf")), "refused"),
    "a page": (lambda one: one.sendall(page(b"<!doctype html><p>Wartung</p>", "text/html")), "refused"),
    "entities": (lambda one: one.sendall(page(BOMB)), "refused"),
    "deep": (lambda one: one.sendall(page(DEEP)), "refused"),
}


@pytest.fixture
def publish(tmp_path):
    """Starts a publisher that behaves in some way, of a node that is trusted already."""
    peers = []

    def start(behave) -> Trusting:
        trusting = Trusting(tmp_path, auto=True)
        trusting.publish()
        trusting.refresh()
        peers.append(Peer(behave))
        fetch = Fetcher(localhost_resolver, allow_http=True, total=0.5, largest=LARGEST)
        trusting.refresher = Refresher(trusting.ledger, trusting.vault, MetadataWays(fetch, fetch), trusting.clock)
        address = f"http://node.el.localhost:{peers[-1].port}/metadata"
        trusting.change(sources={"proxy": address}, private_addresses=True)
        return trusting

    yield start
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_publisher_costs_a_bounded_time_and_no_trust(publish, name):
    behave, word = HOSTILE[name]
    trusting = publish(behave)
    before, began = trusting.said(IN_FORCE), time.monotonic()
    assert trusting.refresh().word == word
    assert time.monotonic() - began < 1.5
    assert trusting.said(IN_FORCE) == before


def test_a_publisher_in_a_private_network_is_not_asked_unless_its_entry_says_so(publish):
    trusting = publish(lambda one: one.sendall(page(b"<a/>")))
    trusting.change(private_addresses=False)
    assert "private-address" in trusting.refresh().detail
