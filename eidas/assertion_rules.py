"""What an assertion must be, one rule a function."""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from eidas import times, xml
from eidas.algorithms import Deviation
from eidas.attributes import DEFINITIONS, MANDATORY, REPRESENTATIVES, Attribute, Kind
from eidas.errors import AttributesMissing, LevelRefused, NotAPerson, ResponseRefused
from eidas.messages import AuthnRequest, Expected
from eidas.response_rules import OLDEST
from eidas.vocabulary import BEARER, ENTITY, LOA_PREFIX, NAME_ID_FORMATS, NOTIFIED_LEVELS, UNSPECIFIED
from eidas.xml import SAML, Element

_LONGEST_LIFE = 3600
_LONGEST_NAME_ID = 256
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_AUDIENCES = etree.XPath("a:Conditions/a:AudienceRestriction/a:Audience", namespaces={"a": SAML})
_LEVELS = etree.XPath("a:AuthnContext/a:AuthnContextClassRef", namespaces={"a": SAML})
_PREFIXES = tuple(f"{kind.value}/" for kind in (Kind.REPRESENTATIVE_NATURAL, Kind.REPRESENTATIVE_LEGAL))


def check_assertion(element: Element) -> None:
    """SAML Core 2.3.4: what was encrypted is an assertion."""
    if element.tag != f"{{{SAML}}}Assertion":
        raise ResponseRefused("what was encrypted is not an assertion")


def check_no_other(element: Element) -> None:
    """SAML Core 2.6.1: an assertion inside another (Advice) proves nothing, and somebody might read that one instead."""
    if sum(1 for _ in element.iter(f"{{{SAML}}}Assertion", f"{{{SAML}}}EncryptedAssertion")) != 1:
        raise ResponseRefused("the assertion holds another one")


def check_version(assertion: Element) -> None:
    """SAML Core 2.3.3: version 2.0."""
    if assertion.get("Version") != "2.0":
        raise ResponseRefused("the assertion's version is not 2.0")


def check_issuer(assertion: Element, issuer: str) -> None:
    """Message Format 1.4, 6.5: the assertion's issuer is the response's."""
    issuers = xml.children(assertion, f"{{{SAML}}}Issuer")
    if [xml.text(one) for one in issuers] != [issuer] or issuers[0].get("Format", ENTITY) != ENTITY:
        raise ResponseRefused("the assertion's issuer is not the response's")


def check_instant(assertion: Element, expected: Expected) -> None:
    """SAML Core 2.3.3: an assertion is made for this answer, and not of the future."""
    age = expected.now - times.read(assertion.get("IssueInstant", ""))
    if not -expected.skew <= age <= OLDEST + expected.skew:
        raise ResponseRefused(f"the assertion was issued {age} s ago")


# -- for whom, and until when -----------------------------------------------------------------------------------------


def check_name_id(assertion: Element, asked: str | None) -> None:
    """Message Format 1.4, 2.2: the subject has a name, in the format that was asked. Nobody is known by it here."""
    subjects = xml.children(assertion, f"{{{SAML}}}Subject")
    names = [name for subject in subjects for name in xml.children(subject, f"{{{SAML}}}NameID")]
    if len(names) != 1 or not 0 < len(xml.text(names[0])) <= _LONGEST_NAME_ID or len(names[0]):
        raise ResponseRefused("the subject has not one NameID")
    stated = names[0].get("Format", UNSPECIFIED)
    if stated not in NAME_ID_FORMATS or asked not in (None, UNSPECIFIED, stated):
        raise ResponseRefused("the format of NameID is not the one that was asked")


def check_confirmation(assertion: Element, expected: Expected) -> None:
    """SAML Profiles 4.1.4.3: whoever bears it, at our address, in answer to this request, before it ends."""
    subject = xml.children(assertion, f"{{{SAML}}}Subject")[0]
    confirmations = xml.children(subject, f"{{{SAML}}}SubjectConfirmation")
    if len(confirmations) != 1 or confirmations[0].get("Method") != BEARER:
        raise ResponseRefused("the subject is not confirmed by one bearer confirmation")
    data = xml.children(confirmations[0], f"{{{SAML}}}SubjectConfirmationData")
    if len(data) != 1 or "NotBefore" in data[0].attrib:
        raise ResponseRefused("the confirmation has no data, or a NotBefore")
    if data[0].get("Recipient") != expected.acs:
        raise ResponseRefused("the recipient of the assertion is another")
    if data[0].get("InResponseTo") != expected.request.id:
        raise ResponseRefused("the assertion is not the answer to what was asked")
    if times.read(data[0].get("NotOnOrAfter", "")) + expected.skew <= expected.now:
        raise ResponseRefused("the confirmation has ended")


def check_conditions(assertion: Element) -> None:
    """Message Format 1.4, 6.5: the assertion says from when and until when it counts."""
    found = xml.children(assertion, f"{{{SAML}}}Conditions")
    if len(found) != 1 or not {"NotBefore", "NotOnOrAfter"} <= set(found[0].attrib):
        raise ResponseRefused("the conditions do not say from when and until when")


def period_of(assertion: Element) -> tuple[int, int]:
    """From when and until when the assertion counts, `check_conditions` having passed. Raises XmlRefused."""
    (found,) = xml.children(assertion, f"{{{SAML}}}Conditions")
    return times.read(found.get("NotBefore", "")), times.read(found.get("NotOnOrAfter", ""))


