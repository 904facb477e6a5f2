"""The way through another country: the same journey, by a message that travels with the citizen's browser.

Whatever the country answers is one post from another site: the browser's secret comes with it, `RelayState` (or, where that
is lost, InResponseTo) names the journey, and each message counts once, on whatever worker it arrives.
"""

import secrets

from broker.errors import Problem
from broker.flow import Flow, check_state
from broker.journey import (
    EIDAS,
    CountryAsk,
    Demand,
    Failure,
    Finished,
    LevelTooLow,
    Passage,
    Proving,
    Step,
    WrongProvider,
)
from broker.parties import Asker
from broker.ports import CountryPort, DuplicateRow, Vouched
from broker.vault import Drawer
from broker.visit import JOURNEYS, Parts, Visit

SEEN: Drawer[str] = Drawer("message", str)
"""IDs of messages of other countries that were accepted: whoever sends one again is refused, by every worker."""


class Abroad:
    """Every step through another country."""

    def __init__(self, parts: Parts, flow: Flow) -> None:
        self._parts = parts
        self._flow = flow

    def choose(self, visit: Visit, code: str) -> None:
        """Get ready to send the citizen to another country. Raises Problem EID-302, EID-304 when that is not on offer."""
        if isinstance(visit.step, Finished):
            raise Problem("USR-103", "the journey is finished")
        demand, asker = visit.demand, self._flow.asker(visit.demand)
        check_no_chain(demand)
        check_europe_offered(asker)
        port = self._country(code)
        state = f"{visit.handle}.{secrets.token_urlsafe(16)}"
        requester = self._parts.requester(demand.service)
        ask = CountryAsk(demand.level, state, demand.claims, asker.public, requester)
        pending = port.depart(ask)
        self._flow.move(visit, visit.step.reconsider().choose(code, state, pending))
        self._parts.journal.record(
            "country.asked", demand.reference, country=code, message=f"_{state}", metadata=port.metadata
        )

    def passage(self, visit: Visit) -> tuple[str, Passage] | None:
        """The code of the country that the citizen is on his way to, and the way; None when he is at another step."""
        step = visit.step
        if not isinstance(step, Proving) or step.provider not in self._parts.countries:
            return None
        return step.provider, self._parts.countries[step.provider].passage(step.state, step.pending)

    def arrive(self, browser: bytes | None, state: str, response: str) -> tuple[str, Step]:
        """The citizen comes back from a country; returns the journey's handle, and the step where it stands now.

        Whatever the country did wrong brings the citizen back to the countries with a sentence. Raises Problem USR-102 or
        USR-103 when the answer belongs to no journey of this browser that waits for it.
        """
        visit = self._flow.visit(browser, state.partition(".")[0])
        if not isinstance(visit.step, Proving):
            return visit.handle, visit.step
        check_state(visit.step, visit.step.provider, state)
        port = self._country(visit.step.provider)
        return visit.handle, self._hear(visit, visit.step, port, response)

    def _hear(self, visit: Visit, proving: Proving, port: CountryPort, response: str) -> Step:
        reference, country = visit.demand.reference, proving.provider
        try:
            vouched = port.hear(response, proving.pending)
            step: Step = proving.prove(vouched.proof)
            self._flow.check_wanted(visit.demand, vouched.proof)
            self._move_once(visit, step, vouched)
        except (Problem, LevelTooLow, WrongProvider, DuplicateRow) as wrong:
            return self._turned_back(visit, proving, port, wrong)
        for deviation in vouched.deviations:
            self._parts.journal.record("country.deviated", reference, country=country, deviation=deviation)
        facts = {
            "level": vouched.proof.level.acr,
            "message": vouched.ids[0],
            "digest": vouched.digest,
            "metadata": vouched.metadata,
        }
        self._parts.journal.record("country.vouched", reference, country=country, **facts)
        return step

    def _turned_back(
        self, visit: Visit, proving: Proving, port: CountryPort, wrong: Problem | LevelTooLow | WrongProvider | DuplicateRow
    ) -> Step:
        if isinstance(wrong, Problem) and not wrong.code.startswith(("EID-", "USR-105")):
            return self._flow.visit(visit.browser, visit.handle).step  # the same answer came twice: the other one moved it
        failure = _failure(wrong, proving.provider, port.contact)
        detail = wrong.detail if isinstance(wrong, Problem) else str(wrong)
        record = self._parts.journal.record
        record("country.failed", visit.demand.reference, country=proving.provider, code=failure.code, detail=detail)
        step = proving.fail(failure)
        try:
            self._flow.move(visit, step)
        except Problem:  # another answer was first, and may have been the right one
            return self._flow.visit(visit.browser, visit.handle).step
        return step

    def _move_once(self, visit: Visit, step: Step, vouched: Vouched) -> None:
        """Move the journey by a message that moves no other, on whatever worker: SAML Profiles 4.1.4.5."""
        with self._parts.vault.change() as change:
            for message in vouched.ids:
                change.put(SEEN, f"{vouched.proof.provider} {message}".encode(), "", vouched.until)
            if not change.swap(JOURNEYS, visit.held, step, visit.held.expires):
                raise Problem("USR-103", "another request moved this journey")

    def _country(self, code: str) -> CountryPort:
        try:
            return self._parts.countries[code]
        except KeyError:
            raise Problem("EID-302", "no such country") from None


def check_no_chain(demand: Demand) -> None:
    """(EU) 2015/1501: a node vouches for its own country's identities alone; nobody goes through ours to a third."""
    if demand.relying == EIDAS:
        raise Problem("SRV-409", "a Connector's request can be answered by French providers alone")


def check_europe_offered(asker: Asker) -> None:
    """Whether citizens of other countries may log in is the service's to say, page or no page."""
    if not asker.europe:
        raise Problem("EID-302", "the service does not take citizens of other countries")


def _failure(wrong: Problem | LevelTooLow | WrongProvider | DuplicateRow, code: str, contact: str) -> Failure:
    words = {"country": code, "contact": contact}
    match wrong:
        case Problem():
            return Failure(wrong.code, {**wrong.words, **words})
        case LevelTooLow():
            return Failure("EID-304", {"level_got": wrong.got.word, "level_asked": wrong.needed.word, **words})
        case _:
            return Failure("EID-303", words)
