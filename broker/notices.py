"""What services must still be told when a session ends, and how often it is tried.

Why an hour: a service that is down for longer has lost its sessions, or ends them itself; and the less lies in the store
the better. Moments are spread and the order is random, so that what is stored does not say which notices belong together.
(Who watches the database all the time sees them come together.)
"""

import secrets
from collections.abc import Mapping

from broker.parties import Service
from broker.ports import Notice
from broker.session import Session

LIFE = 3600
"""Seconds for which it is tried, at most."""
LEASE = 60
"""Seconds for which one worker alone may try: longer than it can take, so that nobody is told twice by two workers."""
PAUSES = (5, 30, 120, 600)
"""Seconds until the next attempt: after the first one, the second… the last for all others."""
_SPREAD, _LEASE_SPREAD = 300, 10
_system = secrets.SystemRandom()


def notices_of(session: Session, services: Mapping[str, Service], but: str, now: int) -> tuple[Notice, ...]:
    """A notice for each service of the session that can be told, `but` one ("" for none); leased, for the first attempt."""
    names = [name for name in session.services if name != but and name in services and services[name].tell_at]
    _system.shuffle(names)
    return tuple(_notice(name, session.sid(name), now) for name in names)


def _notice(service: str, sid: str, now: int) -> Notice:
    expires = now + LIFE - _system.randrange(_SPREAD)
    return Notice(secrets.token_bytes(16), service, sid, expires, 1, now + LEASE + _system.randrange(_LEASE_SPREAD))


def next_attempt(notice: Notice, now: int) -> int | None:
    """When a notice that was not heard is tried again; None for never."""
    due = now + PAUSES[min(notice.attempts, len(PAUSES)) - 1]
    return due if due < notice.expires else None
