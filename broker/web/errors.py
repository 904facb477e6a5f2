"""Whatever fails: the page with its code and reference for the citizen, the protocol's error for the partner.

A citizen always has a way back: a form that sends his refusal to the service while the journey is known, else the
service's home page. The log line has the same reference as the page, and no value of a person.
"""

import logging

from flask import Blueprint, Flask, jsonify, redirect, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from broker.errors import Problem
from broker.journey import Finished
from broker.nearest import Comparison, compare
from broker.parties import Asker, Service
from broker.ports import StoreUnavailable
from broker.reference import new_reference
from broker.visit import Visit
from broker.web import cookies, developers, labels, wording
from broker.web.again import same_again
from broker.web.headers import allow_form_to
from broker.web.i18n import language
from broker.web.models import ErrorPage, StepForm
from broker.web.operations import PROBLEMS
from broker.web.posting import refusal_page
from broker.web.render import render
from broker.web.rooms import Current, Rooms
from oidc.answering import FORM_POST, in_query, refusal
from oidc.errors import (
    AssertionRefused,
    AuthorizationRefused,
    HintRefused,
    KeyBound,
    OAuthError,
    ProofRefused,
    RequestUnusable,
    TooOften,
    UnknownClient,
    UnregisteredRedirect,
)
from oidc.tokens import ALGORITHMS

_log = logging.getLogger("passerelle")


