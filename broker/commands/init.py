"""A production skeleton."""

from pathlib import Path

import click

from broker.commands.tools import fail, now


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--public-url", default="https://connexion.example.fr", show_default=True, help="Where citizens reach it.")
def init(folder: Path, public_url: str) -> None:
    """Make a production skeleton in FOLDER: passerelle.toml, partners/, fresh secrets and signing keys."""
    from broker.commands.skeleton import write_instance

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty: name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    write_instance(folder, public_url.rstrip("/"), now())
    click.echo(
        f"{folder} is ready.\n"
        f"  1. read   {folder / 'passerelle.toml'}\n"
        f"  2. add    passerelle fi new ID --issuer URL -C {folder}\n"
        f"            passerelle fs new ID --redirect-uri URL -C {folder}\n"
        f"  3. check  passerelle check --production -C {folder}"
    )
