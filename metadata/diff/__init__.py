"""What changed between two versions of a node's metadata, by meaning, and how grave each change is."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain

from metadata.diff.grades import GRADES, Grade, Why
from metadata.diff.judges import JUDGES, ONLY_WHEN_BOTH, PAIRED, Step
from metadata.diff.keys import USES, Key
from metadata.diff.topics import Entity, Subject, Topic


class Part(StrEnum):
    """The classes of changes, in the order in which they are told."""

    KEYS = "keys"
    ENDPOINTS = "endpoints"
    LEVELS = "levels"
    ATTRIBUTES = "attributes"
    ALGORITHMS = "algorithms"
    CONTACTS = "contacts"
    ORGANISATION = "organisation"
    VALIDITY = "validity"
    IDENTIFIERS = "identifiers"
    SIGNATURE = "signature"
    OTHER = "other content"


_PARTS = {
    Part.ENDPOINTS: (Subject.ENDPOINT, Subject.DEFAULT),
    Part.LEVELS: (Subject.LEVEL,),
    Part.ATTRIBUTES: (Subject.ATTRIBUTE, Subject.REQUESTED),
    Part.ALGORITHMS: (Subject.ALGORITHM, Subject.KEY_SIZE, Subject.FLAG),
    Part.CONTACTS: (Subject.CONTACT,),
    Part.ORGANISATION: (Subject.ORGANISATION,),
    Part.VALIDITY: (Subject.UNTIL, Subject.LENGTH, Subject.CACHE),
    Part.SIGNATURE: (Subject.SIGNER, Subject.SIGNING),
    Part.OTHER: (Subject.UNREAD,),
}
PARTS_OF = {
    **dict.fromkeys(Subject, Part.IDENTIFIERS),
    **{subject: part for part, subjects in _PARTS.items() for subject in subjects},
}
_ORDER = list(Part)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `before` is "" for what was added, `after` for what was removed. `digests` are to be compared."""

    part: Part
    entity: str
    role: str
    subject: str
    before: str
    after: str
    why: Why
    digests: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """`+`, `-` or `~`."""
        if self.before and self.after:
            return "~"
        return "+" if self.after else "-"

    @property
    def grade(self) -> Grade:
        """How grave it is."""
        return GRADES[self.why][0]

    @property
    def reason(self) -> str:
        """Why it is as grave as that."""
        return GRADES[self.why][1]


Making = Callable[..., Change]


def compare(before: Sequence[Entity], after: Sequence[Entity]) -> tuple[Change, ...]:
    """The changes between the entities of two documents (`facts.read_entities`), in the order of the classes.

    Two documents of one entity are versions of each other, even when its name changed; in lists the name tells who is who.
    """
    if len(before) == len(after) == 1:
        return _entity(before[0], after[0])
    old, new = _by_name(before), _by_name(after)
    found: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        if name in old and name in new:
            found += _entity(old[name], new[name])
        else:
            why = Why.ENTITY_NEW if name in new else Why.ENTITY_GONE
            shown = name or "(no name)"
            both = ("", shown) if name in new else (shown, "")
            found.append(Change(Part.IDENTIFIERS, name, "", "entity", *both, why))
    return tuple(found)


def _by_name(entities: Iterable[Entity]) -> dict[str, Entity]:
    """An entity that stands twice under one name counts as one, with the facts of both."""
    found: dict[str, Entity] = {}
    for one in entities:
        found[one.name] = found[one.name].merged(one) if one.name in found else one
    return found


def _entity(before: Entity, after: Entity) -> tuple[Change, ...]:
    changes = chain(_keys(before, after), _methods(before, after), _said(before, after))
    return tuple(sorted(changes, key=lambda one: (_ORDER.index(one.part), one.role, one.subject, one.before, one.after)))


# -- what is said -----------------------------------------------------------------------------------------------------


def _said(before: Entity, after: Entity) -> Iterator[Change]:
    for topic in before.said.keys() | after.said.keys():
        old, new = before.about(topic), after.about(topic)
        if (old and new) or topic.subject not in ONLY_WHEN_BOTH:
            yield from _told(topic, old, new, before, after)


def _told(topic: Topic, was: frozenset[str], now: frozenset[str], before: Entity, after: Entity) -> Iterator[Change]:
    part, label = PARTS_OF[topic.subject], f"{topic.subject} {topic.detail}".strip()
    for old, new in pairs(was - now, now - was, topic.subject in PAIRED):
        why = JUDGES[topic.subject](Step(topic, old, new, was, now, before, after))
        yield Change(part, after.name, topic.role, label, old, new, why)


