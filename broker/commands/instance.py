"""An instance as its workers see it: the settings with whom the ledger trusts, the store, and the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from broker.commands.tools import fail, is_absent, now, settings_of

if TYPE_CHECKING:
    from broker.ledger import Ledger
    from broker.ports import Store
    from broker.refreshing import Refresher
    from broker.settings import Settings


@dataclass(frozen=True, slots=True)
class Instance:
    """What a command works on. `settings` have the countries' nodes that are in force."""

    settings: "Settings"
    store: "Store" = field(repr=False)
    ledger: "Ledger"

    def refresher(self) -> "Refresher":
        """What fetches the metadata of other countries."""
        from broker.app import ways_to_metadata
        from broker.refreshing import Refresher
        from broker.seal import locator
        from broker.vault import Vault

        vault = Vault(self.store, locator(self.settings.peppers))
        return Refresher(self.ledger, vault, ways_to_metadata(self.settings), now)


def trusted_settings(folder: Path) -> "Settings":
    """The settings with whom the ledger trusts, where there is a ledger already."""
    settings = settings_of(folder)
    if settings.database == "memory:" or is_absent(settings.database):
        return settings
    with opened(folder) as instance:
        return instance.settings


@contextmanager
def opened(folder: Path) -> Iterator[Instance]:
    """The instance of a folder; ends the program when its configuration, database or ledger cannot be used."""
    from broker.ledger import Ledger
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store
    from broker.trusting import with_trusted
    from metadata.errors import LedgerRefused

    settings = settings_of(folder)
    try:
        store = open_store(settings.database, now)
        try:
            ledger = Ledger(store)
            yield Instance(with_trusted(settings, ledger, now()), store, ledger)
        finally:
            store.close()
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    except LedgerRefused as refused:
        fail(f"{refused}: passerelle audit verify")
