"""Composition: the one place where the parts are put together, and put together again when the configuration changes."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from flask import Flask

from broker import geography, node
from broker.abroad import Abroad
from broker.agreements import Agreements
from broker.assurance import Level
from broker.checkpointing import sign_daily
from broker.claims import SCOPES
from broker.described import describe
from broker.fetch import Fetcher, Prober, localhost_resolver, system_resolver
from broker.flow import Flow
from broker.housekeeping import Housekeeper
from broker.journal import Journal
from broker.journey import EIDAS, OIDC
from broker.ledger import Ledger
from broker.logout import Logout
from broker.parties import Country, DataProvider, Parties, Provider, Service
from broker.ports import Fetch, Store, StoreUnavailable, Told
from broker.providers.console import ConsolePort
from broker.providers.keys import keys_at
from broker.providers.oidc import OidcProvider
from broker.recording import record
from broker.recurring import Recurring
from broker.refreshing import PACE, MetadataWays, Pace, Refresher
from broker.relying.asking import Asking
from broker.relying.authentication import Authentication
from broker.relying.checking import Checking
from broker.relying.issuer import Issuer
from broker.relying.keys import source_of
from broker.relying.lanes import Lanes
from broker.relying.oidc import OidcRelying, own_token
from broker.relying.opening import Opening
from broker.relying.rates import Rates
from broker.relying.redeeming import Redeeming
from broker.relying.telling import PERIOD, Speaker, Telling
from broker.relying.trial import TRIAL, TrialRelying
from broker.seal import locator
from broker.settings import Settings, SettingsInvalid, load
from broker.store import open_store
from broker.trusting import is_behind, with_trusted, without_countries
from broker.vault import Vault
from broker.visit import Lives, Parts, RelyingPort
from broker.web.rooms import Rooms
from broker.web.site import create
from certs.keyring import KeyRefused, Keyring, load_keyring
from metadata.errors import LedgerRefused
from metadata.mdsl import LIMITS as LIST_LIMITS
from oidc.authorization_rules import Policy
from oidc.messages import Client
from oidc.tokens import read_jwks

_log = logging.getLogger("passerelle")


METADATA_SECONDS = 10.0
"""How long a document may take to come."""
REVOKED_SECONDS = 3.0
"""How long a list of revoked certificates may take: what cannot be had is told as a remark."""


def now() -> int:
    """Unix seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out: to providers and services, and to whoever publishes metadata, at this pace; `lanes` to services."""

    fetch: Fetch
    metadata: MetadataWays
    pace: Pace = PACE
    lanes: Lanes[Told] = field(default_factory=Lanes)


class House:
    """The rooms in force. Calling it gives them; at most once a second it looks whether they must be built anew."""

    def __init__(self, settings: Settings, store: Store, ways: Ways, clock: Callable[[], int]) -> None:
        self._store = store
        self._ways = ways
        self._clock = clock
        self._looked = time.monotonic()
        self._generation = store.generation()
        self._ledger = Ledger(store)
        self._rooms = self._begun(settings)

    def __call__(self) -> Rooms:
        """The rooms in force."""
        return self.look() if time.monotonic() - self._looked >= 1 else self._rooms

    def look(self) -> Rooms:
        """The rooms in force after looking now."""
        self._looked = time.monotonic()
        try:
            self._renew()
        finally:
            # A store that is slow to fail has used the second up: the page that says so must not wait for it again.
            self._looked = time.monotonic()
        return self._rooms

    def _renew(self) -> None:
        generation = self._store.generation()
        if generation == self._generation:
            return
        before, self._generation = self._generation, generation
        try:
            settings = load(self._rooms.settings.folder)
            self._rooms = self._built(settings)
            _log.info("configuration %s is in force", settings.fingerprint)
        except StoreUnavailable:
            self._generation = before  # what was announced is still to come: a suspension must not be missed
            raise
        except (SettingsInvalid, KeyRefused, LookupError, LedgerRefused) as invalid:
            warning = "the new configuration is not valid; the old one stays in force: passerelle check"
            self._rooms = replace(self._rooms, warning=warning)
            _log.error("%s: %s", warning, invalid)

    def _begun(self, settings: Settings) -> Rooms:
        """The first rooms. A ledger that does not hold stops no login of a French account; no country counts by it."""
        try:
            return self._built(settings)
        except LedgerRefused as refused:
            _log.error("the ledger does not hold: %s; no country counts: passerelle audit verify", refused)
            return self._told(self._rooms_of(without_countries(settings)))

    def _built(self, settings: Settings) -> Rooms:
        """The rooms, with whom the ledger trusts. Raises LedgerRefused."""
        return self._told(self._rooms_of(with_trusted(settings, self._ledger, self._clock())))

    def _rooms_of(self, settings: Settings) -> Rooms:
        return build(settings, self._store, self._ledger, self._ways, self._clock)

    def _told(self, rooms: Rooms) -> Rooms:
        """The rooms, of which the ledger was told; where it could not be told, they say so."""
        warning = record(self._ledger, rooms.settings, rooms.keyring, rooms.node_metadata, self._clock())
        return replace(rooms, warning=warning)

    def refresh(self) -> None:
        """Fetch the metadata that is due, if no other worker is at it; and sign the checkpoint of the day."""
        try:
            rooms = self()
            rooms.refresher.take_turn(rooms.settings)
            sign_daily(rooms.ledger, rooms.settings, rooms.keyring, rooms.clock())
        except (StoreUnavailable, LedgerRefused) as wrong:
            _log.warning("metadata is not fetched, no checkpoint signed: %s", wrong)

    def tell(self) -> None:
        """Tell services what they must still be told, as far as it is due."""
        try:
            self().telling.take_turn()
        except StoreUnavailable as wrong:
            _log.warning("no service is told of logouts: %s", wrong)


def build(settings: Settings, store: Store, ledger: Ledger, ways: Ways, clock: Callable[[], int]) -> Rooms:
    """Every part for this configuration."""
    issuer = f"{settings.public_url}/api/v2"
    vault = Vault(store, locator(settings.peppers))
    keyring = load_keyring(settings.secrets_folder / "keys")
    for algorithm in {caller.algorithm for caller in settings.parties.callers}:
        keyring.signing(algorithm)  # an instance that could not sign must not start
    journal = Journal(clock)
    verify_own = partial(own_token, read_jwks(json.dumps(keyring.jwks()).encode()))
    keyed = {caller.client_id: caller.keys for caller in settings.parties.callers if caller.keys}
    keys = {client_id: source_of(stated, ways.fetch, clock) for client_id, stated in keyed.items()}
    help_url = f"{settings.public_url}/aide"
    relying = OidcRelying(issuer, help_url, settings.parties, settings.sub_keys, clock)
    answering = Issuer(issuer, settings.parties, keyring, keys, clock)
    providers = _providers(settings, issuer, ways.fetch, clock, keyring)
    refresher = Refresher(ledger, vault, ways.metadata, clock, ways.pace)
    speaker = Speaker(issuer, keyring, keys, clock)
    telling = Telling(settings.parties.services, speaker, store.notices, ways.fetch, ways.lanes, journal, clock)
    lives = Lives(settings.step_minutes * 60, settings.sso_minutes * 60)
    callback = f"{issuer}/client/logout-callback"
    countries = node.country_ports(settings, keyring, clock, partial(_renewed, refresher, settings, ledger, clock))
    foreign = node.foreign_relying(settings, keyring, journal, clock)
    ports: dict[str, RelyingPort] = {OIDC: relying, TRIAL: TrialRelying(), **({EIDAS: foreign} if foreign else {})}
    parts = Parts(vault, settings.parties, ports, providers, journal, clock, countries, node.requesters(settings))
    flow = Flow(parts, lives)
    policy = Policy(known_scopes=frozenset((*SCOPES, *settings.parties.data_scopes)), own_token=verify_own)
    clients = {service.client_id: _client(service, settings.parties) for service in settings.parties.services.values()}
    data_providers = {one.client_id: one for one in settings.parties.data.values()}
    data_clients = {client_id: _data_client(one) for client_id, one in data_providers.items()}
    secret_key = settings.client_secret_key
    return Rooms(
        settings=settings,
        vault=vault,
        ledger=ledger,
        refresher=refresher,
        flow=flow,
        abroad=Abroad(parts, flow),
        logout=Logout(parts, callback, relying.name, telling.at_once),
        telling=telling,
        agreements=Agreements(vault, settings.parties, journal),
        relying=relying,
        foreign=foreign,
        providers=providers,
        countries=countries,
        node_metadata=node.metadata(settings, keyring, clock),
        remarks=node.remarks(settings, keyring),
        described=describe(settings, keyring),
        keyring=keyring,
        own_token=verify_own,
        clients=clients,
        asking=Asking(issuer, clients, policy, keys, vault, clock),
        authentication=Authentication(issuer, settings.parties.clients, clients, secret_key, keys, vault, clock),
        data_authentication=Authentication(issuer, data_providers, data_clients, secret_key, keys, vault, clock),
        redeeming=Redeeming(answering, vault),
        opening=Opening(answering, vault),
        checking=Checking(answering, vault, journal),
        rates=Rates(vault, clock),
        journal=journal,
        clock=clock,
        console=_console(settings, ways.fetch, clock),
    )


def _renewed(
    refresher: Refresher, settings: Settings, ledger: Ledger, clock: Callable[[], int], code: str
) -> Country | None:
    """A country as it is after its metadata was fetched anew, or has come since; None where there is nothing new."""
    country = settings.parties.countries[code]
    try:
        if not refresher.renew(settings, code) and not is_behind(country, ledger.standing()):
            return None
        alone = replace(settings, parties=Parties({}, {}, {code: country}))
        return with_trusted(alone, ledger, clock()).parties.countries[code]
    except LedgerRefused as refused:
        _log.warning("metadata is not fetched: %s", refused)
        return None


def _providers(
    settings: Settings, issuer: str, fetch: Fetch, clock: Callable[[], int], keyring: Keyring
) -> dict[str, OidcProvider]:
    """The ports of the providers. LookupError when a key is missing that says at one of them who we are."""
    scope = provider_scope(settings.parties)
    sandbox = settings.mode == "sandbox"

    def port(provider: Provider) -> OidcProvider:
        callback = f"{issuer}/oidc-callback/{provider.id}"
        signer, opening = keys_at(provider, keyring) if provider.active else (None, None)
        return OidcProvider(provider, callback, scope, fetch, clock, sandbox, signer, opening)

    return {provider.id: port(provider) for provider in settings.parties.providers.values()}


def _console(settings: Settings, fetch: Fetch, clock: Callable[[], int]) -> ConsolePort | None:
    callback = f"{settings.public_url}/console/retour"
    sandbox = settings.mode == "sandbox"
    return ConsolePort(settings.console, callback, fetch, clock, sandbox) if settings.console else None


def provider_scope(parties: Parties) -> str:
    """What every provider is asked, whoever asks us: the pivot, and address or phone only if a service here has them."""
    granted = frozenset().union(*(service.scopes for service in parties.services.values()))
    return " ".join(("openid", "profile", "birth", "email", *(s for s in ("address", "phone") if s in granted)))


def _client(service: Service, parties: Parties) -> Client:
    asked = {scope: one for scope, one in parties.data_scopes.items() if scope in service.data}
    return Client(
        client_id=service.client_id,
        redirect_uris=service.redirect_uris,
        post_logout_redirect_uris=service.post_logout_redirect_uris,
        scopes=service.scopes | asked.keys(),
        authentication=service.authentication,
        idp_hints=service.idp_hints,
        levels=tuple(level.acr for level in Level if level <= service.maximum),
        signing_algorithms=service.keys.algorithms if service.keys else frozenset(),
        only_pushed=service.only_pushed,
        only_signed=service.only_signed,
        resources=frozenset(one.resource for one in asked.values() if one.resource),
    )


def _data_client(one: DataProvider) -> Client:
    """A data provider as whoever authenticates it knows it: it asks for nothing itself, and is never a public one."""
    return Client(
        client_id=one.client_id,
        redirect_uris=(),
        post_logout_redirect_uris=(),
        scopes=frozenset(),
        authentication=one.authentication - {"none"},
        signing_algorithms=one.keys.algorithms if one.keys else frozenset(),
    )


def ways_to_metadata(settings: Settings) -> MetadataWays:
    """The ways to whoever publishes metadata: lists are larger than any message of a login."""
    sandbox = settings.mode == "sandbox"
    resolve = localhost_resolver if sandbox else system_resolver

    def way(allow_http: bool, seconds: float) -> Fetch:
        return Fetcher(resolve, allow_http=allow_http, total=seconds, largest=LIST_LIMITS.size)

    return MetadataWays(way(sandbox, METADATA_SECONDS), way(True, REVOKED_SECONDS))


def metadata_prober(settings: Settings) -> Prober:
    """How such a host is reached, within the same bounds."""
    sandbox = settings.mode == "sandbox"
    return Prober(localhost_resolver if sandbox else system_resolver, allow_http=sandbox)


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    fetch: Fetch | None = None,
    metadata_ways: MetadataWays | None = None,
    clock: Callable[[], int] = now,
    pace: Pace = PACE,
    chores: bool = True,
) -> Flask:
    """The WSGI application of one instance. Tests hand in their store, ways out, clock and pace.

    Without `chores` nothing happens but what a request asks for: no thread is made.
    """
    sandbox = settings.mode == "sandbox"
    fetch = fetch or Fetcher(localhost_resolver if sandbox else system_resolver, allow_http=sandbox)
    store = store or open_store(settings.database, clock)
    house = House(settings, store, Ways(fetch, metadata_ways or ways_to_metadata(settings), pace), clock)
    geography.load()
    app = create(house, settings)
    app.extensions["passerelle"] = house
    if chores:
        refresher = Recurring("refresher", pace.looks, house.refresh)
        app.extensions["chores"] = (Housekeeper(store), refresher, Recurring("teller", PERIOD, house.tell))
    return app
