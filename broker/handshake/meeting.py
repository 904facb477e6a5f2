"""Who meets whom: one role of a country with all that it is judged by; and what is known of it on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from broker.fetch import Probed
from broker.parties import Country
from broker.ports import Fetch
from broker.settings.model import Settings
from broker.sources import Place
from certs.keyring import Keyring
from eidas.certificates import Certificate
from metadata.ledger import Event
from metadata.ledger.kinds import IN_FORCE
from metadata.nodes import Contact
from metadata.parts import Found
from metadata.review import Blob, Standing
from metadata.trust.links import Anchor, Policy

OTHER = {"proxy": "connector", "connector": "proxy"}
"""The role of ours that meets a role of theirs."""
NAMES = {"proxy": "Proxy-Service", "connector": "Connector"}


class Probe(Protocol):
    """How a host is reached (`broker.fetch.Prober`). Raises broker.fetch.FetchFailed."""

    def __call__(self, url: str, *, allow_private: bool = False) -> Probed:
        """The address, TLS and the certificate of an address's host."""


Revoked = Callable[[Sequence[Certificate], bool], Sequence[bytes]]
"""From a proven path, and whether a private network is allowed, to the lists of revoked certificates that it names."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out, Unix seconds, and a stop-watch in seconds. `revoked` keeps nothing that a worker would find."""

    fetch: Fetch
    revoked: Revoked
    probe: Probe
    clock: Callable[[], int]
    watch: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One role of a country. `place` is None where its metadata is a file, or where no list names an address."""

    settings: Settings
    keyring: Keyring
    ways: Ways
    country: Country
    role: str
    place: Place | None
    standing: Standing
    blob: Blob

    @property
    def code(self) -> str:
        """The country's."""
        return self.country.code

    @property
    def subject(self) -> str:
        """As the ledger names it: "EL/proxy"."""
        return f"{self.code}/{self.role}"

    @property
    def pinned(self) -> bytes | None:
        """What lies in the instance's folder; None where it is fetched."""
        return None if self.role in self.country.sources else self.country.documents.get(self.role)

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Who vouches for it."""
        return self.place.anchors if self.place else self.country.anchors

    @property
    def policy(self) -> Policy:
        """How it is judged."""
        return self.country.policy or Policy(self.code, self.country.compatibility)

    @property
    def sandbox(self) -> bool:
        """Whether plain HTTP on this machine passes."""
        return self.settings.mode == "sandbox"

    @property
    def in_force(self) -> Event | None:
        """The document that it is trusted by, where it is fetched."""
        return self.standing.get((IN_FORCE, self.subject))

    @property
    def file(self) -> str:
        """Where the operator changes what is said of the country."""
        return f"partners/countries/{self.code}.toml"


@dataclass(slots=True)
class Known:
    """What the steps have found so far. Only `octets` are unproven; the others come from what was proven."""

    octets: bytes = b""
    proven: bytes = b""
    revoked: Sequence[bytes] = ()
    found: Found | None = None
    signing: tuple[Certificate, ...] = ()
    contacts: tuple[Contact, ...] = ()
    failed: dict[str, int] = field(default_factory=dict)
    """The steps that ended wrong or were not run for that, each with the number of the step that is to blame."""

    @property
    def role(self) -> Found:
        """The role that was found. A step that asks for it needs the step that finds it."""
        assert self.found is not None  # noqa: S101 - the steps' needs say so
        return self.found
