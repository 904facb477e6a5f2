"""A simulated identity provider (FI): an OpenID provider whose login page asks for a click, not for a password.

Every login shows the cards again; the session that stays behind serves to show what a logout ends.
"""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus, urlencode

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.composing import FIELDS, compose, problems
from broker.sandbox.faults import Faults
from broker.sandbox.pages import Party, new_app, say
from broker.sandbox.personas import LOGIN, THEMES, Persona
from broker.sandbox.shelf import Shelf
from broker.sandbox.vouching import Asked, NotTrusted, Refused, Vouching, read_asked

SESSION = "fi-session"
_SESSION_SECONDS = 3600


class SimulatedProvider:
    """One provider: what it remembers, whom it knows, what goes wrong."""

    def __init__(
        self,
        vouching: Vouching,
        personas: Mapping[str, Persona],
        faults: Faults,
        clock: Callable[[], int],
        sleep: Callable[[float], None],
    ) -> None:
        self.vouching = vouching
        self.people = {key: one for key, one in personas.items() if one.known_to(vouching.provider.id)}
        self.faults = faults
        self.sleep = sleep
        self.sessions: Shelf[str] = Shelf(_SESSION_SECONDS, clock)

    def app(self, party: Party) -> Flask:
        """Its pages and endpoints."""
        app = new_app(party)
        app.before_request(self._break_down)
        app.register_error_handler(NotTrusted, _not_trusted)
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        app.add_url_rule("/jwks", view_func=self.jwks)
        app.add_url_rule("/authorize", view_func=self.authorize)
        app.add_url_rule("/login", view_func=self.log_in, methods=["POST"])
        app.add_url_rule("/cancel", view_func=self.cancel, methods=["POST"])
        app.add_url_rule("/compose", view_func=self.compose, methods=["GET", "POST"])
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/userinfo", view_func=self.userinfo)
        app.add_url_rule("/logout", view_func=self.logout)
        return app

    def _break_down(self) -> AnyResponse | None:
        fault = self.faults.on(self.vouching.provider.id)
        if fault is None or fault.name != "fi.down" or request.endpoint == "static":
            return None
        return Response(_message("down"), 503)

    # -- documents ----------------------------------------------------------------------------------------------------

    def configuration(self) -> AnyResponse:
        """OpenID Connect Discovery 3."""
        issuer, provider = self.vouching.issuer, self.vouching.provider
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            userinfo_endpoint=f"{issuer}/userinfo",
            jwks_uri=f"{issuer}/jwks",
            end_session_endpoint=f"{issuer}/logout",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=[provider.algorithm],
            token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
            scopes_supported=["openid", "profile", "birth", "email", "phone", "address"],
            acr_values_supported=list(provider.levels),
            code_challenge_methods_supported=["S256"],
            authorization_response_iss_parameter_supported=True,
        )

    def jwks(self) -> AnyResponse:
        """RFC 7517 5."""
        return jsonify(self.vouching.jwks())

    # -- the citizen --------------------------------------------------------------------------------------------------

    def home(self) -> str:
        """What this place is, and whether somebody is signed in here."""
        signed_in = self.sessions.read(request.cookies.get(SESSION))
        return render_template("provider_home.html", signed_in=signed_in, provider=self.vouching.provider)

    def authorize(self) -> AnyResponse | str:
        """OpenID Connect Core 3.1.2.1: the cards."""
        try:
            asked = read_asked(request.args, self.vouching.client)
        except Refused as refused:
            return self._back(request.args["redirect_uri"], request.args.get("state", ""), _error(refused))
        return render_template(
            "provider_login.html",
            handle=self.vouching.waiting.put(asked),
            received=list(request.args.items()),
            groups=[(theme, self._of_theme(key)) for key, theme in THEMES.items()],
            login=LOGIN,
        )

    def _of_theme(self, theme: str) -> list[Persona]:
        return [person for person in self.people.values() if person.theme == theme]

    def log_in(self) -> AnyResponse:
        """A card was clicked."""
        persona = self.people.get(request.form.get("persona", ""))
        if persona is None:
            raise NotTrusted("this person has no account here")
        return self._vouch(self._take(), persona)

    def cancel(self) -> AnyResponse:
        """The citizen goes back without logging in."""
        asked = self._take()
        return self._back(asked.redirect_uri, asked.state, _error(Refused("access_denied", "the user cancelled")))

    def compose(self) -> AnyResponse | str:
        """An identity of the developer's own."""
        form = request.form
        wrong = problems(form) if request.method == "POST" else {}
        if request.method == "POST" and (not wrong or form.get("anyway")):
            level = form.get("level", "")
            known = level if level in self.vouching.provider.levels else self.vouching.provider.levels[-1]
            return self._vouch(self._take(), compose(form, known))
        return render_template(
            "provider_compose.html",
            handle=request.values.get("login", ""),
            fields=FIELDS,
            form=form,
            wrong=wrong,
            levels=self.vouching.provider.levels,
        )

    def _take(self) -> Asked:
        asked = self.vouching.waiting.take(request.form.get("login"))
        if asked is None:
            raise NotTrusted("this login page was answered before, or is too old")
        return asked

    def _vouch(self, asked: Asked, persona: Persona) -> AnyResponse:
        if persona.refused:
            return self._back(asked.redirect_uri, asked.state, _error(Refused("access_denied", "no login")))
        fault = self.faults.on(self.vouching.provider.id)
        response = self._back(asked.redirect_uri, asked.state, {"code": self.vouching.log_in(asked, persona, fault)})
        session = self.sessions.put(persona.name)
        response.set_cookie(SESSION, session, httponly=True, samesite="Lax", path="/")
        return response

    def _back(self, redirect_uri: str, state: str, answer: Mapping[str, str]) -> AnyResponse:
        """RFC 6749 4.1.2, with RFC 9207's `iss`."""
        return redirect(f"{redirect_uri}?{urlencode({**answer, 'state': state, 'iss': self.vouching.issuer})}", 303)

    def logout(self) -> AnyResponse:
        """OpenID Connect RP-Initiated Logout 2."""
        self.sessions.take(request.cookies.get(SESSION))
        target = request.args.get("post_logout_redirect_uri", "")
        known = target in self.vouching.client.post_logout_redirect_uris
        if known and self.vouching.recognises(request.args.get("id_token_hint", "")):
            response = redirect(f"{target}?{urlencode({'state': request.args.get('state', '')})}", 303)
        else:
            response = Response(_message("signed_out"))
        response.delete_cookie(SESSION, httponly=True, samesite="Lax", path="/")
        return response

    # -- the client ---------------------------------------------------------------------------------------------------

    def token(self) -> AnyResponse:
        """OpenID Connect Core 3.1.3."""
        fault = self.faults.on(self.vouching.provider.id)
        if fault is not None and fault.seconds:
            self.sleep(fault.seconds)
        try:
            check_client(_credentials(), (self.vouching.client.client_id, self.vouching.client.client_secret))
            form = request.form
            login = self.vouching.redeem(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier"))
        except Refused as refused:
            return _refusal(refused, 401 if refused.error == "invalid_client" else 400)
        return jsonify(self.vouching.tokens(login))

    def userinfo(self) -> AnyResponse:
        """OpenID Connect Core 5.3."""
        login = self.vouching.login_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if login is None:
            return _refusal(Refused("invalid_token", "unknown or expired access token"), 401)
        if login.fault is not None and login.fault.name == "fi.http_500":
            return Response("this provider is broken on purpose\n", 500, mimetype="text/plain")
        if self.vouching.provider.signed_userinfo:
            return Response(self.vouching.signed_userinfo(login), mimetype="application/jwt")
        return jsonify(self.vouching.userinfo(login))


def check_client(credentials: tuple[str, str], registered: tuple[str, str]) -> None:
    """RFC 6749 2.3.1: the client knows its secret."""
    if credentials != registered:
        raise Refused("invalid_client", "client_id or client_secret is wrong")


def _credentials() -> tuple[str, str]:
    """Client and secret, from the header (RFC 6749 2.3.1: form-urlencoded before they are joined) or the body."""
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        name, _, secret = b64decode(header[6:], validate=True).decode().partition(":")
    except (Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _error(refused: Refused) -> dict[str, str]:
    return {"error": refused.error, "error_description": str(refused)}


def _refusal(refused: Refused, status: int) -> AnyResponse:
    response = jsonify(_error(refused))
    response.status_code = status
    return response


def _not_trusted(_error: NotTrusted) -> tuple[str, int]:
    return _message("not_trusted"), 400


def _message(kind: str) -> str:
    titles = {
        "down": say("Service indisponible", "Service unavailable"),
        "signed_out": say("Vous êtes déconnecté", "You are signed out"),
        "not_trusted": say("Cette demande ne peut pas être traitée", "This request cannot be processed"),
    }
    return render_template("provider_message.html", kind=kind, title=titles[kind])
