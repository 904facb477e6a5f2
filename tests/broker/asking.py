"""Another country's Connector for tests: its services ask who our citizens are, and it reads what we answer.

Its messages are written and read by our own library; that they are what other implementations write and read is for
tests/eidas and the demo's nodes to show.
"""

import secrets
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.test import TestResponse

from broker.assurance import Level
from eidas.attributes import BIRTH_NAME, GENDER, MANDATORY, Kind
from eidas.binding import deflated, read_post
from eidas.keys import LocalDecrypter, LocalSigner
from eidas.messages import AuthnRequest, Expected, Identification, RequestedAttribute
from eidas.query import sign_query
from eidas.request import write_request
from eidas.response import read_response
from eidas.vocabulary import LOA_SUBSTANTIAL
from metadata.read import read_proxy_service
from tests.broker.foreign import NODE, Abroad, Traveller
from tests.broker.world import PROVIDERS, PUBLIC, Clock, Fi, Shown, provider
from tests.eidas.parts import certificate_of

RELAY_STATE = "état & <1>"
_SSO = f"{PUBLIC}/eidas/proxy/sso"


def _descriptor(use: str, certificate: bytes, methods: tuple[str, ...] = ()) -> str:
    offered = "".join(f'<md:EncryptionMethod Algorithm="{uri}"/>' for uri in methods)
    return f"""<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
<ds:X509Certificate>{b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{offered}
</md:KeyDescriptor>"""


