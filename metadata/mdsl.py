"""Lists of where metadata is (MetadataServiceList, Message Format 1.4, appendix A): whose, where, and by which anchors.

Read leniently, entry by entry: a list is many countries' work, and what is odd about one must not hide the others. The
schema is not applied; what cannot be used is a `Skipped` with its reason. Believe a list that was proven by an anchor of
its publisher, or compare each entry with what the country told you.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from eidas import times, xml
from eidas.errors import Refused
from eidas.xml import DS, SERVICE_LIST, Element, Limits, make
from metadata import mdsl_rules as rules
from metadata.read import NORMAL
from metadata.trust import Vouched, proven
from metadata.trust.links import Anchor, Policy, read_link

LIMITS = Limits(size=4_194_304)
KINDS: Mapping[str, str] = {
    "http://eidas.europa.eu/metadata/ept/Connector": "connector",
    "http://eidas.europa.eu/metadata/ept/ProxyService": "proxy",
}
_URIS = {kind: uri for uri, kind in KINDS.items()}
_TRUE = ("true", "1")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A node behind a location. `kind` is connector or proxy; `attributes` are those that no schema names."""

    kind: str
    entity_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def hidden(self) -> bool:
        """Sweden's HideFromDiscovery: citizens are not to be offered it."""
        return self.attributes.get("HideFromDiscovery") in _TRUE

    @property
    def suspended(self) -> bool:
        """Sweden's Suspend: it is not to be used for now."""
        return self.attributes.get("Suspend") in _TRUE


