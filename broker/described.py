"""Our eIDAS node as the operators of others must know it: what they copy, compare over the phone, and plan by."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from broker import node
from broker.parties import Contact, Country
from broker.settings import Settings
from broker.settings.rules import LISTED
from certs.keyring import Keyring
from certs.keys import State, Use, algorithm_name, fingerprint
from eidas.algorithms import CONTENT_KEY_LENGTHS, ECDH_ES, KEY_WRAPS, RSA_OAEP, SIGNATURE_METHODS
from eidas.attributes import DEFINITIONS
from eidas.certificates import read_certificate
from metadata.mdsl import Endpoint, build_location

_USES = (Use.METADATA_SIGNING, Use.SAML_SIGNING, Use.SAML_DECRYPTION)


@dataclass(frozen=True, slots=True)
class Certified:
    """A key of ours with its certificate: state is "published" (the next one), "active" or "retiring".

    `until` is Unix seconds; `digest` the SHA-256 in groups of four, `base64` the same in base64; `pem` the certificate.
    """

    use: str
    algorithm: str
    state: str
    until: int
    digest: str
    base64: str
    pem: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A node of another country as we see it: its role, and until when its metadata counts (Unix seconds).

    Where none is in force `until` is 0. `address` is where it is fetched, "" for a file, or where a list says.
    """

    country: str
    role: str
    entity_id: str
    until: int
    active: bool
    address: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """All of it. `entities` are our entity IDs by role; methods are URIs; `fragment` is what others' lists say of us.

    `offline` says that the key for metadata is kept away from the network.
    """

    entities: dict[str, str]
    organisation: str
    contacts: tuple[Contact, ...]
    valid_days: int
    keys: tuple[Certified, ...]
    levels: tuple[str, ...]
    attributes: tuple[str, ...]
    signatures: tuple[str, ...]
    encryption: tuple[str, ...]
    nodes: tuple[Seen, ...]
    fragment: str
    offline: bool = False


def describe(settings: Settings, keyring: Keyring) -> Described | None:
    """Our node; None where we are none. Raises LookupError when a key has no certificate."""
    own = settings.node
    if not own.roles:
        return None
    proxy = node.PROXY in own.roles
    return Described(
        entities={role: node.entity_id(settings, role) for role in own.roles},
        organisation=own.organisation,
        contacts=own.contacts,
        valid_days=own.valid_days,
        keys=tuple(_keys(settings, keyring)),
        levels=tuple(level.rpartition("/")[2] for level in node.levels(settings)) if proxy else (),
        attributes=tuple(DEFINITIONS[name].friendly_name for name in node.attributes(settings)) if proxy else (),
        signatures=tuple(uri for uri, method in SIGNATURE_METHODS.items() if not method.deviations),
        encryption=(*CONTENT_KEY_LENGTHS, RSA_OAEP, ECDH_ES, *KEY_WRAPS),
        nodes=tuple(
            _seen(country, role)
            for _, country in sorted(settings.parties.countries.items())
            for role in ("proxy", "connector")
            if role in country.nodes or role in country.sources
        ),
        fragment=_fragment(settings, keyring),
        offline=bool(own.offline),
    )


def _seen(country: Country, role: str) -> Seen:
    stated, met = country.sources.get(role, ""), country.nodes.get(role)
    address = "" if stated == LISTED else stated
    known = (met.entity_id, met.valid_until) if met else ("", 0)
    return Seen(country.code, role, *known, country.active, address)


def _keys(settings: Settings, keyring: Keyring) -> Iterator[Certified]:
    """Of the offline key there is the certificate alone, and it is the one that counts."""
    if offline := settings.node.offline:
        public = read_certificate(offline).key
        yield _certified(Use.METADATA_SIGNING, algorithm_name(public), State.ACTIVE, offline)
    uses = [use for use in _USES if not (offline and use is Use.METADATA_SIGNING)]
    for key in (key for use in uses for key in keyring.all(use)):
        yield _certified(key.use, key.algorithm, key.state, key.certificate)


def _fragment(settings: Settings, keyring: Keyring) -> str:
    """Message Format 1.4, appendix A: a MetadataLocation for each role, with every certificate that may sign it."""
    own = [key.certificate for key in keyring.all(Use.METADATA_SIGNING)]
    certificates = [settings.node.offline] if settings.node.offline else own
    addresses = [(role, node.entity_id(settings, role)) for role in settings.node.roles]
    locations = (build_location(url, [Endpoint(role, url)], certificates) for role, url in addresses)
    return "\n".join(octets.decode() for octets in locations)


def _certified(use: Use, algorithm: str, state: State, der: bytes) -> Certified:
    certificate = load_der_x509_certificate(der)
    return Certified(
        use=str(use),
        algorithm=algorithm,
        state=str(state),
        until=int(certificate.not_valid_after_utc.timestamp()),
        digest=fingerprint(der),
        base64=b64encode(sha256(der).digest()).decode(),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
    )
