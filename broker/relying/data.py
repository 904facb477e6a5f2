"""What a data provider may be told of a person: settled when the citizen agrees, and only ever narrowed afterwards.

A release is made once, from the proof, for each data provider to which the citizen agreed, and sealed under the token. So a
data provider never gets more than was agreed to then, whatever the registry says later; and at each check the registry of
today takes away what it does not allow any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broker import agreements
from broker.identity import Person
from broker.journey import Ready
from broker.parties import DataProvider, Parties
from broker.subject import subject

_NEVER = frozenset(("country", "amr"))  # where somebody is from and how he logged in: whatever the registry says


@dataclass(frozen=True, slots=True)
class DataRelease:
    """What one data provider is told: its own name for the person, the claims by which it may know him, the scopes that it
    may deliver. It may ask for `life` seconds.
    """

    sub: str
    claims: Mapping[str, object] = field(repr=False)
    scopes: tuple[str, ...]
    life: int


def releases(parties: Parties, ready: Ready, sub_keys: Mapping[int, bytes]) -> dict[str, DataRelease]:
    """A release for each data provider of what the citizen agreed to, by its id."""
    agreed = agreements.by_data_provider(parties, ready.demand.service, ready.data)
    person = ready.proof.identity
    return {one: _release(parties.data[one], person, scopes, sub_keys) for one, scopes in agreed.items()}


def _release(one: DataProvider, person: Person, scopes: tuple[str, ...], sub_keys: Mapping[int, bytes]) -> DataRelease:
    sub = subject(person, sector_of(one), sub_keys[one.sub_generation], one.sub_generation)
    known = {claim: person.claim(claim) for claim in one.identity if claim not in _NEVER}
    claims = {claim: value for claim, value in known.items() if value is not None}
    return DataRelease(sub, claims, scopes, one.lifetime)


def sector_of(one: DataProvider) -> str:
    """OpenID Connect Core 8.1: what its subs are made for. No service's begins like this, so none has the same sub."""
    return one.sector or f"fd:{one.id}"


def allowed_today(parties: Parties, service: str, one: DataProvider, release: DataRelease) -> DataRelease | None:
    """What of a release the registry still allows; None when that is nothing."""
    scopes = agreements.by_data_provider(parties, service, release.scopes).get(one.id, ())
    claims = {claim: value for claim, value in release.claims.items() if claim in one.identity}
    return replace(release, scopes=scopes, claims=claims) if scopes else None
