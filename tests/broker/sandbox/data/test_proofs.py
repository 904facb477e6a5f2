"""A proof is believed for one request, one token, one key and one minute (RFC 9449 4.3)."""

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from broker.sandbox.data.proofs import NotProven, make_proof, new_key, read_proof, token_hash

NOW = 1_790_000_000
URL = "http://points.localhost:1/api"
KEY, OTHER = new_key(), new_key()


def read(proof: str, method: str = "GET", url: str = URL, now: int = NOW, token: str = "token") -> str:
    return read_proof(proof, method, url, now, token, KEY.thumbprint())


def written(header: dict[str, object] | None = None, **changes: object) -> str:
    """A proof, with changes; a claim that is changed to None is left out."""
    claims = {"jti": "1", "htm": "GET", "htu": URL, "iat": NOW, "ath": token_hash("token"), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.as_dict(private=False), **(header or {})}
    return jwt.encode(head, kept, KEY)


def test_a_proof_names_itself() -> None:
    first, second = (read(make_proof(KEY, "GET", URL, NOW, "token")) for _ in range(2))
    assert first != second


def test_a_proof_that_stands_alone_is_good() -> None:
    assert read(written()) == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "POST"},
        {"htu": URL + "/revenu_fiscal"},
        {"htu": None},
        {"iat": NOW - 61},
        {"iat": NOW + 61},
        {"iat": None},
        {"iat": str(NOW)},
        {"jti": ""},
        {"jti": None},
        {"ath": token_hash("another")},
        {"ath": None},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": OTHER.as_dict(private=False)}},
        {"header": {"jwk": KEY.as_dict(private=True)}},
        {"header": {"jwk": RSAKey.generate_key(2048).as_dict(private=False)}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    ],
)
def test_any_other_is_refused(changed: dict[str, object]) -> None:
    proof = written(**changed)  # type: ignore[arg-type]
    with pytest.raises(NotProven):
        read(proof)


def test_a_proof_by_another_key_is_refused() -> None:
    with pytest.raises(NotProven, match="another key"):
        read(make_proof(OTHER, "GET", URL, NOW, "token"))


@pytest.mark.parametrize("proof", ["", "x", "e30.e30.x", "…"])
def test_what_is_no_token_is_no_proof(proof: str) -> None:
    with pytest.raises(NotProven):
        read(proof)
