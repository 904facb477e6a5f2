"""The certificates that vouch for a country, since when, and who stands on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from metadata.ledger import Entry
from metadata.ledger.kinds import ANCHOR, IN_FORCE
from metadata.review import Histories, histories, unbroken
from metadata.review.documents import until_of


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate that vouches for a country `since` a moment, until its own date (Unix seconds).

    `sha256` is that of its DER, `source` who named it: configuration or list. `nodes` are those whose document in force it
    brought ("EL/proxy").
    """

    country: str
    sha256: str
    source: str
    since: int
    valid_until: int
    nodes: tuple[str, ...]


def anchors(entries: Iterable[Entry], at: int | None = None) -> tuple[Pinned, ...]:
    """The anchors of a moment, by country and digest."""
    told = histories(entries, at)
    return tuple(_pinned(subject, told) for subject in sorted(_subjects(told)))


def _subjects(told: Histories) -> list[str]:
    return [subject for kind, subject in told if kind == ANCHOR and told[kind, subject][-1].after]


def _pinned(subject: str, told: Histories) -> Pinned:
    events = told[ANCHOR, subject]
    country, _, digest = subject.partition("/")
    forces = {node: known[-1].facts for (kind, node), known in told.items() if kind == IN_FORCE}
    nodes = sorted(node for node in forces if node.startswith(f"{country}/") and forces[node].get("anchor") == digest)
    since = unbroken(events)[0].time
    return Pinned(country, digest, events[-1].facts["from"], since, until_of(events[-1]), tuple(nodes))
