"""The OpenID Connect addresses under `/api/v2`, as FranceConnect v2 lays them out: for services, and for providers."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from broker import countries
from broker.assurance import ACRS
from broker.claims import ORDER, SCOPES
from broker.errors import Problem
from broker.journey import Consenting, Demand, Manner
from broker.parties import Service
from broker.reference import new_reference
from broker.relying.asking import Heard
from broker.relying.oidc import OWN_ALGORITHMS, demand_of
from broker.relying.opening import Shown
from broker.web import cookies, developers
from broker.web.checktoken import add_checktoken
from broker.web.eidas import way_abroad
from broker.web.errors import answer_partners
from broker.web.i18n import remember_language
from broker.web.leaving import add_logout
from broker.web.operations import PROOFS
from broker.web.proofs import proof_of, proofs_sent
from broker.web.revoking import add_revocation
from broker.web.rooms import Current, Rooms
from certs.keys import State, Use
from oidc.discovery import discovery_document
from oidc.errors import AuthorizationRefused
from oidc.messages import Params
from oidc.pushed import LIFE
from oidc.token_endpoint import read_access_token, read_credentials, read_token_request

_COUNTRY_SCOPE = "eidas:country:"
_CACHED = "public, max-age=600"


def blueprint(current: Current) -> Blueprint:
    """The addresses, on the configuration in force."""
    api = Blueprint("oidc", __name__, url_prefix="/api/v2")

    @api.post("/authorize")
    def authorize_posted() -> AnyResponse:
        """A POST answers 303 before it is read: it is cross-site, so it comes without the session's cookie."""
        return redirect("/api/v2/authorize?" + urlencode(_form()), 303)

    @api.get("/authorize")
    def authorize() -> AnyResponse:
        return _authorize(current())

    @api.get("/oidc-callback/<provider>")
    def callback(provider: str) -> AnyResponse:
        handle, step = current().flow.arrive(cookies.browser_secret(), provider, _query())
        vouched = isinstance(step, Consenting)
        PROOFS.labels(provider, "vouched" if vouched else "failed").inc()
        return redirect(f"/{'confirmer' if vouched else 'choisir'}?j={handle}", 303)

    @api.post("/par")
    def push() -> AnyResponse:
        rooms, form = current(), _form()
        presented = read_credentials(form, request.headers.get("Authorization"))
        service = rooms.authentication.authenticate(presented, "par")
        name = rooms.asking.push(rooms.clients[service.client_id], form, proof_of(rooms, "par"))
        rooms.journal.record("demand.pushed", new_reference(), service=service.id)
        response = jsonify(request_uri=name, expires_in=LIFE)
        response.status_code = 201
        return response

    @api.post("/token")
    def token() -> AnyResponse:
        rooms = current()
        asked = read_token_request(_form(), request.headers.get("Authorization"))
        service = rooms.authentication.authenticate(asked, "token")
        client = rooms.clients[service.client_id]
        answer, reference = rooms.redeeming.redeem(asked, client, proof_of(rooms, "token"))
        rooms.journal.record("token.issued", reference)
        return jsonify(answer)

    @api.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> AnyResponse:
        rooms = current()
        form = _form() if request.method == "POST" else []
        scheme, token = read_access_token(request.headers.get("Authorization"), form)
        signed, reference = rooms.opening.userinfo(Shown(token, scheme, request.method, proofs_sent()))
        rooms.journal.record("userinfo.read", reference)
        return Response(signed, mimetype="application/jwt")

    @api.get("/jwks")
    def jwks() -> AnyResponse:
        return _cached(current().keyring.jwks())

    @api.get("/client/.well-known/keys")
    def client_keys() -> AnyResponse:
        """Our keys towards providers: by what we sign, and what they encrypt to."""
        return _cached(current().keyring.client_jwks())

    @api.get("/.well-known/openid-configuration")
    def configuration() -> AnyResponse:
        return _cached(_discovery(current()))

    add_revocation(api, current)
    add_checktoken(api, current)
    add_logout(api, current)
    answer_partners(api, current)
    return api


# -- authorize --------------------------------------------------------------------------------------------------------


