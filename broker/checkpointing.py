"""Checkpoints of the ledger: signed by command, and by a worker once a day while the ledger grows."""

from urllib.parse import urlsplit

from broker.ledger import Ledger
from broker.settings.model import Settings
from certs.keyring import Keyring
from certs.keys import Key, Use
from metadata.ledger.checkpoint import Checkpoint, parse_checkpoint, write_checkpoint

DAY = 86_400


def sign(ledger: Ledger, settings: Settings, key: Key, now: int) -> bytes:
    """Sign the size and the root of the ledger at `now` (Unix seconds); the note, which is kept. Raises LedgerRefused."""
    size, root = ledger.head()
    checkpoint = Checkpoint(f"{urlsplit(settings.public_url).netloc}/ledger", size, root, now)
    note = write_checkpoint(checkpoint, key)
    ledger.keep_checkpoint(checkpoint, note)
    return note


def sign_daily(ledger: Ledger, settings: Settings, keyring: Keyring, now: int) -> bool:
    """Sign one if there is a key for it, the last one is a day old, and entries have come since. Whether one was signed.

    Two workers that do it at once sign two notes of the same ledger, which harms nothing. Raises LedgerRefused.
    """
    keys = [key for key in keyring.all(Use.LEDGER_SIGNING) if key.state == "active"]
    kept = [parse_checkpoint(octets)[0] for octets in ledger.checkpoints().values()]
    size, _ = ledger.head()
    recent = any(one.time > now - DAY for one in kept)
    if not keys or not size or recent or any(one.size == size for one in kept):
        return False
    sign(ledger, settings, keys[0], now)
    return True
