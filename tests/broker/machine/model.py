"""What must happen, told once more and much more simply than the product does: who agreed to what, and what still counts.

Nothing here is read from the product: cookies are compared as texts, times as numbers, and every right is written down at
the moment when a citizen gives it.
"""

from dataclasses import dataclass, field
from enum import Enum

from tests.broker.machine.parties import LEVELS, MINIMUM, PRIVATE

JOURNEY, SESSION, LEAVING, REFUSAL, CODE, TOKEN = 1800, 1800, 1800, 300, 30, 60
"""Seconds that each lives."""


class Stage(Enum):
    """Where a journey stands."""

    CHOOSING = "choosing"
    PROVING = "proving"
    CONSENTING = "consenting"
    FINISHED = "finished"


@dataclass(eq=False)
class Proof:
    """One authentication of one citizen. Two of them are never the same."""

    citizen: int
    level: int
    provider: str
    at: int


@dataclass
class Departure:
    """One citizen sent to one provider."""

    provider: str
    location: str
    state: str
    level: int


@dataclass
class Answer:
    """A provider's answer, wherever a browser may carry it. `sound` is whether nothing at all is wrong with it."""

    departure: Departure
    query: str
    proof: Proof
    sound: bool


@dataclass
class Form:
    """The form of a page that somebody saw: the step token of one step of one journey."""

    tab: "Tab"
    version: int
    fields: dict[str, str]


@dataclass(eq=False)
class Tab:
    """One journey. `secret` is the cookie of the browser that began it; `agreed` and `confirmed` are its word."""

    secret: str
    service: str
    asked: dict[str, str]
    verifier: str | None
    level: int
    began: int
    handle: str = ""
    stage: Stage = Stage.CHOOSING
    version: int = 0
    departure: Departure | None = None
    proof: Proof | None = None
    reused: bool = False
    confirmed: bool = False
    agreed: bool = False
    code: "Code | None" = None
    until: int = 0
    forms: list[Form] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether nothing may be sent before the citizen has agreed."""
        return self.service in PRIVATE and self.asked["scope"] != "openid"

    def open_for(self, secret: str, now: int) -> bool:
        """Whether a browser with this cookie finds the journey."""
        return secret == self.secret and now < self.began + JOURNEY

    def move(self, stage: Stage, **facts: object) -> None:
        """The journey goes on, and the forms of before are worth nothing."""
        self.stage, self.version = stage, self.version + 1
        self.departure = self.proof = None
        self.reused = False
        for name, value in facts.items():
            setattr(self, name, value)


@dataclass(eq=False)
class Session:
    """Who is logged in under one session cookie."""

    proof: Proof
    until: int
    codes: list["Code"]


@dataclass(eq=False)
class Code:
    """A code, and what it gave. `ended`: its grant was closed, by a replay, a revocation or a logout."""

    text: str
    tab: Tab
    proof: Proof
    at: int
    taken: bool = False
    ended: bool = False

    def stands(self, now: int) -> bool:
        """Whether anything of this login may count still."""
        return not self.ended and now < self.at + CODE + TOKEN


@dataclass(eq=False)
class Token:
    """An access token with the ID token beside it."""

    text: str
    id_token: str
    code: Code
    at: int

    def counts(self, now: int) -> bool:
        """Whether it opens the userinfo."""
        return self.code.stands(now) and now < self.at + TOKEN


@dataclass(eq=False)
class Exit:
    """A logout that waits: for the citizen's word (`step`), or for him to come back from a provider (no `step`)."""

    secret: str
    handle: str
    step: str
    after: str
    until: int


def level_of(service: str, acr: str | None) -> int:
    """The level that a request demands."""
    return max(MINIMUM[service], int(acr[-1])) if acr else MINIMUM[service]


def asked_at(provider: str, level: int) -> int | None:
    """The level that a provider is asked for; None where it cannot reach what is needed."""
    return min((one for one in LEVELS[provider] if one >= level), default=None)


def may_serve(session: Session | None, tab: Tab, now: int) -> bool:
    """Whether a running session may answer a demand."""
    if session is None or now >= session.until or "login" in tab.asked.get("prompt", ""):
        return False
    age = tab.asked.get("max_age")
    young = age is None or (age != "0" and now - session.proof.at <= int(age))
    return young and tab.level <= session.proof.level < 3 and tab.level < 3
