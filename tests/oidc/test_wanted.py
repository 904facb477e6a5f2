"""Whom an authorization request wants, and at which level: id_token_hint, claims and acr_values together."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from oidc.errors import AuthorizationRefused
from oidc.messages import AuthorizationRequest, Params
from oidc.provider import read_authorization
from tests.oidc.cases import CLIENTS, NOW, POLICY, changed

RIGHT = {
    "client_id": "mairie",
    "redirect_uri": "https://mairie.example/retour",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s",
    "nonce": "n" * 22,
}
TOKENS: Mapping[str, Mapping[str, Any]] = {
    "ours": {"sub": "angela", "aud": "mairie", "auth_time": NOW},
    "of another service": {"sub": "angela", "aud": "mobile", "auth_time": NOW},
    "for two": {"sub": "angela", "aud": ["mairie", "mobile"], "auth_time": NOW},
    "our userinfo": {"sub": "angela", "aud": "mairie"},
    "without a person": {"aud": "mairie", "auth_time": NOW},
}


def asked(**changes: str | None) -> Params:
    return changed(RIGHT, changes)


def read(**changes: str | None) -> AuthorizationRequest:
    return read_authorization(asked(**changes), CLIENTS.get, replace(POLICY, own_token=TOKENS.get))


def sub(*values: str) -> str:
    return json.dumps({"id_token": {"sub": {"values": values}}})


@pytest.mark.parametrize(
    ("changes", "subjects"),
    [
        ({}, None),
        ({"id_token_hint": ""}, None),
        ({"id_token_hint": "ours"}, {"angela"}),
        ({"claims": sub("angela", "marc")}, {"angela", "marc"}),
        ({"id_token_hint": "ours", "claims": sub("angela", "marc")}, {"angela"}),
    ],
)
def test_who_is_wanted(changes: dict[str, str], subjects: set[str] | None) -> None:
    assert read(**changes).subjects == subjects


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"id_token_hint": "unknown"}, "invalid_request"),
        ({"id_token_hint": "h" * 4097}, "invalid_request"),
        ({"id_token_hint": "of another service"}, "invalid_request"),
        ({"id_token_hint": "for two"}, "invalid_request"),
        ({"id_token_hint": "our userinfo"}, "invalid_request"),
        ({"id_token_hint": "without a person"}, "invalid_request"),
        ({"id_token_hint": "ours", "claims": sub("marc")}, "login_required"),
        ({"claims": '{"userinfo": {"sub": {"value": "a"}}, "id_token": {"sub": {"value": "b"}}}'}, "login_required"),
        ({"claims": '{"id_token": {"sub": {"value": 1}}}'}, "login_required"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": {"essential": true, "value": "urn:x"}}}'}, "unmet_authentication_requirements"),
        ({"claims": '{"id_token": {}}' + " " * 4096}, "invalid_request"),
    ],
)
def test_a_defect_goes_back_to_the_service(changes: dict[str, str], error: str) -> None:
    with pytest.raises(AuthorizationRefused) as caught:
        read(**changes)
    assert (caught.value.error, caught.value.state) == (error, "s")


def test_nothing_of_a_person_is_shown_in_a_log() -> None:
    shown = repr(read(id_token_hint="ours", claims='{"userinfo": {"family_name": {"value": "DUBOIS"}}}'))
    assert not any(word in shown for word in ("angela", "DUBOIS"))


def acr(**how: object) -> str:
    return json.dumps({"id_token": {"acr": how}})


@pytest.mark.parametrize(
    ("changes", "acr_values", "needed"),
    [
        ({"claims": acr(values=["eidas2", "urn:x"])}, ("eidas2",), ()),
        ({"claims": acr(values=["eidas2"]), "acr_values": "eidas1"}, ("eidas1",), ()),
        ({"claims": acr(essential=True, values=["eidas2", "eidas3"])}, ("eidas2", "eidas3"), ("eidas2", "eidas3")),
        ({"claims": acr(essential=True, value="eidas2"), "acr_values": "eidas1"}, ("eidas2",), ("eidas2",)),
        ({"claims": acr(essential=True), "acr_values": "eidas1"}, ("eidas1",), ()),
    ],
)
def test_the_level_that_is_asked(changes: dict[str, str], acr_values: tuple[str, ...], needed: tuple[str, ...]) -> None:
    request = read(**changes)
    assert (request.acr_values, request.needed_acr) == (acr_values, needed)
