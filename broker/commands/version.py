"""What is installed."""

import platform
from importlib import metadata

import click

_PACKAGES = ("Flask", "SQLAlchemy", "joserfc", "cryptography", "msgspec", "urllib3", "gunicorn", "psycopg")


@click.command()
@click.option("--verbose", is_flag=True, help="With Python, OpenSSL and the libraries.")
def version(verbose: bool) -> None:
    """What is installed."""
    click.echo(f"passerelle {metadata.version('passerelle')}")
    if verbose:
        from cryptography.hazmat.backends.openssl import backend

        click.echo(f"python {platform.python_version()}")
        click.echo(backend.openssl_version_text())
        for package in _PACKAGES:
            click.echo(f"{package} {metadata.version(package)}")
