"""The simulated world."""

from pathlib import Path

import click


@click.command()
@click.option("--port", default=8000, show_default=True, help="The one port of all simulated hosts.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".passerelle-demo"),
    show_default=True,
    help="Keys and database.",
)
@click.option("--reset", is_flag=True, help="Forget the keys and the database of an earlier demo first.")
@click.option("--open", "open_browser", is_flag=True, help="Open the first page in your browser.")
def demo(port: int, folder: Path, reset: bool, open_browser: bool) -> None:
    """Run the simulated world on this computer: services, providers, test people. Nothing leaves it."""
    from broker.sandbox.world import serve_demo

    serve_demo(folder, port, reset, open_browser)
