"""What the views work with: everything that the configuration in force has built, as one value.

`Rooms` is made anew as a whole when the configuration changes, so a request sees either the old one or the new one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from broker.abroad import Abroad
from broker.agreements import Agreements
from broker.described import Described
from broker.flow import Flow
from broker.journal import Journal
from broker.ledger import Ledger
from broker.logout import Logout
from broker.parties import DataProvider, Parties, Service
from broker.ports import CountryPort, ProviderPort
from broker.providers.console import ConsolePort
from broker.published import Remark
from broker.refreshing import Refresher
from broker.relying.asking import Asking
from broker.relying.authentication import Authentication
from broker.relying.checking import Checking
from broker.relying.eidas import EidasRelying
from broker.relying.oidc import OidcRelying
from broker.relying.opening import Opening
from broker.relying.rates import Rates
from broker.relying.redeeming import Redeeming
from broker.relying.telling import Telling
from broker.settings import Settings
from broker.vault import Vault
from certs.keyring import Keyring
from oidc.messages import Client


@dataclass(frozen=True, slots=True)
class Rooms:
    """The configuration in force and what was built from it."""

    settings: Settings
    vault: Vault
    ledger: Ledger
    refresher: Refresher
    flow: Flow
    abroad: Abroad
    logout: Logout
    telling: Telling
    agreements: Agreements
    relying: OidcRelying
    foreign: EidasRelying | None
    providers: Mapping[str, ProviderPort]
    countries: Mapping[str, CountryPort]
    node_metadata: Mapping[str, Callable[[], bytes]]
    described: Described | None
    keyring: Keyring
    own_token: Callable[[str], Mapping[str, Any] | None]
    clients: Mapping[str, Client]
    asking: Asking
    authentication: Authentication[Service]
    data_authentication: Authentication[DataProvider]
    redeeming: Redeeming
    opening: Opening
    checking: Checking
    rates: Rates
    journal: Journal
    clock: Callable[[], int]
    console: ConsolePort | None = None
    warning: str = ""
    remarks: Callable[[int], tuple[Remark, ...]] = lambda _now: ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should see to, now."""
        return (*filter(None, (self.warning,)), *map(str, self.remarks(self.clock())))

    @property
    def parties(self) -> Parties:
        """Everybody that the configuration names."""
        return self.settings.parties


Current = Callable[[], Rooms]
