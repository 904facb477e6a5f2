"""The signing keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from broker.commands.tools import as_format, dry_run, fail, in_folder, now, settings_of, show

if TYPE_CHECKING:
    from certs.keyring import Keyring


@click.group()
def keys() -> None:
    """The signing keys."""


@keys.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """The keys with their use, state and date.

    published: others fetch it, it does not sign yet; active: it signs; retiring: it verifies what it signed.

    Example: passerelle keys list --format json
    """
    from datetime import UTC, datetime

    rows = [
        {
            "kid": key.kid,
            "use": str(key.use),
            "algorithm": key.algorithm,
            "state": str(key.state),
            "since": datetime.fromtimestamp(key.created, UTC).date().isoformat(),
        }
        for key in _ring(settings_of(folder).secrets_folder / "keys").keys
    ]
    show(rows, form)


@keys.command()
@click.argument("use", type=click.Choice(("op-signing",)))
@click.option("--alg", type=click.Choice(("ES256", "RS256")), default="ES256", show_default=True)
@dry_run
@in_folder
def new(use: str, alg: Literal["ES256", "RS256"], dry_run: bool, folder: Path) -> None:
    """Make a key. It is published at once, and signs only when there is no active key of its algorithm yet.

    Example: passerelle keys new op-signing --alg RS256
    """
    from certs.keyring import new_key
    from certs.keys import State, Use

    place = settings_of(folder).secrets_folder / "keys"
    active = any(key.algorithm == alg and key.state is State.ACTIVE for key in _ring(place).keys)
    state = State.PUBLISHED if active else State.ACTIVE
    if dry_run:
        click.echo(f"a new {alg} key would be {state}")
        return
    path = new_key(place, Use(use), alg, state, now())
    click.echo(f"{path}: {state}")
    if active:
        click.echo(f'when every service has fetched it, write state = "active" into {path.with_suffix(".toml").name},')
        click.echo('and state = "retiring" beside the old one')
    click.echo("now: passerelle reload")


def _ring(folder: Path) -> "Keyring":
    from certs.keyring import KeyRefused, load_keyring

    try:
        return load_keyring(folder)
    except KeyRefused as refused:
        fail(str(refused))
