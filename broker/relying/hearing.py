"""What services in other countries ask: from a Connector's AuthnRequest to a demand (Message Format 1.4, 2.3, 2.4, 6.3).

Who is not proven to be a Connector that we trust is not answered. A Connector whose request breaks a rule hears which: that
is what `NotServed` carries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from broker import bridge
from broker.abroad import SEEN
from broker.assurance import Level
from broker.errors import Problem
from broker.journey import EIDAS, Demand, Manner
from broker.parties import Country
from broker.reference import new_reference
from broker.vault import Change
from eidas.attributes import PERSON_IDENTIFIER
from eidas.binding import check_relay_state, read_post, read_redirect
from eidas.errors import Refused, UnsupportedAttributes, UnsupportedLevel
from eidas.keys import Signer
from eidas.messages import AuthnRequest, KnownConnector, Status
from eidas.query import VerifiedQuery, verify_query
from eidas.request import (
    ProvenRequest,
    peek_request,
    prove_request,
    prove_request_of_query,
    read_proven,
    refusal,
)
from eidas.request_rules import OLDEST
from eidas.vocabulary import NOTIFIED_LEVELS, PERSISTENT
from metadata.nodes import Connector

_SKEW = 60


@dataclass(frozen=True, slots=True)
class ProxyService:
    """Who we are to every Connector: our entity ID, where requests arrive, our country, our key, and what we publish."""

    entity_id: str
    endpoint: str
    country: str
    signer: Signer
    levels: frozenset[str]
    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a browser brought: the message as it is encoded, RelayState (None: none), and the raw query where one came.

    `form` says that it was posted.
    """

    message: str
    relay_state: str | None
    query: str
    form: bool


