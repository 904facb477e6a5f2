"""Leaving: the session ends here, the tokens it gave end with it, and its services and the provider are told.

Without the session cookie nothing is ended and nobody is told, and the service still gets its citizen back. A service's
valid hint for the very person of the session ends it at once; in every other case the citizen is asked first.

A service that came with such a hint is not told: it has ended its own session, and a second end could take away what it
needs when its citizen comes back. One that is merely named in the request has shown nothing, so it is told like the others.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from broker.errors import Problem
from broker.identity import Person
from broker.notices import notices_of
from broker.parties import Provider, Service
from broker.ports import Notice, Told
from broker.reference import new_reference
from broker.session import Session
from broker.vault import Drawer, Held
from broker.visit import SESSIONS, Parts


@dataclass(frozen=True, slots=True)
class Farewells:
    """What became of the services of a session that has ended, by their ids: some have confirmed it, some have not yet, and
    some may still be open, for they take no notice. `provider` is who vouched, where his session may still be open ("").
    """

    confirmed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One logout of one browser: which service asked (or ""), and where the citizen goes afterwards (or "")."""

    service: str
    after: str
    farewells: Farewells = Farewells()


@dataclass(frozen=True, slots=True)
class Way:
    """Where a citizen goes from here: to an address, or where that is "" to the page that says what became of it.

    That is kept under `handle`, which is "" when there is nothing to say.
    """

    location: str
    handle: str = ""


LEAVINGS: Drawer[Leaving] = Drawer("leaving", Leaving)
LEFT: Drawer[Farewells] = Drawer("left", Farewells)
_LIFE = 1800
_SHOWN = 120  # seconds until the page must have been read
Tell = Callable[[Sequence[Notice]], Mapping[str, Told]]


@dataclass(frozen=True, slots=True)
class Exit:
    """A logout as it was read, with the one-time token of its page."""

    handle: str
    held: Held[Leaving]

    @property
    def leaving(self) -> Leaving:
        """What was asked."""
        return self.held.value

    @property
    def token(self) -> str:
        """The token that this page's form carries."""
        return self.held.place.token(b"leave")


class Logout:
    """Every step of a logout. `callback` is where providers send citizens back, `name` how a service knows a person; `tell`
    tries notices for a moment, and says what became of each service.
    """

    def __init__(self, parts: Parts, callback: str, name: Callable[[Person, Service], str], tell: Tell) -> None:
        self._parts = parts
        self._callback = callback
        self._name = name
        self._tell = tell

    def is_known_to(self, session: Session, service_id: str, sub: str, sid: str | None) -> bool:
        """Whether this service knows this session: its person by `sub`, and the session itself where it names one.

        RP-Initiated Logout 2: a hint of another session is suspect.
        """
        service = self._parts.parties.services[service_id]
        known = self._name(session.proof.identity, service), session.sid(service_id)
        return all(map(_same, known, (sub, known[1] if sid is None else sid)))

    def ask(self, browser: bytes, leaving: Leaving) -> str:
        """Keep a logout that the citizen must confirm, or that waits for a provider; returns its handle."""
        handle = secrets.token_urlsafe(16)
        self._parts.vault.put(LEAVINGS, browser + handle.encode(), leaving, self._parts.clock() + _LIFE)
        return handle

    def find(self, browser: bytes | None, handle: str) -> Exit:
        """The logout of this browser under this handle. Raises Problem USR-102."""
        held = self._parts.vault.find(LEAVINGS, browser + handle.encode()) if browser and handle else None
        if held is None:
            raise Problem("USR-102", "no such logout for this browser")
        return Exit(handle, held)

    def act(self, browser: bytes | None, handle: str, token: str) -> Exit:
        """The logout, for a form that carried its token. Raises Problem USR-102 or USR-103."""
        found = self.find(browser, handle)
        check_exit_token(found, token)
        return found

    def provider_of(self, session: Session) -> Provider | None:
        """The provider that vouched, while it is configured."""
        return self._parts.parties.providers.get(session.proof.provider)

    def end(self, secret: bytes, browser: bytes, leaving: Leaving, *, at_provider: bool, itself: bool) -> Way:
        """End the session and what it gave, and tell its services. Returns where the citizen goes, perhaps by the provider.

        `itself`: the service that asked has ended its own session.
        """
        but = leaving.service if itself else ""
        with self._parts.vault.change() as change:
            session = change.take(SESSIONS, secret)
            notices = notices_of(session, self._parts.parties.services, but, self._parts.clock()) if session else ()
            for one in session.given if session else ():
                change.close_grant(one.grant)
            for notice in notices:
                change.put_notice(notice)
        if session is None:
            return Way(leaving.after)
        self._parts.journal.record("session.ended", new_reference(), service=leaving.service)
        farewells = self._farewells(session, notices, leaving.service)
        by_provider = self._to_provider(session, browser, replace(leaving, farewells=farewells)) if at_provider else None
        farewells = replace(farewells, provider=session.proof.provider)
        return by_provider or self._onward(browser, replace(leaving, farewells=farewells))

    def _farewells(self, session: Session, notices: Sequence[Notice], asking: str) -> Farewells:
        told = self._tell(notices) if notices else {}
        known = [name for name in session.services if name in self._parts.parties.services]
        return Farewells(
            confirmed=tuple(name for name in known if told.get(name) == "confirmed"),
            pending=tuple(name for name in known if told.get(name) == "pending"),
            open=tuple(name for name in known if told.get(name, "" if name == asking else "refused") == "refused"),
        )

    def _to_provider(self, session: Session, browser: bytes, leaving: Leaving) -> Way | None:
        port = self._parts.providers.get(session.proof.provider)
        handle = secrets.token_urlsafe(16)
        location = port.farewell(session.proof.farewell, self._callback, handle) if port else None
        if location is None:
            return None
        self._parts.vault.put(LEAVINGS, browser + handle.encode(), leaving, self._parts.clock() + _LIFE)
        return Way(location)

    def _onward(self, browser: bytes, leaving: Leaving) -> Way:
        """To the service, or to our own page, which reads once what is kept for it."""
        if leaving.after or leaving.farewells == Farewells():
            return Way(leaving.after)
        handle = secrets.token_urlsafe(16)
        self._parts.vault.put(LEFT, browser + handle.encode(), leaving.farewells, self._parts.clock() + _SHOWN)
        return Way("", handle)

    def returned(self, browser: bytes | None, handle: str) -> Way:
        """The citizen comes back from the provider's logout: where he goes now. Raises Problem USR-102."""
        with self._parts.vault.change() as change:
            leaving = change.take(LEAVINGS, browser + handle.encode()) if browser and handle else None
        if leaving is None or browser is None:
            raise Problem("USR-102", "no such logout for this browser")
        return self._onward(browser, leaving)

    def farewells(self, browser: bytes | None, handle: str) -> Farewells:
        """What became of the services, once: whoever uses the browser next must not read which they were."""
        with self._parts.vault.change() as change:
            kept = change.take(LEFT, browser + handle.encode()) if browser and handle else None
        return kept or Farewells()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def check_exit_token(found: Exit, token: str) -> None:
    """A cross-site post must not log anybody out: the form carries a token of our own page."""
    if not hmac.compare_digest(found.token.encode(), token.encode()):
        raise Problem("USR-103", "the token is not this page's")
