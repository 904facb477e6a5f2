"""The schema for people: one key explained, all keys listed, and the page of the documentation."""

import difflib
from typing import Any

from broker.settings.schema import EVERYTHING, REQUIRED, Key, every_key

_FILES = {kind: f"partners/{kind}/ID.toml" for kind in ("fs", "fi", "fd")}


def overview() -> list[dict[str, Any]]:
    """A row for each key."""
    return [
        {"key": name, "type": _kind(key), "default": _default(key), "meaning": _plain(key.meaning)}
        for name, key in every_key()
    ]


def explanation(name: str) -> dict[str, Any] | None:
    """Everything about one key, such as fs.min_loa; None when there is no such key."""
    key = dict(every_key()).get(name)
    if key is None:
        return None
    return {
        "key": name,
        "file": _FILES.get(name.partition(".")[0], "passerelle.toml"),
        "meaning": _plain(key.meaning),
        "type": _kind(key),
        "default": _default(key),
        "allowed": _allowed(key),
        "example": f"{key.name} = {key.example}",
        "since": key.since,
    }


def nearest(name: str) -> str:
    """The key that was probably meant; "" when none is near."""
    names = [known for known, _ in every_key()]
    ends = [known for known in names if known.rpartition(".")[2] == name.rpartition(".")[2]]
    return next(iter([*ends, *difflib.get_close_matches(name, names, 1)]), "")


def page() -> str:
    """docs/operator/configure.md."""
    parts = [_INTRODUCTION]
    for table, keys in EVERYTHING.items():
        parts.append(f"\n## `[{table}]` in `{_FILES.get(table, 'passerelle.toml')}`\n\n{_HEAD}")
        parts.extend(_line(name, key) for name, key in every_key() if name.startswith(f"{table}."))
        parts.append(_sample(table, keys))
    return "".join(parts)


def _line(name: str, key: Key) -> str:
    shown = name.partition(".")[2]
    allowed = f" One of: {_allowed(key)}." if key.allowed and key.kind == "text" else ""
    return f"| `{shown}` | {_kind(key)} | {_default(key)} | {key.meaning}{allowed} |\n"


def _sample(table: str, keys: tuple[Key, ...]) -> str:
    lines = "\n".join(f"{key.name} = {key.example}" for key in keys)
    return f"\n```toml\n[{table}]\n{lines}\n```\n"


def _plain(text: str) -> str:
    return text.replace("`", "")


def _kind(key: Key) -> str:
    bounds = f", {key.least} to {key.most}" if key.kind == "number" else ""
    return {"words": "list", "tables": "list of tables", "flag": "true or false"}.get(key.kind, key.kind) + bounds


def _allowed(key: Key) -> str:
    return ", ".join(key.allowed) or key.form or "any"


def _default(key: Key) -> str:
    if key.default is REQUIRED:
        return "required"
    if isinstance(key.default, bool):
        return "true" if key.default else "false"
    if isinstance(key.default, tuple):
        return " ".join(key.default) or "none"
    return str(key.default) if key.default not in ("", {}) else "none"


_HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n"
_INTRODUCTION = """\
# Configure an instance

An instance is a folder: `passerelle.toml`, one file for each partner under `partners/`, and `secrets/`, which is never put
under version control. Everything is read and checked as a whole: `passerelle check` lists every problem with file, line
and a hint, and nothing starts with an error. `passerelle reload` checks again and tells the running workers; if the new
files are not valid, the old configuration stays in force and `/status.json` says WARNING. A key that is not on this page
is an error: nothing is ignored.

This page is written by `passerelle config explain --markdown`. One key: `passerelle config explain fs.min_loa`.

## Environment

| variable | stands for |
|---|---|
| `PASSERELLE_CONFIG` | the instance's folder (`-C` on the command line) |
| `PASSERELLE_SECRETS_DIR` | the folder of the secrets, instead of `secrets/` |
| `PASSERELLE_DATABASE_URL` | `broker.database`; the one place where a password may stand in the address |
| `PASSERELLE_MODE` | `broker.mode` |

`passerelle config show` says where each value comes from.

## Secrets

A secret is a file that only its owner may read (mode 0600), never a value. `passerelle init` makes those of the instance.

| file | holds |
|---|---|
| `secrets/pepper-1`, `pepper-2`, … | the key behind all rows, 32 bytes in hex; the newest writes, the two newest read |
| `secrets/sub-1`, `sub-2`, … | the key behind the subs, one for each generation (`fs.sub_generation`), 32 bytes in hex |
| `secrets/client-secrets.key` | the key under which the secrets of services are kept, 32 bytes in hex |
| `secrets/fs-ID` | the HMAC of a service's secret, never the secret; a former one with `until` and a date |
| `secrets/fd-ID` | the same of a data provider that has a secret and no keys |
| `secrets/fi-ID` | our secret at a provider, as it gave it |
| `secrets/keys/` | the signing keys (`passerelle keys list`) |

## Messages

| code | meaning |
|---|---|
| E001 | the file is not TOML in UTF-8 |
| E002 | the file cannot be read |
| E010 | an unknown key or table, or a file where none belongs |
| E011 | a value of the wrong type, or not among the allowed ones |
| E012 | an unknown scope |
| E013 | a required key is missing or empty |
| E020 | a secret is written in clear |
| E021 | a secret file is absent, can be read by others, or is too short |
| E030 | values, files or partners that do not fit together, or an address that must not be used |
| E031 | a country's metadata or anchor is absent, is not the pinned file, leads to no anchor, or cannot be used |
| E032 | the file with a service's or data provider's public keys is absent, or cannot be used |
| W030 | a service requires what no citizen of another country has |
| W031 | nobody can be reached at a partner |
| W032 | a certificate between a country's metadata and its anchor has expired, or may have been revoked |
"""
