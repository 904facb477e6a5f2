"""What somebody who doubts should look at, of each node that is trusted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from metadata.ledger import Entry
from metadata.ledger.kinds import ANCHOR
from metadata.review import Histories, histories
from metadata.review.documents import until_of
from metadata.review.endings import Confirmation, confirmations
from metadata.review.nodes import State, TrustedNode
from metadata.review.people import Decision, decided
from metadata.review.timeline import NEWS

_DAY = 86_400


def remarks(entries: Iterable[Entry], at: int, nodes: Sequence[TrustedNode]) -> Mapping[str, tuple[str, ...]]:
    """Sentences without their ends, by the node ("EL/proxy"); none where there is nothing to say."""
    every = list(entries)
    told, asked = histories(every, at), {one.country: one for one in confirmations(every, at)}
    return {node.subject: tuple(_remarks(node, told, asked.get(node.country), at)) for node in nodes}


def _remarks(node: TrustedNode, told: Histories, asked: Confirmation | None, at: int) -> Iterator[str]:
    if node.state is State.SUSPENDED:
        yield _suspended(decided([event for events in told.values() for event in events if event.subject == node.country]))
    if node.valid_until <= at:
        yield f"its metadata expired {_days(at - node.valid_until)} ago"
    if node.unreadable:
        yield node.unreadable
    yield from _anchor(node, told, at)
    if node.decision and node.decision.needed > 1 and not node.decision.by_two:
        yield "two people were needed, and one decided"
    if node.waits:
        yield f"another document waits for a decision for {_days(at - node.waits.since)}: {NEWS[node.waits.news]}"
    if asked and asked.due <= at:
        yield f"not confirmed with the country for {_days(at - asked.asked)}"


def _suspended(spoken: Sequence[Decision]) -> str:
    last = next(one for one in sorted(spoken, key=lambda one: -one.seq) if one.verdict == "suspended")
    return f"suspended by {last.people[0]}: {last.words[0]}"


def _anchor(node: TrustedNode, told: Histories, at: int) -> Iterator[str]:
    """An anchor that the configuration has no more vouches for nobody: what it brought should not be in force."""
    if not node.anchor:
        return
    events = told.get((ANCHOR, f"{node.country}/{node.anchor}"), ())
    if not events or not events[-1].after:
        yield "its anchor is not pinned"
    elif until_of(events[-1]) <= at:
        yield f"its anchor expired {_days(at - until_of(events[-1]))} ago"


def _days(seconds: int) -> str:
    count = seconds // _DAY
    return f"{count} day" if count == 1 else f"{count} days"
