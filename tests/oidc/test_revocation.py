"""The revocation request: what it needs, and what it must not contain twice."""

import pytest

from oidc.errors import OAuthError
from oidc.messages import Params
from oidc.revocation import read_revocation
from oidc.token_endpoint import Credentials
from tests.oidc.cases import changed

RIGHT = {"token": "the-token", "client_id": "mairie", "client_secret": "secret"}


def form(**changes: str | None) -> Params:
    return changed(RIGHT, changes)


def test_a_request_names_a_token_and_a_client() -> None:
    asked = read_revocation(form(), None)
    assert (asked.token, asked.credentials) == ("the-token", Credentials("mairie", "client_secret_post", "secret"))


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "horoscope"])
def test_a_hint_of_any_kind_changes_nothing(hint: str) -> None:
    assert read_revocation(form(token_type_hint=hint), None) == read_revocation(form(), None)


def test_a_token_is_never_shown_in_a_log() -> None:
    assert not any(secret in repr(read_revocation(form(), None)) for secret in ("the-token", "'secret'"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"token": None}, "invalid_request"),
        ({"token": ""}, "invalid_request"),
        ({"token": "t" * 2049}, "invalid_request"),
        ({"client_id": None, "client_secret": None}, "invalid_client"),
    ],
    ids=["no token", "an empty token", "an endless token", "no client"],
)
def test_a_defect_is_refused(changes: dict[str, str | None], error: str) -> None:
    with pytest.raises(OAuthError) as caught:
        read_revocation(form(**changes), None)
    assert caught.value.error == error


def test_two_tokens_are_refused() -> None:
    with pytest.raises(OAuthError, match="more than once"):
        read_revocation([*form(), ("token", "another")], None)
