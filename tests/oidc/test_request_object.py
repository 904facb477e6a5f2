"""Signed requests (RFC 9101): each rule, and what an attacker, or a careless client, sends instead."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.keys import Key
from oidc.errors import ObjectRefused, UnknownKey
from oidc.request_object import Opened, read_request_object
from tests.oidc.cases import MAIRIE, NOW, OURS, ec_key, encoded, key_set, rsa_key, signed_with

CLIENT = replace(MAIRIE, signing_algorithms=frozenset(("ES256",)))
KEYS = key_set(ec_key().public_jwk(), rsa_key().public_jwk())
HEADER = {"alg": "ES256", "kid": ec_key().kid}
ASKED = {"client_id": "mairie", "redirect_uri": "https://mairie.example/retour", "scope": "openid", "state": "s"}
CLAIMS = {"iss": "mairie", "aud": OURS, **ASKED}
STRANGER = ec_key("a stranger's")
GONE = object()


def changed_object(members: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**members, **changes}.items() if value is not GONE}


def signed(header: Mapping[str, object] | None = None, key: Key | None = None, **claims: object) -> str:
    return signed_with(changed_object(HEADER, header or {}), changed_object(CLAIMS, claims), key or ec_key())


def read(token: str) -> Opened:
    return read_request_object(token, CLIENT, KEYS, OURS, NOW)


def test_what_was_signed_comes_out_as_parameters_without_the_claims_of_the_token() -> None:
    opened = read(signed(exp=NOW + 60, iat=NOW, nbf=NOW, jti="one"))
    assert (dict(opened.params), opened.jti, opened.until) == (ASKED, "one", NOW + 71)


def test_numbers_become_texts_and_the_claims_parameter_json() -> None:
    params = dict(read(signed(max_age=0, claims={"id_token": {"amr": {"essential": True}}})).params)
    assert (params["max_age"], params["claims"]) == ("0", '{"id_token":{"amr":{"essential":true}}}')


@pytest.mark.parametrize(
    ("resource", "values"),
    [("https://a.example", ["https://a.example"]), (["urn:a", "urn:b", "urn:a"], ["urn:a", "urn:b", "urn:a"]), ([], [])],
)
def test_several_resources_are_a_list(resource: object, values: list[str]) -> None:
    params = read(signed(resource=resource, dpop_jkt="k")).params
    assert [value for name, value in params if name == "resource"] == values
    assert ("dpop_jkt", "k") in params


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [OURS, "https://other.example"]},
        {"exp": NOW - 9},
        {"exp": NOW + 3600},
        {"nbf": NOW + 10},
        {"iat": NOW - 3600},
        {"jti": "j" * 256, "exp": NOW + 1},
    ],
    ids=str,
)
def test_what_the_rules_leave_open_passes(claims: dict[str, object]) -> None:
    assert dict(read(signed(**claims)).params) == ASKED


@pytest.mark.parametrize("typ", ["JWT", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"])
def test_a_type_that_fits_passes(typ: str) -> None:
    assert read(signed({"typ": typ})).jti == ""


ATTACKS = [
    ("check_not_encrypted", "an encrypted one", "e.k.i.c.t", "encrypted request objects are not supported"),
    ("check_algorithm", "alg none", f"{encoded({'alg': 'none'})}.{encoded(CLAIMS)}.", "not allowed"),
    ("check_algorithm", "the public key as a secret", signed({"alg": "HS256"}), "not allowed"),
    ("check_algorithm", "one not registered", signed({"alg": "RS256", "kid": rsa_key().kid}, rsa_key()), "not allowed"),
    ("check_signature", "a stranger's key under our kid", signed(key=STRANGER), "signature"),
    ("check_signature", "a key in the header (jwk)", signed({"jwk": STRANGER.public_jwk()}, STRANGER), "signature"),
    ("check_signature", "an address of keys (jku)", signed({"jku": "https://evil.example"}, STRANGER), "signature"),
    ("check_no_critical", "an unknown extension", signed({"crit": ["exp"]}), "critical"),
    ("check_type", "a client assertion", signed({"typ": "client-authentication+jwt"}), "another kind"),
    ("check_type", "an ID token's kind", signed({"typ": "logout+jwt"}), "another kind"),
    ("check_object_issuer", "no iss", signed(iss=GONE), "iss must"),
    ("check_object_issuer", "another client", signed(iss="assurance"), "iss must"),
    ("check_object_client", "another client_id", signed(client_id="assurance"), "client_id must"),
    ("check_object_client", "no client_id", signed(client_id=GONE), "client_id must"),
    ("check_object_client", "a list", signed(client_id=["mairie"]), "client_id must"),
    ("check_object_audience", "no aud", signed(aud=GONE), "aud must"),
    ("check_object_audience", "another server", signed(aud="https://other.example"), "aud must"),
    ("check_object_audience", "an endpoint of ours", signed(aud=f"{OURS}/authorize"), "aud must"),
    ("check_object_audience", "a longer name", signed(aud=f"{OURS}.evil.example"), "aud must"),
    ("check_object_times", "expired", signed(exp=NOW - 10), "has expired"),
    ("check_object_times", "an exp in two hours", signed(exp=NOW + 7200), "has expired"),
    ("check_object_times", "a text as exp", signed(exp="soon"), "are numbers"),
    ("check_object_times", "null as exp", signed(exp=None), "are numbers"),
    ("check_object_times", "signed in the future", signed(iat=NOW + 11), "in the future"),
    ("check_object_times", "valid in the future", signed(nbf=NOW + 11), "in the future"),
    ("check_object_times", "signed long ago", signed(iat=NOW - 3601), "seconds ago"),
    ("check_object_identified", "a number as jti", signed(jti=1, exp=NOW + 9), "jti must"),
    ("check_object_identified", "an empty jti", signed(jti="", exp=NOW + 9), "jti must"),
    ("check_object_identified", "an endless jti", signed(jti="j" * 257, exp=NOW + 9), "jti must"),
    ("check_object_identified", "a jti for ever", signed(jti="one"), "needs an exp"),
    ("check_no_subject", "the client as sub", signed(sub="mairie"), "sub must not"),
    ("check_no_subject", "anybody as sub", signed(sub="angela"), "sub must not"),
    ("check_no_request_inside", "another object inside", signed(request="a.b.c"), "must not stand in"),
    ("check_no_request_inside", "an address inside", signed(request_uri="https://evil.example"), "must not stand in"),
    ("check_parameters", "a list", signed(scope=["openid"]), "neither a text nor a number"),
    ("check_parameters", "an object", signed(state={"a": 1}), "neither a text nor a number"),
    ("check_parameters", "null", signed(prompt=None), "neither a text nor a number"),
    ("check_parameters", "true", signed(prompt=True), "neither a text nor a number"),
    ("check_parameters", "a list of lists", signed(resource=[["urn:a"]]), "neither a text nor a number"),
    ("check_parameters", "a list of numbers", signed(resource=[1]), "neither a text nor a number"),
    ("check_parameters", "a list with null", signed(resource=["urn:a", None]), "neither a text nor a number"),
    ("check_parameters", "an object of resources", signed(resource={"a": 1}), "neither a text nor a number"),
    ("check_parameters", "a list of keys", signed(dpop_jkt=["k"]), "neither a text nor a number"),
    ("check_length", "an endless object", signed(padding="p" * 20_000), "too long"),
    ("verify_jwt", "no token", "request", "not a compact JWS"),
]


@pytest.mark.parametrize(
    ("token", "reason"), [pytest.param(token, reason, id=f"{rule}: {defect}") for rule, defect, token, reason in ATTACKS]
)
def test_an_object_that_breaks_a_rule_is_refused(token: str, reason: str) -> None:
    with pytest.raises(ObjectRefused, match=reason) as caught:
        read(token)
    assert caught.value.error == "invalid_request_object"


def test_an_unknown_kid_asks_for_newer_keys() -> None:
    with pytest.raises(UnknownKey):
        read(signed({"kid": "another"}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.sampled_from(
        ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "client_id", "claims", "max_age", "resource", "other"]
    ),
    JSON,
)
def test_whatever_a_claim_holds_parameters_are_texts_or_the_object_is_refused(name: str, value: object) -> None:
    try:
        opened = read(signed(**{name: value}))
    except ObjectRefused:
        return
    assert all(isinstance(text, str) for _, text in opened.params)
