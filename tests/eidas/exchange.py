"""A Connector and a Proxy-Service for tests: messages in order, and each step at which one can be spoilt.

`response` builds what `eidas.response.write_response` writes, and lets a test change the assertion before it is encrypted,
the message before it is signed, and the octets afterwards.
"""

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from eidas import assertion, encryption, signature, xml
from eidas.attributes import (
    DATE_OF_BIRTH,
    DEFINITIONS,
    FAMILY_NAME,
    GENDER,
    GIVEN_NAME,
    MANDATORY,
    PERSON_IDENTIFIER,
    Attribute,
    Kind,
    Value,
)
from eidas.certificates import Certificate, read_certificate
from eidas.keys import LocalDecrypter, Signer
from eidas.messages import (
    AuthnRequest,
    Envelope,
    Expected,
    Identification,
    KnownConnector,
    RequestedAttribute,
    Statement,
    Status,
)
from eidas.response import _written, read_response
from eidas.vocabulary import LOA_LOW, LOA_SUBSTANTIAL, NOTIFIED_LEVELS, SUCCESS
from eidas.xml import Element
from tests.eidas.parts import NS, certificate_of, private_key, signer_of, trusted

NOW = 1_790_000_000
CONNECTOR, ACS = "https://connector.example/metadata", "https://connector.example/acs"
PROXY, SSO = "https://node.el.example/metadata", "https://node.el.example/sso"
PREFIXES = {**NS, "saml2p": NS["samlp"], "eidas": xml.EIDAS, "eidas-natural": xml.NATURAL, "xsi": xml.XSI}
Change = Callable[[Element], object]

CONFIRMATION = "saml2:Subject/saml2:SubjectConfirmation"
DATA = f"{CONFIRMATION}/saml2:SubjectConfirmationData"
CONDITIONS = "saml2:Conditions"
STATED = "saml2:AuthnStatement"
LEVEL = f"{STATED}/saml2:AuthnContext/saml2:AuthnContextClassRef"
NAME_ID = "saml2:Subject/saml2:NameID"
ATTRIBUTES = "saml2:AttributeStatement"
PAST, FUTURE = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"


def nothing(_element: Element) -> None:
    """No change."""


def attribute(name: str, *values: str) -> Attribute:
    """An attribute; a second value of a transliterable one is in another script."""
    definition = DEFINITIONS[name]
    both = not definition.transliterable
    return Attribute(definition, tuple(Value(text, both or not at) for at, text in enumerate(values)))


REQUEST = AuthnRequest(
    id="_request-0123456789abcdef",
    issuer=CONNECTOR,
    destination=SSO,
    issued=NOW,
    levels=(LOA_LOW,),
    comparison="minimum",
    attributes=(
        *(RequestedAttribute(name, True) for name in MANDATORY[Kind.NATURAL]),
        RequestedAttribute(GENDER, False),
    ),
    sp_type="public",
)
ENVELOPE = Envelope("_response-0123456789abcdef", PROXY, ACS, REQUEST.id, NOW, CONNECTOR)
PERSON = (
    attribute(PERSON_IDENTIFIER, "EL/FR/Ab-12.34"),
    attribute(FAMILY_NAME, "Onasis", "Ωνάσης"),
    attribute(GIVEN_NAME, "Aristotelis", "Αριστοτέλης"),
    attribute(DATE_OF_BIRTH, "1966-01-20"),
)
STATEMENT = Statement("_assertion-0123456789abcdef", "EL/FR/Ab-12.34", LOA_SUBSTANTIAL, NOW, PERSON)
RECIPIENT = read_certificate(certificate_of(private_key("secp256r1", 7)))
KEYS = [LocalDecrypter(private_key("secp256r1", 7))]


def expected(**changes: object) -> Expected:
    """What our Connector knows."""
    known = Expected(PROXY, "EL", tuple(trusted_keys()), frozenset(NOTIFIED_LEVELS), CONNECTOR, ACS, REQUEST, NOW)
    return replace(known, **changes)  # type: ignore[arg-type]


def read(octets: bytes, **changes: object) -> Identification:
    """A message as our Connector reads it."""
    return read_response(octets, expected(**changes), KEYS)


def connector(**changes: object) -> KnownConnector:
    """What a Proxy-Service knows."""
    known = KnownConnector(
        CONNECTOR, tuple(trusted_keys()), ACS, None, SSO, frozenset(NOTIFIED_LEVELS), frozenset(DEFINITIONS), NOW
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def trusted_keys(name: str = "secp256r1", turn: int = 0) -> list[Certificate]:
    """The certificates of a key, as metadata gives them."""
    found = trusted(name, turn)
    return list(found) if isinstance(found, list | tuple) else [found]


def response(
    on_assertion: Change = nothing,
    on_response: Change = nothing,
    after: Change = nothing,
    *,
    envelope: Envelope = ENVELOPE,
    statement: Statement = STATEMENT,
    recipient: Certificate = RECIPIENT,
    signer: Signer | None = None,
    encrypt: bool = True,
    sign: bool = True,
) -> bytes:
    """A Response, spoilt at one of its steps."""
    element = _written(envelope, Status(SUCCESS))
    inner = assertion.written(envelope, replace(statement, attributes=statement.attributes))
    on_assertion(inner)
    if encrypt:
        inner = xml.make("saml2", "EncryptedAssertion", encryption.encrypt(inner, recipient))
    element.append(inner)
    on_response(element)
    if sign:
        signature.sign(element, signer or signer_of())
    after(element)
    return xml.write(element)


def made_element() -> Element:
    """A Response in order, as it was read."""
    return xml.parse(response())


def find(element: Element, path: str) -> Element:
    """The one element at a path with the usual prefixes."""
    (found,) = element.xpath(path, namespaces=PREFIXES)  # type: ignore[misc]
    return found  # type: ignore[return-value]


def setting(path: str, name: str, value: str | None) -> Change:
    """A change: an attribute of the element at a path gets another value, or goes."""

    def change(element: Element) -> None:
        target = find(element, path)
        if value is None:
            del target.attrib[name]
        else:
            target.set(name, value)

    return change


def saying(path: str, text: str) -> Change:
    """A change: the element at a path gets another text."""

    def change(element: Element) -> None:
        find(element, path).text = text

    return change


def dropping(path: str) -> Change:
    """A change: the element at a path goes."""
    return lambda element: xml.remove(find(element, path))


def doubling(path: str) -> Change:
    """A change: the element at a path stands twice."""

    def change(element: Element) -> None:
        target = find(element, path)
        target.addnext(etree.fromstring(etree.tostring(target, with_tail=False)))

    return change


def adding(path: str, fragment: str, at: int | None = None) -> Change:
    """A change: a fragment (with the usual prefixes) is put into the element at a path."""

    def change(element: Element) -> None:
        declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
        made = etree.fromstring(f"<w {declared}>{fragment}</w>")[0]
        target = find(element, path)
        target.insert(len(target) if at is None else at, made)

    return change


def value(name: str) -> str:
    """The path to the first value of an attribute."""
    return f"{ATTRIBUTES}/saml2:Attribute[@Name='{name}']/saml2:AttributeValue[1]"