class ForeignConnector:
    """A country's Connector. `read` is what it makes of an answer, by every rule; `asked` is its last request."""

    def __init__(self, code: str, clock: Clock) -> None:
        self.code = code
        self.clock = clock
        signing, self.decryption = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.signer = LocalSigner(signing, SHA256(), certificate_of(signing))
        self.host = f"node.{code.lower()}.example"
        self.entity_id = f"https://{self.host}/connector"
        self.acs = f"https://{self.host}/acs"
        self.asked: AuthnRequest | None = None

    def metadata(self, days: int = 7, methods: tuple[str, ...] = ()) -> bytes:
        """As the country publishes it. Nobody signed it: the pin is what is trusted."""
        until = datetime.fromtimestamp(self.clock() + days * 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity_id}"
 validUntil="{until}"><md:SPSSODescriptor AuthnRequestsSigned="true"
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:Extensions>
<eidas:NodeCountry xmlns:eidas="http://eidas.europa.eu/saml-extensions">{self.code}</eidas:NodeCountry></md:Extensions>
{_descriptor("signing", self.signer.certificate)}{_descriptor("encryption", certificate_of(self.decryption), methods)}
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{self.acs}" index="0"
 isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>""".encode()

    def request(self, optional: tuple[str, ...] = (BIRTH_NAME, GENDER), **changes: object) -> AuthnRequest:
        """What it asks: a person at level substantial, for a public service that gives its name."""
        minimum = tuple(RequestedAttribute(name, True) for name in MANDATORY[Kind.NATURAL])
        asked = AuthnRequest(
            id=f"_{secrets.token_hex(16)}",
            issuer=self.entity_id,
            destination=_SSO,
            issued=self.clock(),
            levels=(LOA_SUBSTANTIAL,),
            comparison="minimum",
            attributes=(*minimum, *(RequestedAttribute(name, False) for name in optional)),
            sp_type="public",
            provider_name="Comune di <Roma>",
        )
        self.asked = replace(asked, **changes)  # type: ignore[arg-type]
        return self.asked

    def form(self, request: AuthnRequest, relay_state: str | None = RELAY_STATE) -> dict[str, str]:
        """The form that carries a request by HTTP-POST."""
        octets = write_request(request, self.signer)
        return fields(octets, relay_state)

    def query(self, request: AuthnRequest, relay_state: str | None = RELAY_STATE) -> str:
        """The query that carries it by HTTP-Redirect, signed."""
        return sign_query("SAMLRequest", deflated(write_request(request, None)), relay_state, self.signer)

    def read(self, world: Abroad, form: dict[str, str]) -> Identification:
        """Who it is that the answer identifies. Raises Refused."""
        assert self.asked is not None
        published = world.browser().get(f"{PUBLIC}/eidas/proxy/metadata").data
        france = read_proxy_service(published, now=self.clock())
        expected = Expected(
            issuer=france.entity_id,
            country="FR",
            keys=france.signing,
            published=france.levels,
            entity_id=self.entity_id,
            acs=self.acs,
            request=self.asked,
            now=self.clock(),
            recipient_country=self.code,
        )
        return read_response(read_post(form["SAMLResponse"]), expected, [LocalDecrypter(self.decryption)])


def fields(octets: bytes, relay_state: str | None = None) -> dict[str, str]:
    """A request in a form."""
    form = {"SAMLRequest": b64encode(octets).decode()}
    return form if relay_state is None else {**form, "RelayState": relay_state}


STRONG = {**PROVIDERS, "carte": provider("carte", Level.SUBSTANTIAL, Level.HIGH)}
"""The providers, and one that reaches level high."""


class Asked(Abroad):
    """The instance in both roles: Italy and Spain ask us, Germany asks and is asked, Greece and Bulgaria are asked."""

    def __init__(self, folder: Path, database: str = "memory:", **changes: object) -> None:
        clock = Clock()
        self.connectors = {code: ForeignConnector(code, clock) for code in ("IT", "ES", "DE")}
        nodes = {code: one.metadata() for code, one in self.connectors.items()}
        changes = {"node": replace(NODE, roles=("connector", "proxy")), "providers": STRONG, **changes}
        super().__init__(folder, database, clock=clock, connectors=nodes, **changes)  # type: ignore[arg-type]
        self.fi["carte"] = Fi("https://carte.example", "passerelle", "secret-at-carte", clock, acr="eidas3")

    def citizen(self) -> "Sent":
        """A new browser of somebody who comes from a service abroad."""
        return Sent(self)


class Sent(Traveller):
    """A French citizen whom a service in another country sends to us."""

    def send(self, form: dict[str, str]) -> TestResponse:
        """The Connector's post, from another site."""
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}
        return self.client.post(_SSO, data=form, base_url=PUBLIC, headers=headers)

    def redirected(self, query: str) -> TestResponse:
        """The Connector's redirect."""
        return self.client.get(f"{_SSO}?{query}", base_url=PUBLIC)

    def come(self, code: str = "IT", **changes: object) -> TestResponse:
        """Arrive with a request of a country; changes are of the request."""
        assert isinstance(self.world, Asked)
        connector = self.world.connectors[code]
        return self.send(connector.form(connector.request(**changes)))  # type: ignore[arg-type]

    def proven(self, code: str = "IT", fi: str = "impots", **changes: object) -> Shown:
        """From the service abroad to the page that shows what will be sent."""
        choice = self.page(self.come(code, **changes))
        return self.page(self.prove(self.choose(choice, fi), fi))

    def answer(self, shown: Shown, *ticked: str, **form: str) -> dict[str, str]:
        """Go on; the form that goes back to the country."""
        data = {**shown.hidden, "action": "continue", "attribute": list(ticked), "consent": "yes", **form}
        return self.returned(self.client.post("/confirmer", data=data, base_url=PUBLIC))

    def returned(self, response: TestResponse) -> dict[str, str]:
        """The form on the page that sends the citizen back."""
        page = self.page(response) if response.status_code == 303 else Shown(response)
        return {**fields_in(page.text), "action": action_of(page.text)}

    def identified(self, *ticked: str, code: str = "IT", fi: str = "impots", **changes: object) -> Identification:
        """A whole login; whom the country gets to know."""
        assert isinstance(self.world, Asked)
        return self.world.connectors[code].read(self.world, self.answer(self.proven(code, fi, **changes), *ticked))


def fields_in(page: str) -> dict[str, str]:
    """The hidden fields of an answer."""
    found = {}
    for name in ("SAMLResponse", "RelayState"):
        _, there, rest = page.partition(f'name="{name}" value="')
        if there:
            found[name] = unescape(rest.partition('"')[0])
    return found


def action_of(page: str) -> str:
    """Where the page's form goes."""
    return page.partition('<form method="post" action="')[2].partition('"')[0]
