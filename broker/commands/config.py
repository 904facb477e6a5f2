"""The configuration, shown and explained."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from broker.commands.tools import as_format, fail, in_folder, settings_of, show, show_one


@click.group()
def config() -> None:
    """Show and explain the configuration."""


@config.command("show")
@click.argument("key", required=False)
@in_folder
@as_format
def show_(key: str | None, folder: Path, form: str) -> None:
    """Every value in force, or that of KEY (such as broker.public_url). Secrets are never shown, only that they exist."""
    rows = [row for row in _values(folder) if key in (None, row["key"])]
    if not rows:
        fail(f'no key "{key}": passerelle config show lists them', 2)
    show(rows, form)


def _values(folder: Path) -> Iterator[dict[str, Any]]:
    from broker.settings import ENVIRONMENT, load_values

    settings = settings_of(folder)
    overridden = {key: variable for variable, key in ENVIRONMENT.items()}
    for key, value, source in load_values(folder):
        yield {"key": key, "value": value, "from": overridden[key] if source == "environment" else source}
    for path in sorted(settings.secrets_folder.iterdir()):
        if path.is_file():
            content = path.read_bytes()
            shown = f"(file, {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()[:8]}…)"
            yield {"key": f"secrets/{path.name}", "value": shown, "from": "secrets"}
    yield {"key": "fingerprint", "value": settings.fingerprint, "from": "computed"}


@config.command()
@click.argument("key", required=False)
@click.option("--markdown", is_flag=True, help="All keys as a page (docs/operator/configure.md).")
@as_format
def explain(key: str | None, markdown: bool, form: str) -> None:
    """What KEY means: type, default, allowed values, an example. Without KEY: the list of all keys."""
    from broker.settings.explain import explanation, overview, page

    if markdown:
        click.echo(page(), nl=False)
    elif key is None:
        show(overview(), form)
    elif facts := explanation(key):
        show_one(facts, form)
    else:
        fail(f'no key "{key}": passerelle config explain lists them', 2)
