"""The steps of a journey: each function does one, all of it or nothing.

Steps advance by compare-and-swap: of two clicks one wins, and the other finds where the journey stands.
"""

import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from broker import agreements
from broker.errors import Problem
from broker.journey import (
    OIDC,
    Choosing,
    Consenting,
    Demand,
    Failure,
    Finished,
    LevelTooLow,
    Passage,
    Proof,
    Proving,
    Ready,
    Step,
    WrongProvider,
)
from broker.parties import Asker, Provider
from broker.ports import Answer
from broker.session import Given, NotReusable, Session, check_reusable, session_after
from broker.vault import Change, Held
from broker.visit import JOURNEYS, SESSIONS, Lives, Parts, RelyingPort, Visit
from oidc.messages import Params

_TRIES = 4  # two tabs that finish in the same instant meet once or twice
_More = tuple[Collection[str], Collection[str]]  # the optional claims, and the scopes of data providers
_REFUSAL_LIFE = 300  # seconds for which a citizen who goes back without anything may repeat his click


@dataclass(frozen=True, slots=True)
class Finish:
    """How the citizen goes on, and the session secret to set when he has just authenticated."""

    passage: Passage
    session_secret: bytes | None = None


class Repeated(Exception):
    """Somebody else moved this journey in the meantime."""


