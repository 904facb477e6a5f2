"""A simulated service that the broker tells of a logout: what it believes, and what it does then."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from broker.sandbox.believing import Distrusted, check_kind
from broker.sandbox.calling import Caller
from broker.sandbox.parties import SERVICES
from broker.sandbox.relying import Relying
from broker.sandbox.told import EVENT, Ended, check_logout_event, check_no_nonce, check_session, read_logout
from tests.broker.sandbox.browsing import Browser

MAIRIE, ASSURANCE = SERVICES
NOW = 1_790_000_000
ISSUER = "http://fc.localhost:1/api/v2"
KEY = ECKey.generate_key("P-256", {"kid": "k"})
CLAIMS = {
    "iss": ISSUER,
    "aud": MAIRIE.id,
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "j",
    "sid": "s" * 32,
    "events": {EVENT: {}},
}


def heard(changes=None, typ="logout+jwt", key=KEY):
    """What the service makes of a token; a change to None leaves a claim out."""
    claims = {name: value for name, value in {**CLAIMS, **(changes or {})}.items() if value is not None}
    token = jwt.encode({"alg": "ES256", "kid": "k", "typ": typ}, claims, key, algorithms=["ES256"])
    relying = Relying(MAIRIE, ISSUER, "secret", "http://fs.localhost:1/callback", lambda: NOW)
    relying._keys = KeySet([KEY])
    relying._metadata = {"issuer": ISSUER, "jwks_uri": "http://fc.localhost:1/nowhere"}
    return read_logout(relying, token, NOW)


def test_a_right_token_names_the_session():
    assert heard() == "s" * 32


WRONG = {
    "of another issuer": {"iss": "http://evil.localhost"},
    "for another service": {"aud": ASSURANCE.id},
    "for several": {"aud": [MAIRIE.id, ASSURANCE.id]},
    "too old": {"iat": NOW - 300, "exp": NOW - 180},
    "of the future": {"iat": NOW + 300},
    "without an end": {"exp": None},
    "without a session": {"sid": None},
    "with an empty session": {"sid": ""},
    "with a nonce": {"nonce": "n"},
    "without events": {"events": None},
    "with events in a list": {"events": [EVENT]},
    "of another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "with an event that says more than it may": {"events": {EVENT: "yes"}},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_token_is_refused(changes):
    with pytest.raises(Distrusted):
        heard(changes)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "secevent+jwt"])
def test_a_token_of_another_kind_is_refused(typ):
    with pytest.raises(Distrusted, match="typ"):
        heard(typ=typ)


@pytest.mark.loopback
def test_a_token_of_somebody_else_is_refused():
    with pytest.raises(Distrusted):
        heard(key=ECKey.generate_key("P-256", {"kid": "k"}))


@pytest.mark.parametrize(
    ("check", "arguments"),
    [
        (check_logout_event, ({"events": {EVENT: None}},)),
        (check_no_nonce, ({"nonce": None},)),
        (check_session, ({"sid": 7},)),
        (check_kind, ({"typ": "logout+jwt"}, "JWT")),
        (check_kind, ({}, "logout+jwt")),
    ],
)
def test_a_check_refuses(check, arguments):
    with pytest.raises(Distrusted):
        check(*arguments)


def test_a_service_remembers_a_thousand_sessions_that_are_over():
    ended = Ended()
    for number in range(1001):
        ended.add(str(number))
    assert ("0" in ended, "1" in ended, "1000" in ended) == (False, True, True)


# -- in the whole world -----------------------------------------------------------------------------------------------


def log_in(world, browser, service):
    """A login, the second one by single sign-on."""
    page = browser.open(world.address.of(service.host, "/login"))
    if "provider-impots-demo" in page.marked:
        page = browser.press(browser.press(page, "provider-impots-demo"), "persona-angela")
    else:
        page = browser.press(page, "continue")
    return browser.press(page, "continue", consent="yes")


@pytest.fixture
def citizen(world):
    """Somebody who is signed in at both services."""
    browser = Browser()
    for service in SERVICES:
        log_in(world, browser, service)
    return browser


@pytest.mark.loopback
def test_who_signs_out_at_one_service_is_signed_out_at_the_other(world, citizen):
    citizen.press(citizen.open(world.address.of(MAIRIE.host, "/")), "logout")
    page = citizen.open(world.address.of(ASSURANCE.host, "/"))
    assert ("elsewhere" in page.marked, "signed-out" in page.marked) == (True, True)
    assert "login" in citizen.open(world.address.of(ASSURANCE.host, "/")).marked


@pytest.mark.loopback
def test_who_is_signed_in_in_another_browser_stays(world, citizen):
    other = Browser()
    log_in(world, other, ASSURANCE)
    citizen.press(citizen.open(world.address.of(MAIRIE.host, "/")), "logout")
    assert "signed-in" in other.open(world.address.of(ASSURANCE.host, "/")).marked


@pytest.mark.loopback
def test_the_story_tells_it_and_nobody_meets_a_name(world, citizen):
    citizen.press(citizen.open(world.address.of(MAIRIE.host, "/")), "logout")
    page = Browser("en").open(world.address.broker + "/dev/flow")
    assert "The broker tells the service that its citizen has signed out" in page.source
    assert "<code>logout_token</code> is a signed token, verified with the published keys" in page.source
    assert "✘" not in page.source
    received = world.recorder.received_by(ASSURANCE.host)
    assert [word for word in (MAIRIE.id, MAIRIE.host, "fi.localhost", "impots") if word.encode() in received] == []


@pytest.mark.loopback
def test_a_stranger_ends_no_session(world, citizen):
    reply = Caller("stranger.localhost").post(
        world.address.of(ASSURANCE.host, "/backchannel-logout"), {"logout_token": "a.b.c"}
    )
    assert (reply.status, json.loads(reply.body)["error"]) == (400, "invalid_request")
    assert "signed-in" in citizen.open(world.address.of(ASSURANCE.host, "/")).marked
