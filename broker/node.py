"""Our eIDAS node as this configuration makes it: who we are to other countries, and what we tell them of us."""

import threading
from collections.abc import Callable, Mapping
from importlib.metadata import version

from broker import bridge
from broker.providers.eidas import Connector, EidasCountry
from broker.settings import Settings
from certs.keyring import Keyring
from certs.keys import Use
from eidas import xml
from eidas.keys import decrypter_of, signer_of
from metadata.build import AboutUs, Mailbox, build_connector

_DAY = 86_400


def entity_id(settings: Settings) -> str:
    """Message Format 1.4, 2.1.1: the address of our metadata is our name."""
    return f"{settings.public_url}/eidas/connector/metadata"


def acs(settings: Settings) -> str:
    """Where countries answer."""
    return f"{settings.public_url}/eidas/connector/acs"


def requesters(settings: Settings) -> Callable[[str], str]:
    """From a service's id to what it is called where a country insists on a name."""
    return lambda service: bridge.requester_id(settings.public_url, service, settings.client_secret_key)


def country_ports(settings: Settings, keyring: Keyring, clock: Callable[[], int]) -> Mapping[str, EidasCountry]:
    """A port for each country; none without the role of a Connector. Raises LookupError when a key is missing."""
    if "connector" not in settings.node.roles:
        return {}
    xml.self_test()
    own = Connector(
        entity_id=entity_id(settings),
        acs=acs(settings),
        country=settings.node.country,
        signer=signer_of(keyring.active(Use.SAML_SIGNING)),
        decrypters=tuple(decrypter_of(key) for key in keyring.all(Use.SAML_DECRYPTION)),
    )
    return {code: EidasCountry(country, own, clock) for code, country in settings.parties.countries.items()}


def connector_metadata(settings: Settings, keyring: Keyring, clock: Callable[[], int]) -> Callable[[], bytes | None]:
    """What others fetch under our entity ID; None without the role."""
    if "connector" not in settings.node.roles:
        return lambda: None
    signer = signer_of(keyring.active(Use.METADATA_SIGNING))

    def made(day: int) -> bytes:
        about = _about(settings, keyring, (day + settings.node.valid_days) * _DAY)
        return build_connector(about, acs(settings), signer)

    return _Daily(made, clock)


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


def _about(settings: Settings, keyring: Keyring, valid_until: int) -> AboutUs:
    node = settings.node
    return AboutUs(
        entity_id=entity_id(settings),
        country=node.country,
        organisation=node.organisation,
        site=node.site,
        contacts=tuple(Mailbox(contact.kind, contact.mail, contact.tel) for contact in node.contacts),
        signing=tuple(key.certificate for key in keyring.all(Use.SAML_SIGNING)),
        encryption=tuple(key.certificate for key in keyring.all(Use.SAML_DECRYPTION)),
        valid_until=valid_until,
        version=version("passerelle"),
    )
