"""Which data provider a token is for: resources that may be named, and how a service reaches for others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.errors import OAuthError
from oidc.resources import check_resource, check_resources, resource_of_token

INCOME, POINTS, RIGHTS = "https://fd.example/api", "https://points.example/", "urn:example:rights"
ALL = frozenset({INCOME, POINTS, RIGHTS})


@pytest.mark.parametrize("resource", [INCOME, POINTS, RIGHTS])
def test_a_registered_resource_may_be_named(resource: str) -> None:
    check_resource(resource, ALL)


def test_a_request_names_twenty_resources_and_no_more() -> None:
    check_resources([INCOME] * 20, ALL)
    with pytest.raises(OAuthError, match="more than 20") as caught:
        check_resources([INCOME] * 21, ALL)
    assert caught.value.error == "invalid_target"


FORM, OTHER = "absolute URI without a fragment", "not one that this service may ask for"


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("https://fd.example/api#", FORM),
        ("https://fd.example/api#part", FORM),
        ("/api", FORM),
        ("//fd.example/api", FORM),
        ("fd.example", FORM),
        ("https:", FORM),
        ("https://[::1/api", FORM),
        ("https://fd.example/api\n", FORM),
        ("https://fd.example/a pi", FORM),
        ("https://fd.ex\u0430mple/api", FORM),
        ("https://fd.example/" + "a" * 500, FORM),
        ("", FORM),
        ("https://fd.example/api/", OTHER),
        ("https://fd.example/API", OTHER),
        ("HTTPS://fd.example/api", OTHER),
        ("https://fd.example:443/api", OTHER),
        ("https://fd.example/api?x=y", OTHER),
        ("https://fd.example/%61pi", OTHER),
        ("https://fd.example/x/../api", OTHER),
        ("https://fd.example", OTHER),
        ("https://fd.example.evil.example/api", OTHER),
        ("https://user@fd.example/api", OTHER),
        ("http://fd.example/api", OTHER),
    ],
)
def test_what_is_not_registered_cannot_be_named(resource: str, reason: str) -> None:
    with pytest.raises(OAuthError, match=reason) as caught:
        check_resource(resource, ALL)
    assert caught.value.error == "invalid_target"


def test_a_refusal_says_which_resources_there_are() -> None:
    with pytest.raises(OAuthError, match=r"these are: https://fd\.example/api https://points\.example/$"):
        check_resource("https://other.example/", {POINTS, INCOME})
    with pytest.raises(OAuthError, match="these are: none"):
        check_resource(INCOME, frozenset())


@pytest.mark.parametrize(
    ("named", "asked", "resource"),
    [
        ((), (), None),
        ((INCOME,), (), INCOME),
        ((INCOME,), (INCOME,), INCOME),
        ((), (INCOME,), INCOME),
        ((POINTS,), (INCOME, POINTS), POINTS),
    ],
)
def test_a_token_is_for_what_was_named(named: tuple[str, ...], asked: tuple[str, ...], resource: str | None) -> None:
    assert resource_of_token(named, asked, ALL) == resource


ATTACKS = [
    ("check_one_resource", "two at once", (INCOME, POINTS), (), ALL, "one resource a token"),
    ("check_one_resource", "two that were asked", (INCOME, POINTS), (INCOME, POINTS), ALL, "one resource a token"),
    ("check_resource", "another service's", (INCOME,), (), {POINTS}, OTHER),
    ("check_resource", "one that was taken away since", (INCOME,), (INCOME,), {POINTS}, OTHER),
    ("check_resource", "one taken away since, not named again", (), (INCOME,), {POINTS}, OTHER),
    ("check_resource", "one with a fragment", (f"{INCOME}#x",), (), ALL, FORM),
    ("check_resource_asked", "one that the citizen has not seen", (POINTS,), (INCOME,), ALL, "not one of those"),
    ("check_resource_chosen", "none of several", (), (INCOME, POINTS), ALL, "name one of them"),
]


@pytest.mark.parametrize(
    ("named", "asked", "registered", "reason"),
    [pytest.param(*rest, id=f"{rule}: {defect}") for rule, defect, *rest in ATTACKS],
)
def test_a_token_is_for_nothing_else(
    named: tuple[str, ...], asked: tuple[str, ...], registered: frozenset[str], reason: str
) -> None:
    with pytest.raises(OAuthError, match=reason) as caught:
        resource_of_token(named, asked, registered)
    assert (caught.value.error, caught.value.status) == ("invalid_target", 400)


SOME = st.lists(st.sampled_from(sorted(ALL)), unique=True).map(tuple)


@given(SOME, SOME, SOME)
def test_a_token_never_is_for_what_is_not_registered_or_was_not_asked(
    named: tuple[str, ...], asked: tuple[str, ...], registered: tuple[str, ...]
) -> None:
    try:
        resource = resource_of_token(named, asked, registered)
    except OAuthError:
        return
    assert resource in registered if named or asked else resource is None
    assert not asked or resource in asked


@given(st.text())
def test_whatever_is_named_is_refused_by_name(resource: str) -> None:
    with pytest.raises(OAuthError) as caught:
        check_resource(resource, ALL)
    assert caught.value.error == "invalid_target"
