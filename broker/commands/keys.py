"""The keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.moments import at_option, read, short, tell, written
from broker.commands.rotating import OF_TOKENS, USES, rotate
from broker.commands.tools import as_format, dry_run, fail, in_folder, now, settings_of, show

if TYPE_CHECKING:
    from certs.keyring import Keyring
    from certs.keys import Key, State, Use

# As certs.keys has them: `--help` loads no cryptography. A test compares the two.
ALGORITHMS = (
    *OF_TOKENS,
    "P-256",
    "P-384",
    "P-521",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "RSA-3072",
    "RSA-4096",
)
STATES = ("published", "active", "retiring")

use_argument = click.argument("use", type=click.Choice(USES))
state_option = click.option("--state", type=click.Choice(STATES), help="Default: active if there is no active one yet.")


@click.group()
def keys() -> None:
    """The keys, each for one use.

    \b
    op-signing        ID tokens and userinfo, towards services
    rp-signing        who we are towards providers
    rp-decryption     what providers encrypt for us
    saml-signing      messages to other countries
    saml-decryption   what other countries encrypt for us
    metadata-signing  what we tell other countries of ourselves
    tls-client        who we are where a partner's server asks for a certificate
    ledger-signing    checkpoints of the ledger, for auditors
    """


@keys.command("list")
@in_folder
@as_format
def list_(folder: Path, form: str) -> None:
    """The keys with their use, state and dates.

    published: others fetch it, it does not sign yet; active: it signs; retiring: it verifies or decrypts what is left.

    Example: passerelle keys list --format json
    """
    settings = settings_of(folder)
    rows = [_row(key) for key in _ring(settings.secrets_folder / "keys").keys]
    show([*rows, *_sealing(settings.secrets_folder)], form)


@keys.command()
@at_option
@in_folder
@as_format
def used(at: int | None, folder: Path, form: str) -> None:
    """Which keys were there at a moment, in which state and since when, as the ledger says.

    Only an active key signs; a retiring one verifies or decrypts what is left.

    Example: passerelle keys used --at 2026-06-30
    """
    from metadata.review.keys import key_used

    reading = read(folder, at)
    rows = [
        {
            "kid": one.kid,
            "use": one.use,
            "algorithm": one.algorithm,
            "state": one.state,
            "since": written(one.since),
            "known since": written(one.known),
            "public key sha256": short(one.public_key) if form == "table" else one.public_key,
            "certificate sha256": short(one.certificate) if form == "table" else one.certificate,
        }
        for one in key_used(reading.entries, reading.at)
    ]
    tell(reading, "KEYS ON", rows, form, "key")


def _sealing(folder: Path) -> list[dict[str, Any]]:
    """The keys that seal rows at rest: the newest seals, its predecessor still opens."""
    from broker.settings.secrets import generations

    newest, *older = reversed(generations(folder, "pepper"))
    stated = [(newest, "active"), *((number, "retiring") for number in older[:1])]
    return [_row_of(f"pepper-{number}", "sealing", "AES-256", state) for number, state in stated]


def _row(key: "Key") -> dict[str, Any]:
    from certs.keys import fingerprint

    row = _row_of(key.kid, str(key.use), key.algorithm, str(key.state))
    digest = fingerprint(key.chain[0]) if key.chain else ""
    return row | {"since": _day(key.created), "certificate until": _until(key), "certificate sha256": digest}


def _row_of(kid: str, use: str, algorithm: str, state: str) -> dict[str, Any]:
    facts = {"kid": kid, "use": use, "algorithm": algorithm, "state": state}
    return facts | {"since": "", "certificate until": "", "certificate sha256": ""}


def _day(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _until(key: "Key") -> str:
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(key.chain[0]).not_valid_after_utc.date().isoformat() if key.chain else ""


@keys.command()
@use_argument
@click.option(
    "--alg",
    type=click.Choice(ALGORITHMS),
    help="Default: ES256 to sign tokens, ECDH-ES for rp-decryption, P-256 for the others.",
)
@state_option
@click.option("--subject", help="The name in its certificate (default: the host of public_url).")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=730, show_default=True, help="How long its certificate is valid."
)
@dry_run
@in_folder
def new(use: str, alg: str | None, state: str | None, subject: str | None, days: int, dry_run: bool, folder: Path) -> None:
    """Make a key, with a certificate that it signs for itself where its use needs one.

    It is published at once, and active only when there is no active key for the same purpose yet.

    \b
    Examples:
      passerelle keys new op-signing --alg RS256
      passerelle keys new saml-signing --alg brainpoolP384r1
    """
    from urllib.parse import urlsplit

    from certs.keyring import new_key
    from certs.keys import Use, algorithms_of

    settings = settings_of(folder)
    place, purpose = settings.secrets_folder / "keys", Use(use)
    algorithm = alg or algorithms_of(purpose)[0]
    if algorithm not in algorithms_of(purpose):
        fail(f"{use} takes: {', '.join(algorithms_of(purpose))}", 2)
    chosen = _state(_ring(place), purpose, algorithm, state)
    if dry_run:
        click.echo(f"a new {algorithm} key would be {chosen}")
        return
    name = subject or urlsplit(settings.public_url).hostname or "passerelle"
    _tell(new_key(place, purpose, algorithm, chosen, now(), name, days), chosen)


@keys.command("import")
@use_argument
@click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), help="PEM or PKCS#12."
)
@click.option(
    "--cert",
    "certificate_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its certificate in PEM, the chain behind it.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What opens the key, on one line.",
)
@state_option
@in_folder
def import_(
    use: str, key_file: Path, certificate_file: Path | None, password_file: Path | None, state: str | None, folder: Path
) -> None:
    """Take a key that was made elsewhere, with its certificate.

    It is kept without its password, readable by its owner alone. The file that it came from stays: destroy it.

    Example: passerelle keys import saml-signing --key node.p12 --password-file node.password
    """
    from certs.importing import ImportRefused, read_certificates, read_key
    from certs.keyring import KeyRefused, check_addition, save
    from certs.keys import Use, algorithm_of, key_of

    place, purpose = settings_of(folder).secrets_folder / "keys", Use(use)
    ring = _ring(place)
    password = password_file.read_text("utf-8").rstrip("\r\n").encode() if password_file else None
    try:
        private, beside = read_key(key_file.read_bytes(), password)
        chain = read_certificates(certificate_file.read_bytes()) if certificate_file else beside
        algorithm = algorithm_of(private, purpose)
        chosen = _state(ring, purpose, algorithm, state)
        key = key_of(private, purpose, algorithm, chosen, now(), chain)
        check_addition(key_file, private, key, ring)
        _tell(save(private, key, place), chosen)
    except (ImportRefused, KeyRefused) as refused:
        fail(str(refused))


def _state(ring: "Keyring", use: "Use", algorithm: str, stated: str | None) -> "State":
    from certs.keys import JOSE_USES, State

    if stated:
        return State(stated)
    rivals = (key for key in ring.all(use) if use not in JOSE_USES or key.algorithm == algorithm)
    return State.PUBLISHED if any(key.state is State.ACTIVE for key in rivals) else State.ACTIVE


keys.add_command(rotate)


def _tell(path: Path, state: "State") -> None:
    click.echo(f"{path}: {state}")
    if state == "published":
        click.echo(f'when everybody has fetched it, write state = "active" into {path.with_suffix(".toml").name},')
        click.echo('and state = "retiring" beside the old one')
    click.echo("now: passerelle reload")


def _ring(folder: Path) -> "Keyring":
    from certs.keyring import KeyRefused, load_keyring

    try:
        return load_keyring(folder)
    except KeyRefused as refused:
        fail(str(refused))
