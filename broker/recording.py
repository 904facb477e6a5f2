"""What the ledger is told at each start and reload: the configuration, the pinned metadata, ours, and the keys.

It is told after the configuration is in force, and only of what has changed. A ledger that cannot be written is a warning
that lasts until the next reload; logins go on.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from broker.ledger import Ledger, digest_of
from broker.ports import StoreUnavailable
from broker.settings import Settings
from certs.keyring import Keyring
from certs.keys import Key
from eidas import xml
from eidas.errors import Refused
from eidas.times import written
from metadata.ledger import Stated, canonical
from metadata.ledger.checkpoint import public_octets
from metadata.ledger.content import content_digest
from metadata.ledger.kinds import CONFIGURATION, IN_FORCE, KEY, PUBLISHED
from metadata.read import LIMITS

_log = logging.getLogger("passerelle")
_WHOLE = (CONFIGURATION, KEY, PUBLISHED, IN_FORCE)
Documents = Mapping[str, Callable[[], bytes]]


def record(ledger: Ledger, settings: Settings, keyring: Keyring, documents: Documents, now: int) -> str:
    """Tell the ledger what is in force; returns a warning when it could not be told, "" otherwise."""
    try:
        events = ledger.note(list(stated(settings, keyring, documents)), _WHOLE, now)
    except (StoreUnavailable, Refused) as wrong:
        warning = f"the ledger is not written: {wrong}; passerelle check"
        _log.error("%s", warning)
        return warning
    _log.info("the ledger has %d new entries", len(events))
    return ""


def stated(settings: Settings, keyring: Keyring, documents: Documents) -> Iterator[Stated]:
    """What is in force. Raises Refused when something of it cannot be read."""
    facts = {"mode": settings.mode, "program": version("passerelle")}
    yield Stated(CONFIGURATION, "instance", facts, settings.fingerprint)
    yield from _received(settings)
    yield from (_published(role, make()) for role, make in documents.items())
    yield from (_key(key) for key in keyring.keys)


def _received(settings: Settings) -> Iterator[Stated]:
    for code, country in settings.parties.countries.items():
        for role, node in country.nodes.items():
            facts = {
                "document": node.sha256,
                "entity_id": node.entity_id,
                "valid_until": written(node.valid_until),
                "anchor": "",
                "ground": "pin",
            }
            yield Stated(IN_FORCE, f"{code}/{role}", facts, node.sha256, {node.sha256: country.documents[role]})


def _published(role: str, octets: bytes) -> Stated:
    document = digest_of(octets)
    facts = {"document": document, "entity_id": xml.parse(octets, LIMITS).get("entityID", "")}
    return Stated(PUBLISHED, role, facts, content_digest(octets), {document: octets})


def _key(key: Key) -> Stated:
    parts = {digest_of(octets): octets for octets in (public_octets(key.public_key), *key.chain[:1])}
    public, *certificate = parts
    facts = {
        "use": str(key.use),
        "algorithm": key.algorithm,
        "state": str(key.state),
        "public_key": public,
        "certificate": "".join(certificate),
    }
    return Stated(KEY, key.kid, facts, digest_of(canonical(facts)), parts)
