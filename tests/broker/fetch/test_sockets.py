"""What a socket receives must have come in time, and be waited for no longer."""

import socket
import time

import pytest

from broker.fetch.sockets import is_quiet, received


@pytest.fixture
def pair():
    """The peer's socket, which has sent five bytes, and ours."""
    theirs, ours = socket.socketpair()
    with theirs, ours:
        theirs.sendall(b"hello")
        yield theirs, ours


def test_what_came_in_time_is_received(pair):
    assert received(pair[1], time.monotonic() + 5) == b"hello"


def test_nothing_is_received_after_the_deadline_even_if_it_is_there(pair):
    with pytest.raises(TimeoutError):
        received(pair[1], time.monotonic() - 1)


def test_what_does_not_come_is_waited_for_until_the_deadline(pair):
    deadline = time.monotonic() + 0.1
    received(pair[1], deadline)
    with pytest.raises(TimeoutError):
        received(pair[1], deadline)
    assert -0.001 < time.monotonic() - deadline < 1


def test_a_peer_who_has_said_something_or_has_closed_is_not_quiet(pair):
    theirs, ours = pair
    assert not is_quiet(ours)
    received(ours, time.monotonic() + 5)
    assert is_quiet(ours)
    theirs.close()
    assert not is_quiet(ours)
