"""What several commands need: the instance's folder, its settings, and tables in three formats."""

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from broker.settings import SettingProblem, Settings
    from broker.settings.files import Files
    from broker.settings.reader import Document

PROBLEM_FOUND, WRONG_USAGE, INVALID, PEER_FAILED, REFUSED_BY_POLICY = 1, 2, 3, 4, 5

in_folder = click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PASSERELLE_CONFIG",
    default=".",
    help="The instance's folder (default: PASSERELLE_CONFIG, else here).",
)
as_format = click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv")),
    default="table",
    show_default=True,
    help="How the answer is written.",
)
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


def now() -> int:
    """Unix seconds."""
    return int(time.time())


def settings_of(folder: Path) -> "Settings":
    """The settings of a folder; ends the program with every problem listed when they cannot be used."""
    from broker.settings import SettingsInvalid, load

    try:
        return load(folder)
    except SettingsInvalid as invalid:
        fail_with(invalid.problems, INVALID)


def is_absent(database: str) -> bool:
    """Whether it is a file that is not there yet: the server's account makes it, not whoever looks at it."""
    return database.startswith("sqlite:") and not Path(database.removeprefix("sqlite:///")).exists()


def files_with(folder: Path, kind: str, document: "Document") -> "Files":
    """An instance's files with one more; ends the program when that one would not be valid."""
    from broker.settings.files import read_files

    files = read_files(folder, os.environ, {kind: document})
    if not document.sound:
        fail_with([problem for problem in document.problems if problem.is_error], WRONG_USAGE)
    return files


def fail(sentence: str, code: int = PROBLEM_FOUND) -> NoReturn:
    """End with a sentence that says what to do."""
    click.echo(f"passerelle: {sentence}", err=True)
    sys.exit(code)


def fail_with(problems: Iterable["SettingProblem"], code: int) -> NoReturn:
    """End with a list of problems."""
    for problem in problems:
        click.echo(str(problem), err=True)
    sys.exit(code)


def show(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Write rows, all with the same columns, as a table, JSON or CSV."""
    writers: dict[str, Callable[[Sequence[Mapping[str, Any]]], None]] = {"table": _table, "json": _json, "csv": _csv}
    writers[form](rows)


def show_one(facts: Mapping[str, Any], form: str) -> None:
    """Write one thing, a line for each fact."""
    if form == "json":
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        show([{"key": key, "value": _cell(value)} for key, value in facts.items()], form)


def _json(rows: Sequence[Mapping[str, Any]]) -> None:
    click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))


def _csv(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _harmless(_cell(value)) for name, value in row.items()} for row in rows)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        click.echo("(none)")
        return
    names = list(rows[0])
    cells = [[name.upper() for name in names], *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    """A value as one line of visible characters: what a peer sent must not command the terminal."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(_cell(item) for item in value)
    return "".join(letter if letter.isprintable() else " " for letter in ("" if value is None else str(value)))