class Flow:
    """Every step of a journey."""

    def __init__(self, parts: Parts, lives: Lives) -> None:
        self._parts = parts
        self._lives = lives

    # -- begin and find -----------------------------------------------------------------------------------------------

    def begin(self, demand: Demand, browser: bytes, once: Callable[[Change], None] | None = None) -> str:
        """Keep a new journey; returns its handle. `once` writes in the same transaction what may happen only once."""
        handle = secrets.token_urlsafe(16)
        secret, until = _secret(browser, handle), self._parts.clock() + self._lives.journey
        if once is None:
            self._parts.vault.put(JOURNEYS, secret, Choosing(demand), until)
        else:
            with self._parts.vault.change() as change:
                change.put(JOURNEYS, secret, Choosing(demand), until)
                once(change)
        self._parts.journal.record("demand.received", demand.reference, **_who(demand), level=demand.level.acr)
        return handle

    def visit(self, browser: bytes | None, handle: str) -> Visit:
        """The journey of this browser under this handle. Raises Problem USR-102 when there is none."""
        if not browser or not handle:
            raise Problem("USR-102", "no cookie, or no handle")
        held = self._parts.vault.find(JOURNEYS, _secret(browser, handle))
        if held is None:
            raise Problem("USR-102", "no such journey for this browser")
        return Visit(browser, handle, held)

    def act(self, browser: bytes | None, handle: str, token: str) -> Visit:
        """The journey, for a form that carried this step token. Raises Problem USR-103 when the step is over."""
        visit = self.visit(browser, handle)
        if not isinstance(visit.step, Finished):
            check_step_token(visit, token)
        return visit

    def session(self, secret: bytes | None) -> Held[Session] | None:
        """The running session of this browser, or None."""
        return self._parts.vault.find(SESSIONS, secret) if secret else None

    def reusable(self, demand: Demand, secret: bytes | None) -> Session | None:
        """The session that may answer this demand, or None."""
        held = self.session(secret)
        if held is None:
            return None
        try:
            check_reusable(held.value, demand, self._parts.clock())
            self._allowed(demand, held.value.proof.provider)
            self.check_wanted(demand, held.value.proof)
        except (NotReusable, Problem):
            return None
        return held.value

    # -- choose and prove ---------------------------------------------------------------------------------------------

    def choose(self, visit: Visit, provider_id: str) -> str | None:
        """Send the citizen to a provider; returns the address, or None when the provider cannot be reached: the journey
        is back at the choice then, with the reason. Raises Problem when the provider is not on offer here.
        """
        if isinstance(visit.step, Finished):
            raise Problem("USR-103", "the journey is finished")
        provider = self._allowed(visit.demand, provider_id)
        check_shown(visit.demand, provider)
        check_strong_enough(provider, visit.demand)
        choosing = visit.step.reconsider()
        state = f"{visit.handle}.{secrets.token_urlsafe(16)}"
        try:
            departure = self._parts.providers[provider.id].depart(choosing.ask(provider.levels, state))
        except Problem as down:
            self.move(visit, Choosing(visit.demand, _failure(down, provider.id)))
            self._parts.journal.record("provider.failed", visit.demand.reference, code=down.code, detail=down.detail)
            return None
        self.move(visit, choosing.choose(provider.id, state, departure.pending))
        self._parts.journal.record("provider.asked", visit.demand.reference, provider=provider.id)
        return departure.location

    def reuse(self, visit: Visit, session_secret: bytes | None) -> None:
        """Go on with the running session. Raises Problem USR-102 when it cannot serve (any more)."""
        session = self.reusable(visit.demand, session_secret)
        if session is None or isinstance(visit.step, Finished):
            raise Problem("USR-102", "no session that can serve")
        self.move(visit, visit.step.reconsider().reuse(session.proof))
        self._parts.journal.record("session.reused", visit.demand.reference)

    def arrive(self, browser: bytes | None, provider_id: str, answer: Params) -> tuple[str, Step]:
        """The citizen comes back from a provider; returns the journey's handle, and the step where it stands now.

        Whatever the provider did wrong brings the citizen back to the choice with a sentence. Raises Problem USR-102 or
        USR-103 when the answer belongs to no journey of this browser that waits for it.
        """
        state = next((value for name, value in answer if name == "state"), "")
        visit = self.visit(browser, state.partition(".")[0])
        if isinstance(visit.step, Proving):
            check_state(visit.step, provider_id, state)
            return visit.handle, self._hear(visit, visit.step, answer)
        return visit.handle, visit.step

    def _hear(self, visit: Visit, proving: Proving, answer: Params) -> Step:
        try:
            proof = self._parts.providers[proving.provider].hear(answer, proving.state, proving.pending)
            step: Step = proving.prove(proof)
            self.check_wanted(visit.demand, proof)
            self._parts.journal.record("provider.vouched", visit.demand.reference, level=proof.level.acr)
        except (Problem, LevelTooLow, WrongProvider) as wrong:
            failure = _failure(wrong, proving.provider)
            step = proving.fail(failure)
            detail = wrong.detail if isinstance(wrong, Problem) else str(wrong)
            self._parts.journal.record("provider.failed", visit.demand.reference, code=failure.code, detail=detail)
        try:
            self.move(visit, step)
        except Problem:  # the same answer arrived twice: the other one has moved the journey
            return self.visit(visit.browser, visit.handle).step
        return step

    # -- consent and release ------------------------------------------------------------------------------------------

    def finish(
        self,
        visit: Visit,
        agreed: bool,
        session_secret: bytes | None,
        added: Collection[str] = (),
        data: Collection[str] = (),
    ) -> Finish:
        """Release to whoever asks, with the optional claims that were `added`, and the citizen's word for the scopes `data`
        of data providers. A repeated click gets the same answer.

        Raises ConsentMissing, DataMissing, or Problem when the session ended or the step is over.
        """
        ticked = agreements.deliverable(self._parts.parties, visit.demand, data)
        for _ in range(_TRIES):
            try:
                return self._finish_once(visit, agreed, (added, ticked), session_secret)
            except Repeated:
                visit = self.visit(visit.browser, visit.handle)
        raise Problem("SYS-501", "the journey kept moving")

    def _finish_once(self, visit: Visit, agreed: bool, more: _More, session_secret: bytes | None) -> Finish:
        match visit.step:
            case Finished() as done:
                return Finish(self.way_back(done))
            case Consenting(reused=True) as step:
                return self._finish_reused(visit, step, step.consent(agreed, *more), session_secret)
            case Consenting() as step:
                return self._finish_fresh(visit, step.consent(agreed, *more), session_secret)
        raise Problem("USR-103", "there is nothing to confirm at this step")

    def _finish_fresh(self, visit: Visit, ready: Ready, session_secret: bytes | None) -> Finish:
        fresh = secrets.token_bytes(32)
        with self._parts.vault.change() as change:
            former = change.take(SESSIONS, session_secret) if session_secret else None
            begun = session_after(former, ready.proof, secrets.token_bytes(16))
            if former is not None and not begun.given:  # nobody could withdraw it any more
                agreements.withdraw_all(change, self._parts.parties, former.given)
            answer, session = self._release(change, visit, ready, begun)
            change.put(SESSIONS, fresh, session, session.kept_until())
        self._journal_release(ready)
        return Finish(answer.passage, fresh)

    def _finish_reused(self, visit: Visit, step: Consenting, ready: Ready, session_secret: bytes | None) -> Finish:
        running = self.session(session_secret)
        if running is None or running.value.proof != step.proof or self._parts.clock() >= running.value.serves:
            self.move(visit, step.reconsider())
            raise Problem("USR-102", "the session ended before it was used")
        with self._parts.vault.change() as change:
            answer, session = self._release(change, visit, ready, running.value)
            if not change.swap(SESSIONS, running, session, session.kept_until()):
                raise Repeated
        self._journal_release(ready)
        return Finish(answer.passage)

    def _release(self, change: Change, visit: Visit, ready: Ready, session: Session) -> tuple[Answer, Session]:
        demand, now = ready.demand, self._parts.clock()
        answer = self._port(demand).grant(change, ready, session.sid(demand.service))
        done = Finished(demand, answer.passage, answer.until, released=True)
        if not change.swap(JOURNEYS, visit.held, done, visit.held.expires):
            raise Repeated
        if demand.relying == OIDC:
            session = session.with_release(Given(demand.service, answer.grant, answer.counts, ready.data), now)
        return answer, replace(session, serves=self._lives.session_end(session, now))

    def way_back(self, step: Finished) -> Passage:
        """How the citizen goes back, once more. Raises Problem USR-103 when the answer's time is over."""
        if self._parts.clock() >= step.until:
            raise Problem("USR-103", "the answer was given and its time is over")
        return step.passage

    def check_tellable(self, step: Consenting) -> None:
        """Whether whoever asks can be told who this is at all. Raises Problem."""
        self._port(step.demand).check_tellable(step.proof.identity)

    def check_wanted(self, demand: Demand, proof: Proof) -> None:
        """Whether the person is the one that was asked about, where somebody was. Raises Problem USR-105."""
        self._port(demand).check_wanted(demand, proof.identity)

    def give_up(self, visit: Visit, code: str = "USR-101") -> Passage:
        """The citizen goes back without anything being sent; returns the way. A repeated click gets the very same answer.

        Raises Problem USR-103 when something was sent before.
        """
        match visit.step:
            case Finished(released=True):
                raise Problem("USR-103", "the answer was given")
            case Finished() as done:
                return self.way_back(done)
        problem = self._why(visit.step) or Problem(code)
        passage = self._port(visit.demand).refuse(visit.demand, problem)
        self.move(visit, Finished(visit.demand, passage, self._parts.clock() + _REFUSAL_LIFE, released=False))
        self._parts.journal.record("demand.refused", visit.demand.reference, code=problem.code)
        if isinstance(visit.step, Consenting):
            agreements.record(self._parts.journal, self._parts.parties, visit.demand, ())
        return passage

    def _why(self, step: Step) -> Problem | None:
        """Why a citizen goes who had no choice."""
        if isinstance(step, Choosing) and step.failure and self._port(step.demand).hears_of(step.demand, step.failure.code):
            return Problem(step.failure.code)
        try:
            if isinstance(step, Consenting):
                self.check_tellable(step)
        except Problem as problem:
            return problem
        return None

    # -- helpers ------------------------------------------------------------------------------------------------------

    def move(self, visit: Visit, step: Step) -> None:
        """Let the journey go on. Raises Problem USR-103 when another request was first."""
        if not self._parts.vault.swap(JOURNEYS, visit.held, step, visit.held.expires):
            raise Problem("USR-103", "another request moved this journey")

    def _allowed(self, demand: Demand, provider_id: str) -> Provider:
        provider = self._parts.parties.providers.get(provider_id)
        if provider is None:
            raise Problem("FI-207", "no such provider")
        check_allowed(self.asker(demand), provider)
        return provider

    def asker(self, demand: Demand) -> Asker:
        """Who asks. Raises Problem when he is not known any more."""
        return self._port(demand).asker(demand)

    def _port(self, demand: Demand) -> RelyingPort:
        try:
            return self._parts.relying[demand.relying]
        except KeyError:
            raise Problem("SRV-401", "nobody may ask by this protocol any more") from None

    def _journal_release(self, ready: Ready) -> None:
        demand, claims = ready.demand, " ".join((*ready.demand.claims, *ready.added))
        self._parts.journal.record("release.sent", demand.reference, **_who(demand), claims=claims)
        agreements.record(self._parts.journal, self._parts.parties, demand, ready.data)


