"""What the commands of the ledger need: the ledger, its entries, a checkpoint of it, and the keys that count."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.tools import WRONG_USAGE, fail, is_absent, now

if TYPE_CHECKING:
    from broker.commands.exported import Exported
    from broker.ledger import Ledger
    from broker.settings import Settings
    from certs.keyring import Keyring
    from certs.keys import Key, PublicKey
    from metadata.ledger import Entry
    from metadata.ledger.checkpoint import Checkpoint


class Telling(click.Group):
    """A group whose commands end with a sentence when the database fails them."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(context)
        except Exception as failed:
            from broker.ports import StoreUnavailable

            if not isinstance(failed, StoreUnavailable):
                raise
            fail(str(failed))


def open_ledger(settings: "Settings") -> "Ledger":
    """The ledger of an instance until the command ends; ends the program when there is none."""
    from broker.ledger import Ledger
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    if settings.database == "memory:" or is_absent(settings.database):
        fail("there is no ledger yet: it begins at the first start of an instance with a database")
    try:
        store = open_store(settings.database, now)
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    click.get_current_context().call_on_close(store.close)
    return Ledger(store)


def entries_of(ledger: "Ledger") -> Sequence["Entry"]:
    """Every entry, at least one; ends the program when they do not hold."""
    from metadata.errors import LedgerRefused

    try:
        entries = ledger.entries()
    except LedgerRefused as refused:
        fail(f"{refused}: passerelle audit verify")
    return entries or fail("the ledger has no entry yet: it begins at the first start of the instance")


def head_of(
    settings: "Settings", ledger: "Ledger", entries: Sequence["Entry"], file: Path | None
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


def keys_of(settings: "Settings | None", ledger: "Ledger | Exported", files: Sequence[Path]) -> list["PublicKey"]:
    """The keys whose checkpoints count: those in files; else those of an instance, and those that the ledger speaks of."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    from certs.keys import Use

    try:
        if files:
            return [load_pem_public_key(file.read_bytes()) for file in files]  # type: ignore[misc] # others are passed over
    except ValueError:
        fail(f"{', '.join(map(str, files))}: not a public key in PEM", WRONG_USAGE)
    own = [key.public_key for key in _ring(settings).all(Use.LEDGER_SIGNING)] if settings else []
    return [*own, *_held_keys(ledger)]


def _held_keys(ledger: "Ledger | Exported") -> Iterator["PublicKey"]:
    """The keys that a ledger speaks of, which are what it says; what was altered is named elsewhere."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    from broker.ledger import digest_of

    for digest in _named_keys(ledger):
        octets = ledger.blob(digest) or b""
        if digest_of(octets) == digest:
            with suppress(ValueError):
                yield load_der_public_key(octets)  # type: ignore[misc] # others are passed over


def _named_keys(ledger: "Ledger | Exported") -> list[str]:
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
