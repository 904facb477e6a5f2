"""Serving an instance for development."""

import socket
from pathlib import Path

import click

from broker.commands.tools import WRONG_USAGE, fail, in_folder, settings_of


@click.command()
@in_folder
@click.option("--bind", default="127.0.0.1:8000", help="Address and port.", show_default=True)
def run(folder: Path, bind: str) -> None:
    """Serve an instance, for development.

    In production: PASSERELLE_CONFIG=FOLDER gunicorn -k gthread -w 2 --threads 4 --preload wsgi:app

    Example: passerelle run -C prod --bind 127.0.0.1:8000
    """
    from werkzeug.serving import make_server

    from broker.app import create_app
    from broker.journal import keep_in
    from broker.ports import SchemaOutdated, StoreUnavailable
    from certs.keyring import KeyRefused

    host, port = _address(bind)
    try:
        app = create_app(settings_of(folder))
    except (SchemaOutdated, StoreUnavailable, KeyRefused, LookupError) as wrong:
        fail(str(wrong))
    with _listening(host, port) as listening:
        keep_in(folder / "var" / "journal.log")
        server = make_server(host, port, app, threaded=True, fd=listening.fileno())
        click.echo(f"serving {folder.absolute()} on http://{bind} - Ctrl-C to stop")
        server.serve_forever()  # ends by itself at Ctrl-C
    click.echo("stopped")


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and int(port) < 65536):
        fail("--bind is ADDRESS:PORT, such as 127.0.0.1:8000", WRONG_USAGE)
    return host.strip("[]"), int(port)


def _listening(host: str, port: int) -> socket.socket:
    """A socket of our own: werkzeug would end the program where it cannot have one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as taken:
        fail(f"cannot listen on {host}:{port}: {taken.strerror}; choose another with --bind")
