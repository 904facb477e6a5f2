"""The providers that vouch."""

import json
from pathlib import Path
from typing import Any

import click

from broker.commands.tools import PEER_FAILED, as_format, fail, in_folder, settings_of, show, show_one


@click.group()
def fi() -> None:
    """The providers that vouch (fournisseurs d'identité)."""


@fi.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """Every provider."""
    providers = settings_of(folder).parties.providers.values()
    show(
        [
            {
                "id": provider.id,
                "name": provider.name.en,
                "levels": [level.acr for level in sorted(provider.levels)],
                "active": provider.active,
                "visible": provider.visible,
                "issuer": provider.issuer,
            }
            for provider in providers
        ],
        form,
    )


@fi.command("show")
@click.argument("provider_id", metavar="ID")
@in_folder
@as_format
def show_(provider_id: str, folder: Path, form: str) -> None:
    """One provider, with the address that it must register for us."""
    settings = settings_of(folder)
    provider = settings.parties.providers.get(provider_id)
    if provider is None:
        fail(f'no provider "{provider_id}": passerelle fi list', 2)
    facts: dict[str, Any] = {
        "id": provider.id,
        "name": f"{provider.name.fr} / {provider.name.en}",
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "authentication": provider.authentication,
        "levels": [level.acr for level in sorted(provider.levels)],
        "algorithms": sorted(provider.algorithms),
        "endpoints": "by hand" if provider.static else "discovered",
        "redirect_uri": f"{settings.public_url}/api/v2/oidc-callback/{provider.id}",
        "post_logout_redirect_uri": f"{settings.public_url}/api/v2/client/logout-callback",
    }
    show_one(facts, form)


@fi.command()
@click.argument("url")
@click.option("--allow-http", is_flag=True, help="For a provider on this computer.")
def discover(url: str, allow_http: bool) -> None:
    """Read a provider's metadata and print what goes into its file. URL is its issuer."""
    document = _discovered(url, allow_http)
    for name in (
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ):
        click.echo(f"{name:24} {document.get(name, '-')}")
    for name in ("acr_values_supported", "id_token_signing_alg_values_supported", "code_challenge_methods_supported"):
        click.echo(f"{name:24} {' '.join(document.get(name, [])) or '-'}")
    click.echo("\n" + _file("ID", document))


@fi.command()
@click.argument("provider_id", metavar="ID")
@click.option("--issuer", required=True, help="Its issuer, character for character.")
@click.option("--secret-file", type=click.File("r"), help="Our secret there (- reads standard input).")
@click.option("--allow-http", is_flag=True, help="For a provider on this computer.")
@in_folder
def new(provider_id: str, issuer: str, secret_file: Any, allow_http: bool, folder: Path) -> None:
    """Write the file of a new provider from its metadata."""
    from broker.commands.skeleton import write_secret

    path = folder / "partners" / "fi" / f"{provider_id}.toml"
    if path.exists():
        fail(f"{path} exists already", 2)
    text = _file(provider_id, _discovered(issuer, allow_http))
    if secret_file:
        write_secret(folder / "secrets" / f"fi-{provider_id}", secret_file.read().strip())
    path.write_text(text, "utf-8")
    click.echo(f"{path} written; read it, then: passerelle check && passerelle reload")
    if not secret_file:
        click.echo(f"put our secret there into secrets/fi-{provider_id} (mode 0600)")


def _discovered(issuer: str, allow_http: bool) -> dict[str, Any]:
    from broker.fetch import Fetcher, FetchFailed, localhost_resolver
    from oidc.discovery import read_discovery
    from oidc.errors import BadAnswer
    from oidc.messages import HttpRequest

    fetch = Fetcher(localhost_resolver, allow_http=allow_http)
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        response = fetch(HttpRequest("GET", url, {"Accept": "application/json"}, b""), allow_private=True)
        read_discovery(response.body, issuer, allow_http=allow_http)
    except FetchFailed as failed:
        fail(f"no answer from {url}: {failed.kind}", PEER_FAILED)
    except BadAnswer as bad:
        fail(f"{url}: {bad.detail}", PEER_FAILED)
    document: dict[str, Any] = json.loads(response.body)
    return document


def _file(provider_id: str, document: dict[str, Any]) -> str:
    from broker.assurance import ACRS
    from broker.commands.skeleton import FI

    levels = [acr for acr in ACRS if acr in document.get("acr_values_supported", ())] or list(ACRS[:1])
    offered = document.get("id_token_signing_alg_values_supported", ())
    algorithms = [name for name in ("ES256", "RS256", "PS256") if name in offered] or ["ES256"]
    return FI.format(
        id=provider_id,
        issuer=document["issuer"],
        secret_file=f"secrets/fi-{provider_id}",
        levels=", ".join(f'"{level}"' for level in levels),
        algorithms=", ".join(f'"{name}"' for name in algorithms[:1]),
    )