@dataclass(frozen=True, slots=True)
class Location:
    """An address where metadata is. No endpoint: all that are found there. `certificates` (DER) are its anchors."""

    territory: str
    address: str
    endpoints: tuple[Endpoint, ...] = ()
    certificates: tuple[bytes, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def anchors(self) -> list[Anchor]:
        """Its certificates as anchors of its country alone."""
        return [Anchor(self.territory, read_link(der)) for der in self.certificates]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a list that is not used: where it stands (territory, address), and why."""

    territory: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a whole list says of itself. Moments are Unix seconds; `next_update` is None where it is not stated."""

    version: str
    issuer: str
    scheme: str
    territory: str
    issued: int
    next_update: int | None
    distribution: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceList:
    """A list as it was read. `header` is None for a bare MetadataList, `vouched` where no anchor was given.

    `remarks` are sentences for the operator: duplicates, and a list that is out of date.
    """

    header: Header | None
    locations: tuple[Location, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    vouched: Vouched | None


# -- reading ----------------------------------------------------------------------------------------------------------


def read_list(
    octets: bytes, now: int, anchors: Sequence[Anchor] = (), policy: Policy | None = None, crls: Sequence[bytes] = ()
) -> ServiceList:
    """A list at `now` (Unix seconds). With a policy it must be signed, and lead to one of the anchors. Raises Refused."""
    root = xml.parse(octets, LIMITS)
    vouched = proven(root, anchors, policy, now, crls) if policy else None
    if vouched:
        root = xml.parse(vouched.octets, LIMITS)
    rules.check_list_root(root)
    header = _header(root) if root.tag == rules.WHOLE else None
    if header:
        rules.check_issued(header.issued, now)
    locations, skipped = _locations(root)
    remarks = (*_dates(header, now), *_doubles(locations))
    return ServiceList(header, tuple(locations), tuple(skipped), remarks, vouched)


def _header(root: Element) -> Header:
    rules.check_dated(root)
    update = root.get("NextUpdate")
    return Header(
        version=root.get("Version", ""),
        issuer=_scheme(root, "IssuerName"),
        scheme=_scheme(root, "SchemeIdentifier"),
        territory=_scheme(root, "SchemeTerritory"),
        issued=times.read(root.get("IssueDate", "")),
        next_update=times.read(update) if update else None,
        # The example of the specification writes the points without their prefix.
        distribution=tuple(xml.text(one) for one in root.iterfind(f"{{{SERVICE_LIST}}}DistributionPoints/*")),
    )


def _scheme(root: Element, name: str) -> str:
    return (root.findtext(f"{{{SERVICE_LIST}}}SchemeInformation/{{{SERVICE_LIST}}}{name}") or "").strip()


def _locations(root: Element) -> tuple[list[Location], list[Skipped]]:
    found: list[Location] = []
    skipped: list[Skipped] = []
    for part in [root] if root.tag == rules.BARE else xml.children(root, rules.BARE):
        territory = NORMAL.get(part.get("Territory", ""), part.get("Territory", ""))
        for element in xml.children(part, f"{{{SERVICE_LIST}}}MetadataLocation"):
            address = element.get("Location", "")
            try:
                rules.check_territory(territory)
                rules.check_address(address)
            except Refused as refused:
                skipped.append(Skipped(territory, address, refused.detail))
                continue
            found.append(_location(territory, element, skipped))
    return found, skipped


def _location(territory: str, element: Element, skipped: list[Skipped]) -> Location:
    """Its endpoints and certificates, as far as they can be used; what cannot is added to `skipped`."""
    address = element.get("Location", "")
    endpoints: list[Endpoint] = []
    certificates: list[bytes] = []
    for part in element.iter(f"{{{SERVICE_LIST}}}Endpoint", f"{{{DS}}}X509Certificate"):
        try:
            if part.tag == f"{{{DS}}}X509Certificate":
                certificates.append(read_link(xml.octets(part)).certificate.der)
            else:
                endpoints.append(_endpoint(part))
        except Refused as refused:
            skipped.append(Skipped(territory, address, refused.detail))
    return Location(territory, address, tuple(endpoints), tuple(certificates), _more(element, "Location"))


def _endpoint(element: Element) -> Endpoint:
    kind, entity_id = element.get("EndpointType", ""), element.get("EntityID", "")
    rules.check_kind(kind, KINDS)
    rules.check_entity_id(entity_id)
    return Endpoint(KINDS[kind], entity_id, _more(element, "EndpointType", "EntityID"))


def _more(element: Element, *known: str) -> dict[str, str]:
    """Attributes beyond the schema's, by their names."""
    return {name: value for name, value in element.attrib.items() if name not in known}


# -- what is to be told -----------------------------------------------------------------------------------------------


def _dates(header: Header | None, now: int) -> Iterator[str]:
    if header and header.next_update is not None and header.next_update <= now:
        yield f"the list is out of date since {times.written(header.next_update)}"


def _doubles(locations: Sequence[Location]) -> Iterator[str]:
    yield from _twice("the address", ((one.address, one.territory) for one in locations))
    nodes = ((f"{end.kind} {end.entity_id}", one.territory) for one in locations for end in one.endpoints)
    yield from _twice("the", nodes)


def _twice(what: str, named: Iterable[tuple[str, str]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name, territory in named:
        if name in seen:
            others = "twice" if seen[name] == territory else f"in {seen[name]} and in {territory}"
            yield f"{what} {name} stands {others}"
        seen.setdefault(name, territory)


# -- writing ----------------------------------------------------------------------------------------------------------


def build_location(address: str, endpoints: Sequence[Endpoint], certificates: Sequence[bytes]) -> bytes:
    """A MetadataLocation for others to copy into their lists: our address, our nodes there, our certificates (DER)."""
    keys = [make("ds", "X509Data", *(make("ds", "X509Certificate", xml.encoded(der)) for der in certificates))]
    made = make(
        "ser",
        "MetadataLocation",
        *(make("ser", "Endpoint", EndpointType=_URIS[one.kind], EntityID=one.entity_id) for one in endpoints),
        *([make("ds", "KeyInfo", *keys)] if certificates else []),
        Location=address,
    )
    return xml.write(made)
