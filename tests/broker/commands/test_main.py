"""The command line as a whole."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from broker.__main__ import group
from tests.broker.commands.conftest import Run
from tests.tools.commands_page import commands

READ = [
    ("check",),
    ("config", "show"),
    ("config", "explain"),
    ("config", "explain", "fs.min_loa"),
    ("fs", "list"),
    ("fs", "show", "mairie"),
    ("fi", "list"),
    ("fi", "show", "impots"),
    ("keys", "list"),
    ("version", "--verbose"),
]


def test_help_lists_every_command(run: Run):
    shown = run("--help").output
    assert all(f"  {name} " in shown for name in group.list_commands(click.Context(group)))


def test_the_line_of_a_command_in_the_list_begins_like_its_own_help():
    context = click.Context(group)
    lines = {name: group.get_command(context, name) for name in group.list_commands(context)}
    assert all(command and command.help for command in lines.values())


@pytest.mark.parametrize("path", [" ".join(names) for names, command in commands() if not isinstance(command, click.Group)])
def test_the_help_of_a_command_has_an_example(run: Run, path: str):
    shown = run(*path.split(), "--help").output
    assert f"passerelle {path}" in shown.partition("\n")[2]


def test_an_unknown_command_is_wrong_usage(run: Run):
    assert run("frobnicate").exit_code == 2


def test_python_m_broker_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "broker", "version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("passerelle ")


def test_a_terminal_that_knows_no_check_mark_does_not_stop_the_program(instance: Path):
    command = [sys.executable, "-m", "broker", "check", "-C", str(instance)]
    environ = {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, encoding="latin-1")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, " ? 6 other checks")


@pytest.mark.parametrize("command", READ, ids=" ".join)
@pytest.mark.parametrize(
    ("form", "start"), [("table", ""), ("json", ("[\n", "{\n")), ("csv", ("key,", "id,", "kid,", "part,", "place,"))]
)
def test_what_is_read_can_be_had_as_table_json_or_csv(
    run: Run, instance: Path, command: tuple[str, ...], form: str, start: str | tuple[str, ...]
):
    here = () if command[0] == "version" else ("-C", instance)
    result = run(*command, *here, "--format", form)
    assert result.exit_code == 0
    assert result.stdout.startswith(start)


@pytest.mark.parametrize(
    "command", [command for command in READ if command[0] not in ("version",) and command[1:2] != ("explain",)]
)
def test_a_configuration_that_is_not_valid_is_told_with_every_problem(run: Run, instance: Path, command: tuple[str, ...]):
    (instance / "partners/fs/mairie.toml").write_text("[fs", "utf-8")
    (instance / "secrets/pepper-1").chmod(0o644)
    result = run(*command, "-C", instance)
    assert result.exit_code == 3
    assert "partners/fs/mairie.toml:1:4: E001" in result.output
    assert "E021" in result.output


def test_the_folder_is_that_of_the_environment_unless_c_names_another(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PASSERELLE_CONFIG", str(instance))
    assert "mairie" in run("fs", "list").output
    assert run("fs", "list", "-C", tmp_path).exit_code == 3
