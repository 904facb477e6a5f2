"""What happened at one login, told from its events in the journal: who asked, who vouched, what was sent, where it ended.

Pure: the lines of the journal come in, sentences come out. The journal holds no value of a person, so neither does this.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from broker.errors import catalogue

_LOOKS_LIKE = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{4}-?[0-9A-Z]{4}(?![0-9A-Z])")
_CODE = re.compile(r"(?<![0-9A-Z])(?:USR|FI|EID|SRV|TOK|SYS|HTTP)-[0-9]{3}(?![0-9A-Z])")
_MISREAD = str.maketrans("OIL", "011")
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal: when (Unix seconds), what, and its facts (ids, codes, levels, names of claims)."""

    time: int
    name: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words: what happened, and what is known of it."""

    time: int
    what: str
    more: str


@dataclass(frozen=True, slots=True)
class Story:
    """A login from the first event to the last. `code` is the last thing that went wrong, "" when all went well in the end.

    `sent` says whether anything went to whoever asked, `taken` whether he has come for it; `parties` are the ids that
    commands take, by their kind.
    """

    reference: str
    began: int
    ended: int
    parties: Mapping[str, str]
    level: str
    lines: tuple[Line, ...]
    code: str
    sent: bool
    taken: bool


def code_in(text: str) -> str:
    """The error code that somebody pasted with whatever stands around it; "" for none."""
    found = _CODE.search(text.upper())
    return found[0] if found else ""


def reference_in(text: str) -> str:
    """The reference that somebody pasted or typed, as `new_reference` writes it; "" for none.

    What people misread is put right: there is no O, I or L in a reference.
    """
    found = _LOOKS_LIKE.search(_CODE.sub(" ", text.upper()))
    letters = found[0].replace("-", "").translate(_MISREAD) if found else ""
    return f"{letters[:4]}-{letters[4:]}" if letters else ""


def events_of(lines: Iterable[str], reference: str) -> list[Event]:
    """The events of a reference, in the order of time. What is no event is passed over: the file may hold other lines."""
    mentioning = (line for line in lines if reference in line)
    found = [event for line in mentioning if (event := _event(line, reference)) is not None]
    return sorted(found, key=lambda event: event.time)


def _event(line: str, reference: str) -> Event | None:
    try:
        members = json.loads(line[line.index("{") :])
        if members["ref"] != reference:
            return None
        facts = {name: str(value)[:_LONGEST] for name, value in members.items() if name not in ("time", "event", "ref")}
        return Event(int(members["time"]), str(members["event"]), facts)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def tell(reference: str, events: Iterable[Event]) -> Story:
    """The story of at least one event."""
    known = list(events)
    parties: dict[str, str] = {}
    for event in known:
        parties |= {kind: event.facts[kind] for kind in ("service", "provider", "country") if kind in event.facts}
    failed = [event.facts["code"] for event in known if event.facts.get("code") in catalogue()]
    names = {event.name for event in known}
    return Story(
        reference=reference,
        began=known[0].time,
        ended=known[-1].time,
        parties=parties,
        level=next((event.facts.get("level", "") for event in known if event.name == "demand.received"), ""),
        lines=tuple(_line(event) for event in known),
        code="" if names & _SENT else next(reversed(failed), ""),
        sent=bool(names & _SENT),
        taken=bool(names & _TAKEN),
    )


_SENT = frozenset(("release.sent", "country.answered"))
_TAKEN = frozenset(("token.issued", "userinfo.read", "country.answered"))


def _line(event: Event) -> Line:
    said = _SENTENCES.get(event.name, event.name)
    order = [*_FIRST, *(name for name in event.facts if name not in _FIRST)]
    more = ", ".join(_fact(name, event.facts[name]) for name in order if event.facts.get(name))
    return Line(event.time, said, more)


def _fact(name: str, value: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in value)
    return plain if name in ("code", "detail", "provider") else f"{name} {plain}"


_FIRST = ("code", "detail", "service", "country", "provider", "level", "claims")
_SENTENCES: Mapping[str, str] = {
    "demand.received": "the request came, and was in order",
    "demand.ignored": "a part of the request was passed over",
    "demand.pushed": "the request was pushed beforehand",
    "demand.refused": "went back to whoever asked, with an error",
    "provider.asked": "sent to the account",
    "provider.vouched": "the account confirmed who it is",
    "provider.failed": "✘ the account's answer did not count",
    "country.asks": "a Connector's request was proven",
    "country.asked": "sent to the country",
    "country.vouched": "the country confirmed who it is",
    "country.failed": "✘ the country's answer did not count",
    "country.deviated": "a deviation that the country is allowed",
    "country.answered": "the answer went to the country",
    "country.refused": "the country got a failure",
    "session.reused": "the running session was used again",
    "session.ended": "the session ended",
    "data.agreed": "the citizen agreed to data of others",
    "data.refused": "the citizen refused data of others",
    "data.withdrawn": "the citizen withdrew what he had agreed to",
    "data.checked": "a data provider had the token checked",
    "logout.told": "a service was told of the logout",
    "logout.failed": "✘ a service could not be told of the logout",
    "release.sent": "confirmed: the code went to the service",
    "token.issued": "the service changed its code into tokens",
    "token.revoked": "the service gave its token back",
    "userinfo.read": "the service read the claims",
    "problem": "✘ answered with an error",
}
