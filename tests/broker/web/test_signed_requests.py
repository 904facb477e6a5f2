"""Signed requests (RFC 9101) at authorize and pushed: what the service signed counts, and nothing else."""

from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey

from tests.broker.signing import (
    KEY,
    NEXT,
    POSTED,
    Publisher,
    asked,
    assertion,
    call,
    come_by_name,
    finish,
    parties,
    push,
    request_object,
    signed,
    signer,
)
from tests.broker.world import ISSUER, STATE, payload, service
from tests.oidc.cases import encoded


@pytest.fixture
def world(make_world):
    world = make_world(parties=parties(signer(), signer("exact", only_signed=True), signer("double", only_pushed=True)))
    world.keys = Publisher(world)
    return world


@pytest.fixture
def browser(world):
    return world.browser()


def come(browser, token, name="signe", **more):
    return browser.get(f"{ISSUER}/authorize?" + urlencode({"client_id": name, "request": token, **more}))


def refused(page, code="SRV-411"):
    """Whether nobody was sent anywhere, and the page says why."""
    return page.status_code == 400 and "location" not in page.headers and code in page.text


def test_a_signed_request_becomes_a_login(world, browser):
    assert finish(browser, come(browser, request_object(world)))["state"] == STATE


def test_a_signed_request_may_be_pushed(world, browser):
    name = push(world, {**assertion(world), "request": request_object(world)})
    assert finish(browser, come_by_name(browser, "signe", name))["state"] == STATE


def test_a_service_with_a_secret_may_sign_its_requests(make_world):
    held = service("signe").secrets
    world = make_world(parties=parties(signer(authentication=frozenset(("client_secret_post",)), secrets=held)))
    Publisher(world)
    name = push(world, {"client_id": "signe", "request": request_object(world), **POSTED})
    browser = world.browser()
    assert finish(browser, come_by_name(browser, "signe", name))["state"] == STATE


def test_what_stands_beside_an_object_counts_for_nothing(world, browser):
    more = {"state": "of the attacker", "redirect_uri": "https://evil.example/", "scope": "openid", "acr_values": "eidas3"}
    assert finish(browser, come(browser, request_object(world), **more))["state"] == STATE


def test_what_is_pushed_beside_an_object_counts_for_nothing(world, browser):
    form = {**assertion(world), "request": request_object(world), "state": "of the attacker", "prompt": "none"}
    assert finish(browser, come_by_name(browser, "signe", push(world, form)))["state"] == STATE


def test_a_rule_of_requests_holds_inside_an_object_and_its_error_goes_back(world, browser):
    answer = come(browser, request_object(world, scope="openid address"))
    assert answer.location.startswith("https://signe.example/retour?error=invalid_scope")


def test_an_address_that_was_signed_must_be_registered_all_the_same(world, browser):
    assert refused(come(browser, request_object(world, redirect_uri="https://evil.example/")), "SRV-402")


ATTACKS = {
    ("check_signature", "another key under the same kid"): lambda w: request_object(w, key=_posing(NEXT)),
    ("check_signature", "a claim changed after signing"): lambda w: _altered(request_object(w)),
    ("check_algorithm", "no signature"): lambda w: _unsigned(request_object(w)),
    ("check_object_client", "the object of another service"): lambda w: request_object(w, "exact"),
    ("check_object_issuer", "signed in the name of another"): lambda w: request_object(w, iss="exact"),
    ("check_object_audience", "meant for another server"): lambda w: request_object(w, aud="https://other.example"),
    ("check_object_times", "too old"): lambda w: request_object(w, exp=w.clock() - 60),
    ("check_object_times", "for later"): lambda w: request_object(w, nbf=w.clock() + 3600),
    ("check_object_identified", "a jti for ever"): lambda w: request_object(w, exp=None),
    ("check_no_subject", "a client assertion in disguise"): lambda w: request_object(w, sub="signe"),
    ("check_no_request_inside", "an address inside"): lambda w: request_object(w, request_uri="https://evil.example/"),
    ("check_not_encrypted", "encrypted"): lambda w: "e.k.i.c.t",
    ("check_type", "another kind of token"): lambda w: signed({"iss": "signe"}, typ="logout+jwt"),
    ("read_assertion", "a client assertion"): lambda w: assertion(w)["client_assertion"],
}


