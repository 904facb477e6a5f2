"""The addresses for services in other countries: a Connector's request comes in, an answer goes back through the browser;
and our Proxy-Service's metadata.
"""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker.errors import Problem
from broker.geography import country_name
from broker.identity import Identity
from broker.journey import Consenting, Finished, Manner, Passage
from broker.parties import ForeignService, Service
from broker.ports import DuplicateRow
from broker.relying.eidas import EidasRelying, TurnedAway
from broker.relying.hearing import Arrived, Heard
from broker.visit import Visit
from broker.web import attributes, cookies, labels, wording
from broker.web.errors import log_problem
from broker.web.headers import allow_form_to, allow_script
from broker.web.i18n import language
from broker.web.models import AttributesPage, ReturnPage, StepForm
from broker.web.passage import SCRIPT_HASH
from broker.web.posting import answer_page
from broker.web.render import render
from broker.web.rooms import Current, Rooms
from broker.web.served import published

_LARGEST_REQUEST = 262_144  # an AuthnRequest of 128 KiB in base64, its form around it


def blueprint(current: Current) -> Blueprint:
    """The addresses, on the configuration in force."""
    pages = Blueprint("proxy", __name__)

    @pages.get("/eidas/proxy/sso")
    def redirected() -> AnyResponse | str:
        query = request.query_string.decode("ascii", "replace")
        values = request.args
        return _asked(current(), Arrived(values.get("SAMLRequest", ""), values.get("RelayState"), query, form=False))

    @pages.post("/eidas/proxy/sso")
    def posted() -> AnyResponse | str:
        # A cross-site post: of our cookies the one that is SameSite=None comes with it; the session is not asked for.
        request.max_content_length = request.max_form_memory_size = _LARGEST_REQUEST
        values = request.form
        return _asked(current(), Arrived(values.get("SAMLRequest", ""), values.get("RelayState"), "", form=True))

    @pages.get("/revenir")
    def back() -> AnyResponse | str:
        rooms = current()
        visit = rooms.flow.visit(cookies.browser_secret(), request.args.get("j", ""))
        return _return_page(rooms, visit)

    @pages.get("/eidas/proxy/metadata")
    def metadata() -> AnyResponse:
        return published(current(), "proxy")

    return pages


# -- a request comes in -----------------------------------------------------------------------------------------------


def _asked(rooms: Rooms, arrived: Arrived) -> AnyResponse | str:
    if rooms.foreign is None:
        abort(404)
    try:
        return _begun(rooms, rooms.foreign, rooms.foreign.hear(arrived))
    except TurnedAway as away:
        log_problem(rooms, away.problem, away.reference)
        return _turned_away_page(away)


def _begun(rooms: Rooms, foreign: EidasRelying, heard: Heard) -> AnyResponse:
    browser = cookies.browser_secret()
    secret = browser or cookies.new_browser_secret()
    try:
        handle = rooms.flow.begin(heard.demand, secret, heard.once)
    except DuplicateRow:
        raise foreign.repeated(heard) from None
    demand = heard.demand
    rooms.journal.record(
        "country.asks", demand.reference, country=demand.service, message=heard.message, metadata=heard.metadata
    )
    for deviation in heard.deviations:
        rooms.journal.record("country.deviated", demand.reference, country=demand.service, deviation=deviation)
    response = redirect(f"/choisir?j={handle}", 303)
    if browser is None:
        cookies.set_browser(response, secret)
    return response


# -- what will be sent ------------------------------------------------------------------------------------------------


def attributes_page(rooms: Rooms, visit: Visit, step: Consenting, asker: ForeignService, consent_missing: bool) -> str:
    """What a service in another country will receive. Raises Problem where it can be told nothing."""
    rooms.flow.check_tellable(step)
    demand, proof = step.demand, step.proof
    assert isinstance(proof.identity, Identity)  # noqa: S101 - check_tellable has just said so
    provider = rooms.parties.providers.get(proof.provider)
    return render(
        AttributesPage(
            asker=labels.foreign_asker(asker),
            consent=demand.manner is Manner.CONSENT,
            mandatory=attributes.rows(demand.claims, proof.identity, country_name),
            optional=attributes.rows(demand.optional, proof.identity, country_name),
            level=proof.level.word,
            account=provider.name[language()] if provider else "",
            reference=demand.reference,
            form=StepForm("/confirmer", visit.handle, visit.token),
            valid_until=visit.held.expires,
            consent_missing=consent_missing and demand.manner is Manner.CONSENT,
            other=f"/choisir?j={visit.handle}",
        )
    )


def added(step_optional: tuple[str, ...]) -> frozenset[str]:
    """The optional attributes that the citizen has ticked."""
    ticked = frozenset(request.form.getlist("attribute"))
    return frozenset(name for name in step_optional if attributes.short_name(name) in ticked)


# -- an answer goes back ----------------------------------------------------------------------------------------------


def _return_page(rooms: Rooms, visit: Visit) -> AnyResponse | str:
    step = visit.step
    if not isinstance(step, Finished):
        return redirect(f"/choisir?j={visit.handle}", 303)
    passage = rooms.flow.way_back(step)
    if not passage.fields:
        return redirect(passage.location, 303)
    asker = rooms.flow.asker(step.demand)
    if isinstance(asker, Service):
        return answer_page(asker, visit, step, passage)
    if not isinstance(asker, ForeignService):
        raise Problem("USR-103", "an answer for nobody abroad")
    return _posting(passage, labels.country_name(asker.country), step.demand.reference, released=step.released)


def _turned_away_page(away: TurnedAway) -> str:
    problem = away.problem
    country = labels.country_name(problem.words["country"])
    sentence = wording.told(problem.entry.message[language()], {"country": country})
    return _posting(away.passage, country, away.reference, code=problem.code, sentence=sentence)


def _posting(
    passage: Passage, country: str, reference: str, *, released: bool = False, code: str = "", sentence: str = ""
) -> str:
    # Behind its endpoint a country sends citizens on to places that only it knows, and Chromium follows a post no further
    # than form-action says. The form has one address, which is that of the pinned metadata.
    allow_form_to(passage.location, "https:")
    allow_script(SCRIPT_HASH)
    fields = tuple(passage.fields.items())
    return render(ReturnPage(country, passage.location, fields, reference, released, code, sentence))
