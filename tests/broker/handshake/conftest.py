"""Peers for the tests that go over a real connection."""

from tests.broker.fetch.conftest import peer

__all__ = ["peer"]
