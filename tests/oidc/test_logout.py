"""A service asks to log its citizen out: whose hint it is, and where the citizen may go afterwards."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from oidc.errors import BadAnswer, HintRefused, OAuthError, UnregisteredRedirect
from oidc.logout import LogoutRequest, logout_url, read_end_session
from oidc.tokens import sign_jwt, verify_jwt
from tests.oidc.cases import CLIENTS, NOW, OURS, changed, ec_key, encoded, key_set

CLAIMS = {"iss": OURS, "sub": "abc", "aud": "mairie", "exp": NOW - 9999, "iat": NOW - 9999, "auth_time": NOW - 9999}
RIGHT = {
    "id_token_hint": sign_jwt(CLAIMS, ec_key()),
    "client_id": "mairie",
    "post_logout_redirect_uri": "https://mairie.example/fin",
    "state": "s",
}


def verify(hint: str) -> Mapping[str, Any] | None:
    """As the broker does: our own keys, and no look at the clock."""
    try:
        return verify_jwt(hint, key_set(ec_key().public_jwk()), ("ES256",))
    except BadAnswer:
        return None


def read(*more: tuple[str, str], **changes: str | None) -> LogoutRequest:
    return read_end_session([*changed(RIGHT, changes), *more], CLIENTS.get, verify)


def test_a_right_request_is_read_however_old_its_hint() -> None:
    assert read() == LogoutRequest("mairie", "abc", "https://mairie.example/fin", "s")


def test_the_hint_names_the_client() -> None:
    assert read(client_id=None).client_id == "mairie"


def test_without_a_hint_nobody_is_named() -> None:
    assert read(id_token_hint=None) == LogoutRequest("mairie", None, "https://mairie.example/fin", "s")


def test_everything_may_be_absent() -> None:
    assert read_end_session([], CLIENTS.get, verify) == LogoutRequest(None, None, None, None)


HEADER = encoded({"alg": "ES256"})
FOREIGN = {
    "signed by somebody else": sign_jwt(CLAIMS, ec_key("forger")),
    "signed by nobody": f"{encoded({'alg': 'none'})}.{encoded(CLAIMS)}.",
    "no token": "hint",
    "our userinfo, which is no ID token": sign_jwt({k: v for k, v in CLAIMS.items() if k != "auth_time"}, ec_key()),
    "changed": f"{HEADER}.{encoded({**CLAIMS, 'sub': 'other'})}.{RIGHT['id_token_hint'].split('.')[2]}",
}


@pytest.mark.parametrize("hint", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_hint_that_is_not_our_id_token_is_refused(hint: str) -> None:
    with pytest.raises(HintRefused, match="not an ID token of this provider"):
        read(id_token_hint=hint)


@pytest.mark.parametrize("client_id", ["mobile", "unknown"])
def test_a_hint_of_another_client_is_refused(client_id: str) -> None:
    with pytest.raises(HintRefused, match="another client"):
        read(client_id=client_id, post_logout_redirect_uri=None)


def test_a_hint_for_a_client_that_is_gone_is_refused() -> None:
    with pytest.raises(HintRefused, match="another client"):
        read(client_id=None, id_token_hint=sign_jwt({**CLAIMS, "aud": "gone"}, ec_key()))


def sealed(**header: object) -> str:
    """A hint that only its service could open; its header says whose it is."""
    return f"{encoded({'alg': 'ECDH-ES', 'enc': 'A256GCM', 'cty': 'JWT', **header})}..iv.text.tag"


@pytest.mark.parametrize("client_id", ["mairie", None])
def test_a_hint_as_its_service_got_it_encrypted_names_the_service_and_nobody(client_id: str | None) -> None:
    asked = read(id_token_hint=sealed(aud="mairie"), client_id=client_id)
    assert asked == LogoutRequest("mairie", None, "https://mairie.example/fin", "s")


@pytest.mark.parametrize("client_id", ["mobile", "unknown"])
def test_an_encrypted_hint_of_another_client_is_refused(client_id: str) -> None:
    with pytest.raises(HintRefused, match="another client"):
        read(id_token_hint=sealed(aud="mairie"), client_id=client_id, post_logout_redirect_uri=None)


@pytest.mark.parametrize(
    "hint",
    [sealed(), sealed(aud=["mairie"]), sealed(aud=""), "?..iv.text.tag", "....", f"{encoded(['mairie'])}...."],
    ids=["nobody", "a list", "empty", "no base64url", "nothing", "no object"],
)
def test_an_encrypted_hint_that_names_no_service_is_refused(hint: str) -> None:
    with pytest.raises(HintRefused, match="not an ID token of this provider"):
        read(id_token_hint=hint)


@pytest.mark.parametrize(
    "uri",
    ["https://mairie.example/fin/", "https://mairie.example/retour", "https://mobile.example/fin", "https://evil.example/"],
)
def test_the_citizen_goes_only_where_the_client_registered(uri: str) -> None:
    with pytest.raises(UnregisteredRedirect) as caught:
        read(post_logout_redirect_uri=uri)
    assert (caught.value.client_id, caught.value.received) == ("mairie", uri)


@pytest.mark.parametrize("client_id", [None, "unknown"])
def test_without_a_client_there_is_nowhere_to_go(client_id: str | None) -> None:
    with pytest.raises(HintRefused, match="needs id_token_hint or client_id"):
        read(id_token_hint=None, client_id=client_id)


@pytest.mark.parametrize("name", RIGHT)
def test_a_parameter_twice_is_refused(name: str) -> None:
    with pytest.raises(OAuthError, match="more than once"):
        read((name, RIGHT[name]))


def test_an_endless_parameter_is_refused() -> None:
    with pytest.raises(OAuthError, match="too long"):
        read(state="s" * 16_385)


def test_the_state_is_always_given_back() -> None:
    assert logout_url("https://mairie.example/fin?k=v", "a&b") == "https://mairie.example/fin?k=v&state=a%26b"


def test_without_a_state_the_address_is_as_registered() -> None:
    assert logout_url("https://mairie.example/fin", None) == "https://mairie.example/fin"


def test_no_refusal_repeats_the_hint() -> None:
    with pytest.raises(HintRefused) as caught:
        read(id_token_hint=FOREIGN["changed"])
    assert json.dumps(caught.value.description).find("eyJ") == -1
