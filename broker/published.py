"""Metadata of ours that was signed elsewhere, where it lies here: `metadata/published/ROLE.xml` in the instance's folder.

Whatever the file holds is proven each time that it is read, so that whoever could put another one there gains nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eidas import times
from eidas.errors import Refused
from metadata.publication import Said, read_signed
from metadata.read import LIMITS

FOLDER = Path("metadata") / "published"
SOON_DAYS = 3
_DAY = 86_400
_AGAIN = "passerelle metadata build --role {role}, sign it, passerelle metadata publish"


class NotPublished(Exception):
    """There is nothing for others to fetch: why, and what to do."""

    def __init__(self, role: str, why: str) -> None:
        super().__init__(why)
        self.role = role
        self.why = why


@dataclass(frozen=True, slots=True)
class Publication:
    """A document as it is served, and what it says."""

    octets: bytes
    said: Said


@dataclass(frozen=True, slots=True)
class Remark:
    """What the operator must know: `grave` when others cannot fetch our metadata, or soon cannot."""

    grave: bool
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.what}: {self.todo}"


def place(folder: Path, role: str) -> Path:
    """The file of a role in an instance's folder."""
    return folder / FOLDER / f"{role}.xml"


def read_published(folder: Path, role: str, entity_id: str, certificate: bytes) -> Publication:
    """What is published of a role, proven by the certificate (DER). Raises NotPublished."""
    try:
        octets = read_bounded(place(folder, role))
        return Publication(octets, read_signed(octets, certificate, role, entity_id))
    except FileNotFoundError:
        raise NotPublished(role, "nothing is published") from None
    except OSError as wrong:
        raise NotPublished(role, f"{role}.xml cannot be read ({wrong.strerror})") from None
    except Refused as refused:
        raise NotPublished(role, f"{role}.xml is not used: {refused.detail}") from None


def read_bounded(path: Path) -> bytes:
    """A file's octets, one more than is allowed at most: a rule says then that it is too large. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LIMITS.size + 1)


def put(folder: Path, role: str, octets: bytes) -> Path:
    """Publish these very octets: whoever reads meanwhile gets the former ones or these. Raises OSError.

    A link in the file's place is replaced, not followed; where the folder itself is one, nothing is written.
    """
    path = place(folder, role)
    check_real_folder(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def check_real_folder(folder: Path) -> None:
    """Ours: what is published lies in the instance's folder, and not where somebody has made a link lead."""
    for one in (folder.parent, folder):
        if one.is_symlink():
            raise NotADirectoryError(20, "it is a link: make a folder in its place", str(one))


def remarks_on(one: Publication | NotPublished, content: str, now: int) -> Iterator[Remark]:
    """What is to be said of a role's publication at `now` (Unix seconds). `content` is what would be said today."""
    if isinstance(one, NotPublished):
        yield Remark(True, f"our {one.role} metadata is not served: {one.why}", _AGAIN.format(role=one.role))
        return
    said, again = one.said, _AGAIN.format(role=one.said.role)
    until = times.written(said.valid_until)
    if said.valid_until <= now:
        yield Remark(True, f"our {said.role} metadata ended on {until} and is not served any more", again)
    elif said.valid_until <= now + SOON_DAYS * _DAY:
        yield Remark(True, f"our {said.role} metadata ends on {until}", again)
    if said.content != content:
        yield Remark(False, f"our {said.role} metadata does not say what the configuration and the keys say now", again)
