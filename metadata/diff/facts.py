"""The facts of a metadata document that mean something, whatever its form.

They are read leniently, so that a document which no login would use can still be compared.

Left out because they mean nothing: IDs, white space, prefixes, order, the value of a signature, and defaults that are
written out.
"""

from itertools import chain

from eidas import xml
from eidas.xml import MD, Element
from metadata.diff import said, standing
from metadata.diff.keys import Key, read_keys
from metadata.diff.topics import Entity, Topic, roles
from metadata.read import LIMITS

_EMPTY = "(empty)"
_READERS = (*said.READERS, *standing.READERS)


def read_entities(octets: bytes, fetched: int | None = None) -> tuple[Entity, ...]:
    """Every entity of a document, in its order; none where it is no metadata. Raises XmlRefused alone.

    `fetched` (Unix seconds) is when it was fetched: from then on counts how long it is valid, unless it says itself when it
    was written.
    """
    root = xml.parse(octets, LIMITS)
    return tuple(_entity(one, fetched) for one in root.iter(f"{{{MD}}}EntityDescriptor"))


def _entity(element: Element, fetched: int | None) -> Entity:
    found: dict[Topic, set[str]] = {}
    told = chain(*(read(element) for read in _READERS), standing.length(element, fetched))
    for topic, value in told:
        found.setdefault(topic, set()).add(value or _EMPTY)
    keys: dict[str, tuple[Key, ...]] = {}
    for name, role in roles(element):
        keys[name] = keys.get(name, ()) + read_keys(role)
    return Entity(element.get("entityID", ""), {topic: frozenset(values) for topic, values in found.items()}, keys)
