"""The page of all commands, made from their own help:

python -m tests.tools.commands_page > docs/operator/commands.md
"""

from collections.abc import Iterator

import click

from broker.__main__ import group

_WIDTH = 100
_HEAD = """\
# Commands

Made from the commands' own help by `python -m tests.tools.commands_page`: change that, not this page.

`passerelle …` and `python -m broker …` are the same. Commands work on the instance that `-C` names, else on that of
`PASSERELLE_CONFIG`, else on the current folder. Nothing is coloured. Tab completion is click's own:
`eval "$(_PASSERELLE_COMPLETE=bash_source passerelle)"`.

| exit code | meaning |
|---|---|
| 0 | fine |
| 1 | a problem was found |
| 2 | wrong usage |
| 3 | the configuration is not valid |
| 4 | a peer or the network failed |
"""


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its names, groups before their own."""
    yield from _below((), group)


def _below(names: tuple[str, ...], above: click.Group) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(above)
    for name in above.list_commands(context):
        command = above.get_command(context, name)
        assert command is not None, name
        yield (*names, name), command
        if isinstance(command, click.Group):
            yield from _below((*names, name), command)


def markdown() -> str:
    """The whole page."""
    return "".join((_HEAD, *(_section(names, command) for names, command in commands())))


def _section(names: tuple[str, ...], command: click.Command) -> str:
    path = " ".join(("passerelle", *names))
    if isinstance(command, click.Group):
        return f"\n## {path}\n\n{command.help}\n"
    names_of_help = list(group.context_settings["help_option_names"])
    context = click.Context(command, info_name=path, terminal_width=_WIDTH, help_option_names=names_of_help)
    level = "##" if len(names) == 1 else "###"
    return f"\n{level} {path}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    print(markdown(), end="")
