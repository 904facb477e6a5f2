"""What changed in peers: each version of a node beside the one before it, by meaning and graded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eidas.errors import Refused
from eidas.times import written
from metadata.diff import Change, Part, compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import Grade
from metadata.diff.topics import Entity
from metadata.report.basis import Basis, node_versions
from metadata.review.documents import octets_of
from metadata.review.versions import Version


@dataclass(frozen=True, slots=True)
class Graded:
    """One change, as `metadata.diff` tells it."""

    grade: str
    part: str
    role: str
    subject: str
    before: str
    after: str
    digests: tuple[str, ...]
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A version that came into force in the span, beside the one before it ("": it was the first one).

    `grade` is that of the gravest change; `unreadable` says why two could not be compared, "" where they were.
    """

    node: str
    version: int
    time: str
    ground: str
    entity_id: str
    document: str
    before: str
    grade: str
    unreadable: str
    changes: tuple[Graded, ...]


def changes(basis: Basis) -> tuple[list[Compared], Counter[str]]:
    """The versions that say something else than the one before, by node; and how many said nothing else, by node."""
    found: list[Compared] = []
    renewed = Counter[str]()
    for subject, versions in node_versions(basis).items():
        for one in _of_node(basis, subject, versions):
            if _is_renewal(one):
                renewed[subject] += 1
            else:
                found.append(one)
    return found, renewed


def _is_renewal(one: Compared) -> bool:
    """Signed anew each few days: another day until which it counts is what that is for."""
    kept = all((part.part, part.grade) in _OF_THE_DAY for part in one.changes)
    return bool(one.before) and kept and not one.unreadable


_OF_THE_DAY = [(Part.VALIDITY.value, grade.name.lower()) for grade in Grade if grade <= Grade.NEUTRAL]
_Read = tuple[Entity, ...] | str


def _of_node(basis: Basis, subject: str, versions: Sequence[Version]) -> Iterator[Compared]:
    """Each document is read once: a node that signs daily has many."""
    before: tuple[Version, _Read] | None = None
    for position, version in enumerate(versions):
        following = versions[position + 1].since if position + 1 < len(versions) else None
        inside = basis.span.holds(version.since)
        if inside or (following is not None and basis.span.holds(following)):
            read = _read(basis, version)
            if inside:
                yield _compared(subject, before, (version, read))
            before = (version, read)


def _read(basis: Basis, version: Version) -> _Read:
    try:
        return read_entities(octets_of(version.document, basis.blob), version.since)
    except Refused as refused:
        return refused.detail


def _compared(subject: str, before: tuple[Version, _Read] | None, after: tuple[Version, _Read]) -> Compared:
    version, read = after
    old: _Read = before[1] if before else ()
    unread = [one for one in (old, read) if isinstance(one, str)]
    told: tuple[Change, ...] = ()
    if before and not isinstance(old, str) and not isinstance(read, str):
        told = compare(old, read)
    return Compared(
        node=subject,
        version=version.number,
        time=written(version.since),
        ground=version.ground,
        entity_id=version.entity_id,
        document=version.document,
        before=before[0].document if before else "",
        grade=max((one.grade for one in told), default=Grade.NEUTRAL).name.lower(),
        unreadable=unread[0] if unread else "",
        changes=tuple(_graded(one) for one in told),
    )


def _graded(one: Change) -> Graded:
    return Graded(
        one.grade.name.lower(),
        one.part.value,
        one.role,
        one.subject,
        one.before,
        one.after,
        one.digests,
        one.why.value,
        one.reason,
    )
