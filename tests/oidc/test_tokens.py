"""Tokens written and read: against the RFCs' own vectors, against joserfc, and against forgers."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OctKey, RSAKey

from certs.keys import Key
from oidc.errors import BadAnswer, UnknownKey
from oidc.tokens import (
    ALGORITHMS,
    check_type,
    left_hash,
    read_jwks,
    read_own_jwks,
    read_unverified,
    sign_jwt,
    verify_jwt,
)
from tests.oidc.cases import ec_key, encoded, key_set, rsa_key, signed_with

CLAIMS = {"sub": "abc", "given_name": "Zoé", "n": 1}
KEYS = [pytest.param(ec_key, id="ES256"), pytest.param(rsa_key, id="RS256")]


# -- the vectors of the RFCs ------------------------------------------------------------------------------------------

RFC_7515_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RFC_7515_TOKEN = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def test_the_token_of_rfc_7515_appendix_a3_is_good() -> None:
    claims = verify_jwt(RFC_7515_TOKEN, key_set(RFC_7515_KEY), {"ES256"})
    assert claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


def test_the_at_hash_is_the_one_of_openid_connect_core_a3() -> None:
    assert left_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_an_algorithm_whose_hash_is_another_is_refused() -> None:
    with pytest.raises(ValueError, match="ES384"):
        left_hash("x", "ES384")


# -- both ways with another implementation ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", KEYS)
def test_what_we_sign_joserfc_reads(make: Any) -> None:
    key: Key = make()
    public = JWKRegistry.import_key(dict(key.public_jwk()))
    token = jwt.decode(sign_jwt(CLAIMS, key), public, algorithms=[key.algorithm])
    assert token.claims == CLAIMS
    assert token.header == {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}


@pytest.mark.parametrize(
    ("algorithm", "private"),
    [
        ("ES256", ECKey.generate_key("P-256", private=True)),
        ("RS256", RSAKey.generate_key(2048)),
        ("PS256", RSAKey.generate_key(2048)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_joserfc_signs_we_read(algorithm: str, private: ECKey | RSAKey) -> None:
    public = {**private.as_dict(private=False), "kid": "k"}
    token = jwt.encode({"alg": algorithm, "kid": "k"}, CLAIMS, private, algorithms=[algorithm])
    assert verify_jwt(token, key_set(public), {algorithm}) == CLAIMS


@pytest.mark.parametrize("make", KEYS)
def test_what_we_sign_we_read(make: Any) -> None:
    key: Key = make()
    assert verify_jwt(sign_jwt(CLAIMS, key), key_set(key.public_jwk()), {key.algorithm}) == CLAIMS


# -- the algorithm is ours to choose ----------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_refused(alg: str) -> None:
    token = f"{encoded({'alg': alg})}.{encoded(CLAIMS)}."
    with pytest.raises(BadAnswer, match="not allowed"):
        verify_jwt(token, key_set(ec_key().public_jwk()), ALGORITHMS | {alg})


def test_a_public_key_is_no_shared_secret() -> None:
    """The old confusion: HS256 with the published key as its secret."""
    jwk = rsa_key().public_jwk()
    secret = RSAKey.import_key(dict(jwk)).as_pem(private=False)
    signing_input = f"{encoded({'alg': 'HS256', 'kid': jwk['kid']})}.{encoded(CLAIMS)}"
    signature = hmac.digest(secret, signing_input.encode(), hashlib.sha256)
    with pytest.raises(BadAnswer, match="not allowed"):
        verify_jwt(f"{signing_input}.{encoded(signature)}", key_set(jwk), {"RS256", "HS256"})


def test_a_shared_secret_in_a_key_set_is_no_key() -> None:
    secret = encoded(b"a secret that everybody can read")
    published: dict[str, str | list[str]] = {"kty": "oct", "k": secret, "kid": "k", "alg": "HS256"}
    token = jwt.encode({"alg": "HS256", "kid": "k"}, CLAIMS, OctKey.import_key(published))
    keys = key_set(published)
    assert keys.keys == ()
    with pytest.raises(BadAnswer):
        verify_jwt(token, keys, {"ES256", "HS256"})


def test_an_algorithm_that_this_provider_does_not_use_is_refused() -> None:
    token = sign_jwt(CLAIMS, rsa_key())
    with pytest.raises(BadAnswer, match="not allowed"):
        verify_jwt(token, key_set(rsa_key().public_jwk()), {"ES256"})


def test_an_algorithm_that_we_do_not_know_is_refused_even_when_allowed() -> None:
    token = signed_with({"alg": "ES512"}, CLAIMS, ec_key())
    with pytest.raises(BadAnswer, match="not allowed"):
        verify_jwt(token, key_set(ec_key().public_jwk()), {"ES512"})


def test_a_key_that_names_its_algorithm_serves_no_other() -> None:
    private = RSAKey.generate_key(2048)
    public = {**private.as_dict(private=False), "alg": "RS256"}
    token = jwt.encode({"alg": "PS256"}, CLAIMS, private, algorithms=["PS256"])
    with pytest.raises(UnknownKey):
        verify_jwt(token, key_set(public), {"PS256", "RS256"})


# -- which key --------------------------------------------------------------------------------------------------------


def test_a_forger_who_names_the_providers_key_is_refused() -> None:
    genuine, forger = ec_key(), ec_key("forger")
    token = signed_with({"alg": "ES256", "kid": genuine.kid}, CLAIMS, forger)
    with pytest.raises(BadAnswer, match="signature"):
        verify_jwt(token, key_set(genuine.public_jwk()), {"ES256"})


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u"])
def test_a_key_that_the_token_brings_along_is_not_looked_at(member: str) -> None:
    forger = ec_key("forger")
    brought = forger.public_jwk() if member == "jwk" else "https://evil.example/keys"
    token = signed_with({"alg": "ES256", member: brought}, CLAIMS, forger)
    with pytest.raises(BadAnswer, match="signature"):
        verify_jwt(token, key_set(ec_key().public_jwk()), {"ES256"})


def test_the_kid_of_a_key_of_another_kind_is_refused() -> None:
    token = signed_with({"alg": "ES256", "kid": rsa_key().kid}, CLAIMS, ec_key())
    with pytest.raises(UnknownKey):
        verify_jwt(token, key_set(rsa_key().public_jwk(), ec_key().public_jwk()), {"ES256", "RS256"})


def test_an_unknown_kid_asks_for_new_keys() -> None:
    with pytest.raises(UnknownKey):
        verify_jwt(sign_jwt(CLAIMS, ec_key("new")), key_set(ec_key().public_jwk()), {"ES256"})


def test_two_keys_with_one_kid_are_none() -> None:
    twins = [{**ec_key(name).public_jwk(), "kid": "k"} for name in ("ours", "forger")]
    with pytest.raises(UnknownKey):
        verify_jwt(signed_with({"alg": "ES256", "kid": "k"}, CLAIMS, ec_key()), key_set(*twins), {"ES256"})


def test_without_a_kid_the_only_key_that_fits_is_meant() -> None:
    token = signed_with({"alg": "ES256"}, CLAIMS, ec_key())
    assert verify_jwt(token, key_set(rsa_key().public_jwk(), ec_key().public_jwk()), {"ES256"}) == CLAIMS


def test_without_a_kid_two_keys_that_fit_are_too_many() -> None:
    token = signed_with({"alg": "ES256"}, CLAIMS, ec_key())
    with pytest.raises(UnknownKey):
        verify_jwt(token, key_set(ec_key().public_jwk(), ec_key("other").public_jwk()), {"ES256"})


# -- what is signed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "payload", "signature"])
def test_a_part_of_another_token_does_not_pass(part: int) -> None:
    """Both are genuine; between them one part is exchanged."""
    parts, others = sign_jwt(CLAIMS, ec_key()).split("."), sign_jwt({"sub": "other"}, ec_key(), "other").split(".")
    parts[part] = others[part]
    with pytest.raises(BadAnswer, match="signature"):
        verify_jwt(".".join(parts), key_set(ec_key().public_jwk()), {"ES256"})


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 64, b"\0" * 63, b"\0" * 72])
def test_a_signature_of_nothing_is_refused(signature: bytes) -> None:
    token = f"{encoded({'alg': 'ES256'})}.{encoded(CLAIMS)}.{encoded(signature)}"
    with pytest.raises(BadAnswer, match="signature"):
        verify_jwt(token, key_set(ec_key().public_jwk()), {"ES256"})


@pytest.mark.parametrize(
    "header",
    [
        "alg",
        ["alg"],
        {"alg": ["ES256"]},
        {"alg": {}},
        {"alg": None},
        {"alg": "ES256", "kid": ["k"]},
        {"alg": "ES256", "kid": None},
    ],
)
def test_a_malformed_header_is_refused(header: object) -> None:
    with pytest.raises(BadAnswer, match=r"malformed|not a JSON object"):
        verify_jwt(signed_with(header, CLAIMS, ec_key()), key_set(ec_key().public_jwk()), {"ES256"})


@pytest.mark.parametrize("critical", [["kid"], ["b64"], ["exp"], []])
def test_a_critical_extension_is_refused(critical: list[str]) -> None:
    header = {"alg": "ES256", "kid": ec_key().kid, "b64": True, "crit": critical}
    with pytest.raises(BadAnswer, match="critical"):
        verify_jwt(signed_with(header, CLAIMS, ec_key()), key_set(ec_key().public_jwk()), {"ES256"})


@pytest.mark.parametrize("payload", [b"", b"text", [1], "text", b"[" * 9000, b'{"sub":"\\ud800"}', b'{"n":1' + b"0" * 5000])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    with pytest.raises(BadAnswer, match="payload"):
        verify_jwt(signed_with({"alg": "ES256"}, payload, ec_key()), key_set(ec_key().public_jwk()), {"ES256"})


def test_a_token_of_16_kib_is_read_and_a_longer_one_refused() -> None:
    keys = key_set(ec_key().public_jwk())
    assert verify_jwt(sign_jwt({"x": "y" * 12_000}, ec_key()), keys, {"ES256"})
    with pytest.raises(BadAnswer, match="too long"):
        verify_jwt(sign_jwt({"x": "y" * 12_400}, ec_key()), keys, {"ES256"})


@given(st.text() | st.lists(st.binary(max_size=80).map(encoded), min_size=2, max_size=6).map(".".join))
def test_whatever_comes_is_refused(token: str) -> None:
    with pytest.raises(BadAnswer):
        verify_jwt(token, key_set(ec_key().public_jwk()), {"ES256"})


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
NAMES = ["alg", "kid", "crit", "b64", "typ", "jwk", "x5c", "cty"]
HEADERS = st.dictionaries(st.sampled_from(NAMES), JSON | st.just("ES256"))


@given(HEADERS, JSON)
def test_whatever_the_provider_signs_is_read_or_refused(header: object, payload: object) -> None:
    try:
        claims = verify_jwt(signed_with(header, payload, ec_key()), key_set(ec_key().public_jwk()), {"ES256"})
    except BadAnswer:
        return
    assert claims == payload


# -- sets of keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":1}', b"\xff", b"[" * 9000])
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_jwks(document)


def test_a_set_of_64_keys_is_read_and_a_larger_one_refused() -> None:
    entry = ec_key().public_jwk()
    assert len(key_set(*[entry] * 64).keys) == 64
    with pytest.raises(BadAnswer, match="too many"):
        key_set(*[entry] * 65)


def test_a_document_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadAnswer, match="too large"):
        read_jwks(b'{"keys":[]}' + b" " * 262_144)


WEAK = {"kty": "RSA", "n": encoded(b"\xc1" + b"\x01" * 127), "e": "AQAB"}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "key",
        {},
        {"kty": []},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {**ec_key().public_jwk(), "use": "enc"},
        {**ec_key().public_jwk(), "y": ec_key().public_jwk()["x"]},
        {**ec_key().public_jwk(), "x": 5},
        {**ec_key().public_jwk(), "crv": ["P-256"]},
        ECKey.generate_key("P-384", private=False).as_dict(),
        {"kty": "RSA", "n": None, "e": "AQAB"},
        {"kty": "RSA", "n": "", "e": ""},
        WEAK,
    ],
    ids=[
        "nothing",
        "text",
        "empty",
        "kty-list",
        "okp",
        "for-encryption",
        "off-curve",
        "number",
        "crv-list",
        "p384",
        "no-modulus",
        "empty-modulus",
        "weak",
    ],
)
def test_an_entry_that_we_cannot_use_is_passed_over(entry: Any) -> None:
    assert [public.kid for public in key_set(entry, ec_key().public_jwk()).keys] == [ec_key().kid]


def test_a_private_key_that_a_provider_publishes_is_read_as_public() -> None:
    private = ECKey.generate_key("P-256", private=True)
    (public,) = key_set(private.as_dict(private=True)).keys
    assert not public.key.is_private


def test_a_private_key_that_was_published_proves_nobody_not_even_by_its_public_part() -> None:
    exposed, kept = ECKey.generate_key("P-256", private=True), ec_key()
    listed = [exposed.as_dict(private=False), exposed.as_dict(private=True), kept.public_jwk()]
    (public,) = read_own_jwks(json.dumps({"keys": listed}).encode()).keys
    assert public.kid == kept.kid


@pytest.mark.parametrize("keys", [[1], ["d"], [{"d": "x"}], [{"kty": "EC", "d": 1}], [{"kty": "oct", "k": "c2VjcmV0"}]])
def test_own_keys_that_are_none_are_passed_over(keys: list[object]) -> None:
    assert read_own_jwks(json.dumps({"keys": keys}).encode()).keys == ()


@pytest.mark.parametrize("typ", ["JWT", "application/JWT", "at+jwt", "APPLICATION/at+JWT", None])
def test_a_token_of_the_kind_that_is_expected_passes(typ: str | None) -> None:
    check_type({} if typ is None else {"typ": typ}, ("jwt", "at+jwt"))


@pytest.mark.parametrize("typ", ["logout+jwt", "", "jwt ", "application/application/jwt", None, 1, ["jwt"]])
def test_a_token_of_another_kind_is_refused(typ: object) -> None:
    with pytest.raises(BadAnswer, match="of another kind"):
        check_type({"typ": typ}, ("jwt", "at+jwt"))


def test_what_is_read_before_it_is_verified_is_what_stands_there() -> None:
    assert read_unverified(sign_jwt({"sub": "mairie"}, ec_key())) == {"sub": "mairie"}


def test_a_token_that_we_write_is_compact_and_keeps_its_accents() -> None:
    payload = sign_jwt({"name": "Zoé"}, ec_key()).split(".")[1]
    assert payload == encoded(json.dumps({"name": "Zoé"}, ensure_ascii=False, separators=(",", ":")).encode())
