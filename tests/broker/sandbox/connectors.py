"""The simulated Connector, and a Proxy-Service in front of it that our own library plays: two implementations, each against
the other, without a broker.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.parties import Text
from broker.sandbox.faults import Faults
from broker.sandbox.node.connector import OwnConnector, SimulatedConnector
from broker.sandbox.node.counterpart import Country
from broker.sandbox.node.hearing import Awaited
from broker.sandbox.node.node import OwnNode, SimulatedNode
from broker.sandbox.node.published import connector_metadata, node_metadata
from broker.sandbox.node.rollover import Keys, Rollover
from broker.sandbox.pages import Party
from broker.sandbox.parties import DemoNode
from eidas import signature, xml
from eidas.algorithms import AES256_GCM
from eidas.attributes import DATE_OF_BIRTH, DEFINITIONS, FAMILY_NAME, GIVEN_NAME, PERSON_IDENTIFIER
from eidas.binding import inflated
from eidas.messages import AuthnRequest, Envelope, KnownConnector, Statement, Status
from eidas.query import verify_query
from eidas.request import read_request
from eidas.response import write_failure, write_response
from eidas.vocabulary import LOA_SUBSTANTIAL, NOTIFIED_LEVELS
from metadata.nodes import Connector
from metadata.read import read_connector
from tests.broker.sandbox.nodes import ITALY, NOW, node_key
from tests.eidas.exchange import ACS, CONNECTOR, PROXY, REQUEST, attribute
from tests.eidas.parts import signer_of

FRANCE = DemoNode("FR", "fc.localhost", Text("Nœud français", "French node"), "fr", "")
HOME, BACK = "http://node.it.localhost:1", "http://sp.it.localhost:1/back"
FRENCH = "http://fc.localhost:1"
ANGELA = (
    attribute(PERSON_IDENTIFIER, "FR/IT/Ab-12.34"),
    attribute(FAMILY_NAME, "Dubois", "Ντυμπουά"),
    attribute(GIVEN_NAME, "Angela Claire Louise"),
    attribute(DATE_OF_BIRTH, "1962-08-24"),
)
PERSON = Statement("_assertion-0123456789abcdef", "FR/IT/Ab-12.34", LOA_SUBSTANTIAL, NOW, ANGELA)
_FIELD = re.compile(r'<input type="hidden" name="(SAMLRequest|RelayState|state|result)" value="([^"]*)">')


def french_metadata(kind: str = "secp256r1", **changes: object) -> bytes:
    """The broker's metadata as a Proxy-Service, as far as a Connector reads it; its key is that of `signer_of(kind)`."""
    key = node_key(kind, 0)
    return node_metadata(replace(FRANCE, **changes), FRENCH, [key], key, NOW)  # type: ignore[arg-type]


def awaited(**changes: object) -> Awaited:
    """What the Connector knows of the exchange of `tests.eidas.exchange`."""
    levels = ("low", "substantial", "high")
    country = Country(PROXY, "", "", (node_key("secp256r1", 0).der,), levels)
    known = Awaited(country, CONNECTOR, ACS, REQUEST.id, "low", NOW - 60, NOW, node_key("secp256r1", 7))
    return replace(known, **changes)  # type: ignore[arg-type]


@dataclass
class Crossing:
    """A Connector, the browser in front of it, and France; `signing`, `encryption` and `ours` are kinds of keys."""

    signing: str = "secp256r1"
    encryption: str = "secp256r1"
    ours: str = "secp256r1"
    now: int = NOW
    france: DemoNode = FRANCE
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = node_key(self.signing, 3), node_key(self.encryption, 4), node_key("secp256r1", 6)
        own = OwnConnector(ITALY, HOME, *keys, BACK, "Comune di Demo")
        self.simulated = SimulatedConnector(own, self.published, lambda: self.now)
        node = SimulatedNode(
            OwnNode(ITALY, HOME, Rollover(Keys(keys[0]), lambda: keys[0]), keys[2]),
            lambda: b"",
            {},
            Faults(),
            lambda: self.now,
        )
        app = node.app(Party(ITALY.name, ITALY.id, ""))
        self.simulated.add_to(app)
        self.browser: FlaskClient = app.test_client()
        self.metadata = connector_metadata(ITALY, HOME, *keys, NOW)
        self.known: Connector = read_connector(self.metadata, now=NOW, sandbox=True)

    def published(self) -> bytes:
        """France's metadata."""
        key = node_key(self.ours, 0)
        return node_metadata(self.france, FRENCH, [key], key, NOW)

    # -- the request --------------------------------------------------------------------------------------------------

    def go(self, **asked: object) -> TestResponse:
        """The service sends somebody; `fields` are then what the browser takes to France."""
        page = self.browser.get("/connector/login", query_string={"state": "state", **asked})
        self.fields = fields_of(page)
        self.fields |= dict(parse_qsl(urlsplit(page.headers.get("Location", "")).query))
        return page

    def knowing(self, **changes: object) -> KnownConnector:
        """What France knows of the Connector."""
        levels, attributes = frozenset(NOTIFIED_LEVELS), frozenset(DEFINITIONS)
        facts = (self.known.entity_id, self.known.signing, self.known.acs, self.known.sp_type, f"{FRENCH}/sso")
        return replace(KnownConnector(*facts, levels, attributes, NOW), **changes)  # type: ignore[arg-type]

    def asked(self, page: TestResponse) -> AuthnRequest:
        """The request, as our library reads it from wherever it stands. Raises Refused."""
        signed = "SigAlg" in self.fields
        octets = self._of_query(page) if signed else b64decode(self.fields["SAMLRequest"])
        return read_request(octets, self.knowing()).request

    def _of_query(self, page: TestResponse) -> bytes:
        """A message whose signature in the address is right; it is signed inside then, to be read as the others are."""
        query = verify_query(urlsplit(page.headers["Location"]).query, self.known.signing)
        root = xml.parse(inflated(query.message))
        assert not xml.children(root, f"{{{xml.DS}}}Signature")
        signature.sign(root, signer_of(self.signing, 3))
        return xml.write(root)

    # -- the answer ---------------------------------------------------------------------------------------------------

    def envelope(self, request: AuthnRequest) -> Envelope:
        """Around France's answer."""
        return Envelope("_response-0123456789abcdef", f"{FRENCH}/metadata", self.known.acs, request.id, NOW, request.issuer)

    def person(self, request: AuthnRequest, statement: Statement = PERSON, content: str = AES256_GCM) -> bytes:
        """A Response that identifies somebody."""
        (recipient, _) = self.known.encryption[0]
        return write_response(self.envelope(request), statement, recipient, signer_of(self.ours), content)

    def failure(self, request: AuthnRequest, status: Status) -> bytes:
        """A Response that does not."""
        return write_failure(self.envelope(request), status, signer_of(self.ours))

    def answer(self, octets: bytes, relay_state: str | None = None) -> TestResponse:
        """The Response comes in the citizen's browser."""
        state = self.fields["RelayState"] if relay_state is None else relay_state
        return self.browser.post("/connector/acs", data={"SAMLResponse": b64encode(octets).decode(), "RelayState": state})

    def login(self, **asked: object) -> TestResponse:
        """A whole login; the answer is a page that sends the browser back to the service."""
        return self.answer(self.person(self.asked(self.go(**asked))))


def fields_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the form that goes by itself."""
    return {name: unescape(value) for name, value in _FIELD.findall(page.text)}
