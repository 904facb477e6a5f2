"""A document of the ledger, as far as it can be read. An entry tells its digest: no other is taken for it."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from eidas import xml
from eidas.errors import Refused, XmlRefused
from eidas.xml import DS, Element
from metadata.diff.facts import read_entities
from metadata.diff.keys import Key
from metadata.diff.standing import moment
from metadata.diff.topics import Entity
from metadata.errors import MetadataRefused
from metadata.ledger import Event
from metadata.read import LIMITS
from metadata.review import Blob

ROLES = {"proxy": "Proxy-Service", "connector": "Connector"}
"""The roles as `metadata.diff` names them, by the words of the ledger."""
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Described:
    """What a document says of a node: facts of its entity, keys of its role, and certificates in DER by their SHA-256."""

    entity: Entity
    keys: tuple[Key, ...]
    certificates: dict[str, bytes]


def octets_of(digest: str, blob: Blob) -> bytes:
    """A document. Raises MetadataRefused where the ledger has it not, or has another one in its place."""
    octets = blob(digest)
    if octets is None:
        raise MetadataRefused("the ledger does not have the document any more: passerelle audit verify")
    if hashlib.sha256(octets).hexdigest() != digest:
        raise MetadataRefused("the document in the ledger was altered: passerelle audit verify")
    return octets


def described(digest: str, entity_id: str, role: str, blob: Blob) -> Described:
    """What a document says of a node; `role` is proxy or connector. Raises Refused."""
    entities, certificates = _read(octets_of(digest, blob))
    own = [one for one in entities if one.name == entity_id and ROLES[role] in one.keys]
    if not own:
        raise MetadataRefused(f"the document does not describe {entity_id} as a {ROLES[role]}")
    return Described(own[0], own[0].keys[ROLES[role]], certificates)


@lru_cache(maxsize=_KEPT)
def _read(octets: bytes) -> tuple[tuple[Entity, ...], dict[str, bytes]]:
    """A past day is asked for again and again, and its documents never change."""
    every = (_der(one) for one in xml.parse(octets, LIMITS).iter(f"{{{DS}}}X509Certificate"))
    return read_entities(octets), {hashlib.sha256(der).hexdigest(): der for der in every}


def _der(element: Element) -> bytes:
    try:
        return xml.octets(element)
    except XmlRefused:
        return b""  # its key says that it cannot be read


def reading(digest: str, entity_id: str, role: str, blob: Blob) -> Described | str:
    """What a document says of a node, else the sentence that says why it cannot be read."""
    try:
        return described(digest, entity_id, role, blob)
    except Refused as refused:
        return refused.detail


def until_of(event: Event) -> int:
    """Until when what an event says counts (Unix seconds); 0, which is over, for what is no moment."""
    return moment(event.facts["valid_until"]) or 0
