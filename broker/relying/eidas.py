"""Services in other countries, which ask through their country's Connector: from AuthnRequest to demand, from release to
Response (Message Format 1.4; Interoperability Architecture 1.4, 3.2).

Who is not proven to be a Connector that we trust is not answered. A Connector whose request breaks a rule hears which, and
the citizen goes back to him with that. Whatever is answered goes to the address that the pinned metadata names.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from broker import bridge, statement
from broker.abroad import SEEN
from broker.assurance import Level
from broker.errors import Problem
from broker.identity import Identity, Person
from broker.journal import Journal
from broker.journey import EIDAS, Demand, Manner, Passage, Ready, Release
from broker.parties import Country, ForeignService
from broker.ports import Answer
from broker.reference import new_reference
from broker.subject import subject
from broker.vault import Change
from eidas.attributes import DEFINITIONS, PERSON_IDENTIFIER, Attribute
from eidas.binding import check_relay_state, post_fields, read_post, read_redirect
from eidas.errors import Refused, UnsupportedAttributes, UnsupportedLevel
from eidas.keys import Signer
from eidas.messages import AuthnRequest, Envelope, KnownConnector, Statement, Status
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
from eidas.response import write_failure, write_response
from eidas.vocabulary import NOTIFIED_LEVELS, PERSISTENT, REQUEST_DENIED, REQUESTER, STATUS, TRANSIENT
from metadata.nodes import Connector

_LIFE = 300
"""Seconds for which an answer may be sent once more: as long as its assertion counts."""
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
class Heard:
    """A request that passed every rule: what it demands, its ID, and until when that must not come again.

    `deviations` are those that it needed, for the journal.
    """

    demand: Demand
    message: str
    until: int
    deviations: tuple[str, ...]

    def once(self, change: Change) -> None:
        """SAML Profiles 4.1.4.5: no worker takes this request a second time. Raises DuplicateRow."""
        change.put(SEEN, f"request {self.demand.service} {self.message}".encode(), "", self.until)


class TurnedAway(Exception):
    """A Connector's request that is not served: `problem` for the citizen, `passage` to the Connector with the reason."""

    def __init__(self, problem: Problem, passage: Passage, reference: str) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.passage = passage
        self.reference = reference


