"""A country whose metadata is fetched: what it publishes, under which anchor, and a server that gives it to us."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from broker.deciding import decide
from broker.fetch import FetchFailed
from broker.ledger import Ledger
from broker.parties import Country, Parties
from broker.refreshing import MetadataWays, Outcome, Refresher
from broker.seal import locator
from broker.settings import Settings
from broker.settings.model import Trust
from broker.store import open_store
from broker.trusting import with_trusted
from broker.vault import Vault
from eidas.algorithms import STRICT
from metadata.ledger import Event
from metadata.review import standing
from metadata.trust.links import Policy, read_anchor
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.foreign import Node, proxy_metadata
from tests.broker.world import Clock, settings_of
from tests.eidas.parts import certificate_of, private_key
from tests.metadata.authorities import Holder, holder, published

ANCHOR, STRANGER = holder("Greek metadata"), holder("Somebody")
SUBJECT = "EL/proxy"


@dataclass
class Publisher:
    """Greece's node, as it publishes itself. `signing` are the private keys in its metadata."""

    clock: Clock
    node: Node = field(init=False)
    signing: list = field(default_factory=lambda: [private_key("secp256r1", 1)])
    days: int = 7
    by: Holder = ANCHOR
    edits: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.node = Node("EL", self.clock)

    def document(self) -> bytes:
        """Its metadata as it is now, freshly signed."""
        text = proxy_metadata(self.node, days=self.days).decode()
        one = text[text.index("<md:KeyDescriptor") : text.index("</md:KeyDescriptor>") + len("</md:KeyDescriptor>")]
        own = b64encode(self.node.signer.certificate).decode()
        keys = "".join(one.replace(own, b64encode(certificate_of(key)).decode()) for key in self.signing)
        for old, new in [(one, keys), *self.edits]:
            assert old in text
            text = text.replace(old, new)
        return published(self.by, data=text.encode())


@dataclass
class Server:
    """Answers our requests by their addresses; remembers each of them."""

    pages: dict[str, Callable[[HttpRequest], HttpResponse]] = field(default_factory=dict)
    asked: list[HttpRequest] = field(default_factory=list)

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        self.asked.append(request)
        if request.url not in self.pages:
            raise FetchFailed("refused", "node.el.example")
        return self.pages[request.url](request)

    def gives(self, address: str, octets: bytes, **headers: str) -> None:
        """From now on this document is there."""
        self.pages[address] = lambda _: HttpResponse(200, headers, octets)


class Trusting:
    """An instance with its ledger, and one country that it fetches. `auto` is whether an anchor suffices for news."""

    def __init__(self, folder: Path, auto: bool = False, database: str = "memory:", approvals: int = 1) -> None:
        (folder / "secrets" / "keys").mkdir(parents=True)  # nothing is signed here
        self.clock = Clock()
        self.store = open_store(database, self.clock)
        self.ledger = Ledger(self.store)
        self.vault = Vault(self.store, locator((bytes(32),)))
        self.server = Server()
        self.publisher = Publisher(self.clock)
        self.address = self.publisher.node.entity_id
        country = Country(
            code="EL",
            proxy=None,
            compatibility=STRICT,
            sources={"proxy": self.address},
            anchors=(read_anchor("EL", ANCHOR.der),),
            policy=Policy("EL"),
            updates="auto" if auto else "approve",
        )
        self.base = replace(
            settings_of(folder, "memory:"), parties=Parties({}, {}, {"EL": country}), trust=Trust(approvals=approvals)
        )
        self.refresher = Refresher(self.ledger, self.vault, MetadataWays(self.server, self.server), self.clock)

    @property
    def settings(self) -> Settings:
        """With whom the ledger has in force."""
        return with_trusted(self.base, self.ledger, self.clock())

    @property
    def country(self) -> Country:
        return self.settings.parties.countries["EL"]

    def change(self, **changes: object) -> None:
        """The country's entry is another."""
        country = replace(self.base.parties.countries["EL"], **changes)  # type: ignore[arg-type]
        self.base = replace(self.base, parties=Parties({}, {}, {"EL": country}))

    def publish(self, **headers: str) -> bytes:
        """The country publishes what it is now."""
        document = self.publisher.document()
        self.server.gives(self.address, document, **headers)
        return document

    def refresh(self) -> Outcome:
        """Fetch at once; what became of the country's address."""
        return self.refresher.refresh(self.settings, at_once=True)[-1]

    def trust(self) -> bytes:
        """The country's first document, approved."""
        document = self.publish()
        self.refresh()
        self.decide(document)
        return document

    def decide(self, document: bytes, verdict: str = "approved", by: str = "Camille", words: str = "by phone") -> str:
        digest = hashlib.sha256(document).hexdigest()
        approvals = self.base.trust.approvals
        return decide(self.ledger, self.store, SUBJECT, digest, verdict, by, words, approvals, self.clock())  # type: ignore[arg-type]

    def said(self, type_: str) -> Event | None:
        """The last event of the country's node that is still so."""
        return standing(self.ledger.entries()).get((type_, SUBJECT))

    def types(self) -> list[str]:
        return [entry.event.type for entry in self.ledger.entries()]


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
