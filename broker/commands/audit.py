"""The ledger: reading it, checking it, and what an auditor takes home."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.audited import Telling, entries_of, head_of, keys_of, open_ledger, signing_key
from broker.commands.reporting import report, verify_report
from broker.commands.tools import as_format, fail, in_folder, now, settings_of, show

if TYPE_CHECKING:
    from metadata.ledger import Entry
    from metadata.ledger.audit import Findings

# As metadata.ledger.kinds has them: `--help` loads nothing heavy. A test compares the two.
TYPES = (
    "configuration.in_force",
    "metadata.in_force",
    "metadata.waiting",
    "metadata.refused",
    "trust.decision",
    "list.in_force",
    "anchor.pinned",
    "country.state",
    "country.confirmed",
    "metadata.published",
    "key.state",
    "report.issued",
)

head_option = click.option(
    "--head",
    "head",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint that you kept (default: the newest one in the ledger).",
)
key_option = click.option(
    "--key",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A public key in PEM that counts, and no others (default: those of the instance and of its ledger).",
)


@click.group(cls=Telling)
def audit() -> None:
    """The ledger: what was trusted, published and in force, and since when. Nothing of a citizen is in it.

    How to verify without this program: docs/auditor/ledger.md
    """


@audit.command()
@click.option("--type", "type_", type=click.Choice(TYPES), help="Only entries of this type.")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="Only entries of this day (UTC) and later.")
@in_folder
@as_format
def log(type_: str | None, since: datetime | None, folder: Path, form: str) -> None:
    """The entries, oldest first.

    Example: passerelle audit log --type key.state --since 2026-01-01
    """
    after = since.replace(tzinfo=UTC).timestamp() if since else 0
    entries = entries_of(open_ledger(settings_of(folder)))
    show([_row(one) for one in entries if one.event.time >= after and type_ in (None, one.event.type)], form)


def _row(entry: "Entry") -> dict[str, Any]:
    event = entry.event
    facts = [f"{name}={value}" for name, value in event.facts.items() if value]
    change = {"before": event.before, "after": event.after, "facts": facts or ["no more"]}
    return {"seq": event.seq, "time": _moment(event.time), "type": event.type, "subject": event.subject, **change}


@audit.command()
@head_option
@key_option
@click.option(
    "--folder",
    "exported",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="What `audit export` has written, instead of an instance.",
)
@in_folder
@as_format
def verify(head: Path | None, key_files: tuple[Path, ...], exported: Path | None, folder: Path, form: str) -> None:
    """Recompute everything: every entry, the files that it speaks of, every checkpoint and its signature.

    What was altered, is missing or was inserted is named, and the command ends with 1. With a checkpoint that you kept,
    nothing before it can have been changed by whoever holds the machine and its keys.

    \b
    Examples:
      passerelle audit verify
      passerelle audit verify --head kept.txt --key ledger.pem
      passerelle audit verify --folder export --head kept.txt --key ledger.pem
    """
    from broker.commands.exported import EVENTS, Exported
    from metadata.ledger.audit import examine

    settings = None if exported else settings_of(folder)
    ledger = open_ledger(settings) if settings else Exported(exported or folder)
    kept = {str(head): head.read_bytes()} if head else {}
    keys = keys_of(settings, ledger, key_files)
    where = EVENTS if exported else ""
    found = examine(ledger.lines(), where, ledger.blob, {**ledger.checkpoints(), **kept}, keys)
    rows = [{"entry": "" if one.seq < 0 else one.seq, "where": one.where, "what": one.what} for one in found.faults]
    if rows or form != "table":
        show(rows, form)
    if rows:
        fail("the ledger does not hold")
    if form == "table":
        size, heads = len(found.entries), len(found.checkpoints)
        click.echo(f"{size} entries and {heads} checkpoints hold{_last(found)}")


def _last(found: "Findings") -> str:
    covered = max((one.size for one in found.checkpoints.values()), default=0)
    return f"; {len(found.entries) - covered} entries stand behind the last checkpoint" if found.entries else ""


@audit.command()
@in_folder
def checkpoint(folder: Path) -> None:
    """Sign the size and the root of the ledger; the note is kept and printed, for an auditor to keep elsewhere.

    Workers sign one a day by themselves while the ledger grows, if there is a key: passerelle keys new ledger-signing

    Example: passerelle audit checkpoint > kept.txt
    """
    from broker.checkpointing import sign

    settings = settings_of(folder)
    ledger = open_ledger(settings)
    entries_of(ledger)
    click.echo(sign(ledger, settings, signing_key(settings), now()).decode(), nl=False)


@audit.command()
@click.argument("seq", type=click.IntRange(0))
@head_option
@in_folder
def proof(seq: int, head: Path | None, folder: Path) -> None:
    """Why entry SEQ is in the ledger, as JSON: the entry, its path (RFC 9162, 2.1.3) and a checkpoint.

    Example: passerelle audit proof 3 --head kept.txt > proof.json
    """
    from base64 import b64encode

    from metadata.errors import LedgerRefused
    from metadata.ledger.merkle import inclusion_path, leaf_hash

    settings = settings_of(folder)
    ledger = open_ledger(settings)
    entries = entries_of(ledger)
    note, signed = head_of(settings, ledger, entries, head)
    try:
        path = inclusion_path([leaf_hash(one.leaf) for one in entries[: signed.size]], seq)
    except LedgerRefused as refused:
        fail(f"{refused}; a newer checkpoint: passerelle audit checkpoint")
    steps = [b64encode(step).decode() for step in path]
    _write({"event": entries[seq].leaf.decode(), "index": seq, "path": steps, "checkpoint": note.decode()})


@audit.command()
@click.argument("old", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@head_option
@in_folder
def growth(old: Path, head: Path | None, folder: Path) -> None:
    """Why the ledger of checkpoint OLD is the beginning of this one, as JSON: a path (RFC 9162, 2.1.4), both checkpoints.

    Example: passerelle audit growth kept.txt > growth.json
    """
    from base64 import b64encode

    from metadata.errors import LedgerRefused
    from metadata.ledger.merkle import consistency_path, leaf_hash

    settings = settings_of(folder)
    ledger = open_ledger(settings)
    entries = entries_of(ledger)
    before, smaller = head_of(settings, ledger, entries, old)
    note, signed = head_of(settings, ledger, entries, head)
    try:
        path = consistency_path([leaf_hash(one.leaf) for one in entries[: signed.size]], smaller.size)
    except LedgerRefused as refused:
        fail(str(refused))
    steps = [b64encode(step).decode() for step in path]
    _write({"old": before.decode(), "path": steps, "checkpoint": note.decode()})


@audit.command("key")
@in_folder
def key_(folder: Path) -> None:
    """The public key of the checkpoints in PEM, and its SHA-256 to compare over the phone.

    Example: passerelle audit key > ledger.pem
    """
    import hashlib

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from metadata.ledger.checkpoint import public_octets

    public = signing_key(settings_of(folder)).public_key
    digest = hashlib.sha256(public_octets(public)).hexdigest()
    click.echo("sha256 " + ":".join(digest[at : at + 4] for at in range(0, len(digest), 4)), err=True)
    click.echo(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), nl=False)


@audit.command()
@click.argument("target", type=click.Path(path_type=Path))
@in_folder
def export(target: Path, folder: Path) -> None:
    """Write the ledger into a new folder TARGET, for an auditor who has no database: entries, files, checkpoints.

    Example: passerelle audit export ledger-2026-11
    """
    from broker.commands.exported import write_export

    size, files, notes = write_export(open_ledger(settings_of(folder)), target)
    click.echo(f"{size} entries, {files} files and {notes} checkpoints are in {target}")
    click.echo(f"to verify them: passerelle audit verify --folder {target} --head KEPT.txt --key LEDGER.pem", err=True)


def _write(members: dict[str, Any]) -> None:
    click.echo(json.dumps(members, ensure_ascii=False, indent=1))


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


for one in (report, verify_report):
    audit.add_command(one)
