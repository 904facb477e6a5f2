"""The configuration, shown and explained."""

import os
from pathlib import Path

import click

from broker.commands.tools import WRONG_USAGE, as_format, fail, in_folder, settings_of, show, show_one


@click.group()
def config() -> None:
    """Show and explain the configuration."""


@config.command("show")
@click.argument("key", required=False, default="")
@in_folder
@as_format
def show_(key: str, folder: Path, form: str) -> None:
    """Every value in force and where it comes from; with KEY, that one, or those of a table.

    Four variables of the environment stand for one value each: PASSERELLE_CONFIG, PASSERELLE_SECRETS_DIR,
    PASSERELLE_DATABASE_URL and PASSERELLE_MODE. Secrets are shown by size and digest alone.

    \b
    Examples:
      passerelle config show broker.public_url
      passerelle config show fs.mairie
    """
    from broker.settings.inventory import facts, partners

    settings = settings_of(folder)
    known = [*facts(settings), *(partners(settings) if key.startswith(("fs", "fi")) else ())]
    rows = [fact for fact in known if not key or fact.key == key or fact.key.startswith(f"{key}.")]
    if not rows:
        fail(f'no key "{key}": passerelle config show lists them', WRONG_USAGE)
    show([{"key": fact.key, "value": fact.value, "from": fact.source} for fact in rows], form)


@config.command()
@click.argument("key", required=False)
@click.option("--markdown", is_flag=True, help="All keys as a page (docs/operator/configure.md).")
@in_folder
@as_format
def explain(key: str | None, markdown: bool, folder: Path, form: str) -> None:
    """What KEY means: type, default, allowed values, an example, where it is set. Without KEY: the list of all keys.

    Example: passerelle config explain fs.min_loa
    """
    from broker.settings.explain import explanation, nearest, overview, page

    if markdown:
        click.echo(page(), nl=False)
    elif key is None:
        show(overview(), form)
    elif facts := explanation(key):
        show_one(facts | {"set": _places(folder, key)}, form)
    else:
        meant = nearest(key)
        hint = f"did you mean {meant}?" if meant else "passerelle config explain lists them"
        fail(f'no key "{key}": {hint}', WRONG_USAGE)


def _places(folder: Path, key: str) -> list[str]:
    """The files and lines where a key is set in this instance, in order or not."""
    from broker.settings.files import read_files

    files = read_files(folder, os.environ)
    documents = [files.main, *(document for documents in files.partners.values() for document in documents)]
    places = [document.place(key) for document in documents if document.stated(key) is not None]
    return [*places, *([files.overridden[key]] if key in files.overridden else [])] or ["nowhere here"]
