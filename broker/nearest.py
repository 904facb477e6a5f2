"""A value that was sent, beside the registered one that looks most like it, and where the two part.

For developers in the sandbox alone: who may send anything must not learn from our answers what others have registered.
"""

import difflib
from collections.abc import Collection
from dataclasses import dataclass

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was received in a parameter and the nearest registered value ("" for none), with the first place where they
    differ (from 0) and the difference in words.
    """

    parameter: str
    received: str
    registered: str
    place: int
    difference: str


def nearest(received: str, registered: Collection[str]) -> str:
    """The registered value that looks most like the one received; "" when none is registered."""
    likeness = difflib.SequenceMatcher(b=received[:_LONGEST], autojunk=False)

    def ratio(value: str) -> float:
        likeness.set_seq1(value)
        return likeness.ratio()

    return max(registered, key=ratio, default="")


def compare(parameter: str, received: str, registered: Collection[str]) -> Comparison:
    """The comparison with the nearest one. What was received is cut after 300 characters."""
    seen = _visible(received[:_LONGEST])
    near = nearest(seen, registered)
    place = next((at for at, (one, other) in enumerate(zip(seen, near, strict=False)) if one != other), -1)
    return Comparison(parameter, seen, near, min(len(seen), len(near)) if place < 0 else place, _difference(seen, near))


def _difference(received: str, registered: str) -> str:
    if not registered:
        return "none is registered"
    if not received:
        return "nothing was sent"
    if received == registered:
        return "the same, but it stands at another client or place"
    matcher = difflib.SequenceMatcher(a=registered, b=received, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if len(changes) > 1:
        return "differs from here on"
    (_, begin, end, first, last) = changes[0]
    missing, more = registered[begin:end], received[first:last]
    if not missing:
        return f'{_count(more)} more: "{more}"'
    if not more:
        return f'{_count(missing)} missing: "{missing}"'
    return f'"{more}" in the place of "{missing}"'


def _count(text: str) -> str:
    return "one character" if len(text) == 1 else f"{len(text)} characters"


def lines(comparison: Comparison) -> tuple[str, ...]:
    """The comparison as text: both values under each other, and a mark where they part."""
    mark = f"{'':12}{'':{comparison.place}}^ {comparison.difference}"
    return (f"received    {comparison.received}", f"registered  {comparison.registered or '(none)'}", mark)


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
