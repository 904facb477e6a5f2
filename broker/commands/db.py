"""The database: its schema and what has expired in it."""

from pathlib import Path

import click

from broker.commands.tools import fail, in_folder, now, settings_of


@click.group()
def db() -> None:
    """The database."""


@db.command()
@in_folder
@click.option("--dry-run", is_flag=True, help="Print the statements, change nothing.")
def upgrade(folder: Path, dry_run: bool) -> None:
    """Bring the database to this program's version."""
    from broker.ports import StoreUnavailable
    from broker.store.migrate import upgrade as bring_up

    settings = settings_of(folder)
    try:
        lines = bring_up(settings.database, dry_run)
    except StoreUnavailable as down:
        fail(str(down))
    click.echo("\n".join(lines) if lines else "the database is up to date")


@db.command()
@in_folder
def purge(folder: Path) -> None:
    """Remove what has expired, now (running workers do this every minute)."""
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    gone = 0
    try:
        store = open_store(settings_of(folder).database, now)
        while piece := store.purge():
            gone += piece
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    click.echo(f"{gone} expired rows removed")
