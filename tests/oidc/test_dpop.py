"""Proofs of possession: the RFC's own examples, each rule, and what a thief of a token sends instead."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.dpop import BEARER, SCHEME, THUMBPRINT, Proof, one_proof, read_proof, read_use, token_hash
from oidc.errors import OAuthError, ProofRefused
from oidc.tokens import public_key_in, sign_jwt
from oidc.wire import base64url
from tests.oidc.attacks import without_padding_rule
from tests.oidc.cases import NOW, OURS, ec_key, encoded, signed_with
from tests.oidc.proofs import (
    CLAIMS,
    GONE,
    RIGHT_HASH,
    TOKEN,
    URL,
    holder,
    large_key,
    proof,
    public,
    read,
    rsa_numbers,
    shown,
)

# -- the examples of the standards ------------------------------------------------------------------------------------

RFC_HEADER = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQy"
    "VVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
)
RFC_TOKEN_PROOF = (
    f"{RFC_HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuI"
    "iwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)
RFC_REFRESH_PROOF = (
    f"{RFC_HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuI"
    "iwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA"
)
RFC_RESOURCE_PROOF = (
    f"{RFC_HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90Z"
    "WN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9."
    "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
RFC_KEY = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
RFC_ACCESS_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_TOKEN_URL, RFC_RESOURCE = "https://server.example.com/token", "https://resource.example.org/protectedresource"
RFC_7638_KEY = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
    "n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}


@pytest.mark.parametrize(
    ("example", "made"), [(RFC_TOKEN_PROOF, 1562262616), (RFC_REFRESH_PROOF, 1562265296)], ids=["figure 5", "figure 7"]
)
def test_the_token_requests_of_rfc_9449_are_proven(example: str, made: int) -> None:
    proven = read_proof(example, method="POST", url=RFC_TOKEN_URL, now=made)
    assert proven == Proof(RFC_KEY, "-BwC3ESc6acc2lTc", made + 61)


def test_the_resource_request_of_rfc_9449_is_proven() -> None:
    proven = read_proof(
        RFC_RESOURCE_PROOF,
        method="GET",
        url=RFC_RESOURCE,
        now=1562262618,
        access_token=RFC_ACCESS_TOKEN,
        key=RFC_KEY,
    )
    assert proven.jti == "e1j3V_bKic8-LAEB"


def test_the_hash_of_the_access_token_is_the_one_of_rfc_9449() -> None:
    assert token_hash(RFC_ACCESS_TOKEN) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_the_thumbprint_is_the_one_of_rfc_7638() -> None:
    key = public_key_in(RFC_7638_KEY)
    assert key
    assert key.key.thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


# -- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [holder(), large_key(), large_key("PS256")], ids=lambda key: key.algorithm)
def test_a_proof_says_whose_key_made_it(key: object) -> None:
    assert read(proof(key=key)) == Proof(key.kid, "proof-1", NOW + 61)  # type: ignore[arg-type, attr-defined]


def test_the_largest_key_that_counts_fits() -> None:
    largest = large_key(bits=4096, exponent=65537)
    assert read(proof(key=largest, jti="j" * 256, htu=URL + "?" + "q" * 1900)).thumbprint == largest.kid


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"iat": NOW - 60}),
        ({}, {"iat": NOW + 5}),
        ({}, {"iat": NOW + 0.5}),
        ({}, {"exp": NOW + 1, "nbf": NOW - 1}),
        ({}, {"nonce": "of somebody else", "ath": "of a token that does not come here", "other": [1]}),
        ({"kid": "any"}, {}),
        ({"typ": "application/dpop+jwt"}, {}),
        ({"typ": "DPoP+JWT"}, {}),
        ({"jwk": public(holder(), kid="any", use="sig", alg="ES256", x5u="https://evil.example")}, {}),
    ],
    ids=[
        "the oldest",
        "the youngest",
        "part of a second",
        "its own times",
        "claims of others",
        "a kid",
        "a long type",
        "a type in other letters",
        "a key with more members",
    ],
)
def test_what_the_rules_leave_open_passes(header: dict[str, object], claims: dict[str, object]) -> None:
    assert read(proof(header, **claims)).thumbprint == holder().kid


@pytest.mark.parametrize("made", [NOW - 60, NOW - 59.5, NOW, NOW + 5])
def test_a_proof_is_remembered_for_longer_than_it_counts(made: float) -> None:
    expires = read(proof(iat=made)).expires
    with pytest.raises(ProofRefused, match="iat"):
        read(proof(iat=made), now=expires)


def test_a_proof_beside_a_token_is_of_its_holder_and_made_for_it() -> None:
    assert shown(proof(ath=RIGHT_HASH)).thumbprint == holder().kid


# -- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://PASSERELLE.example/api/v2/token",
        "https://passerelle.example:443/api/v2/token",
        "https://passerelle.example:/api/v2/token",
        f"{URL}?grant_type=authorization_code",
        f"{URL}#end",
        "https://passerelle.example/api/%76%32/token",
        "https://passerelle.example/api/./v2/other/../token",
    ],
)
def test_one_address_may_be_written_in_several_ways(htu: str) -> None:
    assert read(proof(htu=htu)).jti == "proof-1"


# -- attacks ----------------------------------------------------------------------------------------------------------

THIEF = ec_key("thief")
UNSIGNED = f"{encoded({'typ': 'dpop+jwt', 'alg': 'none', 'jwk': public(holder())})}.{encoded(dict(CLAIMS))}."
TWO_ALGORITHMS = b'{"typ":"dpop+jwt","alg":"ES256","alg":"none"}'
TWO_METHODS = json.dumps(dict(CLAIMS)).replace("}", ', "htm": "GET"}').encode()
RIGHT_HEADER = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(holder())}
X = str(public(holder())["x"])
ZEROS, ONES = encoded(b"\0" * 32), encoded(b"\1" * 32)
LONG_X = encoded(b"\0" + b"\1" * 32)
NOT_ITS, NO_KEY, PRIVATE, ADDRESS = "not a key for its alg", "must be a public key", "holds a private key", "htu is not"


def by(jwk: object, **header: object) -> str:
    return proof({"jwk": jwk, **header})


def at(htu: object) -> str:
    return proof(htu=htu)


def with_octets(name: str, octets: bytes) -> str:
    """The right key with one number in another form; the signature stays right."""
    return by(public(holder(), **{name: encoded(octets)}))


def padded(name: str) -> bytes:
    return b"\0" + base64url(str(public(holder())[name]))


ATTACKS = [
    ("check_proof_length", "an endless one", proof(padding="p" * 9000), "too long"),
    ("verify_by", "nothing", "", "not a compact JWS"),
    ("verify_by", "a word", "proof", "not a compact JWS"),
    ("verify_by", "a token that is encrypted", "e.k.i.c.t", "not a compact JWS"),
    ("verify_by", "octets that are no ASCII", "é" + proof(), "not"),
    ("verify_by", "a payload that is a list", signed_with(RIGHT_HEADER, ["jti"], holder()), "not a JSON object"),
    ("check_once", "two alg in the header", signed_with(TWO_ALGORITHMS, dict(CLAIMS), holder()), "twice"),
    ("check_once", "two htm", signed_with(RIGHT_HEADER, TWO_METHODS, holder()), "twice"),
    ("check_type", "no type", proof({"typ": GONE}), "another kind"),
    ("check_type", "any token", proof({"typ": "JWT"}), "another kind"),
    ("check_type", "a client assertion", proof({"typ": "client-authentication+jwt"}), "another kind"),
    ("check_type", "an access token", proof({"typ": "at+jwt"}), "another kind"),
    ("check_type", "a list", proof({"typ": ["dpop+jwt"]}), "another kind"),
    ("check_algorithm", "none", UNSIGNED, "not allowed"),
    ("check_algorithm", "the public key as a secret", proof({"alg": "HS256"}), "not allowed"),
    ("check_algorithm", "one of another curve", proof({"alg": "ES384"}), "not allowed"),
    ("check_algorithm", "one of octet pairs", proof({"alg": "EdDSA"}), "not allowed"),
    ("check_algorithm", "RSA with SHA-1", proof({"alg": "RS1"}), "not allowed|algorithm"),
    ("check_algorithm", "in other letters", proof({"alg": "es256"}), "not allowed"),
    ("check_header", "a list as alg", proof({"alg": ["ES256"]}), "malformed|compact JWS"),
    ("check_no_critical", "an unknown extension", proof({"crit": ["exp"]}), "critical"),
    ("check_no_critical", "a payload that is not encoded", proof({"crit": ["b64"], "b64": False}), "critical"),
    ("_key_of", "no key", proof({"jwk": GONE}), NO_KEY),
    ("_key_of", "null", by(None), NO_KEY),
    ("_key_of", "a list of keys", by([public(holder())]), NO_KEY),
    ("_key_of", "an address of keys alone", proof({"jwk": GONE, "jku": "https://evil.example"}), NO_KEY),
    ("_key_of", "a name of a key alone", proof({"jwk": GONE, "kid": ec_key().kid}), NO_KEY),
    ("_key_of", "a certificate alone", proof({"jwk": GONE, "x5c": ["AAAA"]}), NO_KEY),
    ("_key_of", "a shared secret without its octets", by({"kty": "oct"}), NO_KEY),
    ("_key_of", "an octet pair", by({"kty": "OKP", "crv": "Ed25519", "x": ONES}), NO_KEY),
    ("_key_of", "another curve", by(public(holder(), crv="P-384")), NO_KEY),
    ("_key_of", "the curve of a currency", by(public(holder(), crv="secp256k1")), NO_KEY),
    ("_key_of", "a point beside the curve", by(public(holder(), x=ONES, y=ONES)), NO_KEY),
    ("_key_of", "the point zero", by(public(holder(), x=ZEROS, y=ZEROS)), NO_KEY),
    ("_key_of", "a number as a coordinate", by(public(holder(), x=1)), NO_KEY),
    ("_key_of", "half a point", by(public(holder(), y=GONE)), NO_KEY),
    ("_key_of", "RSA of 1024 bits", by(rsa_numbers(1024), alg="RS256"), NO_KEY),
    ("_key_of", "RSA of an even exponent", by(rsa_numbers(2048, 65536), alg="RS256"), NO_KEY),
    ("_key_of", "RSA of the exponent one", by(rsa_numbers(2048, 1), alg="RS256"), NO_KEY),
    ("_key_of", "a key to encrypt for", by(public(holder(), use="enc")), NO_KEY),
    ("check_key_public", "the private part as well", by(public(holder(), d=ONES)), PRIVATE),
    ("check_key_public", "an empty private part", by(public(holder(), d="")), PRIVATE),
    ("check_key_public", "a shared secret", by({"kty": "oct", "k": ONES}), PRIVATE),
    ("check_key_public", "a prime of an RSA key", by({**rsa_numbers(2048), "p": ONES}, alg="RS256"), PRIVATE),
    ("check_key_fits", "an EC key for RSA", by(public(holder()), alg="RS256"), NOT_ITS),
    ("check_key_fits", "an RSA key for ES256", by(public(large_key())), NOT_ITS),
    ("check_key_fits", "a key that names another alg", by(public(holder(), alg="ES384")), NOT_ITS),
    ("check_key_bounded", "RSA of 8192 bits", by(rsa_numbers(8192), alg="RS256"), "at most 4096 bits"),
    ("check_key_bounded", "an exponent of 2048 bits", by(rsa_numbers(3072, 2**2048 + 1), alg="RS256"), "exponent of 32"),
    ("check_key_bounded", "an exponent of 33 bits", by(rsa_numbers(2048, 2**32 + 1), alg="PS256"), "exponent of 32"),
    ("check_key_written", "a zero before x", with_octets("x", padded("x")), "octets than it needs"),
    ("check_key_written", "a zero before y", with_octets("y", padded("y")), "octets than it needs"),
    (
        "check_key_written",
        "a zero before e",
        proof({"jwk": public(large_key(), e=encoded(b"\0\1\0\1"))}, large_key()),
        "octets than it needs",
    ),
    ("_key_of", "padding after x", by(public(holder(), x=f"{public(holder())['x']}=")), NO_KEY),
    ("_key_of", "bits of x that do not count", by(public(holder(), x=without_padding_rule(X))), NO_KEY),
    ("check_signature", "another key's signature", proof({"jwk": public(holder())}, THIEF), "signature"),
    ("check_signature", "the signature of another proof", proof()[:-8] + "AAAAAAAA", "signature"),
    ("check_method", "no method", proof(htm=GONE), "htm"),
    ("check_method", "another method", proof(htm="GET"), "htm"),
    ("check_method", "in other letters", proof(htm="post"), "htm"),
    ("check_method", "a list", proof(htm=["POST"]), "htm"),
    ("check_method", "a method that begins so", proof(htm="POSTING"), "htm"),
    ("check_address", "no address", at(GONE), ADDRESS),
    ("check_address", "a list", at([URL]), ADDRESS),
    ("check_address", "another endpoint of ours", at(f"{OURS}/userinfo"), ADDRESS),
    ("check_address", "a path that goes on", at(f"{URL}/more"), ADDRESS),
    ("check_address", "a path with its slash", at(f"{URL}/"), ADDRESS),
    ("check_address", "a path in capitals", at(URL.replace("token", "TOKEN")), ADDRESS),
    ("check_address", "a slash that is encoded", at(URL.replace("v2/token", "v2%2Ftoken")), ADDRESS),
    ("check_address", "dots that are encoded twice", at(URL.replace("/token", "/x/%252e%252e/token")), ADDRESS),
    ("check_address", "without encryption", at(URL.replace("https", "http")), ADDRESS),
    ("check_address", "another port", at(URL.replace("example/", "example:8443/")), ADDRESS),
    ("check_address", "another host", at("https://evil.example/api/v2/token"), ADDRESS),
    ("check_address", "a host that ends so", at("https://passerelle.example.evil.example/api/v2/token"), ADDRESS),
    ("check_address", "our host as a query", at(f"https://evil.example/?{URL}"), ADDRESS),
    ("normalised", "our host as a user", at("https://passerelle.example@evil.example/api/v2/token"), ADDRESS),
    ("normalised", "a user at our host", at(URL.replace("//", "//user@")), ADDRESS),
    ("normalised", "a path alone", at("/api/v2/token"), ADDRESS),
    ("normalised", "no scheme", at("//passerelle.example/api/v2/token"), ADDRESS),
    ("normalised", "another scheme", at(URL.replace("https", "ftp")), ADDRESS),
    ("normalised", "the port zero", at(URL.replace("example/", "example:0/")), ADDRESS),
    ("normalised", "a port that is none", at(URL.replace("example/", "example:99999/")), ADDRESS),
    ("normalised", "half an address of six", at("https://[2001:db8::1/api"), ADDRESS),
    ("normalised", "a letter of another alphabet", at(URL.replace("a", "\u0430", 1)), ADDRESS),
    ("normalised", "a line break", at(f"{URL}\n"), ADDRESS),
    ("normalised", "a tab inside", at(URL.replace("token", "to\tken")), ADDRESS),
    ("normalised", "nothing", at(""), ADDRESS),
    ("normalised", "an endless one", at(f"{URL}?{'q' * 2048}"), ADDRESS),
    ("check_made_now", "no iat", proof(iat=GONE), "iat"),
    ("check_made_now", "of two minutes ago", proof(iat=NOW - 61), "iat"),
    ("check_made_now", "made in reserve", proof(iat=NOW + 6), "iat"),
    ("check_made_now", "a text", proof(iat=str(NOW)), "iat"),
    ("check_made_now", "true", proof(iat=True), "iat"),
    ("check_made_now", "null", proof(iat=None), "iat"),
    ("check_made_now", "infinite", signed_with(RIGHT_HEADER, b'{"iat": 1e999}', holder()), "htm|iat"),
    ("check_stated_times", "expired", proof(exp=NOW - 5), "expired"),
    ("check_stated_times", "a text as exp", proof(exp="soon"), "expired"),
    ("check_stated_times", "not valid yet", proof(nbf=NOW + 6), "not valid yet"),
    ("check_stated_times", "null as nbf", proof(nbf=None), "not valid yet"),
    ("check_proof_identified", "no jti", proof(jti=GONE), "jti must"),
    ("check_proof_identified", "an empty jti", proof(jti=""), "jti must"),
    ("check_proof_identified", "a number as jti", proof(jti=1), "jti must"),
    ("check_proof_identified", "an endless jti", proof(jti="j" * 257), "jti must"),
    ("read_object", "half a surrogate pair as jti", signed_with(RIGHT_HEADER, b'{"jti": "\\ud800"}', holder()), "not JSON"),
]


@pytest.mark.parametrize(
    ("made", "reason"), [pytest.param(made, reason, id=f"{rule}: {defect}") for rule, defect, made, reason in ATTACKS]
)
def test_a_proof_that_breaks_a_rule_is_refused(made: str, reason: str) -> None:
    with pytest.raises(ProofRefused, match=reason) as caught:
        read(made)
    assert (caught.value.error, caught.value.status) == ("invalid_dpop_proof", 400)
    assert caught.value.description.isascii()


def test_each_attack_stands_there_once() -> None:
    assert len({(rule, defect) for rule, defect, _, _ in ATTACKS}) == len(ATTACKS) >= 100


SHOWN = [
    ("check_token_hash", "no hash of the token", lambda: shown(proof()), "ath"),
    ("check_token_hash", "the hash of another token", lambda: shown(proof(ath=token_hash("another"))), "ath"),
    ("check_token_hash", "a list", lambda: shown(proof(ath=[RIGHT_HASH])), "ath"),
    ("check_token_hash", "the token itself", lambda: shown(proof(ath=TOKEN)), "ath"),
    ("check_token_hash", "another token beside it", lambda: shown(proof(ath=RIGHT_HASH), access_token="another"), "ath"),
    ("check_token_hash", "a token that is no text", lambda: shown(proof(ath=RIGHT_HASH), access_token="\udc80"), "ath"),
    ("check_bound_key", "the thief's key", lambda: shown(proof(key=THIEF, ath=RIGHT_HASH)), "another key"),
    ("check_bound_key", "in other letters", lambda: shown(proof(ath=RIGHT_HASH), key=holder().kid.lower()), "another key"),
    ("check_bound_key", "an empty one", lambda: shown(proof(ath=RIGHT_HASH), key=""), "another key"),
    ("check_method", "of a GET at a POST", lambda: shown(proof(ath=RIGHT_HASH), method="GET"), "htm"),
    ("check_address", "of another resource", lambda: shown(proof(ath=RIGHT_HASH), url=f"{OURS}/userinfo"), "htu"),
    ("check_made_now", "an hour later", lambda: shown(proof(ath=RIGHT_HASH), now=NOW + 3600), "iat"),
]


@pytest.mark.parametrize(
    ("act", "reason"), [pytest.param(act, reason, id=f"{rule}: {defect}") for rule, defect, act, reason in SHOWN]
)
def test_a_stolen_token_opens_nothing_without_its_key(act: Callable[[], Proof], reason: str) -> None:
    with pytest.raises(ProofRefused, match=reason) as caught:
        act()
    assert (caught.value.error, caught.value.status) == ("invalid_dpop_proof", 401)


def test_a_code_is_bound_to_a_key_without_a_token() -> None:
    assert read(proof(), key=holder().kid).thumbprint == holder().kid
    with pytest.raises(ProofRefused, match="another key") as caught:
        read(proof(key=THIEF), key=holder().kid)
    assert caught.value.status == 400


# -- headers ----------------------------------------------------------------------------------------------------------


def test_a_request_has_one_proof_or_none() -> None:
    assert one_proof([]) is None
    assert one_proof(["a.b.c"]) == "a.b.c"


@pytest.mark.parametrize(
    "values", [["a.b.c", "d.e.f"], ["a.b.c", "a.b.c"], ["a.b.c,d.e.f"], ["a.b.c, d.e.f"], [""]], ids=str
)
def test_two_proofs_or_an_empty_one_are_refused(values: list[str]) -> None:
    for status in (400, 401):
        with pytest.raises(ProofRefused, match="one DPoP header") as caught:
            one_proof(values, status)
        assert caught.value.status == status


def use(scheme: str, values: list[str], key: str) -> Proof | None:
    return read_use(scheme, values, access_token=TOKEN, key=key, method="POST", url=URL, now=NOW)


def test_a_bound_token_is_used_with_a_proof() -> None:
    proven = use(SCHEME, [proof(ath=RIGHT_HASH)], holder().kid)
    assert proven == Proof(holder().kid, "proof-1", NOW + 61)


def test_a_token_that_is_not_bound_needs_none() -> None:
    assert use(BEARER, [], "") is None
    assert use(BEARER, ["whatever"], "") is None


@pytest.mark.parametrize(
    ("scheme", "values", "key", "error", "reason"),
    [
        (BEARER, [], holder().kid, "invalid_token", "bound to a key"),
        (BEARER, [proof(ath=RIGHT_HASH)], holder().kid, "invalid_token", "bound to a key"),
        (SCHEME, [proof(ath=RIGHT_HASH)], "", "invalid_token", "not bound"),
        (SCHEME, [], holder().kid, "invalid_dpop_proof", "there is none"),
        (SCHEME, [proof(ath=RIGHT_HASH)] * 2, holder().kid, "invalid_dpop_proof", "one DPoP header"),
        (SCHEME, [proof()], holder().kid, "invalid_dpop_proof", "ath"),
        (SCHEME, [proof(key=THIEF, ath=RIGHT_HASH)], holder().kid, "invalid_dpop_proof", "another key"),
    ],
    ids=[
        "as a bearer token",
        "as a bearer token with a proof",
        "not bound, as DPoP",
        "no proof",
        "two proofs",
        "of no token",
        "the thief's proof",
    ],
)
def test_a_token_is_used_in_its_own_way(scheme: str, values: list[str], key: str, error: str, reason: str) -> None:
    with pytest.raises(OAuthError, match=reason) as caught:
        use(scheme, values, key)
    assert (caught.value.error, caught.value.status) == (error, 401)


@pytest.mark.parametrize("thumbprint", [RFC_KEY, "A" * 43, token_hash("any")])
def test_a_thumbprint_is_known_by_its_form(thumbprint: str) -> None:
    assert THUMBPRINT.fullmatch(thumbprint)


# -- whatever comes ---------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NUMBERS = JSON | st.binary(max_size=600).map(encoded) | st.sampled_from([ONES, ZEROS, LONG_X, "AQAB", "AQ==", "!"])
JWKS = JSON | st.fixed_dictionaries(
    {"kty": st.sampled_from(["EC", "RSA", "oct", "OKP"]) | JSON},
    optional={"crv": st.sampled_from(["P-256", "P-384"]) | JSON, **dict.fromkeys(("x", "y", "n", "e", "use"), NUMBERS)},
)


def read_or_refused(made: str, **expected: str) -> None:
    try:
        proven = read(made, **expected)
    except ProofRefused as refused:
        assert refused.status in (400, 401)  # noqa: PT017
    else:
        assert proven.jti
        assert THUMBPRINT.fullmatch(proven.thumbprint)


@given(st.text() | st.lists(st.binary().map(encoded), min_size=3, max_size=3).map(".".join))
def test_whatever_comes_as_a_proof_is_read_or_refused(made: str) -> None:
    read_or_refused(made, access_token=made)


@given(JWKS, st.sampled_from(["ES256", "RS256", "PS256", "none"]))
def test_whatever_comes_as_a_key_is_read_or_refused(jwk: object, algorithm: str) -> None:
    read_or_refused(by(jwk, alg=algorithm))


@given(st.sampled_from([*CLAIMS, "ath", "exp", "nbf", "nonce"]), JSON | st.text().map(lambda path: f"{OURS}/{path}"))
def test_whatever_a_claim_holds_it_is_read_or_refused(name: str, value: object) -> None:
    read_or_refused(proof(**{name: value}))


def test_a_proof_of_ours_would_not_pass_as_another_token() -> None:
    with pytest.raises(ProofRefused, match="another kind"):
        read(sign_jwt(CLAIMS, holder()))
