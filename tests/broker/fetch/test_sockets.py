"""What a socket receives must have come in time, and be waited for no longer."""

import socket
import time

import pytest

from broker.fetch.sockets import BoundedSocket


@pytest.fixture
def pair():
    """A socket that has five bytes to receive, until the deadline that a test sets."""
    theirs, ours = socket.socketpair()
    with theirs, BoundedSocket(fileno=ours.detach()) as bounded:
        theirs.sendall(b"hello")
        yield bounded


def test_what_came_in_time_is_received(pair):
    pair.deadline = time.monotonic() + 5
    assert pair.makefile("rb").read(5) == b"hello"


def test_nothing_is_received_after_the_deadline_even_if_it_is_there(pair):
    pair.deadline = time.monotonic() - 1
    with pytest.raises(TimeoutError):
        pair.recv_into(bytearray(5))


def test_what_does_not_come_is_waited_for_until_the_deadline(pair):
    pair.deadline = time.monotonic() + 0.1
    with pytest.raises(TimeoutError):
        pair.makefile("rb").read(6)
    assert -0.001 < time.monotonic() - pair.deadline < 1
