"""The simulated world."""

from importlib.util import find_spec
from pathlib import Path

import click

from broker.commands.tools import INVALID, fail, fail_with

_PARTS = ("signxml", "pybergshamra")


def check_demo_installed() -> None:
    """The simulated world reads us with software of others, which a running instance does not need."""
    if lacking := [part for part in _PARTS if find_spec(part) is None]:
        hint = "pip install 'passerelle[demo]'"
        raise click.ClickException(f"the demo needs what is not installed: {', '.join(lacking)}\n  hint: {hint}")


@click.command()
@click.option("--port", default=8000, show_default=True, help="The one port of all simulated hosts.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".passerelle-demo"),
    show_default=True,
    help="Keys and database.",
)
@click.option("--reset", is_flag=True, help="Forget the keys and the database of an earlier demo first.")
@click.option("--open", "open_browser", is_flag=True, help="Open the first page in your browser.")
def demo(port: int, folder: Path, reset: bool, open_browser: bool) -> None:
    """Run the simulated world on this computer: services, providers, test people. Nothing leaves it.

    Example: passerelle demo --port 8001 --open
    """
    check_demo_installed()
    from broker.ports import SchemaOutdated
    from broker.sandbox.world import serve_demo
    from broker.settings import SettingsInvalid

    try:
        serve_demo(folder, port, reset, open_browser)
    except SettingsInvalid as invalid:
        fail_with(invalid.problems, INVALID)
    except SchemaOutdated:
        fail(f"{folder} is of another version's demo: begin anew with passerelle demo --reset", INVALID)
