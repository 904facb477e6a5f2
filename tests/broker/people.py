"""The persons and proofs that the broker's tests speak of: all of them invented."""

from broker.assurance import Level
from broker.identity import Identity
from broker.journey import Demand, Manner, Proof

ANGELA = Identity(
    given_names=("Angela", "Claire", "Louise"),
    family_name="DUBOIS",
    gender="female",
    birthdate="1962-08-24",
    birthplace="75107",
    birthcountry="99100",
    email="angela@courriel.example",
    preferred_username="Martin",
)

CLAIMS = {
    "given_name": "Angela Claire Louise",
    "family_name": "DUBOIS",
    "gender": "female",
    "birthdate": "1962-08-24",
    "birthplace": "75107",
    "birthcountry": "99100",
    "email": "angela@courriel.example",
    "preferred_username": "Martin",
}

NOTE = {
    "client_id": "mairie",
    "redirect_uri": "https://mairie.example/retour",
    "state": "state-of-the-service",
    "nonce": "nonce-of-the-service-0123456789",
    "scope": "openid family_name email",
    "code_challenge": "",
    "response_mode": "query",
    "resources": "",
    "dpop_jkt": "",
}


def demand(**changes: object) -> Demand:
    """A town hall asks for a name and an e-mail address at level substantial."""
    asked = {
        "service": "mairie",
        "claims": ("family_name", "email"),
        "level": Level.SUBSTANTIAL,
        "manner": Manner.INFORM,
        "note": NOTE,
        "reference": "7KQF-M3ZD",
    }
    return Demand(**{**asked, **changes})  # type: ignore[arg-type]


def proof(**changes: object) -> Proof:
    """The tax office vouched for Angela at level substantial, a minute ago."""
    given = {"identity": ANGELA, "level": Level.SUBSTANTIAL, "provider": "impots", "at": 1_000_000}
    return Proof(**{**given, **changes})  # type: ignore[arg-type]
