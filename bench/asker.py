"""The Connector of the benchmark: it asks for a citizen, in the process that drives the load, and reads what comes back."""

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
from eidas.attributes import BIRTH_NAME, GENDER, MANDATORY, PLACE_OF_BIRTH, Kind
from eidas.binding import post_fields, read_post
from eidas.keys import Decrypter, Signer, decrypter_of, signer_of
from eidas.messages import AuthnRequest, Expected, RequestedAttribute
from eidas.request import write_request
from eidas.response import read_response
from eidas.vocabulary import LOA_LOW
from metadata.nodes import ProxyService
from metadata.read import read_proxy_service

HOST = "node.it.localhost"
ENTITY_ID, ACS = f"http://{HOST}/connector", f"http://{HOST}/acs"
_FIELD = re.compile(r'name="(SAMLResponse|RelayState)" value="([^"]*)"')
_OPTIONAL = (BIRTH_NAME, GENDER, PLACE_OF_BIRTH)


@dataclass(frozen=True)
class Asker:
    """A Connector with its keys, and what it knows of Passerelle."""

    signer: Signer
    decrypter: Decrypter
    france: ProxyService

    def request(self) -> AuthnRequest:
        """The minimum data set and three optional attributes, at any level."""
        minimum = (RequestedAttribute(name, True) for name in MANDATORY[Kind.NATURAL])
        return AuthnRequest(
            id=f"_{secrets.token_hex(16)}",
            issuer=ENTITY_ID,
            destination=next(iter(self.france.sso.values())),
            issued=int(time.time()),
            levels=(LOA_LOW,),
            comparison="minimum",
            attributes=(*minimum, *(RequestedAttribute(name, False) for name in _OPTIONAL)),
            sp_type="public",
            provider_name="Comune",
        )

    def form(self, request: AuthnRequest) -> dict[str, str]:
        """The form that carries a request."""
        return dict(post_fields("SAMLRequest", write_request(request, self.signer), "relay-state"))

    def check(self, request: AuthnRequest, page: str) -> None:
        """Read the answer in the form on a page. Raises Refused, KeyError."""
        fields = {name: html.unescape(value) for name, value in _FIELD.findall(page)}
        expected = Expected(
            issuer=self.france.entity_id,
            country="FR",
            keys=self.france.signing,
            published=self.france.levels,
            entity_id=ENTITY_ID,
            acs=ACS,
            request=request,
            now=int(time.time()),
            recipient_country="IT",
        )
        read_response(read_post(fields["SAMLResponse"]), expected, [self.decrypter])


def keys_in(folder: Path, algorithm: str) -> tuple[Signer, Decrypter, bytes]:
    """The keys of the Connector, of this kind; and the certificate that others encrypt for."""
    folder.mkdir(parents=True, exist_ok=True)
    make_missing(folder, (Use.SAML_SIGNING, Use.SAML_DECRYPTION), int(time.time()), HOST, algorithm)
    ring = load_keyring(folder)
    decryption = ring.active(Use.SAML_DECRYPTION)
    return signer_of(ring.active(Use.SAML_SIGNING)), decrypter_of(decryption), decryption.certificate


def met(signer: Signer, decrypter: Decrypter, our_metadata: bytes) -> Asker:
    """The Connector, once it has read our metadata."""
    return Asker(signer, decrypter, read_proxy_service(our_metadata, now=int(time.time()), sandbox=True))


def metadata(signing: bytes, encryption: bytes) -> bytes:
    """What the country publishes, unsigned: its pin is what is trusted."""
    until = datetime.fromtimestamp(time.time() + 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ENTITY_ID}"
 validUntil="{until}"><md:SPSSODescriptor AuthnRequestsSigned="true"
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:Extensions>
<eidas:NodeCountry xmlns:eidas="http://eidas.europa.eu/saml-extensions">IT</eidas:NodeCountry></md:Extensions>
{_key("signing", signing)}{_key("encryption", encryption)}
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{ACS}" index="0"
 isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>""".encode()


def _key(use: str, certificate: bytes) -> str:
    return f"""<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
<ds:X509Certificate>{b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"""
