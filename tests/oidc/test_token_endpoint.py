"""The token and userinfo requests: who is it, is the code his, and what an attacker sends instead."""

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.dpop import BEARER, SCHEME
from oidc.errors import AssertionRefused, OAuthError
from oidc.messages import Client, Params
from oidc.token_endpoint import (
    ASSERTION_TYPE,
    CodeBinding,
    Credentials,
    TokenRequest,
    challenge_of,
    check_authentication_method,
    check_code_client,
    check_code_key,
    check_code_redirect,
    check_code_verifier,
    check_single,
    code_resource,
    read_access_token,
    read_credentials,
    read_token_request,
)
from oidc.tokens import sign_jwt
from tests.oidc.cases import CHALLENGE, MAIRIE, MOBILE, VERIFIER, changed, ec_key

RIGHT = {
    "grant_type": "authorization_code",
    "code": "the-code",
    "redirect_uri": "https://mairie.example/retour",
    "client_id": "mairie",
    "client_secret": "secret",
}
BINDING = CodeBinding("mairie", "https://mairie.example/retour", CHALLENGE)
REQUEST = TokenRequest("the-code", "https://mairie.example/retour", VERIFIER, "mairie", "secret", "client_secret_post")


def form(**changes: str | None) -> Params:
    return changed(RIGHT, changes)


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


def refusal(params: Params, authorization: str | None = None) -> tuple[str, int]:
    with pytest.raises(OAuthError) as caught:
        read_token_request(params, authorization)
    return caught.value.error, caught.value.status


# -- who is it? -------------------------------------------------------------------------------------------------------


def test_a_secret_in_the_form_is_client_secret_post() -> None:
    assert read_token_request(form(code_verifier=VERIFIER), None) == REQUEST


def test_a_secret_in_the_header_is_client_secret_basic() -> None:
    request = read_token_request(form(client_id=None, client_secret=None), basic("mairie:secret"))
    assert (request.client_id, request.secret, request.method) == ("mairie", "secret", "client_secret_basic")


def test_both_parts_of_the_header_are_form_urlencoded() -> None:
    request = read_token_request(form(client_id=None, client_secret=None), basic("la+mairie%3A1:a%2Bb%20%C3%A9:c"))
    assert (request.client_id, request.secret) == ("la mairie:1", "a+b é:c")


def test_a_client_id_alone_is_no_authentication() -> None:
    request = read_token_request(form(client_secret=None), None)
    assert (request.secret, request.method) == (None, "none")


def test_a_secret_is_never_shown_in_a_log() -> None:
    shown = repr(read_token_request(form(code_verifier=VERIFIER), None))
    assert not any(secret in shown for secret in ("'secret'", "the-code", VERIFIER))


def test_two_ways_at_once_are_refused() -> None:
    assert refusal(form(), basic("mairie:secret")) == ("invalid_request", 400)


def test_header_and_body_may_name_the_same_client() -> None:
    assert read_token_request(form(client_secret=None), basic("mairie:secret")).client_id == "mairie"


def test_header_and_body_must_not_name_two_clients() -> None:
    assert refusal(form(client_secret=None), basic("mobile:secret")) == ("invalid_request", 400)


def test_no_client_at_all_is_refused() -> None:
    assert refusal(form(client_id=None, client_secret=None)) == ("invalid_client", 401)


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !", "Basic \xe9", "Bearer abc", basic("no-colon"), "Basic " + b64encode(b"\xff:x").decode()],
)
def test_a_header_that_is_no_basic_one_is_refused(header: str) -> None:
    assert refusal(form(client_secret=None), header) == ("invalid_client", 401)


def test_a_client_authenticates_in_the_way_it_registered() -> None:
    with pytest.raises(OAuthError, match="you sent client_secret_post, this client is registered for client_secret_basic"):
        check_authentication_method(REQUEST, MAIRIE)


def test_a_client_with_a_secret_cannot_come_without() -> None:
    with pytest.raises(OAuthError) as caught:
        check_authentication_method(replace(REQUEST, method="none", secret=None), MAIRIE)
    assert (caught.value.error, caught.value.status) == ("invalid_client", 401)


def test_a_public_client_comes_without_a_secret() -> None:
    check_authentication_method(replace(REQUEST, method="none"), MOBILE)
    assert MOBILE.public


def test_a_client_that_may_also_come_without_a_secret_counts_as_public() -> None:
    assert replace(MAIRIE, authentication=frozenset({"client_secret_basic", "none"})).public


# -- by a signed assertion --------------------------------------------------------------------------------------------

ASSERTION = sign_jwt({"iss": "mairie", "sub": "mairie"}, ec_key())
SIGNED = {"client_secret": None, "client_assertion": ASSERTION, "client_assertion_type": ASSERTION_TYPE}


@pytest.mark.parametrize("client_id", ["mairie", None])
def test_an_assertion_says_itself_whose_it_is(client_id: str | None) -> None:
    request = read_token_request(form(**SIGNED, client_id=client_id), None)
    assert (request.client_id, request.method, request.secret) == ("mairie", "private_key_jwt", None)
    assert request.assertion == ASSERTION


