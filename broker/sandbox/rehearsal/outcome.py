"""What came of a rehearsal: a line for each scenario, and a report for whoever must believe it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["pass", "fail", "warn", "skip"]
MARKS: Mapping[Verdict, str] = {"pass": "✔", "fail": "✘", "warn": "!", "skip": "–"}
_WORDS: Mapping[Verdict, str] = {"pass": "passed", "fail": "failed", "warn": "with a warning", "skip": "not played"}
_TITLE = 36
PAGE = "docs/fs/test.md"


class Failed(Exception):
    """The service does not do what it must: what was seen, and how it is mended."""

    def __init__(self, said: str, fix: str = "") -> None:
        super().__init__(said)
        self.said = said
        self.fix = fix


class NotPlayed(Exception):
    """The scenario says nothing of this service, and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario. `name` is its anchor in the documentation; `fix` is "" where nothing is to be mended."""

    number: int
    name: str
    title: str
    verdict: Verdict
    said: str
    fix: str = ""

    def lines(self) -> Iterator[str]:
        """As the terminal shows it."""
        yield f" {MARKS[self.verdict]} {self.number:02} {self.title:<{_TITLE}} {_visible(self.said)}"
        if self.fix:
            yield f"        fix: {self.fix}     docs: {PAGE}#{self.name}"


@dataclass(frozen=True, slots=True)
class About:
    """What was tried: the service, its callback, the issuer that it was given, when (Unix seconds), for how long."""

    service: str
    callback: str
    issuer: str
    at: int
    seconds: float
    version: str


def summary(outcomes: Iterable[Outcome]) -> str:
    """The last line: how many of each."""
    counts = Counter(one.verdict for one in outcomes)
    return " · ".join(f"{counts[verdict]} {words}" for verdict, words in _WORDS.items() if counts[verdict])


def report(about: About, outcomes: Iterable[Outcome]) -> Mapping[str, Any]:
    """The whole as JSON takes it."""
    played = list(outcomes)
    counts = Counter(one.verdict for one in played)
    return {
        **asdict(about),
        "counts": {verdict: counts[verdict] for verdict in MARKS},
        "scenarios": [asdict(one) for one in played],
    }


def _visible(text: str) -> str:
    """What a service answered must not command the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
