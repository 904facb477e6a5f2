"""The schema for people: one key explained, all keys listed, and the page of the documentation."""

from typing import Any

from broker.settings.schema import EVERYTHING, REQUIRED, Key

_FILES = {"fs": "partners/fs/ID.toml", "fi": "partners/fi/ID.toml"}


def overview() -> list[dict[str, Any]]:
    """A row for each key."""
    return [
        {"key": f"{table}.{key.name}", "type": key.kind, "default": _default(key), "meaning": key.meaning}
        for table, keys in EVERYTHING.items()
        for key in keys
    ]


def explanation(name: str) -> dict[str, Any] | None:
    """Everything about one key, such as fs.min_loa; None when there is no such key."""
    table, _, wanted = name.partition(".")
    for key in EVERYTHING.get(table, ()):
        if key.name == wanted:
            return {
                "key": name,
                "file": _FILES.get(table, "passerelle.toml"),
                "meaning": key.meaning,
                "type": key.kind,
                "default": _default(key),
                "allowed": ", ".join(key.allowed) or "any",
                "example": f"{key.name} = {key.example}",
                "since": key.since,
            }
    return None


def page() -> str:
    """docs/operator/configure.md."""
    parts = [_INTRODUCTION]
    for table, keys in EVERYTHING.items():
        parts.append(f"\n## [{table}] in `{_FILES.get(table, 'passerelle.toml')}`\n\n{_HEAD}")
        parts.extend(_line(key) for key in keys)
    return "".join(parts)


def _line(key: Key) -> str:
    example = key.example.replace("|", "\\|")
    return f"| `{key.name}` | {key.kind} | {_default(key)} | {key.meaning} | `{example}` |\n"


def _default(key: Key) -> str:
    if key.default is REQUIRED:
        return "required"
    if isinstance(key.default, bool):
        return "true" if key.default else "false"
    if isinstance(key.default, tuple):
        return " ".join(key.default) or "none"
    return str(key.default) if key.default not in ("", {}) else "none"


_HEAD = "| key | type | default | meaning | example |\n|---|---|---|---|---|\n"
_INTRODUCTION = """\
# Configure an instance

An instance is a folder: `passerelle.toml`, one file for each partner under `partners/`, and `secrets/`, which is never put
under version control. Everything is read and checked as a whole: `passerelle check` lists every problem with file, line
and a hint, and nothing starts with an error. `passerelle reload` checks again and tells the running workers; if the new
files are not valid, the old configuration stays in force and `/status.json` says WARNING.

Four environment variables say where things are: `PASSERELLE_CONFIG` (the folder), `PASSERELLE_SECRETS_DIR`,
`PASSERELLE_DATABASE_URL` (instead of `broker.database`), `PASSERELLE_MODE` (instead of `broker.mode`).

This page is written by `passerelle config explain --markdown`.
"""
