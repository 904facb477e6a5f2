"""The database: its schema and what has expired in it."""

from pathlib import Path

import click

from broker.commands.tools import dry_run, fail, in_folder, now, settings_of


@click.group()
def db() -> None:
    """The database."""


@db.command()
@dry_run
@in_folder
def upgrade(folder: Path, dry_run: bool) -> None:
    """Bring the database to this program's version; with --dry-run, print the statements.

    Example: passerelle db upgrade --dry-run
    """
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store.migrate import upgrade as bring_up

    settings = settings_of(folder)
    if settings.database == "memory:":
        click.echo("memory: has no schema")
        return
    try:
        lines = bring_up(settings.database, dry_run)
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    click.echo("\n".join(lines) if lines else "the database is up to date")


@db.command()
@in_folder
def purge(folder: Path) -> None:
    """Remove what has expired, now. Running workers do this every minute.

    Example: passerelle db purge
    """
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.store import open_store

    gone = 0
    try:
        store = open_store(settings_of(folder).database, now)
        while piece := store.purge():
            gone += piece
        store.close()
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    click.echo(f"{gone} expired rows removed")
