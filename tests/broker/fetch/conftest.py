"""Peers that are stopped after the test."""

import pytest

from tests.broker.fetch.peer import Peer


@pytest.fixture
def peer():
    """Starts peers: `peer(behave)`, over TLS `peer(behave, context)`."""
    peers = []

    def start(behave, context=None):
        peers.append(Peer(behave, context))
        return peers[-1]

    yield start
    for each in peers:
        each.close()
