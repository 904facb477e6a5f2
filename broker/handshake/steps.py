"""What a step of a handshake tells: a verdict, what was found, and what each side can do about it."""

from dataclasses import dataclass, field
from enum import StrEnum

LONGEST = 300


class Verdict(StrEnum):
    """How a step ended. `note`: it works, and somebody should look at it."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken, or not. `found` is a sentence without its end, `facts` are lines below it, `asides` such for
    us alone.

    `ours` are sentences of what we can do, `theirs` of what the country should do. Every text is one legible line.
    """

    name: str
    title: str
    verdict: Verdict
    found: str
    facts: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()


class Wrong(Exception):
    """A step is wrong: what was found, and a plain sentence for each side ("": that of the step)."""

    def __init__(self, found: str, ours: str = "", theirs: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.ours = ours
        self.theirs = theirs


class NotTaken(Exception):
    """A step that is not for this command to take, and why."""


@dataclass(slots=True)
class Telling:
    """What a step says while it runs; what it has said stands, whatever comes of it."""

    found: str = ""
    noted: bool = False
    facts: list[str] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)

    def finds(self, sentence: str) -> None:
        """What the step found when all went well."""
        self.found = sentence

    def fact(self, line: str) -> None:
        """One more fact."""
        self.facts.append(line)

    def aside(self, line: str) -> None:
        """One more fact that is not for the country: what we configured, whom we serve."""
        self.asides.append(line)

    def remark(self, line: str, ours: str = "", theirs: str = "") -> None:
        """A fact that somebody should look at: the step ends with a note. Where they can do nothing it is for us alone."""
        (self.facts if theirs else self.asides).append(f"! {line}")
        self.note(ours, theirs)

    def note(self, ours: str = "", theirs: str = "") -> None:
        """What was found is what somebody should look at."""
        self.noted = True
        self.advise(ours, theirs)

    def advise(self, ours: str, theirs: str) -> None:
        """A sentence for each side, "" for none."""
        self.ours += [ours] if ours else []
        self.theirs += [theirs] if theirs else []

    def step(self, name: str, title: str, verdict: Verdict, found: str) -> Step:
        """The step as it ended, every text legible."""
        lines = (tuple(map(legible, one)) for one in (self.facts, self.asides, self.ours, self.theirs))
        return Step(name, title, verdict, legible(found), *lines)


def legible(text: str) -> str:
    """One line of visible characters, not too long: what a peer wrote commands no terminal and adds no line to a mail."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
