"""What the simulated node answers: Responses and assertions as Message Format 1.4, 2.4, 6.4 and 6.5 have them, as texts."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from lxml import etree

from broker.sandbox.node.people import ATTRIBUTES, European
from broker.sandbox.node.reading import LOA, SAMLP, URI
from broker.sandbox.node.security import SAML, Element

ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_LIFE = 300


@dataclass(frozen=True, slots=True)
class Answering:
    """Around an answer: whose it is, to what, for whom, when (Unix seconds). Faults change one of these."""

    issuer: str
    destination: str
    request: str
    audience: str
    now: int


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a request, by the last parts of SAML's status codes; `sub` and `message` may be left out."""

    code: str
    sub: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """A citizen who has proven himself: the attributes that he asked to be stated, his identifier, and how sure it is."""

    identifier: str
    stated: dict[str, tuple[str, ...]]
    level: str


def login_of(person: European, country: str, number: int, level: str, asked: frozenset[str]) -> Login:
    """What is said of a citizen at the node's login of this number; all that is his where he is no natural person."""
    stated = person.stated(country, number)
    told = {name: values for name, values in stated.items() if name in asked or not person.acts_alone}
    return Login(person.identifier(country, number), told, level)


def moment(seconds: int) -> str:
    """Unix seconds as SAML writes them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    """An xs:ID that was never used."""
    return f"_{secrets.token_hex(16)}"


def response(around: Answering, status: Status, inside: Element | None = None) -> Element:
    """A Response, not signed yet, with an assertion (encrypted or not) or without."""
    sub = f'<saml2p:StatusCode Value="{_STATUS}{status.sub}"/>' if status.sub else ""
    said = f"<saml2p:StatusMessage>{escape(status.message)}</saml2p:StatusMessage>" if status.message else ""
    root = etree.fromstring(
        f"""<saml2p:Response xmlns:saml2p="{SAMLP}" xmlns:saml2="{SAML}" ID="{new_id()}" Version="2.0"
 IssueInstant="{moment(around.now)}" Destination="{escape(around.destination)}" InResponseTo="{escape(around.request)}">
<saml2:Issuer Format="{ENTITY}">{escape(around.issuer)}</saml2:Issuer><saml2p:Status>
<saml2p:StatusCode Value="{_STATUS}{status.code}">{sub}</saml2p:StatusCode>{said}</saml2p:Status></saml2p:Response>"""
    )
    if inside is not None:
        root.append(inside)
    return root


def assertion(around: Answering, login: Login) -> Element:
    """What the node says of one of its citizens."""
    return etree.fromstring(
        f"""<saml2:Assertion xmlns:saml2="{SAML}" ID="{new_id()}" Version="2.0" IssueInstant="{moment(around.now)}">
<saml2:Issuer Format="{ENTITY}">{escape(around.issuer)}</saml2:Issuer><saml2:Subject>
<saml2:NameID Format="{PERSISTENT}">{escape(login.identifier)}</saml2:NameID>
<saml2:SubjectConfirmation Method="{_BEARER}"><saml2:SubjectConfirmationData InResponseTo="{escape(around.request)}"
 NotOnOrAfter="{moment(around.now + _LIFE)}" Recipient="{escape(around.destination)}"/></saml2:SubjectConfirmation>
</saml2:Subject><saml2:Conditions NotBefore="{moment(around.now)}" NotOnOrAfter="{moment(around.now + _LIFE)}">
<saml2:AudienceRestriction><saml2:Audience>{escape(around.audience)}</saml2:Audience></saml2:AudienceRestriction>
</saml2:Conditions><saml2:AuthnStatement AuthnInstant="{moment(around.now)}"><saml2:AuthnContext>
<saml2:AuthnContextClassRef>{LOA}{login.level}</saml2:AuthnContextClassRef><saml2:AuthnContextDecl/></saml2:AuthnContext>
</saml2:AuthnStatement><saml2:AttributeStatement>{"".join(_attributes(login))}</saml2:AttributeStatement>
</saml2:Assertion>"""
    )


def _attributes(login: Login) -> Iterable[str]:
    for name, values in login.stated.items():
        namespace, _, suffix = name.rpartition("/")
        facts = ATTRIBUTES[suffix]
        friendly = ("Representative" if namespace.endswith("/representative") else "") + facts.friendly
        # The other script first: nobody may rely on the order.
        inner = "".join(_value(namespace, suffix, at, one) for at, one in reversed([*enumerate(values)]) if one)
        yield f'<saml2:Attribute FriendlyName="{friendly}" Name="{name}" NameFormat="{URI}">{inner}</saml2:Attribute>'


def _value(namespace: str, suffix: str, at: int, value: str) -> str:
    facts = ATTRIBUTES[suffix]
    other = 'n:LatinScript="false" ' if at and facts.two_scripts else ""
    return (
        f'<saml2:AttributeValue {other}xmlns:n="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:type="n:{facts.type}">{escape(value)}</saml2:AttributeValue>'
    )


def posted(root: Element) -> str:
    """A message as a form carries it."""
    return b64encode(etree.tostring(root)).decode()


def spoilt(message: str) -> str:
    """The same message, of which one second was changed after it was signed."""
    root = etree.fromstring(b64decode(message))
    instant = datetime.fromisoformat(str(root.get("IssueInstant"))).timestamp()
    root.set("IssueInstant", moment(int(instant) - 1))
    return posted(root)
