"""Our metadata signed by a key that never comes near a network: made here, signed there, published here."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.reload import announce
from broker.commands.tools import (
    INVALID,
    REFUSED_BY_POLICY,
    WRONG_USAGE,
    dry_run,
    fail,
    in_folder,
    now,
    settings_of,
)

if TYPE_CHECKING:
    from broker.settings import Settings
    from certs.keyring import Keyring
    from eidas.keys import LocalSigner
    from metadata.publication import Said

_ROLES = ("connector", "proxy")
_DAY = 86_400
_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_written = click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="Where it is written.")


@click.command()
@click.option("--role", type=click.Choice(_ROLES), required=True, help="Whose metadata.")
@click.option("--days", type=click.IntRange(1, 90), help="How long it counts (default: [eidas] metadata_valid_days).")
@_written
@in_folder
def build(role: str, days: int | None, output: Path | None, folder: Path) -> None:
    """Write our metadata unsigned, to be carried to the machine with the key. On one day it is always the same.

    Without -o it goes to the standard output.

    Example: passerelle metadata build --role connector --days 30 -o connector.xml
    """
    from broker import node
    from metadata.publication import read_unsigned

    settings = settings_of(folder)
    if role not in settings.node.roles:
        fail(f"this instance is no {role}: [eidas] roles", WRONG_USAGE)
    until = (now() // _DAY + (days or settings.node.valid_days)) * _DAY
    octets = node.unsigned(settings, _ring(settings), role, until)
    if output is None:
        sys.stdout.buffer.write(octets)
        return
    _write(output, octets)
    _tell(read_unsigned(octets))
    click.echo(f"{output}: carry it to the key, compare these lines there, and sign it: passerelle metadata sign --offline")


@click.command()
@click.option("--offline", "document", type=_file, required=True, help="The unsigned document.")
@click.option("--key", "key_file", type=_file, required=True, help="The private key: PEM, or PKCS#12.")
@click.option("--certificate", "certificate_file", type=_file, required=True, help="Its certificate in PEM.")
@click.option("--password-file", type=_file, help="What opens the key, on one line.")
@_written
@click.option("--yes", is_flag=True, help="Do not ask.")
def sign(
    document: Path,
    key_file: Path,
    certificate_file: Path,
    password_file: Path | None,
    output: Path | None,
    yes: bool,
) -> None:
    """Sign metadata on a machine without a network, after showing what it says. No instance is needed.

    Example: passerelle metadata sign --offline connector.xml --key key.pem --certificate cert.pem -o signed.xml
    """
    from broker.published import read_bounded
    from certs.keys import fingerprint
    from eidas.errors import Refused
    from metadata import publication

    target = output or document.with_suffix(".signed.xml")
    try:
        octets = read_bounded(document)
        said = publication.read_unsigned(octets)
        signer = _signer(key_file, certificate_file, password_file)
        _tell(said)
        click.echo(f"signed by    {fingerprint(signer.certificate)}")
        if not yes and not click.confirm("Is that what you were told? Sign it?", default=False):
            fail("nothing was signed")
        _write(target, publication.sign(octets, signer))
    except Refused as refused:
        fail(f"{document}: {refused.detail}", REFUSED_BY_POLICY)
    click.echo(f"{target}: carry it back, and publish it: passerelle metadata publish {target.name}")


@click.command()
@click.argument("signed", metavar="SIGNED", type=_file)
@click.option("--replace", is_flag=True, help="Also one that ends earlier than the one in place.")
@dry_run
@in_folder
def publish(signed: Path, replace: bool, dry_run: bool, folder: Path) -> None:
    """Check metadata that was signed elsewhere, serve it from now on, and tell every running worker.

    It must be signed by the key of [eidas] metadata_certificate, be ours, count, and say what this instance would say now.

    Example: passerelle metadata publish signed.xml --dry-run
    """
    from broker.published import put, read_bounded
    from eidas.errors import Refused

    settings = settings_of(folder)
    if not settings.node.offline:
        fail('our metadata is signed here: [eidas] metadata_key = "offline" first', WRONG_USAGE)
    octets = read_bounded(signed)  # once: what was checked is what is published
    try:
        said = _checked(settings, octets, replace)
    except Refused as refused:
        fail(f"{signed}: {refused.detail}", REFUSED_BY_POLICY)
    _tell(said)
    if dry_run:
        click.echo("it is in order; nothing was published")
        return
    try:
        path = put(settings.folder, said.role, octets)
    except OSError as wrong:
        fail(f"{wrong.filename}: {wrong.strerror}")
    click.echo(f"{path}: published; generation {announce(settings.database)} was announced to the workers")


def _checked(settings: "Settings", octets: bytes, replace: bool) -> "Said":
    """What a document says, after every rule. Raises Refused."""
    from broker import node
    from broker.published import Publication
    from metadata import publication
    from metadata.ledger.content import content_digest

    role = publication.role_of(octets)
    if role not in settings.node.roles:
        fail(f"this instance is no {role}: [eidas] roles", WRONG_USAGE)
    said = publication.read_signed(octets, settings.node.offline, role, node.entity_id(settings, role))
    before = node.publication(settings, role)
    in_place = before.said if isinstance(before, Publication) and not replace else None
    ours = content_digest(node.unsigned(settings, _ring(settings), role, said.valid_until))
    publication.check_publishable(said, ours, now(), in_place)
    return said


def _signer(key_file: Path, certificate_file: Path, password_file: Path | None) -> "LocalSigner":
    from certs.importing import ImportRefused, read_certificates, read_key
    from certs.keys import Use, algorithm_of, own_hash
    from eidas.certificates import read_certificate
    from eidas.keys import LocalSigner

    password = password_file.read_text("utf-8").rstrip("\r\n").encode() if password_file else None
    try:
        private, _ = read_key(key_file.read_bytes(), password)
        certificate = read_certificates(certificate_file.read_bytes())[0]
    except ImportRefused as refused:
        fail(str(refused))
    if not algorithm_of(private, Use.METADATA_SIGNING):
        fail(f"{key_file}: the key is too weak or on another curve: passerelle keys new --help names those that do")
    if read_certificate(certificate).key.public_numbers() != private.public_key().public_numbers():
        fail(f"{certificate_file}: the certificate is another key's")
    return LocalSigner(private, own_hash(private.public_key()), certificate)


def _ring(settings: "Settings") -> "Keyring":
    from certs.keyring import KeyRefused, load_keyring
    from certs.keys import Use

    try:
        ring = load_keyring(settings.secrets_folder / "keys")
        for use in (Use.SAML_SIGNING, Use.SAML_DECRYPTION):
            ring.active(use)
    except (KeyRefused, LookupError) as refused:
        fail(str(refused), INVALID)
    return ring


def _tell(said: "Said") -> None:
    """The lines that people compare on both machines."""
    from certs.keys import grouped
    from eidas.times import written

    click.echo(f"role         {said.role}")
    click.echo(f"entityID     {said.entity_id}")
    click.echo(f"validUntil   {written(said.valid_until)}")
    for use, digest in said.keys:
        click.echo(f"{use:<12} {grouped(digest)}")
    click.echo(f"content      {grouped(said.content)}")


def _write(path: Path, octets: bytes) -> None:
    try:
        path.write_bytes(octets)
    except OSError as wrong:
        fail(f"{path} cannot be written: {wrong.strerror}")
