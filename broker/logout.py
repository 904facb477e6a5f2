"""Leaving: the session ends here, the tokens it gave end with it, and the provider is told.

Without the session cookie nothing is ended and nobody is told, and the service still gets its citizen back. A service's
valid hint for the very person of the session ends it at once; in every other case the citizen is asked first.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from broker.errors import Problem
from broker.flow import SESSIONS, Parts
from broker.identity import Person
from broker.parties import Provider, Service
from broker.reference import new_reference
from broker.session import Session
from broker.vault import Drawer, Held


@dataclass(frozen=True, slots=True)
class Leaving:
    """One logout of one browser: which service asked (or ""), and where the citizen goes afterwards (or "")."""

    service: str
    after: str


LEAVINGS: Drawer[Leaving] = Drawer("leaving", Leaving)
_LIFE = 1800


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
    """Every step of a logout. `callback` is where providers send citizens back; `name` is how a service knows a person."""

    def __init__(self, parts: Parts, callback: str, name: Callable[[Person, Service], str]) -> None:
        self._parts = parts
        self._callback = callback
        self._name = name

    def is_person_of(self, session: Session, service_id: str, sub: str) -> bool:
        """Whether `sub` is how this service knows the person of this session."""
        service = self._parts.parties.services[service_id]
        return hmac.compare_digest(self._name(session.proof.identity, service).encode(), sub.encode())

    def ask(self, browser: bytes, leaving: Leaving) -> str:
        """Keep a logout that the citizen must confirm, or that waits for a provider; returns its handle."""
        handle = secrets.token_urlsafe(16)
        with self._parts.vault.change() as change:
            change.put(LEAVINGS, browser + handle.encode(), leaving, self._parts.clock() + _LIFE)
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

    def end(self, secret: bytes, browser: bytes, leaving: Leaving, at_provider: bool) -> str:
        """End the session and what it gave. Returns where the citizen goes: the provider's logout, or `after` ("")."""
        with self._parts.vault.change() as change:
            session = change.take(SESSIONS, secret)
            for one in session.given if session else ():
                change.close_grant(one.grant)
        if session is None:
            return leaving.after
        self._parts.journal.record("session.ended", new_reference(), service=leaving.service)
        return self._to_provider(session, browser, leaving) if at_provider else leaving.after

    def _to_provider(self, session: Session, browser: bytes, leaving: Leaving) -> str:
        port = self._parts.providers.get(session.proof.provider)
        if port is None:
            return leaving.after
        handle = secrets.token_urlsafe(16)
        location = port.farewell(session.proof.farewell, self._callback, handle)
        if location is None:
            return leaving.after
        with self._parts.vault.change() as change:
            change.put(LEAVINGS, browser + handle.encode(), leaving, self._parts.clock() + _LIFE)
        return location

    def returned(self, browser: bytes | None, handle: str) -> str:
        """The citizen comes back from the provider's logout: where he goes now ("" when the service named nothing)."""
        with self._parts.vault.change() as change:
            leaving = change.take(LEAVINGS, browser + handle.encode()) if browser and handle else None
        if leaving is None:
            raise Problem("USR-102", "no such logout for this browser")
        return leaving.after


def check_exit_token(found: Exit, token: str) -> None:
    """A cross-site post must not log anybody out: the form carries a token of our own page."""
    if not hmac.compare_digest(found.token.encode(), token.encode()):
        raise Problem("USR-103", "the token is not this page's")
