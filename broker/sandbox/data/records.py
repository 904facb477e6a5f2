"""What the simulated data providers hold about somebody: invented, but always the same for one person."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping

FOUND_BY = ("family_name", "given_name", "birthdate")

_MADE: Mapping[str, Callable[[int], int | float]] = {
    "revenu_fiscal": lambda draw: 9_000 + draw % 5_600 * 10,
    "nombre_parts": lambda draw: 1 + draw % 7 / 2,
    "permis_points": lambda draw: 1 + draw % 12,
    "retraite_estimation": lambda draw: 900 + draw % 230 * 10,
}


def record(scope: str, claims: Mapping[str, object]) -> int | float:
    """The value of a scope for the person of these claims. Nobody is unknown, whatever country he is from."""
    person = [scope, *(unicodedata.normalize("NFC", str(claims.get(name, ""))) for name in FOUND_BY)]
    draw = int.from_bytes(hashlib.sha256(json.dumps(person).encode()).digest()[:4], "big")
    return _MADE[scope](draw)