@dataclass(frozen=True, slots=True)
class Back:
    """Where an answer goes: the country whose Connector asked, the ID of its request, and its RelayState."""

    country: Country
    request: str
    relay_state: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that passed every rule: what it demands, its ID, and until when that must not come again.

    `metadata` is the document that proves who sent it (SHA-256), `deviations` those that it needed, for the journal.
    """

    demand: Demand
    message: str
    until: int
    metadata: str
    deviations: tuple[str, ...]

    def once(self, change: Change) -> None:
        """SAML Profiles 4.1.4.5: no worker takes this request a second time. Raises DuplicateRow."""
        change.put(SEEN, f"request {self.demand.service} {self.message}".encode(), "", self.until)


class NotServed(Exception):
    """A proven request that breaks a rule: `problem` for the citizen, `status` for whoever sent it."""

    def __init__(self, problem: Problem, status: Status, back: Back) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.status = status
        self.back = back


class Hearing:
    """Reads requests. `countries` are those with a Connector."""

    def __init__(self, own: ProxyService, countries: Mapping[str, Country], clock: Callable[[], int]) -> None:
        self._own = own
        self._countries = countries
        self._clock = clock

    def hear(self, arrived: Arrived) -> Heard:
        """What a request demands, by every rule.

        Raises Problem SRV-404 where nobody whom we trust has sent it, NotServed where somebody has.
        """
        try:
            octets = read_post(arrived.message) if arrived.form else read_redirect(arrived.message)
            country = self._sender(peek_request(octets).issuer)
            known = self._known(country)
            proven, relay_state = _proven(octets, arrived, known)
            check_relay_state(relay_state or "")
        except Refused as refused:
            raise Problem("SRV-404", refused.detail) from refused
        return self._read(proven, known, Back(country, proven.id, relay_state))

    def _sender(self, entity_id: str) -> Country:
        for country in self._countries.values():
            if connector_of(country).entity_id == entity_id:
                check_counts(country, self._clock())
                return country
        raise Problem("SRV-404", "no Connector that is pinned here has this entity ID")

    def _known(self, country: Country) -> KnownConnector:
        connector = connector_of(country)
        return KnownConnector(
            entity_id=connector.entity_id,
            keys=country.verifying("connector", self._clock()),
            acs=connector.acs,
            sp_type=connector.sp_type,
            endpoint=self._own.endpoint,
            levels=self._own.levels,
            attributes=self._own.attributes,
            now=self._clock(),
            compatibility=country.compatibility,
            skew=_SKEW,
        )

    def _read(self, proven: ProvenRequest, known: KnownConnector, back: Back) -> Heard:
        try:
            read = read_proven(proven, known)
        except Refused as refused:
            code = "SRV-405" if isinstance(refused, UnsupportedLevel | UnsupportedAttributes) else "SRV-404"
            problem = Problem(code, refused.detail, country=back.country.code)
            raise NotServed(problem, refusal(refused), back) from refused
        until = read.request.issued + OLDEST + 2 * _SKEW
        metadata = back.country.vouching("connector", proven.signer)
        deviations = tuple(sorted(read.deviations))
        return Heard(_demand(read.request, known, back), read.request.id, until, metadata, deviations)


def check_counts(country: Country, now: int) -> None:
    """Message Format 1.4, 4.1: metadata counts until its validUntil; the operator may stop a country before."""
    if not country.active:
        raise Problem("SRV-404", "the country is not active", country=country.code)
    if connector_of(country).valid_until <= now:
        raise Problem("SRV-404", "the Connector's metadata has expired", country=country.code)


def check_request_signed(verified: VerifiedQuery) -> None:
    """SAML Bindings 3.4.4.1: what was signed is a request: a signed SAMLResponse must not vouch for it."""
    if verified.parameter != "SAMLRequest":
        raise Problem("SRV-404", "the signed message of the query is no request")


def connector_of(country: Country) -> Connector:
    """The Connector of a country that has one."""
    assert country.connector is not None  # noqa: S101 - only such countries are kept
    return country.connector


def _proven(octets: bytes, arrived: Arrived, known: KnownConnector) -> tuple[ProvenRequest, str | None]:
    """The request and its RelayState: both as they were signed where the query is, else as they came."""
    if not _is_signed(arrived.query):
        return prove_request(octets, known), arrived.relay_state
    verified = verify_query(arrived.query, known.keys, known.compatibility)
    check_request_signed(verified)
    # Not those of `arrived`: a name that is escaped (Relay%53tate) is read there, and nobody signed it.
    proven = prove_request_of_query(read_redirect(verified.message), known, verified.certificate, verified.deviations)
    return proven, verified.relay_state


def _is_signed(query: str) -> bool:
    """Whether a query has the parameter Signature; a posted form has no query."""
    return any(pair.startswith("Signature=") for pair in query.split("&"))


# -- the demand -------------------------------------------------------------------------------------------------------


def _demand(request: AuthnRequest, known: KnownConnector, back: Back) -> Demand:
    sp_type = request.sp_type or known.sp_type or "private"
    asked = [one for one in request.attributes if one.name in known.attributes and one.name != PERSON_IDENTIFIER]
    return Demand(
        service=back.country.code,
        claims=tuple(one.name for one in asked if one.required),
        level=_level(request),
        manner=Manner.INFORM if sp_type == "public" else Manner.CONSENT,
        note=_note(request, sp_type, back.relay_state),
        reference=new_reference(),
        fresh=True,
        relying=EIDAS,
        optional=tuple(one.name for one in asked if not one.required),
    )


def _note(request: AuthnRequest, sp_type: str, relay_state: str | None) -> Mapping[str, str]:
    note = {
        "request": request.id,
        "sp_type": sp_type,
        "provider_name": _legible(request.provider_name or ""),
        "requester": request.requester_id or "",
        "name_id_format": request.name_id_format or PERSISTENT,
    }
    return note if relay_state is None else {**note, "relay_state": relay_state}


def _legible(text: str) -> str:
    """A name as it may stand in a sentence: without what is invisible, or turns round what follows."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _level(request: AuthnRequest) -> Level:
    """The lowest notified level that is enough: whatever is above one that is listed is listed as well."""
    return min(bridge.level_of(level) for level in request.levels if level in NOTIFIED_LEVELS)
