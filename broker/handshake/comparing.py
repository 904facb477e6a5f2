"""What would happen if the document were fetched now, what it changes, and what is wrong with its form."""

from collections import Counter
from collections.abc import Mapping

from broker.handshake.meeting import Known, Meeting
from broker.handshake.steps import Telling
from broker.judging import Fresh, consequences
from broker.receiving import check_counts
from broker.sources import judged
from eidas.errors import Refused
from metadata.conformance import validate
from metadata.conformance.parts import Role, Severity
from metadata.diff import compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import Grade
from metadata.ledger import Stated
from metadata.ledger.kinds import IN_FORCE, REFUSED, WAITING

_NEWS = {
    "first": "it is the first that this node is trusted by",
    "keys": "it has new keys",
    "dangerous": "it changes something dangerous",
}
_GROUNDS = {"renewal": "as a renewal without news", "anchor": "since an anchor suffices (updates = auto)"}


def change(meeting: Meeting, known: Known, tell: Telling) -> None:
    """What would become of it, and what it changes against what is in force: judged as if it had been fetched."""
    event = meeting.in_force
    stays = f"what is in force stays until {event.facts['valid_until']}" if event else "nothing of this node is in force"
    if meeting.pinned is not None:
        tell.finds("a pinned file counts as it lies there")
        return
    try:
        stated = _stated(meeting, known)
    except Refused as refused:
        tell.finds(f"on fetching it would be refused: {refused.detail}")
        tell.remark(stays)
        return
    _consequence(meeting, stated, tell)
    _changes(meeting, known, tell)


def _stated(meeting: Meeting, known: Known) -> Mapping[str, Stated]:
    """What the ledger would be told, by the types of events. Raises Refused."""
    assert meeting.place is not None  # noqa: S101 - it was fetched from there
    now, role = meeting.ways.clock(), meeting.role
    vouched = judged(known.octets, meeting.country, role, meeting.place, now, meeting.sandbox, known.revoked)
    check_counts(vouched.node.valid_until, now)
    fresh = Fresh(meeting.subject, known.octets, vouched.node, vouched.anchor, meeting.country.nodes.get(role))
    auto = meeting.country.updates == "auto"
    return {one.type: one for one in consequences(fresh, meeting.standing, meeting.blob, auto, now) if one.after}


def _consequence(meeting: Meeting, stated: Mapping[str, Stated], tell: Telling) -> None:
    if IN_FORCE in stated:
        tell.finds(f"on fetching it would count, {_GROUNDS[stated[IN_FORCE].facts['ground']]}")
    elif WAITING in stated:
        tell.finds(f"on fetching it would wait for a person: {_NEWS[stated[WAITING].facts['news']]}")
        do = f"passerelle metadata fetch {meeting.code}, then passerelle trust pending"
        tell.note(f"When the rest is in order: {do}.")
    elif REFUSED in stated:
        tell.finds("on fetching it would be refused: a person rejected it")
        tell.note("See who, and why: passerelle trust log.")
    elif (WAITING, meeting.subject) in meeting.standing:
        tell.finds("it waits for a person already")
        tell.note("Decide on it: passerelle trust pending.")
    else:
        tell.finds("on fetching nothing would change")


def _changes(meeting: Meeting, known: Known, tell: Telling) -> None:
    before = meeting.blob(meeting.in_force.facts["document"]) if meeting.in_force else None
    if before is None:
        return
    try:
        changes = compare(read_entities(before), read_entities(known.octets))
    except Refused as refused:
        tell.remark(f"it cannot be compared with what is in force: {refused.detail}")
        return
    for one in sorted(changes, key=lambda one: -one.grade):
        line = f"{one.grade.name.lower()}: {one.sign} {one.subject}: {one.before or '(none)'} → {one.after or '(none)'}"
        if one.grade is Grade.DANGEROUS:
            tell.remark(f"{line} ({one.reason})", theirs=f"Confirm this change on another way: {one.subject}.")
        elif one.grade is Grade.ATTENTION:
            tell.remark(f"{line} ({one.reason})")
    if not changes:
        tell.fact("it says the same as what is in force")


def conformance(meeting: Meeting, known: Known, tell: Telling) -> None:
    """Its form, by every numbered rule. Nothing of it is believed for that."""
    url = meeting.place.address if meeting.place else None
    report = validate(known.octets, now=meeting.ways.clock(), url=url, role=Role(meeting.role))
    counted = Counter(finding.severity for finding in report.findings)
    named = {Severity.ERROR: "errors", Severity.NON_BREAKING: "non-breaking", Severity.WARNING: "warnings"}
    tell.finds(", ".join(f"{counted[severity]} {word}" for severity, word in named.items()))
    errors = [one for one in report.findings if one.severity is Severity.ERROR]
    for one in errors:
        tell.fact(f"! {one.rule} at {one.xpath}: {one.what}")
    for ask in dict.fromkeys(f"{one.rule} ({one.clause}): {one.mend}." for one in errors):
        tell.note(theirs=ask)
