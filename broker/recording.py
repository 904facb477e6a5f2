"""What the ledger is told at each start and reload: the configuration, the pinned metadata, ours, and the keys.

It is told after the configuration is in force, and only of what has changed. A ledger that cannot be written is a warning
that lasts until the next reload; logins go on.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from broker.ledger import Ledger, digest_of
from broker.parties import Country
from broker.ports import StoreUnavailable
from broker.settings import Settings
from broker.sources import anchor_stated, is_looked_up
from certs.keyring import Keyring
from certs.keys import Key
from eidas import xml
from eidas.errors import Refused
from eidas.times import written
from metadata.ledger import Stated, canonical
from metadata.ledger.checkpoint import public_octets
from metadata.ledger.content import content_digest
from metadata.ledger.kinds import ANCHOR, CONFIGURATION, IN_FORCE, KEY, LIST, PUBLISHED, REFUSED, WAITING
from metadata.read import LIMITS
from metadata.review import Standing

_log = logging.getLogger("passerelle")
_WHOLE = (CONFIGURATION, KEY, PUBLISHED)
_OF_NODES = (IN_FORCE, WAITING, REFUSED)
Documents = Mapping[str, Callable[[], bytes]]


def record(ledger: Ledger, settings: Settings, keyring: Keyring, documents: Documents, now: int) -> str:
    """Tell the ledger what is in force; returns a warning when it could not be told, "" otherwise."""
    try:
        said = list(stated(settings, keyring, documents))
        events = ledger.amend(lambda standing: [*gone(standing, settings), *said], now, _WHOLE)
    except (StoreUnavailable, Refused) as wrong:
        warning = f"the ledger is not written: {wrong}; passerelle check"
        _log.error("%s", warning)
        return warning
    _log.info("the ledger has %d new entries", len(events))
    return ""


def stated(settings: Settings, keyring: Keyring, documents: Documents) -> Iterator[Stated]:
    """What is in force. What is fetched is not told here, but when it was judged. Raises Refused when something of it
    cannot be read.
    """
    facts = {"mode": settings.mode, "program": version("passerelle")}
    yield Stated(CONFIGURATION, "instance", facts, settings.fingerprint)
    for country in settings.parties.countries.values():
        yield from _pinned(country)
        yield from (anchor_stated(anchor, "configuration") for anchor in country.anchors)
    made = ((role, make()) for role, make in documents.items())
    yield from (_published(role, octets) for role, octets in made if octets)  # nothing: it has ended
    yield from (_key(key) for key in keyring.keys)


def gone(standing: Standing, settings: Settings) -> Iterator[Stated]:
    """What the ledger has of nodes, anchors and lists that are no longer configured."""
    countries = settings.parties.countries
    anchors = {f"{code}/{digest_of(one.link.certificate.der)}" for code, land in countries.items() for one in land.anchors}
    for (type_, subject), event in standing.items():
        code, _, role = subject.partition("/")
        if type_ in _OF_NODES and not (code in countries and _has(countries[code], type_, role)):
            yield Stated(type_, subject, {}, "")
        if type_ == ANCHOR and not (is_looked_up(settings, code) if event.facts["from"] == "list" else subject in anchors):
            yield Stated(type_, subject, {}, "")
        if type_ == LIST and event.facts["address"] not in settings.trust.lists:
            yield Stated(type_, subject, {}, "")


def _has(country: Country, type_: str, role: str) -> bool:
    """Whether something of this type may be so of a role: of a pinned one nothing waits, and nothing is refused."""
    return role in country.sources or (type_ == IN_FORCE and role in country.documents)


def _pinned(country: Country) -> Iterator[Stated]:
    for role, octets in country.documents.items():
        node = country.nodes[role]
        facts = {
            "document": node.sha256,
            "entity_id": node.entity_id,
            "valid_until": written(node.valid_until),
            "anchor": country.stands_on.get(role, ""),
            "ground": "pin",
        }
        yield Stated(IN_FORCE, f"{country.code}/{role}", facts, node.sha256, {node.sha256: octets})


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
