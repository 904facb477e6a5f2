"""Every key of every configuration file: type, default, meaning, example. Reading, `config explain`, messages and the
documentation all come from this table; a key that does not stand here is an error, never ignored.
"""

from collections.abc import Iterator, Mapping

from broker.settings.schema.country import COUNTRY, DEVIATIONS
from broker.settings.schema.data_provider import FD
from broker.settings.schema.instance import ACCESSIBILITY, BROKER, CONSOLE, EIDAS, JOURNAL, SESSION, TRUST
from broker.settings.schema.key import REQUIRED, Key
from broker.settings.schema.provider import FI
from broker.settings.schema.service import FS

Schema = Mapping[str, tuple[Key, ...]]
MAIN: Schema = {
    "broker": BROKER,
    "session": SESSION,
    "journal": JOURNAL,
    "accessibility": ACCESSIBILITY,
    "eidas": EIDAS,
    "trust": TRUST,
    "console": CONSOLE,
}
SERVICE: Schema = {"fs": FS}
PROVIDER: Schema = {"fi": FI}
DATA: Schema = {"fd": FD}
FOREIGN: Schema = {"country": COUNTRY}
EVERYTHING: Schema = {**MAIN, **SERVICE, **PROVIDER, **DATA, **FOREIGN}


def every_key() -> Iterator[tuple[str, Key]]:
    """Each key with its whole name, such as fs.min_loa or fi.display.order, those inside a table after it."""
    for table, keys in EVERYTHING.items():
        yield from _named(table, keys)


def _named(prefix: str, keys: tuple[Key, ...]) -> Iterator[tuple[str, Key]]:
    for key in keys:
        yield f"{prefix}.{key.name}", key
        yield from _named(f"{prefix}.{key.name}", key.inside)


__all__ = [
    "DATA",
    "DEVIATIONS",
    "EVERYTHING",
    "FOREIGN",
    "FS",
    "MAIN",
    "PROVIDER",
    "REQUIRED",
    "SERVICE",
    "Key",
    "Schema",
    "every_key",
]
