"""A report as a file, and ways to spoil it: by somebody without the key, and by whoever has it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from broker.reporting import TYPE, report_files
from broker.reporting.verifying import Trusted, Verdict, verify
from certs.keys import Key
from metadata.report.archive import Files, write_archive
from metadata.report.basis import Basis
from metadata.report.manifest import MANIFEST, OUTSIDE, SIGNATURE, manifest_of
from oidc.detached import sign_detached
from tests.metadata.report.reported import KEY_OF_LEDGER, half_a_year

Change = Callable[[dict[str, bytes]], object]
PROGRAM = "0.1.0"


def signing(key: Key = KEY_OF_LEDGER) -> Callable[[bytes], bytes]:
    """What signs manifests."""
    return partial(sign_detached, key=key, typ=TYPE)


def octets_of(files: Files) -> dict[str, bytes]:
    """Every file."""
    return {name: read() for name, read in files.items()}


def made(basis: Basis | None = None, note: bytes | None = None) -> dict[str, bytes]:
    """The files of a signed report: of half a year, if of nothing else."""
    if basis is None:
        told = half_a_year()
        head, note = told.note(len(told.basis().entries))
        basis = told.basis(heads=[head])
    return octets_of(report_files(basis, note, signing() if basis.signed else None)[0])


def signed_anew(files: Mapping[str, bytes], change: Change, key: Key = KEY_OF_LEDGER) -> dict[str, bytes]:
    """What somebody makes who has the key: other files, listed and signed."""
    changed = {name: octets for name, octets in files.items() if name not in OUTSIDE}
    change(changed)
    changed[MANIFEST] = manifest_of({name: partial(bytes, octets) for name, octets in changed.items()})
    return {**changed, SIGNATURE: signing(key)(changed[MANIFEST])}


def saved(files: Mapping[str, bytes], path: Path) -> Path:
    """The report's file."""
    with path.open("wb") as file:
        write_archive(file, {name: partial(bytes, octets) for name, octets in files.items()})
    return path


def verdict(files: Mapping[str, bytes], folder: Path, by: Trusted | None = None) -> Verdict:
    """What is found."""
    return verify(saved(files, folder / "report.zip"), by or Trusted([KEY_OF_LEDGER.public_key], {}, PROGRAM))


def faults(files: Mapping[str, bytes], folder: Path, by: Trusted | None = None) -> list[tuple[str, str]]:
    """What does not hold, and where."""
    return [(one.where, one.what) for one in verdict(files, folder, by).faults]
