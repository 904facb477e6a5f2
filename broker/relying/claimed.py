"""What a service's `claims` parameter changes (OpenID Connect Core 5.5): which claims it gets and where, about whom, at
what level. It never opens what no scope granted to the service opens.

What must be known when the citizen comes back is kept in the demand's note, as text.
"""

import json
from collections.abc import Callable, Iterable, Mapping

from broker.assurance import Level
from broker.claims import ORDER, claims_of
from broker.errors import Problem
from broker.parties import Service
from oidc.claims_request import Wanted
from oidc.messages import AuthorizationRequest

USERINFO, ID_TOKEN = "userinfo", "id_token"
TECHNICAL = "amr"  # said in the ID token, never in userinfo (FranceConnect 1.6)


def noted(request: AuthorizationRequest, service: Service) -> dict[str, str]:
    """For the note: the claims by their place, the subs of which one is wanted, the levels of which one is needed."""
    subjects = sorted(request.subjects) if request.subjects is not None else None
    return {
        "claims": json.dumps(_places(request, service)),
        "subjects": "" if subjects is None else json.dumps(subjects),
        "acr": " ".join(request.needed_acr),
    }


def claims_asked(note: Mapping[str, str]) -> tuple[str, ...]:
    """Every claim that the service gets if the person has it, in reading order."""
    places = json.loads(note["claims"])
    return tuple(claim for claim in ORDER if any(claim in place for place in places.values()))


Places = Mapping[str, Mapping[str, list[object]]]


def _places(request: AuthorizationRequest, service: Service) -> Places:
    """By place the claims, each with the values of which one is wanted, none for any."""
    allowed = set(claims_of(service.scopes))
    opened = claims_of(request.scopes)
    userinfo = {**_picked(request.claims.userinfo, allowed), **{claim: [] for claim in opened}}
    id_token = _picked(request.claims.id_token, allowed)
    if TECHNICAL in opened:
        id_token[TECHNICAL] = []
    userinfo.pop(TECHNICAL, None)
    return {USERINFO: userinfo, ID_TOKEN: id_token}


def _picked(wanted: Mapping[str, Wanted], allowed: Iterable[str]) -> dict[str, list[object]]:
    """A claim that no granted scope opens is left out: that is no error, even if it is essential (5.5.1)."""
    return {claim: list(wanted[claim].values) for claim in allowed if claim in wanted}


def by_place(note: Mapping[str, str], claims: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Of a person's claims those that are said in userinfo, and those that are said in the ID token: what is asked there,
    with one of the values that are wanted.
    """
    places = json.loads(note["claims"])
    return _said(places[USERINFO], claims), _said(places[ID_TOKEN], claims)


def _said(wanted: Mapping[str, list[object]], claims: Mapping[str, object]) -> dict[str, object]:
    return {
        claim: value for claim, value in claims.items() if claim in wanted and (not wanted[claim] or value in wanted[claim])
    }


def acr_for(note: Mapping[str, str], level: Level) -> str:
    """The `acr` of an answer: what was proven, or the highest needed value that it covers (5.5.1.1)."""
    needed = [Level.of_acr(acr) for acr in note["acr"].split() if Level.of_acr(acr) <= level]
    return (max(needed) if needed else level).acr


_TOO_LOW = frozenset({"FI-204", "EID-304"})


def is_condition(note: Mapping[str, str], code: str) -> bool:
    """Whether a failure says that what the service made a condition was not met."""
    return code == "USR-105" or (bool(note["acr"]) and code in _TOO_LOW)


def error_for(note: Mapping[str, str], problem: Problem) -> str:
    """The protocol's error for a problem. A level that was essential has its own (OpenID Connect Core 5.5.1.1)."""
    if note["acr"] and problem.code in _TOO_LOW:
        return "unmet_authentication_requirements"
    return problem.entry.oidc or "server_error"


def check_wanted_person(note: Mapping[str, str], sub: Callable[[], str]) -> None:
    """OpenID Connect Core 3.1.2.2: a service that asked about one person is told of no other."""
    if note["subjects"] and sub() not in json.loads(note["subjects"]):
        raise Problem("USR-105", "the service asked about another person")
