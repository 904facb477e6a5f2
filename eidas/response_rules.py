"""What a Response must be, one rule a function; what it holds is for `assertion_rules`."""

from eidas import times, xml
from eidas.errors import ResponseRefused
from eidas.messages import Expected, Status
from eidas.vocabulary import ENTITY, SUCCESS, TOP_STATUS
from eidas.xml import SAML, SAMLP, Element

OLDEST = 300
"""Seconds for which a response may be under way."""
ENCRYPTED = f"{{{SAML}}}EncryptedAssertion"


def check_root(root: Element) -> None:
    """SAML Core 3.3.3: it is a Response and nothing else."""
    if root.tag != f"{{{SAMLP}}}Response":
        raise ResponseRefused("the message is not a Response")


def check_issuer(root: Element, entity_id: str) -> None:
    """Message Format 1.4, 2.1.1: the country that was asked answers, and says so once, as an entity."""
    issuers = xml.children(root, f"{{{SAML}}}Issuer")
    if [xml.text(issuer) for issuer in issuers] != [entity_id]:
        raise ResponseRefused("the issuer is not the country that was asked")
    if issuers[0].get("Format", ENTITY) != ENTITY:
        raise ResponseRefused("the issuer is not named as an entity")


def check_version(response: Element) -> None:
    """SAML Core 3.2.2: version 2.0."""
    if response.get("Version") != "2.0":
        raise ResponseRefused("the version is not 2.0")


def check_destination(response: Element, acs: str) -> None:
    """SAML Bindings 3.5.5.2: the message was meant for us."""
    if response.get("Destination") != acs:
        raise ResponseRefused("the destination is another")


def check_in_response_to(response: Element, request_id: str) -> None:
    """Interoperability Architecture 1.4, 3.2.2.2: it answers what this citizen asked; nobody asked for any other."""
    if response.get("InResponseTo") != request_id:
        raise ResponseRefused("it is not the answer to what was asked")


def check_instant(response: Element, expected: Expected) -> None:
    """SAML Core 3.2.2: an answer is fresh, and not of the future."""
    age = expected.now - times.read(response.get("IssueInstant", ""))
    if not -expected.skew <= age <= OLDEST + expected.skew:
        raise ResponseRefused(f"the response was issued {age} s ago")


def check_one_encrypted(response: Element) -> None:
    """Message Format 1.4, 2.4.2, 6.4: one assertion, encrypted, and no plain one beside it."""
    plain, encrypted = xml.children(response, f"{{{SAML}}}Assertion"), xml.children(response, ENCRYPTED)
    if plain:
        raise ResponseRefused("an assertion is not encrypted")
    if len(encrypted) != 1:
        raise ResponseRefused(f"there are {len(encrypted)} encrypted assertions, not one")


def check_failure(status: Status) -> None:
    """SAML Core 3.2.2.2: the first code is one of four; a failure does not say that it succeeded."""
    if status.code not in TOP_STATUS - {SUCCESS}:
        raise ResponseRefused("not the status of a failure")
