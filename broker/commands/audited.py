"""What the commands of the ledger need: the ledger, its entries, a checkpoint of it, and the keys that count."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from broker.commands.tools import WRONG_USAGE, fail

if TYPE_CHECKING:
    from broker.ledger import Ledger
    from broker.settings import Settings
    from certs.keyring import Keyring
    from certs.keys import Key, PublicKey
    from metadata.ledger import Entry
    from metadata.ledger.checkpoint import Checkpoint


def open_ledger(settings: "Settings") -> "Ledger":
    """The ledger of an instance; ends the program when there is none."""
    from broker.recording import ledger_of

    ledger = ledger_of(settings)
    if ledger is None or not ledger.events.exists():
        fail("there is no ledger yet: it begins at the first start of an instance with a database")
    return ledger


def entries_of(ledger: "Ledger") -> list["Entry"]:
    """Every entry, at least one; ends the program when they do not hold."""
    from metadata.errors import LedgerRefused

    try:
        entries = ledger.entries()
    except LedgerRefused as refused:
        fail(f"{refused}: passerelle audit verify")
    return entries or fail("the ledger has no entry")


def head_of(
    settings: "Settings", ledger: "Ledger", entries: list["Entry"], file: Path | None
) -> tuple[bytes, "Checkpoint"]:
    """A checkpoint that was signed over this ledger, and its octets; ends the program when it was not."""
    from metadata.errors import LedgerRefused
    from metadata.ledger.checkpoint import check_head, read_checkpoint

    notes = [file.read_bytes()] if file else list(ledger.checkpoints().values())[-1:]
    if not notes:
        fail("there is no checkpoint yet: passerelle audit checkpoint")
    try:
        signed = read_checkpoint(notes[0], keys_of(settings, ledger, ()))
        check_head(signed, entries)
    except LedgerRefused as refused:
        fail(str(refused))
    return notes[0], signed


def keys_of(settings: "Settings", ledger: "Ledger", files: Sequence[Path]) -> list["PublicKey"]:
    """The keys whose checkpoints count: those in files; else the instance's, and those that its ledger speaks of."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

    from certs.keys import Use

    try:
        if files:
            return [load_pem_public_key(file.read_bytes()) for file in files]  # type: ignore[misc] # others are passed over
        own = [key.public_key for key in _ring(settings).all(Use.LEDGER_SIGNING)]
        held = (ledger.blob(digest) for digest in _named_keys(ledger))
        return [*own, *(load_der_public_key(octets) for octets in held if octets)]  # type: ignore[list-item]
    except ValueError:
        fail(f"{', '.join(map(str, files)) or 'a key in the ledger'}: not a public key in PEM", WRONG_USAGE)


def _named_keys(ledger: "Ledger") -> list[str]:
    from metadata.errors import LedgerRefused

    try:
        entries = ledger.entries()
    except LedgerRefused:
        return []  # which entry is wrong is said elsewhere
    return [one.event.facts["public_key"] for one in entries if one.event.facts.get("use") == "ledger-signing"]


def signing_key(settings: "Settings") -> "Key":
    """The key that signs checkpoints; ends the program when there is none."""
    from certs.keys import Use

    try:
        return _ring(settings).active(Use.LEDGER_SIGNING)
    except LookupError as absent:
        fail(str(absent.args[0]))


def _ring(settings: "Settings") -> "Keyring":
    from certs.keyring import KeyRefused, load_keyring

    try:
        return load_keyring(settings.secrets_folder / "keys")
    except KeyRefused as refused:
        fail(str(refused))
