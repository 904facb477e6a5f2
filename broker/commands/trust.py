"""Who is trusted, since when, why and until when: the ledger, read for a person whose job is to doubt."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broker.commands.deciding import approve, reject
from broker.commands.moments import Reading, at_option, day, read, short, tell, written
from broker.commands.tools import as_format, fail, in_folder, show, show_one
from broker.commands.trust_events import anchors, expiring, log, pending, rows_of, tell_events

if TYPE_CHECKING:
    from metadata.diff.keys import Key
    from metadata.review.nodes import TrustedNode

_DAY = 86_400


@click.group()
def trust() -> None:
    """Which countries' nodes are trusted, and why: today, or on any day that the ledger knows.

    Each reading takes --at: what comes back is what the ledger said at that moment. Every entry is recomputed first.
    """


@trust.command("list")
@click.option("--weak", is_flag=True, help="Only what Cryptographic Requirements 1.4 calls weak, a line each.")
@at_option
@in_folder
@as_format
def list_(weak: bool, at: int | None, folder: Path, form: str) -> None:
    """The nodes that are trusted: since when, by which anchor, until when, and what to look at.

    \b
    Examples:
      passerelle trust list --at 2026-06-30
      passerelle trust list --weak --format csv
    """
    from metadata.review.nodes import trusted
    from metadata.review.remarks import remarks

    reading = read(folder, at)
    nodes = trusted(reading.entries, reading.at, reading.blob)
    if weak:
        tell(reading, "WEAK ON", _weak(nodes, reading), form, "weak")
        return
    said = remarks(reading.entries, reading.at, nodes)
    if form != "table":
        show([_whole(node, said[node.subject]) for node in nodes], form)
        return
    rows = [_row(node, said[node.subject], reading.at) for node in nodes]
    tell(reading, "TRUST ON", rows, form, "warning", sum(map(len, said.values())))


def _row(node: "TrustedNode", said: tuple[str, ...], at: int) -> dict[str, Any]:
    left = (node.valid_until - at) // _DAY
    return {
        "cc": node.country,
        "role": node.role,
        "entity": node.entity_id,
        "since": day(node.since),
        "anchor": f"{short(node.anchor)} {node.ground}".strip(),
        "meta": f"v{node.version}",
        "valid": f"{left} d",
        "state": "; ".join(f"! {one}" for one in said) or "ok",
    }


def _whole(node: "TrustedNode", said: tuple[str, ...]) -> dict[str, Any]:
    decision = node.decision
    return {
        "country": node.country,
        "role": node.role,
        "entity_id": node.entity_id,
        "state": str(node.state),
        "since": written(node.since),
        "document": node.document,
        "version": node.version,
        "version_since": written(node.version_since),
        "ground": node.ground,
        "anchor": node.anchor,
        "valid_until": written(node.valid_until),
        "approved_by": list(decision.people) if decision else [],
        "approved_at": written(decision.time) if decision else "",
        "words": list(decision.words) if decision else [],
        "signing_keys": [_key(key) for key in node.signing],
        "waits": node.waits.document if node.waits else "",
        "waits_since": written(node.waits.since) if node.waits else "",
        "remarks": list(said),
    }


def _key(key: "Key") -> str:
    return f"{key.kind} {key.certificate or key.sha256}"


def _weak(nodes: "list[TrustedNode]", reading: Reading) -> list[dict[str, Any]]:
    from metadata.review.algorithms import matrix_row

    rows = (matrix_row(node, reading.blob) for node in nodes)
    return [
        {
            "cc": row.node.country,
            "role": row.node.role,
            "what": what,
            "value": cell.value,
            "grade": str(cell.strength),
            "certificate": certificate,
        }
        for row in rows
        for what, certificate, cell in row.weak
    ]


# -- one of them ------------------------------------------------------------------------------------------------------


@trust.command("show")
@click.argument("whom", metavar="ENTITY|CC|CC/ROLE")
@at_option
@in_folder
@as_format
def show_(whom: str, at: int | None, folder: Path, form: str) -> None:
    """Why a node or a country is trusted: what is in force, and every event that led there.

    ENTITY is an entity ID, CC a country such as EL, CC/ROLE a node such as EL/proxy. As CSV it is the events.

    Example: passerelle trust show EL/proxy --at 2026-06-30
    """
    from metadata.review.nodes import trusted
    from metadata.review.remarks import remarks
    from metadata.review.timeline import subjects_of, timeline

    reading = read(folder, at)
    events = timeline(reading.entries, whom, reading.at)
    if not events:
        fail(f"the ledger knows nothing of {whom} at {reading.stamp}: passerelle trust list")
    subjects = subjects_of(reading.entries, whom)
    nodes = [
        one
        for one in trusted(reading.entries, reading.at, reading.blob)
        if one.subject in subjects or one.country in subjects
    ]
    said = remarks(reading.entries, reading.at, nodes)
    facts = [_whole(node, said[node.subject]) for node in nodes]
    if form == "json":
        click.echo(json.dumps({"nodes": facts, "events": rows_of(events)}, ensure_ascii=False, indent=2))
    elif form == "csv":
        show(rows_of(events), form)
    else:
        for one in facts:
            show_one({**one, "signing_keys": "", "remarks": ""} | _listed(one), form)
            click.echo()
        if not facts:
            click.echo(f"not trusted on {reading.stamp}")
        tell_events(rows_of(events), ("seq", "time", "subject", "what happened"))
        click.echo(reading.verified)


def _listed(facts: dict[str, Any]) -> dict[str, str]:
    return {name: "; ".join(facts[name]) for name in ("approved_by", "words", "signing_keys", "remarks")}


for one in (pending, expiring, log, anchors, approve, reject):
    trust.add_command(one)
