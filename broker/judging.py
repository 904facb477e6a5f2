"""What becomes of a document that was fetched: it counts, it waits for a person, it changes nothing, or it is refused.

Documents that differ only by their signature, ID and last day say the same; of those the newest is taken when the one in
force has lived half of what the newest still has before it. So every document that was relied on is in the ledger, and
re-signing by the hour does not fill it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eidas.errors import Refused
from eidas.times import written
from metadata.diff import Part, compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import Grade, Why
from metadata.errors import MetadataRefused
from metadata.ledger import Event, Stated, canonical
from metadata.ledger.checkpoint import public_octets
from metadata.ledger.content import content_digest
from metadata.ledger.kinds import DECISION, IN_FORCE, REFUSED, WAITING
from metadata.nodes import Connector, Node
from metadata.review import Blob, Standing
from metadata.review.documents import octets_of

News = Literal["", "first", "keys", "dangerous"]
_NEW_KEYS = frozenset((Why.KEY_FIRST, Why.KEY_BESIDE, Why.KEY_REPLACED_OVERLAP, Why.KEY_REPLACED))


@dataclass(frozen=True, slots=True)
class Fresh:
    """A document that was fetched and vouched for: of which node ("EL/proxy"), and by which anchor (SHA-256).

    `before` is the node in force, None where there is none.
    """

    subject: str
    octets: bytes
    node: Node
    anchor: str
    before: Node | None

    @property
    def facts(self) -> dict[str, str]:
        """As the ledger has them."""
        until = written(self.node.valid_until)
        return {
            "document": self.node.sha256,
            "entity_id": self.node.entity_id,
            "valid_until": until,
            "anchor": self.anchor,
        }


def consequences(fresh: Fresh, standing: Standing, blob: Blob, auto: bool, now: int) -> Sequence[Stated]:
    """What the ledger is told of a document at `now` (Unix seconds); `auto` where an anchor suffices for news."""
    kept = _Kept(fresh, standing, blob)
    cleared = _no_more(standing, REFUSED, fresh.subject)
    news = kept.news()
    if not news:
        held = kept.held(IN_FORCE)
        renewed = held is None or not kept.says_the_same(held) or is_due(held, fresh.node.valid_until, now)
        again = [_counts(fresh, "renewal")] if renewed else []
        return [*cleared, *_no_more(standing, WAITING, fresh.subject), *again]
    if auto and not kept.is_older():
        return [*cleared, *_no_more(standing, WAITING, fresh.subject), _counts(fresh, "anchor")]
    if kept.was_rejected():
        return refusal(
            fresh.subject, fresh.node.entity_id, "it was rejected by a person: passerelle trust log", fresh.octets
        )
    waiting = kept.held(WAITING)
    if waiting is not None and kept.says_the_same(waiting) and not is_due(waiting, fresh.node.valid_until, now):
        return cleared
    return [*cleared, Stated(WAITING, fresh.subject, {**fresh.facts, "news": news}, fresh.node.sha256, _blobs(fresh))]


def refusal(subject: str, address: str, reason: str, octets: bytes) -> Sequence[Stated]:
    """What the ledger is told of a document that is not used. The same reason again is no news, whatever the document."""
    shown = "".join(letter if letter.isprintable() else " " for letter in reason)[:300].ljust(3, ".")
    document = hashlib.sha256(octets).hexdigest()
    facts = {"address": address, "reason": shown, "document": document}
    digest = hashlib.sha256(canonical({"address": address, "reason": shown})).hexdigest()
    return [Stated(REFUSED, subject, facts, digest, {document: octets})]


def is_due(held: Event, until: int, now: int) -> bool:
    """Whether a document that says the same and counts until `until` is to take the place of the one that is held."""
    return held.facts["valid_until"] < written(now + (until - now) // 2)


def _counts(fresh: Fresh, ground: str) -> Stated:
    return Stated(IN_FORCE, fresh.subject, {**fresh.facts, "ground": ground}, fresh.node.sha256, _blobs(fresh))


def _blobs(fresh: Fresh) -> dict[str, bytes]:
    return {fresh.node.sha256: fresh.octets}


def _no_more(standing: Standing, type_: str, subject: str) -> list[Stated]:
    return [Stated(type_, subject, {}, "")] if (type_, subject) in standing else []


class _Kept:
    """What the ledger holds beside a fresh document."""

    def __init__(self, fresh: Fresh, standing: Standing, blob: Blob) -> None:
        self._fresh = fresh
        self._standing = standing
        self._blob = blob
        self._content = content_digest(fresh.octets)

    def held(self, type_: str) -> Event | None:
        return self._standing.get((type_, self._fresh.subject))

    def octets(self, event: Event | None) -> bytes | None:
        """The document of an event; None where it is not there as it was."""
        try:
            return octets_of(event.facts["document"], self._blob) if event else None
        except MetadataRefused:
            return None

    def says_the_same(self, event: Event) -> bool:
        octets = self.octets(event)
        return octets is not None and content_digest(octets) == self._content

    def was_rejected(self) -> bool:
        decision = self.held(DECISION)
        return decision is not None and decision.facts["verdict"] == "rejected" and self.says_the_same(decision)

    def is_older(self) -> bool:
        """Whether it ends before the one in force: an old document that somebody plays back could bring back a key that was
        withdrawn, so a person looks at it.
        """
        held = self.held(IN_FORCE)
        return held is not None and self._fresh.facts["valid_until"] < held.facts["valid_until"]

    def news(self) -> News:
        """Why a person should look at it: it is the first one, has new keys, or changes something dangerous."""
        octets = self.octets(self.held(IN_FORCE))
        before = self._fresh.before
        if octets is not None and (before is None or keys_of(self._fresh.node) - keys_of(before)):
            return "keys"
        return news_between(octets, self._fresh.octets)


def keys_of(node: Node) -> frozenset[bytes]:
    """The public keys that messages are verified with or encrypted for (SubjectPublicKeyInfo in DER)."""
    encryption = [certificate for certificate, _ in node.encryption] if isinstance(node, Connector) else []
    return frozenset(public_octets(certificate.key) for certificate in (*node.signing, *encryption))


def news_between(before: bytes | None, after: bytes) -> News:
    """What is new in a document, None being none that was trusted. Keys come before other dangers."""
    if before is None:
        return "first"
    try:
        changes = compare(read_entities(before), read_entities(after))
    except Refused:
        return "dangerous"  # what cannot be compared is not known to be harmless
    if any(change.part is Part.KEYS and change.why in _NEW_KEYS for change in changes):
        return "keys"
    return "dangerous" if any(change.grade is Grade.DANGEROUS for change in changes) else ""
