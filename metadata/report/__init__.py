"""The report for a regulator: what the ledger says of a span of days, as data that another program can make again.

`facts` is the whole of it; the tables for spreadsheets and the page for people are made of it. It takes no clock: the same
ledger and span give the same octets, so whoever has the lines and documents can compare.

`basis` is what it stands on, `chapters` and `changes` what it says, `tables` its two tables, `archive` the file that it
travels in, `manifest` what is signed, and `verify` reads it all again.
"""

from collections import Counter
from dataclasses import asdict
from typing import Any

from eidas.times import written
from metadata.report.basis import SCHEMA, Basis
from metadata.report.changes import changes
from metadata.report.chapters import (
    conformance,
    decided_in,
    endings,
    heads,
    incidents,
    keys_in,
    missing,
    trust,
    weak,
)


def facts(basis: Basis) -> dict[str, Any]:
    """Everything that the report says: texts, numbers, lists and mappings, moments in UTC. It is report.json."""
    span, (compared, renewed) = basis.span, changes(basis)
    told: dict[str, Any] = {
        "trusted_first": trust(basis, span.since),
        "trusted_last": trust(basis, span.until),
        "decisions": decided_in(basis),
        "keys": keys_in(basis),
        "changes": compared,
        "weak": weak(basis),
        "endings": endings(basis),
        "incidents": incidents(basis, compared),
        "conformance": conformance(basis),
    }
    rows = {name: [asdict(one) for one in found] for name, found in told.items()}
    about = {
        "schema": SCHEMA,
        "origin": basis.origin,
        "program": basis.program,
        "signed": basis.signed,
        "from": span.first_day,
        "to": span.last_day,
        "since": written(span.since),
        "until": written(span.until),
    }
    return {
        **about,
        "summary": _summary(rows),
        **rows,
        "renewals": dict(renewed),
        "heads": asdict(heads(basis)),
        "missing": list(missing(basis)),
    }


def _summary(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    graded = Counter(one["grade"] for one in rows["changes"])
    return {
        "trusted_first": len(rows["trusted_first"]),
        "trusted_last": len(rows["trusted_last"]),
        "decisions": len(rows["decisions"]),
        "decisions_of_one_person": sum(one["alone"] for one in rows["decisions"]),
        "decisions_short_of_a_person": sum(one["short"] for one in rows["decisions"]),
        "keys": len(rows["keys"]),
        "changes": dict(sorted(graded.items())),
        "weak": len(rows["weak"]),
        "ended": sum(one["severity"] == "over" for one in rows["endings"]),
        "incidents": len(rows["incidents"]),
        "errors_of_ours": sum(found["severity"] == "error" for one in rows["conformance"] for found in one["findings"]),
    }