class EidasRelying:
    """The relying port for eIDAS: reads what Connectors ask, and answers them. `countries` are those with a Connector."""

    def __init__(
        self,
        own: ProxyService,
        countries: Mapping[str, Country],
        sub_keys: Mapping[int, bytes],
        journal: Journal,
        clock: Callable[[], int],
    ) -> None:
        self._own = own
        self._countries = {code: country for code, country in countries.items() if country.connector is not None}
        self._sub_keys = sub_keys
        self._journal = journal
        self._clock = clock

    # -- a request comes in -------------------------------------------------------------------------------------------

    def hear(self, arrived: Arrived) -> Heard:
        """What a request demands, by every rule.

        Raises Problem SRV-404 where nobody whom we trust has sent it, TurnedAway where somebody has.
        """
        try:
            check_relay_state(arrived.relay_state or "")
            octets = read_post(arrived.message) if arrived.form else read_redirect(arrived.message)
            country, connector = self._sender(peek_request(octets).issuer)
            known = self._known(country, connector)
            proven = _proven(octets, arrived, known)
        except Refused as refused:
            raise Problem("SRV-404", refused.detail) from refused
        return self._read(proven, known, country, arrived.relay_state)

    def _sender(self, entity_id: str) -> tuple[Country, Connector]:
        for country in self._countries.values():
            if country.connector is not None and country.connector.entity_id == entity_id:
                check_counts(country, country.connector, self._clock())
                return country, country.connector
        raise Problem("SRV-404", "no Connector that is pinned here has this entity ID")

    def _known(self, country: Country, connector: Connector) -> KnownConnector:
        return KnownConnector(
            entity_id=connector.entity_id,
            keys=connector.signing,
            acs=connector.acs,
            sp_type=connector.sp_type,
            endpoint=self._own.endpoint,
            levels=self._own.levels,
            attributes=self._own.attributes,
            now=self._clock(),
            compatibility=country.compatibility,
            skew=_SKEW,
        )

    def _read(self, proven: ProvenRequest, known: KnownConnector, country: Country, relay_state: str | None) -> Heard:
        try:
            read = read_proven(proven, known)
        except Refused as refused:
            code = "SRV-405" if isinstance(refused, UnsupportedLevel | UnsupportedAttributes) else "SRV-404"
            raise self._turned_away(
                Problem(code, refused.detail, country=country.code), refusal(refused), country, proven.id, relay_state
            ) from refused
        demand = _demand(read.request, known, country, self._own.attributes, relay_state)
        until = read.request.issued + OLDEST + 2 * _SKEW
        return Heard(demand, read.request.id, until, tuple(sorted(read.deviations)))

    def repeated(self, heard: Heard) -> TurnedAway:
        """The refusal of a request that was used before."""
        demand = heard.demand
        problem = Problem("SRV-408", "the request was used before", country=demand.service)
        status = Status(REQUESTER, REQUEST_DENIED, "the request was used before")
        country = self._countries[demand.service]
        return self._turned_away(problem, status, country, heard.message, demand.note.get("relay_state"))

    def _turned_away(
        self, problem: Problem, status: Status, country: Country, request: str, relay_state: str | None
    ) -> TurnedAway:
        reference = new_reference()
        told = Status(status.code, status.sub, f"{status.message} [{reference}]")
        passage = self._failure(told, country, request, relay_state, reference)
        return TurnedAway(problem, passage, reference)

    # -- an answer goes out -------------------------------------------------------------------------------------------

    def asker(self, demand: Demand) -> ForeignService:
        """What is known of the service abroad. Raises Problem SRV-401 when its country has gone."""
        if demand.service not in self._countries:
            raise Problem("SRV-401", "the country's Connector is no longer configured")
        note = demand.note
        return ForeignService(demand.service, note["sp_type"] == "public", note["provider_name"], note["requester"])

    def check_tellable(self, person: Person) -> None:
        """Only a French identity whose birth date is whole. Raises Problem SRV-409, FI-209."""
        check_french(person)
        try:
            statement.check_date_complete(_french(person))
        except statement.DateIncomplete:
            raise Problem("FI-209", "the day or month of birth is not known") from None

    def grant(self, change: Change, ready: Ready) -> Answer:  # noqa: ARG002 - the port's, for those who keep something
        """Nothing is kept: the answer is in the citizen's hands, and sealed with his journey."""
        demand, now = ready.demand, self._clock()
        self.check_tellable(ready.proof.identity)
        country = self._countries[demand.service]
        release = ready.release(
            lambda person: self.name(person, country), lambda person, name: statement.attribute_of(_french(person), name)
        )
        passage = self._success(release, country, demand, now)
        return Answer(passage, b"", now + _LIFE)

    def name(self, person: Person, country: Country) -> str:
        """The PersonIdentifier: one for each country, and for each person whichever provider vouched (2.2.3)."""
        generation = country.sub_generation
        opaque = subject(person, f"eidas:{country.code}", self._sub_keys[generation], generation)
        return f"{self._own.country}/{country.code}/{opaque}"

    def _success(self, release: Release, country: Country, demand: Demand, now: int) -> Passage:
        connector = _connector(country)
        recipient, content_method = connector.recipient
        said = [
            statement.identifier(release.sub),
            *(told for told in release.claims.values() if isinstance(told, Attribute)),
        ]
        transient = demand.note["name_id_format"] == TRANSIENT
        stated = Statement(
            assertion_id=_new_id(),
            name_id=_new_id() if transient else release.sub,
            level=NOTIFIED_LEVELS[release.level - 1],
            authenticated=min(release.at, now),
            attributes=tuple(sorted(said, key=lambda attribute: _ORDER[attribute.definition.name])),
            name_id_format=demand.note["name_id_format"],
        )
        envelope = self._envelope(connector, demand.note["request"], now)
        octets = write_response(envelope, stated, recipient, self._own.signer, content_method, country.compatibility)
        self._journal.record("country.answered", demand.reference, country=country.code, message=envelope.id)
        return _passage(connector, octets, demand.note.get("relay_state"))

    def refuse(self, demand: Demand, problem: Problem) -> Passage:
        """A failure that says no more than whose it is. Raises Problem SRV-401 when the Connector has gone."""
        self.asker(demand)
        code, _, sub = problem.entry.saml.partition(" ")
        message = f"authentication could not be completed [{demand.reference}]"
        status = Status(STATUS + code, STATUS + sub if sub else "", message)
        note, country = demand.note, self._countries[demand.service]
        return self._failure(status, country, note["request"], note.get("relay_state"), demand.reference)

    def _failure(self, status: Status, country: Country, request: str, relay_state: str | None, reference: str) -> Passage:
        connector = _connector(country)
        envelope = self._envelope(connector, request, self._clock())
        words = " ".join(uri.rpartition(":")[2] for uri in (status.code, status.sub) if uri)
        self._journal.record("country.refused", reference, country=country.code, message=envelope.id, status=words)
        return _passage(connector, write_failure(envelope, status, self._own.signer), relay_state)

    def _envelope(self, connector: Connector, request: str, now: int) -> Envelope:
        return Envelope(_new_id(), self._own.entity_id, connector.acs, request, now, connector.entity_id)


