"""The addresses of citizens of other countries: choose a country, go there, come back; and our Connector's metadata."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker import countries
from broker.abroad import check_no_chain
from broker.errors import Problem
from broker.geography import country_name, place_name
from broker.journey import Consenting, Finished
from broker.parties import Asker
from broker.ports import CountryPort
from broker.relying import trial
from broker.visit import Visit
from broker.web import cookies, labels
from broker.web.headers import allow_form_to, allow_script, check_same_site
from broker.web.i18n import language
from broker.web.models import CountriesPage, CountryMissing, CountryOffer, Endonym, PassagePage, TrialPage
from broker.web.operations import PROOFS
from broker.web.passage import SCRIPT_HASH
from broker.web.render import asset, render
from broker.web.rooms import Current, Rooms
from broker.web.served import published
from broker.web.steps import allow_back, banner, step_form, way_back
from eidas.binding import read_post
from eidas.errors import Refused
from eidas.response import peek_response

_LARGEST_ANSWER = 262_144  # a Response of 128 KiB in base64, its form around it


def blueprint(current: Current) -> Blueprint:
    """The addresses, on the configuration in force."""
    pages = Blueprint("eidas", __name__)

    @pages.get("/eidas/pays")
    def choose() -> AnyResponse | str:
        rooms = current()
        visit = rooms.flow.visit(cookies.browser_secret(), request.args.get("j", ""))
        return _countries_page(rooms, visit, request.args.get("c", ""))

    @pages.post("/eidas/pays")
    def chosen() -> AnyResponse:
        check_same_site()
        rooms, form = current(), request.form
        visit = rooms.flow.act(cookies.browser_secret(), form.get("j", ""), form.get("step", ""))
        if form.get("action") == "cancel":
            return redirect(way_back(visit, rooms.flow.give_up(visit)), 303)
        return redirect(way_abroad(rooms, visit, form.get("country", "")), 303)

    @pages.get("/aller")
    def go() -> AnyResponse | str:
        rooms = current()
        visit = rooms.flow.visit(cookies.browser_secret(), request.args.get("j", ""))
        return _passage_page(rooms, visit)

    @pages.post("/eidas/connector/acs")
    def answered() -> AnyResponse:
        # A cross-site post: of our cookies the one that is SameSite=None comes with it.
        request.max_content_length = request.max_form_memory_size = _LARGEST_ANSWER
        rooms, response = current(), request.form.get("SAMLResponse", "")
        state = request.form.get("RelayState") or _named_by(response)
        handle, step = rooms.abroad.arrive(cookies.browser_secret(), state, response)
        vouched = isinstance(step, Consenting)
        PROOFS.labels("eidas", "vouched" if vouched else "failed").inc()
        return redirect(f"{'/confirmer' if vouched else '/eidas/pays'}?j={handle}", 303)

    @pages.get("/eidas/essai")
    def tried() -> AnyResponse:
        return _trial(current(), request.args.get("t", ""))

    @pages.get("/eidas/connector/metadata")
    def metadata() -> AnyResponse:
        return published(current(), "connector")

    return pages


def _trial(rooms: Rooms, token: str) -> AnyResponse:
    """A test login begins: `passerelle country ping` made the link."""
    demand = trial.demand_of(token, rooms.settings.client_secret_key, rooms.clock())
    trial.check_through(demand, provider=False)
    browser = cookies.browser_secret()
    secret = browser or cookies.new_browser_secret()
    visit = rooms.flow.visit(secret, rooms.flow.begin(demand, secret))
    response = redirect(way_abroad(rooms, visit, demand.service), 303)
    if browser is None:
        cookies.set_browser(response, secret)
    return response


def trial_page(rooms: Rooms, step: Consenting) -> str:
    """What came by a test login: names and the level, no value."""
    identity, lang = step.proof.identity, language()
    rows = labels.claim_rows(step.demand.claims, identity, place_name, country_name)
    received = tuple((row.label, row.value is not None) for row in rows)
    provider = rooms.parties.providers.get(trial.provider_of(step.demand))
    account = provider.name[lang] if provider else ""
    country = "" if trial.provider_of(step.demand) else countries.country(step.demand.service).name[lang]
    return render(TrialPage(country, step.proof.level.word, received, step.demand.reference, account))


def way_abroad(rooms: Rooms, visit: Visit, code: str) -> str:
    """Get ready for this country; returns where the citizen goes: on his way, or to the countries, which says why not."""
    try:
        rooms.abroad.choose(visit, code)
    except Problem as impossible:
        if not impossible.code.startswith("EID-"):
            raise
        known = f"&c={code}" if code in rooms.countries else ""
        return f"/eidas/pays?j={visit.handle}{known}"
    return f"/aller?j={visit.handle}"


def _named_by(response: str) -> str:
    """The state that a Response names as what it answers, where RelayState was lost; nothing of it is believed."""
    try:
        return peek_response(read_post(response)).in_response_to.removeprefix("_")
    except Refused:
        return ""


# -- choose a country -------------------------------------------------------------------------------------------------


def _countries_page(rooms: Rooms, visit: Visit, wanted: str) -> str:
    demand, lang = visit.demand, language()
    if isinstance(visit.step, Finished):
        raise Problem("USR-103", "the journey is finished")
    service = rooms.flow.asker(demand)
    check_no_chain(demand)
    offers, missing = [], []
    for country in countries.in_order(rooms.countries if service.europe else (), lang):
        port = rooms.countries[country.code]
        if absence := port.missing():
            missing.append(CountryMissing(country.name[lang], absence.reason, absence.since))
        elif port.strongest is None or port.strongest < demand.level:
            missing.append(CountryMissing(country.name[lang], "level"))
        else:
            offers.append(_offer(country, port, service, lang))
    allow_back(service, demand)
    return render(
        CountriesPage(
            service_name=labels.asker_name(service),
            level=demand.level.word,
            offers=tuple(offers),
            missing=tuple(missing),
            form=step_form("/eidas/pays", visit),
            valid_until=visit.held.expires,
            failure=banner(rooms, visit.step, service, lang),
            discloses="country" in demand.claims,
            unavailable=_unavailable(rooms, wanted, {offer.code for offer in offers}, lang),
            back=f"/choisir?j={visit.handle}",
        )
    )


def _offer(country: countries.Country, port: CountryPort, service: Asker, lang: str) -> CountryOffer:
    endonyms = tuple(Endonym(tag, name) for tag, name in country.endonyms)
    insists = port.wants_requester and not service.public
    return CountryOffer(country.code, country.name[lang], endonyms, asset(f"flags/{country.flag}"), insists)


def _unavailable(rooms: Rooms, wanted: str, offered: set[str], lang: str) -> str:
    """The name of a country that was wanted and is not on offer: a link must not call another one unavailable."""
    return countries.country(wanted).name[lang] if wanted in rooms.countries.keys() - offered else ""


# -- go there ---------------------------------------------------------------------------------------------------------


def _passage_page(rooms: Rooms, visit: Visit) -> AnyResponse | str:
    found = rooms.abroad.passage(visit)
    if found is None:
        return redirect(f"/choisir?j={visit.handle}", 303)
    code, passage = found
    if not passage.fields:
        return redirect(passage.location, 303)
    # Behind its endpoint a country sends citizens on to places that only it knows, and Chromium follows a post no further
    # than form-action says. The form has one address, which is ours to choose.
    allow_form_to(passage.location, "https:")
    allow_script(SCRIPT_HASH)
    service, lang = rooms.flow.asker(visit.demand), language()
    offer = _offer(countries.country(code), rooms.countries[code], service, lang)
    return render(PassagePage(offer, passage.location, tuple(passage.fields.items()), f"/eidas/pays?j={visit.handle}"))
