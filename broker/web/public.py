"""The pages about Passerelle itself: what it is, help, what works, accessibility, privacy."""

from flask import Blueprint, abort, request

from broker.countries import in_order
from broker.ports import CountryPort, ProviderPort
from broker.web import wording
from broker.web.feeds import Recent
from broker.web.i18n import language
from broker.web.models import AccessibilityPage, HomePage, LastFetch, NodePage, PrivacyPage, ProviderState, StatusPage
from broker.web.render import render
from broker.web.rooms import Current, Rooms


def blueprint(current: Current) -> Blueprint:
    """The pages, on the configuration in force."""
    public = Blueprint("public", __name__)
    known = Recent()

    @public.get("/")
    def home() -> str:
        return render(HomePage(bool(current().parties.data)))

    @public.get("/aide")
    def help_() -> str:
        asked, reference, europe = request.args.get("q", ""), request.args.get("ref", ""), bool(current().countries)
        return render(wording.help_page(asked, reference, language(), europe))

    @public.get("/eidas")
    def node() -> str:
        rooms = current()
        if rooms.described is None:
            abort(404)
        fetches = {seen.address: _fetched(rooms, seen.address) for seen in rooms.described.nodes if seen.address}
        return render(NodePage(rooms.described, rooms.clock(), known(rooms), fetches))

    @public.get("/statut")
    def status() -> str:
        rooms = current()
        lang = language()
        accounts = (_account(rooms.providers[one.id], one.name[lang]) for one in rooms.parties.choosable())
        abroad = (_state(rooms.countries[land.code], land.name[lang]) for land in in_order(rooms.countries, lang))
        return render(StatusPage(rooms.clock(), (*accounts, *abroad)))

    @public.get("/accessibilite")
    def accessibility() -> str:
        settings = current().settings
        stated = settings.accessibility
        return render(AccessibilityPage(stated.state, stated.audited, stated.auditor, stated.rate, settings.support.mail))

    @public.get("/donnees")
    def privacy() -> str:
        settings = current().settings
        return render(
            PrivacyPage(
                settings.journal_days,
                settings.step_minutes,
                settings.sso_minutes,
                settings.name[language()],
                settings.support.mail,
                europe=bool(current().countries),
                abroad=current().foreign is not None,
                data=bool(settings.parties.data),
            )
        )

    return public


def _fetched(rooms: Rooms, address: str) -> LastFetch:
    asked = rooms.refresher.known(address)
    return LastFetch(asked.well, asked.wrong)


def _account(provider: ProviderPort, name: str) -> ProviderState:
    outage = provider.outage
    return ProviderState(name, outage is None, outage.since if outage else None)


def _state(country: CountryPort, name: str) -> ProviderState:
    absence = country.missing()
    return ProviderState(name, absence is None, absence.since if absence else None)
