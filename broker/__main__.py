"""The command `passerelle`, also `python -m broker`.

Only click is imported here: each command's module is loaded when it is run, so that `--help` answers at once.
"""

import importlib
import io
import sys
from collections.abc import Sequence

import click

_HOMES = {
    "demo": ("broker.commands.demo", "Run the simulated world on this computer."),
    "init": ("broker.commands.init", "Make a production skeleton in a new folder."),
    "run": ("broker.commands.serve", "Serve an instance, for development."),
    "check": ("broker.commands.check", "List every problem of an instance at once."),
    "reload": ("broker.commands.reload", "Tell the running workers to read the configuration again."),
    "config": ("broker.commands.config", "Show and explain the configuration."),
    "fs": ("broker.commands.fs", "The services that rely on us."),
    "fi": ("broker.commands.fi", "The providers that vouch."),
    "fd": ("broker.commands.fd", "The data providers that deliver."),
    "country": ("broker.commands.country", "The countries whose citizens may log in."),
    "metadata": ("broker.commands.metadata", "The metadata of eIDAS nodes: is it in order, and what changed?"),
    "trust": ("broker.commands.trust", "Who is trusted, since when and why: today, or on any day."),
    "keys": ("broker.commands.keys", "The keys."),
    "explain": ("broker.commands.explain", "What an error code means, or what happened at a login."),
    "debug": ("broker.commands.debug", "What a service would receive of somebody, and why."),
    "audit": ("broker.commands.audit", "The ledger, and whether it was altered."),
    "console": ("broker.commands.console", "The pages for the operator and for auditors: letting people in."),
    "db": ("broker.commands.db", "The database."),
    "version": ("broker.commands.version", "What is installed."),
}


class Lazy(click.Group):
    """A group whose commands are found by the table above."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_HOMES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of a name; its module is loaded now. None when there is no such command."""
        if name not in _HOMES:
            return None
        module = importlib.import_module(_HOMES[name][0])
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of `--help`, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _HOMES.items()])


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """Passerelle, an identity broker.

    \b
    Try it:          passerelle demo
    Set it up:       passerelle init prod && cd prod && passerelle check
    A new service:   passerelle fs new mairie --redirect-uri https://mairie.example/retour

    Commands work on the folder named by -C, else by PASSERELLE_CONFIG, else on the current one.
    Exit codes: 0 fine, 1 a problem was found, 2 wrong usage, 3 the configuration is not valid, 4 a peer failed,
    5 a rule forbids it.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no ✔ must not stop the program
    group.main(args=arguments if arguments is None else list(arguments), prog_name="passerelle")


if __name__ == "__main__":
    main()
