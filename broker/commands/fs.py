"""The services that rely on us."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from broker.commands.tools import as_format, fail, in_folder, now, settings_of, show, show_one

_GRACE = {"d": 86_400, "h": 3_600, "m": 60}


@click.group()
def fs() -> None:
    """The services that rely on us (fournisseurs de services)."""


@fs.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every service."""
    services = settings_of(folder).parties.services.values()
    show(
        [
            {
                "id": service.id,
                "name": service.name.en,
                "public": service.public,
                "level": service.minimum.word,
                "scopes": sorted(service.scopes),
            }
            for service in services
        ],
        form,
    )


@fs.command("show")
@click.argument("service_id", metavar="ID")
@in_folder
@as_format
def show_(service_id: str, folder: Path, form: str) -> None:
    """One service."""
    service = settings_of(folder).parties.services.get(service_id)
    if service is None:
        fail(f'no service "{service_id}": passerelle fs list', 2)
    facts: dict[str, Any] = {
        "id": service.id,
        "name": f"{service.name.fr} / {service.name.en}",
        "client_id": service.client_id,
        "public": service.public,
        "redirect_uris": list(service.redirect_uris),
        "post_logout_redirect_uris": list(service.post_logout_redirect_uris),
        "sector": service.sector,
        "scopes": sorted(service.scopes),
        "level": service.minimum.word,
        "authentication": sorted(service.authentication),
        "algorithm": service.algorithm,
        "secrets": len(service.secrets),
        "purpose": service.purpose,
    }
    show_one(facts, form)


@fs.command()
@click.argument("service_id", metavar="ID")
@click.option(
    "--redirect-uri", "redirect_uris", multiple=True, required=True, help="Where citizens go back to; may be repeated."
)
@click.option("--name-fr", help="What citizens read in French (default: ID).")
@click.option("--name-en", help="What citizens read in English (default: ID).")
@click.option("--public/--private", default=True, help="A private service must ask for consent.", show_default=True)
@click.option("--client-id", help="Keep a client_id that the service has already.")
@click.option("--secret-file", type=click.File("r"), help="Keep the secret it has already (- reads standard input).")
@in_folder
def new(
    service_id: str,
    redirect_uris: tuple[str, ...],
    name_fr: str | None,
    name_en: str | None,
    public: bool,
    client_id: str | None,
    secret_file: Any,
    folder: Path,
) -> None:
    """Write the file of a new service and print its secret, once.

    Example: passerelle fs new mairie --redirect-uri https://mairie.example/retour --name-fr "Mairie"
    """
    from broker.commands.skeleton import FS

    path = folder / "partners" / "fs" / f"{service_id}.toml"
    if path.exists():
        fail(f"{path} exists already", 2)
    key = _client_secret_key(folder)
    secret = secret_file.read().strip() if secret_file else secrets.token_urlsafe(32)
    origin = urlsplit(redirect_uris[0])
    home = f"{origin.scheme}://{origin.netloc}/"
    text = FS.partition("[fs]")[1] + FS.partition("[fs]")[2].format(
        id=service_id,
        fr=json.dumps(name_fr or service_id, ensure_ascii=False),
        en=json.dumps(name_en or service_id, ensure_ascii=False),
        public="true" if public else "false",
        redirect_uris=", ".join(f'"{uri}"' for uri in redirect_uris),
        post_logout=f'"{home}"',
        home=home,
        client_id=f'client_id = "{client_id}"\n' if client_id else "",
        auth="client_secret",
    )
    _hold(folder, service_id, client_id or service_id, secret, key, former="")
    path.write_text(text, "utf-8")
    click.echo(f"{path} written; read it, then: passerelle check && passerelle reload")
    if not secret_file:
        click.echo(f"client_id     {client_id or service_id}\nclient_secret {secret}   (shown once, kept nowhere)")


@fs.command("rotate-secret")
@click.argument("service_id", metavar="ID")
@click.option("--grace", default="14d", show_default=True, help="How long the former secret still counts (14d, 12h, 0m).")
@in_folder
def rotate_secret(service_id: str, grace: str, folder: Path) -> None:
    """Give a service a new secret, printed once; the former one counts until the grace is over."""
    unit = _GRACE.get(grace[-1:])
    if unit is None or not grace[:-1].isdigit():
        fail("--grace is a number and d, h or m, such as 14d", 2)
    path = folder / "partners" / "fs" / f"{service_id}.toml"
    if not path.exists():
        fail(f'no service "{service_id}": passerelle fs list', 2)
    until = datetime.fromtimestamp(now() + int(grace[:-1]) * unit, UTC)
    held = _secret_file(folder, service_id)
    former = held.read_text("ascii").splitlines()[0].split()[0] if held.exists() else ""
    secret = secrets.token_urlsafe(32)
    _hold(
        folder,
        service_id,
        _client_id(path, service_id),
        secret,
        _client_secret_key(folder),
        former and f"{former} until {until.isoformat()}",
    )
    click.echo(f"client_secret {secret}   (shown once, kept nowhere)")
    if former:
        click.echo(f"the former one counts until {until:%Y-%m-%d %H:%M} UTC")
    click.echo("now: passerelle reload")


def _client_id(path: Path, service_id: str) -> str:
    import tomllib

    stated = tomllib.loads(path.read_text("utf-8")).get("fs", {}).get("client_id", "")
    return str(stated) or service_id


def _secrets_folder(folder: Path) -> Path:
    import os

    return Path(os.environ.get("PASSERELLE_SECRETS_DIR") or folder / "secrets")


def _secret_file(folder: Path, service_id: str) -> Path:
    return _secrets_folder(folder) / f"fs-{service_id}"


def _client_secret_key(folder: Path) -> bytes:
    from broker.settings.secrets import CLIENT_SECRETS, SecretRefused, read_key

    try:
        return read_key(_secrets_folder(folder) / CLIENT_SECRETS)
    except SecretRefused as refused:
        fail(f"{refused.reason} ({refused.hint})")


def _hold(folder: Path, service_id: str, client_id: str, secret: str, key: bytes, former: str) -> None:
    from broker.client_secrets import SecretTooShort, check_random_enough, digest
    from broker.commands.skeleton import write_secret

    try:
        check_random_enough(secret)
    except SecretTooShort as short:
        fail(str(short), 2)
    lines = [digest(key, client_id, secret).hex(), *([former] if former else [])]
    write_secret(_secret_file(folder, service_id), "\n".join(lines))
