"""What a token is worth: FranceConnect's checktoken, RFC 7662 and RFC 9701, and what a caller who snoops sends instead."""

import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.encryption import encrypt_jwt, recipients_in
from oidc.errors import OAuthError
from oidc.introspection import (
    INACTIVE,
    IntrospectionRequest,
    active_answer,
    introspection_jwt,
    read_introspection,
    standard_answer,
    wants_json,
)
from oidc.messages import Params
from oidc.opening import open_compact
from oidc.token_endpoint import ASSERTION_TYPE, Credentials
from oidc.tokens import sign_jwt, verify_jwt
from oidc.wire import base64url
from tests.oidc.cases import NOW, OURS, changed, ec_key, key_set, rsa_key
from tests.oidc.sealing import opening, opening_key

RIGHT = {"token": "the-token", "client_id": "revenus", "client_secret": "secret"}
BASIC = "Basic " + b64encode(b"revenus:secret").decode()
ASSERTION = sign_jwt({"iss": "revenus", "sub": "revenus"}, ec_key())
SIGNED = {"client_secret": None, "client_assertion": ASSERTION, "client_assertion_type": ASSERTION_TYPE}


def form(**changes: str | None) -> Params:
    return changed(RIGHT, changes)


# -- the question -----------------------------------------------------------------------------------------------------


def test_a_question_in_the_manner_of_franceconnect_is_read() -> None:
    asked = read_introspection(form(), None)
    assert asked == IntrospectionRequest(Credentials("revenus", "client_secret_post", "secret"), "the-token")


@pytest.mark.parametrize(
    ("changes", "authorization", "method"),
    [
        ({"client_id": None, "client_secret": None}, BASIC, "client_secret_basic"),
        ({"client_secret": None}, BASIC, "client_secret_basic"),
        (SIGNED, None, "private_key_jwt"),
        ({**SIGNED, "client_id": None}, None, "private_key_jwt"),
        ({"client_secret": None}, None, "none"),
    ],
)
def test_a_data_provider_says_who_it_is_in_each_way(
    changes: dict[str, str | None], authorization: str | None, method: str
) -> None:
    asked = read_introspection(form(**changes), authorization)
    assert (asked.credentials.client_id, asked.credentials.method) == ("revenus", method)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "anything", ""])
def test_a_hint_changes_nothing(hint: str) -> None:
    assert read_introspection(form(token_type_hint=hint), None).token == "the-token"


def test_neither_token_nor_secret_is_shown_in_a_log() -> None:
    assert not any(secret in repr(read_introspection(form(), None)) for secret in ("the-token", "'secret'"))


OTHER_KIND = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}
IN_ADDRESS, UNKNOWN = "invalid_request: nothing may stand in the address", "invalid_request: only these parameters"
TWICE, NOBODY = "invalid_request: a parameter is sent more than once", "invalid_client: "

ATTACKS = [
    ("check_token_sent", "no token", form(token=None), None, (), "invalid_request: token is missing"),
    ("check_token_sent", "an empty one", form(token=""), None, (), "invalid_request: token is missing"),
    ("check_single", "two tokens", [*form(), ("token", "another")], None, (), TWICE),
    ("check_single", "one token twice", [*form(), ("token", "the-token")], None, (), TWICE),
    ("check_single", "two client_id", [*form(), ("client_id", "points")], None, (), TWICE),
    ("check_single", "an endless token", form(token="t" * 2049), None, (), "invalid_request: a parameter is longer"),
    ("check_nothing_in_address", "the token", form(), None, [("token", "t")], IN_ADDRESS),
    ("check_nothing_in_address", "the token there alone", form(token=None), None, [("token", "t")], IN_ADDRESS),
    ("check_nothing_in_address", "a secret", form(), None, [("client_secret", "s")], IN_ADDRESS),
    ("check_nothing_in_address", "anything", form(), None, [("x", "")], IN_ADDRESS),
    ("check_only_known", "a scope", form(scope="openid"), None, (), UNKNOWN),
    ("check_only_known", "an empty one", form(scope=""), None, (), UNKNOWN),
    ("check_only_known", "a resource", form(resource="https://points.example/"), None, (), UNKNOWN),
    ("check_only_known", "two resources", [*form(), *[("resource", "a")] * 2], None, (), UNKNOWN),
    ("check_only_known", "another spelling", form(Token="t"), None, (), UNKNOWN),
    ("check_only_known", "an access_token", form(access_token="t"), None, (), UNKNOWN),
    ("check_only_known", "an array of tokens", [*form(token=None), ("token[]", "t")], None, (), UNKNOWN),
    ("check_one_way", "two ways at once", form(), BASIC, (), "invalid_request: the client authenticates in two ways"),
    (
        "check_same_client",
        "two clients",
        form(client_id="points", client_secret=None),
        BASIC,
        (),
        "invalid_request: client_id",
    ),
    ("_credentials", "nobody", form(client_id=None, client_secret=None), None, (), NOBODY),
    ("_basic", "the token as a bearer", form(client_secret=None), "Bearer the-token", (), NOBODY),
    ("check_assertion_type", "another kind", form(**SIGNED | OTHER_KIND), None, (), NOBODY),
]


