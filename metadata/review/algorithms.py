"""How strong what a node says is: each algorithm and key of its metadata, graded by Cryptographic Requirements 1.4.

The grades are those that `eidas` has for messages: good, weak where a country must be allowed it by its entry, and refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from eidas.certificates import read_certificate
from eidas.errors import CertificateRefused
from metadata.diff.grades import BROKEN, STRONG, TOLERATED, strength
from metadata.diff.keys import Key
from metadata.diff.topics import NONE, UNPROVEN, Entity, Subject, Topic
from metadata.ledger import Entry
from metadata.review import Blob
from metadata.review.documents import Described, reading
from metadata.review.nodes import TrustedNode, trusted


class Strength(StrEnum):
    """What Cryptographic Requirements 1.4 says of it."""

    GOOD = "good"
    WEAK = "weak"
    REFUSED = "refused"


_BY_RANK = {STRONG: Strength.GOOD, TOLERATED: Strength.WEAK, BROKEN: Strength.REFUSED, None: Strength.REFUSED}
_OAEP = ("rsa-oaep", "rsa-oaep-mgf1p")
_UNSIGNED = (NONE, UNPROVEN)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is there, and how strong it is."""

    value: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of a node's messages: its use, the SHA-256 of its certificate ("": it has none), and its kind and size.

    For a key for encryption: the `methods` that are offered, and the digest and mask of OAEP (None: it is not offered).
    """

    use: str
    certificate: str
    kind: Cell
    methods: tuple[Cell, ...]
    oaep: Cell | None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node in force: by what its metadata is signed (None where it could not be read), and its keys."""

    node: TrustedNode
    signature: Cell | None
    digest: Cell | None
    keys: tuple[KeyRow, ...]

    @property
    def cells(self) -> tuple[tuple[str, str, Cell], ...]:
        """Every cell: what it is about, the certificate of its key ("" for the document), and itself."""
        return tuple(_cells(self))

    @property
    def weak(self) -> tuple[tuple[str, str, Cell], ...]:
        """The cells that are not good."""
        return tuple(one for one in self.cells if one[2].strength is not Strength.GOOD)


def algorithms(entries: Iterable[Entry], at: int, blob: Blob) -> tuple[NodeRow, ...]:
    """The matrix: a row for each node in force at a moment, by country and role."""
    return tuple(matrix_row(node, blob) for node in trusted(entries, at, blob))


def matrix_row(node: TrustedNode, blob: Blob) -> NodeRow:
    """The row of a node; an empty one where its document cannot be read."""
    read = reading(node.document, node.entity_id, node.role, blob)
    if isinstance(read, str):
        return NodeRow(node, None, None, ())
    rows = tuple(_key(key, read) for key in read.keys)
    return NodeRow(node, _signed(read.entity, "method"), _signed(read.entity, "digest"), rows)


def _cells(row: NodeRow) -> Iterator[tuple[str, str, Cell]]:
    for name, cell in (("signature", row.signature), ("digest", row.digest)):
        if cell is not None:
            yield name, "", cell
    for key in row.keys:
        yield f"{key.use} key", key.certificate, key.kind
        yield from (("encryption method", key.certificate, method) for method in key.methods)
        if key.oaep is not None:
            yield "OAEP", key.certificate, key.oaep


def _signed(entity: Entity, detail: str) -> Cell:
    """A signature that no key of the document proves is as good as none."""
    if entity.signer in _UNSIGNED:
        return Cell(entity.signer, Strength.REFUSED)
    (value,) = entity.about(Topic(Subject.SIGNING, detail=detail))
    return Cell(value, _BY_RANK[strength(value)])


# -- keys -------------------------------------------------------------------------------------------------------------


def _key(key: Key, read: Described) -> KeyRow:
    kind = Cell(key.kind, _of_certificate(read.certificates.get(key.certificate, b"")))
    if key.use != "encryption":
        return KeyRow(key.use, key.certificate, kind, (), None)
    offered = sorted(words.split() for _, words in key.methods)
    oaep = [_oaep(words) for words in offered if words[0] in _OAEP]
    methods = dict.fromkeys(Cell(words[0], _BY_RANK[strength(words[0])]) for words in offered)
    return KeyRow(key.use, key.certificate, kind, tuple(methods), max(oaep, key=_worse) if oaep else None)


def _of_certificate(der: bytes) -> Strength:
    """As the reader of messages takes it: a key without certificate, or of another kind, is none."""
    try:
        return Strength.WEAK if read_certificate(der).deviations else Strength.GOOD
    except CertificateRefused:
        return Strength.REFUSED


def _oaep(words: list[str]) -> Cell:
    """The deviation of OAEP with SHA-1 is weak, not broken: nothing there rests on its collisions."""
    digest, mask = words[1:3]
    grades = (Strength.WEAK if digest == "sha1" else _BY_RANK[strength(digest)], _BY_RANK[strength(mask)])
    return Cell(f"{digest} {mask}", max(grades, key=_ORDER.index))


_ORDER = list(Strength)


def _worse(cell: Cell) -> int:
    return _ORDER.index(cell.strength)
