"""What services may ask of other administrations, as citizens see it: on the page of what will be sent, and where it is
withdrawn.

The latter page knows a citizen by his running session alone. Whoever has none is told how to get one.
"""

from collections.abc import Collection
from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker.agreements import Agreement, deliverable, withdrawal_token
from broker.errors import Problem
from broker.geography import country_name, place_name
from broker.identity import Person
from broker.journey import Consenting, Demand
from broker.parties import DataProvider, DataScope, Parties
from broker.subject import same_person
from broker.web import cookies, labels
from broker.web.headers import check_same_site
from broker.web.i18n import language
from broker.web.models import AgreementRow, AgreementsPage, DataPart, DataRow
from broker.web.render import render
from broker.web.rooms import Current, Rooms

ADDRESS = "/mes-autorisations"


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a form had that did not suffice: the consent, and the scopes of data providers."""

    consent: bool
    data: frozenset[str] = frozenset()


def blueprint(current: Current) -> Blueprint:
    """The citizen's page, on the configuration in force."""
    pages = Blueprint("agreements", __name__)

    @pages.get(ADDRESS)
    def shown() -> str:
        return render(_page(current()))

    @pages.post(ADDRESS)
    def withdrawn() -> AnyResponse:
        check_same_site()
        return _withdraw(current(), request.form.get("step", ""), request.form.get("withdraw", ""))

    return pages


# -- on the page of what will be sent ---------------------------------------------------------------------------------


def ticked() -> frozenset[str]:
    """The scopes that a form has ticked: whatever it says, what counts is decided by the journey."""
    return frozenset(request.form.getlist("data"))


def data_parts(rooms: Rooms, step: Consenting, again: Ticked | None) -> tuple[DataPart, ...]:
    """What is asked of each data provider. `again` is the form that came back, None when the page is shown first.

    What is not delivered any more is shown as such. Raises Problem SRV-403 when what the service needs is nobody's.
    """
    demand = step.demand
    check_known(rooms.parties, demand)
    possible = deliverable(rooms.parties, demand, demand.data)

    def row(scope: DataScope) -> DataRow:
        grant, needed = rooms.parties.services[demand.service].data.get(scope.name), demand.data[scope.name]
        has = again is not None and scope.name in again.data and scope.name in possible
        return DataRow(
            scope.name,
            scope.label[language()],
            needed,
            (scope.legal_basis, grant.legal_basis if grant else ""),
            ticked=has,
            missing=again is not None and needed and not has,
            available=scope.name in possible,
        )

    parts = ((one, [scope for scope in one.scopes if scope.name in demand.data]) for one in rooms.parties.data.values())
    last = _last_uses(rooms, demand.service, step.proof.identity) if demand.data else {}
    return tuple(
        DataPart(
            one.id,
            one.name[language()],
            one.lifetime,
            _told(one, step.proof.identity),
            tuple(map(row, scopes)),
            last.get(one.id),
        )
        for one, scopes in parts
        if scopes
    )


def check_known(parties: Parties, demand: Demand) -> None:
    """Nobody is kept at a page on which no tick suffices: a data provider may have gone since the service asked."""
    known = {scope.name for one in parties.data.values() for scope in one.scopes}
    if any(needed and scope not in known for scope, needed in demand.data.items()):
        raise Problem("SRV-403", "a data provider that the service needs is not configured any more")


def _told(data_provider: DataProvider, person: Person) -> tuple[str, ...]:
    """The labels of what a data provider learns, within a sentence."""
    rows = labels.claim_rows(data_provider.identity, person, place_name, country_name)
    return tuple(_inside(row.label) for row in rows if row.value is not None)


def _inside(label: str) -> str:
    return (label[:1].lower() + label[1:]).partition(" (")[0]


def _last_uses(rooms: Rooms, service: str, person: Person) -> dict[str, int | None]:
    """When data providers were asked last for this service, if the session that runs here is this person's."""
    held = rooms.flow.session(cookies.session_secret())
    if held is None or not same_person(held.value.proof.identity, person):
        return {}
    standing = rooms.agreements.of(held.value, rooms.clock())
    return {one.data_provider: one.last for one in standing if one.service == service}


# -- the page where it is withdrawn -----------------------------------------------------------------------------------


def _page(rooms: Rooms) -> AgreementsPage:
    held = rooms.flow.session(cookies.session_secret())
    if held is None:
        return AgreementsPage(None)
    rows = tuple(_row(rooms, one) for one in rooms.agreements.of(held.value, rooms.clock()))
    return AgreementsPage(rows, ADDRESS, withdrawal_token(held))


def _row(rooms: Rooms, one: Agreement) -> AgreementRow:
    data_provider = rooms.parties.data[one.data_provider]
    return AgreementRow(
        service_name=rooms.parties.services[one.service].name[language()],
        data_provider=one.data_provider,
        data_provider_name=data_provider.name[language()],
        value=_value(one.service, one.data_provider),
        labels=_labels(data_provider, one.scopes),
        until=one.until,
        last=one.last,
        withdrawn=one.withdrawn,
    )


def _labels(data_provider: DataProvider, scopes: Collection[str]) -> tuple[str, ...]:
    return tuple(scope.label[language()] for scope in data_provider.scopes if scope.name in scopes)


def _value(service: str, data_provider: str) -> str:
    return f"{service} {data_provider}"


def _withdraw(rooms: Rooms, token: str, value: str) -> AnyResponse:
    """Withdraw, and show the page. Without a session there is nothing to withdraw: the page says so."""
    held = rooms.flow.session(cookies.session_secret())
    if held is None:
        return redirect(ADDRESS, 303)
    service, _, data_provider = value.partition(" ")
    rooms.agreements.withdraw(held, service, data_provider, token)
    return redirect(f"{ADDRESS}#{_anchor(rooms, service, data_provider)}", 303)


def _anchor(rooms: Rooms, service: str, data_provider: str) -> str:
    known = service in rooms.parties.services and data_provider in rooms.parties.data
    return f"{service}--{data_provider}" if known else "main"
