"""Our eIDAS node as this configuration makes it: who we are to other countries, and what we tell them of us."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version

from broker import bridge, statement
from broker.journal import Journal
from broker.ports import CountryPort
from broker.providers.eidas import AbsentCountry, Connector, EidasCountry, Renew
from broker.published import NotPublished, Publication, Remark, read_published, remarks_on
from broker.relying.eidas import EidasRelying
from broker.relying.hearing import ProxyService
from broker.settings import Settings
from certs.keyring import Keyring
from certs.keys import Use
from eidas import xml
from eidas.attributes import CURRENT_ADDRESS, DEFINITIONS, PERSON_IDENTIFIER, PHONE_NUMBER
from eidas.keys import decrypter_of, signer_of
from eidas.vocabulary import NOTIFIED_LEVELS
from metadata.build import AboutUs, Mailbox, connector_entity, proxy_entity
from metadata.ledger.content import content_digest
from metadata.publication import sign

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
    if settings.node.offline:
        published = ((role, publication(settings, role)) for role in roles)
        return {role: _Standing(one, clock) for role, one in published if isinstance(one, Publication)}
    signer = signer_of(keyring.active(Use.METADATA_SIGNING))

    def made(role: str, day: int) -> bytes:
        return sign(unsigned(settings, keyring, role, until=(day + settings.node.valid_days) * _DAY), signer)

    return {role: _Daily(partial(made, role), clock) for role in roles}


def unsigned(settings: Settings, keyring: Keyring, role: str, until: int) -> bytes:
    """What our metadata says, before somebody signs it; it counts `until` (Unix seconds). Same facts, same octets."""
    about = _about(settings, keyring, until, role)
    if role == CONNECTOR:
        return xml.write(connector_entity(about, acs(settings)))
    return xml.write(proxy_entity(about, endpoint(settings), levels(settings), attributes(settings)))


def publication(settings: Settings, role: str) -> Publication | NotPublished:
    """What was signed elsewhere and published here, or why there is nothing."""
    try:
        return read_published(settings.folder, role, entity_id(settings, role), settings.node.offline)
    except NotPublished as absent:
        return absent


def remarks(settings: Settings, keyring: Keyring) -> Callable[[int], tuple[Remark, ...]]:
    """What the operator must know of metadata that is signed elsewhere, at a moment (Unix seconds)."""
    if not settings.node.offline:
        return lambda _now: ()
    pairs = [
        (publication(settings, role), content_digest(unsigned(settings, keyring, role, until=_DAY)))
        for role in settings.node.roles
    ]
    return lambda now: tuple(remark for one, ours in pairs for remark in remarks_on(one, ours, now))


class _Standing:
    """A document that was signed elsewhere: as it is until it ends, then nothing."""

    def __init__(self, one: Publication, clock: Callable[[], int]) -> None:
        self._one = one
        self._clock = clock

    def __call__(self) -> bytes:
        return self._one.octets if self._one.said.valid_until > self._clock() else b""


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


def _about(settings: Settings, keyring: Keyring, until: int, role: str) -> AboutUs:
    node = settings.node
    return AboutUs(
        entity_id=entity_id(settings, role),
        country=node.country,
        organisation=node.organisation,
        site=node.site,
        contacts=tuple(Mailbox(contact.kind, contact.mail, contact.tel) for contact in node.contacts),
        signing=tuple(key.certificate for key in keyring.all(Use.SAML_SIGNING)),
        encryption=tuple(key.certificate for key in keyring.all(Use.SAML_DECRYPTION)),
        valid_until=until,
        version=version("passerelle"),
    )
