"""Fetching what other countries publish, once for all workers, and telling the ledger what became of it.

Whatever goes wrong concerns one address: the copy in force stays so until its validUntil. Addresses are asked side by
side, conditionally where that saves something, and again sooner when something failed or ends soon.
"""

import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256

from broker.fetch import FetchFailed
from broker.ledger import Ledger
from broker.ports import DuplicateRow, Fetch
from broker.receiving import Received, Receiver, Task
from broker.revoking import Revocations
from broker.settings.model import Settings
from broker.sources import NotListed, Place, lists_in_force, place_of
from broker.vault import Drawer, Vault
from eidas.times import written
from metadata.ledger import Event
from metadata.ledger.kinds import IN_FORCE, LIST, WAITING
from metadata.review import Standing
from oidc.messages import HttpRequest, HttpResponse

_log = logging.getLogger("passerelle")
SOON = 300
"""Seconds until an address is asked again that failed, or whose document ends before the next turn."""
_KEPT_SECONDS = 400 * 86_400
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an address: when it was `tried` and when it last answered `well` (Unix seconds, 0 for never), what
    was wrong ("" for nothing), of its last document the digest and what HTTP says of it, and what could not be checked.
    """

    tried: int = 0
    well: int = 0
    wrong: str = ""
    document: str = ""
    etag: str = ""
    modified: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one address. `word` is unchanged, in force, waiting, refused, failed, or listed."""

    subject: str
    address: str
    word: str
    detail: str = ""


ASKED: Drawer[Asked] = Drawer("asked", Asked)
_LEASE: Drawer[str] = Drawer("refresher", str)
_LEASE_NAME = b"metadata"


@dataclass(frozen=True, slots=True)
class MetadataWays:
    """The ways out: to documents, and to lists of revoked certificates, which come over plain HTTP."""

    documents: Fetch
    revoked: Fetch


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: how often a worker `looks` whether something is due; for how long one of them has the right to fetch, its
    `lease`, which ends by itself where it was killed; and the `pause` after that, and between two searches for a key.
    """

    looks: float = 20.0
    lease: int = 600
    pause: int = 60


PACE = Pace()


class Refresher:
    """Fetches for one instance. `clock` gives Unix seconds."""

    def __init__(
        self, ledger: Ledger, vault: Vault, ways: MetadataWays, clock: Callable[[], int], pace: Pace = PACE
    ) -> None:
        self._ledger = ledger
        self._pace = pace
        self._vault = vault
        self._fetch = ways.documents
        self._receiver = Receiver(ledger, Revocations(vault, ways.revoked, clock), clock)
        self._clock = clock

    # -- whose turn it is ---------------------------------------------------------------------------------------------

    def take_turn(self, settings: Settings) -> tuple[Outcome, ...]:
        """Fetch what is due, if no other worker is at it."""
        own = secrets.token_hex(8)
        any_fetched = any(country.sources for country in settings.parties.countries.values())
        if not any_fetched or not self._claim(_LEASE_NAME, own, self._pace.lease):
            return ()
        try:
            return self.refresh(settings)
        finally:
            self._release(own)

    def _claim(self, name: bytes, own: str, seconds: int) -> bool:
        """A right for one worker of all; that of a worker that was killed ends by itself."""
        if self._vault.find(_LEASE, name):
            return False
        try:
            with self._vault.change() as change:
                if change.take(_LEASE, name) is not None:  # what has expired goes, what counts comes back
                    raise DuplicateRow
                change.put(_LEASE, name, own, self._clock() + seconds)
        except DuplicateRow:
            return False
        return True

    def _release(self, own: str) -> None:
        """Let others look, but not at once: what is due was just looked for. A right that ran out is another's by now."""
        held = self._vault.find(_LEASE, _LEASE_NAME)
        if held is not None and held.value == own:
            self._vault.swap(_LEASE, held, "", self._clock() + self._pace.pause)

    # -- fetching -----------------------------------------------------------------------------------------------------

    def refresh(self, settings: Settings, only: Collection[str] = (), at_once: bool = False) -> tuple[Outcome, ...]:
        """Fetch the lists and the nodes of countries that are due; with `only`, of these countries; `at_once`, due or not.

        Raises LedgerRefused, StoreUnavailable.
        """
        lists = [Task(sha256(one.encode()).hexdigest(), Place(one, "", ()), None, "") for one in settings.trust.lists]
        listed = self._run(settings, lists, at_once and not only)
        standing = self._ledger.standing()
        known = lists_in_force(settings, standing, self._ledger.blob, self._clock())
        tasks, lost = [], []
        for code, country in sorted(settings.parties.countries.items()):
            for role in sorted(country.sources) if code in only or not only else ():
                try:
                    tasks.append(Task(f"{code}/{role}", place_of(country, role, known), country, role))
                except NotListed as absent:
                    lost.append(Outcome(f"{code}/{role}", "", "failed", str(absent)))
        return (*listed, *self._run(settings, tasks, at_once), *lost)

    def renew(self, settings: Settings, code: str) -> bool:
        """Fetch what a country publishes now, for a login that no known key proves: at most once a minute in all workers.

        Whether anything was fetched.
        """
        country = settings.parties.countries.get(code)
        if country is None or "proxy" not in country.sources or not self._claim(code.encode(), "", self._pace.pause):
            return False
        self.refresh(settings, only=(code,), at_once=True)
        return True

    def _run(self, settings: Settings, tasks: Sequence[Task], at_once: bool) -> list[Outcome]:
        standing, interval = self._ledger.standing(), settings.trust.refresh_minutes * 60
        before = {task: self.known(task.place.address) for task in tasks}
        due = [task for task in tasks if at_once or is_due(before[task], task.held(standing), interval, self._clock())]
        outcomes, changed = [], False
        try:
            with ThreadPoolExecutor(_AT_ONCE, "refresher") as pool:
                answers = pool.map(lambda task: self._ask(task, before[task], standing), due)
                for task, answer in zip(due, answers, strict=True):
                    outcome, events = self._heard(settings, task, before[task], answer)
                    changed = changed or any(event.type in (IN_FORCE, LIST) for event in events)
                    _log.info("%s: %s %s", task.subject, outcome.word, outcome.detail)
                    outcomes.append(outcome)
        finally:  # what the ledger was told of already must reach the workers, whatever went wrong with the next
            if changed:
                self._vault.store.raise_generation()
        return outcomes

    def _ask(self, task: Task, known: Asked, standing: Standing) -> HttpResponse | FetchFailed:
        """Ask for what may have changed; unconditionally where what came last was not kept."""
        headers = {"Accept": "application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1"}
        if known.document in task.documents(standing):
            conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
            headers |= {name: value for name, value in conditions.items() if value}
        private = task.country is not None and task.country.private_addresses
        try:
            return self._fetch(HttpRequest("GET", task.place.address, headers, b""), allow_private=private)
        except FetchFailed as failed:
            return failed

    # -- what came ----------------------------------------------------------------------------------------------------

    def _heard(
        self, settings: Settings, task: Task, known: Asked, answer: HttpResponse | FetchFailed
    ) -> tuple[Outcome, Sequence[Event]]:
        now, address = self._clock(), task.place.address
        try:
            response = _document(answer)
        except Unusable as wrong:
            self._remember(address, replace(known, tried=now, wrong=str(wrong)))
            return Outcome(task.subject, address, "failed", str(wrong)), []
        if response.status == 304:
            received = self._receiver.recheck(settings, task)
            asked = replace(known, tried=now, well=now, wrong=received.wrong, remarks=received.remarks)
        else:
            received = self._receiver.receive(settings, task, response.body)
            asked = _asked(now, received, response)
        self._remember(address, asked)
        return _outcome(task, received), received.events

    # -- what is known of addresses -----------------------------------------------------------------------------------

    def known(self, address: str) -> Asked:
        """What is known of an address."""
        held = self._vault.find(ASKED, address.encode())
        return held.value if held else Asked()

    def _remember(self, address: str, asked: Asked) -> None:
        with self._vault.change() as change:
            change.take(ASKED, address.encode())
            change.put(ASKED, address.encode(), asked, asked.tried + _KEPT_SECONDS)


