"""A ledger with a past: two countries, three documents of one, decisions, a suspension, a key, and something that waits."""

import hashlib
from dataclasses import dataclass

from broker.ledger import Ledger
from eidas.times import written
from metadata.ledger import Stated, canonical
from metadata.ledger.kinds import ANCHOR, CONFIRMED, COUNTRY, DECISION, IN_FORCE, KEY, REFUSED, WAITING
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.web.console.at_work import CAMILLE, DOMINIQUE
from tests.broker.world import Clock, World

DAY = 86_400
EVIL = '<script>alert("x")</script>'


@dataclass
class Past:
    """What was written: the documents of Greece by number (0, 1 in force; 2 waits), and of Iceland."""

    documents: list[bytes]
    began: int

    def digest(self, number: int) -> str:
        """The SHA-256 of a document."""
        return hashlib.sha256(self.documents[number]).hexdigest()


def ledger_of(world: World) -> Ledger:
    """The ledger of a world."""
    ledger: Ledger = world.app.extensions["passerelle"]().ledger
    return ledger


def document(code: str, clock: Clock) -> tuple[bytes, bytes]:
    """Metadata of a country's Proxy-Service, with a key of its own; and the certificate of that key."""
    node = Node(code, clock)
    return proxy_metadata(node, days=60), node.signer.certificate


def in_force(octets: bytes, code: str, ground: str, until: int, anchor: str = "") -> Stated:
    digest = hashlib.sha256(octets).hexdigest()
    entity = f"https://node.{code.lower()}.example/metadata"
    facts = {"document": digest, "entity_id": entity, "valid_until": written(until), "anchor": anchor, "ground": ground}
    return Stated(IN_FORCE, f"{code}/proxy", facts, digest, {digest: octets})


def waiting(octets: bytes, code: str, news: str, until: int, anchor: str) -> Stated:
    told = in_force(octets, code, "", until, anchor)
    facts = {name: value for name, value in told.facts.items() if name != "ground"} | {"news": news}
    return Stated(WAITING, told.subject, facts, told.after, told.blobs)


def said(kind: str, subject: str, by: str, words: str, at: int, **facts: str) -> Stated:
    told = {**facts, "by": by, "words": words, "at": written(at)}
    return Stated(kind, subject, told, hashlib.sha256(canonical(told)).hexdigest())


def write_past(ledger: Ledger, clock: Clock, words: str = "fingerprint read over the phone, +30 210 000") -> Past:
    """Two hundred days, which end now."""
    began, now = clock() - 200 * DAY, clock()
    (first, _), (second, certificate), (third, _), (island, _) = (
        document(code, clock) for code in ("EL", "EL", "EL", "IS")
    )
    past = Past([first, second, third, island], began)
    anchor = hashlib.sha256(certificate).hexdigest()
    pinned = {"certificate": anchor, "valid_until": written(now + 40 * DAY), "from": "configuration"}
    key = {
        "use": "saml-signing",
        "algorithm": "P-256",
        "state": "active",
        "public_key": past.digest(0),
        "certificate": anchor,
    }
    turns = (
        (0, Stated(ANCHOR, f"EL/{anchor}", pinned, anchor, {anchor: certificate})),
        (0, in_force(first, "EL", "pin", began + 60 * DAY)),
        (
            0,
            Stated(
                KEY, "K" * 43, key, hashlib.sha256(canonical(key)).hexdigest(), {past.digest(0): first, anchor: certificate}
            ),
        ),
        (10, said(CONFIRMED, "EL", CAMILLE, "asked by mail", began + 10 * DAY)),
        (50, waiting(second, "EL", "keys", now + 60 * DAY, anchor)),
        (51, said(DECISION, "EL/proxy", DOMINIQUE, words, began, document=past.digest(1), verdict="approved", needed="1")),
        (51, Stated(WAITING, "EL/proxy", {}, "")),
        (51, in_force(second, "EL", "approval", now + 60 * DAY, anchor)),
        (100, in_force(island, "IS", "pin", now - 5 * DAY)),
        (120, said(COUNTRY, "IS", DOMINIQUE, "they asked us to", began, state="suspended")),
        (
            150,
            Stated(REFUSED, "IS/proxy", {"address": "https://node.is.example/m", "reason": EVIL, "document": ""}, "a" * 64),
        ),
        (190, waiting(third, "EL", "keys", now + 60 * DAY, anchor)),
    )
    for day, stated in turns:
        ledger.note([stated], (), began + day * DAY)
    return past
