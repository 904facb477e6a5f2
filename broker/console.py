"""Who works at the console: one-time links, sessions, and what each role may do.

A link and a session are sealed rows like those of a login: the store sees a digest, and only who brings the token or the
cookie reads the name and the role. A link is taken when it is used. A session ends eight hours after it began, half an hour
after it was last used, or when its row is removed; the row's own expiry is the sooner of the two.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Literal

from broker.vault import Drawer, Held, Vault

Role = Literal["auditor", "operator"]
"""An auditor reads everything; an operator also suspends, resumes, approves and rejects."""

LONGEST = 8 * 3600
"""Seconds after which a session ends, however busy it is."""
IDLE = 30 * 60
"""Seconds after which an unused one ends."""
_RENEWED = 60  # a session that was prolonged a minute ago is not written again
_BYTES = 32
_NAME = range(2, 81)
_REASON = range(3, 301)


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is: the name stands under decisions in the ledger."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at work, since `began` (Unix seconds)."""

    name: str
    role: Role
    began: int


@dataclass(frozen=True, slots=True)
class Departed:
    """What an answer of the operator's provider must fit."""

    nonce: str
    code_verifier: str


LINKS = Drawer[Person]("console-link", Person)
SESSIONS = Drawer[Session]("console-session", Session)
DEPARTURES = Drawer[Departed]("console-departure", Departed)


Refusal = Literal["link", "rights", "form", "name", "words", "groups", "provider", "state"]


class ConsoleRefused(Exception):
    """The console does not do this. `kind` names the page that says why, `detail` is for the log and for its reader."""

    def __init__(self, kind: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


# -- one-time links ---------------------------------------------------------------------------------------------------


def invite(vault: Vault, person: Person, until: int) -> str:
    """The token of a new link that counts once, before `until` (Unix seconds). Raises ConsoleRefused for a name."""
    check_name(person.name)
    token = secrets.token_bytes(_BYTES)
    vault.put(LINKS, token, person, until)
    return urlsafe_b64encode(token).rstrip(b"=").decode()


def invited(vault: Vault, token: str) -> Person:
    """Whom a link is for; it stays as it is, for mail scanners and browsers look at links. Raises ConsoleRefused."""
    held = vault.find(LINKS, _read_token(token))
    check_link(held)
    assert held is not None  # noqa: S101 - the rule above
    return held.value


def enter(vault: Vault, token: str, now: int) -> bytes:
    """Use a link up and begin a session, in one transaction; returns the session's secret. Raises ConsoleRefused."""
    with vault.change() as change:
        person = change.take(LINKS, _read_token(token))
        check_link(person)
        assert person is not None  # noqa: S101 - the rule above
        secret = secrets.token_bytes(_BYTES)
        change.put(SESSIONS, secret, Session(person.name, person.role, now), _end(now, now))
    return secret


def check_name(name: str) -> None:
    """A name has the form that the ledger takes, and shows no other letters than it has."""
    if len(name) not in _NAME or not name.isprintable() or name != name.strip():
        raise ConsoleRefused("name", f"a name has {_NAME.start} to {_NAME.stop - 1} visible characters")


def check_link(found: Person | Held[Person] | None) -> None:
    """A link counts once, for its minutes, at the instance that made it."""
    if found is None:
        raise ConsoleRefused("link", "the link was used, has expired, or was made by another instance")


def _read_token(token: str) -> bytes:
    """What is no token leads to no row."""
    try:
        return urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Error, ValueError):
        return b""


# -- on the way to the operator's provider ----------------------------------------------------------------------------


def depart(vault: Vault, browser: bytes, state: str, departed: Departed, until: int) -> None:
    """Remember a sign-in that this browser has begun; both secrets together find it again."""
    vault.put(DEPARTURES, browser + state.encode(), departed, until)


def arrive(vault: Vault, browser: bytes | None, state: str) -> Departed:
    """The sign-in that an answer belongs to, once. Raises ConsoleRefused."""
    with vault.change() as change:
        departed = change.take(DEPARTURES, browser + state.encode("utf-8", "surrogatepass")) if browser else None
    check_departed(departed)
    assert departed is not None  # noqa: S101 - the rule above
    return departed


def check_departed(departed: Departed | None) -> None:
    """RFC 6749 10.12: an answer counts once, in the browser that asked, and only for a while."""
    if departed is None:
        raise ConsoleRefused("state", "the answer belongs to no sign-in that this browser has begun")


# -- sessions ---------------------------------------------------------------------------------------------------------


def begin(vault: Vault, person: Person, now: int) -> bytes:
    """A session with a new secret, whatever the browser had before. Raises ConsoleRefused for a name."""
    check_name(person.name)
    secret = secrets.token_bytes(_BYTES)
    vault.put(SESSIONS, secret, Session(person.name, person.role, now), _end(now, now))
    return secret


def at_work(vault: Vault, secret: bytes | None, now: int) -> Held[Session] | None:
    """The session of a secret, prolonged by its use; None when there is none (any more)."""
    held = vault.find(SESSIONS, secret) if secret else None
    if held is None:
        return None
    end = _end(held.value.began, now)
    if end - held.expires >= _RENEWED:
        vault.swap(SESSIONS, held, held.value, end)  # somebody else may prolong it, or end it: both stand
    return held


def leave(vault: Vault, secret: bytes | None) -> None:
    """End a session: its row goes, so that a copy of the cookie is worth nothing."""
    if secret:
        with vault.change() as change:
            change.take(SESSIONS, secret)


def _end(began: int, now: int) -> int:
    return min(began + LONGEST, now + IDLE)


# -- rights -----------------------------------------------------------------------------------------------------------


def check_may_write(session: Session) -> None:
    """The auditor reads everything and changes nothing: who judges does not act."""
    if session.role != "operator":
        raise ConsoleRefused("rights", "an auditor changes nothing: an operator must do it")


def check_words(words: str) -> None:
    """Each change says why, or how it was verified, in the form that the ledger takes."""
    if len(words) not in _REASON or not words.isprintable():
        raise ConsoleRefused("words", f"say it in {_REASON.start} to {_REASON.stop - 1} characters, on one line")
