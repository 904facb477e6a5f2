"""The `claims` parameter (OpenID Connect Core 5.5): the claims that a service asks for one by one, and where it wants them.

It is JSON of a stranger, read strictly: what has the wrong type is an error, what is not known is ignored (5.5).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oidc.errors import OAuthError

_MOST = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one claim is asked. `values`: one of these is wanted, in this order; any when there are none."""

    essential: bool = False
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims asked for the userinfo and for the ID token, by their names, known or not."""

    userinfo: Mapping[str, Wanted] = field(default_factory=dict)
    id_token: Mapping[str, Wanted] = field(default_factory=dict)

    @property
    def subjects(self) -> frozenset[str] | None:
        """The subs of which one is wanted (3.1.2.2); None when it may be anybody."""
        asked = [place["sub"].values for place in (self.userinfo, self.id_token) if "sub" in place]
        named = [frozenset(value for value in values if isinstance(value, str)) for values in asked if values]
        return frozenset.intersection(*named) if named else None

    @property
    def acr_values(self) -> tuple[str, ...]:
        """The levels of which one is wanted in the ID token (5.5.1.1)."""
        acr = self.id_token.get("acr", Wanted())
        return tuple(value for value in acr.values if isinstance(value, str))

    @property
    def needs_acr(self) -> bool:
        """Whether one of `acr_values` must be reached: otherwise the login has failed (5.5.1.1)."""
        acr = self.id_token.get("acr", Wanted())
        return acr.essential and bool(acr.values)


def read_claims(text: str) -> ClaimsRequest:
    """The parameter's value, "" when it is absent. Raises OAuthError invalid_request."""
    members: Any = _json(text) if text else {}
    check_members(members)
    return ClaimsRequest(*(_place(name, members.get(name, {})) for name in ("userinfo", "id_token")))


def _json(text: str) -> Any:
    try:
        found = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair could not be written again
    except (ValueError, RecursionError):
        raise OAuthError("invalid_request", "claims is not JSON, or names a member twice") from None
    return found


def _members(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 4: what stands twice means one thing to us and another to somebody else."""
    listed = list(pairs)
    members = dict(listed)
    if len(members) != len(listed):
        raise ValueError("a member stands twice")
    return members


def _no_number(_constant: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _place(name: str, members: object) -> dict[str, Wanted]:
    check_place(name, members)
    assert isinstance(members, dict)  # noqa: S101 - check_place has just said so
    return {claim: _wanted(how) for claim, how in members.items()}


def _wanted(how: object) -> Wanted:
    check_how(how)
    if not isinstance(how, dict):
        return Wanted()
    values = how.get("values", [])
    return Wanted(how.get("essential", False), (how["value"],) if "value" in how else tuple(values))


def check_members(members: object) -> None:
    """OpenID Connect Core 5.5: claims is a JSON object."""
    if not isinstance(members, dict):
        raise OAuthError("invalid_request", "claims must be a JSON object with userinfo, id_token, or both")


def check_place(name: str, members: object) -> None:
    """OpenID Connect Core 5.5: userinfo and id_token are objects that name claims; ours are fewer than a hundred."""
    if not isinstance(members, dict) or len(members) > _MOST:
        raise OAuthError("invalid_request", f"claims: {name} must be a JSON object that names at most {_MOST} claims")


def check_how(how: object) -> None:
    """OpenID Connect Core 5.5.1: a claim is asked by null, or by an object with essential, value or values."""
    if how is None:
        return
    if not isinstance(how, dict):
        raise OAuthError("invalid_request", "claims: a claim must be null or a JSON object")
    if not isinstance(how.get("essential", False), bool):
        raise OAuthError("invalid_request", "claims: essential must be true or false")
    if not isinstance(how.get("values", []), list) or {"value", "values"} <= how.keys():
        raise OAuthError("invalid_request", "claims: values must be a list, and cannot stand beside value")


def check_reachable_acr(request: ClaimsRequest, levels: Iterable[str]) -> None:
    """OpenID Connect Core 5.5.1.1: an essential acr that nobody can reach has failed before it began.

    The error's name is that of OpenID Connect Core Unmet Authentication Requirements 1.0.
    """
    known = tuple(levels)
    if request.needs_acr and not set(known).intersection(request.acr_values):
        expected = " ".join(known)
        raise OAuthError("unmet_authentication_requirements", f"claims: acr must be one of {expected}, to be essential")