def _authorize(rooms: Rooms) -> AnyResponse:
    heard = rooms.asking.hear(_query())
    asked = heard.request
    service = rooms.parties.clients[asked.client_id]
    demand = demand_of(asked, service, rooms.parties.data_scopes)
    if demand.silent:
        raise _silent_refusal(rooms, demand, heard)
    browser = cookies.browser_secret()
    secret = browser or cookies.new_browser_secret()
    handle = rooms.flow.begin(demand, secret, heard.once)
    developers.note_ignored(rooms, demand, service, dict(heard.params))
    country = "" if "select_account" in asked.prompt else _wanted_country(rooms, service, dict(heard.params))
    first = _straight_abroad(rooms, secret, handle, country) if country else _first_step(rooms, secret, handle, demand.hint)
    response = redirect(first, 303)
    if browser is None:
        cookies.set_browser(response, secret)
    remember_language(response, asked.ui_locales)
    return response


def _first_step(rooms: Rooms, browser: bytes, handle: str, hint: str | None) -> str:
    if hint is None:
        return f"/choisir?j={handle}"
    visit = rooms.flow.visit(browser, handle)
    if rooms.flow.reusable(visit.demand, cookies.session_secret()):
        return f"/choisir?j={handle}"  # a running session comes first, as with FranceConnect
    try:
        location = rooms.flow.choose(visit, hint)
    except Problem:
        location = None  # the hinted provider is too weak, or not offered any more: the citizen chooses
    return location or f"/choisir?j={handle}"


def _wanted_country(rooms: Rooms, service: Service, asked: Mapping[str, str]) -> str:
    """The country that a service asks for by `eidas_country=EL` or by the scope `eidas:country:el`; "" for none.

    Only a service that may know the country may choose it: it would learn it otherwise.
    """
    if not service.europe or "eidas" not in service.scopes:
        return ""
    scopes = (scope for scope in asked.get("scope", "").split() if scope.startswith(_COUNTRY_SCOPE))
    named = asked.get("eidas_country") or next(scopes, "").removeprefix(_COUNTRY_SCOPE)
    return named.upper() if named and rooms.countries else ""


def _straight_abroad(rooms: Rooms, browser: bytes, handle: str, country: str) -> str:
    return way_abroad(rooms, rooms.flow.visit(browser, handle), countries.normalise(country))


_PAGE_NEEDED = {
    Manner.CONSENT: ("consent_required", "the citizen must agree, which needs a page"),
    Manner.INFORM: ("interaction_required", "the citizen must be informed, which needs a page"),
    Manner.ANONYMOUS: ("interaction_required", "the citizen must be informed, which needs a page"),
}


def _silent_refusal(rooms: Rooms, demand: Demand, heard: Heard) -> AuthorizationRefused:
    """OpenID Connect Core 3.1.2.6: prompt=none finds nobody, or somebody who must see a page before anything is sent."""
    if heard.once:
        with rooms.vault.change() as change:
            heard.once(change)
    session = rooms.flow.reusable(demand, cookies.session_secret())
    manner = Manner.CONSENT if demand.data else demand.manner
    error, why = _PAGE_NEEDED[manner] if session else ("login_required", "nobody who can serve here is signed in")
    how = {name: demand.note[name] for name in ("client_id", "redirect_uri", "state", "response_mode")}
    return AuthorizationRefused(error, why, **how)


# -- discovery --------------------------------------------------------------------------------------------------------


def _discovery(rooms: Rooms) -> dict[str, object]:
    document = discovery_document(
        rooms.relying.issuer,
        scopes=(*SCOPES, *rooms.parties.data_scopes),
        claims=("sub", *ORDER),
        acr_values=ACRS,
        algorithms=_signs(rooms),
        ui_locales=("fr", "en"),
        only_pushed=bool(rooms.clients) and all(client.only_pushed for client in rooms.clients.values()),
        only_signed=bool(rooms.clients) and all(client.only_signed for client in rooms.clients.values()),
        data_providers=bool(rooms.parties.data),
    )
    levels = {code: port.strongest for code, port in rooms.countries.items()}
    return {**document, "eidas_countries_supported": {code: level.acr for code, level in levels.items() if level}}


def _signs(rooms: Rooms) -> tuple[str, ...]:
    """The algorithms of our tokens: those of FranceConnect, and others for which there is an active key."""
    held = {key.algorithm for key in rooms.keyring.all(Use.OP_SIGNING) if key.state is State.ACTIVE}
    return tuple(name for name in OWN_ALGORITHMS if name in held or name in ("ES256", "RS256"))


def _cached(document: Mapping[str, object]) -> AnyResponse:
    response = jsonify(document)
    response.headers["Cache-Control"] = _CACHED
    return response


# -- requests and errors ----------------------------------------------------------------------------------------------


def _query() -> Params:
    return list(request.args.items(multi=True))


def _form() -> Params:
    return list(request.form.items(multi=True))
