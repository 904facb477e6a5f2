"""Telling services that a session has ended (OpenID Connect Back-Channel Logout 1.0): at once, and until they confirm it.

A token is signed when it is sent, so what waits in the store is not worth stealing. A service that fails rests for a while
in this worker, alone: its notices stay where they are, and nobody else waits for it.
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial

from broker.fetch import FetchFailed
from broker.journal import Journal
from broker.notices import LEASE, next_attempt
from broker.parties import Service
from broker.ports import Fetch, Notice, NoticeStore, StoreUnavailable, Told
from broker.reference import new_reference
from broker.relying.encrypting import envelope
from broker.relying.keys import KeySource
from broker.relying.lanes import LaneBlocked, Lanes
from certs.keyring import Keyring
from oidc.errors import LogoutRefused, LogoutUnheard, OAuthError
from oidc.logout_token import check_heard, check_not_refused, logout_request, logout_token
from oidc.messages import HttpRequest

PERIOD = 3.0
"""Seconds between two looks of a worker at what is due."""
FIRST_SECONDS = 2.0
"""How long a citizen waits for the first attempts."""
RESTS = (5, 15, 60)
"""Seconds for which a service is left in peace after one failure, two in a row, and more."""
_MOST = 32  # leased at once for one service; of a slow one the last come back when their lease has ended
_log = logging.getLogger("passerelle")


@dataclass(frozen=True, slots=True)
class Speaker:
    """How we speak to a service: signed as its other tokens are, and encrypted where they are."""

    issuer: str
    keyring: Keyring
    keys: Mapping[str, KeySource]
    clock: Callable[[], int]

    def request(self, service: Service, sid: str) -> HttpRequest:
        """The request that tells it. Raises OAuthError when the key to encrypt for cannot be had."""
        around = envelope(service, self.keys, self.issuer)
        signer = self.keyring.signing(service.algorithm)
        token = logout_token(self.issuer, service.client_id, sid, secrets.token_hex(16), self.clock(), signer)
        return logout_request(service.tell_at, around.around(token))


class Telling:
    """What has to be told to the services of one configuration. `lanes` outlive it."""

    def __init__(
        self,
        services: Mapping[str, Service],
        speaker: Speaker,
        notices: NoticeStore,
        fetch: Fetch,
        lanes: Lanes[Told],
        journal: Journal,
        clock: Callable[[], int],
    ) -> None:
        self._services = {name: service for name, service in services.items() if service.tell_at}
        self._speaker = speaker
        self._notices = notices
        self._fetch = fetch
        self._lanes = lanes
        self._journal = journal
        self._clock = clock
        self._rests: dict[str, tuple[int, int]] = {}  # failures in a row, and until when it rests

    def at_once(self, notices: Sequence[Notice]) -> dict[str, Told]:
        """Try leased notices side by side, and say what became of each service in time: the rest goes on without us.

        No citizen waits for a service that has failed: a worker without visitors finds out when it is back.
        """
        under_way = {notice.service: self._begin(notice) for notice in notices if notice.service not in self._rests}
        wait(under_way.values(), FIRST_SECONDS)
        return {notice.service: _outcome(under_way.get(notice.service)) for notice in notices}

    def take_turn(self) -> tuple["Future[Told]", ...]:
        """Begin with what is due: one statement where nothing is. Raises StoreUnavailable."""
        return tuple(self._begin(notice) for name in self._due() for notice in self._leased(name))

    def _due(self) -> list[str]:
        due = self._notices.waiting() if self._services else []
        return [
            name for name in due if name in self._services and not self._is_resting(name) and not self._lanes.is_busy(name)
        ]

    def _leased(self, name: str) -> list[Notice]:
        """A service that failed is tried with one."""
        return self._notices.lease(name, self._clock() + LEASE, 1 if name in self._rests else _MOST)

    def _is_resting(self, name: str) -> bool:
        return self._clock() < self._rests.get(name, (0, 0))[1]

    def _begin(self, notice: Notice) -> "Future[Told]":
        return self._lanes.put(notice.service, partial(self._tell, notice))

    # -- one notice ---------------------------------------------------------------------------------------------------

    def _tell(self, notice: Notice) -> Told:
        """Raises LaneBlocked where the service is to be left in peace."""
        service = self._services.get(notice.service)
        if service is None or self._clock() >= notice.due:
            return "pending"  # it was waited too long: the lease is another's now
        try:
            self._ask(service, notice)
            self._notices.drop(notice)
        except LogoutRefused as refused:
            self._rests.pop(notice.service, None)
            return self._give_up(notice, str(refused))
        except (FetchFailed, OAuthError, LogoutUnheard) as unheard:
            self._rest(notice.service)
            self._put_off(notice, str(unheard))
            raise LaneBlocked from unheard
        except StoreUnavailable as down:  # it was told; nobody knows, so it will be told again
            raise LaneBlocked from down
        self._rests.pop(notice.service, None)
        self._journal.record("logout.told", new_reference(), service=notice.service)
        return "confirmed"

    def _ask(self, service: Service, notice: Notice) -> None:
        response = self._fetch(self._speaker.request(service, notice.sid), allow_private=service.private_addresses)
        check_not_refused(response.status)
        check_heard(response.status)

    def _rest(self, name: str) -> None:
        failures = self._rests.get(name, (0, 0))[0] + 1
        self._rests[name] = failures, self._clock() + RESTS[min(failures, len(RESTS)) - 1]

    def _put_off(self, notice: Notice, why: str) -> None:
        due = next_attempt(notice, self._clock())
        if due is None:
            self._give_up(notice, why)
            return
        self._journal.record("logout.failed", new_reference(), service=notice.service, why=why)
        try:
            self._notices.postpone(notice, due)
        except StoreUnavailable as down:
            _log.warning("a logout is tried again when its lease ends: %s", down)

    def _give_up(self, notice: Notice, why: str) -> Told:
        self._journal.record("logout.failed", new_reference(), service=notice.service, why=why, given_up="yes")
        try:
            self._notices.drop(notice)
        except StoreUnavailable as down:
            _log.warning("a logout that was given up is tried again: %s", down)
        return "refused"


def _outcome(attempt: "Future[Told] | None") -> Told:
    """A service that was not tried, or whose answer has not come, will be told later."""
    if attempt is None or not attempt.done() or attempt.cancelled() or attempt.exception() is not None:
        return "pending"
    return attempt.result()
