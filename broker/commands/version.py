"""What is installed."""

import re
from collections.abc import Iterator
from importlib import metadata

import click

from broker.commands.tools import as_format, show

_PINNED = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)")


@click.command()
@click.option("--verbose", is_flag=True, help="With Python, OpenSSL and the libraries.")
@as_format
def version(verbose: bool, form: str) -> None:
    """What is installed.

    Example: passerelle version --verbose
    """
    if not verbose and form == "table":
        click.echo(f"passerelle {metadata.version('passerelle')}")
        return
    show([{"part": name, "version": found, "tested": tested} for name, found, tested in parts()], form)


def parts() -> Iterator[tuple[str, str, str]]:
    """Each part: its name, the version that is installed ("" when it is absent), and the one it was tested with."""
    import platform

    from cryptography.hazmat.backends.openssl import backend

    yield "passerelle", metadata.version("passerelle"), ""
    yield "python", platform.python_version(), ""
    yield "openssl", backend.openssl_version_text().removeprefix("OpenSSL "), ""
    for requirement in metadata.requires("passerelle") or ():
        if found := _PINNED.fullmatch(requirement):  # an extra's requirement has a condition behind it
            yield found[1], _installed(found[1]), found[2]


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