def check_period(start: int, end: int, expected: Expected) -> None:
    """SAML Core 2.5.1.2: it counts now; and for a short time, for it is kept against replays that long."""
    if start - expected.skew > expected.now or end + expected.skew <= expected.now:
        raise ResponseRefused("the assertion does not count yet, or any more")
    if not 0 < end - start <= _LONGEST_LIFE:
        raise ResponseRefused("the assertion would count for too long, or for no time at all")


def audience_deviation(assertion: Element, expected: Expected) -> frozenset[Deviation]:
    """What must be allowed for the audience that is named. Raises ResponseRefused."""
    found: list[Element] = _AUDIENCES(assertion)
    audiences = [xml.text(audience) for audience in found]
    check_audience(audiences, expected)
    return frozenset() if audiences == [expected.entity_id] else frozenset({Deviation.AUDIENCE_ACS_URL})


def check_audience(audiences: list[str], expected: Expected) -> None:
    """SAML Core 2.5.1.4, Message Format 1.4, 6.5: it is meant for us, by our entity ID, and for nobody else."""
    allowed = Deviation.AUDIENCE_ACS_URL in expected.compatibility.deviations
    if audiences != [expected.entity_id] and not (allowed and audiences == [expected.acs]):
        raise ResponseRefused("the audience is another")


# -- how sure ---------------------------------------------------------------------------------------------------------


def check_one_statement(assertion: Element) -> None:
    """Message Format 1.4, 6.5: one AuthnStatement."""
    if len(xml.children(assertion, f"{{{SAML}}}AuthnStatement")) != 1:
        raise ResponseRefused("there is not one AuthnStatement")


def check_authn_instant(statement: Element, expected: Expected) -> None:
    """SAML Core 2.7.2: nobody has proven himself in the future."""
    if times.read(statement.get("AuthnInstant", "")) > expected.now + expected.skew:
        raise ResponseRefused("the authentication is yet to come")


def check_level_stated(statement: Element) -> None:
    """Message Format 1.4, 6.5: the statement names one AuthnContextClassRef, the level that was used."""
    found: list[Element] = _LEVELS(statement)
    if len(found) != 1:
        raise LevelRefused("")


def level_of(statement: Element) -> str:
    """The level that the statement states, `check_level_stated` having passed."""
    found: list[Element] = _LEVELS(statement)
    return xml.text(found[0])


def check_level_uri(level: str) -> None:
    """Message Format 1.4, 3.1: a level is a URI, and what looks like a notified one is one."""
    if not _URI.fullmatch(level):
        raise LevelRefused(level)
    if level.lower().startswith(LOA_PREFIX.lower()) and level not in NOTIFIED_LEVELS:
        raise LevelRefused(level)


def check_level_asked(level: str, request: AuthnRequest) -> None:
    """Message Format 1.4, 2.4.1: at least the level that was asked (minimum), or one of those (exact)."""
    asked: Iterable[str] = request.levels
    if request.comparison == "minimum":
        asked = NOTIFIED_LEVELS[NOTIFIED_LEVELS.index(request.levels[0]) :]
    if level not in asked:
        raise LevelRefused(level)


def check_level_published(level: str, published: frozenset[str]) -> None:
    """Message Format 1.4, 2.4.1: a country vouches at no level but those of its metadata."""
    if level not in published:
        raise LevelRefused(level)


# -- who --------------------------------------------------------------------------------------------------------------


def check_one_attribute_statement(assertion: Element) -> None:
    """Message Format 1.4, 6.5: one AttributeStatement."""
    if len(xml.children(assertion, f"{{{SAML}}}AttributeStatement")) != 1:
        raise ResponseRefused("there is not one AttributeStatement")


def check_no_representative(statement: Element) -> None:
    """Attribute Profile 1.4, 2.8: people act for themselves here."""
    if any(element.get("Name", "").startswith(_PREFIXES) for element in statement):
        raise NotAPerson("somebody stands for another")


def check_natural_person(statement: Element) -> None:
    """Message Format 1.4, 2.3.2: a natural person was asked for."""
    if any(element.get("Name", "").startswith(f"{Kind.LEGAL.value}/") for element in statement):
        raise NotAPerson("a legal person was identified")


def check_minimum(attributes: Mapping[str, Attribute]) -> None:
    """Attribute Profile 1.4, 2.2: the minimum data set of a person is complete."""
    kinds = {DEFINITIONS[name].kind for name in attributes} - REPRESENTATIVES or {Kind.NATURAL}
    if missing := tuple(name for kind in kinds for name in MANDATORY[kind] if name not in attributes):
        raise AttributesMissing(missing)


def check_required(attributes: Mapping[str, Attribute], request: AuthnRequest) -> None:
    """Message Format 1.4, 2.3.3: what was required is there, or the answer is a failure."""
    if missing := tuple(one.name for one in request.attributes if one.required and one.name not in attributes):
        raise AttributesMissing(missing)


def check_values_filled(attributes: Iterable[Attribute]) -> None:
    """Message Format 1.4, 2.3.3: no value is empty."""
    if any(not attribute.values or not all(value.text for value in attribute.values) for attribute in attributes):
        raise ResponseRefused("an attribute has no value")
