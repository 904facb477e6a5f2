"""Does a report hold? The archive, its manifest, the signature, the ledger's lines; and then the report is made again.

What does not hold is named, not raised. Nothing that a report says of itself is believed before it was made out of the
lines and documents that lie in it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from broker.reporting import LINES, NOTE, TYPE, kept_files, told_files
from broker.reporting.about import basis_of, read_told
from certs.keys import PublicKey
from eidas.errors import Refused
from metadata.errors import LedgerRefused, ReportRefused
from metadata.ledger import Entry, read_entries
from metadata.ledger.checkpoint import Checkpoint, check_head, read_checkpoint
from metadata.report.archive import Files, read_archive
from metadata.report.basis import Basis, Span, up_to
from metadata.report.manifest import (
    MANIFEST,
    OUTSIDE,
    SIGNATURE,
    Listed,
    check_complete,
    check_nothing_more,
    check_same,
    read_manifest,
)
from oidc.detached import verify_detached
from oidc.errors import SignatureRefused


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold: in which file, and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every fault, what holds, and what could not be looked at, in sentences without their ends."""

    faults: tuple[Fault, ...] = ()
    holds: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.faults + other.faults, self.holds + other.holds, self.left_out + other.left_out)


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the reader brings: keys that count, checkpoints that were kept, by their names, and its own version."""

    keys: Sequence[PublicKey]
    kept: Mapping[str, bytes]
    program: str


def verify(path: Path, by: Trusted) -> Verdict:
    """Look at everything. Raises OSError when the file cannot be read."""
    try:
        with read_archive(path) as files:
            return _manifest(files, by) + _ledger(files, by)
    except ReportRefused as refused:
        return Verdict((Fault(path.name, refused.detail),))


def _tried(where: str, holds: str, *acts: Callable[[], object]) -> Verdict:
    """Each act in turn, whatever the others say; `holds` is said when none refuses."""
    faults = []
    for act in acts:
        try:
            act()
        except Refused as refused:
            faults.append(Fault(where, str(refused)))
    return Verdict(tuple(faults)) if faults else Verdict(holds=(holds,) if holds else ())


# -- the manifest -----------------------------------------------------------------------------------------------------


def _manifest(files: Files, by: Trusted) -> Verdict:
    if MANIFEST not in files:
        return Verdict((Fault(MANIFEST, "it is missing: nothing says which files there must be"),))
    try:
        octets = files[MANIFEST]()
        known = read_manifest(octets)
    except Refused as refused:
        return Verdict((Fault(MANIFEST, refused.detail),))
    whole = _tried(MANIFEST, "", partial(check_complete, known, files), partial(check_nothing_more, known, files))
    for name in sorted(known.keys() & files.keys()):
        whole += _tried(name, "", partial(_file, known[name], files[name]))
    if not whole.faults:
        whole += Verdict(holds=(f"{len(known)} files are those of the manifest",))
    return whole + _signature(files, octets, by)


def _file(known: Listed, read: Callable[[], bytes]) -> None:
    check_same(known, read())


def _signature(files: Files, manifest: bytes, by: Trusted) -> Verdict:
    if SIGNATURE not in files:
        return Verdict((Fault(SIGNATURE, "it is missing: the report is not signed, so nobody vouches for it"),))
    try:
        verify_detached(files[SIGNATURE](), manifest, by.keys, TYPE)
    except (Refused, SignatureRefused) as refused:
        return Verdict((Fault(SIGNATURE, refused.detail),))
    return Verdict(holds=("the manifest is signed by a key that counts",))


# -- the ledger -------------------------------------------------------------------------------------------------------


def _ledger(files: Files, by: Trusted) -> Verdict:
    if LINES not in files:
        return Verdict((Fault(LINES, "it is missing: nothing can be made again"),))
    try:
        entries = list(read_entries(_lines(files[LINES]())))
    except Refused as refused:
        return Verdict((Fault(LINES, str(refused)),))
    verdict = Verdict(holds=(f"{len(entries)} entries of the ledger were recomputed",))
    try:
        told = read_told(files)
        basis = basis_of(told, entries, lambda digest: _blob(files, digest))
    except Refused as refused:
        return verdict + Verdict((Fault("report.json", refused.detail),))
    return verdict + _heads(files, basis, by) + _again(files, told, basis, by)


def _lines(octets: bytes) -> list[bytes]:
    *lines, tail = octets.split(b"\n")
    check_last_line(tail)
    return lines


def _blob(files: Files, digest: str) -> bytes | None:
    for name in (f"snapshots/{digest}.xml", f"keys/{digest}.der"):
        if name in files:
            return files[name]()
    return None


def _heads(files: Files, basis: Basis, by: Trusted) -> Verdict:
    verdict = Verdict()
    if NOTE not in files:
        verdict += Verdict((Fault(NOTE, "it is missing: no checkpoint holds the ledger"),))
    else:
        verdict += _tried(NOTE, "the checkpoint in it is over these entries", partial(_note, files[NOTE], basis, by))
    for name, octets in by.kept.items():
        verdict += _kept(name, octets, basis, by)
    return verdict


def _note(read: Callable[[], bytes], basis: Basis, by: Trusted) -> None:
    signed = read_checkpoint(read(), by.keys)
    check_origin(signed, basis.origin)
    check_head(signed, basis.entries)
    check_listed(signed, basis.heads)


def _kept(name: str, octets: bytes, basis: Basis, by: Trusted) -> Verdict:
    """What was signed after the span may be over more than the report has; what was signed before its end may not."""
    try:
        signed = read_checkpoint(octets, by.keys)
        check_origin(signed, basis.origin)
        if signed.size > len(basis.entries) and signed.time > basis.span.until:
            return Verdict(left_out=(f"{name} was signed after the span, over more entries: it was not compared",))
        check_head(signed, basis.entries)
    except LedgerRefused as refused:
        return Verdict((Fault(name, str(refused)),))
    return Verdict(holds=(f"{name} is over these entries",))


# -- made again -------------------------------------------------------------------------------------------------------

_CHAPTERS = ("summary", "changes", "renewals", "weak", "endings", "incidents", "conformance", "keys", "missing", "heads")
_CORE = {
    "trusted_first": ("country", "role", "entity_id", "since", "version", "document", "ground", "anchor", "valid_until"),
    "decisions": ("seq", "time", "verdict", "subject", "document", "people", "words", "needed"),
}
_CORE["trusted_last"] = _CORE["trusted_first"]


def _again(files: Files, told: Mapping[str, Any], basis: Basis, by: Trusted) -> Verdict:
    """Whoever signs may still lie: the pages must be those that the lines and documents give."""
    made = told_files(basis)
    data = json.loads(made["report.json"]())
    verdict = _core(told, data)
    verdict += _tried("report.json", "", partial(check_announced, files, basis.signed))
    verdict += _tried("ledger", "", partial(check_up_to, basis.entries, basis.span))
    verdict += Verdict(tuple(Fault(one, "the ledger had lost this file, or had it altered") for one in data["missing"]))
    verdict += _tried(MANIFEST, "", partial(check_belonging, files, {*made, *kept_files(basis, b""), *OUTSIDE}))
    if basis.program != by.program:
        what = f"made by Passerelle {basis.program}, read by {by.program}: pages and gradings were not made again"
        return verdict + Verdict(left_out=(what,))
    return verdict + _pages(files, told, made, data)


def _core(told: Mapping[str, Any], data: Mapping[str, Any]) -> Verdict:
    acts = [partial(check_rows, name, told, data) for name in _CORE]
    return _tried("report.json", "who was trusted, and who decided, follows from the entries", *acts)


def _pages(files: Files, told: Mapping[str, Any], made: Files, data: Mapping[str, Any]) -> Verdict:
    verdict = Verdict()
    for name in _CHAPTERS:
        verdict += _tried("report.json", "", partial(check_chapter, name, told, data))
    for name in sorted(made):
        verdict += _tried(name, "", partial(check_made, files, name, made[name]()))
    return verdict if verdict.faults else Verdict(holds=("every page and table follows from the entries and documents",))


# -- the law ----------------------------------------------------------------------------------------------------------


def check_last_line(tail: bytes) -> None:
    """Ours: the lines of the ledger end with the last one."""
    if tail:
        raise ReportRefused("its last line was cut short")


def check_origin(signed: Checkpoint, origin: str) -> None:
    """C2SP tlog-checkpoint: a checkpoint is of the ledger that it names."""
    if signed.origin != origin:
        raise LedgerRefused(f"the checkpoint is of {signed.origin}, the report of {origin}")


def check_listed(signed: Checkpoint, heads: Iterable[Checkpoint]) -> None:
    """Ours: the checkpoint in the report is one that the report tells of."""
    if signed not in heads:
        raise LedgerRefused("report.json does not tell of this checkpoint")


def check_announced(files: Files, signed: bool) -> None:
    """Ours: a report says whether it is signed, so a signature cannot be taken from it unseen."""
    if signed != (SIGNATURE in files):
        raise ReportRefused("it says that the report is signed" if signed else "it says that the report is not signed")


def check_up_to(entries: Sequence[Entry], span: Span) -> None:
    """Ours: a report has the entries up to the end of its span, and none behind it."""
    if len(up_to(entries, span.until)) != len(entries):
        raise ReportRefused("it has entries of after the span")


def check_belonging(names: Iterable[str], expected: Iterable[str]) -> None:
    """Ours: documents and keys are those of the span, and all of them."""
    if more := sorted(set(names) - set(expected)):
        raise ReportRefused(f"of no use to this report: {', '.join(more)}")


def check_rows(name: str, told: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Ours: what follows from the lines alone is said as any version of the program says it."""
    ours = [{column: row[column] for column in _CORE[name]} for row in made[name]]
    try:
        theirs = [{column: row[column] for column in _CORE[name]} for row in told[name]]
    except (KeyError, TypeError):
        raise ReportRefused(f"{name} has another form") from None
    if theirs != ours:
        raise ReportRefused(f"{name} is not what the entries of the ledger say")


def check_chapter(name: str, told: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Ours: each chapter is what the same version of the program makes of the same entries and documents."""
    if told.get(name) != made[name]:
        raise ReportRefused(f"{name} is not what the entries and documents say")


def check_made(files: Files, name: str, made: bytes) -> None:
    """Ours: what people read is what the data says, to the octet."""
    if name not in files or files[name]() != made:
        raise ReportRefused("it is not what the entries and documents give")
