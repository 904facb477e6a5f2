"""Asking a provider, and hearing it: requests, the answer in the browser, the token answer, userinfo."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.client import (
    TokenAnswer,
    read_callback,
    read_token_answer,
    read_userinfo,
)
from oidc.errors import BadAnswer, ProviderRefused, UnknownKey
from oidc.messages import HttpResponse
from oidc.tokens import sign_jwt
from tests.oidc.cases import (
    IMPOTS,
    PENDING,
    REGISTRATION,
    THEIRS,
    answer,
    changed,
    ec_key,
    key_set,
)

# -- the answer in the browser ----------------------------------------------------------------------------------------

ANSWER = {"code": "the-code", "state": PENDING.state, "iss": THEIRS}


def hear(require_iss: bool = False, **changes: str | None) -> str:
    return read_callback(changed(ANSWER, changes), PENDING.state, THEIRS, require_iss)


def test_the_code_is_in_the_answer() -> None:
    assert hear(require_iss=True) == "the-code"


def test_a_provider_that_promises_no_iss_may_leave_it_out() -> None:
    assert hear(iss=None) == "the-code"


@pytest.mark.parametrize("state", [None, "", "other", PENDING.state + " ", "é"])
def test_an_answer_that_nobody_asked_for_is_refused(state: str | None) -> None:
    with pytest.raises(BadAnswer, match="another state"):
        hear(state=state)


@pytest.mark.parametrize("iss", ["https://evil.example", THEIRS + "/", ""])
def test_an_answer_of_another_issuer_is_a_mix_up(iss: str) -> None:
    with pytest.raises(BadAnswer, match="another issuer"):
        hear(iss=iss)


def test_a_provider_that_promises_iss_must_send_it() -> None:
    with pytest.raises(BadAnswer, match="no iss"):
        hear(require_iss=True, iss=None)


@pytest.mark.parametrize("name", ["code", "state", "iss", "error", "extra"])
def test_a_parameter_twice_is_refused(name: str) -> None:
    params = [*ANSWER.items(), ("extra", "1"), ("error", "e"), (name, ANSWER.get(name, "1"))]
    with pytest.raises(BadAnswer, match="twice"):
        read_callback(params, PENDING.state, THEIRS, False)


@pytest.mark.parametrize("code", [None, "", "c" * 2049])
def test_without_a_usable_code_the_answer_is_none(code: str | None) -> None:
    with pytest.raises(BadAnswer, match="no code"):
        hear(code=code)


def test_a_refusal_of_the_provider_is_told_without_control_characters_and_in_short() -> None:
    with pytest.raises(ProviderRefused) as caught:
        hear(code=None, error="access_denied\r\n", error_description="no\x1b[2J" + "x" * 300)
    assert (caught.value.error, caught.value.description) == ("unnamed_error", "no[2J" + "x" * 194)


def test_a_refusal_with_another_state_is_not_believed() -> None:
    with pytest.raises(BadAnswer, match="another state"):
        hear(error="access_denied", state="other")


@given(st.lists(st.tuples(st.sampled_from(["code", "state", "iss", "error"]) | st.text(), st.text())))
def test_whatever_comes_without_the_state_is_refused(params: list[tuple[str, str]]) -> None:
    with pytest.raises(BadAnswer):
        read_callback(params, PENDING.state, THEIRS, False)


# -- the token answer -------------------------------------------------------------------------------------------------

TOKENS = {"access_token": "tok", "id_token": "a.b.c", "token_type": "Bearer", "expires_in": 60}


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_the_tokens_are_in_the_answer(token_type: str) -> None:
    assert read_token_answer(answer({**TOKENS, "token_type": token_type})) == TokenAnswer("tok", "a.b.c")


@pytest.mark.parametrize("token_type", ["DPoP", "mac", "", None, ["Bearer"]])
def test_a_token_of_another_type_is_not_used(token_type: object) -> None:
    with pytest.raises(BadAnswer, match="token_type"):
        read_token_answer(answer({**TOKENS, "token_type": token_type}))


@pytest.mark.parametrize("name", ["access_token", "id_token"])
@pytest.mark.parametrize("value", [None, 1, ["a"]])
def test_a_token_answer_that_lacks_a_token_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadAnswer, match="lacks"):
        read_token_answer(answer({**TOKENS, name: value}))


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Forwarded-For: 1", "tôk", "t" * 16_385])
def test_an_access_token_that_would_break_the_header_is_refused(token: str) -> None:
    with pytest.raises(BadAnswer, match="header"):
        read_token_answer(answer({**TOKENS, "access_token": token}))


def test_an_error_of_the_token_endpoint_is_told() -> None:
    with pytest.raises(BadAnswer, match="answered 400: invalid_grant"):
        read_token_answer(answer({"error": "invalid_grant"}, status=400))


def test_tokens_with_another_status_than_200_are_not_believed() -> None:
    with pytest.raises(BadAnswer, match="answered 201"):
        read_token_answer(answer(TOKENS, status=201))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"[" * 9000])
def test_a_token_answer_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="the token answer with status 502"):
        read_token_answer(answer(body, status=502))


# -- userinfo ---------------------------------------------------------------------------------------------------------

PERSON = {"sub": "abc", "family_name": "DUBOIS"}
SIGNED = {**PERSON, "iss": THEIRS, "aud": "passerelle"}


def believe(response: HttpResponse, sub: str = "abc") -> Mapping[str, object]:
    return read_userinfo(response, sub, key_set(ec_key().public_jwk()), IMPOTS, REGISTRATION)


def jwt_answer(claims: Mapping[str, object], name: str = "ours") -> HttpResponse:
    return answer(sign_jwt(claims, ec_key(name)).encode(), content_type="application/jwt; charset=utf-8")


def test_userinfo_may_be_plain() -> None:
    assert believe(answer(PERSON)) == PERSON


@pytest.mark.parametrize("claims", [PERSON, SIGNED, {**SIGNED, "aud": ["passerelle"]}])
def test_userinfo_may_be_signed(claims: dict[str, object]) -> None:
    assert believe(jwt_answer(claims)) == claims


@pytest.mark.parametrize("sub", ["other", "", None, 1, ["abc"]])
def test_claims_of_another_person_are_a_substitution(sub: object) -> None:
    with pytest.raises(BadAnswer, match="another person"):
        believe(answer({**PERSON, "sub": sub}))


@pytest.mark.parametrize("changes", [{"iss": "https://evil.example"}, {"aud": "other"}, {"aud": []}, {"iss": None}])
def test_signed_userinfo_of_or_for_somebody_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        believe(jwt_answer({**SIGNED, **changes}))


def test_signed_userinfo_by_a_forger_is_refused() -> None:
    with pytest.raises(UnknownKey):
        believe(jwt_answer(SIGNED, "forger"))


@pytest.mark.parametrize("body", [b"\xff", b"", b"{}", b'{"sub":"abc"}'])
def test_what_is_called_a_jwt_must_be_one(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        believe(answer(body, content_type="Application/JWT"))


@pytest.mark.parametrize("body", [b"a.b.c", b"[]"])
def test_what_is_called_json_must_be_an_object(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="userinfo"):
        believe(answer(body))


def test_userinfo_with_another_status_than_200_is_not_believed() -> None:
    with pytest.raises(BadAnswer, match="answered 401"):
        believe(answer(PERSON, status=401))
