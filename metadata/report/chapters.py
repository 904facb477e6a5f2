"""The chapters of a report but that of changes in peers. Each is a reading of the ledger; moments are texts in UTC."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eidas.errors import Refused
from eidas.times import written
from metadata.conformance import Finding, validate
from metadata.conformance.parts import Role
from metadata.diff.grades import Why
from metadata.ledger import Event
from metadata.ledger.kinds import CONFIGURATION, COUNTRY, DECISION, KEY, PUBLISHED, REFUSED
from metadata.ledger.merkle import EMPTY
from metadata.report.basis import Basis, documents, key_files, periods
from metadata.report.changes import Compared
from metadata.review.algorithms import algorithms
from metadata.review.documents import octets_of
from metadata.review.endings import Severity, expiring
from metadata.review.nodes import TrustedNode, trusted
from metadata.review.people import Decision, decisions
from metadata.review.remarks import remarks

AHEAD = 90 * 86_400
"""How far behind the span an end is still told of (seconds)."""


# -- trusted on a day -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trusted:
    """A node that was trusted at a moment, as `metadata.review.nodes` has it. `keys`: SHA-256 of its signing keys."""

    country: str
    role: str
    entity_id: str
    since: str
    version: int
    version_since: str
    document: str
    ground: str
    people: tuple[str, ...]
    words: tuple[str, ...]
    anchor: str
    valid_until: str
    keys: tuple[str, ...]
    state: str
    remarks: tuple[str, ...]


def trust(basis: Basis, at: int) -> list[Trusted]:
    """Who was trusted at a moment, by country and role."""
    nodes = trusted(basis.entries, at, basis.blob)
    said = remarks(basis.entries, at, nodes)
    return [_trusted(node, said[node.subject]) for node in nodes]


def _trusted(node: TrustedNode, said: tuple[str, ...]) -> Trusted:
    return Trusted(
        country=node.country,
        role=node.role,
        entity_id=node.entity_id,
        since=written(node.since),
        version=node.version,
        version_since=written(node.version_since),
        document=node.document,
        ground=node.ground,
        people=node.decision.people if node.decision else (),
        words=node.decision.words if node.decision else (),
        anchor=node.anchor,
        valid_until=written(node.valid_until),
        keys=tuple(sorted(key.sha256 for key in node.signing)),
        state=node.state.value,
        remarks=said,
    )


# -- decisions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided, how it was verified, and under which configuration.

    `needed` is how many people had to agree by the configuration of that moment; `alone`: it was the word of one person;
    `short`: it was an approval of one where two were needed. `mode` is production or sandbox, "" where no configuration was
    known.
    """

    seq: int
    time: str
    verdict: str
    subject: str
    document: str
    people: tuple[str, ...]
    words: tuple[str, ...]
    needed: int
    alone: bool
    short: bool
    mode: str
    configuration: str


def decided_in(basis: Basis) -> list[Decided]:
    """The decisions of the span, the oldest first."""
    every = decisions(basis.entries, basis.span.until)
    return [_decided(one, _configuration(basis, one.seq)) for one in every if basis.span.holds(one.time)]


def _configuration(basis: Basis, seq: int) -> Event | None:
    before = (entry.event for entry in reversed(basis.entries[:seq]) if entry.event.type == CONFIGURATION)
    found = next(before, None)
    return found if found is not None and found.after else None


def _decided(one: Decision, configured: Event | None) -> Decided:
    proposed = one.verdict == "proposed"  # a first word of two decides nothing yet
    return Decided(
        seq=one.seq,
        time=written(one.time),
        verdict=one.verdict,
        subject=one.subject,
        document=one.document,
        people=one.people,
        words=one.words,
        needed=one.needed,
        alone=not one.by_two and not proposed,
        short=one.verdict == "approved" and one.needed > 1 and not one.by_two,
        mode=configured.facts["mode"] if configured else "",
        configuration=configured.after if configured else "",
    )


# -- our keys ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A state of a key of ours, from a moment until before another ("": it is still so). Digests are SHA-256 of DER."""

    use: str
    kid: str
    algorithm: str
    state: str
    since: str
    until: str
    public_key: str
    certificate: str


def keys_in(basis: Basis) -> list[OwnKey]:
    """Every state of each key in the span, by use and key, the oldest first."""
    found = [_own_key(one.event, one.until) for one in periods(basis, KEY)]
    return sorted(found, key=lambda one: (one.use, one.kid, one.since))


def _own_key(event: Event, until: int | None) -> OwnKey:
    facts, end = event.facts, "" if until is None else written(until)
    state = (facts["state"], written(event.time), end)
    return OwnKey(facts["use"], event.subject, facts["algorithm"], *state, facts["public_key"], facts["certificate"])


# -- weak or expired --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weak:
    """What a node in force at the end of the span says that is not good; `certificate` is "" for its document."""

    node: str
    about: str
    certificate: str
    value: str
    strength: str


def weak(basis: Basis) -> list[Weak]:
    """What is weak or refused by Cryptographic Requirements 1.4 at the end of the span."""
    rows = algorithms(basis.entries, basis.span.until, basis.blob)
    return [
        Weak(row.node.subject, about, certificate, cell.value, cell.strength.value)
        for row in rows
        for about, certificate, cell in row.weak
    ]


