"""passerelle debug authorize-url: a request of a service as it should be."""

import difflib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from broker.commands.scopes import check_scopes
from broker.commands.tools import WRONG_USAGE, as_format, fail, in_folder, settings_of, show_one

if TYPE_CHECKING:
    from broker.assurance import Level
    from broker.parties import Service


@click.command("authorize-url")
@click.argument("service_id", metavar="FS")
@click.option("--scope", help="What is asked (default: everything that was granted).")
@click.option(
    "--loa",
    type=click.Choice(("low", "substantial", "high")),
    help="The level that is asked (default: what the service needs).",
)
@click.option("--redirect-uri", help="One of its callbacks (default: the first).")
@in_folder
@as_format
def authorize_url(
    service_id: str, scope: str | None, loa: str | None, redirect_uri: str | None, folder: Path, form: str
) -> None:
    """A request of a service as it should be: an address to open in a browser, and what belongs to it.

    state, nonce and code_verifier are new each time. The code that comes back is good for 30 seconds.

    \b
    Examples:
      passerelle debug authorize-url mairie
      passerelle debug authorize-url mairie --scope "openid email" --loa substantial
    """
    from oidc.token_endpoint import challenge_of

    settings = settings_of(folder)
    service = settings.parties.services.get(service_id)
    if service is None:
        fail(f'no service "{service_id}": passerelle fs list', WRONG_USAGE)
    asked = scope.split() if scope else sorted(service.scopes)
    check_scopes(service, asked, settings.parties.data_scopes)
    verifier = secrets.token_urlsafe(48)
    request = {
        "response_type": "code",
        "client_id": service.client_id,
        "redirect_uri": callback_of(service, redirect_uri or service.redirect_uris[0]),
        "scope": " ".join(asked),
        "acr_values": _level(loa, service).acr,
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    address = f"{settings.public_url}/api/v2/authorize?{urlencode(request)}"
    show_one({"address": address, "code_verifier": verifier, **request}, form)


def callback_of(service: "Service", uri: str) -> str:
    """A callback of a service; ends the program when it is none, and names the nearest."""
    if uri not in service.redirect_uris:
        nearest = difflib.get_close_matches(uri, service.redirect_uris, n=1, cutoff=0)[0]
        fail(f"{uri} is not one of its redirect_uris; the nearest is {nearest}: partners/fs", WRONG_USAGE)
    return uri


def _level(loa: str | None, service: "Service") -> "Level":
    from broker.assurance import Level

    level = Level.of_word(loa) if loa else service.minimum
    if not service.minimum <= level <= service.maximum:
        fail(f"{service.id} may ask for {service.minimum.word} to {service.maximum.word}: min_loa, max_loa")
    return level
