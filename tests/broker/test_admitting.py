"""A provider is admitted or not: one that does everything right, spoilt in one point at a time."""

import base64
import dataclasses
import json
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from broker.admitting import Unreachable, admit, candidate
from broker.assurance import Level
from broker.fetch import FetchFailed
from broker.providers.oidc import registration_at
from certs.keys import State, Use, generate_private, key_of
from oidc.discovery import ProviderMetadata
from oidc.messages import HttpResponse
from tests.broker.world import Clock, json_answer, provider

AT = "https://impots.example"
CALLBACK = "https://connexion.example/api/v2/oidc-callback/impots"
KEY = key_of(generate_private("ES256"), Use.RP_SIGNING, "ES256", State.ACTIVE, 1)
CLOCK = Clock()
IMPOTS = provider("impots", Level.LOW, Level.SUBSTANTIAL)
BY_KEY = dataclasses.replace(IMPOTS, authentication="private_key_jwt", client_secret="")
REFUSED = HttpResponse(400, {"content-type": "text/html"}, b"<html>no</html>")
PAGE = HttpResponse(200, {"content-type": "text/html"}, b"<html>log in</html>")
WRONG_CLIENT, WRONG_CODE = (json_answer({"error": name}, 400) for name in ("invalid_client", "invalid_grant"))


class Honest:
    """A provider that takes nothing that is wrong. `document` and `instead` (by path) spoil it."""

    def __init__(self):
        self.instead, self.by_key = {}, False
        key = ECKey.generate_key("P-256", {"kid": "fi-1", "use": "sig", "alg": "ES256"})
        self.jwks = {"keys": [key.as_dict(private=False)]}
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        paths |= {"jwks_uri": "jwks", "end_session_endpoint": "end", "pushed_authorization_request_endpoint": "par"}
        self.document = {
            "issuer": AT,
            **{name: f"{AT}/{path}" for name, path in paths.items()},
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "acr_values_supported": ["eidas1", "eidas2"],
            "scopes_supported": ["openid", "profile", "birth", "email"],
            "claims_supported": "given_name family_name birthdate gender birthplace birthcountry email".split(),
        }

    def __call__(self, request, *, allow_private=False):
        path = urlsplit(request.url).path
        if path in self.instead:
            answer = self.instead[path]
            return answer(request) if callable(answer) else answer
        return {
            "/.well-known/openid-configuration": lambda _request: json_answer(self.document),
            "/jwks": lambda _request: json_answer(self.jwks),
            "/authorize": self.authorize,
            "/token": self.token,
            "/userinfo": lambda _request: json_answer({"error": "invalid_token"}, 401),
        }[path](request)

    def authorize(self, request):
        asked = dict(parse_qsl(urlsplit(request.url).query))
        known = asked.get("client_id") == "passerelle" and asked.get("redirect_uri") == CALLBACK
        return PAGE if known else REFUSED

    def token(self, request):
        return WRONG_CODE if self._is_client(request) else WRONG_CLIENT

    def _is_client(self, request):
        if not self.by_key:
            secret = base64.b64encode(f"passerelle:{quote_plus('secret-at-impots')}".encode()).decode()
            return request.headers.get("Authorization") == f"Basic {secret}"
        assertion = parse_qs(request.body.decode())["client_assertion"][0]
        try:
            claims = jwt.decode(assertion, ECKey.import_key(KEY.public_jwk()), algorithms=["ES256"]).claims
        except JoseError:
            return False
        return claims["exp"] > CLOCK()


@pytest.fixture
def honest():
    return Honest()


def points(honest, entry=IMPOTS):
    honest.by_key = entry.authentication == "private_key_jwt"
    registration = registration_at(entry, CALLBACK, KEY if honest.by_key else None, None)
    return list(admit(candidate(entry, registration, honest, CLOCK, False)))


def wanting(found):
    return {(point.verdict, point.about) for point in found if point.verdict != "fine"}


@pytest.mark.parametrize("entry", [IMPOTS, BY_KEY], ids=["by a secret", "by a key"])
def test_a_provider_that_does_everything_right_is_admitted(honest, entry):
    assert wanting(points(honest, entry)) == set()


