"""Another country's node for tests: metadata as a country publishes it, and answers as its Proxy-Service writes them.

Its messages are written by our own library; that they are what other implementations write and read is for tests/eidas and
the demo's nodes to show.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.test import TestResponse

from broker.assurance import Level
from broker.claims import SCOPES
from broker.parties import Contact, Country, DataProvider, Parties, Provider, Service
from broker.settings.model import Node as SelfNode
from certs.keyring import make_missing, new_key
from certs.keys import State, Use
from eidas.algorithms import STRICT, Compatibility
from eidas.attributes import DEFINITIONS, MANDATORY, Attribute, Kind, Value
from eidas.binding import read_post
from eidas.keys import LocalSigner
from eidas.messages import AuthnRequest, Envelope, KnownConnector, Statement, Status
from eidas.request import read_request
from eidas.response import write_failure, write_response
from eidas.vocabulary import LOA_HIGH, LOA_LOW, LOA_SUBSTANTIAL, NOTIFIED_LEVELS
from metadata.nodes import Connector
from metadata.read import read_connector, read_proxy_service
from tests.broker.world import PROVIDERS, PUBLIC, Browser, Clock, Shown, World, payload, service
from tests.eidas.exchange import dropping, response
from tests.eidas.parts import certificate_of

NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
OPTIONAL = ("BirthName", "Gender", "CountryOfBirth", "EmailAddress", "PhoneNumber", "CurrentAddress", "PlaceOfBirth")
ONASIS = {
    "PersonIdentifier": ("EL/FR/Ab-12.34",),
    "CurrentFamilyName": ("Onasis", "Ωνάσης"),
    "CurrentGivenName": ("Aristotelis", "Αριστοτέλης"),
    "DateOfBirth": ("1966-01-20",),
}


def person(facts: dict[str, tuple[str, ...]]) -> tuple[Attribute, ...]:
    """Attributes by the last part of their names; a second value is the one in another script."""
    made = []
    for name, values in facts.items():
        definition = DEFINITIONS[f"{NATURAL}/{name}"]
        latin = (True, not definition.transliterable)
        made.append(Attribute(definition, tuple(Value(text, latin[at]) for at, text in enumerate(values))))
    return tuple(made)


def proxy_metadata(
    node: "Node",
    levels: tuple[str, ...] = NOTIFIED_LEVELS,
    attributes: tuple[str, ...] = OPTIONAL,
    requester: bool = False,
    days: int = 7,
) -> bytes:
    """The metadata of a Proxy-Service. Nobody signed it: the pin is what is trusted."""
    names = [*MANDATORY[Kind.NATURAL], *(f"{NATURAL}/{suffix}" for suffix in attributes)]
    published = "".join(
        f'<saml2:Attribute Name="{name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"/>' for name in names
    )
    category = _entity_attribute(
        "http://macedir.org/entity-category",
        ("http://eidas.europa.eu/entity-attributes/termsofaccess/requesterid",) if requester else (),
    )
    until = datetime.fromtimestamp(node.clock() + days * 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    bindings = "".join(
        f'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:{name}" Location="{node.sso}"/>'
        for name in ("HTTP-POST", "HTTP-Redirect")
    )
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 entityID="{node.entity_id}" validUntil="{until}">
<md:Extensions><mdattr:EntityAttributes>
{_entity_attribute("urn:oasis:names:tc:SAML:attribute:assurance-certification", levels)}
{_entity_attribute("http://eidas.europa.eu/entity-attributes/protocol-version", ("1.4", "1.2"))}{category}
</mdattr:EntityAttributes></md:Extensions>
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:Extensions><eidas:NodeCountry xmlns:eidas="http://eidas.europa.eu/saml-extensions">{node.code}</eidas:NodeCountry>
</md:Extensions>
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
{b64encode(node.signer.certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
{bindings}{published}
</md:IDPSSODescriptor>
<md:Organization><md:OrganizationName xml:lang="en">Node of {node.code}</md:OrganizationName>
<md:OrganizationDisplayName xml:lang="en">Node of {node.code}</md:OrganizationDisplayName>
<md:OrganizationURL xml:lang="en">https://{node.host}/</md:OrganizationURL></md:Organization>
<md:ContactPerson contactType="support"><md:GivenName>Support</md:GivenName>
<md:EmailAddress>mailto:support@{node.host}</md:EmailAddress></md:ContactPerson>
</md:EntityDescriptor>""".encode()