def _posing(key):
    return ECKey.import_key({**key.as_dict(private=True), "kid": KEY.kid})


def _altered(token):
    header, _, signature = token.split(".")
    return f"{header}.{encoded({**payload(token), 'state': 'of the attacker'})}.{signature}"


def _unsigned(token):
    return f"{encoded({'alg': 'none'})}.{token.split('.')[1]}."


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=[": ".join(pair) for pair in ATTACKS])
def test_an_object_that_cannot_be_believed_sends_nobody_anywhere(world, browser, attack):
    assert refused(come(browser, attack(world), redirect_uri="https://signe.example/retour", state="s"))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=[": ".join(pair) for pair in ATTACKS])
def test_an_object_that_cannot_be_believed_is_not_kept(world, attack):
    answer = call(world, "par", {**assertion(world), "request": attack(world)})
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request_object")


def test_an_object_with_a_jti_counts_once(world, browser):
    token = request_object(world)
    assert come(browser, token).status_code == 303
    assert refused(come(world.browser(), token))


def test_an_object_that_was_pushed_counts_nowhere_else(world, browser):
    token = request_object(world)
    push(world, {**assertion(world), "request": token})
    again = call(world, "par", {**assertion(world), "request": token})
    assert (again.status_code, again.json["error"]) == (400, "invalid_request_object")
    assert "was used before" in again.json["error_description"]
    assert refused(come(browser, token))


def test_an_object_that_was_refused_is_not_used_up(world, browser):
    token = request_object(world, jti="one", scope="openid address")
    assert "invalid_scope" in come(browser, token).location
    assert come(browser, request_object(world, jti="one")).status_code == 303


def test_an_object_without_a_jti_may_come_again_while_it_counts(world, browser):
    token = request_object(world, jti=None)
    assert [come(browser, token).status_code for _ in range(2)] == [303, 303]
    world.clock.advance(120)
    assert refused(come(browser, token))


def test_a_client_assertion_is_not_used_up_by_an_object_with_its_jti(world, browser):
    assert come(browser, request_object(world, jti="one")).status_code == 303
    assert call(world, "par", {**asked(), **assertion(world, jti="one")}).status_code == 201


def test_a_new_key_signs_as_soon_as_it_is_published(world, browser):
    come(browser, request_object(world))
    world.keys.publish(NEXT)
    world.clock.advance(60)
    assert come(browser, request_object(world, key=NEXT)).status_code == 303


def test_keys_that_cannot_be_had_are_named(world, browser):
    world.keys.fail()
    answer = call(world, "par", {**assertion(world), "request": request_object(world)})
    assert "could not be fetched" in answer.json["error_description"]
    assert refused(come(browser, request_object(world)))


# -- downgrades -----------------------------------------------------------------------------------------------------------


def test_a_service_that_always_signs_is_not_heard_otherwise(world, browser):
    answer = browser.authorize("exact")
    assert "error=invalid_request" in answer.location
    assert "must+sign" in answer.location
    assert "code" in finish(browser, come(browser, request_object(world, "exact"), "exact"))


def test_a_service_that_always_signs_cannot_push_without(world, browser):
    answer = call(world, "par", {**asked("exact"), **assertion(world, "exact")})
    assert "must sign" in answer.json["error_description"]
    form = {**assertion(world, "exact"), "request": request_object(world, "exact")}
    assert "code" in finish(browser, come_by_name(browser, "exact", push(world, form)))


def test_a_service_that_always_pushes_is_not_heard_by_an_object_that_a_browser_brings(world, browser):
    answer = come(browser, request_object(world, "double"), "double")
    assert "must+push" in answer.location


def test_a_service_without_keys_is_told_that_it_has_none(world, browser):
    answer = browser.authorize("mairie", request=request_object(world, "mairie"))
    assert "error=request_not_supported" in answer.location


def test_two_objects_at_once_are_refused(world, browser):
    one, two = request_object(world), request_object(world)
    query = urlencode([*asked().items(), ("request", one), ("request", two)])
    assert "error=invalid_request" in browser.get(f"{ISSUER}/authorize?{query}").location


def test_an_object_and_an_address_at_once_are_refused(world, browser):
    assert refused(come(browser, request_object(world), request_uri="https://evil.example/"))
