"""Is this metadata in order? Every rule is asked of every place that it is about, so that all findings come at once.

    report = validate(octets, now=…)
    for finding in report.findings: …

Nothing is believed and nothing is fetched: whom to trust is not a question of form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from eidas import xml
from eidas.errors import Refused
from eidas.xml import MD, Element
from metadata.conformance import (
    rules_document,
    rules_eidas,
    rules_keys,
    rules_people,
    rules_roles,
    rules_signature,
)
from metadata.conformance.parts import (
    LIMITS,
    Broken,
    Entity,
    Place,
    Role,
    Rule,
    Severity,
    path_of,
    read_document,
)

_Shown = TypeVar("_Shown")
_MOST_PLACES = 20
_LONGEST = 300
_LONGEST_PATH = 600


class Profile(StrEnum):
    """Which rules are asked: all, or those that hold for any SAML metadata."""

    EIDAS = "eidas-1.4"
    SAML = "saml"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken: where (XPath), what is wrong there, and how to mend it."""

    rule: str
    severity: Severity
    clause: str
    xpath: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, the gravest first; `entities` are the entity IDs that were looked at."""

    entities: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether one of the findings is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


OCTETS = rules_document.OCTETS
"""Rules on octets: one that is broken leaves nothing for the others to look at."""

RULES: tuple[Rule[Place], ...] = (
    *rules_document.RULES,
    *rules_signature.RULES,
    *rules_keys.RULES,
    *rules_roles.RULES,
    *rules_eidas.RULES,
    *rules_people.RULES,
)


def validate(
    octets: bytes, *, now: int, profile: Profile = Profile.EIDAS, url: str | None = None, role: Role | None = None
) -> Report:
    """What is wrong with a document. `now` is Unix seconds, `url` where it came from; without `role` each is looked at.

    Raises nothing, whatever the octets are.
    """
    for rule in OCTETS:
        if (what := _broken(rule, octets)) is not None:
            return Report((), (_finding(rule, "/", what),))
    document = read_document(xml.parse(octets, LIMITS), now, url, role)
    entities = [Entity(one, document) for one in document.root.iter(f"{{{MD}}}EntityDescriptor")]
    asked = [rule for rule in RULES if profile is Profile.EIDAS or rule.id.startswith("SAML")]
    findings = [finding for rule in asked for finding in _findings(rule, entities)]
    order = list(Severity)
    names = tuple(entity.element.get("entityID", "") for entity in entities)
    return Report(names, tuple(sorted(findings, key=lambda one: order.index(one.severity))))


def _findings(rule: Rule[Place], entities: Sequence[Entity]) -> list[Finding]:
    """At most 20 places; the last finding says how many more there are."""
    broken = list(_breaches(rule, entities))
    shown = [_finding(rule, path_of(element), what) for element, what in broken[: _MOST_PLACES - 1]]
    if len(broken) >= _MOST_PLACES:
        element, what = broken[_MOST_PLACES - 1]
        more = len(broken) - _MOST_PLACES
        shown.append(_finding(rule, path_of(element), f"{what} (and {more} more places)" if more else what))
    return shown


def _breaches(rule: Rule[Place], entities: Sequence[Entity]) -> Iterator[tuple[Element, str]]:
    judged: set[Element] = set()
    for entity in entities:
        for element in rule.over(entity):
            if element not in judged and (what := _broken(rule, Place(element, entity))) is not None:
                yield element, what
            judged.add(element)


def _broken(rule: Rule[_Shown], shown: _Shown) -> str | None:
    try:
        rule.check(shown)
    except Broken as broken:
        return broken.what
    except Refused as refused:
        return refused.detail
    return None


def _finding(rule: Rule[_Shown], xpath: str, what: str) -> Finding:
    return Finding(rule.id, rule.severity, rule.clause, _short(xpath), what[:_LONGEST], rule.mend)


def _short(xpath: str) -> str:
    """The end of a path: whoever wrote the document may have chosen names of any length, and every finding repeats them."""
    return xpath if len(xpath) <= _LONGEST_PATH else f"…{xpath[-_LONGEST_PATH:]}"
