"""A simulated node and a Connector in front of it, for tests that need no broker.

What the node reads was written by our own library, and what it writes is read by it: two implementations, each against the
other.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.sandbox.faults import Faults
from broker.sandbox.node.node import OwnNode, SimulatedNode
from broker.sandbox.node.people import load_europeans
from broker.sandbox.node.published import node_metadata
from broker.sandbox.node.reading import Partner, Receiving
from broker.sandbox.node.rollover import Keys, Rollover
from broker.sandbox.node.security import NodeKey
from broker.sandbox.pages import Party
from broker.sandbox.parties import NODES, DemoNode
from eidas.attributes import DEFINITIONS, MANDATORY, Kind
from eidas.keys import LocalDecrypter
from eidas.messages import AuthnRequest, Expected, Identification, RequestedAttribute
from eidas.request import write_request
from eidas.response import read_response
from eidas.vocabulary import LOA_LOW
from metadata.build import AboutUs, Mailbox, build_connector
from metadata.nodes import ProxyService
from metadata.read import read_proxy_service
from tests.eidas.parts import certificate_of, private_key, signer_of

NOW = 1_790_000_000
CONNECTOR, ACS = "https://connector.example/metadata", "https://connector.example/acs"
GREECE, GERMANY, ITALY = NODES
HOME, SSO = "http://node.el.localhost:1", "http://node.el.localhost:1/sso"
EVERYTHING = tuple(name for name, one in DEFINITIONS.items() if one.kind is Kind.NATURAL)
_FIELD = re.compile(r'<input type="hidden" name="(SAMLResponse|RelayState)" value="([^"]*)">')


@cache
def node_key(name: str = "secp256r1", turn: int = 3) -> NodeKey:
    """A key of a node: `rsa`, or the name of a curve; another one for each turn."""
    private = private_key(name, turn)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = b64encode(certificate_of(private)).decode()
    return NodeKey(pem, f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n".encode())


@cache
def our_metadata(encryption: str = "secp256r1", signing: str = "secp256r1") -> bytes:
    """The Connector's metadata, by its kinds of keys."""
    certificates = [(certificate_of(private_key(name, turn)),) for name, turn in ((signing, 0), (encryption, 7))]
    contacts = (Mailbox("technical", "node@connector.example"), Mailbox("support", "help@connector.example"))
    about = AboutUs(CONNECTOR, "FR", "Us", "https://connector.example", contacts, *certificates, NOW + 86_400, "1.0")
    return build_connector(about, ACS, signer_of("secp256r1", 5))


def asking(**changes: object) -> AuthnRequest:
    """A request for everything that is known of natural persons."""
    request = AuthnRequest(
        id="_request-0123456789abcdef",
        issuer=CONNECTOR,
        destination=SSO,
        issued=NOW,
        levels=(LOA_LOW,),
        comparison="minimum",
        attributes=tuple(RequestedAttribute(name, name in MANDATORY[Kind.NATURAL]) for name in EVERYTHING),
        sp_type="public",
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def receiving(partner: Partner, **changes: object) -> Receiving:
    """What the Greek node knows when a request arrives."""
    return replace(Receiving(partner, SSO, GREECE.levels, NOW), **changes)  # type: ignore[arg-type]


@dataclass
class Abroad:
    """A node and a browser in front of it. `encryption` and `signing` are the Connector's kinds of keys."""

    node: DemoNode = GREECE
    fault: str = ""
    encryption: str = "secp256r1"
    signing: str = "secp256r1"
    now: int = NOW
    request: AuthnRequest = field(default_factory=asking)

    def __post_init__(self) -> None:
        self.key = node_key("rsa" if self.node.key.startswith("RSA") else "secp256r1")
        self.home = f"http://{self.node.host}:1"
        self.request = replace(self.request, destination=f"{self.home}/sso")
        self.faults = Faults([(self.node.code, f"country.{self.fault}")] if self.fault else [])
        self.rollover = Rollover(Keys(self.key), lambda: node_key("secp256r1", 9))
        signer = node_key("secp256r1", 6)
        self.metadata = node_metadata(self.node, self.home, [self.key], signer, NOW)
        self.own = OwnNode(self.node, self.home, self.rollover, signer)
        people = load_europeans()
        self.simulated = SimulatedNode(self.own, self.connector, people, self.faults, lambda: self.now)
        self.browser: FlaskClient = self.simulated.app(Party(self.node.name, self.node.id, "")).test_client()
        self.published: ProxyService = read_proxy_service(self.metadata, now=0, sandbox=True)

    def connector(self) -> bytes:
        """The Connector's metadata."""
        return our_metadata(self.encryption, self.signing)

    def go(self, relay_state: str = "state", **changes: object) -> TestResponse:
        """The request arrives; the answer is the page of cards."""
        octets = write_request(replace(self.request, **changes), signer_of(self.signing))  # type: ignore[arg-type]
        return self.browser.post("/sso", data={"SAMLRequest": b64encode(octets).decode(), "RelayState": relay_state})

    def click(self, persona: str, cards: TestResponse | None = None) -> dict[str, str]:
        """A card is clicked; the form that goes back."""
        handle = handle_of(cards or self.go())
        return fields_of(self.browser.post("/login", data={"login": handle, "persona": persona}))

    def answer(self, persona: str = "el-onasis") -> bytes:
        """The Response for one of the cards."""
        return b64decode(self.click(persona)["SAMLResponse"])

    def read(self, octets: bytes, **changes: object) -> Identification:
        """The Response, by every rule of our library. Raises Refused."""
        known = self.published
        expected = Expected(
            known.entity_id, self.node.code, known.signing, known.levels, CONNECTOR, ACS, self.request, self.now
        )
        keys = [LocalDecrypter(private_key(self.encryption, 7))]
        return read_response(octets, replace(expected, **changes), keys)  # type: ignore[arg-type]


def handle_of(page: TestResponse) -> str:
    """The handle of the request whose cards a page shows."""
    found = re.search(r'name="login" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def fields_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the form that goes back."""
    return {name: unescape(value) for name, value in _FIELD.findall(page.text)}
