"""A test login through a country or a French provider, which the operator begins by a link and which reaches no service.

It is a journey like any other until somebody has vouched. Then a page says what came, by names, and there it ends: this
relying port releases nothing.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass

from broker.assurance import Level
from broker.claims import ORDER
from broker.errors import Problem
from broker.identity import Person
from broker.journey import Demand, Manner, Passage, Ready
from broker.ports import Answer
from broker.reference import new_reference
from broker.vault import Change

TRIAL = "trial"
PROVIDER = "fi:"
"""What stands before the id of a provider in the place of a country's code."""
LIFE = 600
"""Seconds for which the operator's link counts."""
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Tester:
    """Who asks in a test login: nobody. Citizens of other countries may come, and are asked as by a public service.

    `idp_hints` is the provider that the link is for, which citizens need not see yet.
    """

    idp_hints: frozenset[str]
    public: bool = True
    europe: bool = True

    def may_use(self, provider: str) -> bool:  # noqa: ARG002 - the protocol's
        """The operator may try every one."""
        return True


class TrialRelying:
    """The relying port of test logins."""

    def grant(self, change: Change, ready: Ready, sid: str) -> Answer:  # noqa: ARG002 - the port's
        """A test login is told to nobody."""
        raise Problem("USR-103", "a test login reaches no service")

    def refuse(self, demand: Demand, problem: Problem) -> Passage:  # noqa: ARG002 - the port's
        """There is nobody to go back to."""
        return Passage("/")

    def asker(self, demand: Demand) -> Tester:
        """Nobody asks."""
        return Tester(frozenset((provider_of(demand),)))

    def check_tellable(self, person: Person) -> None:
        """Nothing is told of anybody."""

    def check_wanted(self, demand: Demand, person: Person) -> None:
        """Anybody may try."""

    def hears_of(self, demand: Demand, code: str) -> bool:  # noqa: ARG002 - the port's
        """There is nobody to hear."""
        return False


def link(public_url: str, key: bytes, country: str, now: int) -> str:
    """The address that begins a test login through a country; it counts for ten minutes."""
    return f"{public_url}/eidas/essai?t={_token(key, country, now)}"


def provider_link(public_url: str, key: bytes, provider: str, now: int) -> str:
    """The address that begins a test login through a French provider; it counts for ten minutes."""
    return f"{public_url}/essai?t={_token(key, PROVIDER + provider, now)}"


def provider_of(demand: Demand) -> str:
    """The provider that a test login is for, "" where it is for a country."""
    return demand.service.removeprefix(PROVIDER) if demand.service.startswith(PROVIDER) else ""


def check_through(demand: Demand, provider: bool) -> None:
    """A link for a provider begins nothing at the address for countries, nor the reverse."""
    if bool(provider_of(demand)) is not provider:
        raise Problem("USR-102", "the link of the test login is of another kind")


def _token(key: bytes, target: str, now: int) -> str:
    stated = json.dumps([target, now + LIFE]).encode()
    return urlsafe_b64encode(_digest(key, stated) + stated).rstrip(b"=").decode()


def demand_of(token: str, key: bytes, now: int) -> Demand:
    """What the link's token demands: everything that is published, at any level. Raises Problem USR-102."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Error, ValueError):
        sealed = b""
    check_genuine(sealed, key)
    target, until = json.loads(sealed[_DIGEST:])
    check_in_time(until, now)
    return Demand(
        service=target,
        claims=ORDER,
        level=Level.LOW,
        manner=Manner.INFORM,
        note={},
        reference=new_reference(),
        hint=target.removeprefix(PROVIDER) if target.startswith(PROVIDER) else None,
        fresh=True,
        relying=TRIAL,
    )


def check_genuine(sealed: bytes, key: bytes) -> None:
    """Only who has the instance's key makes such a link: the operator."""
    if not hmac.compare_digest(_digest(key, sealed[_DIGEST:]), sealed[:_DIGEST]):
        raise Problem("USR-102", "the link of the test login is not genuine")


def check_in_time(until: int, now: int) -> None:
    """A link that lies around is worth nothing."""
    if now >= until:
        raise Problem("USR-102", "the link of the test login has expired")


def _digest(key: bytes, stated: bytes) -> bytes:
    return hmac.digest(key, b"trial:" + stated, hashlib.sha256)
