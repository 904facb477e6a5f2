"""How a peer is reached: judged addresses only, within the time, and nothing is asked."""

import pytest

from broker.fetch import Probed, Prober, localhost_resolver
from tests.broker.fetch.peer import OK, answer, kind
from tests.tools.doors import SocketsAreOff

pytestmark = pytest.mark.loopback


def prober(**changes):
    return Prober(**{"resolve": localhost_resolver, "allow_http": True, "seconds": 0.5, **changes})


def test_a_plain_peer_is_reached_and_asked_for_nothing(peer):
    served = peer(answer(OK))
    assert prober()(f"http://el.localhost:{served.port}/metadata", allow_private=True) == Probed("127.0.0.1")
    assert served.requests == []


def test_an_address_of_a_private_network_is_not_connected_to(peer):
    served = peer(answer(OK))
    assert kind(lambda: prober()(f"http://el.localhost:{served.port}/")) == "private-address"
    assert served.connections == 0


@pytest.mark.parametrize("url", ["http://el.example/", "ftp://el.example/", "el.example", "https:///metadata"])
def test_what_is_not_https_is_not_probed(url):
    assert kind(lambda: prober(allow_http=False)(url)) == "scheme"


@pytest.mark.parametrize("url", ["https://[::1/", "https://el.example:99999/"])
def test_what_is_no_address_is_a_protocol_error(url):
    assert kind(lambda: prober(resolve=lambda host, port: ["9.9.9.9"])(url)) == "protocol"


def test_a_public_address_is_connected_to():
    with pytest.raises(SocketsAreOff, match=r"9\.9\.9\.9"):
        prober(resolve=lambda host, port: ["9.9.9.9"])("https://el.example/")