@pytest.mark.parametrize(
    ("params", "authorization", "query", "reason"),
    [pytest.param(*rest, id=f"{rule}: {defect}") for rule, defect, *rest in ATTACKS],
)
def test_a_question_that_breaks_a_rule_is_refused(
    params: Params, authorization: str | None, query: Params, reason: str
) -> None:
    with pytest.raises(OAuthError, match=reason) as caught:
        read_introspection(params, authorization, query)
    assert caught.value.status == (401 if caught.value.error == "invalid_client" else 400)


NAMES = st.sampled_from([*RIGHT, *SIGNED, "token_type_hint", "scope"]) | st.text()


@given(st.lists(st.tuples(NAMES, st.text()), max_size=8), st.none() | st.text() | st.just(BASIC))
def test_whatever_comes_is_read_or_refused(params: list[tuple[str, str]], authorization: str | None) -> None:
    try:
        asked = read_introspection(params, authorization)
    except OAuthError as error:
        assert error.status in (400, 401)  # noqa: PT017
    else:
        assert asked.token


# -- the answer -------------------------------------------------------------------------------------------------------

PIVOT = {"given_name": "Angela", "family_name": "Dubois", "birthdate": "1962-08-24"}


def active(**changes: object) -> dict[str, object]:
    facts = {
        "client_id": "mairie",
        "sub": "a-name-at-revenus",
        "iat": NOW - 5,
        "exp": NOW + 55,
        "jti": "token-1",
        "acr": "eidas2",
        "scope": "revenu_fiscal",
        "claims": PIVOT,
    }
    return active_answer(**{**facts, **changes})  # type: ignore[arg-type]


def parts(token: str) -> list[dict[str, object]]:
    return [json.loads(base64url(part)) for part in token.split(".")[:2]]


def test_what_is_active_has_the_members_of_franceconnect() -> None:
    assert active() == {
        "active": True,
        "aud": "mairie",
        "sub": "a-name-at-revenus",
        "iat": NOW - 5,
        "exp": NOW + 55,
        "jti": "token-1",
        "acr": "eidas2",
        "scope": "revenu_fiscal",
        **PIVOT,
    }


def test_a_token_that_is_bound_says_to_which_key() -> None:
    assert active(jkt="k" * 43) == {**active(), "token_type": "DPoP", "cnf": {"jkt": "k" * 43}}


def test_no_claim_takes_the_place_of_what_we_say_of_a_token() -> None:
    forged = dict.fromkeys(("active", "aud", "sub", "iat", "exp", "jti", "acr", "scope"), "forged")
    assert active(claims=forged) == active(claims={})
    assert active(claims={"cnf": {"jkt": "forged"}, "token_type": "Bearer"}, jkt="k") == active(claims={}, jkt="k")


def test_in_json_the_service_is_the_client_and_the_audience_the_data_provider() -> None:
    said = standard_answer(active(), OURS, "https://fd.example/api")
    added = {"client_id": "mairie", "aud": "https://fd.example/api", "iss": OURS, "token_type": "Bearer"}
    assert said == {**active(), **added}
    assert standard_answer(active(jkt="k" * 43), OURS, "https://fd.example/api")["token_type"] == "DPoP"


