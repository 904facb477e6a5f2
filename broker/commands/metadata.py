"""The metadata of nodes."""

import click

from broker.commands.metadata_diff import diff


@click.group()
def metadata() -> None:
    """The metadata of nodes: what they publish, and what changed in it."""


metadata.add_command(diff)
