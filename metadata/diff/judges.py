"""Why a change on a topic is as grave as it is: one judge a subject. Each is told the step and says one reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from eidas.vocabulary import NOT_NOTIFIED_LEVELS, NOTIFIED_LEVELS
from metadata.diff.grades import STRONG, Why, strength
from metadata.diff.standing import moment
from metadata.diff.topics import NONE, UNPROVEN, Entity, Subject, Topic

_LONGEST_STEP = 31 * 86_400
"""An eIDAS node's metadata counts for days; nothing that is renewed in time moves its end by more than a month."""

_MUCH_LONGER = 2
_CONTACTS_WANTED = ("technical", "support")


@dataclass(frozen=True, slots=True)
class Step:
    """One value that went (`old`), came (`new`) or took another's place, with all values on the topic then and now."""

    topic: Topic
    old: str
    new: str
    was: frozenset[str]
    now: frozenset[str]
    before: Entity
    after: Entity


Judge = Callable[[Step], Why]


def _plainly(added: Why, removed: Why, changed: Why | None = None) -> Judge:
    """The same reason for every step of a kind."""

    def judge(step: Step) -> Why:
        if step.old and step.new:
            return changed or added
        return added if step.new else removed

    return judge


# -- endpoints --------------------------------------------------------------------------------------------------------


def _endpoint(step: Step) -> Why:
    if not step.new:
        return Why.ADDRESS_GONE
    if not _is_https(step.new) and not (step.old and not _is_https(step.old) and _host(step.old) == _host(step.new)):
        return Why.NOT_HTTPS
    known = {_host(step.old)} if step.old else _hosts(step.before)
    if _host(step.new) not in known:
        return Why.HOST_CHANGED if step.old else Why.HOST_NEW
    if not step.old:
        return Why.ADDRESS_NEW
    return Why.NOW_HTTPS if step.new == f"https{step.old.removeprefix('http')}" else Why.ADDRESS_CHANGED


def _hosts(entity: Entity) -> set[str]:
    return {_host(one) for topic, values in entity.said.items() if topic.subject is Subject.ENDPOINT for one in values}


def _is_https(address: str) -> bool:
    return address.lower().startswith("https://")


def _host(address: str) -> str:
    """The host and any unusual port; the whole address where no host can be read."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return address
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.hostname or address}" + (f":{port}" if port not in (None, usual) else "")


# -- levels -----------------------------------------------------------------------------------------------------------


def _level(step: Step) -> Why:
    if not step.new:
        return Why.LEVEL_GONE
    above_all = _height(step.new) > max(map(_height, step.was), default=-1)
    notified = [one for one in step.was if one in NOTIFIED_LEVELS]
    above_notified = step.new in NOTIFIED_LEVELS and _height(step.new) > max(map(_height, notified), default=-1)
    return Why.LEVEL_RAISED if above_all or above_notified else Why.LEVEL_NEW


def _height(level: str) -> int:
    """A level's place, notified or not; an unknown one is below all."""
    return next((levels.index(level) for levels in (NOTIFIED_LEVELS, NOT_NOTIFIED_LEVELS) if level in levels), -1)


# -- algorithms -------------------------------------------------------------------------------------------------------


def _algorithm(step: Step) -> Why:
    old, new = strength(step.old), strength(step.new)
    if step.new and new is None:
        return Why.ALGORITHM_UNKNOWN
    if not step.now:
        return Why.ALGORITHM_UNSAID
    if step.old and step.new:
        return _replaced(old, new)
    return _allowed(new, step.was) if new is not None else _withdrawn(old, step.now)


def _replaced(old: int | None, new: int | None) -> Why:
    if old is None or new is None:
        return Why.ALGORITHM_GONE
    if new == old:
        return Why.ALGORITHM_OTHER
    return Why.ALGORITHM_STRONGER if new > old else Why.ALGORITHM_WEAKER


def _allowed(rank: int, was: Iterable[str]) -> Why:
    if rank == STRONG:
        return Why.ALGORITHM_NEW
    weakest = min((one for one in map(strength, was) if one is not None), default=STRONG)
    return Why.ALGORITHM_WEAKER if rank < weakest else Why.ALGORITHM_WEAK


def _withdrawn(rank: int | None, now: Iterable[str]) -> Why:
    if rank is not None and rank < STRONG:
        return Why.ALGORITHM_WEAK_GONE
    strong_left = any(strength(one) == STRONG for one in now)
    return Why.ALGORITHM_GONE if rank is None or strong_left else Why.ALGORITHM_STRONG_GONE


def _size(step: Step) -> Why:
    old, new = (min(map(_least, values)) for values in (step.was, step.now))
    if old == new:
        return Why.SIZE_OTHER
    return Why.SIZE_LOWER if new < old else Why.SIZE_HIGHER


def _least(sizes: str) -> int:
    """The smaller of two sizes as they are written, `3072 to 8192`; nothing written allows any."""
    least = sizes.partition(" to ")[0]
    return int(least) if least.isascii() and least.isdecimal() and len(least) < 10 else 0


def _flag(step: Step) -> Why:
    return Why.SIGNING_DROPPED if "false" in step.now else Why.SIGNING_PROMISED


