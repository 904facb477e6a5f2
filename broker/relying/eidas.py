"""Services in other countries, which ask through their country's Connector: the relying port, which answers them.

How their requests are read is `hearing`'s. Whatever is answered goes to the address that the pinned metadata names, signed;
an identity is encrypted for the Connector (Message Format 1.4, 2.4; Interoperability Architecture 1.4, 3.2).
"""

import secrets
from collections.abc import Callable, Mapping

from broker import statement
from broker.errors import Problem
from broker.identity import Identity, Person
from broker.journal import Journal
from broker.journey import Demand, Passage, Ready, Release
from broker.parties import Country, ForeignService
from broker.ports import Answer
from broker.reference import new_reference
from broker.relying.hearing import Arrived, Back, Heard, Hearing, NotServed, ProxyService, connector_of
from broker.subject import subject
from broker.vault import Change
from eidas.attributes import DEFINITIONS, Attribute
from eidas.binding import post_fields
from eidas.messages import Envelope, Statement, Status
from eidas.response import write_failure, write_response
from eidas.vocabulary import NOTIFIED_LEVELS, REQUEST_DENIED, REQUESTER, STATUS, TRANSIENT
from metadata.nodes import Connector

_LIFE = 300
"""Seconds for which an answer may be sent once more: as long as its assertion counts."""
_ORDER = {name: position for position, name in enumerate(DEFINITIONS)}


class TurnedAway(Exception):
    """A Connector's request that is not served: `problem` for the citizen, `passage` to the Connector with the reason."""

    def __init__(self, problem: Problem, passage: Passage, reference: str) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.passage = passage
        self.reference = reference


