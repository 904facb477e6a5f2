"""The console: letting people in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.tools import WRONG_USAGE, fail, in_folder, now, settings_of

if TYPE_CHECKING:
    from broker.console import Person
    from broker.settings import Settings


@click.group()
def console() -> None:
    """The console at /console: for the operator and for auditors."""


@console.command()
@click.option("--role", type=click.Choice(("auditor", "operator")), required=True, help="What they may do there.")
@click.option("--name", required=True, help="Who it is for: the name stands in the ledger under what they decide.")
@click.option("--minutes", type=click.IntRange(1, 1440), default=10, show_default=True, help="How long the link counts.")
@in_folder
def login(role: str, name: str, minutes: int, folder: Path) -> None:
    """Make a one-time link to the console, for one person.

    It counts once. Whoever has it is that person to the console: send it on a way that nobody else reads. Opening it does
    not use it up; the button on its page does.

    \b
    Example:
      passerelle console login --role auditor --name "Camille Martin" --minutes 30
    """
    from broker.console import Person

    settings = settings_of(folder)
    until = now() + minutes * 60
    token = _invite(settings, Person(name, "operator" if role == "operator" else "auditor"), until)
    click.echo(f"for {name}, {role}, once, before {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M}Z:", err=True)
    click.echo(f"{settings.public_url}/console/entrer?t={token}")


def _invite(settings: "Settings", person: "Person", until: int) -> str:
    from broker.console import ConsoleRefused, invite
    from broker.ports import SchemaOutdated, StoreUnavailable
    from broker.seal import locator
    from broker.store import open_store
    from broker.vault import Vault

    if settings.database == "memory:":
        fail('a database that is "memory:" is the server\'s own: no link can be put there (broker.database)', WRONG_USAGE)
    try:
        store = open_store(settings.database, now)
        token = invite(Vault(store, locator(settings.peppers)), person, until)
        store.close()
    except ConsoleRefused as refused:
        fail(f"--name: {refused.detail}", WRONG_USAGE)
    except (SchemaOutdated, StoreUnavailable) as wrong:
        fail(str(wrong))
    return token
