"""What is in force and where it comes from, for people; and what differs between two times. Secrets are never shown."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.settings.files import SECRETS_DIR, TABLES, Files, read_files
from broker.settings.model import Settings
from broker.settings.reader import Document, without_credentials


@dataclass(frozen=True, slots=True)
class Fact:
    """A key, its value as a text, and its source: a file and line, `default`, or a variable of the environment."""

    key: str
    value: str
    source: str


def facts(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Fact]:
    """The main file's values, the secrets by their size and digest, and the fingerprint."""
    files = read_files(settings.folder, environ)
    return [
        *_folders(files, environ),
        *_main(files),
        *_secrets(settings),
        Fact("fingerprint", settings.fingerprint, "computed"),
    ]


def partners(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Fact]:
    """The values of every partner, such as fs.mairie.min_loa."""
    files = read_files(settings.folder, environ)
    return [
        Fact(f"{kind}.{partner.id}.{name}", _shown(value), _source(partner.document, f"{kind}.{name}"))
        for kind, folder in TABLES.items()
        for partner in files.sound(folder)
        for name, value in partner.table.items()
    ]


def snapshot(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Everything that a reload can change, by key."""
    known = [*facts(settings, environ), *partners(settings, environ)]
    return {fact.key: fact.value for fact in known if fact.key != "fingerprint"}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What differs between two snapshots, a line each: + new, - gone, ~ changed. A whole partner is one line."""
    lines = dict.fromkeys(f"+ {_new_part(key, before)}" for key in after if key not in before)
    lines |= dict.fromkeys(f"- {_new_part(key, after)}" for key in before if key not in after)
    lines |= {f"~ {key}: {before[key]} -> {after[key]}": None for key in after if before.get(key, after[key]) != after[key]}
    return list(lines)


def _new_part(key: str, others: Mapping[str, str]) -> str:
    """The partner of a key when the others know nothing of him, else the key."""
    kind, _, rest = key.partition(".")
    partner = f"{kind}.{rest.partition('.')[0]}"
    known = kind not in TABLES or any(other.startswith(f"{partner}.") for other in others)
    return key if known else partner


def _folders(files: Files, environ: Mapping[str, str]) -> Iterator[Fact]:
    named = "PASSERELLE_CONFIG"
    here = environ.get(named) and Path(environ[named]) == files.folder
    yield Fact("folder", str(files.folder.absolute()), named if here else "-C, or the current folder")
    source = SECRETS_DIR if environ.get(SECRETS_DIR) else "default"
    yield Fact("folder of the secrets", str(files.secrets_folder.absolute()), source)


def _main(files: Files) -> Iterator[Fact]:
    for table, values in files.main.values.items():
        for name, value in values.items():
            key = f"{table}.{name}"
            yield Fact(key, _shown(value), files.overridden.get(key) or _source(files.main, key))


def _source(document: Document, key: str) -> str:
    return document.place(key) if document.stated(key) is not None else "default"


def _secrets(settings: Settings) -> Iterator[Fact]:
    """By size and the beginning of a digest: enough to see which one it is, too little to guess it."""
    for path in sorted(settings.secrets_folder.glob("**/*")):
        if path.is_file():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:8]
            name = f"secrets/{path.relative_to(settings.secrets_folder)}"
            yield Fact(name, f"(file, {len(content)} bytes, sha256 {digest}…)", str(path))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(inner)}" for name, inner in value.items() if inner != "")
    if isinstance(value, tuple):
        return " ".join(_shown(inner) for inner in value)
    return without_credentials(str(value))
