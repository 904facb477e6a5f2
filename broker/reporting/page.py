"""report.html: chapters of sentences and tables, made of the report's facts. The template escapes what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell that the reader must not pass over."""

    text: str


Cell = str | int | Mark


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, its columns, and rows whose first cell names them. `none` is said when there is none."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    none: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: sentences, then tables."""

    title: str
    notes: Sequence[str]
    tables: Sequence[Table]


def html(facts: Facts) -> bytes:
    """The page, in UTF-8: self-contained, without a script."""
    made = [make(facts) for make in _CHAPTERS]
    return (_template().render(facts=facts, chapters=made) + "\n").encode()


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("broker.reporting"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["mark"] = lambda cell: isinstance(cell, Mark)
    return environment.get_template("report.html")


# -- the chapters -----------------------------------------------------------------------------------------------------


def _summary(facts: Facts) -> Chapter:
    told = facts["summary"]
    graded = ", ".join(f"{count} {grade}" for grade, count in told["changes"].items())
    alone, short = told["decisions_of_one_person"], told["decisions_short_of_a_person"]
    rows: list[tuple[Cell, ...]] = [
        ("Nodes trusted at the beginning", told["trusted_first"]),
        ("Nodes trusted at the end", told["trusted_last"]),
        ("Decisions", told["decisions"]),
        ("Decisions by one person", _marked(alone)),
        ("Approvals by one person where two were needed", _marked(short)),
        ("States of our own keys", told["keys"]),
        ("Versions of peers' metadata with changes, by the gravest", graded or "none"),
        ("Weak or refused algorithms and keys at the end", _marked(told["weak"])),
        ("What had ended by the end and was still there", _marked(told["ended"])),
        ("Incidents", _marked(told["incidents"])),
        ("Errors in our own metadata", _marked(told["errors_of_ours"])),
        ("Documents and keys that the ledger has lost", _marked(len(facts["missing"]))),
    ]
    notes = [
        "It is made of an append-only ledger, whose entries are in this report: README.txt says how to verify them.",
        _begun(facts),
    ]
    return Chapter("Summary", notes, [Table("The span in numbers", ("What", "How many"), rows, "")])


def _begun(facts: Facts) -> str:
    begun = facts["heads"]["begun"]
    if not begun:
        return "The ledger has no entry up to the end of this span: of this time it says nothing."
    if begun > facts["since"]:
        return f"The ledger begins at {begun}, within this span: of what was before it says nothing."
    return f"The ledger begins at {begun}, before this span."


def _marked(count: int) -> Cell:
    return Mark(str(count)) if count else 0


def _trust(facts: Facts) -> Chapter:
    first = _trusted(f"Trusted on the first day, {facts['since']}", facts["trusted_first"])
    last = _trusted(f"Trusted on the last day, {facts['until']}", facts["trusted_last"])
    return Chapter("Trusted on the first and on the last day", (), [first, last])


def _trusted(caption: str, rows: Sequence[Facts]) -> Table:
    columns = ("Node", "Entity", "Since", "Version", "Why, and by whom", "Document", "Anchor", "Valid until", "State")
    return Table(caption, columns, [_node(one) for one in rows], "No node was trusted.")


def _node(one: Facts) -> tuple[Cell, ...]:
    remarks = "; ".join(one["remarks"])
    state = one["state"] + (f": {remarks}" if remarks else "")
    return (
        f"{one['country']}/{one['role']}",
        one["entity_id"],
        one["since"],
        f"{one['version']}, since {one['version_since']}",
        f"{one['ground']}: {_words(one)}" if one["people"] else one["ground"],
        one["document"],
        one["anchor"] or "none",
        one["valid_until"],
        Mark(state) if remarks or one["state"] != "in use" else state,
    )


def _words(one: Facts) -> str:
    return "; ".join(f"{who} ({how})" for who, how in zip(one["people"], one["words"], strict=True))


def _decisions(facts: Facts) -> Chapter:
    columns = ("Entry", "Time", "What of", "Verdict", "By whom, and verified how", "People", "Mode in force", "Document")
    rows = [_decision(one) for one in facts["decisions"]]
    note = "A decision by one person is marked, also where the configuration of that moment asked for no second one."
    return Chapter("Decisions", (note,), [Table("Each decision", columns, rows, "Nobody decided anything.")])


def _decision(one: Facts) -> tuple[Cell, ...]:
    needed = "two people needed" if one["needed"] == 2 else "one person suffices"
    mode = f"{needed}; {one['mode'] or 'no configuration known'}"
    return (
        one["seq"],
        one["time"],
        one["subject"],
        one["verdict"],
        _words(one),
        _people(one),
        mode,
        one["document"] or "none",
    )


def _people(one: Facts) -> Cell:
    if one["short"]:
        return Mark("ONE PERSON, though two were needed")
    if one["alone"]:
        return Mark("ONE PERSON")
    return "two people" if len(one["people"]) > 1 else "the first of two"


def _keys(facts: Facts) -> Chapter:
    columns = ("Use", "State", "From", "To", "Algorithm", "Public key", "Certificate")
    rows = [
        (
            one["use"],
            one["state"],
            one["since"],
            one["until"] or "still so",
            one["algorithm"],
            one["public_key"],
            one["certificate"] or "none",
        )
        for one in facts["keys"]
    ]
    note = "Only an active key signs; a published one is known to others and waits; a retiring one verifies what is left."
    table = Table("Each state of each key in the span", columns, rows, "The ledger knew of no key of ours.")
    return Chapter("Our keys and their use", (note, "Digests are SHA-256; the files are in keys/."), [table])


def _changes(facts: Facts) -> Chapter:
    rows = [row for version in facts["changes"] for row in _version(version)]
    columns = ("Node and version", "Time", "Grade", "What", "Before", "After", "Why this grade")
    renewed = [(node, count) for node, count in facts["renewals"].items()]
    return Chapter(
        "Changes in peers",
        ("Each version that came into force is compared with the one before it, by meaning.",),
        [
            Table("Each change, graded", columns, rows, "No node said anything else than before."),
            Table("Signed anew without any other change", ("Node", "How often"), renewed, "None."),
        ],
    )


def _version(one: Facts) -> list[tuple[Cell, ...]]:
    name, time = f"{one['node']} version {one['version']}", one["time"]
    if not one["before"]:
        return [(name, time, one["grade"], "the first version", "none", one["document"], f"in force by: {one['ground']}")]
    if one["unreadable"]:
        return [(name, time, Mark("not compared"), "the document", one["before"], one["document"], one["unreadable"])]
    if not one["changes"]:
        return [(name, time, one["grade"], "nothing", one["before"], one["document"], "it is another document")]
    return [(name, time, *_change(change)) for change in one["changes"]]


def _change(one: Facts) -> tuple[Cell, ...]:
    grade = Mark(one["grade"]) if one["grade"] in ("attention", "dangerous") else one["grade"]
    digests = "".join(f" ({digest})" for digest in one["digests"])
    what = f"{one['role']} {one['subject']}".strip()
    return grade, what, one["before"] or "none", (one["after"] or "none") + digests, one["reason"]


def _weak(facts: Facts) -> Chapter:
    weak = [
        (one["node"], one["about"], one["value"], Mark(one["strength"]), one["certificate"] or "none")
        for one in facts["weak"]
    ]
    ended = [
        (one["subject"], one["kind"], one["what"], one["time"], _left(one), one["digest"] or "none")
        for one in facts["endings"]
    ]
    return Chapter(
        "Weak or expired",
        (f"As it was at {facts['until']}. Strength is that of Cryptographic Requirements 1.4.",),
        [
            Table("Weak, or refused", ("Node", "What", "Value", "Strength", "Certificate"), weak, "Nothing was weak."),
            Table(
                "Ended, or ending within 90 days",
                ("Of whom", "What", "Which", "End", "Left", "SHA-256"),
                ended,
                "Nothing had ended, and nothing was about to.",
            ),
        ],
    )


def _left(one: Facts) -> Cell:
    days = one["days_left"]
    if days < 0:
        return Mark(f"ended {-days} days ago")
    return Mark("ended") if one["severity"] == "over" else f"{days} days, {one['severity']}"


def _incidents(facts: Facts) -> Chapter:
    rows = [(one["subject"], one["time"], Mark(one["kind"]), one["what"]) for one in facts["incidents"]]
    table = Table("Each incident", ("Of whom", "Time", "Kind", "What"), rows, "There was none.")
    note = (
        "Refused metadata, suspensions, rejected documents, keys that no version before had shown, a clock that went back."
    )
    return Chapter("Incidents", (note,), [table])


def _conformance(facts: Facts) -> Chapter:
    documents = [
        (f"{one['role']} {one['document']}", one["entity_id"], one["since"], one["until"] or "still so", _verdict(one))
        for one in facts["conformance"]
    ]
    findings = [
        (one["role"], one["since"], Mark(found["severity"]), found["rule"], found["clause"], found["what"], found["mend"])
        for one in facts["conformance"]
        for found in one["findings"]
    ]
    columns = ("Role", "Published", "Severity", "Rule", "Clause", "What", "How to mend it")
    return Chapter(
        "Conformance of our own metadata",
        ("Each document is judged as of the moment at which it was published.",),
        [
            Table(
                "What we published", ("Document", "Entity", "From", "To", "Findings"), documents, "We published nothing."
            ),
            Table("What is wrong with it", columns, findings, "Nothing."),
        ],
    )


def _verdict(one: Facts) -> Cell:
    return Mark(one["unreadable"]) if one["unreadable"] else len(one["findings"])


def _heads(facts: Facts) -> Chapter:
    heads = facts["heads"]
    rows = [(one["size"], one["time"], one["root"]) for one in heads["checkpoints"]]
    notes = [
        f"Up to the end of the span the ledger {facts['origin']} has {heads['entries']} entries; the root of their tree is "
        f"{heads['root']} (base64).",
        f"The checkpoint in this report is over {heads['covered']} of them."
        if heads["covered"]
        else "No checkpoint is over them: take one with passerelle audit checkpoint.",
        *(f"The ledger has lost, or has altered, the file {digest}." for digest in facts["missing"]),
    ]
    table = Table("Checkpoints", ("Entries", "Signed", "Root (base64)"), rows, "None was signed.")
    return Chapter("Heads of the ledger", notes, [table])


_CHAPTERS: tuple[Callable[[Facts], Chapter], ...] = (
    _summary,
    _trust,
    _decisions,
    _keys,
    _changes,
    _weak,
    _incidents,
    _conformance,
    _heads,
)
