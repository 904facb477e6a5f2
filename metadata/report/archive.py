"""The file of a report: a ZIP whose files lie in it as they are, one behind the other, in the order of their names.

Nothing is compressed: two programs write the same octets, and nothing can grow when it is opened. What is read must have
the same form, so that every program that opens it sees the same files.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from metadata.errors import ReportRefused

Files = Mapping[str, Callable[[], bytes]]
"""The octets of each file, by its name; asked for when they are needed, and the same each time."""

MOST_OCTETS = 1 << 31
_MOST_IN_ONE = 1 << 28
_NAME = re.compile(
    r"README\.txt|report\.html|report\.json|trust\.csv|events\.csv|MANIFEST\.json|MANIFEST\.jws"
    r"|ledger/events\.jsonl|ledger/checkpoint\.txt|snapshots/[0-9a-f]{64}\.xml|keys/[0-9a-f]{64}\.der"
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_HEADER, _END, _END_MARK = 30, 22, b"PK\x05\x06"


def write_archive(to: BinaryIO, files: Files) -> None:
    """Write the files. Raises ReportRefused when they are more than may be read."""
    with ZipFile(to, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(_member(name), files[name]())
    check_size(to.tell())


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name, _LONG_AGO)
    member.create_system, member.external_attr = 3, 0o644 << 16  # the same whoever writes it
    return member


@contextmanager
def read_archive(path: Path) -> Iterator[Files]:
    """The files of a report; nothing of one is read before its name and size are known. Raises ReportRefused, OSError."""
    with path.open("rb") as file:
        size = path.stat().st_size
        check_size(size)
        file.seek(max(0, size - _END))
        check_end(file.read())
        try:
            with ZipFile(file) as archive:
                members = archive.infolist()
                check_names(members)
                check_once(members)
                check_stored(members)
                check_sizes(members)
                check_packed(members, archive.start_dir)
                yield {one.filename: _reader(archive, one) for one in members}
        except (BadZipFile, NotImplementedError, UnicodeDecodeError) as wrong:
            raise ReportRefused(f"it is no ZIP that can be read: {wrong}") from None


def _reader(archive: ZipFile, member: ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(member)
        except (BadZipFile, NotImplementedError, UnicodeDecodeError):
            raise ReportRefused("it was altered: it is not as the ZIP itself has it") from None

    return read


# -- the law ----------------------------------------------------------------------------------------------------------


def check_size(octets: int) -> None:
    """Ours: there is a limit to what is written and read."""
    if octets > MOST_OCTETS:
        raise ReportRefused(f"it is larger than {MOST_OCTETS >> 20} MiB: a shorter span has fewer documents")


def check_end(end: bytes) -> None:
    """APPNOTE 4.3.16: the last record ends the file; what stood behind it would be seen by some programs alone."""
    if not (end.startswith(_END_MARK) and end.endswith(b"\0\0")):
        raise ReportRefused("it is no ZIP, or something stands behind its end")


def check_names(members: Sequence[ZipInfo]) -> None:
    """Ours: the files of a report are known, and none of them has a path that leaves the folder."""
    for one in members:
        if one.orig_filename != one.filename or not _NAME.fullmatch(one.filename):
            raise ReportRefused(f"{one.orig_filename!r} is no file of a report")


def check_once(members: Sequence[ZipInfo]) -> None:
    """Ours: of two files of one name each program may take the other one."""
    for name, count in Counter(one.filename for one in members).items():
        if count > 1:
            raise ReportRefused(f"{name} is in it {count} times")


def check_stored(members: Sequence[ZipInfo]) -> None:
    """Ours: nothing is compressed or encrypted, so nothing can be larger than the file that it is in."""
    for one in members:
        if one.compress_type != ZIP_STORED or one.compress_size != one.file_size or one.flag_bits & 1:
            raise ReportRefused(f"{one.filename} is compressed or encrypted: a report's files are stored as they are")


def check_sizes(members: Sequence[ZipInfo]) -> None:
    """Ours: a file that is read at once has a limit of its own."""
    for one in members:
        if one.file_size > _MOST_IN_ONE:
            raise ReportRefused(f"{one.filename} is larger than {_MOST_IN_ONE >> 20} MiB")


def check_packed(members: Sequence[ZipInfo], end: int) -> None:
    """Ours: file stands behind file, in the order of their names, without a gap, comment or note between them."""
    place = 0
    for one in sorted(members, key=lambda member: member.filename):
        if one.header_offset != place or one.extra or one.comment:
            raise ReportRefused(f"something is hidden before {one.filename}, or beside it")
        place += _HEADER + len(one.filename) + one.file_size
    if place != end:
        raise ReportRefused("something is hidden behind the last file")