class EidasRelying:
    """The relying port for eIDAS. `countries` are those with a Connector."""

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
        self._hearing = Hearing(own, self._countries, clock)
        self._sub_keys = sub_keys
        self._journal = journal
        self._clock = clock

    # -- a request comes in -------------------------------------------------------------------------------------------

    def hear(self, arrived: Arrived) -> Heard:
        """What a request demands, by every rule.

        Raises Problem SRV-404 where nobody whom we trust has sent it, TurnedAway where somebody has.
        """
        try:
            return self._hearing.hear(arrived)
        except NotServed as refused:
            raise self._turned_away(refused.problem, refused.status, refused.back) from refused

    def repeated(self, heard: Heard) -> TurnedAway:
        """The refusal of a request that was used before."""
        sentence = "the request was used before"
        problem = Problem("SRV-408", sentence, country=heard.demand.service)
        return self._turned_away(problem, Status(REQUESTER, REQUEST_DENIED, sentence), self._back(heard.demand))

    def _turned_away(self, problem: Problem, status: Status, back: Back) -> TurnedAway:
        reference = new_reference()
        told = Status(status.code, status.sub, f"{status.message} [{reference}]")
        return TurnedAway(problem, self._failure(told, back, reference), reference)

    # -- an answer goes out -------------------------------------------------------------------------------------------

    def asker(self, demand: Demand) -> ForeignService:
        """What is known of the service abroad. Raises Problem SRV-401 when its country has gone."""
        self._back(demand)
        note = demand.note
        return ForeignService(demand.service, note["sp_type"] == "public", note["provider_name"], note["requester"])

    def check_tellable(self, person: Person) -> None:
        """Only a French identity whose birth date is whole. Raises Problem SRV-409, FI-209."""
        try:
            statement.check_date_complete(_french(person))
        except statement.DateIncomplete:
            raise Problem("FI-209", "the day or month of birth is not known") from None

    def check_wanted(self, demand: Demand, person: Person) -> None:
        """A request names nobody."""

    def hears_of(self, demand: Demand, code: str) -> bool:  # noqa: ARG002 - the port's
        """A citizen who gives up gives up: a country asks for no more reason."""
        return False

    def grant(self, change: Change, ready: Ready, sid: str) -> Answer:  # noqa: ARG002 - the port's, for those who keep something
        """Nothing is kept: the answer is in the citizen's hands, and sealed with his journey."""
        self.check_tellable(ready.proof.identity)
        back = self._back(ready.demand)
        release = ready.release(
            lambda person: self.name(person, back.country),
            lambda person, name: statement.attribute_of(_french(person), name),
        )
        return Answer(self._success(release, back, ready.demand), self._clock() + _LIFE)

    def name(self, person: Person, country: Country) -> str:
        """The PersonIdentifier: one for each country, and for each person whichever provider vouched (2.2.3)."""
        generation = country.sub_generation
        opaque = subject(person, f"eidas:{country.code}", self._sub_keys[generation], generation)
        return f"{self._own.country}/{country.code}/{opaque}"

    def refuse(self, demand: Demand, problem: Problem) -> Passage:
        """A failure that says no more than whose it is. Raises Problem SRV-401 when the Connector has gone."""
        code, _, sub = problem.entry.saml.partition(" ")
        message = f"authentication could not be completed [{demand.reference}]"
        status = Status(STATUS + code, STATUS + sub if sub else "", message)
        return self._failure(status, self._back(demand), demand.reference)

    def _back(self, demand: Demand) -> Back:
        try:
            country = self._countries[demand.service]
        except KeyError:
            raise Problem("SRV-401", "the country's Connector is no longer configured") from None
        return Back(country, demand.note["request"], demand.note.get("relay_state"))

    # -- writing ------------------------------------------------------------------------------------------------------

    def _success(self, release: Release, back: Back, demand: Demand) -> Passage:
        now, connector = self._clock(), connector_of(back.country)
        told = [attribute for attribute in release.claims.values() if isinstance(attribute, Attribute)]
        attributes = sorted((statement.identifier(release.sub), *told), key=lambda one: _ORDER[one.definition.name])
        form = demand.note["name_id_format"]
        stated = Statement(
            assertion_id=_new_id(),
            name_id=_new_id() if form == TRANSIENT else release.sub,
            level=NOTIFIED_LEVELS[release.level - 1],
            authenticated=min(release.at, now),
            attributes=tuple(attributes),
            name_id_format=form,
        )
        envelope, (recipient, method) = self._envelope(connector, back.request), connector.recipient
        octets = write_response(envelope, stated, recipient, self._own.signer, method, back.country.compatibility)
        facts = {"country": demand.service, "message": envelope.id, "metadata": connector.sha256}
        self._journal.record("country.answered", demand.reference, **facts)
        return _passage(connector, octets, back.relay_state)

    def _failure(self, status: Status, back: Back, reference: str) -> Passage:
        connector = connector_of(back.country)
        envelope = self._envelope(connector, back.request)
        facts = {
            "country": back.country.code,
            "message": envelope.id,
            "metadata": connector.sha256,
            "status": _words(status),
        }
        self._journal.record("country.refused", reference, **facts)
        return _passage(connector, write_failure(envelope, status, self._own.signer), back.relay_state)

    def _envelope(self, connector: Connector, request: str) -> Envelope:
        return Envelope(_new_id(), self._own.entity_id, connector.acs, request, self._clock(), connector.entity_id)


def check_french(person: Person) -> None:
    """(EU) 2015/1501: a node vouches for its own country's identities alone."""
    if not isinstance(person, Identity):
        raise Problem("SRV-409", "another country vouched for this person")


def _french(person: Person) -> Identity:
    check_french(person)
    assert isinstance(person, Identity)  # noqa: S101 - check_french has just said so
    return person


def _passage(connector: Connector, octets: bytes, relay_state: str | None) -> Passage:
    fields = post_fields("SAMLResponse", octets)
    return Passage(connector.acs, fields if relay_state is None else {**fields, "RelayState": relay_state})


def _words(status: Status) -> str:
    return " ".join(uri.rpartition(":")[2] for uri in (status.code, status.sub) if uri)


def _new_id() -> str:
    return f"_{secrets.token_hex(16)}"
