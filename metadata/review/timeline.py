"""What happened to a node, event by event, in plain sentences."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from metadata.ledger import Entry, Event
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

TRUST = (IN_FORCE, WAITING, REFUSED, DECISION, LIST, ANCHOR, COUNTRY, CONFIRMED)
"""The types of events that are about others."""
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Told:
    """An event: `what` is its kind in a word, for programs, `sentence` for people. `time` is Unix seconds."""

    seq: int
    time: int
    type: str
    subject: str
    what: str
    sentence: str


def timeline(entries: Iterable[Entry], whom: str, at: int | None = None) -> tuple[Told, ...]:
    """Every event that concerns a node ("EL/proxy"), a country ("EL") or an entity ID, up to a moment, the oldest first.

    What is told of a country, and of its anchors, concerns its nodes.
    """
    every = [entry for entry in entries if at is None or entry.event.time <= at]
    subjects = subjects_of(every, whom)
    return tuple(one for one in told(every) if _about(one, subjects))


def subjects_of(entries: Iterable[Entry], whom: str) -> frozenset[str]:
    """The nodes or the country that a word names; an entity ID names each node that ever had it."""
    if "://" not in whom:
        return frozenset({whom})
    return frozenset(one.event.subject for one in entries if one.event.facts.get("entity_id") == whom and _theirs(one))


def _theirs(entry: Entry) -> bool:
    return entry.event.type in (IN_FORCE, WAITING)


def _about(one: Told, subjects: frozenset[str]) -> bool:
    if one.type not in TRUST:
        return False
    country, _, role = one.subject.partition("/")
    if one.type == ANCHOR or not role:
        return any(country == subject.partition("/")[0] for subject in subjects)
    return one.subject in subjects or country in subjects


def told(entries: Iterable[Entry]) -> Iterator[Told]:
    """Each event as a sentence, of whatever type."""
    last: dict[tuple[str, str], Event] = {}
    for entry in entries:
        event, key = entry.event, (entry.event.type, entry.event.subject)
        before = last.get(key)
        what, sentence = _SAYS[event.type](event, before) if event.after else _GONE[event.type](event, before)
        last[key] = event
        yield Told(event.seq, event.time, event.type, event.subject, what, sentence)


# -- what is said of each type ----------------------------------------------------------------------------------------

Says = Callable[[Event, Event | None], tuple[str, str]]
_GROUNDS = {
    "pin": "by the file that the configuration pins",
    "renewal": "without a new key, so nobody had to decide",
    "anchor": "by its anchor alone, as the configuration allows",
    "approval": "because it was approved",
}
NEWS = {"first": "it is the first one", "keys": "it has other keys", "dangerous": "it has something dangerous"}
"""Why a document waits, by the word of the ledger."""


def short(digest: str) -> str:
    """The beginning of a digest: enough to tell documents of a ledger apart, not to compare over the phone."""
    return digest[:_SHORT]


def _in_force(event: Event, before: Event | None) -> tuple[str, str]:
    facts, why = event.facts, _GROUNDS[event.facts["ground"]]
    if before is None or not before.after:
        return "trusted", f"{facts['entity_id']} is trusted from now on: document {short(facts['document'])} {why}"
    if before.facts["document"] == facts["document"]:
        return "ground", f"the document in force stays, {why}"
    who = "" if before.facts["entity_id"] == facts["entity_id"] else f", with another entity ID: {facts['entity_id']}"
    return "version", f"document {short(facts['document'])} is in force {why}{who}"


def _waiting(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    vouched = f"anchor {short(facts['anchor'])} vouches for it" if facts["anchor"] else "no anchor vouches for it"
    news = NEWS[facts["news"]]
    return "waits", f"document {short(facts['document'])} waits for a decision: {news}, and {vouched}"


def _refused(event: Event, _before: Event | None) -> tuple[str, str]:
    return "refused", f"what {event.facts['address']} gave is not used: {event.facts['reason']}"


def _decision(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    of = "the only one needed" if facts["needed"] == "1" else "two are needed"
    what = f"{facts['by']} {facts['verdict']} document {short(facts['document'])} ({of}): {facts['words']}"
    return facts["verdict"], what


def _anchor(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    digest = event.subject.partition("/")[2]
    return "pinned", f"anchor {short(digest)} vouches from now on, by the {facts['from']}, until {facts['valid_until']}"


def _list(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    return "listed", f"the list of {facts['address']} counts, issued {facts['issued']}: document {short(facts['document'])}"


def _country(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    return facts["state"], f"{facts['by']} {facts['state']} {event.subject}: {facts['words']}"


def _confirmed(event: Event, _before: Event | None) -> tuple[str, str]:
    return "confirmed", f"{event.facts['by']} confirmed {event.subject} with the country: {event.facts['words']}"


def _published(event: Event, _before: Event | None) -> tuple[str, str]:
    return "published", f"our {event.subject} metadata says something else: document {short(event.facts['document'])}"


def _key(event: Event, before: Event | None) -> tuple[str, str]:
    facts = event.facts
    was = f", it was {before.facts['state']}" if before is not None and before.after else ""
    return facts[
        "state"
    ], f"our key {short(event.subject)} for {facts['use']} ({facts['algorithm']}) is {facts['state']}{was}"


def _configuration(event: Event, _before: Event | None) -> tuple[str, str]:
    return "configured", f"another configuration is in force: {short(event.after)}, mode {event.facts['mode']}"


def _report(event: Event, _before: Event | None) -> tuple[str, str]:
    facts = event.facts
    return "report", f"a report of {facts['from']} to {facts['to']} was made: manifest {short(facts['manifest'])}"


_SAYS: Mapping[str, Says] = {
    IN_FORCE: _in_force,
    WAITING: _waiting,
    REFUSED: _refused,
    DECISION: _decision,
    LIST: _list,
    ANCHOR: _anchor,
    COUNTRY: _country,
    CONFIRMED: _confirmed,
    PUBLISHED: _published,
    KEY: _key,
    CONFIGURATION: _configuration,
    REPORT: _report,
}


# -- what is said when it is no more ----------------------------------------------------------------------------------


def _ends(what: str, sentence: str) -> Says:
    return lambda event, _before: (what, sentence.format(subject=event.subject))


def _anchor_gone(event: Event, _before: Event | None) -> tuple[str, str]:
    return "unpinned", f"anchor {short(event.subject.partition('/')[2])} vouches no more"


def _key_gone(event: Event, _before: Event | None) -> tuple[str, str]:
    return "gone", f"our key {short(event.subject)} is there no more"


_GONE: Mapping[str, Says] = {
    IN_FORCE: _ends("removed", "{subject} is trusted no more"),
    WAITING: _ends("settled", "no document waits any more"),
    REFUSED: _ends("usable", "its address gives something usable again"),
    DECISION: _ends("settled", "the decision stands no more"),
    LIST: _ends("unlisted", "the list counts no more"),
    ANCHOR: _anchor_gone,
    COUNTRY: _ends("resumed", "nothing is said of {subject} any more: it is used"),
    CONFIRMED: _ends("unconfirmed", "the confirmation of {subject} stands no more"),
    PUBLISHED: _ends("withdrawn", "our {subject} metadata is published no more"),
    KEY: _key_gone,
    CONFIGURATION: _ends("gone", "no configuration is in force"),
    REPORT: _ends("gone", "the report stands no more"),
}
WORDS = (
    *("trusted", "version", "ground", "removed", "waits", "settled", "refused", "usable"),
    *("proposed", "approved", "rejected", "listed", "unlisted", "pinned", "unpinned"),
    *("suspended", "resumed", "confirmed", "unconfirmed"),
)
"""Every `what` of an event of `TRUST`."""
