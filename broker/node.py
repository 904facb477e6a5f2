"""Our eIDAS node as this configuration makes it: who we are to other countries, and what we tell them of us."""

import threading
from collections.abc import Callable, Mapping
from importlib.metadata import version

from broker import bridge, statement
from broker.journal import Journal
from broker.ports import CountryPort
from broker.providers.eidas import AbsentCountry, Connector, EidasCountry, Renew
from broker.relying.eidas import EidasRelying
from broker.relying.hearing import ProxyService
from broker.settings import Settings
from certs.keyring import Keyring
from certs.keys import Use
from eidas import xml
from eidas.attributes import CURRENT_ADDRESS, DEFINITIONS, PERSON_IDENTIFIER, PHONE_NUMBER
from eidas.keys import decrypter_of, signer_of
from eidas.vocabulary import NOTIFIED_LEVELS
from metadata.build import AboutUs, Mailbox, build_connector, build_proxy_service

CONNECTOR, PROXY = "connector", "proxy"
"""The roles of a node: it asks other countries for our services, and it answers them for theirs."""
_DAY = 86_400
_IF_ASKED = {PHONE_NUMBER: "phone", CURRENT_ADDRESS: "address"}


def entity_id(settings: Settings, role: str) -> str:
    """Message Format 1.4, 2.1.1: the address of our metadata is our name, one for each role."""
    return f"{settings.public_url}/eidas/{role}/metadata"


def acs(settings: Settings) -> str:
    """Where countries answer."""
    return f"{settings.public_url}/eidas/connector/acs"


def endpoint(settings: Settings) -> str:
    """Where countries ask."""
    return f"{settings.public_url}/eidas/proxy/sso"


def requesters(settings: Settings) -> Callable[[str], str]:
    """From a service's id to what it is called where a country insists on a name."""
    return lambda service: bridge.requester_id(settings.public_url, service, settings.client_secret_key)


def country_ports(
    settings: Settings, keyring: Keyring, clock: Callable[[], int], renew: Renew
) -> Mapping[str, CountryPort]:
    """A port for each country; none without the role of a Connector. Raises LookupError when a key is missing."""
    if CONNECTOR not in settings.node.roles:
        return {}
    xml.self_test()
    own = Connector(
        entity_id=entity_id(settings, CONNECTOR),
        acs=acs(settings),
        country=settings.node.country,
        signer=signer_of(keyring.active(Use.SAML_SIGNING)),
        decrypters=tuple(decrypter_of(key) for key in keyring.all(Use.SAML_DECRYPTION)),
    )
    found: dict[str, CountryPort] = {}
    for code, country in settings.parties.countries.items():
        if country.proxy is not None:
            found[code] = EidasCountry(country, country.proxy, own, clock, renew)
        elif "proxy" in country.sources:
            found[code] = AbsentCountry()
    return found


def foreign_relying(
    settings: Settings, keyring: Keyring, journal: Journal, clock: Callable[[], int]
) -> EidasRelying | None:
    """The port for services in other countries; None without the role. Raises LookupError when a key is missing."""
    if PROXY not in settings.node.roles:
        return None
    xml.self_test()
    own = ProxyService(
        entity_id=entity_id(settings, PROXY),
        endpoint=endpoint(settings),
        country=settings.node.country,
        signer=signer_of(keyring.active(Use.SAML_SIGNING)),
        levels=frozenset(levels(settings)),
        attributes=frozenset(attributes(settings)),
    )
    return EidasRelying(own, settings.parties.countries, settings.sub_keys, journal, clock)


def levels(settings: Settings) -> list[str]:
    """What our providers vouch for: nobody is promised more."""
    reached = frozenset().union(*(provider.levels for provider in settings.parties.choosable()))
    return [NOTIFIED_LEVELS[level - 1] for level in sorted(reached)]


def attributes(settings: Settings) -> list[str]:
    """What can be said of a French person. Phone and address are there if providers are asked for them anyway."""
    granted = frozenset().union(*(service.scopes for service in settings.parties.services.values()))
    told = {PERSON_IDENTIFIER, *statement.CLAIMS} - {name for name, scope in _IF_ASKED.items() if scope not in granted}
    return [name for name in DEFINITIONS if name in told]


def metadata(settings: Settings, keyring: Keyring, clock: Callable[[], int]) -> Mapping[str, Callable[[], bytes]]:
    """What others fetch under our entity IDs, by the roles that we have."""
    roles = settings.node.roles
    if not roles:
        return {}
    signer = signer_of(keyring.active(Use.METADATA_SIGNING))

    def connector(day: int) -> bytes:
        return build_connector(_about(settings, keyring, day, CONNECTOR), acs(settings), signer)

    def proxy(day: int) -> bytes:
        about = _about(settings, keyring, day, PROXY)
        return build_proxy_service(about, endpoint(settings), levels(settings), attributes(settings), signer)

    makers = {CONNECTOR: connector, PROXY: proxy}
    return {role: _Daily(makers[role], clock) for role in roles}


class _Daily:
    """A document that is made anew on the first request of each day (UTC)."""

    def __init__(self, made: Callable[[int], bytes], clock: Callable[[], int]) -> None:
        self._made = made
        self._clock = clock
        self._lock = threading.Lock()
        self._day = -1
        self._document = b""

    def __call__(self) -> bytes:
        day = self._clock() // _DAY
        with self._lock:
            if day != self._day:
                self._document, self._day = self._made(day), day
            return self._document


def _about(settings: Settings, keyring: Keyring, day: int, role: str) -> AboutUs:
    node = settings.node
    return AboutUs(
        entity_id=entity_id(settings, role),
        country=node.country,
        organisation=node.organisation,
        site=node.site,
        contacts=tuple(Mailbox(contact.kind, contact.mail, contact.tel) for contact in node.contacts),
        signing=tuple(key.certificate for key in keyring.all(Use.SAML_SIGNING)),
        encryption=tuple(key.certificate for key in keyring.all(Use.SAML_DECRYPTION)),
        valid_until=(day + node.valid_days) * _DAY,
        version=version("passerelle"),
    )
