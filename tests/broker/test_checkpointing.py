"""Checkpoints that workers sign by themselves."""

import pytest

from broker.checkpointing import DAY, sign, sign_daily
from broker.ledger import Ledger
from broker.store import open_store
from certs.keyring import load_keyring, make_missing, new_key
from certs.keys import State, Use
from metadata.errors import LedgerRefused
from metadata.ledger import Stated
from metadata.ledger.checkpoint import read_checkpoint
from metadata.ledger.kinds import CONFIGURATION
from tests.broker.world import Clock, settings_of


class Day:
    """An instance with a ledger and a key for it, at some moment."""

    def __init__(self, folder) -> None:
        self.clock = Clock()
        self.keys = folder / "secrets" / "keys"
        self.keys.mkdir(parents=True)
        make_missing(self.keys, (Use.LEDGER_SIGNING,), self.clock(), "connexion.example")
        self.settings = settings_of(folder, "memory:")
        self.ledger = Ledger(open_store("memory:", self.clock))

    def grow(self, letter: str) -> None:
        said = Stated(CONFIGURATION, "instance", {"mode": "production", "program": "0.1.0"}, letter * 64)
        self.ledger.note([said], (), self.clock())

    def sign(self) -> bool:
        return sign_daily(self.ledger, self.settings, load_keyring(self.keys), self.clock())


@pytest.fixture
def day(tmp_path):
    return Day(tmp_path)


def test_the_first_entries_are_signed_at_once(day):
    day.grow("a")
    key = load_keyring(day.keys).active(Use.LEDGER_SIGNING)
    assert day.sign() is True
    (note,) = day.ledger.checkpoints().values()
    signed = read_checkpoint(note, [key.public_key])
    assert (signed.origin, signed.size, signed.root) == ("connexion.example/ledger", *day.ledger.head())


def test_a_ledger_that_grows_is_signed_once_a_day(day):
    day.grow("a")
    day.sign()
    day.grow("b")
    assert day.sign() is False
    day.clock.advance(DAY)
    assert (day.sign(), day.sign(), len(day.ledger.checkpoints())) == (True, False, 2)


def test_a_ledger_that_did_not_grow_is_not_signed_again(day):
    day.grow("a")
    day.sign()
    day.clock.advance(2 * DAY)
    assert day.sign() is False


def test_an_empty_ledger_is_not_signed(day):
    assert (day.sign(), day.ledger.checkpoints()) == (False, {})


def test_without_an_active_key_nothing_is_signed(day):
    for file in day.keys.glob("ledger-signing-*"):
        file.unlink()
    new_key(day.keys, Use.LEDGER_SIGNING, "P-256", State.PUBLISHED, day.clock())
    day.grow("a")
    assert day.sign() is False


def test_a_ledger_that_is_not_that_of_its_checkpoints_is_not_signed(day):
    day.grow("a")
    other = Day(day.keys.parent / "other")
    other.grow("b")
    key = load_keyring(day.keys).active(Use.LEDGER_SIGNING)
    note = sign(other.ledger, other.settings, key, day.clock())
    day.ledger.keep_checkpoint(read_checkpoint(note, [key.public_key]), note)
    with pytest.raises(LedgerRefused, match="signed over other entries"):
        day.sign()
