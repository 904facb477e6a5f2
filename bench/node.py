"""The country of the benchmark: it identifies one invented person, in the process that drives the load."""

import html
import re
import secrets
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from certs.keyring import load_keyring, make_missing
from certs.keys import Use
from eidas.attributes import DEFINITIONS, Attribute, Value
from eidas.certificates import Certificate
from eidas.keys import Signer, signer_of
from eidas.messages import Envelope, Statement
from eidas.response import write_response
from eidas.vocabulary import LOA_SUBSTANTIAL, NOTIFIED_LEVELS
from metadata.read import read_connector

HOST = "node.el.localhost"
ENTITY_ID, SSO = f"http://{HOST}/metadata", f"http://{HOST}/sso"
_NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
_PERSON = {
    "PersonIdentifier": ("EL/FR/Ab-12.34",),
    "CurrentFamilyName": ("Onasis", "Ωνάσης"),
    "CurrentGivenName": ("Aristotelis", "Αριστοτέλης"),
    "DateOfBirth": ("1966-01-20",),
}
_FIELD = re.compile(r'name="(SAMLRequest|RelayState)" value="([^"]*)"')


@dataclass(frozen=True)
class Node:
    """A Proxy-Service with its key, and what it knows of Passerelle."""

    signer: Signer
    entity_id: str
    acs: str
    recipient: Certificate

    def answer(self, page: str) -> dict[str, str]:
        """The form that answers the form on a page."""
        fields = {name: html.unescape(value) for name, value in _FIELD.findall(page)}
        now = int(time.time())
        # The request's ID is the state that RelayState carries: so this process need not read the request.
        envelope = Envelope(
            id=f"_{secrets.token_hex(16)}",
            issuer=ENTITY_ID,
            destination=self.acs,
            in_response_to=f"_{fields['RelayState']}",
            issued=now,
            audience=self.entity_id,
        )
        statement = Statement(f"_{secrets.token_hex(16)}", "EL/FR/Ab-12.34", LOA_SUBSTANTIAL, now, _attributes())
        octets = write_response(envelope, statement, self.recipient, self.signer)
        return {"SAMLResponse": b64encode(octets).decode(), "RelayState": fields["RelayState"]}


def signer_in(folder: Path, algorithm: str) -> Signer:
    """A signing key of the country, of this kind."""
    folder.mkdir(parents=True, exist_ok=True)
    make_missing(folder, (Use.SAML_SIGNING,), int(time.time()), HOST, algorithm)
    return signer_of(load_keyring(folder).active(Use.SAML_SIGNING))


def met(signer: Signer, our_metadata: bytes) -> Node:
    """The node, once it has read our metadata."""
    ours = read_connector(our_metadata, now=int(time.time()), sandbox=True)
    return Node(signer, ours.entity_id, ours.acs, ours.encryption[0][0])


def _attributes() -> tuple[Attribute, ...]:
    return tuple(
        Attribute(
            DEFINITIONS[f"{_NATURAL}/{name}"],
            tuple(Value(text, latin=not at or name == "PersonIdentifier") for at, text in enumerate(values)),
        )
        for name, values in _PERSON.items()
    )


def metadata(certificate: bytes, entity_id: str = ENTITY_ID, country: str = "EL") -> bytes:
    """What the country publishes, unsigned: its pin is what is trusted."""
    until = datetime.fromtimestamp(time.time() + 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    uri = 'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"'
    levels = "".join(f"<saml2:AttributeValue>{level}</saml2:AttributeValue>" for level in NOTIFIED_LEVELS)
    names = (f"{_NATURAL}/{name}" for name in (*_PERSON, "BirthName", "Gender", "PlaceOfBirth", "CurrentAddress"))
    attributes = "".join(f'<saml2:Attribute Name="{name}" {uri}/>' for name in names)
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" entityID="{entity_id}" validUntil="{until}"><md:Extensions>
<mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute">
<saml2:Attribute Name="urn:oasis:names:tc:SAML:attribute:assurance-certification" {uri}>{levels}</saml2:Attribute>
</mdattr:EntityAttributes></md:Extensions>
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:Extensions><eidas:NodeCountry xmlns:eidas="http://eidas.europa.eu/saml-extensions">{country}</eidas:NodeCountry>
</md:Extensions>
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
<ds:X509Certificate>{b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{SSO}"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SSO}"/>
{attributes}</md:IDPSSODescriptor></md:EntityDescriptor>""".encode()
