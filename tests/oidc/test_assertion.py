"""private_key_jwt: each rule, and what an attacker, or a careless client, sends instead."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.keys import Key
from oidc.assertion import Assertion, read_assertion
from oidc.errors import AssertionRefused, UnknownKey
from tests.oidc.cases import NOW, OURS, ec_key, encoded, key_set, rsa_key, signed_with

KEYS = key_set(ec_key().public_jwk(), rsa_key().public_jwk())
ALGORITHMS = frozenset(("ES256", "RS256", "PS256"))
AUDIENCES = {OURS, f"{OURS}/token"}
HEADER = {"alg": "ES256", "kid": ec_key().kid}
CLAIMS = {
    "iss": "mairie",
    "sub": "mairie",
    "aud": OURS,
    "jti": "one",
    "iat": NOW,
    "exp": NOW + 60,
}
GONE = object()


def changed_object(members: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**members, **changes}.items() if value is not GONE}


def read(token: str, **changes: object) -> Assertion:
    given = {"client_id": "mairie", "keys": KEYS, "algorithms": ALGORITHMS, "audiences": AUDIENCES, "now": NOW, **changes}
    return read_assertion(token, **given)  # type: ignore[arg-type]


def assertion(header: Mapping[str, object] | None = None, key: Key | None = None, **claims: object) -> str:
    return signed_with(changed_object(HEADER, header or {}), changed_object(CLAIMS, claims), key or ec_key())


def test_an_assertion_says_whose_it_is_and_how_long_it_must_be_remembered() -> None:
    assert read(assertion()) == Assertion("mairie", "one", NOW + 71)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": f"{OURS}/token"},
        {"aud": [OURS]},
        {"iat": GONE},
        {"nbf": NOW + 10},
        {"iat": NOW + 10},
        {"exp": NOW + 300},
        {"exp": NOW + 310},
        {"exp": NOW - 9},
        {"jti": "j" * 256},
        {"anything": "else"},
    ],
    ids=lambda claims: "-".join(claims),
)
def test_what_the_rules_leave_open_passes(claims: dict[str, object]) -> None:
    assert read(assertion(**claims)).client_id == "mairie"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"])
def test_a_type_that_fits_passes(typ: str) -> None:
    assert read(assertion({"typ": typ})).jti == "one"


def test_an_assertion_by_an_rsa_key_passes() -> None:
    assert read(assertion({"alg": "RS256", "kid": rsa_key().kid}, rsa_key())).jti == "one"


STRANGER = ec_key("a stranger's")
CLAIM_ATTACKS = [
    ("check_issuer_and_subject", "another client as iss", {"iss": "assurance"}, "iss and sub"),
    ("check_issuer_and_subject", "another client as sub", {"sub": "assurance"}, "iss and sub"),
    ("check_issuer_and_subject", "no iss", {"iss": GONE}, "iss and sub"),
    ("check_issuer_and_subject", "no sub", {"sub": GONE}, "iss and sub"),
    ("check_issuer_and_subject", "a list as sub", {"sub": ["mairie"]}, "iss and sub"),
    ("check_issuer_and_subject", "another case", {"iss": "Mairie", "sub": "Mairie"}, "iss and sub"),
    ("check_single_audience", "no aud", {"aud": GONE}, "aud must"),
    ("check_single_audience", "the authorization endpoint", {"aud": f"{OURS}/authorize"}, "aud must"),
    ("check_single_audience", "an endpoint that was not called", {"aud": f"{OURS}/par"}, "aud must"),
    ("check_single_audience", "another server", {"aud": "https://other.example"}, "aud must"),
    ("check_single_audience", "another server beside us", {"aud": [OURS, "https://other.example"]}, "aud must"),
    ("check_single_audience", "both our names", {"aud": [OURS, f"{OURS}/token"]}, "aud must"),
    ("check_single_audience", "an empty list", {"aud": []}, "aud must"),
    ("check_single_audience", "a final slash", {"aud": f"{OURS}/"}, "aud must"),
    ("check_single_audience", "an object", {"aud": {OURS: 1}}, "aud must"),
    ("check_lifetime", "no exp", {"exp": GONE}, "no exp"),
    ("check_lifetime", "expired", {"exp": NOW - 10}, "has expired"),
    ("check_lifetime", "a text as exp", {"exp": str(NOW + 60)}, "no exp"),
    ("check_lifetime", "true as exp", {"exp": True}, "no exp"),
    ("check_lifetime", "an endless exp", {"exp": 1e308}, "no exp"),
    ("check_lifetime", "more than five minutes", {"exp": NOW + 311}, "at most 300 seconds"),
    ("check_already_valid", "signed in the future", {"iat": NOW + 11}, "iat lies"),
    ("check_already_valid", "valid in the future", {"nbf": NOW + 11}, "nbf lies"),
    ("check_already_valid", "a text as iat", {"iat": "now"}, "iat lies"),
    ("check_identified", "no jti", {"jti": GONE}, "jti must"),
    ("check_identified", "an empty jti", {"jti": ""}, "jti must"),
    ("check_identified", "a number as jti", {"jti": 7}, "jti must"),
    ("check_identified", "an endless jti", {"jti": "j" * 257}, "jti must"),
]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [pytest.param(claims, reason, id=f"{rule}: {defect}") for rule, defect, claims, reason in CLAIM_ATTACKS],
)
def test_a_claim_that_breaks_a_rule_is_refused(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(AssertionRefused, match=reason) as caught:
        read(assertion(**claims))
    assert (caught.value.error, caught.value.status) == ("invalid_client", 401)


def unsigned() -> str:
    return f"{encoded({'alg': 'none'})}.{encoded(CLAIMS)}."


def by_public_key_as_secret() -> str:
    return signed_with({"alg": "HS256", "kid": ec_key().kid}, CLAIMS, ec_key())


HEADER_ATTACKS = [
    ("check_algorithm", "none", unsigned(), "not allowed"),
    ("check_algorithm", "None in another case", f"{encoded({'alg': 'nOnE'})}.{encoded(CLAIMS)}.", "not"),
    ("check_algorithm", "a shared secret", by_public_key_as_secret(), "not allowed"),
    ("check_no_critical", "an extension that we do not know", assertion({"crit": ["b64"], "b64": False}), "critical"),
    ("check_type", "a request object", assertion({"typ": "oauth-authz-req+jwt"}), "another kind"),
    ("check_type", "a logout token", assertion({"typ": "logout+jwt"}), "another kind"),
    ("check_type", "an access token", assertion({"typ": "at+jwt"}), "another kind"),
    ("check_type", "a number", assertion({"typ": 1}), "another kind"),
    ("check_signature", "a stranger's key under our kid", assertion(key=STRANGER), "signature"),
    (
        "check_signature",
        "a key in the header (jwk)",
        assertion({"jwk": STRANGER.public_jwk()}, STRANGER),
        "signature",
    ),
    ("check_signature", "an address of keys (jku)", assertion({"jku": "https://evil.example/k"}, STRANGER), "signature"),
    ("check_signature", "an address of a chain (x5u)", assertion({"x5u": "https://evil.example/c"}, STRANGER), "signature"),
    ("check_signature", "a chain in the header (x5c)", assertion({"x5c": ["MIIB"]}, STRANGER), "signature"),
    ("check_header", "a list as kid", assertion({"kid": ["a"]}), "malformed"),
    ("check_length", "an endless token", assertion(padding="p" * 20_000), "too long"),
    ("verify_jwt", "no token at all", "", "not a compact JWS"),
    ("verify_jwt", "two parts", "a.b", "not a compact JWS"),
    ("verify_jwt", "claims that are a list", signed_with(HEADER, [], ec_key()), "not a JSON object"),
]


@pytest.mark.parametrize(
    ("token", "reason"),
    [pytest.param(token, reason, id=f"{rule}: {defect}") for rule, defect, token, reason in HEADER_ATTACKS],
)
def test_a_token_that_breaks_a_rule_is_refused(token: str, reason: str) -> None:
    with pytest.raises(AssertionRefused, match=reason):
        read(token)


@pytest.mark.parametrize("kid", ["another", "../../etc/passwd", "' OR 1=1 --", ""])
def test_a_kid_that_is_not_in_the_set_asks_for_newer_keys_and_for_nothing_else(kid: str) -> None:
    with pytest.raises(UnknownKey):
        read(assertion({"kid": kid}, STRANGER))


def test_an_algorithm_that_the_service_did_not_register_is_refused() -> None:
    with pytest.raises(AssertionRefused, match="not allowed"):
        read(assertion({"alg": "RS256", "kid": rsa_key().kid}, rsa_key()), algorithms={"ES256"})


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(), st.lists))
def test_whatever_a_claim_holds_it_is_read_or_refused(value: object) -> None:
    for name in CLAIMS:
        try:
            read(assertion(**{name: value}))
        except AssertionRefused as refused:
            assert refused.error == "invalid_client"  # noqa: PT017