# -- people -----------------------------------------------------------------------------------------------------------


def _contact(step: Step) -> Why:
    if not step.now and step.topic.detail in _CONTACTS_WANTED:
        return Why.CONTACT_LOST
    contacts = [values for topic, values in step.before.said.items() if topic.subject is Subject.CONTACT]
    known = {domain for values in contacts for value in values for domain in _domains(value)}
    return Why.CONTACT_OTHER if _domains(step.new) <= known else Why.CONTACT_DOMAIN


def _domains(contact: str) -> set[str]:
    words = contact.replace(",", " ").split()
    return {word.rpartition("@")[2].lower() for word in words if "@" in word}


def _organisation(step: Step) -> Why:
    kind = step.topic.detail.partition(" ")[0]
    if kind == "Name":
        return Why.ORGANISATION_NAME
    other = kind == "URL" and step.new and _host(step.new) not in {_host(one) for one in step.was}
    return Why.ORGANISATION_SITE if other else Why.ORGANISATION_OTHER


# -- validity ---------------------------------------------------------------------------------------------------------


def _until(step: Step) -> Why:
    if not step.new:
        return Why.UNTIL_DROPPED
    old, new = moment(step.old), moment(step.new)
    if new is None:
        return Why.UNTIL_UNREADABLE
    if old is None:
        return Why.UNTIL_STATED
    if new < old:
        return Why.UNTIL_EARLIER
    length = Topic(Subject.LENGTH)
    measured = step.before.about(length) and step.after.about(length)
    return Why.UNTIL_FAR if new - old > _LONGEST_STEP and not measured else Why.UNTIL_LATER


def _length(step: Step) -> Why:
    old, new = (max(int(text.partition(" ")[0]) for text in texts) for texts in (step.was, step.now))
    return Why.LENGTH_MUCH_LONGER if new < 0 or new >= max(1, old) * _MUCH_LONGER else Why.LENGTH_OTHER


# -- identifiers and signature ----------------------------------------------------------------------------------------


def _country(step: Step) -> Why:
    return Why.COUNTRY_CHANGED if step.was else Why.COUNTRY_STATED


def _signer(step: Step) -> Why:
    if step.old in (NONE, UNPROVEN):
        return Why.SIGNATURE_UNPROVEN if step.new == UNPROVEN else Why.SIGNATURE_NEW
    return {NONE: Why.SIGNATURE_LOST, UNPROVEN: Why.SIGNATURE_UNPROVEN}.get(step.new, Why.SIGNER_CHANGED)


JUDGES: Mapping[Subject, Judge] = {
    Subject.ENDPOINT: _endpoint,
    Subject.DEFAULT: _plainly(Why.DEFAULT_CHANGED, Why.DEFAULT_CHANGED),
    Subject.LEVEL: _level,
    Subject.ATTRIBUTE: _plainly(Why.ATTRIBUTE_NEW, Why.ATTRIBUTE_GONE),
    Subject.REQUESTED: _plainly(Why.ATTRIBUTE_ASKED, Why.ATTRIBUTE_NOT_ASKED),
    Subject.ALGORITHM: _algorithm,
    Subject.KEY_SIZE: _size,
    Subject.FLAG: _flag,
    Subject.CONTACT: _contact,
    Subject.ORGANISATION: _organisation,
    Subject.UNTIL: _until,
    Subject.LENGTH: _length,
    Subject.CACHE: _plainly(Why.CACHE, Why.CACHE),
    Subject.ENTITY_ID: _plainly(Why.ENTITY_CHANGED, Why.ENTITY_CHANGED),
    Subject.COUNTRY: _country,
    Subject.SP_TYPE: _plainly(Why.SP_TYPE, Why.SP_TYPE),
    Subject.ROLE: _plainly(Why.ROLE_NEW, Why.ROLE_GONE),
    Subject.PROTOCOL: _plainly(Why.PROTOCOL, Why.PROTOCOL),
    Subject.VERSION: _plainly(Why.VERSION_NEW, Why.VERSION_GONE),
    Subject.APPLICATION: _plainly(Why.APPLICATION, Why.APPLICATION),
    Subject.CATEGORY: _plainly(Why.CATEGORY_NEW, Why.CATEGORY_GONE),
    Subject.FORMAT: _plainly(Why.FORMAT_NEW, Why.FORMAT_GONE),
    Subject.STATEMENT: _plainly(Why.STATEMENT, Why.STATEMENT),
    Subject.SIGNER: _signer,
    Subject.SIGNING: _algorithm,
    Subject.UNREAD: _plainly(Why.UNREAD, Why.UNREAD),
}

PAIRED = frozenset(Subject) - {
    Subject.LEVEL,
    Subject.ATTRIBUTE,
    Subject.REQUESTED,
    Subject.ROLE,
    Subject.PROTOCOL,
    Subject.VERSION,
    Subject.CATEGORY,
    Subject.FORMAT,
}
"""Of these, one value that goes and one that comes are one value that changed."""

ONLY_WHEN_BOTH = frozenset({Subject.KEY_SIZE, Subject.FLAG, Subject.LENGTH, Subject.SIGNING})
"""Their coming and going says nothing that another change does not say."""