def _entity_attribute(name: str, values: tuple[str, ...]) -> str:
    if not values:
        return ""
    inner = "".join(f'<saml2:AttributeValue xsi:type="xs:string">{value}</saml2:AttributeValue>' for value in values)
    uri = 'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"'
    return f'<saml2:Attribute Name="{name}" {uri}>{inner}</saml2:Attribute>'


@dataclass
class Node:
    """A country's Proxy-Service. What it `asked` last is what it read of our request; `received` holds every byte."""

    code: str
    clock: Clock
    level: str = LOA_SUBSTANTIAL
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: AuthnRequest | None = None
    received: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.signer = LocalSigner(key, SHA256(), certificate_of(key))
        self.facts = self.facts or {**ONASIS, "PersonIdentifier": (f"{self.code}/FR/Ab-12.34",)}

    @property
    def host(self) -> str:
        """Its name in the network."""
        return f"node.{self.code.lower()}.example"

    @property
    def entity_id(self) -> str:
        """The address of its metadata."""
        return f"https://{self.host}/metadata"

    @property
    def sso(self) -> str:
        """Where requests arrive."""
        return f"https://{self.host}/sso"

    def country(self, compatibility: Compatibility = STRICT, **metadata: object) -> Country:
        """The country as its pinned file makes it."""
        octets = proxy_metadata(self, **metadata)  # type: ignore[arg-type]
        proxy = read_proxy_service(octets, now=0, compatibility=compatibility)
        return Country(self.code, proxy, compatibility, documents={"proxy": octets})

    def read(self, world: World, fields: dict[str, str]) -> AuthnRequest:
        """Our request, by every rule of a Proxy-Service."""
        self.received.extend(fields.values())
        octets = read_post(fields["SAMLRequest"])
        self.received.append(octets.decode())
        known = connector_of(world)
        expected = KnownConnector(
            entity_id=known.entity_id,
            keys=known.signing,
            acs=known.acs,
            sp_type=None,
            endpoint=self.sso,
            levels=frozenset((LOA_LOW, LOA_SUBSTANTIAL, LOA_HIGH)),
            attributes=frozenset(DEFINITIONS),
            now=self.clock(),
        )
        self.asked = read_request(octets, expected).request
        return self.asked

    def envelope(self, world: World) -> Envelope:
        """Around an answer to what was asked last."""
        known, asked = connector_of(world), self.asked
        assert asked is not None
        return Envelope(
            id=f"_{secrets.token_hex(16)}",
            issuer=self.entity_id,
            destination=known.acs,
            in_response_to=asked.id,
            issued=self.clock(),
            audience=known.entity_id,
        )

    def statement(self) -> Statement:
        """What it says of its citizen."""
        return Statement(
            assertion_id=f"_{secrets.token_hex(16)}",
            name_id=self.facts["PersonIdentifier"][0],
            level=self.level,
            authenticated=self.clock(),
            attributes=person(self.facts),
        )

    def answer(
        self,
        world: World,
        fields: dict[str, str],
        change: Callable[[Envelope, Statement], tuple[Envelope, Statement]] = lambda *both: both,
    ) -> dict[str, str]:
        """The form that the citizen's browser posts to us."""
        self.read(world, fields)
        envelope, statement = change(self.envelope(world), self.statement())
        certificate_of_ours, _ = connector_of(world).encryption[0]
        return self._form(write_response(envelope, statement, certificate_of_ours, self.signer), fields)

    def incomplete(self, world: World, fields: dict[str, str], name: str = "DateOfBirth") -> dict[str, str]:
        """The form with an answer in which one attribute is missing."""
        self.read(world, fields)
        recipient, _ = connector_of(world).encryption[0]
        octets = response(
            dropping(f"saml2:AttributeStatement/saml2:Attribute[@Name='{NATURAL}/{name}']"),
            envelope=self.envelope(world),
            statement=self.statement(),
            recipient=recipient,
            signer=self.signer,
        )
        return self._form(octets, fields)

    def refuse(self, world: World, fields: dict[str, str], status: Status) -> dict[str, str]:
        """The form with an answer that identifies nobody."""
        self.read(world, fields)
        return self._form(write_failure(self.envelope(world), status, self.signer), fields)

    def _form(self, octets: bytes, fields: dict[str, str]) -> dict[str, str]:
        return {"SAMLResponse": b64encode(octets).decode(), "RelayState": fields["RelayState"]}


def connector_of(world: World) -> Connector:
    """Passerelle as its own metadata describes it."""
    octets = world.browser().get(f"{PUBLIC}/eidas/connector/metadata").data
    return read_connector(octets, now=world.clock())


