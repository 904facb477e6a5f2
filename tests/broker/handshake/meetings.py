"""A handshake with a country whose metadata is fetched or lies in a file: each part of it a test may spoil."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from broker.fetch import FetchFailed, Probed
from broker.handshake import Course, Meeting, Step, Ways, letter
from broker.parties import Parties
from broker.revoking import Revocations
from broker.seal import locator
from broker.sources import NotListed, place_of
from broker.store import open_store
from broker.vault import Vault
from certs.keyring import load_keyring, make_missing
from eidas.certificates import Certificate
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.asking import ForeignConnector
from tests.broker.fetched import ANCHOR, Trusting
from tests.broker.foreign import EUROPEAN_SERVICES, NODE, NODE_USES
from tests.broker.world import PROVIDERS
from tests.metadata.authorities import DAY, published

XML = "application/samlmetadata+xml"


class Handshaking(Trusting):
    """An instance that is a Connector and a Proxy-Service, and Greece, which publishes both of hers."""

    def __init__(self, folder: Path, moment: int | None = None) -> None:
        super().__init__(folder)
        self.clock.moment = moment or self.clock.moment
        keys = folder / "secrets" / "keys"
        make_missing(keys, NODE_USES, self.clock(), "connexion.example")
        self.keyring = load_keyring(keys)
        self.probed: Probed | FetchFailed = Probed(
            "203.0.113.5", "TLSv1.3", "TLS_AES_256_GCM_SHA384", self.clock() + 90 * DAY
        )
        self.connector = ForeignConnector("EL", self.clock)
        self.base = replace(
            self.base,
            node=replace(NODE, roles=("connector", "proxy")),
            parties=Parties(EUROPEAN_SERVICES, PROVIDERS, self.base.parties.countries),
        )
        self.change(sources={"proxy": self.address, "connector": self.connector.entity_id})

    def change(self, **changes: object) -> None:
        """The country's entry is another."""
        parties = self.base.parties
        country = replace(parties.countries["EL"], **changes)  # type: ignore[arg-type]
        self.base = replace(self.base, parties=Parties(parties.services, parties.providers, {"EL": country}))

    def gives(self, octets: bytes, role: str = "proxy", **headers: str) -> None:
        """This document is at the address of a role."""
        address = self.base.parties.countries["EL"].sources[role]
        self.server.gives(address, octets, **{"content-type": XML, **headers})

    def answers(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """Whatever is asked of the Proxy-Service, this comes."""
        self.server.pages[self.address] = answer

    def probe(self, url: str, *, allow_private: bool = False) -> Probed:
        """How the host is reached."""
        if isinstance(self.probed, FetchFailed):
            raise self.probed
        return self.probed

    def revoked(self, chain: Sequence[Certificate], private: bool) -> Sequence[bytes]:
        """The lists of revoked certificates, as the refresher fetches them."""
        vault = Vault(open_store("memory:", self.clock), locator((bytes(32),)))
        return Revocations(vault, self.server, self.clock).lists(chain, private)

    def meeting(self, role: str = "proxy") -> Meeting:
        """One role of Greece, as the command would meet it."""
        settings = self.settings
        country = settings.parties.countries["EL"]
        try:
            place = place_of(country, role, []) if role in country.sources else None
        except NotListed:
            place = None
        ways = Ways(self.server, self.revoked, self.probe, self.clock, lambda: 0.0)
        return Meeting(settings, self.keyring, ways, country, role, place, self.ledger.standing(), self.ledger.blob)

    def course(self, role: str = "proxy") -> Course:
        return Course(self.meeting(role))

    def steps(self, role: str = "proxy") -> dict[str, Step]:
        """Every step that was taken, by its name."""
        return {step.name: step for step in self.course(role)}

    def mail(self, role: str = "proxy") -> str:
        """What the country is told."""
        course = self.course(role)
        return letter([(course, list(course))])


def pin(shaking: Handshaking, octets: bytes, role: str = "proxy", **changes: object) -> None:
    """The role's metadata is a file."""
    sources = {one: place for one, place in shaking.base.parties.countries["EL"].sources.items() if one != role}
    shaking.change(sources=sources, documents={role: octets}, **changes)


def connector_document(shaking: Handshaking, *edits: tuple[str, str], methods: tuple[str, ...] = ()) -> bytes:
    """Greece's Connector, signed; `edits` replace texts."""
    text = shaking.connector.metadata(methods=methods).decode()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return published(ANCHOR, data=text.encode())


def lines(step: Step) -> tuple[str, ...]:
    """All that stands below a step."""
    return (*step.facts, *step.asides)


def verdicts(steps: dict[str, Step]) -> dict[str, str]:
    return {name: str(step.verdict) for name, step in steps.items()}


def first_wrong(steps: dict[str, Step]) -> str:
    """The first step that is wrong, "" for none."""
    return next((name for name, step in steps.items() if step.verdict == "wrong"), "")
