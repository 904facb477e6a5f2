"""The signing keys."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from broker.commands.tools import as_format, fail, in_folder, now, settings_of, show


@click.group()
def keys() -> None:
    """The signing keys."""


@keys.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """The keys with their use, state and date."""
    from certs.keyring import KeyRefused, load_keyring

    try:
        ring = load_keyring(settings_of(folder).secrets_folder / "keys")
    except KeyRefused as refused:
        fail(str(refused))
    show(
        [
            {
                "kid": key.kid,
                "use": str(key.use),
                "algorithm": key.algorithm,
                "state": str(key.state),
                "since": datetime.fromtimestamp(key.created, UTC).date().isoformat(),
            }
            for key in ring.keys
        ],
        form,
    )


@keys.command()
@click.argument("use", type=click.Choice(("op-signing",)))
@click.option("--alg", type=click.Choice(("ES256", "RS256")), default="ES256", show_default=True)
@in_folder
def new(use: str, alg: Literal["ES256", "RS256"], folder: Path) -> None:
    """Make a key. It is published at once, and signs only when there is no active key of its algorithm yet."""
    from certs.keyring import KeyRefused, load_keyring, new_key
    from certs.keys import State, Use

    place = settings_of(folder).secrets_folder / "keys"
    try:
        active = any(key.algorithm == alg and key.state is State.ACTIVE for key in load_keyring(place).keys)
        path = new_key(place, Use(use), alg, State.PUBLISHED if active else State.ACTIVE, now())
    except KeyRefused as refused:
        fail(str(refused))
    click.echo(f"{path}: {'published' if active else 'active'}")
    click.echo("now: passerelle reload")