class Abroad(World):
    """The instance as a Connector, with its countries. The services take Europeans; `mairie` may know the country."""

    def __init__(
        self,
        folder: Path,
        database: str = "memory:",
        compatibility: Compatibility = STRICT,
        metadata: Mapping[str, object] | None = None,
        clock: Clock | None = None,
        connectors: Mapping[str, bytes] | None = None,
        providers: Mapping[str, Provider] = PROVIDERS,
        services: Mapping[str, Service] | None = None,
        data: Mapping[str, DataProvider] | None = None,
        **changes: object,
    ) -> None:
        clock = clock or Clock()
        self.nodes = {code: Node(code, clock) for code in ("EL", "DE", "BG")}
        stated = metadata or {}
        countries = {code: node.country(compatibility, **stated) for code, node in self.nodes.items()}
        for code, octets in (connectors or {}).items():
            known = countries.get(code) or Country(code, None, compatibility)
            documents = {**known.documents, "connector": octets}
            countries[code] = replace(known, connector=read_connector(octets, now=0), documents=documents)
        keys = folder / "secrets" / "keys"
        if not keys.exists():
            keys.mkdir(parents=True)
            make_missing(keys, NODE_USES, clock(), "connexion.example")
            for algorithm in ("ES256", "RS256"):
                new_key(keys, Use.OP_SIGNING, algorithm, State.ACTIVE, 1_700_000_000)
        parties = Parties({**EUROPEAN_SERVICES, **(services or {})}, providers, countries, data=data or {})
        changes = {"parties": parties, "node": NODE, **changes}
        super().__init__(folder, database, clock, **changes)

    def traveller(self) -> "Traveller":
        """A new browser of somebody who comes from abroad."""
        return Traveller(self)


NODE_USES = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
NODE = SelfNode(
    "FR", ("connector",), "Direction du numérique", "https://dn.example", (Contact("technical", "noeud@dn.example"),)
)
_EUROPE = frozenset(SCOPES) - {"eidas"}
EUROPEAN_SERVICES = {
    "mairie": service("mairie", europe=True, scopes=_EUROPE | {"eidas"}),
    "assurance": service("assurance", europe=True, public=False, scopes=_EUROPE),
    "rsa": service("rsa", europe=True, scopes=_EUROPE),
    "strict": service("strict", europe=True, minimum=Level.HIGH, scopes=_EUROPE),
    "national": service("national"),
}


def with_attribute(statement: Statement, name: str, *values: str) -> Statement:
    """The statement with one attribute more, or another value of it."""
    others = tuple(one for one in statement.attributes if one.definition.name != f"{NATURAL}/{name}")
    return replace(statement, attributes=(*others, *person({name: values})))


class Traveller(Browser):
    """A citizen of another country, in front of the broker's pages."""

    def to_countries(self, service_id: str = "mairie", **changes: str | None) -> Shown:
        """From the service's button to the page of countries."""
        choice = self.page(self.authorize(service_id, **changes))
        return self.page(self.post("/choisir", **choice.hidden, action="europe"))

    def pick(self, countries: Shown, code: str = "EL") -> TestResponse:
        """Choose a country on its page."""
        return self.post("/eidas/pays", **countries.hidden, country=code)

    def depart(self, service_id: str = "mairie", code: str = "EL", **changes: str | None) -> dict[str, str]:
        """From the service's button to the form that goes to a country; its fields."""
        return fields_of(self.page(self.pick(self.to_countries(service_id, **changes), code)).text)

    def come_back(self, form: dict[str, str]) -> TestResponse:
        """The country's post, from another site."""
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}
        return self.client.post("/eidas/connector/acs", data=form, base_url=PUBLIC, headers=headers)

    def arrive(self, service_id: str = "mairie", code: str = "EL", **changes: str | None) -> Shown:
        """From the service's button, through a country, to the page that shows what will be sent."""
        assert isinstance(self.world, Abroad)
        fields = self.depart(service_id, code, **changes)
        return self.page(self.come_back(self.world.nodes[code].answer(self.world, fields)))

    def received(self, service_id: str = "mairie", code: str = "EL", **changes: str | None) -> dict[str, object]:
        """A whole login; the claims that the service gets."""
        back = self.confirm(self.arrive(service_id, code, **changes), consent="yes")
        answer = dict(parse_qsl(urlsplit(back.location).query))
        return payload(self.userinfo(self.redeem(answer["code"], service_id).json["access_token"]).text)


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that goes to a country."""
    found = {}
    for name in ("SAMLRequest", "RelayState"):
        _, _, rest = page.partition(f'name="{name}" value="')
        found[name] = rest.partition('"')[0]
    return found