def test_an_assertion_is_never_shown_in_a_log() -> None:
    assert ASSERTION not in repr(read_token_request(form(**SIGNED), None))
    assert ASSERTION not in repr(read_credentials(form(**SIGNED), None))


def test_credentials_are_read_without_a_code() -> None:
    assert read_credentials([("client_id", "mobile")], None) == Credentials("mobile", "none")


@pytest.mark.parametrize(
    ("changes", "authorization"),
    [
        ({"client_secret": "secret"}, None),
        ({}, basic("mairie:secret")),
        ({"client_assertion": None}, basic("mairie:secret")),
    ],
    ids=["a secret as well", "a header as well", "a header, and the type alone"],
)
def test_an_assertion_and_another_way_at_once_are_refused(changes: dict[str, str], authorization: str | None) -> None:
    assert refusal(form(**{**SIGNED, **changes}), authorization) == ("invalid_request", 400)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion": None},
        {"client_assertion": "a.b.c"},
        {"client_assertion": sign_jwt({"iss": "mairie"}, ec_key())},
        {"client_assertion": sign_jwt({"sub": ["mairie"]}, ec_key())},
    ],
    ids=["no type", "another type", "a type alone", "no token", "no sub", "a list as sub"],
)
def test_an_assertion_that_names_nobody_is_refused(changes: dict[str, str | None]) -> None:
    assert refusal(form(**{**SIGNED, **changes})) == ("invalid_client", 401)


def test_a_type_of_assertions_that_we_do_not_know_is_named() -> None:
    with pytest.raises(AssertionRefused, match="client_assertion_type must be"):
        read_credentials(form(**{**SIGNED, "client_assertion_type": "saml"}), None)


def test_an_assertion_of_one_client_in_the_name_of_another_is_refused() -> None:
    assert refusal(form(**SIGNED, client_id="mobile")) == ("invalid_request", 400)


def test_a_client_with_a_key_cannot_come_with_its_name_alone() -> None:
    signer = replace(MAIRIE, authentication=frozenset({"private_key_jwt"}))
    for method in ("none", "client_secret_basic", "client_secret_post"):
        with pytest.raises(OAuthError, match="registered for private_key_jwt"):
            check_authentication_method(replace(REQUEST, method=method), signer)


def test_a_signed_parameter_may_be_longer_than_others_but_is_not_endless() -> None:
    check_single([("client_assertion", "a" * 16_384), ("request", "a" * 16_384)])
    with pytest.raises(OAuthError, match="longer than"):
        check_single([("client_assertion", "a" * 16_385)])


# -- the form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["code", "redirect_uri", "grant_type"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_needed_must_be_there(name: str, value: str | None) -> None:
    assert refusal(form(**{name: value})) == ("invalid_request", 400)


@pytest.mark.parametrize("grant_type", ["refresh_token", "client_credentials", "password", "Authorization_code"])
def test_only_codes_are_changed_into_tokens(grant_type: str) -> None:
    assert refusal(form(grant_type=grant_type)) == ("unsupported_grant_type", 400)


@pytest.mark.parametrize("name", [*RIGHT, "anything"])
def test_a_parameter_must_not_stand_twice(name: str) -> None:
    assert refusal([*form(), (name, "x"), ("anything", "x")]) == ("invalid_request", 400)


def test_an_endless_parameter_is_refused() -> None:
    assert refusal(form(code="c" * 2049)) == ("invalid_request", 400)


HEADERS = st.none() | st.text() | st.text().map(basic) | st.binary().map(lambda raw: f"Basic {b64encode(raw).decode()}")


@given(st.lists(st.tuples(st.sampled_from([*RIGHT]) | st.text(), st.text()), max_size=8), HEADERS)
def test_whatever_comes_is_read_or_refused(params: list[tuple[str, str]], header: str | None) -> None:
    try:
        request = read_token_request(params, header)
    except OAuthError as error:
        assert error.status in (400, 401)  # noqa: PT017
    else:
        assert request.code


# -- is the code his? -------------------------------------------------------------------------------------------------


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE


def test_a_code_of_another_client_is_refused() -> None:
    with pytest.raises(OAuthError, match="invalid_grant: code was issued to another client"):
        check_code_client(BINDING, replace(REQUEST, client_id="mobile"))


def test_the_address_is_the_one_of_the_authorization_request() -> None:
    with pytest.raises(OAuthError, match="invalid_grant: redirect_uri"):
        check_code_redirect(BINDING, replace(REQUEST, redirect_uri="https://mairie.example/retour/"))


VERIFIERS = {
    "no verifier": None,
    "another verifier": VERIFIER[:-1] + "K",
    "the challenge as the verifier": CHALLENGE,
    "a padded verifier": VERIFIER + "=",
    "a verifier in other letters": "é",
}


