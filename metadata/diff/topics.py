"""What facts of metadata are about, and the words for them that reading and comparing share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from eidas import xml
from eidas.xml import MD, Element
from metadata.diff.keys import Key

NONE, UNPROVEN = "none", "not right by a key that it names"
"""What a signature is when no key is proven to have made it."""

_ROLES = {"IDPSSODescriptor": "Proxy-Service", "SPSSODescriptor": "Connector"}


class Subject(StrEnum):
    """What a fact is about."""

    ENDPOINT = "endpoint"
    DEFAULT = "default endpoint"
    LEVEL = "level"
    ATTRIBUTE = "attribute"
    REQUESTED = "requested attribute"
    ALGORITHM = "algorithm"
    KEY_SIZE = "key size for"
    FLAG = "demand"
    CONTACT = "contact"
    ORGANISATION = "organisation"
    UNTIL = "valid until"
    LENGTH = "validity"
    CACHE = "cache duration"
    ENTITY_ID = "entity ID"
    COUNTRY = "country"
    SP_TYPE = "service type"
    ROLE = "role"
    PROTOCOL = "protocol"
    VERSION = "protocol version"
    APPLICATION = "application"
    CATEGORY = "entity category"
    FORMAT = "name format"
    STATEMENT = "entity attribute"
    SIGNER = "signature"
    SIGNING = "signature made with"
    UNREAD = "other content"


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """Where facts are compared: a subject, the role ("": the entity itself), and what of it."""

    subject: Subject
    role: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity's facts: what is said on each topic, and the keys of each role."""

    name: str
    said: Mapping[Topic, frozenset[str]]
    keys: Mapping[str, tuple[Key, ...]]

    def about(self, topic: Topic) -> frozenset[str]:
        """What is said on a topic."""
        return self.said.get(topic, frozenset())

    def merged(self, other: "Entity") -> "Entity":
        """Both as one: a list may hold an entity twice, or in two parts."""
        said = {topic: self.about(topic) | other.about(topic) for topic in self.said.keys() | other.said.keys()}
        keys = {role: self.keys.get(role, ()) + other.keys.get(role, ()) for role in self.keys.keys() | other.keys.keys()}
        return Entity(self.name, said, keys)

    @property
    def signer(self) -> str:
        """SHA-256 of the key that is proven to have signed, NONE or UNPROVEN."""
        return next(iter(self.about(Topic(Subject.SIGNER))), NONE)


Said = Iterator[tuple[Topic, str]]


# -- what elements are ------------------------------------------------------------------------------------------------


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def whole_text(element: Element) -> str:
    """All the text in an element, in one piece: how it is broken into lines means nothing."""
    return " ".join("".join(element.itertext()).split())


def is_true(written: str | None) -> bool:
    """XML Schema 3.2.2: true has two forms."""
    return (written or "").strip() in ("true", "1")


def roles(entity: Element) -> Iterator[tuple[str, Element]]:
    """The descriptors of roles, by a name for people."""
    for element in entity.iterchildren(f"{{{MD}}}*"):
        if local(element).endswith("Descriptor"):
            yield _ROLES.get(local(element), local(element)), element


def extensions(element: Element) -> Iterator[Element]:
    """What stands in the Extensions of an entity or role."""
    for part in xml.children(element, f"{{{MD}}}Extensions"):
        yield from part.iterchildren()
