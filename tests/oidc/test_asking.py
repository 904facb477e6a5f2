"""Asking a provider: what the browser takes along, and the requests that we send ourselves."""

import json
from base64 import b64decode, urlsafe_b64decode
from dataclasses import replace
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from oidc.asking import (
    Registration,
    authorization_url,
    end_session_url,
    pushed_request,
    pushed_url,
    token_request,
    userinfo_request,
)
from oidc.client import TokenAnswer, read_pushed
from oidc.errors import BadAnswer
from oidc.messages import HttpRequest
from tests.oidc.cases import CHALLENGE, IMPOTS, MOMENT, NOW, OURS, PENDING, REGISTRATION, THEIRS, VERIFIER, answer, ec_key


def test_the_browser_takes_along_all_that_a_provider_needs() -> None:
    url = authorization_url(IMPOTS, REGISTRATION, PENDING, "openid profile", "login")
    assert url.startswith(f"{THEIRS}/authorize?")
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "response_type": "code",
        "client_id": "passerelle",
        "redirect_uri": f"{OURS}/oidc-callback/impots",
        "scope": "openid profile",
        "state": PENDING.state,
        "nonce": PENDING.nonce,
        "acr_values": "eidas2",
        "prompt": "login",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def test_the_verifier_does_not_travel_with_the_browser() -> None:
    assert VERIFIER not in authorization_url(IMPOTS, REGISTRATION, PENDING, "openid", "login")


def test_the_secret_goes_form_urlencoded_into_the_header() -> None:
    request = token_request(IMPOTS, REGISTRATION, PENDING, "the-code", MOMENT)
    joined = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert [unquote_plus(part) for part in joined.split(":")] == ["passerelle", "a secret: with + % and /"]
    assert "client_secret" not in request.body.decode()


def test_the_secret_goes_into_the_body_where_the_provider_wants_it() -> None:
    registration = replace(REGISTRATION, authentication="client_secret_post")
    request = token_request(IMPOTS, registration, PENDING, "the-code", MOMENT)
    form = dict(parse_qsl(request.body.decode()))
    assert (form["client_id"], form["client_secret"]) == ("passerelle", "a secret: with + % and /")
    assert "Authorization" not in request.headers


def test_the_code_is_changed_with_the_verifier() -> None:
    request = token_request(IMPOTS, REGISTRATION, PENDING, "the-code", MOMENT)
    assert (request.method, request.url) == ("POST", IMPOTS.token_endpoint)
    assert dict(parse_qsl(request.body.decode())) == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": f"{OURS}/oidc-callback/impots",
        "code_verifier": VERIFIER,
    }


def test_the_access_token_goes_into_the_header() -> None:
    request = userinfo_request(IMPOTS, "tok")
    assert (request.method, request.url) == ("GET", IMPOTS.userinfo_endpoint)
    assert request.headers["Authorization"] == "Bearer tok"


def test_the_citizen_is_sent_to_log_out_with_the_providers_own_token() -> None:
    query = urlsplit(end_session_url(IMPOTS, "hint", f"{OURS}/client/logout-callback", "s")).query
    expected = {"id_token_hint": "hint", "post_logout_redirect_uri": f"{OURS}/client/logout-callback", "state": "s"}
    assert dict(parse_qsl(query)) == expected


def test_a_provider_without_logout_has_no_address_for_it() -> None:
    with pytest.raises(ValueError, match="end_session_endpoint"):
        end_session_url(replace(IMPOTS, end_session_endpoint=None), "hint", "https://a.example/", "s")


def test_secrets_are_never_shown_in_a_log() -> None:
    shown = repr((REGISTRATION, PENDING, TokenAnswer("access", "identity")))
    assert not any(secret in shown for secret in ("a secret", VERIFIER, "access'", "identity'"))


# -- by a key of ours -------------------------------------------------------------------------------------------------

BY_KEY = replace(REGISTRATION, authentication="private_key_jwt", client_secret="", signer=ec_key())


def form_of(registration: Registration) -> dict[str, str]:
    return dict(parse_qsl(token_request(IMPOTS, registration, PENDING, "the-code", MOMENT).body.decode()))


