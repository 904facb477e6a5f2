"""Secrets of services and data providers: made or taken, kept as an HMAC, changed with a grace."""

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

import click

from broker.commands.tools import WRONG_USAGE, fail, now

if TYPE_CHECKING:
    from broker.parties import HeldSecret
    from broker.settings.files import Files
    from broker.settings.rules import Partner

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60}


def taken_or_made(secret_file: IO[str] | None) -> str:
    """The secret in a file, or a new one; ends the program when it is too short."""
    import secrets

    from broker.client_secrets import SecretTooShort, check_random_enough

    secret = secret_file.read().strip() if secret_file else secrets.token_urlsafe(32)
    try:
        check_random_enough(secret)
    except SecretTooShort as short:
        fail(str(short), WRONG_USAGE)
    return secret


def hold(files: "Files", name: str, client_id: str, secret: str, former: Sequence["HeldSecret"] = ()) -> None:
    """Keep a client's secret in `secrets/NAME`, with the former ones that still count."""
    from broker.commands.writing import write_secret
    from broker.settings.secrets import written

    write_secret(files.secrets_folder / name, written([_held(files, client_id, secret), *former]))


def _held(files: "Files", client_id: str, secret: str) -> "HeldSecret":
    from broker.client_secrets import digest
    from broker.parties import HeldSecret
    from broker.settings.secrets import CLIENT_SECRETS, SecretRefused, read_key

    try:
        return HeldSecret(digest(read_key(files.secrets_folder / CLIENT_SECRETS), client_id, secret))
    except SecretRefused as refused:
        fail(f"{refused.reason}: {refused.hint}")


def rotate(files: "Files", client: "Partner", grace: str, dry_run: bool) -> None:
    """Give a client a new secret, printed once; the former ones count until the grace (14d, 12h, 0m) is over."""
    table = client.table
    name = f"{client.kind}-{table['id']}"
    former = _still_counting(files, name, now() + seconds_of(grace))
    if dry_run:
        click.echo(f"{table['id']} would have a new secret beside {len(former)} former ones")
        return
    secret = taken_or_made(None)
    hold(files, name, table["client_id"] or table["id"], secret, former)
    click.echo(f"client_secret {secret}   (shown once, kept nowhere)")
    for held in former:
        click.echo(f"a former one counts until {_date(held.until)}")
    click.echo("now: passerelle reload")


def seconds_of(grace: str) -> int:
    """14d, 12h, 0m: in seconds; ends the program for another form."""
    unit = _SECONDS.get(grace[-1:])
    if unit is None or not (grace[:-1].isascii() and grace[:-1].isdecimal()):
        fail("--grace is a number and d, h or m, such as 14d", WRONG_USAGE)
    return int(grace[:-1]) * unit


def _still_counting(files: "Files", name: str, until: int) -> list["HeldSecret"]:
    """The secrets so far that a new one leaves in force: none longer than the grace, or than it had already."""
    from dataclasses import replace

    from broker.settings.secrets import SecretRefused, held_secrets

    path = files.secrets_folder / name
    try:
        held = held_secrets(path) if path.exists() else ()
    except SecretRefused as refused:
        fail(f"{refused.reason}: {refused.hint}")
    shortened = [replace(one, until=min(until, one.until or until)) for one in held]
    return [one for one in shortened if one.until is not None and one.until > now()]


def _date(moment: int | None) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(moment or 0, UTC):%Y-%m-%d %H:%M} UTC"
