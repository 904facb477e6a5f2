import socket

import pytest

from tests.tools.doors import SocketsAreOff

NOBODY = ("192.0.2.1", 443)  # RFC 5737: an address that belongs to nobody


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()


def test_a_test_cannot_connect_to_another_machine():
    with pytest.raises(SocketsAreOff):
        socket.create_connection(NOBODY)


@pytest.mark.loopback
def test_not_even_a_test_that_may_use_the_loopback_interface():
    with pytest.raises(SocketsAreOff):
        socket.create_connection(NOBODY)


def test_a_test_cannot_send_a_datagram():
    with socket.socket(type=socket.SOCK_DGRAM) as sender, pytest.raises(SocketsAreOff):
        sender.sendto(b"tell nobody", NOBODY)


@pytest.mark.loopback
def test_a_test_cannot_look_up_a_name():
    with pytest.raises(SocketsAreOff):
        socket.getaddrinfo("service.example", 443)


def test_an_unmarked_test_cannot_use_the_loopback_interface(server):
    with pytest.raises(SocketsAreOff):
        socket.create_connection(server)


@pytest.mark.loopback
def test_a_marked_test_can(server):
    with socket.create_connection(server) as connection:
        assert connection.getpeername() == server


def test_a_unix_socket_is_always_open():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"here")
        assert theirs.recv(4) == b"here"