@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS.keys())
def test_a_stolen_code_is_worth_nothing_without_the_verifier(verifier: str | None) -> None:
    with pytest.raises(OAuthError, match="invalid_grant: code_verifier"):
        check_code_verifier(BINDING, replace(REQUEST, code_verifier=verifier))


def test_a_verifier_without_a_challenge_before_it_is_a_downgrade() -> None:
    with pytest.raises(OAuthError, match="invalid_grant: code_verifier came without"):
        check_code_verifier(replace(BINDING, code_challenge=None), REQUEST)


def test_the_right_request_has_its_code() -> None:
    for check in (check_code_client, check_code_redirect, check_code_verifier):
        check(BINDING, REQUEST)
    check_code_verifier(replace(BINDING, code_challenge=None), replace(REQUEST, code_verifier=None))


# -- for which data provider, and by which key ------------------------------------------------------------------------

INCOME, POINTS = "https://fd.example/api", "https://points.example/"
BUYER = replace(MAIRIE, resources=frozenset({INCOME, POINTS}))


def test_a_token_request_may_name_a_resource() -> None:
    assert read_token_request(form(resource=INCOME), None).resources == (INCOME,)
    assert read_token_request([*form(resource=""), ("resource", INCOME), ("resource", INCOME)], None).resources == (INCOME,)
    assert read_token_request(form(), None).resources == ()


def test_a_token_is_for_one_resource() -> None:
    assert refusal([*form(resource=INCOME), ("resource", POINTS)]) == ("invalid_target", 400)


def test_an_endless_resource_is_refused() -> None:
    assert refusal(form(resource="https://fd.example/" + "a" * 2048)) == ("invalid_request", 400)


@pytest.mark.parametrize(
    ("asked", "named", "resource"),
    [((), (), None), ((), (INCOME,), INCOME), ((INCOME, POINTS), (POINTS,), POINTS), ((INCOME,), (), INCOME)],
)
def test_the_resource_of_a_code_is_the_one_that_was_asked(
    asked: tuple[str, ...], named: tuple[str, ...], resource: str | None
) -> None:
    assert code_resource(replace(BINDING, resources=asked), replace(REQUEST, resources=named), BUYER) == resource


@pytest.mark.parametrize(
    ("asked", "named", "client"),
    [((INCOME,), (POINTS,), BUYER), ((INCOME, POINTS), (), BUYER), ((), (INCOME,), MAIRIE), ((INCOME,), (), MAIRIE)],
    ids=["not asked", "none of two", "not registered", "not registered any more"],
)
def test_a_code_gives_no_token_for_another_resource(asked: tuple[str, ...], named: tuple[str, ...], client: Client) -> None:
    with pytest.raises(OAuthError, match="invalid_target"):
        code_resource(replace(BINDING, resources=asked), replace(REQUEST, resources=named), client)


KEY = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"  # RFC 9449 6.1


@pytest.mark.parametrize(
    ("thumbprint", "reason"), [(None, "a key .*send a proof"), ("", "another key"), ("A" * 43, "another key")]
)
def test_a_stolen_code_is_worth_nothing_without_the_key(thumbprint: str | None, reason: str) -> None:
    with pytest.raises(OAuthError, match=f"invalid_grant: code is bound to {reason}"):
        check_code_key(replace(BINDING, jkt=KEY), thumbprint)


def test_a_code_is_changed_with_the_right_key_or_any_where_none_is_bound() -> None:
    check_code_key(replace(BINDING, jkt=KEY), KEY)
    for thumbprint in (None, KEY):
        check_code_key(BINDING, thumbprint)


# -- userinfo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dG9r", "tok", "DPoP", "DPoP ", "DPoPtok"])
def test_without_a_token_nothing_is_opened(header: str | None) -> None:
    with pytest.raises(OAuthError) as caught:
        read_access_token(header, [])
    assert (caught.value.error, caught.value.status) == ("invalid_token", 401)


@pytest.mark.parametrize(
    ("header", "body", "presented"),
    [
        ("Bearer tok", [], (BEARER, "tok")),
        ("bearer tok", [], (BEARER, "tok")),
        ("BEARER  tok ", [], (BEARER, "tok")),
        ("DPoP tok", [], (SCHEME, "tok")),
        ("dpop  tok ", [], (SCHEME, "tok")),
        (None, [("access_token", "tok")], (BEARER, "tok")),
    ],
)
def test_a_token_is_presented_in_two_ways(header: str | None, body: Params, presented: tuple[str, str]) -> None:
    assert read_access_token(header, body) == presented


@pytest.mark.parametrize(
    ("header", "body"),
    [("Bearer a", [("access_token", "a")]), (None, [("access_token", "a"), ("access_token", "b")])],
    ids=["header and body", "twice in the body"],
)
def test_a_token_is_sent_once(header: str | None, body: list[tuple[str, str]]) -> None:
    with pytest.raises(OAuthError) as caught:
        read_access_token(header, body)
    assert (caught.value.error, caught.value.status) == ("invalid_request", 400)
