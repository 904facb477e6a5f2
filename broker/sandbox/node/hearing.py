"""What the simulated Connector believes: Responses as Message Format 1.4, 2.4, 6.4 and 6.5 has them."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from broker.sandbox.node.counterpart import Country
from broker.sandbox.node.opening import opened, verified
from broker.sandbox.node.people import ATTRIBUTES, MINIMUM, NATURAL
from broker.sandbox.node.reading import (
    LEVELS,
    LOA,
    NS,
    URI,
    NotUnderstood,
    check_fresh,
    parsed,
    require,
    seconds_of,
    text_of,
    understood,
)
from broker.sandbox.node.security import Element, NodeKey
from broker.sandbox.node.writing import PERSISTENT, Status

SKEW = 60
_SUCCESS = "Success"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_IDENTIFIER = re.compile(r"FR/IT/\S.{0,249}")


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the Connector knows before it reads: whom it asked, its own name and address, what it asked for and
    when (Unix seconds), its key.
    """

    country: Country
    entity_id: str
    acs: str
    request: str
    level: str
    asked: int
    now: int
    key: NodeKey


@dataclass(frozen=True, slots=True)
class Received:
    """One attribute: its friendly name, its values in Latin script, and those in another."""

    name: str
    latin: tuple[str, ...]
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the other country identified, at a level."""

    level: str
    attributes: tuple[Received, ...]


AROUND: Mapping[str, str] = {
    "it is no Response of version 2.0": "/p:Response[@Version='2.0'][@ID]",
    "the issuer is another": "count(/p:Response/a:Issuer) = 1 and /p:Response/a:Issuer = $issuer",
    "the destination is another": "/p:Response/@Destination = $acs",
    "it answers another request": "/p:Response/@InResponseTo = $request",
    "there is not one status": "count(/p:Response/p:Status/p:StatusCode/@Value) = 1",
}
SUCCESSFUL: Mapping[str, str] = {
    "an assertion is not encrypted (2.4.2)": "not(//a:Assertion)",
    "there is not one encrypted assertion (6.4)": "count(//a:EncryptedAssertion) = 1 and /p:Response/a:EncryptedAssertion",
}
_SUBJECT, _CONFIRMED = "/a:Assertion/a:Subject", "/a:Assertion/a:Subject/a:SubjectConfirmation"
_DATA, _CONDITIONS = f"{_CONFIRMED}/a:SubjectConfirmationData", "/a:Assertion/a:Conditions"
_STATED, _ATTRIBUTE = "/a:Assertion/a:AuthnStatement", "/a:Assertion/a:AttributeStatement/a:Attribute"
INSIDE: Mapping[str, str] = {
    "it is no assertion of version 2.0": "/a:Assertion[@Version='2.0'][@ID]",
    "the assertion's issuer is another": "count(/a:Assertion/a:Issuer) = 1 and /a:Assertion/a:Issuer = $issuer",
    "the subject's name is of another format (2.2)": f"{_SUBJECT}/a:NameID[string()]/@Format = '{PERSISTENT}'",
    "it is not confirmed for the bearer": f"count({_CONFIRMED}) = 1 and {_CONFIRMED}[@Method='{_BEARER}']",
    "it is confirmed for another place": f"{_DATA}/@Recipient = $acs",
    "it is confirmed for another request": f"{_DATA}/@InResponseTo = $request",
    "it is for another audience": (
        f"count({_CONDITIONS}/a:AudienceRestriction/a:Audience) = 1 and {_CONDITIONS}//a:Audience = $audience"
    ),
    "there is not one statement of a login": f"count({_STATED}) = 1",
    "there is not one statement of attributes": "count(/a:Assertion/a:AttributeStatement) = 1",
    "an attribute is encrypted (2.3.3)": "not(//a:EncryptedAttribute)",
    "an attribute's name is not of the kind uri (2.3.2)": f"not({_ATTRIBUTE}[not(@NameFormat = '{URI}')])",
    "somebody acts for somebody else (2.8)": f"not({_ATTRIBUTE}[contains(@Name, '/representative/')])",
    "an attribute is not one of a natural person": f"not({_ATTRIBUTE}[not(starts-with(@Name, '{NATURAL}/'))])",
    "an attribute stands twice": f"not({_ATTRIBUTE}[@Name = preceding-sibling::*/@Name])",
    "a value is empty (2.3.3)": f"not({_ATTRIBUTE}/a:AttributeValue[not(normalize-space())])",
}
"""What would be wrong, and the XPath expression that says that it is not; numbers are sections of Message Format 1.4."""


def hear(octets: bytes, awaited: Awaited) -> Person | Status:
    """A person, or why there is none. Raises NotUnderstood for a message that the other country did not mean for us."""
    root = understood(lambda: verified(octets, awaited.country.signing, awaited.now))
    _judge(AROUND, root, awaited)
    check_fresh(root.get("IssueInstant", ""), awaited.now)
    status = _status(root)
    if status.code != _SUCCESS:
        return status
    _judge(SUCCESSFUL, root, awaited)
    return _person(_assertion(root, awaited), awaited)


def _judge(rules: Mapping[str, str], root: Element, awaited: Awaited) -> None:
    known = {
        "issuer": awaited.country.entity_id,
        "acs": awaited.acs,
        "request": awaited.request,
        "audience": awaited.entity_id,
    }
    for wrong, path in rules.items():
        require(bool(etree.XPath(path, namespaces=NS)(root, **known)), wrong)


def _status(root: Element) -> Status:
    """Why there is nobody, by the last parts of the codes."""
    code = "/p:Response/p:Status/p:StatusCode"
    top, sub = (text_of(root, f"{path}/@Value").rpartition(":")[2] for path in (code, f"{code}/p:StatusCode"))
    return Status(top, sub, text_of(root, "/p:Response/p:Status/p:StatusMessage"))


def _assertion(root: Element, awaited: Awaited) -> Element:
    """The assertion as a document of its own; where it is signed too, as it was signed."""
    (container,) = root.findall("a:EncryptedAssertion", NS)
    octets = understood(lambda: opened(container, awaited.key))
    found = parsed(octets)
    if found.find("ds:Signature", NS) is None:
        return found
    return understood(lambda: verified(octets, awaited.country.signing, awaited.now))


def _person(assertion: Element, awaited: Awaited) -> Person:
    _judge(INSIDE, assertion, awaited)
    check_fresh(assertion.get("IssueInstant", ""), awaited.now)
    check_fresh_login(seconds_of(text_of(assertion, f"{_STATED}/@AuthnInstant")), awaited)
    check_period(assertion, awaited.now)
    level = text_of(assertion, f"{_STATED}/a:AuthnContext/a:AuthnContextClassRef").removeprefix(LOA)
    check_level(level, awaited)
    attributes = assertion.iterfind("a:AttributeStatement/a:Attribute", NS)
    received = {str(one.get("Name")).rpartition("/")[2]: one for one in attributes}
    check_minimum(received)
    check_identifier(text_of(received["PersonIdentifier"], "a:AttributeValue"))
    return Person(level, tuple(_received(name, one) for name, one in received.items() if name in ATTRIBUTES))


def check_period(assertion: Element, now: int) -> None:
    """SAML Core 2.4.1.2, 2.5.1.2: it counts now, by its conditions and by its confirmation."""
    start = seconds_of(text_of(assertion, f"{_CONDITIONS}/@NotBefore"))
    ends = (seconds_of(text_of(assertion, f"{path}/@NotOnOrAfter")) for path in (_CONDITIONS, _DATA))
    require(start - SKEW <= now < min(ends) + SKEW, "it does not count now")


def check_fresh_login(authenticated: float, awaited: Awaited) -> None:
    """Message Format 1.4, 2.4.1: ForceAuthn: the login is younger than the request."""
    require(awaited.asked - SKEW <= authenticated <= awaited.now + SKEW, "the login is not one for this request")


def check_level(level: str, awaited: Awaited) -> None:
    """Message Format 1.4, 2.4.1, 3.4: a level that the country publishes, and not below the one that was asked for."""
    require(level in awaited.country.levels, "the level is none that France publishes")
    require(LEVELS.index(level) >= LEVELS.index(awaited.level), "the level is below the one that was asked for")


def check_minimum(received: Mapping[str, Element]) -> None:
    """Message Format 1.4, 2.3.2: what was required is there, or it were a failure."""
    for name in MINIMUM:
        require(name in received and bool(text_of(received[name], "a:AttributeValue")), f"{name} is missing")


def check_identifier(identifier: str) -> None:
    """Attribute Profile 1.4, 2.2.3: the identifier is France's for Italy."""
    require(bool(_IDENTIFIER.fullmatch(identifier)), "the identifier is not one of France for Italy")


# -- attributes -------------------------------------------------------------------------------------------------------


def _received(name: str, attribute: Element) -> Received:
    latin: list[str] = []
    other: list[str] = []
    for value in attribute.iterfind("a:AttributeValue", NS):
        text = text_of(value, ".")
        is_other = value.get(f"{{{NATURAL}}}LatinScript") in ("false", "0")
        (other if is_other else latin).append(_lines(text) if name == "CurrentAddress" else text)
    return Received(ATTRIBUTES[name].friendly, tuple(latin), tuple(other))


def _lines(encoded: str) -> str:
    """Attribute Profile 1.4, 2.2.9: base64 of elements without a root, whose prefix nobody declares; here as lines."""
    try:
        text = b64decode("".join(encoded.split()), validate=True).decode()
    except ValueError:
        raise NotUnderstood("the address is not base64 of UTF-8") from None
    parts = parsed(re.sub(r"<(/?)[A-Za-z][\w.-]*:", r"<\1", f"<address>{text}</address>").encode())
    return "\n".join(text_of(part, ".") for part in parts)
