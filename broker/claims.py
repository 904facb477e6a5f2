"""Scopes and the claims they open: FranceConnect's table for level low, plus `address` and `phone` where granted.

`eidas` tells which country identified the citizen, and that one did: no other scope does.

`idp_id`, `idp_birthdate` and the civil register's `rnipp_*` are not part of it: the first would tell a service which
provider vouched, the others need a register.
"""

from collections.abc import Iterable, Mapping

PIVOT = ("given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry")

SCOPES: Mapping[str, tuple[str, ...]] = {
    "openid": (),
    "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "identite_pivot": PIVOT,
    "given_name": ("given_name", "given_name_array"),
    "family_name": ("family_name",),
    "gender": ("gender",),
    "birthdate": ("birthdate",),
    "birthplace": ("birthplace",),
    "birthcountry": ("birthcountry",),
    "preferred_username": ("preferred_username",),
    "email": ("email",),
    "address": ("address",),
    "phone": ("phone_number",),
    "amr": ("amr",),
    "eidas": ("country", "amr"),
}

NEVER_FROM_ABROAD = frozenset({"birthplace"})
"""What no country can state: INSEE's code of a commune."""

# The order in which people read them; `sub` and `amr` are technical and are not shown.
ORDER = (
    "given_name",
    "given_name_array",
    "family_name",
    "preferred_username",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
    "phone_number",
    "address",
    "country",
    "amr",
)


def claims_of(scopes: Iterable[str]) -> tuple[str, ...]:
    """The claims that these scopes open, each once, in reading order; those of data providers open none."""
    opened = {claim for scope in scopes for claim in SCOPES.get(scope, ())}
    return tuple(claim for claim in ORDER if claim in opened)