def check_counts(country: Country, connector: Connector, now: int) -> None:
    """Message Format 1.4, 4.1: metadata counts until its validUntil; the operator may stop a country before."""
    if not country.active:
        raise Problem("SRV-404", "the country is not active", country=country.code)
    if connector.valid_until <= now:
        raise Problem("SRV-404", "the Connector's metadata has expired", country=country.code)


def check_french(person: Person) -> None:
    """(EU) 2015/1501: a node vouches for its own country's identities alone."""
    if not isinstance(person, Identity):
        raise Problem("SRV-409", "another country vouched for this person")


def check_request_signed(verified: VerifiedQuery) -> None:
    """SAML Bindings 3.4.4.1: what was signed is a request: a signed SAMLResponse must not vouch for it."""
    if verified.parameter != "SAMLRequest":
        raise Problem("SRV-404", "the signed message of the query is no request")


# -- reading ----------------------------------------------------------------------------------------------------------


def _proven(octets: bytes, arrived: Arrived, known: KnownConnector) -> ProvenRequest:
    """By the signature of the query where there is one; else by the one in the message."""
    if arrived.form or "Signature=" not in arrived.query:
        return prove_request(octets, known)
    verified = verify_query(arrived.query, known.keys, known.compatibility)
    check_request_signed(verified)
    return prove_request_of_query(read_redirect(verified.message), known, verified.deviations)


def _demand(
    request: AuthnRequest, known: KnownConnector, country: Country, published: frozenset[str], relay_state: str | None
) -> Demand:
    sp_type = request.sp_type or known.sp_type or "private"
    note = {
        "request": request.id,
        "sp_type": sp_type,
        "provider_name": _legible(request.provider_name or ""),
        "requester": request.requester_id or "",
        "name_id_format": request.name_id_format or PERSISTENT,
    }
    asked = [one for one in request.attributes if one.name in published and one.name != PERSON_IDENTIFIER]
    return Demand(
        service=country.code,
        claims=tuple(one.name for one in asked if one.required),
        level=_level(request),
        manner=Manner.INFORM if sp_type == "public" else Manner.CONSENT,
        note=note if relay_state is None else {**note, "relay_state": relay_state},
        reference=new_reference(),
        fresh=True,
        relying=EIDAS,
        optional=tuple(one.name for one in asked if not one.required),
    )


def _legible(text: str) -> str:
    """A name as it may stand in a sentence: without what is invisible, or turns round what follows."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _level(request: AuthnRequest) -> Level:
    """The lowest notified level that is enough: whatever is above one that is listed is listed as well."""
    return min(bridge.level_of(level) for level in request.levels if level in NOTIFIED_LEVELS)


# -- writing ----------------------------------------------------------------------------------------------------------

_ORDER = {name: position for position, name in enumerate(DEFINITIONS)}


def _french(person: Person) -> Identity:
    check_french(person)
    assert isinstance(person, Identity)  # noqa: S101 - check_french has just said so
    return person


def _connector(country: Country) -> Connector:
    assert country.connector is not None  # noqa: S101 - only such countries are kept
    return country.connector


def _passage(connector: Connector, octets: bytes, relay_state: str | None) -> Passage:
    fields = post_fields("SAMLResponse", octets)
    return Passage(connector.acs, fields if relay_state is None else {**fields, "RelayState": relay_state})


def _new_id() -> str:
    return f"_{secrets.token_hex(16)}"
