"""The `sub` that a service sees: the same for one person whichever provider vouched, unlinkable between sectors.

sub = hex(HMAC-SHA-256(key, lp(field)… ‖ lp(sector))) ‖ "v" ‖ generation: 64 hex digits, then the key's generation, pinned
per service. Each part is preceded by its length in four bytes, so that no two persons share a serialisation.

Two statements are of one person when given names, birth name, sex, birth date, birth country and (born in France) birth
place are equal after `identity.tidy` and case folding. Accents and hyphens count: JOËL is not JOEL. E-mail, usual name,
phone and address do not count, since they change. Nothing is stored, so a corrected civil status gives a new `sub`.
"""

import hashlib
import hmac
from collections.abc import Iterable

from broker.identity import Identity


def subject(identity: Identity, sector: str, key: bytes, generation: int) -> str:
    """The pairwise identifier of a person for a sector (OpenID Connect Core 8.1): 64 hex digits, `v`, the generation."""
    digest = hmac.digest(key, _lengths_and_parts((*_person(identity), sector)), hashlib.sha256)
    return f"{digest.hex()}v{generation}"


def _person(identity: Identity) -> tuple[str, ...]:
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
