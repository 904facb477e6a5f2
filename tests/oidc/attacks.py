"""Attacks on the relying side as data: each breaks one rule in one way, and is heard through the reader that a login uses.

What other files spoil one by one (test_client, test_id_token, test_tokens) does not stand here again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from certs.keys import Key
from oidc import client
from oidc.asking import Registration
from oidc.tokens import left_hash, sign_jwt
from tests.oidc.cases import IMPOTS, NOW, PENDING, REGISTRATION, THEIRS, answer, ec_key, encoded, key_set, signed_with
from tests.oidc.sealing import OLD_DIGEST, by_curve, by_rsa, changed_part, opening, opening_key

CLAIMS: Mapping[str, object] = {
    "iss": THEIRS,
    "aud": "passerelle",
    "sub": "abc",
    "exp": NOW + 60,
    "iat": NOW,
    "nonce": PENDING.nonce,
    "acr": "eidas2",
    "at_hash": left_hash("tok", "ES256"),
}
SEALED = replace(REGISTRATION, encrypted=frozenset({"id_token", "userinfo"}), opening=opening())
HEADER = {"alg": "ES256", "kid": ec_key().kid}


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent, which rule it breaks and how, and what the refusal says."""

    rule: str
    defect: str
    act: Callable[[], object]
    refusal: str


# -- the readers ------------------------------------------------------------------------------------------------------


def hear(token: str, registration: Registration = REGISTRATION) -> object:
    """The ID token, as a login reads it."""
    return client.read_id_token(token, key_set(ec_key().public_jwk()), IMPOTS, registration, PENDING, "tok", NOW)


def hear_sealed(token: str) -> object:
    """The ID token of a provider that encrypts."""
    return hear(token, SEALED)


def ask(content: bytes, registration: Registration, kind: str = "application/jwt") -> object:
    """The userinfo, as a login reads it."""
    keys = key_set(ec_key().public_jwk())
    return client.read_userinfo(answer(content, content_type=kind), "abc", keys, IMPOTS, registration)


def come_back(*params: tuple[str, str]) -> object:
    """The answer in the browser."""
    given = dict(params)
    pairs = [("code", "c"), ("state", PENDING.state), ("iss", THEIRS)]
    return client.read_callback([(n, v) for n, v in pairs if n not in given] + list(params), PENDING.state, THEIRS, True)


# -- what is sent -----------------------------------------------------------------------------------------------------


def signed(key: Key | None = None, **changes: object) -> str:
    """An ID token, with changes."""
    return sign_jwt({**CLAIMS, **changes}, key or ec_key())


def raw(payload: str, header: str = "") -> str:
    """A signed token whose header and payload are these very characters."""
    return signed_with((header or json.dumps(HEADER)).encode(), payload.encode(), ec_key())


def inside(**changes: object) -> bytes:
    return signed(**changes).encode()


def spoilt(part: int, octets: bytes) -> Callable[[], object]:
    return lambda: hear_sealed(changed_part(by_rsa(inside()), part, octets))


def sealed_with(by: Callable[..., str], **changes: Any) -> Callable[[], object]:
    return lambda: hear_sealed(by(inside(), **changes))


def holding(content: bytes) -> Callable[[], object]:
    return lambda: hear_sealed(by_curve(content))


def saying(**changes: object) -> Callable[[], object]:
    return lambda: hear(signed(**changes))


def twice(member: str, value: object) -> Callable[[], object]:
    text = json.dumps(CLAIMS)
    return lambda: hear(raw(f"{text[:-1]}, {json.dumps(member)}: {json.dumps(value)}}}"))


def with_header(text: str) -> Callable[[], object]:
    """A JWE whose header is this very text."""
    return lambda: hear_sealed(".".join((encoded(text.encode()), *by_rsa(inside()).split(".")[1:])))


def unsigned() -> bytes:
    return f"{encoded({'alg': 'none'})}.{encoded(dict(CLAIMS))}.".encode()


