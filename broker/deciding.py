"""What people decide about other countries: whether a waiting document counts, whether a country is used, whether what we
hold of it still holds.

A decision names who took it and in which words, and is an entry of the ledger like everything that follows from it. Where
two people must agree, the first one proposes and another one approves. Every worker hears of it within a second.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from broker.ledger import Ledger
from broker.ports import Store
from eidas.times import written
from metadata.ledger import Event, Stated, canonical
from metadata.ledger.kinds import CONFIRMED, COUNTRY, DECISION, IN_FORCE, KINDS, WAITING
from metadata.review import Standing

Verdict = Literal["approved", "rejected"]


class DecisionRefused(Exception):
    """A decision that does not count: `detail` says why, and what to do."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Word:
    """Who says something, in which words, and when (Unix seconds)."""

    by: str
    words: str
    at: int

    @property
    def facts(self) -> dict[str, str]:
        """As the ledger has them."""
        return {"by": self.by, "words": self.words, "at": written(self.at)}


def decide(
    ledger: Ledger,
    store: Store,
    subject: str,
    document: str,
    verdict: Verdict,
    by: str,
    words: str,
    approvals: int,
    now: int,
) -> str:
    """Approve or reject the waiting document (SHA-256) of a node ("EL/proxy"); returns approved, rejected, or proposed
    where another person must agree. `words` say how it was verified. Raises DecisionRefused, LedgerRefused.
    """
    word = Word(" ".join(by.split()), " ".join(words.split()), now)

    def stated(standing: Standing) -> Sequence[Stated]:
        return decided(standing, subject, document, verdict, word, approvals)

    events = _amend(ledger, store, stated, now)
    return next(event.facts["verdict"] for event in events if event.type == DECISION)


def set_state(
    ledger: Ledger, store: Store, code: str, state: Literal["suspended", "resumed"], by: str, words: str, now: int
) -> None:
    """Suspend a country ("EL"), or use it again. Raises DecisionRefused, LedgerRefused."""
    word = Word(" ".join(by.split()), " ".join(words.split()), now)

    def stated(standing: Standing) -> Sequence[Stated]:
        check_quotable(COUNTRY, word)
        check_state_changes(standing, code, state)
        return [_said(COUNTRY, code, {"state": state, **word.facts})]

    _amend(ledger, store, stated, now)


def confirm(ledger: Ledger, store: Store, code: str, by: str, words: str, now: int) -> None:
    """The country was asked, and what we hold of it still holds. Raises DecisionRefused, LedgerRefused."""
    word = Word(" ".join(by.split()), " ".join(words.split()), now)

    def stated(standing: Standing) -> Sequence[Stated]:
        check_quotable(CONFIRMED, word)
        check_trusted(standing, code)
        return [_said(CONFIRMED, code, word.facts)]

    _amend(ledger, store, stated, now)


def _amend(ledger: Ledger, store: Store, make: Callable[[Standing], Sequence[Stated]], now: int) -> list[Event]:
    events = ledger.amend(make, now)
    store.raise_generation()
    return events


# -- what is said -----------------------------------------------------------------------------------------------------


def decided(
    standing: Standing, subject: str, document: str, verdict: Verdict, word: Word, approvals: int
) -> Sequence[Stated]:
    """What the ledger is told of a decision. Raises DecisionRefused."""
    check_quotable(DECISION, word)
    waiting = standing.get((WAITING, subject))
    check_waits(waiting, subject, document)
    assert waiting is not None  # noqa: S101 - check_waits has just said so
    proposal = _proposal(standing, subject, document)
    said: str = verdict
    if verdict == "approved" and approvals > 1:
        if proposal is None:
            said = "proposed"
        else:
            check_another_person(proposal, word)
    facts = {"document": document, "verdict": said, "needed": str(approvals), **word.facts}
    decision = _said(DECISION, subject, facts)
    if said == "proposed":
        return [decision]
    ended = Stated(WAITING, subject, {}, "")
    if said == "rejected":
        return [decision, ended]
    kept = {name: value for name, value in waiting.facts.items() if name != "news"}
    return [decision, ended, Stated(IN_FORCE, subject, {**kept, "ground": "approval"}, document)]


def _proposal(standing: Standing, subject: str, document: str) -> Event | None:
    last = standing.get((DECISION, subject))
    proposed = last is not None and (last.facts["verdict"], last.facts["document"]) == ("proposed", document)
    return last if proposed else None


def _said(type_: str, subject: str, facts: dict[str, str]) -> Stated:
    return Stated(type_, subject, facts, hashlib.sha256(canonical(facts)).hexdigest())


# -- rules ------------------------------------------------------------------------------------------------------------


def check_quotable(type_: str, word: Word) -> None:
    """Ours: a decision has a name under it and says how it was verified, in a line that can be printed."""
    forms = KINDS[type_].facts
    if not forms["by"].fullmatch(word.by):
        raise DecisionRefused("say who decides: a name of 2 to 80 letters")
    if not forms["words"].fullmatch(word.words):
        raise DecisionRefused("say how it was verified, or why: 3 to 300 letters")


def check_waits(waiting: Event | None, subject: str, document: str) -> None:
    """Ours: one decides on what one has seen; the country may have published another document since."""
    if waiting is None:
        raise DecisionRefused(f"nothing of {subject} waits for a decision")
    if waiting.after != document:
        raise DecisionRefused(f"another document of {subject} waits now, {waiting.after[:16]}…: look at it first")


def check_another_person(proposal: Event, word: Word) -> None:
    """Ours: where two must agree they are two."""
    if _person(proposal.facts["by"]) == _person(word.by):
        raise DecisionRefused(f"{proposal.facts['by']} has proposed it: another person must approve")


def check_state_changes(standing: Standing, code: str, state: str) -> None:
    """Ours: what is so already is not said again, so that nobody believes to have changed something."""
    last = standing.get((COUNTRY, code))
    before = last.facts["state"] if last else "resumed"
    if before == state:
        raise DecisionRefused(f"{code} is suspended already" if state == "suspended" else f"{code} is not suspended")


def check_trusted(standing: Standing, code: str) -> None:
    """Ours: only what is in force can be confirmed."""
    if not any(type_ == IN_FORCE and subject.startswith(f"{code}/") for type_, subject in standing):
        raise DecisionRefused(f"no metadata of {code} is in force")


def _person(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
