"""What a service would receive of a person, claim by claim, and why something is absent or withheld.

It is made by the very steps of a login, from the scopes to the release, without anybody logging in.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from broker.assurance import Level
from broker.bridge import attribute_for
from broker.claims import NEVER_FROM_ABROAD, ORDER, SCOPES, claims_of
from broker.european import EuropeanIdentity
from broker.identity import Person
from broker.journey import EIDAS, Demand, Manner, Proof, Ready
from broker.parties import Service
from broker.subject import subject


@dataclass(frozen=True, slots=True)
class Told:
    """One claim: the scope that opens it, what is sent as JSON ("" for nothing), and what there is to say of it."""

    scope: str
    claim: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Claims that this person has and the service does not get, because of a scope: `granted` but not asked, or neither."""

    scope: str
    claims: tuple[str, ...]
    granted: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that a service would receive of a person."""

    sub: str
    acr: str
    told: tuple[Told, ...]
    withheld: tuple[Withheld, ...]


def preview(service: Service, person: Person, level: Level, scopes: Iterable[str], sub_key: bytes) -> Preview:
    """What the service would receive of this person, proven at this level, when it asks for these scopes."""
    asked = tuple(scope for scope in SCOPES if scope in set(scopes))
    demand = Demand(service.id, claims_of(asked), level, Manner.INFORM, {}, "")
    means = (EIDAS,) if isinstance(person, EuropeanIdentity) else _MEANS[level]
    ready = Ready(demand, Proof(person, level, "", 0, means))
    release = ready.release(lambda who: subject(who, service.sector, sub_key, service.sub_generation))
    return Preview(
        sub=release.sub,
        acr=level.acr,
        told=tuple(_told(service, person, release.claims, asked)),
        withheld=tuple(_withheld(service, person, asked)),
    )


_MEANS = {Level.LOW: ("pwd",), Level.SUBSTANTIAL: ("pwd", "otp", "mfa"), Level.HIGH: ("pwd", "otp", "mfa")}


def _told(service: Service, person: Person, sent: Mapping[str, object], asked: tuple[str, ...]) -> Iterator[Told]:
    """A claim stands once, at the narrowest scope that opens it."""
    for claim in claims_of(asked):
        scope = min((scope for scope in asked if claim in SCOPES[scope]), key=lambda scope: len(SCOPES[scope]))
        value = json.dumps(sent[claim], ensure_ascii=False) if claim in sent else ""
        note = _remark(person, claim) if value else _why_absent(person, claim)
        wanted = " ✘ the file says that the service cannot do without (require)" if claim in service.require else ""
        yield Told(scope, claim, value, note + ("" if value else wanted))


def _remark(person: Person, claim: str) -> str:
    if claim == "amr":
        return "in the ID token; how the account says that it was proven"
    if isinstance(person, EuropeanIdentity):
        original = {
            "given_name": person.given_names.original,
            "family_name": person.family_name.original if person.family_name else "",
            "preferred_username": person.current_name.original,
        }.get(claim, "")
        same = claim == "family_name" and not person.birth_name_known
        latin = f"the Latin form; {original} is shown to the citizen alone" if original else ""
        return "; ".join(filter(None, (latin, "the current name: no birth name was stated" if same else "")))
    if claim == "birthplace" and person.claim(claim) == "":
        return "an empty text: born abroad"
    return "the day or the month is not known" if claim == "birthdate" and "-00" in str(person.claim(claim)) else ""


def _why_absent(person: Person, claim: str) -> str:
    if claim == "country":
        return "a French account vouched"
    if not isinstance(person, EuropeanIdentity):
        return "the account has none"
    if claim in NEVER_FROM_ABROAD:
        return "no country states an INSEE code: the service must cope"
    if claim == "amr":
        return "it would say that another country vouched: scope eidas tells that"
    if claim == "family_name":
        return "the birth name that was stated cannot be told surely"
    return f"{person.country} did not send {attribute_for(claim)}: not in the minimum data set, the service must cope"


def _withheld(service: Service, person: Person, asked: tuple[str, ...]) -> Iterator[Withheld]:
    """By the scope that would open most of it, what this person has and nobody asks for."""
    opened = set(claims_of(asked))
    left = {claim for claim in ORDER if claim not in opened and _has(person, claim)}
    while left:
        scope = max(SCOPES, key=lambda name: (len(left.intersection(SCOPES[name])), -len(SCOPES[name])))
        kept = left.intersection(SCOPES[scope])
        yield Withheld(scope, tuple(claim for claim in ORDER if claim in kept), scope in service.scopes)
        left -= kept


def _has(person: Person, claim: str) -> bool:
    return claim == "amr" or person.claim(claim) not in (None, "")
