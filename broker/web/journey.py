"""The citizen's pages: choose an account, read what will be sent. `leaving` adds those of a logout."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker.errors import Problem
from broker.geography import country_name, place_name
from broker.identity import Identity
from broker.journey import Choosing, Consenting, ConsentMissing, DataMissing, Finished, Manner, Proving
from broker.parties import ForeignService, Provider
from broker.relying import trial
from broker.relying.trial import Tester
from broker.session import Session
from broker.visit import Visit
from broker.web import cookies, labels
from broker.web.agreements import Ticked, data_parts, ticked
from broker.web.eidas import trial_page
from broker.web.headers import allow_form_to, check_same_site
from broker.web.i18n import language
from broker.web.leaving import add_logout_pages
from broker.web.models import (
    ChoosePage,
    ConfirmPage,
    NotOffered,
    Offer,
)
from broker.web.operations import RELEASES
from broker.web.proxy import added, attributes_page
from broker.web.render import render
from broker.web.rooms import Current, Rooms
from broker.web.steps import allow_back, banner, step_form, way_back


def blueprint(current: Current) -> Blueprint:
    """The pages, on the configuration in force."""
    pages = Blueprint("journey", __name__)

    @pages.get("/choisir")
    def choose() -> AnyResponse | str:
        rooms = current()
        visit = rooms.flow.visit(cookies.browser_secret(), request.args.get("j", ""))
        return _choose_page(rooms, visit)

    @pages.post("/choisir")
    def chosen() -> AnyResponse:
        return _chosen(*_act(current()))

    @pages.get("/essai")
    def tried() -> AnyResponse:
        return _trial(current(), request.args.get("t", ""))

    @pages.get("/confirmer")
    def confirm() -> AnyResponse | str:
        rooms = current()
        visit = rooms.flow.visit(cookies.browser_secret(), request.args.get("j", ""))
        if isinstance(visit.step, Choosing | Proving):
            return redirect(f"/choisir?j={visit.handle}", 303)
        return _confirm_page(rooms, visit, Ticked(consent=False) if "e" in request.args else None)

    @pages.post("/confirmer")
    def confirmed() -> AnyResponse | str:
        rooms, visit = _act(current())
        if request.form.get("action") == "cancel":
            return redirect(way_back(visit, rooms.flow.give_up(visit, "USR-104")), 303)
        return _finish(rooms, visit)

    add_logout_pages(pages, current)
    return pages


def _act(rooms: Rooms) -> tuple[Rooms, Visit]:
    check_same_site()
    form = request.form
    return rooms, rooms.flow.act(cookies.browser_secret(), form.get("j", ""), form.get("step", ""))


# -- choose -----------------------------------------------------------------------------------------------------------


def _choose_page(rooms: Rooms, visit: Visit) -> str:
    demand, lang = visit.demand, language()
    if isinstance(visit.step, Finished):
        raise Problem("USR-103", "the journey is finished")
    service = rooms.flow.asker(demand)
    candidates = [provider for provider in rooms.parties.choosable() if service.may_use(provider.id)]
    enough = [provider for provider in candidates if provider.strongest >= demand.level]
    resting = {one.id: outage for one in enough if (outage := rooms.providers[one.id].outage) and outage.resting}
    weak = (NotOffered(one.name[lang], "level") for one in candidates if one not in enough)
    down = (NotOffered(one.name[lang], "down", resting[one.id].since) for one in enough if one.id in resting)
    enough = [one for one in enough if one.id not in resting]
    allow_back(service, demand)
    allow_form_to(*(url for provider in enough for url in rooms.providers[provider.id].destinations()))
    return render(
        ChoosePage(
            service_name=labels.asker_name(service),
            level=demand.level.word,
            offers=tuple(Offer(provider.id, provider.name[lang], provider.strongest.word) for provider in enough),
            form=step_form("/choisir", visit),
            valid_until=visit.held.expires,
            not_offered=(*down, *weak),
            failure=banner(rooms, visit.step, service, lang),
            person=_person(rooms.flow.reusable(demand, cookies.session_secret())),
            europe=service.europe and bool(rooms.countries),
            foreign=labels.foreign_asker(service) if isinstance(service, ForeignService) else None,
        )
    )


def _chosen(rooms: Rooms, visit: Visit) -> AnyResponse:
    match request.form.get("action"):
        case "cancel":
            return redirect(way_back(visit, rooms.flow.give_up(visit)), 303)
        case "europe":
            return redirect(f"/eidas/pays?j={visit.handle}", 303)
        case "continue":
            rooms.flow.reuse(visit, cookies.session_secret())
            return redirect(f"/confirmer?j={visit.handle}", 303)
        case _:
            return _to_provider(rooms, visit, request.form.get("provider", ""))


def _person(session: Session | None) -> str:
    identity = session.proof.identity if session else None
    if not isinstance(identity, Identity):
        return ""
    return f"{identity.given_names[0]} {identity.preferred_username or identity.family_name}"


def _to_provider(rooms: Rooms, visit: Visit, provider: str) -> AnyResponse:
    location = rooms.flow.choose(visit, provider)
    return redirect(location or f"/choisir?j={visit.handle}", 303)


def _trial(rooms: Rooms, token: str) -> AnyResponse:
    """A test login through a provider begins: `passerelle fi test --login` made the link."""
    demand = trial.demand_of(token, rooms.settings.client_secret_key, rooms.clock())
    trial.check_through(demand, provider=True)
    browser = cookies.browser_secret()
    secret = browser or cookies.new_browser_secret()
    visit = rooms.flow.visit(secret, rooms.flow.begin(demand, secret))
    response = _to_provider(rooms, visit, trial.provider_of(demand))
    if browser is None:
        cookies.set_browser(response, secret)
    return response


# -- confirm ----------------------------------------------------------------------------------------------------------


def _confirm_page(rooms: Rooms, visit: Visit, again: Ticked | None) -> str:
    """What will be sent. `again` is what the form had that came back."""
    step, lang = visit.step, language()
    if not isinstance(step, Consenting):
        raise Problem("USR-103", "the journey is finished")
    demand, proof = step.demand, step.proof
    service = rooms.flow.asker(demand)
    consent_missing = again is not None and not again.consent and demand.manner is Manner.CONSENT
    if isinstance(service, Tester):
        return trial_page(rooms, step)
    if isinstance(service, ForeignService):
        return attributes_page(rooms, visit, step, service, consent_missing)
    provider, country = rooms.parties.providers.get(proof.provider), labels.country_name(proof.provider)
    abroad = rooms.countries.get(proof.provider)
    allow_back(service, demand)
    return render(
        ConfirmPage(
            service_name=labels.asker_name(service),
            kind=demand.manner.value,
            rows=labels.claim_rows(rooms.relying.sent(demand, proof.identity), proof.identity, place_name, country_name),
            level=proof.level.word,
            account=provider.name[lang] if provider else country,
            contact=abroad.contact if abroad else _support(provider),
            reference=demand.reference,
            form=step_form("/confirmer", visit),
            valid_until=visit.held.expires,
            consent_missing=consent_missing,
            sends_means="amr" in demand.claims,
            other=f"/choisir?j={visit.handle}",
            country=country,
            sends_country=bool(country) and "country" in demand.claims,
            data=data_parts(rooms, step, again),
            consented=again is not None and again.consent,
        )
    )


def _support(provider: Provider | None) -> str:
    contacts = provider.contacts if provider else ()
    return next((contact.mail or contact.tel for contact in contacts if contact.kind == "support"), "")


def _finish(rooms: Rooms, visit: Visit) -> AnyResponse:
    answer = Ticked(request.form.get("consent") == "yes", ticked())
    try:
        optional = added(visit.demand.optional)
        finish = rooms.flow.finish(visit, answer.consent, cookies.session_secret(), optional, answer.data)
    except (ConsentMissing, DataMissing):
        if visit.demand.data:  # the page comes back with the ticks as they are; no address says what they were
            return AnyResponse(_confirm_page(rooms, visit, answer), 400, mimetype="text/html")
        return redirect(f"/confirmer?j={visit.handle}&e=1#erreurs", 303)  # the fragment moves the focus to the summary
    RELEASES.labels(visit.demand.service).inc()
    response = redirect(way_back(visit, finish.passage), 303)
    if finish.session_secret is not None:
        cookies.set_session(response, finish.session_secret)
    return response
