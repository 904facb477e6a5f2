"""Services that authenticate by a key: at the token endpoint, once each time, while their keys change."""

import pytest

from broker.fetch import FetchFailed
from broker.parties import ServiceKeys
from tests.broker.signing import (
    ADDRESS,
    ALGORITHMS,
    KEY,
    NEXT,
    POSTED,
    Publisher,
    asked,
    assertion,
    call,
    jwks,
    parties,
    signer,
)
from tests.broker.world import ISSUER, payload


@pytest.fixture
def world(make_world):
    return make_world(parties=parties(signer()))


@pytest.fixture
def published(world):
    return Publisher(world)


def redeem(world, code="no-such-code", **form):
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://signe.example/retour", **form}
    return call(world, "token", fields)


def errors(answer):
    return answer.status_code, answer.json["error"]


def believed(answer):
    """Whether the client was believed: the code does not exist."""
    return errors(answer) == (400, "invalid_grant")


def test_a_service_logs_in_its_citizen_with_its_key_alone(world, published):
    browser = world.browser()
    code = browser.log_in("signe")["code"]
    tokens = redeem(world, code, **assertion(world)).json
    assert payload(tokens["id_token"])["aud"] == "signe"


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", [ISSUER]], ids=str)
def test_the_issuer_and_the_token_endpoint_are_names_of_ours(world, published, audience):
    assert believed(redeem(world, **assertion(world, aud=audience)))


def test_keys_from_a_file_are_not_fetched(make_world):
    keys = ServiceKeys(ALGORITHMS, document=jwks(KEY))
    world = make_world(parties=parties(signer(keys=keys)))
    assert believed(redeem(world, **assertion(world)))


ATTACKS = {
    ("check_single_audience", "the authorization endpoint"): {"aud": f"{ISSUER}/authorize"},
    ("check_single_audience", "an assertion for /par at the token endpoint"): {"aud": f"{ISSUER}/par"},
    ("check_single_audience", "two servers"): {"aud": [ISSUER, "https://other.example"]},
    ("check_issuer_and_subject", "another service as iss"): {"iss": "mairie"},
    ("check_lifetime", "no end"): {"exp": 9_999_999_999},
    ("check_signature", "a key that is not published"): {"key": NEXT},
}


@pytest.mark.parametrize("changes", ATTACKS.values(), ids=[": ".join(pair) for pair in ATTACKS])
def test_an_assertion_that_breaks_a_rule_is_answered_by_its_own_code(world, published, changes):
    answer = redeem(world, **assertion(world, **changes))
    assert errors(answer) == (401, "invalid_client")
    assert answer.json["error_description"].startswith("private_key_jwt: ")
    assert "#TOK-604" in answer.json["error_uri"]


def test_an_assertion_counts_once_whatever_became_of_the_request(world, published):
    proof = assertion(world)
    assert believed(redeem(world, **proof))
    again = redeem(world, **proof)
    assert errors(again) == (401, "invalid_client")
    assert "was used before" in again.json["error_description"]


def test_an_assertion_that_was_used_at_one_address_is_worth_nothing_at_another(world, published):
    proof = assertion(world)
    assert call(world, "par", {**asked(), **proof}).status_code == 201
    assert errors(redeem(world, **proof)) == (401, "invalid_client")


def test_the_same_jti_in_another_assertion_is_a_second_use(world, published):
    assert believed(redeem(world, **assertion(world, jti="one")))
    assert errors(redeem(world, **assertion(world, jti="one", exp=world.clock() + 90))) == (401, "invalid_client")


def test_a_used_assertion_is_remembered_as_long_as_it_could_count(world, published):
    proof = assertion(world, exp=world.clock() + 300)
    redeem(world, **proof)
    world.clock.advance(309)
    world.store.purge()
    assert "was used before" in redeem(world, **proof).json["error_description"]
    world.clock.advance(1)
    world.store.purge()
    assert "has expired" in redeem(world, **proof).json["error_description"]


def test_two_services_may_use_the_same_jti(make_world):
    world = make_world(parties=parties(signer(), signer("autre")))
    Publisher(world)
    for name in ("signe", "autre"):
        assert believed(redeem(world, **assertion(world, name, jti="one")))


