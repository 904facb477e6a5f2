"""The services that rely on us."""

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from broker.commands.held import hold, rotate, seconds_of, taken_or_made
from broker.commands.rehearsal import test
from broker.commands.tools import (
    WRONG_USAGE,
    as_format,
    dry_run,
    fail,
    files_with,
    in_folder,
    settings_of,
    show,
    show_one,
)

if TYPE_CHECKING:
    from broker.parties import DataGrant, Service


@click.group()
def fs() -> None:
    """The services that rely on us (fournisseurs de services)."""


@fs.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every service.

    Example: passerelle fs list --format csv
    """
    show([_row(service) for service in settings_of(folder).parties.services.values()], form)


def _row(service: "Service") -> dict[str, Any]:
    return {
        "id": service.id,
        "name": service.name.en,
        "public": service.public,
        "level": service.minimum.word,
        "scopes": sorted(service.scopes),
    }


@fs.command("show")
@click.argument("service_id", metavar="ID")
@in_folder
@as_format
def show_(service_id: str, folder: Path, form: str) -> None:
    """One service: everything but its secrets, which nobody knows.

    Example: passerelle fs show mairie
    """
    service = settings_of(folder).parties.services.get(service_id)
    if service is None:
        fail(f'no service "{service_id}": passerelle fs list', WRONG_USAGE)
    show_one(_facts(service), form)


def _facts(service: "Service") -> dict[str, Any]:
    return {
        "id": service.id,
        "name": f"{service.name.fr} / {service.name.en}",
        "client_id": service.client_id,
        "public": service.public,
        "redirect_uris": list(service.redirect_uris),
        "post_logout_redirect_uris": list(service.post_logout_redirect_uris),
        "backchannel_logout_uri": service.tell_at,
        "home": service.home,
        "sector": service.sector,
        "scopes": sorted(service.scopes),
        "level": service.minimum.word,
        "highest": service.maximum.word,
        "providers": sorted(service.only_providers) or "all",
        "hidden_providers": sorted(service.hidden_providers),
        "authentication": sorted(service.authentication),
        "algorithm": service.algorithm,
        "sub_generation": service.sub_generation,
        "secrets": len(service.secrets),
        "keys": _keys(service),
        "only_pushed": service.only_pushed,
        "only_signed": service.only_signed,
        "purpose": service.purpose,
        **{f"data {one.scope}": _grant(one) for one in service.data.values()},
    }


def _grant(grant: "DataGrant") -> str:
    return f"{'required' if grant.required else 'optional'}: {grant.legal_basis}"


def _keys(service: "Service") -> str:
    """Where its public keys are, and what they may sign with."""
    from oidc.tokens import read_jwks

    if service.keys is None:
        return ""
    kids = (public.kid or "(no kid)" for public in read_jwks(service.keys.document).keys) if service.keys.document else ()
    return f"{service.keys.address or ' '.join(kids)} ({', '.join(sorted(service.keys.algorithms))})"


@fs.command()
@click.argument("service_id", metavar="ID")
@click.option(
    "--redirect-uri",
    "--redirect-uris",
    "redirect_uris",
    multiple=True,
    required=True,
    help="Where citizens go back to; may be repeated.",
)
@click.option("--name-fr", help="What citizens read in French (default: ID).")
@click.option("--name-en", help="What citizens read in English (default: as in French).")
@click.option("--public/--private", default=True, help="A private service must ask for consent.", show_default=True)
@click.option("--client-id", default="", help="Keep a client_id that the service has already.")
@click.option("--secret-file", type=click.File("r"), help="Keep the secret it has already (- reads standard input).")
@click.option("--no-secret", is_flag=True, help="A public client: a program that could keep no secret, and uses PKCE.")
@click.option("--jwks-uri", default="", help="It has no secret but keys, which it publishes here (private_key_jwt).")
@click.option("--jwks-file", default="", help="Or keys that it handed over: a file in the instance's folder.")
@click.option("--backchannel-logout-uri", "told_at", default="", help="Where it is told that a citizen has signed out.")
@dry_run
@in_folder
def new(
    service_id: str,
    redirect_uris: tuple[str, ...],
    name_fr: str | None,
    name_en: str | None,
    public: bool,
    client_id: str,
    secret_file: IO[str] | None,
    no_secret: bool,
    jwks_uri: str,
    jwks_file: str,
    told_at: str,
    dry_run: bool,
    folder: Path,
) -> None:
    """Write the file of a new service, and print its secret, once.

    \b
    Examples:
      passerelle fs new mairie --redirect-uri https://mairie.example/retour --name-fr "Mairie"
      passerelle fs new mairie --redirect-uri … --client-id 6925fb81 --secret-file - < secret
      passerelle fs new mairie --redirect-uri … --jwks-uri https://mairie.example/jwks.json
      passerelle fs new mairie --redirect-uri … --backchannel-logout-uri https://mairie.example/deconnexion-fc
    """
    from broker.commands.skeleton import service_file
    from broker.settings.reader import Document

    path = folder / "partners" / "fs" / f"{service_id}.toml"
    names = (name_fr or service_id, name_en or name_fr or service_id)
    if bool(jwks_uri) + bool(jwks_file) + no_secret + bool(secret_file) > 1:
        fail("--secret-file, --no-secret, --jwks-uri and --jwks-file exclude each other", WRONG_USAGE)
    keys = {name: place for name, place in (("jwks_uri", jwks_uri), ("jwks_file", jwks_file)) if place}
    auth = "none" if no_secret else "private_key_jwt" if keys else "client_secret"
    places = {**keys, **({"backchannel_logout_uri": told_at} if told_at else {})}
    text = service_file(service_id, names, redirect_uris, _origin(redirect_uris[0]), public, auth, client_id, places)
    files = files_with(folder, "fs", Document(f"partners/fs/{service_id}.toml", text.encode()))
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    if dry_run:
        click.echo(text, nl=False)
        return
    secret = "" if no_secret or keys else taken_or_made(secret_file)
    if secret:
        hold(files, f"fs-{service_id}", client_id or service_id, secret)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(f"{path} written; read it, then: passerelle check && passerelle reload")
    click.echo(f"client_id     {client_id or service_id}")
    if secret and not secret_file:
        click.echo(f"client_secret {secret}   (shown once, kept nowhere)")


@fs.command("rotate-secret")
@click.argument("service_id", metavar="ID")
@click.option("--grace", default="14d", show_default=True, help="How long the former secret still counts (14d, 12h, 0m).")
@dry_run
@in_folder
def rotate_secret(service_id: str, grace: str, dry_run: bool, folder: Path) -> None:
    """Give a service a new secret, printed once; the former one counts until the grace is over.

    Example: passerelle fs rotate-secret mairie --grace 7d
    """
    from broker.settings.files import read_files

    seconds_of(grace)
    files = read_files(folder, os.environ)
    service = next((one for one in files.sound("fs") if one.id == service_id), None)
    if service is None:
        fail(f'no service "{service_id}" whose file is in order: passerelle check', WRONG_USAGE)
    if service.table["auth"] == "none":
        fail(f"{service_id} is a public client: it has no secret", WRONG_USAGE)
    if service.table["auth"] == "private_key_jwt":
        fail(f"{service_id} has no secret, but keys: it changes them itself, where it publishes them", WRONG_USAGE)
    rotate(files, service, grace, dry_run)


def _origin(url: str) -> str:
    """Scheme and host of an address, for `home`; the address itself when it has no host."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else url


fs.add_command(test)
