"""Serving an instance for development, and telling running workers to read the configuration again."""

from pathlib import Path

import click

from broker.commands.tools import fail, in_folder, now, settings_of


@click.command()
@in_folder
@click.option("--bind", default="127.0.0.1:8000", help="Address and port.", show_default=True)
def run(folder: Path, bind: str) -> None:
    """Serve an instance, for development.

    In production: PASSERELLE_CONFIG=FOLDER gunicorn -k gthread -w 2 --threads 4 --preload wsgi:app
    """
    from werkzeug.serving import make_server

    from broker.app import create_app
    from broker.ports import SchemaOutdated, StoreUnavailable

    host, _, port = bind.rpartition(":")
    if not port.isdigit():
        fail("--bind is ADDRESS:PORT, such as 127.0.0.1:8000", 2)
    try:
        app = create_app(settings_of(folder))
        server = make_server(host or "127.0.0.1", int(port), app, threaded=True)
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    except OSError as taken:
        fail(f"cannot listen on {bind}: {taken.strerror}; choose another with --bind")
    click.echo(f"serving {folder.absolute()} on http://{bind} - Ctrl-C to stop")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("stopped")


@click.command("reload")
@in_folder
def reload(folder: Path) -> None:
    """Check the configuration, then tell every running worker to read it again (within a second)."""
    from broker.store import open_store

    settings = settings_of(folder)
    store = open_store(settings.database, now)
    generation = store.raise_generation()
    click.echo(f"configuration {settings.fingerprint} is valid; generation {generation} was announced to the workers")
