"""passerelle fi test: whether a provider may be admitted."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.tools import (
    PEER_FAILED,
    PROBLEM_FOUND,
    WRONG_USAGE,
    as_format,
    fail,
    in_folder,
    now,
    settings_of,
    show,
)

if TYPE_CHECKING:
    from broker.admitting import Candidate
    from broker.parties import Provider
    from broker.settings import Settings


@click.command("test")
@click.argument("provider_id", metavar="ID")
@click.option("--login", is_flag=True, help="Make a link for a test login instead: somebody with a test account opens it.")
@in_folder
@as_format
def test(provider_id: str, login: bool, folder: Path, form: str) -> None:
    """Try a provider from outside: what it says of itself, and how it takes what is wrong.

    It is asked with addresses, secrets, codes and tokens that are wrong on purpose; nobody logs in. Ends with 0 when
    nothing keeps it from being admitted, 1 when something does, 4 when it cannot be reached.

    With --login: a link that counts for ten minutes and reaches no service. Whoever opens it logs in with a test account;
    the page that follows says at which level, and which kinds of data came, or which one is missing or not in its format.

    \b
    Examples:
      passerelle fi test impots
      passerelle fi test impots --login
      passerelle fi test impots --format json
    """
    from broker.admitting import Unreachable, admit

    settings = settings_of(folder)
    provider = settings.parties.providers.get(provider_id)
    if provider is None:
        fail(f'no provider "{provider_id}": passerelle fi list', WRONG_USAGE)
    if login:
        from broker.relying.trial import provider_link

        click.echo(provider_link(settings.public_url, settings.client_secret_key, provider_id, now()))
        return
    try:
        points = list(admit(_candidate(settings, provider)))
    except Unreachable as unreachable:
        fail(str(unreachable), PEER_FAILED)
    show([asdict(point) for point in points], form)
    sys.exit(PROBLEM_FOUND if any(point.verdict == "fix" for point in points) else 0)


def _candidate(settings: "Settings", provider: "Provider") -> "Candidate":
    from broker.admitting import candidate
    from broker.fetch import Fetcher, localhost_resolver, system_resolver
    from broker.providers.keys import keys_at
    from broker.providers.oidc import registration_at
    from certs.keyring import KeyRefused, load_keyring

    sandbox = settings.mode == "sandbox"
    try:
        keys = keys_at(provider, load_keyring(settings.secrets_folder / "keys"))
    except (KeyRefused, LookupError) as missing:
        fail(str(missing.args[0]))
    callback = f"{settings.public_url}/api/v2/oidc-callback/{provider.id}"
    fetch = Fetcher(localhost_resolver if sandbox else system_resolver, allow_http=sandbox)
    return candidate(provider, registration_at(provider, callback, *keys), fetch, now, sandbox)
