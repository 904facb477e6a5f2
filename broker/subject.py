"""The `sub` that a service sees: the same for one person whichever provider vouched, unlinkable between sectors.

sub = hex(HMAC-SHA-256(key, lp(field)… ‖ lp(sector))) ‖ "v" ‖ generation: 64 hex digits, then the key's generation, pinned
per service. Each part is preceded by its length in four bytes, so that no two persons share a serialisation.

Two statements are of one person when given names, birth name, sex, birth date, birth country and (born in France) birth
place are equal after `identity.tidy` and case folding. Accents and hyphens count: JOËL is not JOEL. E-mail, usual name,
phone and address do not count, since they change. Nothing is stored, so a corrected civil status gives a new `sub`.

A citizen of another country is who his country says he is: its code and the PersonIdentifier, letter by letter (Attribute
Profile 1.4, 2.2.3). Where a country renews identifiers, a person gets a new `sub` (2.5.1).
"""

import hashlib
import hmac
from collections.abc import Iterable

from broker.european import EuropeanIdentity
from broker.identity import Identity, Person


def subject(person: Person, sector: str, key: bytes, generation: int) -> str:
    """The pairwise identifier of a person for a sector (OpenID Connect Core 8.1): 64 hex digits, `v`, the generation."""
    digest = hmac.digest(key, _lengths_and_parts((*_person(person), sector)), hashlib.sha256)
    return f"{digest.hex()}v{generation}"


def same_person(one: Person, other: Person) -> bool:
    """Whether two statements are of one person, as his subs would say."""
    return _person(one) == _person(other)


def _person(person: Person) -> tuple[str, ...]:
    match person:
        case EuropeanIdentity():
            return ("european", person.country, person.identifier)
        case Identity():
            return _pivot(person)
    raise TypeError("a person of another kind")


def _pivot(identity: Identity) -> tuple[str, ...]:
    return (
        "french",
        " ".join(identity.given_names).casefold(),
        identity.family_name.casefold(),
        identity.gender,
        identity.birthdate,
        identity.birthcountry,
        identity.birthplace,
    )


def _lengths_and_parts(parts: Iterable[str]) -> bytes:
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