def pairs(gone: Collection[str], come: Collection[str], paired: bool) -> list[tuple[str, str]]:
    """What went and what came: one for one where that is a change, else each alone ("" for the other side)."""
    if paired and len(gone) == len(come) == 1:
        return [(next(iter(gone)), next(iter(come)))]
    return [*((one, "") for one in gone), *(("", one) for one in come)]


# -- keys -------------------------------------------------------------------------------------------------------------


def _keys(before: Entity, after: Entity) -> Iterator[Change]:
    for role in before.keys.keys() | after.keys.keys():
        for use in USES:
            was, now = (_used(one.keys.get(role, ()), use) for one in (before, after))
            yield from _of_use(partial(Change, Part.KEYS, after.name, role), use, was, now)


def _used(keys: Sequence[Key], use: str) -> list[Key]:
    return sorted((key for key in keys if key.use == use), key=lambda key: key.certificate)


def _of_use(change: Making, use: str, was: Sequence[Key], now: Sequence[Key]) -> Iterator[Change]:
    old, new = {key.sha256: key for key in was}, {key.sha256: key for key in now}
    overlap = bool(old.keys() & new.keys())
    for gone, come in pairs(old.keys() - new.keys(), new.keys() - old.keys(), True):
        digests = (new[come] if come else old[gone]).digests
        shown = (str(old.get(gone, "")), str(new.get(come, "")))
        yield change(f"{use} key", *shown, _KEY_WHY[bool(gone), bool(come), overlap], digests)
    yield from _certificates(change, use, was, now, old.keys() & new.keys())
    yield from _weakest(change, use, was, now)


_KEY_WHY = {
    (False, True, True): Why.KEY_BESIDE,
    (False, True, False): Why.KEY_FIRST,
    (True, False, True): Why.KEY_GONE_OVERLAP,
    (True, False, False): Why.KEY_GONE,
    (True, True, True): Why.KEY_REPLACED_OVERLAP,
    (True, True, False): Why.KEY_REPLACED,
}


def _certificates(
    change: Making, use: str, was: Sequence[Key], now: Sequence[Key], both: Collection[str]
) -> Iterator[Change]:
    old, new = ({_certificate(key) for key in keys if key.sha256 in both} for keys in (was, now))
    for gone, come in pairs(old - new, new - old, True):
        yield change(f"certificate of a {use} key", gone, come, Why.KEY_CERTIFICATE)


def _certificate(key: Key) -> str:
    return f"sha256 {key.certificate}, valid {key.dates}" if key.certificate else "none"


def _weakest(change: Making, use: str, was: Sequence[Key], now: Sequence[Key]) -> Iterator[Change]:
    old, new = (
        min((key for key in keys if key.bits), key=lambda key: (key.bits, key.kind), default=None) for keys in (was, now)
    )
    if old and new and old.bits != new.bits:
        why = Why.KEYS_STRONGER if new.bits > old.bits else Why.KEYS_WEAKER
        yield change(f"weakest {use} key", old.kind, new.kind, why)


# -- what may be encrypted for them -----------------------------------------------------------------------------------

Methods = frozenset[tuple[str, str]]


def _methods(before: Entity, after: Entity) -> Iterator[Change]:
    """A key that stays is compared with itself; those that went and came with all that could be used then and now."""
    for role in before.keys.keys() & after.keys.keys():
        old, new = _by_key(before.keys[role]), _by_key(after.keys[role])
        both = old.keys() & new.keys()
        for key in both:
            yield from _grouped(before, after, role, f" by key {key[:8]}", (old[key], new[key], old[key], new[key]))
        gone, come = (_union(one for key, one in some.items() if key not in both) for some in (old, new))
        if old and new:
            yield from _grouped(before, after, role, "", (gone, come, _union(old.values()), _union(new.values())))


def _by_key(keys: Sequence[Key]) -> dict[str, Methods]:
    used = _used(keys, "encryption")
    return {one.sha256: _union(key.methods for key in used if key.sha256 == one.sha256) for one in used}


def _union(some: Iterable[Methods]) -> Methods:
    return frozenset(chain.from_iterable(some))


def _grouped(
    before: Entity, after: Entity, role: str, whose: str, methods: tuple[Methods, Methods, Methods, Methods]
) -> Iterator[Change]:
    own_old, own_new, was, now = methods
    for group in sorted({group for group, _ in was | now}):
        topic = Topic(Subject.ALGORITHM, role, f"for {group}{whose}")
        gone, come, then, today = (_words(group, some) for some in (own_old - now, own_new - was, was, now))
        for old, new in pairs(gone, come, True):
            why = JUDGES[topic.subject](Step(topic, old, new, then, today, before, after))
            yield Change(Part.ALGORITHMS, after.name, role, f"{topic.subject} {topic.detail}", old, new, why)


def _words(group: str, methods: Methods) -> frozenset[str]:
    return frozenset(words for own, words in methods if own == group)
