"""Which nodes of other countries are trusted now: the pinned ones of the configuration, and what the ledger has in force.

Octets from the ledger are proven again, by the anchors that the configuration names today: whoever could write into the
database could still not make another country's document count.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from broker.ledger import Ledger
from broker.parties import Country, Former
from broker.settings.model import Settings
from broker.sources import NotListed, judged, lists_in_force, place_of
from eidas.errors import Refused
from metadata.ledger.kinds import COUNTRY, IN_FORCE
from metadata.mdsl import ServiceList
from metadata.nodes import Connector, ProxyService
from metadata.review import Standing
from metadata.review.documents import octets_of

_log = logging.getLogger("passerelle")


def with_trusted(settings: Settings, ledger: Ledger, now: int) -> Settings:
    """The settings, each country with its nodes in force at `now` (Unix seconds), and off while it is suspended.

    Raises LedgerRefused. What does not count any more is left out, and the log says why.
    """
    if not settings.parties.countries:
        return settings
    said = ledger.standing()
    view = _View(settings, ledger, said, lists_in_force(settings, said, ledger.blob, now), now)
    countries = {code: view.country(country) for code, country in settings.parties.countries.items()}
    return replace(settings, parties=replace(settings.parties, countries=countries))


def without_countries(settings: Settings) -> Settings:
    """The settings with every country off: where the ledger does not hold, nobody can say whether one was suspended."""
    countries = {code: replace(country, active=False) for code, country in settings.parties.countries.items()}
    return replace(settings, parties=replace(settings.parties, countries=countries))


def is_suspended(said: Standing, code: str) -> bool:
    """Whether somebody has suspended a country, and nobody resumed it."""
    last = said.get((COUNTRY, code))
    return last is not None and last.facts["state"] == "suspended"


def is_behind(country: Country, said: Standing) -> bool:
    """Whether another Proxy-Service is in force by now than the one that the country has here: a worker looks once a second
    whether something has changed, and citizens may come back within it.
    """
    last = said.get((IN_FORCE, f"{country.code}/proxy"))
    return last is not None and (country.proxy is None or last.after != country.proxy.sha256)


@dataclass(frozen=True, slots=True)
class _View:
    """The ledger at a moment, with what it is judged by."""

    settings: Settings
    ledger: Ledger
    said: Standing
    lists: Sequence[ServiceList]
    now: int

    def country(self, country: Country) -> Country:
        fetched = {role: self._in_force(country, role) for role in country.sources}
        nodes = {role: node for role, node in fetched.items() if node is not None}
        former = {role: tuple(self._former(country, role)) for role in country.sources}
        active = country.active and not is_suspended(self.said, country.code)
        return replace(country, **nodes, former=former, active=active)  # type: ignore[arg-type] # by its role

    def _in_force(self, country: Country, role: str) -> ProxyService | Connector | None:
        event = self.said.get((IN_FORCE, f"{country.code}/{role}"))
        return self._node(country, role, event.after) if event else None

    def _former(self, country: Country, role: str) -> Iterator[Former]:
        """The nodes that were replaced lately: what they signed in time may still be on its way."""
        overlap = self.settings.trust.overlap_minutes * 60
        for event in self.ledger.changes(IN_FORCE, f"{country.code}/{role}"):
            if event.before and event.after and event.time > self.now - overlap:
                node = self._node(country, role, event.before)
                if node is not None:
                    yield Former(node, event.time + overlap)

    def _node(self, country: Country, role: str, document: str) -> ProxyService | Connector | None:
        sandbox = self.settings.mode == "sandbox"
        try:
            octets, place = octets_of(document, self.ledger.blob), place_of(country, role, self.lists)
            return judged(octets, country, role, place, self.now, sandbox).node
        except (Refused, NotListed) as wrong:
            _log.warning("the %s metadata of %s does not count any more: %s", role, country.code, wrong)
            return None
