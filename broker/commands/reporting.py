"""The report for a regulator: making one, and finding out whether one holds."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broker.commands.audited import entries_of, keys_of, open_ledger, signing_key
from broker.commands.tools import WRONG_USAGE, as_format, dry_run, fail, in_folder, now, settings_of, show

if TYPE_CHECKING:
    from broker.ledger import Ledger
    from broker.settings import Settings
    from certs.keys import Key, PublicKey
    from metadata.ledger import Entry
    from metadata.ledger.checkpoint import Checkpoint
    from metadata.report.archive import Files
    from metadata.report.basis import Basis, Span

_DAY = click.DateTime(("%Y-%m-%d",))
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day (UTC).")
@click.option("--to", "last", type=_DAY, required=True, help="The last day; today is told of up to now.")
@click.option("--sign", is_flag=True, help="Sign it by the key of the ledger, and a checkpoint where none is over its end.")
@click.option(
    "-o", "out", type=click.Path(path_type=Path, dir_okay=False), help="Where to (default: passerelle-FROM-TO.zip, here)."
)
@dry_run
@in_folder
def report(first: datetime, last: datetime, sign: bool, out: Path | None, dry_run: bool, folder: Path) -> None:
    """A report of a span of days, as a ZIP: who was trusted, who decided, which keys, what changed, what went wrong.

    In it are a page to print, tables, data, each metadata document that was in force, and the ledger itself, so that
    whoever gets it can verify all of it without this machine. The ledger has an entry of each report.

    Example: passerelle audit report --from 2026-01-01 --to 2026-06-30 --sign
    """
    settings = settings_of(folder)
    ledger = open_ledger(settings)
    span = _span(first, last)
    path = out or Path(f"passerelle-{span.first_day}-{span.last_day}.zip")
    if path.exists():
        fail(f"{path} is there already: choose another name by -o", WRONG_USAGE)
    key = signing_key(settings) if sign else None
    basis, note = _basis(settings, ledger, span, None if dry_run else key, sign)
    if dry_run:
        click.echo(f"a report of {len(basis.during)} entries of {len(basis.entries)} would be written to {path}")
        return
    digest = _write(path, basis, note, key)
    _tell(ledger, span, digest)
    click.echo(f"{path}: {path.stat().st_size} octets, {len(basis.during)} entries of {len(basis.entries)}")
    click.echo(f"MANIFEST.json sha256 {digest}")
    click.echo("signed by the key of the ledger" if key else "not signed: nobody vouches for it (--sign)")


def _span(first: datetime, last: datetime) -> "Span":
    from metadata.errors import ReportRefused
    from metadata.report.basis import span_of

    try:
        return span_of(first.date().isoformat(), last.date().isoformat(), now())
    except ReportRefused as refused:
        fail(refused.detail, WRONG_USAGE)


def _basis(
    settings: "Settings", ledger: "Ledger", span: "Span", key: "Key | None", signed: bool
) -> "tuple[Basis, bytes | None]":
    """What the report stands on, and the checkpoint in it; with a key one is signed where none is over the last entry."""
    from importlib.metadata import version
    from urllib.parse import urlsplit

    from metadata.report.basis import Basis, up_to

    origin = f"{urlsplit(settings.public_url).netloc}/ledger"
    entries = up_to(entries_of(ledger), span.until)
    if key and entries and len(entries) not in {one.size for one, _ in _heads(settings, ledger, entries)}:
        _checkpoint(ledger, origin, entries, key)
    heads = _heads(settings, ledger, entries)
    largest = max((one.size for one, _ in heads), default=0)
    note = next((octets for one, octets in heads if one.size == largest), None)
    return Basis(span, entries, ledger.blob, [one for one, _ in heads], origin, version("passerelle"), signed), note


def _checkpoint(ledger: "Ledger", origin: str, entries: "Sequence[Entry]", key: "Key") -> None:
    from metadata.ledger.checkpoint import Checkpoint, write_checkpoint

    signed = Checkpoint(origin, len(entries), entries[-1].root, now())
    ledger.keep_checkpoint(signed, write_checkpoint(signed, key))


def _heads(settings: "Settings", ledger: "Ledger", entries: "Sequence[Entry]") -> "list[tuple[Checkpoint, bytes]]":
    """The checkpoints over some of these entries, the smallest first; ends the program when one does not hold."""
    from metadata.errors import LedgerRefused
    from metadata.ledger.checkpoint import check_head, read_checkpoint

    keys, found = keys_of(settings, ledger, ()), []
    for name, octets in ledger.checkpoints().items():
        try:
            signed = read_checkpoint(octets, keys)
            if signed.size <= len(entries):
                check_head(signed, entries)
                found.append((signed, octets))
        except LedgerRefused as refused:
            fail(f"checkpoint {name}: {refused}; passerelle audit verify")
    return sorted(found, key=lambda pair: (pair[0].size, pair[0].time, pair[1]))


def _write(path: Path, basis: "Basis", note: bytes | None, key: "Key | None") -> str:
    """The digest of the manifest. The file is there whole, or not at all."""
    import hashlib

    from broker.reporting import TYPE, report_files
    from eidas.errors import Refused
    from oidc.detached import sign_detached

    sign = partial(sign_detached, key=key, typ=TYPE) if key else None
    try:
        files, manifest = report_files(basis, note, sign)
        _archive(path, files)
    except Refused as refused:
        fail(str(refused))
    return hashlib.sha256(manifest).hexdigest()


def _archive(path: Path, files: "Files") -> None:
    from metadata.report.archive import write_archive

    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            write_archive(file, files)
        fresh.replace(path)
    except OSError as wrong:
        fail(f"{path}: {wrong.strerror}")
    finally:
        fresh.unlink(missing_ok=True)


def _tell(ledger: "Ledger", span: "Span", digest: str) -> None:
    import hashlib

    from metadata.errors import LedgerRefused
    from metadata.ledger import Stated, canonical
    from metadata.ledger.kinds import REPORT

    facts = {"from": span.first_day, "to": span.last_day, "manifest": digest}
    try:
        ledger.note([Stated(REPORT, "instance", facts, hashlib.sha256(canonical(facts)).hexdigest())], (), now())
    except (OSError, LedgerRefused) as wrong:
        fail(f"the report is written, and the ledger could not be told of it: {wrong}")


# -- verifying --------------------------------------------------------------------------------------------------------


@click.command("verify-report")
@click.argument("file", type=_FILE)
@click.option(
    "--key",
    "key_files",
    multiple=True,
    type=_FILE,
    help="A public key in PEM that counts (default: the instance's).",
)
@click.option("--head", "heads", multiple=True, type=_FILE, help="A checkpoint that you kept.")
@in_folder
@as_format
def verify_report(file: Path, key_files: tuple[Path, ...], heads: tuple[Path, ...], folder: Path, form: str) -> None:
    """Does a report hold? Every file, the signature, the ledger's entries; then all of it is made again and compared.

    With --key it needs no instance. What does not hold is named, and the command ends with 1.

    \b
    Examples:
      passerelle audit verify-report passerelle-2026-01-01-2026-06-30.zip --key ledger.pem
      passerelle audit verify-report passerelle-2026-01-01-2026-06-30.zip --key ledger.pem --head kept.txt
    """
    from importlib.metadata import version

    from broker.reporting.verifying import Trusted, verify

    kept = {str(one): one.read_bytes() for one in heads}
    found = verify(file, Trusted(_keys(key_files, folder), kept, version("passerelle")))
    rows = [{"where": one.where, "what": one.what} for one in found.faults]
    if rows or form != "table":
        show(rows, form)
    if rows:
        fail("the report does not hold")
    if form == "table":
        for sentence in (*found.holds, *found.left_out):
            click.echo(sentence)


def _keys(files: tuple[Path, ...], folder: Path) -> "list[PublicKey]":
    """The keys of files; without any, those of the instance and of its ledger."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if not files:
        settings = settings_of(folder)
        return keys_of(settings, open_ledger(settings), ())
    try:
        return [load_pem_public_key(file.read_bytes()) for file in files]  # type: ignore[misc] # others are passed over
    except ValueError:
        fail(f"{', '.join(map(str, files))}: not a public key in PEM", WRONG_USAGE)
