"""A ledger with a past: what was stated at which moment, and the documents that it speaks of."""

import hashlib
from collections.abc import Iterable

from eidas import times
from metadata.ledger import Entry, Event, Stated, canonical, news
from metadata.ledger.kinds import ANCHOR, CONFIRMED, COUNTRY, DECISION, IN_FORCE, KEY, WAITING
from tests.metadata.versions import signed, version

DAY = 86_400
NOW = 1_790_000_000
NAME = "https://el.example/metadata"
UNTIL = NOW + 7 * DAY
DOCUMENT = signed(version())
ANCHOR_DIGEST = "a" * 64


def sha256(octets: bytes) -> str:
    """The digest of a document."""
    return hashlib.sha256(octets).hexdigest()


def stated(kind: str, subject: str, facts: dict[str, str], *blobs: bytes) -> Stated:
    """How a subject is now: whatever changes in its facts is an event."""
    return Stated(kind, subject, facts, sha256(canonical(facts)), {sha256(one): one for one in blobs})


def gone(kind: str, subject: str) -> Stated:
    """It is no more."""
    return Stated(kind, subject, {}, "")


def in_force(octets: bytes = DOCUMENT, ground: str = "pin", subject: str = "EL/proxy", **more: str) -> Stated:
    """A document that a node is trusted by."""
    facts = {"document": sha256(octets), "entity_id": NAME, "valid_until": times.written(UNTIL), "anchor": ""}
    return stated(IN_FORCE, subject, {**facts, "ground": ground, **more}, octets)


def waits(octets: bytes = DOCUMENT, news_: str = "keys", subject: str = "EL/proxy", **more: str) -> Stated:
    """A document that nobody has decided on."""
    facts = {"document": sha256(octets), "entity_id": NAME, "valid_until": times.written(UNTIL), "anchor": ANCHOR_DIGEST}
    return stated(WAITING, subject, {**facts, "news": news_, **more}, octets)


def decision(verdict: str, octets: bytes = DOCUMENT, by: str = "Camille", needed: str = "1", at: int = NOW) -> Stated:
    """What a person said of a waiting document."""
    facts = {"document": sha256(octets), "verdict": verdict, "needed": needed, "by": by, "words": f"{by} read it out"}
    return stated(DECISION, "EL/proxy", {**facts, "at": times.written(at)})


def country(state: str, code: str = "EL", by: str = "Camille", at: int = NOW) -> Stated:
    """A country is suspended, or resumed."""
    return stated(COUNTRY, code, {"state": state, "by": by, "words": "they called us", "at": times.written(at)})


def confirmed(code: str = "EL", at: int = NOW) -> Stated:
    """A country was asked."""
    return stated(CONFIRMED, code, {"by": "Camille", "words": "asked by phone", "at": times.written(at)})


def anchor(until: int = UNTIL, digest: str = ANCHOR_DIGEST, code: str = "EL") -> Stated:
    """A certificate vouches for a country."""
    facts = {"certificate": sha256(b"an anchor"), "valid_until": times.written(until), "from": "configuration"}
    return stated(ANCHOR, f"{code}/{digest}", facts, b"an anchor")


def key(state: str, kid: str = "K" * 43, certificate: bytes = b"", use: str = "saml-signing") -> Stated:
    """A key of ours."""
    facts = {"use": use, "algorithm": "P-256", "state": state, "public_key": sha256(b"a key")}
    return stated(KEY, kid, {**facts, "certificate": sha256(certificate) if certificate else ""}, b"a key", certificate)


class Past:
    """What was told: entries in their order, each at its moment, and every document."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.blobs: dict[str, bytes] = {}

    def tell(self, moment: int, *told: Stated) -> "Past":
        """Tell the ledger of something at a moment; the same as before is no entry."""
        for event in news(self.entries, told, (), moment):
            self.entries.append(Entry(event, b"", b""))
        for one in told:
            self.blobs.update(one.blobs)
        return self

    @property
    def events(self) -> list[Event]:
        """The events."""
        return [entry.event for entry in self.entries]

    def blob(self, digest: str) -> bytes | None:
        """The document of a digest."""
        return self.blobs.get(digest)


def past(told: Iterable[tuple[int, Stated]]) -> Past:
    """A past of one thing after the other: days after NOW, and what."""
    made = Past()
    for days, one in told:
        made.tell(NOW + days * DAY, one)
    return made