def test_a_service_cannot_spend_the_jti_of_another_by_a_clever_name(make_world):
    world = make_world(parties=parties(signer("a"), signer("a b")))
    Publisher(world)
    assert believed(redeem(world, **assertion(world, "a", jti="b c")))
    assert believed(redeem(world, **assertion(world, "a b", jti="c")))


def test_all_workers_know_what_was_used(world, published, make_world):
    from broker.app import create_app

    proof = assertion(world)
    assert believed(redeem(world, **proof))
    world.app = create_app(world.settings, store=world.store, fetch=world.fetch, clock=world.clock, chores=False)
    assert "was used before" in redeem(world, **proof).json["error_description"]


@pytest.mark.parametrize(
    "form",
    [{"client_id": "signe"}, {"client_id": "signe", **POSTED}],
    ids=["its name alone", "a secret"],
)
def test_a_service_with_a_key_cannot_come_in_a_weaker_way(world, published, form):
    answer = redeem(world, **form)
    assert errors(answer) == (401, "invalid_client")
    assert "registered for private_key_jwt" in answer.json["error_description"]


def test_a_service_with_a_secret_cannot_come_by_a_key(world, published):
    answer = redeem(world, **assertion(world, "mairie"))
    assert "registered for client_secret_basic or client_secret_post" in answer.json["error_description"]


def test_an_unknown_service_has_its_keys_looked_for_nowhere(world, published):
    assert errors(redeem(world, **assertion(world, "nobody"))) == (401, "invalid_client")
    assert published.asked == 0


# -- keys that change -------------------------------------------------------------------------------------------------


def test_keys_are_fetched_once_an_hour(world, published):
    for _ in range(3):
        redeem(world, **assertion(world))
    assert published.asked == 1
    world.clock.advance(3600)
    redeem(world, **assertion(world))
    assert published.asked == 2


def test_a_service_may_change_its_key_at_any_time(world, published):
    redeem(world, **assertion(world))
    published.publish(NEXT)
    world.clock.advance(60)
    assert believed(redeem(world, **assertion(world, key=NEXT)))


def test_a_stranger_cannot_make_us_ask_more_than_once_a_minute(world, published):
    for _ in range(5):
        redeem(world, **assertion(world, key=NEXT))
    assert published.asked == 1
    world.clock.advance(60)
    for _ in range(5):
        redeem(world, **assertion(world, key=NEXT))
    assert published.asked == 2


def test_a_key_that_was_withdrawn_counts_for_an_hour_at_most(world, published):
    redeem(world, **assertion(world))
    published.publish(NEXT)
    world.clock.advance(3600)
    assert errors(redeem(world, **assertion(world))) == (401, "invalid_client")


def test_the_last_good_set_stays_while_the_address_fails_for_a_day(world, published):
    redeem(world, **assertion(world))
    published.fail()
    for hours in (1, 22):
        world.clock.advance(hours * 3600)
        assert believed(redeem(world, **assertion(world)))
    world.clock.advance(3600)
    answer = redeem(world, **assertion(world))
    assert errors(answer) == (401, "invalid_client")
    assert "could not be fetched from its jwks_uri: status 503" in answer.json["error_description"]


@pytest.mark.parametrize("broken", [b"<html>", b'{"keys": 1}', b"{}", b'{"keys": [' + b"{}," * 64 + b"{}]}"])
def test_what_is_no_set_replaces_none(world, published, broken):
    from oidc.messages import HttpResponse

    redeem(world, **assertion(world))
    published.answer = HttpResponse(200, {}, broken)
    world.clock.advance(3600)
    assert believed(redeem(world, **assertion(world)))


def test_an_address_that_cannot_be_reached_is_named_and_not_asked_again_at_once(world):
    asked_ = []

    def unreachable(_request):
        asked_.append(1)
        raise FetchFailed("timeout", "signe.example")

    world.answers[ADDRESS] = unreachable
    for _ in range(3):
        answer = redeem(world, **assertion(world))
    assert "could not be fetched from its jwks_uri: timeout" in answer.json["error_description"]
    assert len(asked_) == 1
    Publisher(world)
    world.clock.advance(60)
    assert believed(redeem(world, **assertion(world)))
