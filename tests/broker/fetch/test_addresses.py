"""Where we may go: a name is looked up once, its addresses are judged, and we go to one that was judged."""

import socket
import time

import pytest

from broker.fetch import localhost_resolver, system_resolver
from tests.broker.fetch.peer import OK, answer, fetcher, get, kind
from tests.tools.doors import SocketsAreOff

pytestmark = pytest.mark.loopback
HERE = "127.0.0.1"


def leading_to(*addresses):
    """A fetcher for which every name has these addresses."""
    return fetcher(resolve=lambda host, port: list(addresses))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fec0::1", "2001:db8::1", "100::1", "4000::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1"),
    ],
)
def test_an_address_that_is_not_public_is_not_asked(address):
    fetch = leading_to(address)
    assert kind(lambda: get(80, fetch=fetch, host="provider.example", allow_private=False)) == "private-address"


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::9", "64:ff9b::9.9.9.9", "::ffff:9.9.9.9", "2002:909:909::1"])
def test_a_public_address_is_asked(address):
    fetch = leading_to(address)
    with pytest.raises(SocketsAreOff, match=address):
        get(80, fetch=fetch, host="provider.example", allow_private=False)


@pytest.mark.parametrize("addresses", [("9.9.9.9", HERE), (HERE, "9.9.9.9")])
def test_one_private_address_among_others_is_enough_to_refuse(addresses):
    fetch = leading_to(*addresses)
    assert kind(lambda: get(80, fetch=fetch, host="provider.example", allow_private=False)) == "private-address"


@pytest.mark.parametrize("address", ["224.0.0.1", "ff02::1", "::ffff:224.0.0.1"])
def test_a_multicast_address_is_never_asked(address):
    assert kind(lambda: get(80, fetch=leading_to(address))) == "private-address"


def test_a_name_that_changes_its_address_leads_to_the_one_that_was_judged():
    answers = iter((["9.9.9.9"], [HERE]))
    fetch = fetcher(resolve=lambda host, port: next(answers))
    with pytest.raises(SocketsAreOff, match=r"9\.9\.9\.9"):
        get(80, fetch=fetch, host="provider.example", allow_private=False)


def test_a_name_is_looked_up_once_for_a_connection(peer):
    asked = []
    fetch = fetcher(resolve=lambda host, port: (asked.append(host), [HERE])[1])
    get(peer(answer(OK)).port, fetch=fetch, host="provider.example")
    assert asked == ["provider.example"]


def test_the_next_address_is_tried_when_one_does_not_answer(peer):
    assert get(peer(answer(OK)).port, fetch=leading_to("127.0.0.2", HERE)).status == 200


def test_an_address_that_swallows_everything_leaves_time_for_the_next(peer):
    served = peer(answer(OK))
    with socket.socket() as full:
        full.bind(("127.0.0.2", served.port))
        full.listen(0)
        with socket.create_connection(full.getsockname()):  # the only place in its queue
            assert get(served.port, fetch=leading_to("127.0.0.2", HERE)).status == 200


def test_a_port_where_nobody_listens_is_refused():
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    assert kind(lambda: get(port)) == "refused"


def test_a_port_that_swallows_everything_is_left_in_time():
    with socket.socket() as full:
        full.bind((HERE, 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):
            assert kind(lambda: get(full.getsockname()[1])) == "timeout"


@pytest.mark.parametrize("resolve", [lambda host, port: [], lambda host, port: (_ for _ in ()).throw(OSError("no"))])
def test_a_name_without_an_address_is_a_dns_error(resolve):
    assert kind(lambda: get(80, fetch=fetcher(resolve=resolve))) == "dns"


def test_a_name_that_is_none_is_a_dns_error():
    assert kind(lambda: get(80, fetch=fetcher(resolve=lambda host, port: host.encode("idna")), host="a..b")) == "dns"


def test_a_look_up_that_hangs_is_left_in_time():
    began = time.monotonic()
    assert kind(lambda: get(80, fetch=fetcher(resolve=lambda host, port: (time.sleep(2), [HERE])[1]))) == "timeout"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["localhost", "fi.localhost"])
def test_every_name_under_localhost_is_this_machine(name):
    assert localhost_resolver(name, 80) == [HERE]


def test_other_names_are_the_systems_to_answer():
    assert localhost_resolver("127.0.0.3", 80) == system_resolver("127.0.0.3", 80) == ["127.0.0.3"]
