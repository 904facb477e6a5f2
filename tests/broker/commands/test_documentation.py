"""The operator's pages say what the commands do."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import broker
from broker.__main__ import group
from tests.tools import commands_page

ROOT = Path(broker.__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines() -> Iterator[tuple[str, str]]:
    """Every command line of `passerelle` in a block of a page, and the page's name."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text("utf-8")):
            joined = block.replace("\\\n", " ")
            for line in re.findall(r"^(?:\$ |sudo (?:-\S+ \S+ )*)?(?:\S*/)?passerelle (.*)$", joined, re.MULTILINE):
                yield page.name, line


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and what is left of them."""
    command: click.Command = group
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]}"
        command, words = found, words[1:]
    return command, words


def test_the_page_of_the_commands_is_what_they_say_themselves():
    page = ROOT / "docs" / "operator" / "commands.md"
    assert page.read_text("utf-8") == commands_page.markdown(), "python -m tests.tools.commands_page > that page"


@pytest.mark.parametrize(("page", "line"), sorted(set(lines())))
def test_a_command_line_of_the_documentation_can_be_typed(page: str, line: str):
    typed = re.split(r" (?:\||>|<|&&|#) ?", line)[0]
    command, rest = resolve(shlex.split(typed))
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help",
        "-h",
    }
    assert [word for word in rest if re.match(r"--?[A-Za-z]", word) and word.partition("=")[0] not in options] == []
