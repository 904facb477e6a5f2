"""Our eIDAS node as the operators of others must know it: what they copy, compare over the phone, and plan by."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from broker import node
from broker.parties import Contact
from broker.settings import Settings
from certs.keyring import Keyring
from certs.keys import Key, Use, fingerprint
from eidas.algorithms import CONTENT_KEY_LENGTHS, ECDH_ES, KEY_WRAPS, RSA_OAEP, SIGNATURE_METHODS
from eidas.attributes import DEFINITIONS
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
    """A node of another country as we see it: its role, and until when its metadata counts (Unix seconds)."""

    country: str
    role: str
    entity_id: str
    until: int
    active: bool


@dataclass(frozen=True, slots=True)
class Described:
    """All of it. `entities` are our entity IDs by role; methods are URIs; `fragment` is what others' lists say of us."""

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
        keys=tuple(_certified(key) for use in _USES for key in keyring.all(use)),
        levels=tuple(level.rpartition("/")[2] for level in node.levels(settings)) if proxy else (),
        attributes=tuple(DEFINITIONS[name].friendly_name for name in node.attributes(settings)) if proxy else (),
        signatures=tuple(uri for uri, method in SIGNATURE_METHODS.items() if not method.deviations),
        encryption=(*CONTENT_KEY_LENGTHS, RSA_OAEP, ECDH_ES, *KEY_WRAPS),
        nodes=tuple(
            Seen(code, role, met.entity_id, met.valid_until, country.active)
            for code, country in sorted(settings.parties.countries.items())
            for role, met in country.nodes.items()
        ),
        fragment=_fragment(settings, keyring),
    )


def _fragment(settings: Settings, keyring: Keyring) -> str:
    """Message Format 1.4, appendix A: a MetadataLocation for each role, with every certificate that may sign it."""
    certificates = [key.certificate for key in keyring.all(Use.METADATA_SIGNING)]
    addresses = [(role, node.entity_id(settings, role)) for role in settings.node.roles]
    locations = (build_location(url, [Endpoint(role, url)], certificates) for role, url in addresses)
    return "\n".join(octets.decode() for octets in locations)


def _certified(key: Key) -> Certified:
    der = key.certificate
    certificate = load_der_x509_certificate(der)
    return Certified(
        use=str(key.use),
        algorithm=key.algorithm,
        state=str(key.state),
        until=int(certificate.not_valid_after_utc.timestamp()),
        digest=fingerprint(der),
        base64=b64encode(sha256(der).digest()).decode(),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
    )
