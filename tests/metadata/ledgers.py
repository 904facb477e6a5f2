"""A small ledger for tests: what is stated, entry by entry, and its lines."""

import hashlib
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec

from certs.keys import Key, State, Use, key_of
from metadata.ledger import Stated, leaf_of, line_of, news, read_entries, written
from metadata.ledger.checkpoint import Checkpoint, write_checkpoint
from metadata.ledger.kinds import (
    ANCHOR,
    CONFIGURATION,
    CONFIRMED,
    COUNTRY,
    DECISION,
    IN_FORCE,
    KEY,
    LIST,
    PUBLISHED,
    REFUSED,
    REPORT,
    WAITING,
)
from metadata.ledger.merkle import Frontier, leaf_hash

NOW = 1_790_000_000
ORIGIN = "connexion.example/ledger"
KID = "A" * 43
FILES = {"b": b"<their-metadata/>", "c": b"a public key", "d": b"<our-metadata/>"}
DIGEST = {letter: letter * 64 for letter in "aef"} | {
    name: hashlib.sha256(file).hexdigest() for name, file in FILES.items()
}
BLOBS = {DIGEST[name]: file for name, file in FILES.items()}
KEY_FACTS = {
    "use": "saml-signing",
    "algorithm": "brainpoolP256r1",
    "state": "active",
    "public_key": DIGEST["c"],
    "certificate": "",
}
STATED = (
    Stated(CONFIGURATION, "instance", {"mode": "production", "program": "0.1.0"}, DIGEST["a"]),
    Stated(
        IN_FORCE,
        "EL/proxy",
        {
            "document": DIGEST["b"],
            "entity_id": "https://node.example/meta",
            "valid_until": "2026-12-05T00:00:00Z",
            "anchor": "",
            "ground": "pin",
        },
        DIGEST["b"],
    ),
    Stated(PUBLISHED, "connector", {"document": DIGEST["d"], "entity_id": "https://us.example/meta"}, DIGEST["e"]),
    Stated(KEY, KID, KEY_FACTS, DIGEST["f"]),
)

_MOMENT = "2026-12-05T00:00:00Z"
_DOCUMENT = {**STATED[1].facts}
_SAID = {"by": "Camille Auditrice", "words": "fingerprint read over the phone", "at": _MOMENT}
EXAMPLES = (
    *STATED,
    Stated(WAITING, "EL/proxy", {**{k: v for k, v in _DOCUMENT.items() if k != "ground"}, "news": "keys"}, DIGEST["b"]),
    Stated(
        REFUSED,
        "EL/proxy",
        {"address": "https://node.example/meta", "reason": "it is not signed", "document": ""},
        DIGEST["a"],
    ),
    Stated(DECISION, "EL/proxy", {"document": DIGEST["b"], "verdict": "approved", "needed": "1", **_SAID}, DIGEST["a"]),
    Stated(
        LIST,
        DIGEST["a"],
        {"address": "https://list.example/mdsl.xml", "document": DIGEST["b"], "issued": _MOMENT},
        DIGEST["b"],
    ),
    Stated(
        ANCHOR,
        f"EL/{DIGEST['a']}",
        {"certificate": DIGEST["b"], "valid_until": _MOMENT, "from": "configuration"},
        DIGEST["b"],
    ),
    Stated(COUNTRY, "EL", {"state": "suspended", **_SAID}, DIGEST["a"]),
    Stated(CONFIRMED, "EL", _SAID, DIGEST["a"]),
    Stated(REPORT, "instance", {"from": "2026-01-01", "to": "2026-06-30", "manifest": DIGEST["a"]}, DIGEST["a"]),
)
"""One of each type."""


def entries_of(lines: list[bytes]):
    return list(read_entries(lines))


def ledger(turns: int = 1) -> list[bytes]:
    """The lines of a ledger that was told of everything once, then of another configuration at each turn."""
    lines = written([], news([], STATED, (), NOW))
    for turn in range(1, turns):
        entries = entries_of(lines)
        again = replace(STATED[0], after=f"{turn:064x}")
        lines += written(entries, news(entries, [again], (), NOW + turn))
    return lines


def rewritten(events) -> list[bytes]:
    """Lines whose roots fit, of whatever events: by somebody who knows how."""
    tree, lines = Frontier(), []
    for event in events:
        tree.add(leaf_hash(leaf := leaf_of(event)))
        lines.append(line_of(leaf, tree.root()))
    return lines


def signing_key() -> Key:
    return key_of(ec.generate_private_key(ec.SECP256R1()), Use.LEDGER_SIGNING, "P-256", State.ACTIVE, NOW)


def checkpoint(lines: list[bytes], key: Key, time: int = NOW) -> bytes:
    """A signed note over these lines."""
    entries = entries_of(lines)
    return write_checkpoint(Checkpoint(ORIGIN, len(entries), entries[-1].root, time), key)