@dataclass(frozen=True, slots=True)
class Ended:
    """What had ended at the end of the span, or ends within 90 days of it."""

    time: str
    days_left: int
    severity: str
    kind: str
    subject: str
    what: str
    digest: str


def endings(basis: Basis) -> list[Ended]:
    """What had ended, or ends soon; dates of message keys, on which nothing depends, only where they are past."""
    found = expiring(basis.entries, basis.span.until, AHEAD, basis.blob)
    told = [one for one in found if one.severity is not Severity.NOTE or one.days_left < 0]
    return [
        Ended(written(one.time), one.days_left, one.severity.value, one.kind.value, one.subject, one.what, one.digest)
        for one in told
    ]


# -- incidents --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Incident:
    """What should not happen on an ordinary day: its kind in a word, and a sentence."""

    time: str
    kind: str
    subject: str
    what: str


_UNANNOUNCED = (Why.KEY_REPLACED.value, Why.KEY_GONE.value)


def incidents(basis: Basis, compared: Sequence[Compared]) -> list[Incident]:
    """Metadata that was refused, words against a country or document, keys without announcement, clocks that went back."""
    told = (entry.event for entry in basis.during if entry.event.after)
    found = [*(one for event in told for one in _told(event)), *_keys(compared), *_clock(basis)]
    return sorted(found, key=lambda one: (one.time, one.subject, one.kind, one.what))


def _told(event: Event) -> Iterator[Incident]:
    facts, time = event.facts, written(event.time)
    if event.type == REFUSED:
        yield Incident(time, "refused metadata", event.subject, f"{facts['address']}: {facts['reason']}")
    if event.type == COUNTRY:
        yield Incident(time, facts["state"], event.subject, f"{facts['by']}: {facts['words']}")
    if event.type == DECISION and facts["verdict"] == "rejected":
        yield Incident(time, "rejected metadata", event.subject, f"{facts['by']}: {facts['words']}")


def _keys(compared: Sequence[Compared]) -> Iterator[Incident]:
    """A key that no document before showed beside the old one was not announced, whoever approved it."""
    for one in compared:
        for change in one.changes:
            if change.code in _UNANNOUNCED:
                what = f"{change.role} {change.subject}: {change.before} → {change.after or 'none'}; {change.reason}"
                yield Incident(one.time, "keys without announcement", one.node, what)


def _clock(basis: Basis) -> Iterator[Incident]:
    for before, entry in zip(basis.entries, basis.entries[1:], strict=False):
        event, last = entry.event, before.event
        if event.time < last.time and basis.span.holds(event.time):
            what = f"entry {event.seq} is {last.time - event.time} s earlier than the one before it"
            yield Incident(written(event.time), "the clock went back", "ledger", what)


# -- our own metadata -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """A document of ours, from a moment until before another ("": it is still so), and every rule that it broke then."""

    role: str
    entity_id: str
    document: str
    since: str
    until: str
    unreadable: str
    findings: tuple[Finding, ...]


def conformance(basis: Basis) -> list[Published]:
    """What we published in the span, judged as of the moment at which it was published."""
    return [_published(basis, one.event, one.until) for one in periods(basis, PUBLISHED)]


def _published(basis: Basis, event: Event, until: int | None) -> Published:
    facts, end = event.facts, "" if until is None else written(until)
    unreadable, findings = "", tuple[Finding, ...]()
    try:
        octets = octets_of(facts["document"], basis.blob)
        report = validate(octets, now=event.time, url=facts["entity_id"], role=Role(event.subject))
        findings = report.findings
    except Refused as refused:
        unreadable = refused.detail
    return Published(event.subject, facts["entity_id"], facts["document"], written(event.time), end, unreadable, findings)


# -- the ledger's heads -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """A signed checkpoint: over how many entries, their root in base64, and when it was signed."""

    size: int
    root: str
    time: str


@dataclass(frozen=True, slots=True)
class Heads:
    """How many entries there are up to the end of the span, their root in base64, and when the first was written.

    `covered` is how many of them the checkpoint in the report is over, 0 where there is none.
    """

    entries: int
    root: str
    begun: str
    covered: int
    checkpoints: tuple[Head, ...]


def heads(basis: Basis) -> Heads:
    """The state of the ledger at the end of the span."""
    entries = basis.entries
    return Heads(
        entries=len(entries),
        root=b64encode(entries[-1].root if entries else EMPTY).decode(),
        begun=written(entries[0].event.time) if entries else "",
        covered=max((one.size for one in basis.heads), default=0),
        checkpoints=tuple(Head(one.size, b64encode(one.root).decode(), written(one.time)) for one in basis.heads),
    )


def missing(basis: Basis) -> Iterator[str]:
    """The digests of documents and keys of the span that the ledger has no more, or not as they were."""
    for digest in (*documents(basis), *key_files(basis)):
        try:
            octets_of(digest, basis.blob)
        except Refused:
            yield digest
