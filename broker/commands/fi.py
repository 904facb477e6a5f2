"""The providers that vouch."""

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from broker.commands.admission import test
from broker.commands.tools import (
    PEER_FAILED,
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
    from broker.parties import Provider

_WELL_KNOWN = "/.well-known/openid-configuration"
_ENDPOINTS = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
)
_LISTS = (
    "acr_values_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "scopes_supported",
    "claims_supported",
)
_AUTH = ("client_secret_basic", "client_secret_post", "private_key_jwt")  # the first is the default (Discovery 3)

allow_http = click.option("--allow-http", is_flag=True, help="For a provider on this computer.")


@click.group()
def fi() -> None:
    """The providers that vouch (fournisseurs d'identité)."""


@fi.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every provider.

    Example: passerelle fi list --format json
    """
    show([_row(provider) for provider in settings_of(folder).parties.providers.values()], form)


def _row(provider: "Provider") -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": provider.name.en,
        "levels": [level.acr for level in sorted(provider.levels)],
        "active": provider.active,
        "visible": provider.visible,
        "issuer": provider.issuer,
    }


@fi.command("show")
@click.argument("provider_id", metavar="ID")
@in_folder
@as_format
def show_(provider_id: str, folder: Path, form: str) -> None:
    """One provider, with the addresses that it must register for us.

    Example: passerelle fi show impots
    """
    settings = settings_of(folder)
    provider = settings.parties.providers.get(provider_id)
    if provider is None:
        fail(f'no provider "{provider_id}": passerelle fi list', WRONG_USAGE)
    show_one(_facts(provider, f"{settings.public_url}/api/v2"), form)


def _facts(provider: "Provider", issuer: str) -> dict[str, Any]:
    return {
        "id": provider.id,
        "name": f"{provider.name.fr} / {provider.name.en}",
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "authentication": provider.authentication,
        "our keys": f"{issuer}/client/.well-known/keys",
        "levels": [level.acr for level in sorted(provider.levels)],
        "algorithms": sorted(provider.algorithms),
        "endpoints": "by hand" if provider.static else "discovered",
        "active": provider.active,
        "visible": provider.visible,
        "redirect_uri": f"{issuer}/oidc-callback/{provider.id}",
        "post_logout_redirect_uri": f"{issuer}/client/logout-callback",
    }


@fi.command()
@click.argument("url")
@allow_http
@as_format
def discover(url: str, allow_http: bool, form: str) -> None:
    """Read a provider's metadata, and print its endpoints, its algorithms and a file to start from.

    URL is its issuer, or the address of its metadata.

    Example: passerelle fi discover https://fi.example.fr
    """
    document = _discovered(url, allow_http)
    facts = {name: document.get(name) for name in _ENDPOINTS} | {name: _texts(document, name) for name in _LISTS}
    show_one(facts, form)
    if form == "table":
        click.echo(f"\n# partners/fi/ID.toml\n{_file('ID', None, None, 'passerelle', None, document)}", nl=False)


@fi.command()
@click.argument("provider_id", metavar="ID")
@click.option("--issuer", required=True, help="Its issuer, character for character.")
@click.option("--name-fr", help="What citizens read in French (default: ID).")
@click.option("--name-en", help="What citizens read in English (default: as in French).")
@click.option("--client-id", default="passerelle", show_default=True, help="What we are called there.")
@click.option("--auth", type=click.Choice(_AUTH), help="How we authenticate there (default: the first that it offers).")
@click.option("--secret-file", type=click.File("r"), help="Our secret there (- reads standard input).")
@allow_http
@dry_run
@in_folder
def new(
    provider_id: str,
    issuer: str,
    name_fr: str | None,
    name_en: str | None,
    client_id: str,
    auth: str | None,
    secret_file: IO[str] | None,
    allow_http: bool,
    dry_run: bool,
    folder: Path,
) -> None:
    """Write the file of a new provider from its metadata.

    \b
    Examples:
      passerelle fi new impots --issuer https://fi.example.fr --secret-file - < secret
      passerelle fi new impots --issuer https://fi.example.fr --auth private_key_jwt
    """
    from broker.commands.writing import write_secret
    from broker.settings.reader import Document

    text = _file(provider_id, name_fr, name_en, client_id, auth, _discovered(issuer, allow_http))
    files = files_with(folder, "fi", Document(f"partners/fi/{provider_id}.toml", text.encode()))
    path = folder / "partners" / "fi" / f"{provider_id}.toml"
    if path.exists():
        fail(f"{path} exists already", WRONG_USAGE)
    if dry_run:
        click.echo(text, nl=False)
        return
    secret = files.secrets_folder / f"fi-{provider_id}"
    if secret_file:
        write_secret(secret, secret_file.read().strip())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(f"{path} written; read it, then: passerelle check && passerelle reload")
    if 'auth   = "private_key_jwt"' in text:
        click.echo("make our key if there is none: passerelle keys new rp-signing; its address: passerelle fi show ID")
    elif not secret.exists():
        click.echo(f"put our secret there into {secret} (mode 0600)")


def _discovered(url: str, allow_http: bool) -> dict[str, Any]:
    """The provider's metadata, as they came but checked."""
    import json

    from broker.fetch import Fetcher, FetchFailed, localhost_resolver
    from oidc.discovery import read_discovery
    from oidc.errors import BadAnswer
    from oidc.messages import HttpRequest

    issuer = url.removesuffix(_WELL_KNOWN)
    address = f"{issuer.rstrip('/')}{_WELL_KNOWN}"
    fetch = Fetcher(localhost_resolver, allow_http=allow_http)
    try:
        response = fetch(HttpRequest("GET", address, {"Accept": "application/json"}, b""), allow_private=True)
        read_discovery(response.body, issuer, allow_http=allow_http)
    except FetchFailed as failed:
        fail(f"no answer from {address}: {failed.kind}", PEER_FAILED)
    except BadAnswer as bad:
        fail(f"{address} answers {response.status}: {bad.detail}", PEER_FAILED)
    document: dict[str, Any] = json.loads(response.body)
    return document


def _texts(document: dict[str, Any], name: str) -> list[str]:
    """A list of texts in the metadata; what else stands there is left out."""
    value = document.get(name)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _file(
    provider_id: str,
    name_fr: str | None,
    name_en: str | None,
    client_id: str,
    auth: str | None,
    document: dict[str, Any],
) -> str:
    from broker.assurance import ACRS
    from broker.commands.skeleton import provider_file

    levels = [acr for acr in ACRS if acr in _texts(document, "acr_values_supported")] or [ACRS[0]]
    offered = _texts(document, "id_token_signing_alg_values_supported")
    algorithms = [name for name in ("ES256", "RS256", "PS256") if name in offered] or ["ES256"]
    names = (name_fr or provider_id, name_en or name_fr or provider_id)
    methods = _texts(document, "token_endpoint_auth_methods_supported")
    chosen = auth or next((method for method in _AUTH if method in methods), _AUTH[0])
    return provider_file(provider_id, names, document["issuer"], client_id, levels, algorithms[:1], chosen)


fi.add_command(test)