STATED = {
    "no PKCE": ({"code_challenge_methods_supported": ["plain"]}, ("decide", "PKCE")),
    "no iss": ({"authorization_response_iss_parameter_supported": False}, ("decide", "iss")),
    "another authentication": ({"token_endpoint_auth_methods_supported": ["tls_client_auth"]}, ("fix", "authentication")),
    "another algorithm": ({"id_token_signing_alg_values_supported": ["HS256"]}, ("fix", "algorithms")),
    "no signature": ({"id_token_signing_alg_values_supported": ["ES256", "none"]}, ("decide", "algorithms")),
    "a level less": ({"acr_values_supported": ["eidas1"]}, ("fix", "levels")),
    "a level more": ({"acr_values_supported": ["eidas1", "eidas2", "eidas3"]}, ("decide", "levels")),
    "a scope less": ({"scopes_supported": ["openid"]}, ("decide", "claims")),
    "no list of claims": ({"claims_supported": None}, ("decide", "claims")),
    "no logout": ({"end_session_endpoint": None}, ("decide", "logout")),
}


@pytest.mark.parametrize(("changes", "point"), STATED.values(), ids=STATED)
def test_what_it_says_of_itself_is_compared_with_its_file(honest, changes, point):
    honest.document |= changes
    assert wanting(points(honest)) == {point}


def going_there(request):
    return HttpResponse(302, {"location": dict(parse_qsl(urlsplit(request.url).query)).get("redirect_uri", "/error")}, b"")


def too_silent(_request):
    raise FetchFailed("timeout", "impots.example")


FAULTS = {
    "an open redirect": ("/authorize", going_there, {("fix", "redirect"), ("fix", "PAR")}),
    "a login page for everybody": ("/authorize", PAGE, {("decide", "redirect"), ("fix", "PAR")}),
    "tokens for everybody": ("/token", json_answer({"access_token": "a"}), {("fix", "token")}),
    "codes before clients": ("/token", WRONG_CODE, {("fix", "token")}),
    "a client that it does not know": ("/token", WRONG_CLIENT, {("fix", "token")}),
    "refusals that are pages": ("/token", REFUSED, {("fix", "token")}),
    "refusals that are lists": ("/token", HttpResponse(400, {}, b"[]"), {("fix", "token")}),
    "breaks down": ("/token", json_answer({}, 500), {("fix", "token")}),
    "is silent": ("/token", too_silent, {("fix", "wrong client"), ("fix", "wrong code")}),
    "claims for everybody": ("/userinfo", json_answer({"sub": "x"}), {("fix", "userinfo")}),
    "another status": ("/userinfo", json_answer({}, 403), {("decide", "userinfo")}),
    "no key": ("/jwks", json_answer({"keys": []}), {("fix", "keys")}),
    "no key set": ("/jwks", HttpResponse(200, {}, b"<html>"), {("fix", "keys")}),
}


@pytest.mark.parametrize(("path", "answer", "expected"), FAULTS.values(), ids=FAULTS)
def test_how_it_takes_what_is_wrong_is_tried(honest, path, answer, expected):
    honest.instead[path] = answer
    assert wanting(points(honest)) == expected


def test_a_provider_that_does_not_look_at_who_signed_is_not_admitted(honest):
    honest.instead["/token"] = WRONG_CODE
    told = [point.what for point in points(honest, BY_KEY) if point.verdict == "fix"]
    assert [what.partition(":")[2] for what in told] == [
        " a key that is not ours: 400 invalid_grant",
        " an assertion that has expired: 400 invalid_grant",
    ]


def test_keys_without_a_name_are_told(honest):
    del honest.jwks["keys"][0]["kid"]
    assert wanting(points(honest)) == {("decide", "keys")}


def test_endpoints_by_hand_are_tried_as_well(honest):
    static = ProviderMetadata(AT, f"{AT}/authorize", f"{AT}/token", f"{AT}/userinfo", f"{AT}/jwks", f"{AT}/end")
    assert wanting(points(honest, dataclasses.replace(IMPOTS, static=static))) == {("decide", "discovery")}


@pytest.mark.parametrize("answer", [too_silent, REFUSED, json_answer({"issuer": "https://evil.example"})])
def test_without_what_it_says_of_itself_nothing_is_tried(honest, answer):
    honest.instead["/.well-known/openid-configuration"] = answer
    with pytest.raises(Unreachable, match="openid-configuration"):
        points(honest)


def test_nothing_that_is_sent_has_our_secret_but_the_one_with_a_code_that_was_made_up(honest):
    sent = []

    def listening(request):
        sent.append(json.dumps(dict(request.headers)) + request.body.decode())
        return honest.token(request)

    honest.instead["/token"] = listening
    points(honest)
    secret = base64.b64encode(b"passerelle:secret-at-impots").decode()
    assert [secret in text for text in sent] == [False, True]
