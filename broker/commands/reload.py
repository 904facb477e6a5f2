"""Telling running workers to read the configuration again."""

import json
from pathlib import Path

import click

from broker.commands.tools import dry_run, fail, in_folder, now, settings_of

_ANNOUNCED = "announced.json"
"""What the last reload announced, without secrets: only to say what has changed since."""


@click.command("reload")
@dry_run
@in_folder
def reload(dry_run: bool, folder: Path) -> None:
    """Check the configuration, say what has changed, and tell every running worker to read it (within a second).

    With any error nothing is announced, and the workers stay as they are.

    Example: passerelle reload --dry-run
    """
    from broker.settings.inventory import changes, snapshot

    settings = settings_of(folder)
    record, current = folder / "var" / _ANNOUNCED, snapshot(settings)
    before = _announced(record)
    if before is None:
        click.echo("no earlier reload is known here, so nothing can be compared")
    else:
        click.echo("\n".join(changes(before, current)) or "nothing has changed since the last reload")
    if dry_run:
        click.echo(f"configuration {settings.fingerprint[:16]} is valid; nothing was announced")
        return
    generation = announce(settings.database)
    _remember(record, current)
    click.echo(f"configuration {settings.fingerprint[:16]} is valid; generation {generation} was announced to the workers")


def announce(database: str) -> int:
    """Tell the running workers; returns the generation. Ends the program when the database cannot be had."""
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    try:
        store = open_store(database, now)
        generation = store.raise_generation()
        store.close()
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    return generation


def _announced(record: Path) -> dict[str, str] | None:
    """What the last reload wrote; None when there was none, or it cannot be read."""
    try:
        stored = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return None
    return {str(key): str(value) for key, value in stored.items()} if isinstance(stored, dict) else None


def _remember(record: Path, current: dict[str, str]) -> None:
    from broker.commands.writing import write_secret

    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        write_secret(record, json.dumps(current, ensure_ascii=False, indent=1))
    except OSError as refused:
        click.echo(
            f"{record} cannot be written ({refused.strerror}): the next reload cannot say what has changed", err=True
        )
