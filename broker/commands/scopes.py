"""The scopes that somebody types for a service."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from broker.commands.tools import fail

if TYPE_CHECKING:
    from broker.parties import Service


def check_scopes(service: "Service", scopes: list[str], delivered: Collection[str]) -> None:
    """FranceConnect: a scope that exists and was not granted is an error; one that does not exist is ignored, so say it."""
    import difflib

    from broker.claims import SCOPES

    for scope in scopes:
        if scope in delivered:
            click.echo(f"scope {scope} opens no claim: a data provider delivers it", err=True)
        elif scope not in SCOPES:
            nearest = difflib.get_close_matches(scope, SCOPES, n=1, cutoff=0)[0]
            click.echo(f"! scope {scope} does not exist and is ignored; the nearest is {nearest}", err=True)
        elif scope not in service.scopes:
            fail(f"scope {scope} is not granted to {service.id}; granted: {' '.join(sorted(service.scopes))}")
