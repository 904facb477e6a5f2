"""Where the metadata of other countries comes from when it is fetched, and by whose anchors it is judged."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broker.parties import Country
from broker.settings.model import Settings
from broker.settings.rules import LISTED
from eidas.errors import Refused
from eidas.times import written
from metadata.ledger import Stated
from metadata.ledger.kinds import ANCHOR, LIST
from metadata.mdsl import Location, ServiceList, read_list
from metadata.nodes import Connector, ProxyService
from metadata.review import Blob, Standing
from metadata.review.documents import octets_of
from metadata.trust.links import Anchor, Policy
from metadata.trust.nodes import VouchedNode, fetched_node


class NotListed(Exception):
    """No list that counts gives an address."""

    def __init__(self, code: str, role: str) -> None:
        super().__init__(f"no list that counts has a {role} of {code}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document is fetched, the entity ID that it must have ("" for any), and the anchors that vouch for it."""

    address: str
    name: str
    anchors: tuple[Anchor, ...]


def place_of(country: Country, role: str, lists: Sequence[ServiceList]) -> Place:
    """Where a role's metadata is fetched. Raises NotListed."""
    stated = country.sources[role]
    if stated != LISTED:
        return Place(stated, stated, country.anchors)
    for location in (one for found in lists for one in found.locations if one.territory == country.code):
        if (name := _named(location, role)) is not None:
            return Place(location.address, name, (*country.anchors, *location.anchors()))
    raise NotListed(country.code, role)


def _named(location: Location, role: str) -> str | None:
    """The entity ID of the role there; "" where the location does not say which nodes it has, None where it has it not."""
    if not location.endpoints:
        return ""
    usable = (one for one in location.endpoints if one.kind == role and not one.suspended)
    return next((one.entity_id for one in usable), None)


def lists_in_force(settings: Settings, standing: Standing, blob: Blob, now: int) -> list[ServiceList]:
    """The lists that the ledger has, each proven again at `now`; one that is not proven any more gives nothing."""
    found = []
    for event in (event for (type_, _), event in standing.items() if type_ == LIST):
        if event.facts["address"] in settings.trust.lists:
            try:
                found.append(proven_list(settings, octets_of(event.facts["document"], blob), now))
            except Refused:
                continue  # the country's metadata is refused then, with its reason
    return found


def anchor_stated(anchor: Anchor, origin: str) -> Stated:
    """An anchor as the ledger has it; `origin` is configuration or list."""
    der = anchor.link.certificate.der
    digest = hashlib.sha256(der).hexdigest()
    facts = {"certificate": digest, "valid_until": written(anchor.link.until), "from": origin}
    return Stated(ANCHOR, f"{anchor.country}/{digest}", facts, digest, {digest: der})


def is_looked_up(settings: Settings, code: str) -> bool:
    """Whether lists say where a country's metadata is."""
    country = settings.parties.countries.get(code)
    return country is not None and LISTED in country.sources.values()


def anchors_of_lists(settings: Settings, lists: Sequence[ServiceList], standing: Standing) -> Iterator[Stated]:
    """The anchors that lists give for countries which are looked up there; and those that no list gives any more."""
    given = [
        anchor_stated(anchor, "list")
        for found in lists
        for location in found.locations
        if is_looked_up(settings, location.territory)
        for anchor in location.anchors()
    ]
    named = {one.subject for one in given}
    for (type_, subject), event in standing.items():
        if type_ == ANCHOR and event.facts["from"] == "list" and subject not in named:
            yield Stated(ANCHOR, subject, {}, "")
    configured = {
        subject for (type_, subject), event in standing.items() if type_ == ANCHOR and event.facts["from"] != "list"
    }
    yield from (one for one in given if one.subject not in configured)


def proven_list(settings: Settings, octets: bytes, now: int) -> ServiceList:
    """A list that one of its anchors vouches for. Raises Refused."""
    return read_list(octets, now, settings.trust.list_anchors, settings.trust.list_policy or Policy("EU"))


def judged(
    octets: bytes, country: Country, role: str, place: Place, now: int, sandbox: bool, crls: Sequence[bytes] = ()
) -> VouchedNode[ProxyService | Connector]:
    """What a document says, if an anchor vouches for it and it is the node that it should be. Raises Refused.

    `crls` are lists of revoked certificates in DER.
    """
    policy = country.policy or Policy(country.code, country.compatibility)
    return fetched_node(octets, role, place.anchors, policy, now, sandbox, place.name, crls)
