"""Rules on who operates a node, and whom others write to."""

from eidas import xml
from eidas.xml import MD, Element
from metadata.conformance.parts import Broken, Place, Rule, Severity
from metadata.conformance.places import contacts, organisations

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAIL = f"{{{MD}}}EmailAddress"


def check_organisation(place: Place) -> None:
    """Message Format 1.4, 2.1.1: the organisation that operates the node is stated."""
    if not organisations(place.entity):
        raise Broken("no Organization is stated")


def check_organisation_in_english(place: Place) -> None:
    """Ours, as the examples of Message Format 1.4, 6 do it: name and address of the organisation are there in English."""
    if not any(one.get(_LANG, "").lower().startswith("en") for one in place.element):
        raise Broken("nothing of the organisation is in English")


def check_technical_contact(place: Place) -> None:
    """Message Format 1.4, 2.1.1: there is a technical contact."""
    if not _of_kind(place, "technical"):
        raise Broken("there is no technical contact")


def check_support_contact(place: Place) -> None:
    """Message Format 1.4, 2.1.1: there is a contact for support."""
    if not _of_kind(place, "support"):
        raise Broken("there is no contact for support")


def check_contact_has_mail(place: Place) -> None:
    """Message Format 1.4, 2.1.1: a contact has an address for e-mail."""
    if not xml.children(place.element, _MAIL):
        raise Broken("the contact has no EmailAddress")


def check_mail_form(place: Place) -> None:
    """SAML Metadata 2.3.2.2 (errata E62): an address for e-mail is a mailto URI."""
    for mail in map(xml.text, xml.children(place.element, _MAIL)):
        scheme, _, address = mail.partition(":")
        if scheme != "mailto" or not all(address.partition("@")):
            raise Broken("EmailAddress is not of the form mailto:name@host")


def _of_kind(place: Place, kind: str) -> list[Element]:
    return [one for one in contacts(place.entity) if one.get("contactType") == kind]


RULES: tuple[Rule[Place], ...] = (
    Rule("SAML-MD-33", Severity.NON_BREAKING, check_mail_form, "write mailto: before the address", contacts),
    Rule("EID-MD-69", Severity.NON_BREAKING, check_organisation, "add md:Organization with name, display name and URL"),
    Rule(
        "EID-MD-70",
        Severity.WARNING,
        check_organisation_in_english,
        'repeat the three elements with xml:lang="en"',
        organisations,
    ),
    Rule("EID-MD-71", Severity.NON_BREAKING, check_technical_contact, 'add md:ContactPerson contactType="technical"'),
    Rule("EID-MD-72", Severity.NON_BREAKING, check_support_contact, 'add md:ContactPerson contactType="support"'),
    Rule("EID-MD-73", Severity.WARNING, check_contact_has_mail, "add md:EmailAddress, best of a function", contacts),
)
