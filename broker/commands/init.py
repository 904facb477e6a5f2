"""A production skeleton."""

from pathlib import Path

import click

from broker.commands.tools import WRONG_USAGE, fail, fail_with, now


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--public-url", default="https://connexion.example.fr", show_default=True, help="Where citizens reach it.")
def init(folder: Path, public_url: str) -> None:
    """Make a production skeleton in FOLDER: passerelle.toml, partners/, fresh secrets and signing keys.

    Example: passerelle init prod --public-url https://connexion.mairie.fr
    """
    from broker.commands.skeleton import write_instance

    _refuse_bad_address(public_url)
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty: name a new folder", WRONG_USAGE)
    folder.mkdir(parents=True, exist_ok=True)
    write_instance(folder, public_url.rstrip("/"), now())
    click.echo(
        f"{folder} is ready.\n"
        f"  1. read   {folder / 'passerelle.toml'}\n"
        f"  2. add    passerelle fi new ID --issuer URL -C {folder}\n"
        f"            passerelle fs new ID --redirect-uri URL -C {folder}\n"
        f"  3. check  passerelle check --production -C {folder}"
    )


def _refuse_bad_address(public_url: str) -> None:
    from broker.commands.skeleton import main_file
    from broker.settings.reader import Document
    from broker.settings.rules import check_public_url
    from broker.settings.schema import MAIN

    document = Document("--public-url", main_file(public_url).encode())
    document.read(MAIN)
    check_public_url(document, sandbox=False)
    if not document.sound:
        fail_with(document.problems, WRONG_USAGE)
