"""A ledger with a past whose every line holds, and what a report of it stands on."""

from base64 import b64encode
from collections.abc import Iterable

from certs.keys import Key
from eidas import times
from metadata.ledger import Entry, Known, Stated, read_entries
from metadata.ledger.checkpoint import Checkpoint, public_octets, write_checkpoint
from metadata.ledger.kinds import CONFIGURATION, KEY, PUBLISHED, REFUSED
from metadata.report.basis import Basis, span_of, up_to
from tests.metadata import past as p
from tests.metadata.conformance_documents import CONNECTOR, URL
from tests.metadata.ledgers import ORIGIN, signing_key
from tests.metadata.past import DAY, sha256
from tests.metadata.versions import OTHER, SIGNING, signed, version

KEY_OF_LEDGER = signing_key()
FIRST, LAST = "2026-07-01", "2026-12-31"
BEGIN = times.read("2026-07-01T00:00:00Z")
END = times.read("2026-12-31T23:59:59Z")
AFTER = END + 40 * DAY
BEFORE = BEGIN - 30 * DAY
DOCUMENT = p.DOCUMENT
TWO_KEYS = signed(version((SIGNING, SIGNING + OTHER)))
OTHER_KEY = signed(version((SIGNING, OTHER)))
OURS = CONNECTOR
OLD_OF_OURS = b"<EntityDescriptor/>"


class Told:
    """A ledger that is told of one thing after the other, as a process does."""

    def __init__(self) -> None:
        self.known = Known()
        self.entries: list[Entry] = []
        self.blobs: dict[str, bytes] = {}

    def tell(self, moment: int, *stated: Stated) -> "Told":
        """What is new at a moment."""
        lines = self.known.written(self.known.news(stated, (), moment))
        self.entries += read_entries(lines, self.known)
        for one in stated:
            self.blobs.update(one.blobs)
        return self

    def note(self, size: int | None = None, time: int = AFTER, key: Key = KEY_OF_LEDGER) -> tuple[Checkpoint, bytes]:
        """A checkpoint over the first entries, and its octets."""
        size = len(self.entries) if size is None else size
        made = Checkpoint(ORIGIN, size, self.entries[size - 1].root, time)
        return made, write_checkpoint(made, key)

    def basis(self, first: str = FIRST, last: str = LAST, signed: bool = True, heads: Iterable[Checkpoint] = ()) -> Basis:
        """What a report of a span stands on, made long after it."""
        span = span_of(first, last, AFTER)
        entries = up_to(self.entries, span.until)
        return Basis(span, entries, self.blobs.get, tuple(heads), ORIGIN, "0.1.0", signed)


def configured(mode: str = "production") -> Stated:
    """A configuration is in force."""
    return Stated(CONFIGURATION, "instance", {"mode": mode, "program": "0.1.0"}, sha256(mode.encode()))


def published(octets: bytes = OURS, role: str = "connector") -> Stated:
    """A document of ours."""
    facts = {"document": sha256(octets), "entity_id": URL}
    return Stated(PUBLISHED, role, facts, sha256(octets), {sha256(octets): octets})


def refused(reason: str = "its signature is wrong") -> Stated:
    """What was fetched was of no use."""
    return p.stated(REFUSED, "EL/proxy", {"address": "https://el.example/metadata", "reason": reason, "document": ""})


def own_key(state: str, key: Key = KEY_OF_LEDGER) -> Stated:
    """The key of the ledger."""
    octets = public_octets(key.public_key)
    facts = {"use": str(key.use), "algorithm": key.algorithm, "state": state, "public_key": sha256(octets)}
    return p.stated(KEY, key.kid, {**facts, "certificate": ""}, octets)


def half_a_year() -> Told:
    """Some of everything: before the span, in it, and behind it."""
    told = Told()
    told.tell(BEFORE, configured(), own_key("active"), published(OLD_OF_OURS), p.anchor(END + 30 * DAY))
    told.tell(BEFORE + DAY, p.in_force())
    told.tell(BEGIN + 9 * DAY, refused())
    told.tell(BEGIN + 10 * DAY, p.waits(TWO_KEYS))
    told.tell(BEGIN + 11 * DAY, p.decision("approved", TWO_KEYS, at=BEGIN + 11 * DAY))
    told.tell(BEGIN + 11 * DAY, p.in_force(TWO_KEYS, "approval", anchor=p.ANCHOR_DIGEST))
    told.tell(BEGIN + 40 * DAY, p.country("suspended", at=BEGIN + 40 * DAY))
    told.tell(BEGIN + 41 * DAY, p.country("resumed", at=BEGIN + 41 * DAY))
    told.tell(p.NOW, published())
    told.tell(END + DAY, p.country("suspended", by="Dominique", at=END + DAY))
    return told


def root_of(told: Told) -> str:
    """The last root as reports write it."""
    return b64encode(told.entries[-1].root).decode()
