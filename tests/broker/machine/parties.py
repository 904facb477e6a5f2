"""Who plays: four services that differ in what binds them, three providers, three citizens. All of them invented.

The names of claims stand here once more, so that the machine does not judge the product by the product's own table.
"""

from broker.assurance import Level
from broker.parties import Parties
from tests.broker.world import provider, service

HINTS = frozenset(("fiscalis",))
SERVICES = {
    "mairie": service("mairie", idp_hints=HINTS),
    "assurance": service("assurance", idp_hints=HINTS, public=False),
    "notaire": service("notaire", idp_hints=HINTS, public=False, minimum=Level.SUBSTANTIAL, algorithm="RS256"),
    "mobile": service("mobile", idp_hints=HINTS, authentication=frozenset(("none",)), secrets=()),
}
PROVIDERS = {
    "fiscalis": provider("fiscalis", Level.LOW, Level.SUBSTANTIAL),
    "postalis": provider("postalis", Level.LOW, order=200),
    "cartalis": provider("cartalis", Level.SUBSTANTIAL, Level.HIGH, order=300),
}
PARTIES = Parties(SERVICES, PROVIDERS)
LEVELS = {"fiscalis": (1, 2), "postalis": (1,), "cartalis": (2, 3)}
"""What each provider is approved for."""
PRIVATE = frozenset(("assurance", "notaire"))
MINIMUM = {"mairie": 1, "assurance": 1, "notaire": 2, "mobile": 1}

CLAIMS = {
    "openid": frozenset(),
    "identite_pivot": frozenset("given_name given_name_array family_name birthdate gender birthplace birthcountry".split()),
    "family_name": frozenset(("family_name",)),
    "email": frozenset(("email",)),
    "preferred_username": frozenset(("preferred_username",)),
}
SCOPES = ("openid", "openid family_name", "openid identite_pivot email", "openid email preferred_username amr")

CITIZENS = (
    {
        "given_name": "Hippolyte Aimé",
        "family_name": "QUATREBARBES",
        "gender": "male",
        "birthdate": "1951-11-23",
        "birthplace": "75107",
        "birthcountry": "99100",
        "email": "hippolyte@courriel.example",
        "preferred_username": "Barbezat",
    },
    {
        "given_name": "Ursuline",
        "family_name": "VERMOREL",
        "gender": "female",
        "birthdate": "1987-02-14",
        "birthplace": "",
        "birthcountry": "99109",
        "email": "ursuline@courriel.example",
        "preferred_username": "Kermadec",
    },
    {
        "given_name": "Philomène Zoé",
        "family_name": "JOUBERTON",
        "gender": "female",
        "birthdate": "2001-07-30",
        "birthplace": "75107",
        "birthcountry": "99100",
        "email": "philomene@courriel.example",
        "preferred_username": "Philozoé",
    },
)
UNMISTAKABLE = ("given_name", "family_name", "birthdate", "email", "preferred_username")
"""Claims whose values stand for one citizen alone."""


def told(citizen: int, scope: str) -> dict[str, object]:
    """What a service may read of a citizen: what its scopes open, and nothing else."""
    person: dict[str, object] = {**CITIZENS[citizen], "given_name_array": CITIZENS[citizen]["given_name"].split()}
    opened = frozenset().union(*(CLAIMS.get(word, frozenset()) for word in scope.split()))
    return {claim: value for claim, value in person.items() if claim in opened}
