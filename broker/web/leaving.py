"""Leaving (OpenID Connect RP-Initiated Logout 1.0): the address where services send their citizen, and his pages."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker.logout import Exit, Farewells, Leaving, Way
from broker.session import Session
from broker.web import cookies, labels
from broker.web.headers import allow_form_to, check_same_site
from broker.web.i18n import language
from broker.web.models import LoggedOutPage, LogoutPage, StepForm
from broker.web.render import render
from broker.web.rooms import Current, Rooms
from oidc.logout import LogoutRequest, logout_url, read_end_session


def add_logout(api: Blueprint, current: Current) -> None:
    """Add where services, and then providers, send a citizen who leaves."""

    @api.route("/session/end", methods=["GET", "POST"])
    def end_session() -> AnyResponse:
        if request.method == "POST":
            return redirect("/api/v2/session/end?" + urlencode(list(request.form.items(multi=True))), 303)
        return _end_session(current())

    @api.get("/client/logout-callback")
    def logged_out_there() -> AnyResponse:
        return _go(current().logout.returned(cookies.browser_secret(), request.args.get("state", "")))


def add_logout_pages(pages: Blueprint, current: Current) -> None:
    """Add the citizen's pages."""

    @pages.get("/deconnexion")
    def leave() -> AnyResponse | str:
        rooms, handle = current(), request.args.get("j", "")
        if handle:
            return _logout_page(rooms, rooms.logout.find(cookies.browser_secret(), handle))
        if rooms.flow.session(cookies.session_secret()) is not None:
            return redirect("/api/v2/session/end", 303)  # the citizen comes by himself
        return _logged_out_page(rooms, request.args.get("fin", ""))

    @pages.post("/deconnexion")
    def left() -> AnyResponse:
        check_same_site()
        rooms, form = current(), request.form
        found = rooms.logout.act(cookies.browser_secret(), form.get("j", ""), form.get("step", ""))
        return _leave(rooms, found, form.get("action", ""))


# -- a service asks ---------------------------------------------------------------------------------------------------


def _end_session(rooms: Rooms) -> AnyResponse:
    asked = read_end_session(list(request.args.items(multi=True)), rooms.clients.get, rooms.own_token)
    service = rooms.parties.clients[asked.client_id].id if asked.client_id else ""
    after = logout_url(asked.redirect_uri, asked.state) if asked.redirect_uri else ""
    secret = cookies.session_secret()
    held = rooms.flow.session(secret)
    if secret is None or held is None:
        return redirect(after or "/deconnexion", 303)
    browser = cookies.browser_secret()
    given = browser or cookies.new_browser_secret()
    leaving = Leaving(service, after)
    if _is_for_session(rooms, asked, service, held.value):
        response = _go(rooms.logout.end(secret, given, leaving, at_provider=True, itself=True))
        cookies.drop_session(response)
    else:
        response = redirect(f"/deconnexion?j={rooms.logout.ask(given, leaving)}", 303)
    if browser is None:
        cookies.set_browser(response, given)
    return response


def _is_for_session(rooms: Rooms, asked: LogoutRequest, service: str, session: Session) -> bool:
    return bool(asked.sub and service) and rooms.logout.is_known_to(session, service, asked.sub or "", asked.sid)


def _go(way: Way) -> AnyResponse:
    return redirect(way.location or (f"/deconnexion?fin={way.handle}" if way.handle else "/deconnexion"), 303)


# -- the citizen answers ----------------------------------------------------------------------------------------------


def _logout_page(rooms: Rooms, found: Exit) -> str:
    lang = language()
    service = rooms.parties.services.get(found.leaving.service)
    held = rooms.flow.session(cookies.session_secret())
    provider = rooms.logout.provider_of(held.value) if held else None
    allow_form_to(found.leaving.after, *(rooms.providers[provider.id].destinations() if provider else ()))
    return render(
        LogoutPage(
            form=StepForm("/deconnexion", found.handle, found.token),
            service_name=service.name[lang] if service else "",
            account=provider.name[lang] if provider and provider.logout else "",
            can_return=bool(found.leaving.after),
            abroad=labels.country_name(held.value.proof.provider) if held else "",
        )
    )


def _logged_out_page(rooms: Rooms, handle: str) -> str:
    """What became of it, the first time that the page is read; after that only that it is over."""
    told = rooms.logout.farewells(cookies.browser_secret(), handle) if handle else Farewells()
    lang, services = language(), rooms.parties.services
    provider = rooms.parties.providers.get(told.provider)

    def names(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(services[one].name[lang] for one in ids if one in services)

    return render(
        LoggedOutPage(
            account=provider.name[lang] if provider else "",
            abroad=labels.country_name(told.provider),
            confirmed=names(told.confirmed),
            pending=names(told.pending),
            open=names(told.open),
        )
    )


def _leave(rooms: Rooms, found: Exit, action: str) -> AnyResponse:
    secret, browser = cookies.session_secret(), cookies.browser_secret()
    if action == "cancel" or secret is None or browser is None:
        return redirect(found.leaving.after or "/", 303)
    response = _go(rooms.logout.end(secret, browser, found.leaving, at_provider=action == "leave_all", itself=False))
    cookies.drop_session(response)
    return response