def without_padding_rule(token: str) -> str:
    """The same octets in another form: the last character has bits that do not count."""
    body, last = token[:-1], token[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return body + alphabet[alphabet.index(last) ^ 1]


ZEROS, ONES = encoded(b"\0" * 32), encoded(b"\1" * 32)
P256: dict[str, object] = {"kty": "EC", "crv": "P-256", "x": ZEROS, "y": ZEROS}
TWO_TOKENS = b'{"access_token":"a","access_token":"b","id_token":"x","token_type":"Bearer"}'
CANNOT, FORM, ALG, ENC = "cannot be opened", "not base64url", "not allowed .alg", "not allowed .enc"

JWE = [
    Attack("check_key_algorithm", "dir: a secret that nobody shares", sealed_with(by_rsa, alg="dir"), ALG),
    Attack("check_key_algorithm", "none", sealed_with(by_rsa, alg="none"), ALG),
    Attack("check_key_algorithm", "RSA1_5, which answers an oracle", sealed_with(by_rsa, alg="RSA1_5"), ALG),
    Attack("check_key_algorithm", "RSA-OAEP with SHA-1", sealed_with(by_rsa, alg="RSA-OAEP", digest=OLD_DIGEST), ALG),
    Attack(
        "check_key_algorithm",
        "a password of two thousand million rounds",
        sealed_with(by_rsa, alg="PBES2-HS256+A128KW", p2c=2**31, p2s="AAAA"),
        ALG,
    ),
    Attack("check_key_algorithm", "a shared key that wraps", sealed_with(by_rsa, alg="A256KW"), ALG),
    Attack("check_key_algorithm", "agreement that wraps", sealed_with(by_curve, alg="ECDH-ES+A256KW"), ALG),
    Attack("check_key_algorithm", "in other letters", sealed_with(by_rsa, alg="rsa-oaep-256"), ALG),
    Attack(
        "check_key_algorithm",
        "one that this entry does not name",
        lambda: hear(by_rsa(inside()), replace(SEALED, opening=opening(algorithms=frozenset({"ECDH-ES"})))),
        ALG,
    ),
    Attack("check_content_algorithm", "CBC with HMAC", sealed_with(by_rsa, enc="A128CBC-HS256"), ENC),
    Attack("check_content_algorithm", "none", sealed_with(by_rsa, enc="none"), ENC),
    Attack(
        "check_content_algorithm", "one that this entry does not name", sealed_with(by_rsa, enc="A128GCM", size=16), ENC
    ),
    Attack("check_not_compressed", "a bomb", sealed_with(by_rsa, zip="DEF"), "compressed"),
    Attack("check_not_compressed", "said to be nothing", sealed_with(by_curve, zip=""), "compressed"),
    Attack("check_no_critical", "of an encrypted token", sealed_with(by_rsa, crit=["exp"], exp=1), "critical"),
    Attack("check_no_critical", "an empty list of an encrypted token", sealed_with(by_rsa, crit=[]), "critical"),
    Attack("check_sizes", "a tag of 32 bits, which can be guessed", spoilt(4, b"\0" * 4), "wrong length"),
    Attack("check_sizes", "no tag", spoilt(4, b""), "wrong length"),
    Attack("check_sizes", "an iv of 64 bits", spoilt(2, b"\0" * 8), "wrong length"),
    Attack("check_sizes", "no iv", spoilt(2, b""), "wrong length"),
    Attack("check_sizes", "a wrapped key where none belongs", sealed_with(by_curve, wrapped=b"k" * 32), "wrong length"),
    Attack("check_ours", "somebody else's kid", sealed_with(by_rsa, kid="stranger"), "not ours"),
    Attack(
        "check_ours",
        "the kid of our key of the other kind",
        lambda: hear_sealed(by_rsa(inside(), kid=opening_key("ECDH-ES").kid)),
        "not ours",
    ),
    Attack("check_ours", "the kid of a key of ours that signs", sealed_with(by_curve, kid=ec_key().kid), "not ours"),
    Attack("check_key_length", "128 bits under the name of 256", sealed_with(by_rsa, size=16), CANNOT),
    Attack("_content_key", "wrapped with SHA-1 under the name of SHA-256", sealed_with(by_rsa, digest=OLD_DIGEST), CANNOT),
    Attack("_content_key", "nothing wrapped", spoilt(1, b""), CANNOT),
    Attack("_ephemeral", "a point beside the curve", sealed_with(by_curve, epk={**P256, "x": ONES, "y": ONES}), CANNOT),
    Attack("_ephemeral", "the point zero", sealed_with(by_curve, epk=P256), CANNOT),
    Attack("_ephemeral", "a point of another curve", sealed_with(by_curve, epk={**P256, "crv": "P-384"}), CANNOT),
    Attack(
        "_ephemeral", "a key of another kind", sealed_with(by_curve, epk={"kty": "OKP", "crv": "X25519", "x": ONES}), CANNOT
    ),
    Attack("_ephemeral", "none", sealed_with(by_curve, epk=None), CANNOT),
    Attack("_ephemeral", "a list", sealed_with(by_curve, epk=["x"]), CANNOT),
    Attack("_ephemeral", "coordinates that are numbers", sealed_with(by_curve, epk={**P256, "x": 1}), CANNOT),
    Attack("_party", "apu that is no text", sealed_with(by_curve, apu=["a"]), CANNOT),
    Attack("_opened", "another content", spoilt(3, b"x" * 40), CANNOT),
    Attack(
        "_opened",
        "a header with a member more",
        lambda: with_header(json.dumps({"alg": "RSA-OAEP-256", "enc": "A256GCM", "x": 1}))(),
        CANNOT,
    ),
    Attack("check_sealed_header", "alg as a list", with_header('{"alg": ["RSA-OAEP-256"], "enc": "A256GCM"}'), "malformed"),
    Attack("check_sealed_header", "no enc", with_header('{"alg": "RSA-OAEP-256"}'), "malformed"),
    Attack("check_sealed_header", "kid as a number", sealed_with(by_rsa, kid=1), "malformed"),
    Attack(
        "check_once",
        "two alg in the header of a JWE",
        with_header('{"alg": "dir", "alg": "RSA-OAEP-256", "enc": "A256GCM"}'),
        "twice",
    ),
    Attack("read_object", "a header of a JWE that is a list", with_header('["alg"]'), "not a JSON object"),
    Attack("base64url", "padding", lambda: hear_sealed(by_rsa(inside()) + "=="), FORM),
    Attack("base64url", "a line break", lambda: hear_sealed(by_rsa(inside()) + "\n"), FORM),
    Attack("base64url", "bits that do not count", lambda: hear_sealed(without_padding_rule(by_rsa(inside()))), FORM),
    Attack("base64url", "letters of another alphabet", lambda: hear_sealed("\u0455" + by_rsa(inside())[1:]), FORM),
    Attack("check_sealed_length", "40 KiB", holding(b"x" * 30_000), "encrypted token is too long"),
    Attack("verify_jwt", "none inside", holding(unsigned()), "alg|compact JWS|algorithm"),
    Attack("verify_jwt", "claims in clear inside", holding(json.dumps(CLAIMS).encode()), "compact JWS"),
    Attack("verify_jwt", "encrypted twice", lambda: hear_sealed(by_curve(by_rsa(inside()).encode())), "compact JWS"),
    Attack("verify_jwt", "octets that are no text inside", holding(b"\xff\xfe"), "not a JWT"),
    Attack(
        "KeySet.find", "a forger's signature inside", lambda: hear_sealed(by_curve(inside(key=ec_key("forger")))), "no key"
    ),
    Attack(
        "check_audience", "sealed for us, meant for another", lambda: hear_sealed(by_curve(inside(aud="other"))), "somebody"
    ),
    Attack("check_nonce", "sealed for us, of another ask", lambda: hear_sealed(by_curve(inside(nonce="n"))), "nonce"),
    Attack("check_times", "sealed for us, expired", lambda: hear_sealed(by_curve(inside(exp=NOW - 30))), "expired"),
    Attack("check_encrypted_as_agreed", "an ID token in clear", lambda: hear_sealed(signed()), "not encrypted"),
    Attack(
        "check_encrypted_as_agreed", "an ID token that need not be", lambda: hear(by_curve(inside())), "does not say so"
    ),
    Attack(
        "check_encrypted_as_agreed",
        "userinfo in clear",
        lambda: ask(b'{"sub":"abc"}', SEALED, "application/json"),
        "not encrypted",
    ),
    Attack("check_encrypted_as_agreed", "userinfo that is only signed", lambda: ask(inside(), SEALED), "not encrypted"),
    Attack(
        "check_encrypted_as_agreed",
        "userinfo that need not be",
        lambda: ask(by_rsa(b'{"sub":"abc"}').encode(), REGISTRATION),
        "does not say so",
    ),
    Attack(
        "check_same_subject",
        "another person sealed for us",
        lambda: ask(by_rsa(b'{"sub":"eve"}').encode(), SEALED),
        "another person",
    ),
    Attack(
        "check_signed_as_agreed",
        "plain userinfo",
        lambda: ask(b'{"sub":"abc"}', replace(REGISTRATION, userinfo_signed=True), "application/json"),
        "not signed",
    ),
    Attack(
        "check_signed_as_agreed",
        "userinfo that is only sealed",
        lambda: ask(by_rsa(b'{"sub":"abc"}').encode(), replace(SEALED, userinfo_signed=True)),
        "not signed",
    ),
    Attack(
        "verify_jwt", "userinfo with none inside", lambda: ask(by_rsa(unsigned()).encode(), SEALED), "alg|compact JWS|algor"
    ),
    Attack(
        "check_audience",
        "another client's ID token as userinfo",
        lambda: ask(inside(aud="other"), REGISTRATION),
        "somebody",
    ),
]

JWS = [
    Attack(
        "check_once",
        "two alg in the header",
        lambda: hear(raw(json.dumps(dict(CLAIMS)), f'{{"alg": "none", "alg": "ES256", "kid": "{ec_key().kid}"}}')),
        "twice",
    ),
    Attack("check_once", "two sub", twice("sub", "eve"), "twice"),
    Attack("check_once", "two aud", twice("aud", "other"), "twice"),
    Attack(
        "check_once",
        "two sub, one spelt with an escape",
        lambda: hear(raw(json.dumps(dict(CLAIMS))[:-1] + ', "\\u0073ub": "eve"}')),
        "twice",
    ),
    Attack(
        "check_once",
        "two sub in userinfo",
        lambda: ask(b'{"sub":"eve","sub":"abc"}', REGISTRATION, "application/json"),
        "twice",
    ),
    Attack("check_once", "two access tokens", lambda: client.read_token_answer(answer(TWO_TOKENS)), "twice"),
    Attack("read_object", "an exp of five thousand digits", lambda: hear(raw('{"exp": ' + "9" * 5000 + "}")), "not JSON"),
    Attack("read_object", "half a surrogate pair in sub", lambda: hear(raw('{"sub": "\\ud800"}')), "not JSON"),
    Attack(
        "check_times",
        "an exp that is infinite",
        lambda: hear(raw(f'{{"iss": "{THEIRS}", "aud": "passerelle", "exp": 1e999}}')),
        "expired",
    ),
    Attack(
        "check_times",
        "an exp that is no number (NaN)",
        lambda: hear(raw(f'{{"iss": "{THEIRS}", "aud": "passerelle", "exp": NaN}}')),
        "expired",
    ),
    Attack("check_times", "an exp that is true", saying(exp=True), "expired"),
    Attack("check_token_issuer", "a letter of another alphabet", saying(iss=THEIRS.replace("o", "\u043e", 1)), "issuer"),
    Attack("check_token_issuer", "its host in capitals", saying(iss=THEIRS.replace("impots", "IMPOTS")), "issuer"),
    Attack("check_token_issuer", "a list with the right one", saying(iss=[THEIRS]), "issuer"),
    Attack("check_audience", "our name and a zero octet", saying(aud="passerelle\0"), "somebody else"),
    Attack("check_audience", "our name inside a list inside a list", saying(aud=[["passerelle"]]), "somebody else"),
    Attack("check_audience", "our name as a member", saying(aud={"passerelle": 1}), "somebody else"),
    Attack("check_authorized_party", "a list with our name", saying(azp=["passerelle"]), "azp"),
    Attack("check_authorized_party", "nobody", saying(azp=None), "azp"),
    Attack("check_nonce", "a list with the right one", saying(nonce=[PENDING.nonce]), "nonce"),
    Attack("check_nonce", "the right one and a mark that nobody sees", saying(nonce=PENDING.nonce + "\u200b"), "nonce"),
    Attack("check_nonce", "the state in its place", saying(nonce=PENDING.state), "nonce"),
    Attack("check_at_hash", "the hash of another token", saying(at_hash=left_hash("other", "ES256")), "at_hash"),
    Attack("check_at_hash", "null", saying(at_hash=None), "at_hash"),
    Attack("check_at_hash", "an empty text", saying(at_hash=""), "at_hash"),
    Attack("check_at_hash", "a list with the right one", saying(at_hash=[left_hash("tok", "ES256")]), "at_hash"),
    Attack("check_acr", "a level in letters of full width", saying(acr="\uff45idas2"), "acr"),
    Attack("check_subject", "a zero-width mark", saying(sub="abc\u200b"), "sub"),
    Attack(
        "check_nonce",
        "a logout token in the place of an ID token",
        lambda: hear(sign_jwt({**{n: v for n, v in CLAIMS.items() if n != "nonce"}, "events": {}}, ec_key())),
        "nonce",
    ),
]

BROWSER = [
    Attack("check_callback_issuer", "its host in capitals", lambda: come_back(("iss", THEIRS.upper())), "another issuer"),
    Attack("check_callback_issuer", "escaped", lambda: come_back(("iss", THEIRS.replace(":", "%3A"))), "another issuer"),
    Attack(
        "check_callback_issuer",
        "a letter of another alphabet",
        lambda: come_back(("iss", THEIRS.replace("o", "\u043e"))),
        "another",
    ),
    Attack(
        "check_callback_issuer",
        "an error of another provider",
        lambda: come_back(("iss", "https://evil.example"), ("error", "access_denied")),
        "another issuer",
    ),
    Attack("check_callback_state", "the nonce in its place", lambda: come_back(("state", PENDING.nonce)), "another state"),
    Attack(
        "check_callback_state",
        "the right one and a mark that nobody sees",
        lambda: come_back(("state", PENDING.state + "\u200b")),
        "another state",
    ),
    Attack(
        "check_callback_single",
        "two iss, the right one last",
        lambda: come_back(("iss", "https://evil.example"), ("iss", THEIRS)),
        "twice",
    ),
]

ATTACKS = [*JWE, *JWS, *BROWSER]