RFC_9701 = {
    "active": True,
    "iss": "https://as.example.com/",
    "aud": "https://rs.example.com/resource",
    "iat": 1514797822,
    "exp": 1514797942,
    "client_id": "paiB2goo0a",
    "scope": "read write dolphin",
    "sub": "Z5O3upPC88QrAjx00dis",
    "birthdate": "1982-02-01",
    "given_name": "John",
    "family_name": "Doe",
    "jti": "t1FoCCaZd4Xv4ORJUWVUeTZfsKhW30CQCrWDDjwXy6w",
}


def test_the_jwt_is_that_of_rfc_9701() -> None:
    header, payload = parts(
        introspection_jwt(RFC_9701, "https://as.example.com/", "https://rs.example.com/resource", 1514797892, rsa_key())
    )
    assert header == {"typ": "token-introspection+jwt", "alg": "RS256", "kid": rsa_key().kid}
    assert payload == {
        "iss": "https://as.example.com/",
        "aud": "https://rs.example.com/resource",
        "iat": 1514797892,
        "token_introspection": RFC_9701,
    }


def test_every_member_of_the_example_is_said_in_json() -> None:
    names = {"client_id", "sub", "iat", "exp", "jti", "scope"}
    facts = {name: RFC_9701[name] for name in names}
    claims = {name: RFC_9701[name] for name in ("birthdate", "given_name", "family_name")}
    said = standard_answer(active(**facts, claims=claims), str(RFC_9701["iss"]), str(RFC_9701["aud"]))
    assert {name: said[name] for name in RFC_9701} == RFC_9701


def test_of_what_is_not_active_nothing_is_said() -> None:
    _, payload = parts(introspection_jwt(INACTIVE, OURS, "revenus", NOW, ec_key()))
    assert payload == {"iss": OURS, "aud": "revenus", "iat": NOW, "token_introspection": {"active": False}}


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=lambda key: key.algorithm)
def test_the_answer_is_signed_and_passes_for_no_other_token(key: object) -> None:
    token = introspection_jwt(active(), OURS, "revenus", NOW, key)  # type: ignore[arg-type]
    keys, algorithm = key_set(key.public_jwk()), key.algorithm  # type: ignore[attr-defined]
    claims = verify_jwt(token, keys, {algorithm}, {"token-introspection+jwt"})
    assert claims["token_introspection"] == active()
    assert not {"sub", "exp", "nonce", "acr"} & claims.keys()  # RFC 9701 5: so that it is no ID token either


@pytest.mark.parametrize("wrapping", ["ECDH-ES", "RSA-OAEP-256"])
def test_the_answer_can_be_sealed_for_the_data_provider(wrapping: str) -> None:
    token = introspection_jwt(active(), OURS, "revenus", NOW, ec_key())
    recipient, *_ = recipients_in(opening_key(wrapping).public_jwk())
    sealed = encrypt_jwt(token, recipient, OURS, "revenus")
    assert json.loads(base64url(sealed.partition(".")[0]))["cty"] == "JWT"
    assert open_compact(sealed, opening()).decode() == token


# -- in which form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json, text/plain",
        "text/html,application/json;q=0.1",
        "application/json, */*;q=0.5",
        "application/json, application/token-introspection+jwt;q=0",
        "*/*, application/token-introspection+jwt;q=0.5",
    ],
)
def test_who_asks_for_nothing_but_json_gets_json(accept: str) -> None:
    assert wants_json(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "application/token-introspection+jwt",
        "application/json, application/token-introspection+jwt",
        "application/token-introspection+jwt, application/json",
        "application/json, text/plain, */*",
        "text/plain, application/json, application/*+json, */*",
        "application/json;q=0",
        "application/json;q=0.1, */*",
        "application/json;q=much",
        "application/jwt",
        "application/jsonp",
        "text/html",
        ",;,;q=",
    ],
)
def test_whoever_leaves_the_choice_gets_the_jwt_of_franceconnect(accept: str) -> None:
    assert not wants_json(accept)


@given(st.text())
def test_whatever_is_accepted_there_is_an_answer(accept: str) -> None:
    assert wants_json(accept) in (True, False)