def is_due(known: Asked, held: Event | None, interval: int, now: int) -> bool:
    """Whether an address is to be asked again: after the interval, sooner when something failed or ends before that."""
    ends_soon = held is not None and held.facts.get("valid_until", "9") < written(now + interval)
    hurried = bool(known.wrong) or ends_soon
    return now - known.tried >= (min(SOON, interval) if hurried else interval)


def _asked(now: int, received: Received, response: HttpResponse) -> Asked:
    document, headers = sha256(response.body).hexdigest(), response.headers
    etag, modified = headers.get("etag", "")[:500], headers.get("last-modified", "")[:100]
    return Asked(now, now, received.wrong, document, etag, modified, received.remarks)


def _outcome(task: Task, received: Received) -> Outcome:
    words = {IN_FORCE: "in force", WAITING: "waiting", LIST: "listed"}
    said = [words[event.type] for event in received.events if event.type in words and event.after]
    word = "refused" if received.wrong else (said or ["unchanged"])[0]
    return Outcome(task.subject, task.place.address, word, received.wrong or "; ".join(received.remarks))


# -- rules ------------------------------------------------------------------------------------------------------------


class Unusable(Exception):
    """An answer without a document."""


def _document(answer: HttpResponse | FetchFailed) -> HttpResponse:
    if isinstance(answer, FetchFailed):
        raise Unusable(f"it cannot be fetched: {answer.kind}")
    check_no_redirect(answer)
    check_answered(answer)
    return answer


def check_no_redirect(answer: HttpResponse) -> None:
    """Ours: a redirect is not followed. An address that has moved is the operator's to change."""
    if answer.status in (301, 302, 303, 307, 308):
        raise Unusable("it redirects, which is not followed: ask the country for its address")


def check_answered(answer: HttpResponse) -> None:
    """RFC 9110 15.3.1, 15.4.5: a whole document, or the word that it has not changed."""
    if answer.status not in (200, 304):
        raise Unusable(f"it answers {answer.status}")
