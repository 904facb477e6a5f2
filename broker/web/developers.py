"""What developers read in the sandbox, and nobody anywhere else: what was sent, beside what is registered."""

import re
from collections.abc import Iterator, Mapping

from flask import request

from broker.assurance import ACRS
from broker.claims import SCOPES
from broker.errors import Problem
from broker.journey import Demand
from broker.nearest import Comparison, compare, lines, nearest
from broker.parties import Service
from broker.web.rooms import Rooms
from oidc.errors import AuthorizationRefused

_KEYS = {
    "redirect_uri": "redirect_uris",
    "post_logout_redirect_uri": "post_logout_redirect_uris",
    "client_id": "client_id",
}
_NOTES = {
    "redirect_uri": "the comparison is exact (RFC 6749 3.1.2.3): scheme, case of the path, port and final slash count",
    "post_logout_redirect_uri": "the comparison is exact: scheme, case of the path, port and final slash count",
    "client_id": "the comparison is exact",
}


def is_sandbox(rooms: Rooms) -> bool:
    """Whether developers may be told more than strangers."""
    return rooms.settings.mode == "sandbox"


def unknown_client(rooms: Rooms) -> Comparison:
    """The client_id of this request, beside those that are registered."""
    return compare("client_id", request.values.get("client_id", ""), rooms.parties.clients.keys())


def panel(rooms: Rooms, problem: Problem, reference: str, comparison: Comparison | None, service: str) -> str:
    """The text of the panel, to read and to copy; "" in production, whatever there would be to say."""
    if not is_sandbox(rooms):
        return ""
    if comparison is None:
        return problem.detail
    whose = f' for fs "{service}"' if service else ""
    file = f"partners/fs/{service}.toml" if service else "partners/fs"
    return "\n".join(
        (
            f"{problem.code}  {comparison.parameter} is not registered{whose}",
            *(f"  {line}" for line in lines(comparison)),
            f"  note        {_NOTES[comparison.parameter]}",
            f"  fix         {file}: {_KEYS[comparison.parameter]}, or send the registered value",
            f"  ref         {reference}   passerelle explain {reference}   docs/errors.md#{problem.code}",
        )
    )


# -- requests that are answered by a redirect -------------------------------------------------------------------------


def hints(rooms: Rooms, error: AuthorizationRefused, service: Service) -> str:
    """What may have been meant, for the end of error_description; "" in production."""
    if not is_sandbox(rooms):
        return ""
    return "".join(f"; {hint}" for hint in _hints(rooms, error, service))


def _hints(rooms: Rooms, error: AuthorizationRefused, service: Service) -> Iterator[str]:
    if error.error == "invalid_idp_hint":
        yield _near("idp_hint", request.values.get("idp_hint", ""), sorted(service.idp_hints))
    yield from _ignored(rooms, request.values, service)


def note_ignored(rooms: Rooms, demand: Demand, service: Service, asked: Mapping[str, str]) -> None:
    """Tell the journal of the sandbox, so that `passerelle explain` says why a claim did not come."""
    if is_sandbox(rooms):
        for hint in _ignored(rooms, asked, service):
            rooms.journal.record("demand.ignored", demand.reference, detail=hint)


def _ignored(rooms: Rooms, asked: Mapping[str, str], service: Service) -> Iterator[str]:
    """What a request asks that does not exist, and is passed over in silence as the specification says."""
    for word in asked.get("scope", "").split():
        if word not in (*SCOPES, *rooms.parties.data_scopes) and not word.startswith("eidas:"):
            yield _near("scope", word, sorted((*service.scopes, *service.data))) + " (it was ignored)"
    for word in asked.get("acr_values", "").split():
        if word not in ACRS:
            yield _near("acr_values", word, ACRS) + " (it was ignored)"


def _near(parameter: str, word: str, known: list[str] | tuple[str, ...]) -> str:
    """In the characters that RFC 6749 4.1.2.1 lets into a description."""
    said = re.sub(r"[^A-Za-z0-9_.:/-]", "", word[:60])
    return f"{parameter} '{said}' does not exist, the nearest is '{nearest(word, known)}'"
