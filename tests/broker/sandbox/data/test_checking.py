"""How a data provider asks what a token is worth, and which answers it does not believe."""

import json
from base64 import b64decode
from collections.abc import Mapping

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey

from broker.sandbox.calling import Caller, CallFailed, Reply
from broker.sandbox.data.checking import CheckFailed, KeyedChecker, SecretChecker

NOW = 1_790_000_000
ISSUER = "http://fc.localhost:1/api/v2"
RESOURCE = "http://points.localhost:1/api"
KEY, STRANGER = (ECKey.generate_key("P-256", {"kid": "1"}) for _ in range(2))
REGISTRY = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)
ACTIVE = {"active": True, "sub": "x", "scope": "permis_points"}


class Broker(Caller):
    """What a broker would answer, given in advance."""

    def __init__(self, status: int = 200, body: bytes = b"{}", silent: bool = False) -> None:
        super().__init__("fd.localhost")
        self.status, self.body, self.silent = status, body, silent
        self.form: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.key = KEY

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        found = {"introspection_endpoint": f"{ISSUER}/checktoken", "jwks_uri": f"{ISSUER}/jwks"}
        shown = {"keys": [self.key.as_dict(private=False)]} if url.endswith("/jwks") else found
        return Reply(200, "application/json", json.dumps(shown).encode())

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        if self.silent:
            raise CallFailed(f"no answer from {url}")
        self.form, self.headers = dict(form), dict(headers or {})
        return Reply(self.status, "", self.body)


def by_secret(broker: Broker) -> SecretChecker:
    return SecretChecker("points-demo", ISSUER, broker, "secret: & more", RESOURCE)


def by_keys(broker: Broker) -> KeyedChecker:
    return KeyedChecker("revenus-demo", ISSUER, broker, lambda: NOW)


def answer_for(checker: KeyedChecker, key: ECKey = KEY, kind: str = "token-introspection+jwt", **changes: object) -> bytes:
    """The broker's answer, signed and encrypted for who asked."""
    claims = {"iss": ISSUER, "aud": "revenus-demo", "iat": NOW, "token_introspection": ACTIVE, **changes}
    signed = jwt.encode({"alg": "ES256", "kid": "1", "typ": kind}, claims, key)
    (public,) = [ECKey.import_key(one) for one in checker.jwks()["keys"] if one["use"] == "enc"]
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "iss": ISSUER, "aud": "revenus-demo"}
    return jwe.encrypt_compact(header, signed, public, registry=REGISTRY).encode()


# -- by a secret ------------------------------------------------------------------------------------------------------


def test_a_secret_goes_in_the_header_and_the_token_in_the_body() -> None:
    broker = Broker(body=json.dumps({**ACTIVE, "iss": ISSUER, "aud": RESOURCE}).encode())
    assert by_secret(broker).check("token")["sub"] == "x"
    assert b64decode(broker.headers["Authorization"].removeprefix("Basic ")) == b"points-demo:secret%3A+%26+more"
    assert (broker.form, broker.headers["Accept"]) == ({"token": "token"}, "application/json")


@pytest.mark.parametrize("changed", [{"iss": "http://evil.localhost"}, {"aud": "http://fd.localhost:1/api"}, {"aud": None}])
def test_a_plain_answer_for_somebody_else_is_not_believed(changed: dict[str, object]) -> None:
    broker = Broker(body=json.dumps({**ACTIVE, "iss": ISSUER, "aud": RESOURCE, **changed}).encode())
    with pytest.raises(CheckFailed):
        by_secret(broker).check("token")


def test_of_what_is_not_active_nothing_else_is_expected() -> None:
    assert by_secret(Broker(body=b'{"active": false}')).check("token") == {"active": False}


@pytest.mark.parametrize(
    "broker",
    [Broker(status=401), Broker(status=429), Broker(body=b"no json"), Broker(body=b"[1]"), Broker(silent=True)],
    ids=["unknown", "too often", "no json", "a list", "silent"],
)
def test_without_an_answer_nothing_is_known(broker: Broker) -> None:
    with pytest.raises(CheckFailed):
        by_secret(broker).check("token")


# -- by keys ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_opened_and_verified() -> None:
    broker = Broker()
    checker = by_keys(broker)
    broker.body = answer_for(checker)
    assert checker.check("token") == ACTIVE


def test_who_asks_is_signed_for_a_minute_and_each_time_anew() -> None:
    broker = Broker()
    checker = by_keys(broker)
    broker.body = answer_for(checker)
    said = []
    for _ in range(2):
        checker.check("token")
        (public,) = [ECKey.import_key(one) for one in checker.jwks()["keys"] if one["use"] == "sig"]
        said.append(jwt.decode(broker.form["client_assertion"], public, algorithms=["ES256"]).claims)
    assert said[0].pop("jti") != said[1].pop("jti")
    assert said[0] == {"iss": "revenus-demo", "sub": "revenus-demo", "aud": ISSUER, "iat": NOW, "exp": NOW + 60}


def test_the_private_keys_stay_at_home() -> None:
    assert all("d" not in key for key in by_keys(Broker()).jwks()["keys"])


@pytest.mark.parametrize(
    "changed",
    [
        {"key": STRANGER},
        {"kind": "JWT"},
        {"iss": "http://evil.localhost"},
        {"aud": "points-demo"},
        {"iat": NOW - 61},
        {"iat": NOW + 61},
        {"iat": None},
    ],
)
def test_a_signed_answer_that_is_not_ours_is_not_believed(changed: dict[str, object]) -> None:
    broker = Broker()
    checker = by_keys(broker)
    broker.body = answer_for(checker, **changed)  # type: ignore[arg-type]
    with pytest.raises(CheckFailed):
        checker.check("token")


def test_an_answer_that_is_encrypted_for_another_is_not_believed() -> None:
    broker = Broker()
    broker.body = answer_for(by_keys(broker))
    with pytest.raises(CheckFailed, match="not encrypted for us"):
        by_keys(broker).check("token")


def test_a_key_of_the_broker_that_rotated_is_fetched() -> None:
    broker = Broker()
    checker = by_keys(broker)
    broker.body = answer_for(checker)
    checker.check("token")
    broker.key = STRANGER
    broker.body = answer_for(checker, STRANGER)
    assert checker.check("token") == ACTIVE