def _who(demand: Demand) -> dict[str, str]:
    """Who asks, as the journal names him."""
    return {"service" if demand.relying == OIDC else "country": demand.service}


def check_step_token(visit: Visit, token: str) -> None:
    """A form counts once, and only if it came from our own page of this very step (cross-site posts, double clicks)."""
    if not hmac.compare_digest(visit.token.encode(), token.encode()):
        raise Problem("USR-103", "the step token is not this step's")


def check_state(proving: Proving, provider_id: str, state: str) -> None:
    """RFC 6749 10.12 and RFC 9700 4.4: the answer belongs to the ask under way, at the address of its provider."""
    same = hmac.compare_digest(proving.state.encode(), state.encode())
    if not same or proving.provider != provider_id:
        raise Problem("USR-103", "the answer belongs to another ask")


def check_allowed(asker: Asker, provider: Provider) -> None:
    """Only a provider that works, that this service's citizens may use, and that is on the page or this service's to name,
    may serve it: page or no page, and by a running session too.
    """
    known = provider.visible or provider.id in asker.idp_hints
    if not provider.active or not known or not asker.may_use(provider.id):
        raise Problem("FI-207", "the provider is not offered for this service")


def check_shown(demand: Demand, provider: Provider) -> None:
    """FranceConnect, idp_hint: a provider that the page does not show is reached by its name in the request alone."""
    if not provider.visible and demand.hint != provider.id:
        raise Problem("FI-207", "the provider is not on the page, and the request does not name it")


def check_strong_enough(provider: Provider, demand: Demand) -> None:
    """(EU) 910/2014 article 6: a provider that cannot reach the level asked is not offered."""
    if provider.strongest < demand.level:
        words = {"level_got": provider.strongest.word, "level_asked": demand.level.word}
        raise Problem("FI-204", "the provider cannot reach the level asked", **words)


def _secret(browser: bytes | None, handle: str) -> bytes:
    return (browser or b"") + handle.encode()


def _failure(wrong: Problem | LevelTooLow | WrongProvider, provider: str) -> Failure:
    match wrong:
        case Problem():
            return Failure(wrong.code, {**wrong.words, "provider": provider})
        case LevelTooLow():
            levels = {"level_got": wrong.got.word, "level_asked": wrong.needed.word}
            return Failure("FI-204", {**levels, "provider": provider})
        case _:
            return Failure("FI-203", {"provider": provider})
