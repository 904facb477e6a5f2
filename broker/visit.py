"""One journey of one browser, kept between two requests, and what its steps work with.

A `Visit` is found only with both the browser's secret (a cookie) and the journey's handle (in the page's address, and
inside the `state` that a provider sees). So two tabs work, and a stolen state is worth nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from broker.errors import Problem
from broker.european import PERSONS
from broker.identity import Person
from broker.journal import Journal
from broker.journey import Choosing, Consenting, Demand, Finished, Passage, Proving, Ready, Step
from broker.parties import Asker, Parties
from broker.ports import Answer, CountryPort, ProviderPort
from broker.session import Session
from broker.vault import Change, Drawer, Held, Vault

JOURNEYS: Drawer[Step] = Drawer("journey", Choosing, Proving, Consenting, Finished, inside=PERSONS)
SESSIONS: Drawer[Session] = Drawer("session", Session, inside=PERSONS)


class RelyingPort(Protocol):
    """One protocol of those who ask. It never sees more of a proof than its release."""

    def grant(self, change: Change, ready: Ready, sid: str) -> Answer:
        """Release, inside the running transaction. `sid` is how whoever asks may know the session."""

    def refuse(self, demand: Demand, problem: Problem) -> Passage:
        """How the citizen goes back without anything being sent."""

    def asker(self, demand: Demand) -> Asker:
        """Who asks. Raises Problem when he is not known any more."""

    def check_tellable(self, person: Person) -> None:
        """Whether this protocol can say who this person is. Raises Problem."""

    def check_wanted(self, demand: Demand, person: Person) -> None:
        """Whether this is who was asked about, where somebody was. Raises Problem USR-105."""

    def hears_of(self, demand: Demand, code: str) -> bool:
        """Whether a failure is what whoever asks is told when the citizen gives up after it."""


@dataclass(frozen=True, slots=True)
class Lives:
    """How long things last, in seconds."""

    journey: int = 1800
    session: int = 1800

    def session_end(self, session: Session, now: int) -> int:
        """A session lives on when it is used, but not past eight times its length after the authentication."""
        return min(now + self.session, session.proof.at + 8 * self.session)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the steps of a journey, and of a logout, work with.

    `relying` are the protocols of those who ask, by `Demand.relying`. `requester` names a service to countries that insist
    on it, so that only we can tell which one it is.
    """

    vault: Vault
    parties: Parties
    relying: Mapping[str, RelyingPort]
    providers: Mapping[str, ProviderPort]
    journal: Journal
    clock: Callable[[], int]
    countries: Mapping[str, CountryPort] = field(default_factory=dict)
    requester: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Visit:
    """One journey of one browser, as it stood when it was read."""

    browser: bytes
    handle: str
    held: Held[Step]

    @property
    def step(self) -> Step:
        """Where the journey stands."""
        return self.held.value

    @property
    def demand(self) -> Demand:
        """What was asked."""
        return self.held.value.demand

    @property
    def token(self) -> str:
        """The one-time token of this step's forms: it changes whenever the journey moves."""
        return self.held.place.token(b"step" + self.held.version.to_bytes(4, "big"))
