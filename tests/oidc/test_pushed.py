"""Pushed requests: what of a form is the request, and whose a name is."""

import pytest

from oidc.errors import OAuthError
from oidc.pushed import PREFIX, Pushed, bound_to_key, check_pushed_for, reference_of, request_of


def test_the_name_of_a_pushed_request_holds_its_reference() -> None:
    assert reference_of(f"{PREFIX}abc") == "abc"


@pytest.mark.parametrize(
    "name",
    [
        "",
        PREFIX,
        "https://evil.example/request.jwt",
        "https://evil.example/?urn:ietf:params:oauth:request_uri:abc",
        f" {PREFIX}abc",
        PREFIX.upper() + "abc",
        "urn:other:abc",
        PREFIX + "a" * 200,
    ],
)
def test_what_is_no_name_of_ours_has_no_reference(name: str) -> None:
    assert reference_of(name) == ""


def test_how_the_client_authenticates_is_no_part_of_the_request() -> None:
    form = [
        ("client_id", "mairie"),
        ("client_secret", "secret"),
        ("client_assertion", "a.b.c"),
        ("client_assertion_type", "jwt"),
        ("state", "s"),
    ]
    assert request_of(form) == [("client_id", "mairie"), ("state", "s")]


@pytest.mark.parametrize("name", [f"{PREFIX}abc", "https://evil.example/request.jwt"])
def test_a_name_cannot_be_pushed(name: str) -> None:
    with pytest.raises(OAuthError, match="request_uri cannot be pushed"):
        request_of([("request_uri", name)])


def test_an_empty_name_counts_as_none() -> None:
    assert request_of([("request_uri", ""), ("state", "s")]) == [("request_uri", ""), ("state", "s")]


@pytest.mark.parametrize("client_id", ["assurance", "", "Mairie"])
def test_the_name_that_another_client_was_given_is_refused(client_id: str) -> None:
    with pytest.raises(OAuthError, match="given to another client"):
        check_pushed_for(Pushed("mairie", ()), client_id)


def test_the_client_that_pushed_may_use_the_name() -> None:
    check_pushed_for(Pushed("mairie", ()), "mairie")


def test_a_key_that_was_proven_binds_the_request() -> None:
    bound = [("state", "s"), ("dpop_jkt", "proven")]
    for named in ([], [("dpop_jkt", "")], [("dpop_jkt", "proven")]):
        assert bound_to_key([("state", "s"), *named], "proven") == bound


def test_a_key_that_is_named_and_another_that_is_proven_are_refused() -> None:
    for named in (["other"], ["proven", "other"], ["PROVEN"]):
        with pytest.raises(OAuthError, match="invalid_request: dpop_jkt"):
            bound_to_key([("dpop_jkt", key) for key in named], "proven")
