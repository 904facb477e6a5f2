"""The token that ends a session at a service: what it says, how it is sent, and what an answer means."""

from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from oidc.errors import LogoutRefused, LogoutUnheard
from oidc.logout_token import EVENT, check_heard, check_not_refused, logout_claims, logout_request, logout_token
from tests.oidc.cases import NOW, OURS, ec_key

SID = "0123456789abcdef0123456789abcdef"


def test_another_implementation_reads_it() -> None:
    key = ec_key()
    token = logout_token(OURS, "mairie", SID, "j", NOW, key)
    read = jwt.decode(token, ECKey.import_key(key.public_jwk()), algorithms=["ES256"])
    assert (read.header["typ"], read.header["kid"]) == ("logout+jwt", key.kid)
    assert read.claims == logout_claims(OURS, "mairie", SID, "j", NOW)


def test_it_has_the_claims_of_the_specification_and_neither_nonce_nor_sub() -> None:
    assert logout_claims(OURS, "mairie", SID, "j", NOW) == {
        "iss": OURS,
        "aud": "mairie",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j",
        "sid": SID,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    assert EVENT == "http://schemas.openid.net/event/backchannel-logout"


def test_it_is_the_only_member_of_a_form() -> None:
    request = logout_request("https://mairie.example/fin?a=b", "t.o.ken")
    assert (request.method, request.url) == ("POST", "https://mairie.example/fin?a=b")
    assert parse_qs(request.body.decode()) == {"logout_token": ["t.o.ken"]}


@pytest.mark.parametrize("status", [200, 204])
def test_a_session_that_was_ended_is_confirmed(status: int) -> None:
    check_not_refused(status)
    check_heard(status)


@pytest.mark.parametrize("status", [201, 202, 206, 301, 302, 303, 401, 403, 404, 405, 429, 500, 501, 503])
def test_any_other_answer_confirms_nothing(status: int) -> None:
    check_not_refused(status)
    with pytest.raises(LogoutUnheard):
        check_heard(status)


def test_a_refusal_is_final() -> None:
    with pytest.raises(LogoutRefused):
        check_not_refused(400)
