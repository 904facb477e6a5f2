"""What citizens agree to of the data of data providers: what can be agreed to, what stands, and how it is withdrawn.

An agreement is a service's right to ask a data provider, for as long as the grant of one login stands. It is known from the
citizen's session alone, so nobody else can list it, and it is withdrawn for each data provider on its own.
"""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from broker.errors import Problem
from broker.journal import Journal
from broker.journey import Demand
from broker.parties import Parties
from broker.reference import new_reference
from broker.session import Given, Session
from broker.vault import Change, Held, Vault


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a service may ask of a data provider (both by their ids): the scopes, in the registry's order, and until when
    (Unix seconds). It was asked `last` (None for not yet), and may have been `withdrawn`.
    """

    service: str
    data_provider: str
    scopes: tuple[str, ...]
    until: int
    last: int | None = None
    withdrawn: bool = False


def by_data_provider(parties: Parties, service: str, scopes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of these scopes those that somebody delivers, and the service is granted, today: by the id of the data provider."""
    asker = parties.services.get(service)
    found: dict[str, tuple[str, ...]] = {}
    for name, one in parties.data_scopes.items():
        if name in scopes and asker is not None and name in asker.data:
            found[one.id] = (*found.get(one.id, ()), name)
    return found


def deliverable(parties: Parties, demand: Demand, ticked: Collection[str]) -> frozenset[str]:
    """Of what was ticked on the page that which was asked, and can be had today: a partner may have gone meanwhile."""
    asked = [scope for scope in demand.data if scope in ticked]
    return frozenset(scope for scopes in by_data_provider(parties, demand.service, asked).values() for scope in scopes)


def record(journal: Journal, parties: Parties, demand: Demand, agreed: Collection[str]) -> None:
    """Tell the journal what was agreed to, and what was refused, by names."""
    refused = [scope for scope in demand.data if scope not in agreed]
    for event, scopes in (("data.agreed", agreed), ("data.refused", refused)):
        for one, names in by_data_provider(parties, demand.service, scopes).items():
            words = {"service": demand.service, "data_provider": one, "scopes": " ".join(names)}
            journal.record(event, demand.reference, **words)


def withdraw_all(change: Change, parties: Parties, given: Iterable[Given]) -> None:
    """End what was agreed to at the logins of a session that its citizen cannot reach any more."""
    for one in given:
        for data_provider in by_data_provider(parties, one.service, one.data):
            change.withdraw(one.grant, data_provider)


class Agreements:
    """Those of one session, for the citizen whose it is."""

    def __init__(self, vault: Vault, parties: Parties, journal: Journal) -> None:
        self._vault = vault
        self._parties = parties
        self._journal = journal

    def of(self, session: Session, now: int) -> tuple[Agreement, ...]:
        """One for each service and data provider, the newest first: what stands, or else what was withdrawn early."""
        found: dict[tuple[str, str], Agreement] = {}
        for given in reversed(session.given):
            for one in self._at(given) if given.data and given.until > now else ():
                found[one.service, one.data_provider] = _both(found.get((one.service, one.data_provider)), one)
        order = list(self._parties.data_scopes)
        return tuple(replace(one, scopes=tuple(sorted(one.scopes, key=order.index))) for one in found.values())

    def _at(self, given: Given) -> list[Agreement]:
        """Those of one login."""
        if not self._vault.store.grant_stands(given.grant):
            return []
        checks = self._vault.store.checks(given.grant)
        found = []
        for one, scopes in by_data_provider(self._parties, given.service, given.data).items():
            agreement = Agreement(given.service, one, scopes, given.until)
            check = checks.get(one)
            found.append(replace(agreement, last=check.last, withdrawn=check.withdrawn) if check else agreement)
        return found

    def withdraw(self, held: Held[Session], service: str, data_provider: str, token: str) -> None:
        """The service may ask this data provider nothing more by any login of the session. Raises Problem USR-103."""
        check_withdrawal_token(held, token)
        ended: dict[str, None] = {}
        with self._vault.change() as change:
            for given in held.value.given:
                scopes = by_data_provider(self._parties, given.service, given.data).get(data_provider, ())
                if given.service == service and scopes and change.withdraw(given.grant, data_provider):
                    ended |= dict.fromkeys(scopes)
        if ended:
            words = {"service": service, "data_provider": data_provider, "scopes": " ".join(ended)}
            self._journal.record("data.withdrawn", new_reference(), **words)


def withdrawal_token(held: Held[Session]) -> str:
    """What the form carries by which citizens withdraw: it is the session's, and good as long as that runs."""
    return held.place.token(b"withdraw")


def check_withdrawal_token(held: Held[Session], token: str) -> None:
    """A cross-site post must not withdraw anything: the form carries a token of our own page, for this very session."""
    if not hmac.compare_digest(withdrawal_token(held).encode(), token.encode()):
        raise Problem("USR-103", "the token is not this session's")


def _both(newer: Agreement | None, older: Agreement) -> Agreement:
    """Two logins at one service: what stands counts; of two that stand, all of it."""
    if newer is None or (newer.withdrawn and not older.withdrawn):
        return older
    if older.withdrawn and not newer.withdrawn:
        return newer
    scopes = tuple(dict.fromkeys((*newer.scopes, *older.scopes)))
    return replace(newer, scopes=scopes, until=max(newer.until, older.until), last=_later(newer.last, older.last))


def _later(one: int | None, other: int | None) -> int | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
