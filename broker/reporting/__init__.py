"""The report for a regulator as files: `metadata.report` says what it says, here it becomes pages and a signed archive.

`page` and the template make what people read, `readme` tells how to verify, `verifying` does it.
"""

import json
from collections.abc import Callable
from functools import partial

from broker.reporting.page import html
from broker.reporting.readme import readme
from metadata.ledger import line_of
from metadata.report import facts
from metadata.report.archive import Files
from metadata.report.basis import Basis, documents, key_files
from metadata.report.chapters import missing
from metadata.report.manifest import MANIFEST, SIGNATURE, manifest_of
from metadata.report.tables import events_csv, trust_csv
from metadata.review.documents import octets_of

TYPE = "passerelle-report"
"""What the signature says that it is over (`typ`)."""
LINES, NOTE = "ledger/events.jsonl", "ledger/checkpoint.txt"


def told_files(basis: Basis) -> Files:
    """The files that are made of the ledger's lines and documents, and of nothing else."""
    said = facts(basis)
    made = {
        "README.txt": readme(said),
        "report.html": html(said),
        "report.json": (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode(),
        "trust.csv": trust_csv(said),
        "events.csv": events_csv(basis),
    }
    return {name: partial(bytes, octets) for name, octets in made.items()}


def kept_files(basis: Basis, note: bytes | None) -> Files:
    """The lines of the ledger, its checkpoint if there is one, and the documents and keys of the span that it has."""
    lines = b"".join(line_of(entry.leaf, entry.root) + b"\n" for entry in basis.entries)
    kept: dict[str, Callable[[], bytes]] = {LINES: partial(bytes, lines)}
    if note is not None:
        kept[NOTE] = partial(bytes, note)
    lost = set(missing(basis))
    kept |= {f"snapshots/{one}.xml": partial(octets_of, one, basis.blob) for one in documents(basis) if one not in lost}
    kept |= {f"keys/{one}.der": partial(octets_of, one, basis.blob) for one in key_files(basis) if one not in lost}
    return kept


def report_files(basis: Basis, note: bytes | None, sign: Callable[[bytes], bytes] | None) -> tuple[Files, bytes]:
    """Every file of the report, and its manifest; `sign` makes the signature over that. Raises Refused."""
    files = {**told_files(basis), **kept_files(basis, note)}
    manifest = manifest_of(files)
    files[MANIFEST] = partial(bytes, manifest)
    if sign is not None:
        files[SIGNATURE] = partial(bytes, sign(manifest))
    return files, manifest
