"""The session that a login leaves in the browser: for single sign-on, for logout, and for authorisations.

Every login leaves one; whether it may serve another service is a question of `check_*` below. It is sealed under the
session cookie's secret, which is new at each authentication.

Services that are told of a logout know the session by a `sid`. It is made from the session's id, which nobody is shown, and
the service's own: two services that compare theirs learn nothing, and whoever sees only sids cannot tell which belong
together.
"""

import hashlib
import hmac
from dataclasses import dataclass, field, replace

from broker.assurance import Level
from broker.european import EuropeanIdentity
from broker.journey import Demand, Proof
from broker.subject import same_person


class NotReusable(ValueError):
    """This session cannot answer this demand; the text says why, in English."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a service was given once: the id of its grant (see `relying`), until when that can count (Unix seconds), and the
    scopes of data providers that the citizen agreed to.
    """

    service: str
    grant: bytes
    until: int
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in, by which proof, and what was given to whom. It is in force until its row expires.

    `id` are 16 random bytes, made with the session. It may serve another service until `serves` (Unix seconds), and is then
    there for what was given alone.
    """

    proof: Proof
    id: bytes = field(repr=False)
    given: tuple[Given, ...] = ()
    serves: int = 0

    @property
    def services(self) -> tuple[str, ...]:
        """The ids of the services that know of this session, each once, the newest last."""
        return tuple(reversed(dict.fromkeys(one.service for one in reversed(self.given))))

    def sid(self, service: str) -> str:
        """The name of this session for one service: 32 hex digits (OpenID Connect Back-Channel Logout 2.1, `sid`)."""
        return hmac.digest(self.id, service.encode(), hashlib.sha256).hex()[:32]

    def with_release(self, given: Given, now: int) -> "Session":
        """The session after one more release. What counts no more is kept where it is all that tells of its service."""
        later = {given.service}
        kept = [given]
        for one in reversed(self.given):
            if one.until > now or one.service not in later:
                kept.append(one)
            later.add(one.service)
        return replace(self, given=tuple(reversed(kept[:_MOST])))

    def kept_until(self) -> int:
        """As long as it serves, and as long as anything counts that the citizen may withdraw."""
        return max((self.serves, *(one.until for one in self.given if one.data)))


_MOST = 64


def session_after(former: Session | None, proof: Proof, new_id: bytes) -> Session:
    """The session of a new authentication in a browser whose session was `former`.

    The same person keeps the id and what was given, so that one logout reaches every service that he opened, and what he
    agreed to can still be withdrawn. Another person takes nothing over. No service is told: who logs in has not asked to be
    logged out elsewhere, and what is open at the former's services, such as a form half filled in, is left alone.
    """
    if former is None or not same_person(former.proof.identity, proof.identity):
        return Session(proof, new_id)
    return replace(former, proof=proof)


def check_reusable(session: Session, demand: Demand, now: int) -> None:
    """Design law of single sign-on, as a list. Raises NotReusable."""
    check_not_fresh(demand)
    check_serves(session, now)
    check_not_from_abroad(session)
    check_levels_shareable(session, demand)
    check_age(session, demand, now)


def check_not_fresh(demand: Demand) -> None:
    """OpenID Connect Core 3.1.2.1: prompt=login asks for a new authentication."""
    if demand.fresh:
        raise NotReusable("a new authentication was asked for")


def check_serves(session: Session, now: int) -> None:
    """(EU) 2016/679 article 7.3: a session outlasts single sign-on for the withdrawal of an agreement alone."""
    if now >= session.serves:
        raise NotReusable("the time of single sign-on is over")


def check_not_from_abroad(session: Session) -> None:
    """FranceConnect 5.6, Message Format 1.4, 2.4.1 (ForceAuthn): a European identity serves one login."""
    if isinstance(session.proof.identity, EuropeanIdentity):
        raise NotReusable("another country vouched for one login")


def check_levels_shareable(session: Session, demand: Demand) -> None:
    """FranceConnect 5.6: single sign-on exists up to substantial, and never gives more than was proven."""
    if session.proof.level is Level.HIGH or demand.level is Level.HIGH:
        raise NotReusable("level high is never shared")
    if session.proof.level < demand.level:
        raise NotReusable("the session's level is too low")


def check_age(session: Session, demand: Demand, now: int) -> None:
    """OpenID Connect Core 3.1.2.1: max_age bounds the time since the authentication."""
    if demand.max_age is not None and now - session.proof.at > demand.max_age:
        raise NotReusable("the authentication is older than max_age")
