"""The Response: what a Proxy-Service answers, and what a Connector reads (Message Format 1.4, 2.4, 6.4, 6.5).

`read_response` believes a message after every rule, in the order in which they stand there. Two things are for the caller
to see to, who alone knows them: that an ID is accepted once (`Identification.response_id`, `assertion_id`, `until`), and
that the answer came in the browser that was sent (`peek_response` finds the journey by what it answers).
"""

import hashlib
from collections.abc import Sequence

from eidas import assertion, encryption, signature, times, xml
from eidas import response_rules as rules
from eidas.algorithms import AES256_GCM, STRICT, Compatibility
from eidas.certificates import Certificate
from eidas.errors import AuthenticationFailed
from eidas.keys import Decrypter, Signer
from eidas.messages import Envelope, Expected, Identification, Peeked, Statement, Status
from eidas.schema import check_schema
from eidas.vocabulary import ENTITY, SUCCESS
from eidas.xml import SAML, SAMLP, Element, make

_ISSUER, _STATUS, _CODE = f"{{{SAML}}}Issuer", f"{{{SAMLP}}}Status", f"{{{SAMLP}}}StatusCode"
_LONGEST_MESSAGE = 256

# -- writing ----------------------------------------------------------------------------------------------------------


def write_response(
    envelope: Envelope,
    statement: Statement,
    recipient: Certificate,
    signer: Signer,
    content_method: str = AES256_GCM,
    compatibility: Compatibility = STRICT,
) -> bytes:
    """A Response that identifies somebody: encrypted for the Connector, then signed. Raises ResponseRefused, Refused."""
    element = _written(envelope, Status(SUCCESS))
    data = encryption.encrypt(assertion.written(envelope, statement), recipient, content_method, compatibility)
    element.append(make("saml2", "EncryptedAssertion", data))
    signature.sign(element, signer)
    return xml.write(element)


def write_failure(envelope: Envelope, status: Status, signer: Signer) -> bytes:
    """A Response that says why nobody is identified (2.4.2): signed, without an assertion. Raises ResponseRefused."""
    rules.check_failure(status)
    element = _written(envelope, status)
    signature.sign(element, signer)
    return xml.write(element)


def _written(envelope: Envelope, status: Status) -> Element:
    return make(
        "saml2p",
        "Response",
        make("saml2", "Issuer", envelope.issuer, Format=ENTITY),
        _status(status),
        ID=envelope.id,
        Version="2.0",
        IssueInstant=times.written(envelope.issued),
        Destination=envelope.destination,
        InResponseTo=envelope.in_response_to,
    )


def _status(status: Status) -> Element:
    inner = [make("saml2p", "StatusCode", Value=status.sub)] if status.sub else []
    message = [make("saml2p", "StatusMessage", status.message)] if status.message else []
    return make("saml2p", "Status", make("saml2p", "StatusCode", *inner, Value=status.code), *message)


# -- reading ----------------------------------------------------------------------------------------------------------


def peek_response(octets: bytes) -> Peeked:
    """What the message says that it answers: to find the journey by, and nothing else. Raises Refused."""
    root = xml.parse(octets)
    issuers = xml.children(root, _ISSUER)
    return Peeked(root.get("ID", ""), xml.text(issuers[0]) if issuers else "", root.get("InResponseTo", ""))


def read_response(octets: bytes, expected: Expected, keys: Sequence[Decrypter]) -> Identification:
    """The person that a Response identifies; `keys` are ours, newest first.

    Raises Refused: AuthenticationFailed where the country says that there is nobody, LevelRefused, AttributesMissing and
    NotAPerson for what a citizen can be told, others for what is wrong with the message.
    """
    root = xml.parse(octets)
    check_schema(root)
    rules.check_root(root)
    rules.check_issuer(root, expected.issuer)
    verified = signature.verify(root, expected.keys, expected.compatibility)
    response = verified.element  # from here on there is nothing else
    rules.check_version(response)
    rules.check_destination(response, expected.acs)
    rules.check_in_response_to(response, expected.request.id)
    rules.check_instant(response, expected)
    _raise_failure(response)
    rules.check_one_encrypted(response)
    (container,) = xml.children(response, rules.ENCRYPTED)
    decrypted = encryption.decrypt(container, keys, expected.compatibility)
    person, used = assertion.read(decrypted.element, expected)
    return Identification(
        response_id=response.get("ID", ""),
        assertion_id=person.id,
        level=person.level,
        authenticated=person.authenticated,
        until=person.until + expected.skew,
        attributes=person.attributes,
        digest=hashlib.sha256(octets).digest(),
        signer=verified.certificate,
        deviations=verified.deviations | decrypted.deviations | used,
    )


def _raise_failure(response: Element) -> None:
    """SAML Core 3.2.2.1: whoever is not identified is not read about either. Raises AuthenticationFailed."""
    (status,) = xml.children(response, _STATUS)
    (code,) = xml.children(status, _CODE)
    if code.get("Value") != SUCCESS:
        subs = [one.get("Value", "") for one in xml.children(code, _CODE)]
        messages = [xml.text(one) for one in xml.children(status, f"{{{SAMLP}}}StatusMessage")]
        raise AuthenticationFailed(code.get("Value", ""), "".join(subs[:1]), "".join(messages[:1])[:_LONGEST_MESSAGE])
