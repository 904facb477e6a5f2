"""An ID token is believed only when everything about it is right; each test spoils one thing."""

from dataclasses import replace
from typing import Any

import pytest

from oidc.client import IdToken, read_id_token
from oidc.errors import BadAnswer, InsufficientLevel, UnknownKey
from oidc.tokens import left_hash, sign_jwt
from tests.oidc.cases import IMPOTS, NOW, PENDING, REGISTRATION, THEIRS, ec_key, key_set, rsa_key

RIGHT = {
    "iss": THEIRS,
    "aud": "passerelle",
    "sub": "abc",
    "exp": NOW + 60,
    "iat": NOW,
    "nonce": PENDING.nonce,
    "acr": "eidas2",
    "auth_time": NOW - 5,
    "at_hash": left_hash("tok", "ES256"),
    "amr": ["pwd", "otp"],
}
ABSENT = object()


def token(**changes: object) -> str:
    return sign_jwt({name: value for name, value in {**RIGHT, **changes}.items() if value is not ABSENT}, ec_key())


def believe(id_token: str, asked: tuple[str, ...] = ("eidas2",), access_token: str = "tok") -> IdToken:
    keys = key_set(ec_key().public_jwk(), rsa_key().public_jwk())
    pending = replace(PENDING, acr_values=asked)
    registration = replace(REGISTRATION, audiences=frozenset({"other", "another"}))
    return read_id_token(id_token, keys, IMPOTS, registration, pending, access_token, NOW)


def test_a_right_token_is_believed() -> None:
    assert believe(token()) == IdToken("abc", "eidas2", NOW - 5, ("pwd", "otp"))


def test_what_is_optional_may_be_absent() -> None:
    assert believe(token(auth_time=ABSENT, at_hash=ABSENT, amr=ABSENT)) == IdToken("abc", "eidas2", None, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["passerelle"]},
        {"aud": ["passerelle", "other"], "azp": "passerelle"},
        {"azp": "passerelle"},
        {"exp": NOW - 29},
        {"iat": NOW + 30},
        {"iat": NOW - 600},
        {"nbf": NOW + 30},
        {"exp": NOW + 60.5},
        {"auth_time": NOW + 30},
        {"sub": "s" * 255},
        {"amr": "pwd"},
    ],
    ids=str,
)
def test_what_the_specification_allows_is_believed(changes: dict[str, Any]) -> None:
    assert believe(token(**changes)).acr == "eidas2"


SPOILED = {
    "another issuer": ({"iss": "https://evil.example"}, "issuer"),
    "an issuer with a slash more": ({"iss": THEIRS + "/"}, "issuer"),
    "no issuer": ({"iss": ABSENT}, "issuer"),
    "meant for another client": ({"aud": "other"}, "somebody else"),
    "meant for nobody": ({"aud": ABSENT}, "somebody else"),
    "meant for many others": ({"aud": ["other", "another"]}, "somebody else"),
    "an audience that only contains our name": ({"aud": "passerelle-test"}, "somebody else"),
    "meant for us and a stranger": ({"aud": ["passerelle", "eve"], "azp": "passerelle"}, "not trusted"),
    "meant for us and no text": ({"aud": ["passerelle", 7], "azp": "passerelle"}, "not trusted"),
    "two audiences without azp": ({"aud": ["passerelle", "other"]}, "azp"),
    "two audiences, asked by the other": ({"aud": ["passerelle", "other"], "azp": "other"}, "azp"),
    "asked by another": ({"azp": "other"}, "azp"),
    "expired": ({"exp": NOW - 30}, "expired"),
    "no end": ({"exp": ABSENT}, "expired"),
    "an end in words": ({"exp": "tomorrow"}, "expired"),
    "an end that is true": ({"exp": True}, "expired"),
    "an end past all numbers": ({"exp": float("inf")}, "expired"),
    "issued in the future": ({"iat": NOW + 31}, "issued"),
    "issued long ago": ({"iat": NOW - 601}, "issued"),
    "no time of issue": ({"iat": ABSENT}, "issued"),
    "not valid yet": ({"nbf": NOW + 31}, "not valid yet"),
    "valid from a day in words": ({"nbf": "tomorrow"}, "not valid yet"),
    "authenticated in the future": ({"auth_time": NOW + 31}, "auth_time"),
    "another nonce": ({"nonce": "other"}, "nonce"),
    "no nonce": ({"nonce": ABSENT}, "nonce"),
    "a nonce that is no text": ({"nonce": [PENDING.nonce]}, "nonce"),
    "the hash of another access token": ({"at_hash": left_hash("other", "ES256")}, "at_hash"),
    "a hash that is no text": ({"at_hash": None}, "at_hash"),
    "no person": ({"sub": ABSENT}, "sub"),
    "an empty person": ({"sub": ""}, "sub"),
    "a number for a person": ({"sub": 1}, "sub"),
    "a person of 256 characters": ({"sub": "s" * 256}, "sub"),
    "a person beyond ASCII": ({"sub": "é"}, "sub"),
    "no level": ({"acr": ABSENT}, "acr"),
    "an unknown level": ({"acr": "eidas4"}, "acr"),
    "two levels": ({"acr": ["eidas2", "eidas3"]}, "acr"),
}


@pytest.mark.parametrize(("changes", "words"), SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_token_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        believe(token(**changes))


def test_an_access_token_that_was_exchanged_on_the_way_is_refused() -> None:
    with pytest.raises(BadAnswer, match="at_hash"):
        believe(token(), access_token="stolen")


@pytest.mark.parametrize("asked", [("eidas2",), ("eidas3", "eidas2"), ("eidas3",)])
def test_a_level_below_the_lowest_that_was_asked_is_refused(asked: tuple[str, ...]) -> None:
    with pytest.raises(InsufficientLevel) as caught:
        believe(token(acr="eidas1"), asked)
    assert (caught.value.asked, caught.value.got) == (asked[-1], "eidas1")


@pytest.mark.parametrize(("asked", "got"), [(("eidas2",), "eidas3"), (("eidas3", "eidas1"), "eidas1")])
def test_a_level_that_is_enough_passes(asked: tuple[str, ...], got: str) -> None:
    assert believe(token(acr=got), asked).acr == got


def test_a_token_of_a_forger_is_refused() -> None:
    with pytest.raises(UnknownKey):
        believe(sign_jwt(RIGHT, ec_key("forger")))


def test_a_key_of_the_provider_with_an_algorithm_that_was_not_agreed_is_refused() -> None:
    with pytest.raises(BadAnswer, match="algorithm"):
        believe(sign_jwt(RIGHT, rsa_key()))


def test_no_refusal_repeats_a_value_of_the_person() -> None:
    with pytest.raises(BadAnswer) as caught:
        believe(token(sub="angela-dubois" * 30))
    assert "angela" not in caught.value.detail
