"""passerelle keys rotate."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.tools import dry_run, fail, in_folder, now, settings_of

if TYPE_CHECKING:
    from broker.settings import Settings
    from certs.keys import Key, Use
    from certs.rotation import Step

# As certs.keys has them: `--help` loads no cryptography. A test compares the two.
USES = (
    "op-signing",
    "rp-signing",
    "rp-decryption",
    "saml-signing",
    "saml-decryption",
    "metadata-signing",
    "tls-client",
    "ledger-signing",
)
OF_TOKENS = ("ES256", "RS256", "PS256", "ECDH-ES", "RSA-OAEP-256")


@click.command()
@click.argument("use", type=click.Choice(USES))
@click.option(
    "--alg", type=click.Choice(OF_TOKENS), help="Of op-signing, rp-signing (default: ES256) or rp-decryption (ECDH-ES)."
)
@click.option(
    "--wait",
    "hours",
    type=click.IntRange(0, 8760),
    help="For how many hours the next key is shown before it is used (default: 24 for op-signing and rp-signing, 0 for "
    "rp-decryption; for the others as long as copies of our metadata count). 0 when the old key has been stolen.",
)
@dry_run
@in_folder
def rotate(use: str, alg: str | None, hours: int | None, dry_run: bool, folder: Path) -> None:
    """Take the next step of replacing a key.

    The first step makes the next key and publishes it; the second, after the wait, lets it sign and the old one retire.
    Run it again for the second; before its time it changes nothing. Old keys stay until you remove them.

    \b
    Examples:
      passerelle keys rotate op-signing --dry-run
      passerelle keys rotate op-signing --alg RS256
    """
    from certs.keyring import KeyRefused, load_keyring
    from certs.keys import JOSE_USES, Use, algorithms_of
    from certs.rotation import next_step

    settings, purpose, moment = settings_of(folder), Use(use), now()
    if alg and purpose not in JOSE_USES:
        fail(f"--alg is for {', '.join(sorted(JOSE_USES))}: elsewhere the next key is of the kind of the old one", 2)
    if alg and alg not in algorithms_of(purpose):
        fail(f"a key for {use} is for {', '.join(algorithms_of(purpose))}", 2)
    wait = 3600 * (_usual(settings, use) if hours is None else hours)
    try:
        step = next_step(
            load_keyring(settings.secrets_folder / "keys"), purpose, alg or algorithms_of(purpose)[0], moment, wait
        )
        _say(step) if dry_run else _do(step, settings, purpose, alg, moment)
    except KeyRefused as refused:
        fail(str(refused))


def _usual(settings: "Settings", use: str) -> int:
    """Hours: the keys of tokens are kept for ten minutes, and by some for a day; our metadata as long as it says. The next
    key to encrypt for is shown only once it is active: there is nothing to wait for.
    """
    return {"op-signing": 24, "rp-signing": 24, "rp-decryption": 0}.get(use, 24 * settings.node.valid_days)


def _say(step: "Step") -> None:
    """What would be done."""
    from certs.rotation import Act

    match step.act:
        case Act.PUBLISH if step.old is None:
            click.echo("there is no active key: a new one would be made, and active at once")
        case Act.PUBLISH:
            click.echo(f"a new key would be made and published; {_name(step.old)} signs on")
            click.echo(f"it could be active from {_moment(step.ready)}: run this again then")
        case Act.WAIT:
            click.echo(f"nothing: {_name(step.fresh)} is published and could be active from {_moment(step.ready)}")
        case Act.ACTIVATE:
            click.echo(f"{_name(step.fresh)} would be active")
            if step.old:
                click.echo(f"{_name(step.old)} would be retiring: what it has signed is still verified")


def _do(step: "Step", settings: "Settings", use: "Use", alg: str | None, moment: int) -> None:
    from urllib.parse import urlsplit

    from certs.keyring import new_key
    from certs.keys import algorithms_of
    from certs.rotation import Act, take

    folder, name = settings.secrets_folder / "keys", urlsplit(settings.public_url).hostname or "passerelle"
    algorithm = step.old.algorithm if step.old else alg or algorithms_of(use)[0]
    changed = take(step, folder, lambda state: new_key(folder, use, algorithm, state, moment, name))
    if not changed:
        _say(step)
        return
    for path, state in changed:
        click.echo(f"{path}: {state}")
    if step.act is Act.PUBLISH and step.old:
        click.echo(f"now: passerelle reload; and from {_moment(step.ready)} on: passerelle keys rotate {use}")
    else:
        click.echo("now: passerelle reload; remove what is retiring when nothing that it signed can be under way any more")


def _name(key: "Key | None") -> str:
    return f"{key.use} {key.algorithm} {key.kid[:8]}" if key else ""


def _moment(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
