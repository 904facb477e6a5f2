"""The `claims` parameter: every form that OpenID Connect Core 5.5 knows, and every form that it does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.claims_request import ClaimsRequest, Wanted, check_reachable_acr, read_claims
from oidc.errors import OAuthError

LEVELS = ("eidas1", "eidas2", "eidas3")


def asked(**members: object) -> ClaimsRequest:
    return read_claims(json.dumps(members))


def test_an_absent_parameter_asks_for_nothing() -> None:
    assert read_claims("") == ClaimsRequest()


def test_the_example_of_the_specification_is_read() -> None:
    request = asked(
        userinfo={"given_name": {"essential": True}, "nickname": None, "http://example.info/claims/groups": None},
        id_token={"auth_time": {"essential": True}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}},
    )
    assert request.userinfo == {
        "given_name": Wanted(essential=True),
        "nickname": Wanted(),
        "http://example.info/claims/groups": Wanted(),
    }
    assert request.id_token["acr"] == Wanted(values=("urn:mace:incommon:iap:silver",))


def test_a_value_is_the_only_one_and_values_keep_their_order() -> None:
    request = asked(userinfo={"gender": {"value": "female"}, "email": {"values": ["b@x.example", "a@x.example"]}})
    assert (request.userinfo["gender"].values, request.userinfo["email"].values) == (
        ("female",),
        ("b@x.example", "a@x.example"),
    )


def test_members_that_are_not_known_are_ignored() -> None:
    assert asked(userinfo={"email": {"purpose": "mail"}}, verified_claims=[1]) == asked(userinfo={"email": {}})


@pytest.mark.parametrize(
    ("members", "subjects"),
    [
        ({}, None),
        ({"userinfo": {"sub": None}}, None),
        ({"id_token": {"sub": {"essential": True}}}, None),
        ({"id_token": {"sub": {"value": "a"}}}, {"a"}),
        ({"userinfo": {"sub": {"values": ["a", "b"]}}}, {"a", "b"}),
        ({"userinfo": {"sub": {"values": ["a", "b"]}}, "id_token": {"sub": {"value": "b"}}}, {"b"}),
        ({"userinfo": {"sub": {"value": "a"}}, "id_token": {"sub": {"value": "b"}}}, set()),
        ({"id_token": {"sub": {"value": 7}}}, set()),
    ],
)
def test_a_sub_with_a_value_says_about_whom_it_is(members: dict[str, object], subjects: set[str] | None) -> None:
    assert asked(**members).subjects == subjects


DEFECTS = {
    "no JSON": "given_name",
    "no whole JSON": '{"userinfo": ',
    "a list": "[]",
    "a text": '"userinfo"',
    "null": "null",
    "NaN": '{"userinfo": {"a": {"value": NaN}}}',
    "a member twice": '{"userinfo": {}, "userinfo": {"email": null}}',
    "a claim twice": '{"id_token": {"acr": null, "acr": {"value": "eidas3"}}}',
    "half a surrogate pair": '{"userinfo": {"\\ud800": null}}',
    "nested past all bounds": '{"userinfo": {"a": {"value": ' + "[" * 100_000 + "]" * 100_000 + "}}}",
    "userinfo that is a list": '{"userinfo": ["email"]}',
    "userinfo that is null": '{"userinfo": null}',
    "id_token that is a text": '{"id_token": "acr"}',
    "a hundred and one claims": json.dumps({"userinfo": {f"c{n}": None for n in range(101)}}),
    "a claim that is true": '{"userinfo": {"email": true}}',
    "a claim that is a text": '{"userinfo": {"email": "essential"}}',
    "a claim that is a list": '{"userinfo": {"email": []}}',
    "essential that is a text": '{"userinfo": {"email": {"essential": "true"}}}',
    "essential that is a number": '{"userinfo": {"email": {"essential": 1}}}',
    "essential that is null": '{"userinfo": {"email": {"essential": null}}}',
    "values that are a text": '{"userinfo": {"email": {"values": "a"}}}',
    "values that are null": '{"userinfo": {"email": {"values": null}}}',
    "value and values": '{"userinfo": {"email": {"value": "a", "values": ["a"]}}}',
}


@pytest.mark.parametrize("text", DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_an_invalid_request(text: str) -> None:
    with pytest.raises(OAuthError) as caught:
        read_claims(text)
    assert caught.value.error == "invalid_request"


@given(
    st.text() | st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.dictionaries(st.text(), x)).map(json.dumps)
)
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        request = read_claims(text)
    except OAuthError as error:
        assert error.description.isascii()  # noqa: PT017
    else:
        assert isinstance(request.acr_values, tuple)


# -- acr --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "acr",
    [
        None,
        {"essential": True},
        {"essential": True, "values": []},
        {"essential": True, "values": ["urn:other", "eidas2"]},
        {"values": ["urn:other"]},
        {"essential": False, "value": "urn:other"},
    ],
)
def test_what_can_be_reached_passes(acr: object) -> None:
    check_reachable_acr(asked(id_token={"acr": acr}), LEVELS)


@pytest.mark.parametrize(
    "acr", [{"value": "urn:other"}, {"values": ["eidas0", "eidas4"]}, {"value": 2}, {"value": ["eidas1"]}]
)
def test_an_essential_level_that_nobody_reaches_has_failed_at_once(acr: dict[str, object]) -> None:
    with pytest.raises(OAuthError) as caught:
        check_reachable_acr(asked(id_token={"acr": {**acr, "essential": True}}), LEVELS)
    assert (caught.value.error, "eidas1 eidas2 eidas3" in caught.value.description) == (
        "unmet_authentication_requirements",
        True,
    )


def test_acr_in_the_userinfo_asks_for_no_level() -> None:
    assert asked(userinfo={"acr": {"essential": True, "value": "urn:other"}}).needs_acr is False
