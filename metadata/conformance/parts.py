"""What a rule of conformity is, and what it is shown: one place in a document that may be wrong in any way.

A rule is a function that raises `Broken` (or eidas' own `Refused`) where its place is wrong, and nothing else for whatever
a document holds. Its docstring is the clause that it enforces, a colon, and what the clause demands.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from eidas import schema, xml
from eidas.xml import Element, Limits
from metadata.conformance.certificates import Held, held_in

LIMITS = Limits(size=1_048_576)
_Shown = TypeVar("_Shown")
_PREFIXES = {uri: prefix for prefix, uri in xml.PREFIXES.items()}


class Severity(StrEnum):
    """What a finding costs."""

    ERROR = "error"
    """Others may refuse the metadata, or what it announces will not work."""
    NON_BREAKING = "non-breaking"
    """Against the text of a specification; logins work all the same."""
    WARNING = "warning"
    """Allowed, and unwise."""


class Role(StrEnum):
    """A role of an eIDAS node, by the word that commands use."""

    CONNECTOR = "connector"
    PROXY = "proxy"


class Broken(Exception):
    """A rule is broken at its place: `what` says how, in a sentence without its end."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read. `now` is Unix seconds, `url` where it came from (None: not known).

    `role` is the only one to look at (None: all); `faults` are the schemas' sentences, by the element that each is about.
    """

    root: Element
    now: int
    url: str | None
    role: Role | None
    certificates: Mapping[Element, Held]
    faults: Mapping[Element, str]


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a document."""

    element: Element
    document: Document


@dataclass(frozen=True, slots=True)
class Place:
    """What a rule is shown: the element that it is about, and what that stands in."""

    element: Element
    entity: Entity

    @property
    def document(self) -> Document:
        """The whole document."""
        return self.entity.document

    def held(self, within: Element | None = None) -> list[Held]:
        """The certificates below this element, or below another one."""
        below = self.element if within is None else within
        return [self.document.certificates[one] for one in below.iter(f"{{{xml.DS}}}X509Certificate")]


Selector = Callable[[Entity], Iterable[Element]]


def _entity(entity: Entity) -> list[Element]:
    return [entity.element]


@dataclass(frozen=True, slots=True)
class Rule(Generic[_Shown]):
    """A numbered rule: how bad it is to break it, the function, how to mend it, and the places that it is about."""

    id: str
    severity: Severity
    check: Callable[[_Shown], None]
    mend: str
    over: Selector = _entity

    @property
    def clause(self) -> str:
        """Where the rule is written."""
        return (self.check.__doc__ or "").partition(": ")[0]

    @property
    def demand(self) -> str:
        """What it demands."""
        return (self.check.__doc__ or "").partition(": ")[2].partition("\n")[0].removesuffix(".")


def read_document(root: Element, now: int, url: str | None, role: Role | None) -> Document:
    """What the rules look at. Each certificate is read once."""
    certificates = {one: held_in(one) for one in root.iter(f"{{{xml.DS}}}X509Certificate")}
    return Document(root, now, url, role, certificates, schema.faults(root))


def path_of(element: Element) -> str:
    """The XPath of an element, by the prefixes of `eidas.xml`; an element of another namespace by its local name."""
    steps = [_step(one) for one in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: Element) -> str:
    tag = str(element.tag)
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(namespace)
    step = f"{prefix}:{name}" if prefix else f"*[local-name()='{name}']"
    before = len(list(element.itersiblings(tag, preceding=True)))
    alone = not before and next(element.itersiblings(tag), None) is None
    return step if alone else f"{step}[{before + 1}]"