def asserted(registration: Registration) -> dict[str, object]:
    """The claims of the assertion, read by joserfc alone."""
    return dict(jwt.decode(form_of(registration)["client_assertion"], ECKey.import_key(ec_key().public_jwk())).claims)


def test_a_key_says_who_we_are_for_a_minute_and_once() -> None:
    assert asserted(BY_KEY) == {
        "iss": "passerelle",
        "sub": "passerelle",
        "aud": IMPOTS.token_endpoint,
        "jti": MOMENT.jti,
        "iat": NOW,
        "exp": NOW + 60,
    }


def test_the_assertion_travels_as_rfc_7523_says_and_no_secret_beside_it() -> None:
    form = form_of(BY_KEY)
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form.keys() & {"client_id", "client_secret"} == set()
    assert "Authorization" not in token_request(IMPOTS, BY_KEY, PENDING, "the-code", MOMENT).headers


def test_the_audience_is_the_issuer_where_the_provider_wants_to_read_it() -> None:
    assert asserted(replace(BY_KEY, assertion_audience="issuer"))["aud"] == THEIRS


def test_the_header_names_our_key() -> None:
    header = json.loads(urlsafe_b64decode(form_of(BY_KEY)["client_assertion"].partition(".")[0] + "=="))
    assert header == {"alg": "ES256", "kid": ec_key().kid, "typ": "JWT"}


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(LookupError, match="no key"):
        form_of(replace(BY_KEY, signer=None))


# -- asking beforehand ------------------------------------------------------------------------------------------------

PAR = f"{THEIRS}/par"


def pushed(registration: Registration = REGISTRATION) -> HttpRequest:
    return pushed_request(PAR, IMPOTS, registration, PENDING, "openid profile", "login", MOMENT)


def test_what_is_handed_over_is_what_the_browser_would_have_taken() -> None:
    query = urlsplit(authorization_url(IMPOTS, REGISTRATION, PENDING, "openid profile", "login")).query
    assert (pushed().method, pushed().url) == ("POST", PAR)
    assert parse_qsl(pushed().body.decode()) == parse_qsl(query)
    assert pushed().headers["Authorization"].startswith("Basic ")


def test_the_browser_takes_along_a_name_alone() -> None:
    url = pushed_url(IMPOTS, REGISTRATION, "urn:ietf:params:oauth:request_uri:abc")
    asked = {"client_id": "passerelle", "request_uri": "urn:ietf:params:oauth:request_uri:abc"}
    assert dict(parse_qsl(urlsplit(url).query)) == asked


@pytest.mark.parametrize("wanted", ["token_endpoint", "issuer"])
def test_an_assertion_that_is_handed_over_is_meant_for_the_issuer_alone(wanted: str) -> None:
    liar = replace(IMPOTS, token_endpoint="https://victim.example/token")
    registration = replace(BY_KEY, assertion_audience=wanted)
    request = pushed_request(PAR, liar, registration, PENDING, "openid", "login", MOMENT)
    assertion = dict(parse_qsl(request.body.decode()))["client_assertion"]
    assert jwt.decode(assertion, ECKey.import_key(ec_key().public_jwk())).claims["aud"] == THEIRS


@pytest.mark.parametrize("status", [200, 201])
def test_the_name_of_the_request_is_in_the_answer(status: int) -> None:
    assert read_pushed(answer({"request_uri": "urn:x", "expires_in": 60}, status)) == "urn:x"


@pytest.mark.parametrize("name", [None, "", 1, ["urn:x"], "urn:x\r\n", "urn:é", "u" * 513, "urn: x"])
def test_a_name_that_is_none_is_refused(name: object) -> None:
    with pytest.raises(BadAnswer, match="no request_uri"):
        read_pushed(answer({"request_uri": name}, 201))


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429])
def test_a_request_that_was_not_taken_is_told(status: int) -> None:
    with pytest.raises(BadAnswer, match=f"answered with {status}: invalid_request"):
        read_pushed(answer({"error": "invalid_request", "request_uri": "urn:x"}, status))