def install(app: Flask, current: Current) -> None:
    """Handle every error of the app."""

    @app.errorhandler(Problem)
    def problem(error: Problem) -> AnyResponse:
        return problem_page(current(), error)

    @app.errorhandler(StoreUnavailable)
    def no_store(error: StoreUnavailable) -> AnyResponse:
        return _unavailable(current(), str(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> AnyResponse:
        code = error.code or 500
        if code == 413:
            request.form = ImmutableMultiDict()  # nobody may try again to read what was too large
        if request.path in _FOR_PROGRAMS:
            return oauth_error(current(), OAuthError("invalid_request", f"HTTP {code} {error.name}", code))
        if code in (404, 405):
            return problem_page(current(), Problem(f"HTTP-{code}"))
        return problem_page(current(), Problem("HTTP-400" if code < 500 else "SYS-501", f"HTTP {code}"), code)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> AnyResponse:
        # The exception's text may hold a value: its type and place are what the log gets.
        place = traceback_of(error)
        return problem_page(current(), Problem("SYS-501", f"{type(error).__name__} at {place}"))


def traceback_of(error: BaseException) -> str:
    """The innermost place of an exception, as file:line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"


def log_problem(rooms: Rooms, problem: Problem, reference: str, **who: str) -> None:
    """One line, with the reference that the citizen or the partner sees; and an event, for who asks by that reference.

    `who` names the service (its id), where no demand has named it before.
    """
    PROBLEMS.labels(problem.code).inc()
    level = logging.ERROR if problem.entry.side == "us" else logging.INFO
    _log.log(level, "%s %s %s", problem.code, reference, problem.detail)
    rooms.journal.record("problem", reference, code=problem.code, detail=problem.detail, **who)


# -- the store does not answer ----------------------------------------------------------------------------------------

_AGAIN_AFTER = "10"
"""Seconds until the same request is worth another try: a database starts anew in less."""


def _unavailable(rooms: Rooms, detail: str) -> AnyResponse:
    """Nothing is known of the journey now, but the same address again is a way on: a step is repeatable."""
    if request.path in _FOR_PROGRAMS:
        busy = OAuthError("temporarily_unavailable", "our store does not answer: send the same request again", 503)
        response = oauth_error(rooms, busy, "SYS-504")
    else:
        problem, reference = Problem("SYS-504", detail), new_reference()
        log_problem(rooms, problem, reference)
        page = _page(rooms, problem, reference, None, "", retry=same_again())
        response = AnyResponse(render(page), problem.entry.status, mimetype="text/html")
    response.headers["Retry-After"] = _AGAIN_AFTER
    return response


# -- the citizen ------------------------------------------------------------------------------------------------------


def problem_page(
    rooms: Rooms, problem: Problem, status: int | None = None, comparison: Comparison | None = None, **who: str
) -> AnyResponse:
    """The page of a problem, with the way back that is known; `who` is the service for the journal.

    The `comparison` of what was sent with what is registered is shown in the sandbox alone.
    """
    visit = _visit(rooms)
    reference = visit.demand.reference if visit else new_reference()
    log_problem(rooms, problem, reference, **who)
    told = developers.panel(rooms, problem, reference, comparison, who.get("service", ""))
    page = _page(rooms, problem, reference, visit, told)
    return AnyResponse(render(page), status or problem.entry.status, mimetype="text/html")


def _visit(rooms: Rooms) -> Visit | None:
    """The journey that this request belongs to, if there is one."""
    try:
        values = request.values
        state = request.args.get("state", "") or values.get("RelayState", "")
        handle = values.get("j", "") or state.partition(".")[0]
        return rooms.flow.visit(cookies.browser_secret(), handle)
    except (Problem, StoreUnavailable):
        return None


def _asker(rooms: Rooms, visit: Visit | None) -> Asker | None:
    """Who asks, while he is known."""
    try:
        return rooms.flow.asker(visit.demand) if visit else None
    except Problem:
        return None


def _page(rooms: Rooms, problem: Problem, reference: str, visit: Visit | None, told: str, retry: str = "") -> ErrorPage:
    lang, words = language(), dict(problem.words)
    asker = _asker(rooms, visit)
    service = asker if isinstance(asker, Service) else None
    name = labels.asker_name(asker) if asker else words.pop("service", "")
    home = service.home if service else words.pop("home", "")
    running = visit is not None and not isinstance(visit.step, Finished)
    if "country" in words:
        words["country"] = labels.country_name(words["country"])
    if visit is not None and service is not None:
        allow_form_to(visit.demand.note["redirect_uri"], service.home)
    return wording.error_page(
        problem,
        lang,
        reference=reference,
        at=rooms.clock(),
        service_name=name,
        words=words,
        retry=retry,
        choose=f"/choisir?j={visit.handle}" if visit and running else "",
        give_up=StepForm("/choisir", visit.handle, visit.token) if visit and running else None,
        home=home,
        nothing_sent=visit is None or not (isinstance(visit.step, Finished) and visit.step.released),
        sandbox=developers.is_sandbox(rooms),
        panel=told,
    )


# -- the partner ------------------------------------------------------------------------------------------------------


def answer_partners(api: Blueprint, current: Current) -> None:
    """Errors of the OpenID Connect addresses."""

    @api.errorhandler(AuthorizationRefused)
    def refused(error: AuthorizationRefused) -> AnyResponse:
        return _told(current(), error)

    @api.errorhandler(UnknownClient)
    def unknown_client(error: UnknownClient) -> AnyResponse:
        rooms = current()
        return problem_page(rooms, Problem("SRV-401", error.description), comparison=developers.unknown_client(rooms))

    @api.errorhandler(UnregisteredRedirect)
    def unregistered(error: UnregisteredRedirect) -> AnyResponse:
        rooms = current()
        service = rooms.parties.clients[error.client_id]
        leaving = request.path.endswith("/session/end")
        parameter = "post_logout_redirect_uri" if leaving else "redirect_uri"
        comparison = compare(parameter, error.received, error.registered)
        detail = f"received {comparison.received!r}, nearest registered {comparison.registered!r}; the comparison is exact"
        problem = Problem("SRV-406" if leaving else "SRV-402", detail, service=service.name[language()], home=service.home)
        return problem_page(rooms, problem, comparison=comparison, service=service.id)

    @api.errorhandler(RequestUnusable)
    def unusable(error: RequestUnusable) -> AnyResponse:
        rooms = current()
        service = rooms.parties.clients[error.client_id]
        code = "SRV-410" if error.error == "invalid_request_uri" else "SRV-411"
        problem = Problem(code, error.description, service=service.name[language()], home=service.home)
        return problem_page(rooms, problem, service=service.id)

    @api.errorhandler(HintRefused)
    def hint(error: HintRefused) -> AnyResponse:
        return problem_page(current(), Problem("SRV-407", error.description))

    @api.errorhandler(OAuthError)
    def oauth(error: OAuthError) -> AnyResponse:
        return oauth_error(current(), error)


def _told(rooms: Rooms, error: AuthorizationRefused) -> AnyResponse:
    """The refusal as it goes to the service, in the way that it asked for."""
    reference = new_reference()
    service = rooms.parties.clients[error.client_id]
    log_problem(rooms, Problem("SRV-403", error.description), reference, service=service.id)
    fields = refusal(
        error.state,
        rooms.relying.issuer,
        error=error.error,
        description=f"{error.description}{developers.hints(rooms, error, service)} [{reference}]",
        error_uri=rooms.relying.help_url("SRV-403", reference),
    )
    if error.response_mode == FORM_POST:
        return AnyResponse(refusal_page(service, error.redirect_uri, fields, reference), mimetype="text/html")
    return redirect(in_query(error.redirect_uri, fields), 303)


def oauth_error(rooms: Rooms, error: OAuthError, code: str = "") -> AnyResponse:
    """An error in JSON (RFC 6749 5.2), with the code and reference that our log has too."""
    reference, code = new_reference(), code or _token_code(error)
    log_problem(rooms, Problem(code, error.description), reference)
    uri = rooms.relying.help_url(code, reference)
    response = jsonify(error=error.error, error_description=error.description, error_uri=uri, ref=reference)
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.after)
    return response


def _token_code(error: OAuthError) -> str:
    """The code of the catalogue for an error in JSON."""
    by_kind = {AssertionRefused: "TOK-604", TooOften: "TOK-607"}
    return by_kind.get(type(error)) or _TOKEN_CODES.get(error.error, "TOK-600")


_FOR_PROGRAMS = tuple(f"/api/v2/{name}" for name in ("token", "token/revocation", "par", "userinfo", "checktoken"))
_TOKEN_CODES = {
    "invalid_grant": "TOK-601",
    "invalid_client": "TOK-603",
    "invalid_token": "TOK-605",
    "temporarily_unavailable": "TOK-606",
    "invalid_dpop_proof": "TOK-608",
    "invalid_target": "TOK-609",
}


def _challenge(error: OAuthError) -> str:
    """RFC 6749 5.2, RFC 6750 3, RFC 9449 7.1: how to authenticate, and for a token what was wrong with it."""
    if error.error == "invalid_client":
        return 'Basic realm="passerelle"'
    wrong = f'realm="passerelle", error="{error.error}", error_description="{error.description}"'
    bound = isinstance(error, KeyBound | ProofRefused)
    return f'DPoP {wrong}, algs="{" ".join(sorted(ALGORITHMS))}"' if bound else f"Bearer {wrong}"
