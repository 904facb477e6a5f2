"""A provider that is down is left in peace, says so, and comes back by a trial; no stranger can switch one off."""

import json
import threading
import time

import pytest

from broker.errors import Problem
from broker.fetch import FetchFailed
from broker.providers.breaker import LIMIT, PAUSE, WINDOW, Breaker
from oidc.errors import BadAnswer, Unreadable
from oidc.messages import HttpResponse
from tests.broker.test_providers_oidc import attempt, failing
from tests.broker.world import Clock, json_answer

TIMEOUT = FetchFailed("timeout", "impots.example")


def fail(breaker, times=LIMIT, error=TIMEOUT):
    for _ in range(times):
        with pytest.raises(type(error)), breaker.watching(whole=True):
            raise error


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


# -- alone ------------------------------------------------------------------------------------------------------------


def test_so_many_failures_in_a_row_open_it(breaker, clock):
    begun = clock()
    fail(breaker, LIMIT - 1)
    clock.advance(10)
    assert breaker.outage is None
    fail(breaker, 1)
    assert (breaker.outage.since, breaker.outage.resting) == (begun, True)
    with pytest.raises(Problem, match="FI-210"):
        breaker.admit()


def test_what_works_in_between_ends_the_row(breaker):
    fail(breaker, LIMIT - 1)
    with breaker.watching(whole=True):
        pass
    fail(breaker, LIMIT - 1)
    assert breaker.outage is None


def test_a_part_that_works_does_not_end_the_row(breaker):
    fail(breaker, LIMIT - 1)
    with breaker.watching(whole=False):
        pass
    fail(breaker, 1)
    assert breaker.outage


def test_failures_far_apart_are_no_row(breaker, clock):
    fail(breaker, LIMIT - 1)
    clock.advance(WINDOW + 1)
    fail(breaker, 1)
    assert breaker.outage is None


def test_after_the_pause_one_in_a_minute_passes(breaker, clock):
    fail(breaker)
    clock.advance(PAUSE)
    assert breaker.outage.resting is False
    breaker.admit()
    with pytest.raises(Problem, match="FI-210"):
        breaker.admit()


def test_the_trial_closes_it_or_leaves_it_open_since_then(breaker, clock):
    begun = clock()
    fail(breaker)
    clock.advance(PAUSE)
    breaker.admit()
    fail(breaker, 1)
    assert (breaker.outage.since, breaker.outage.resting) == (begun, True)
    with breaker.watching(whole=True):  # somebody who was on his way
        pass
    assert breaker.outage is None


@pytest.mark.parametrize("error", [BadAnswer("a state"), Problem("FI-202", "a moment ago"), KeyError("x")], ids=repr)
def test_what_is_no_failure_does_not_count(breaker, error):
    fail(breaker, 3 * LIMIT, error)
    assert breaker.outage is None


@pytest.mark.parametrize("error", [TIMEOUT, Unreadable("html")], ids=["silence", "garbage"])
def test_silence_and_garbage_count(breaker, error):
    fail(breaker, LIMIT, error)
    assert breaker.outage


def test_while_it_is_open_one_at_a_time_is_heard(breaker):
    fail(breaker)
    with breaker.watching(whole=False), pytest.raises(Problem, match="FI-210"), breaker.watching(whole=True):
        pytest.fail("a second one waits")


def test_when_two_are_slow_nobody_joins_them(clock):
    watch = [0.0]
    breaker = Breaker(clock, lambda: watch[0])
    with breaker.watching(whole=False), breaker.watching(whole=False), breaker.watching(whole=False):
        watch[0] = 1.0
        with pytest.raises(Problem, match="FI-210"), breaker.watching(whole=False):
            pytest.fail("a fourth one waits")
    with breaker.watching(whole=False):
        pass


# -- in logins --------------------------------------------------------------------------------------------------------


def broken(world, answer):
    world.fi["impots"].answers["/token"] = answer
    for _ in range(LIMIT):
        attempt(world)


def chosen(world, **changes):
    browser = world.browser()
    return browser, browser.page(browser.authorize(**changes))


def test_the_page_says_since_when_and_the_other_accounts_work(world):
    broken(world, failing("timeout"))
    browser, page = chosen(world)
    assert 'data-testid="provider-impots"' not in page.text
    assert "indisponible depuis" in page.text
    assert "<details" in page.text
    assert " open>" in page.text
    assert "code=" in browser.confirm(browser.page(browser.prove(browser.choose(page, "poste"), "poste"))).location


def test_who_chooses_it_all_the_same_reads_a_sentence_and_sees_the_others(world):
    broken(world, failing("timeout"))
    asked = len(world.fi["impots"].received)
    browser, page = chosen(world)
    again = browser.page(browser.choose(page, "impots"))
    assert "FI-210" in again.text
    assert "ne répond plus depuis" in again.text
    assert 'data-testid="provider-poste"' in again.text
    assert len(world.fi["impots"].received) == asked


def test_a_service_that_names_it_reaches_the_page_with_the_others(world):
    broken(world, failing("timeout"))
    _, page = chosen(world, idp_hint="impots")
    assert "FI-210" in page.text
    assert 'data-testid="provider-poste"' in page.text


def test_the_status_says_since_when_in_both_languages(world):
    begun = world.clock()
    broken(world, failing("timeout"))
    assert "indisponible depuis" in world.browser().get("/statut").text
    assert "unavailable since" in world.browser().get("/statut?lang=en").text
    told = json.loads(world.browser().get("/status.json").text)["providers"]
    assert {one["id"]: one["down_since"] for one in told} == {"impots": begun, "poste": None}


def test_after_a_minute_a_login_that_works_brings_it_back(world):
    broken(world, failing("timeout"))
    del world.fi["impots"].answers["/token"]
    world.clock.advance(PAUSE)
    assert "code" in world.browser().log_in()
    assert 'data-testid="provider-impots"' in chosen(world)[1].text
    assert "indisponible" not in world.browser().get("/statut").text


def test_who_was_on_his_way_when_it_went_down_is_heard(world):
    browser, page = chosen(world)
    departed = browser.choose(page)
    broken(world, failing("timeout"))
    del world.fi["impots"].answers["/token"]
    assert "DUBOIS" in browser.page(browser.prove(departed)).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda _request: json_answer({"error": "invalid_grant"}, 400),
        lambda _request: HttpResponse(400, {"content-type": "text/html"}, b"<html>"),
    ],
    ids=["JSON", "a page"],
)
def test_a_stranger_with_codes_that_he_made_up_switches_nobody_off(world, answer):
    broken(world, answer)
    assert 'data-testid="provider-impots"' in chosen(world)[1].text


@pytest.mark.parametrize("changes", [{"iss": "https://evil.example"}, {"error": "server_error"}, {"code": ""}], ids=str)
def test_a_stranger_with_answers_that_he_made_up_switches_nobody_off(world, changes):
    for _ in range(2 * LIMIT):
        attempt(world, **changes)
    assert 'data-testid="provider-impots"' in chosen(world)[1].text


def test_a_page_does_not_wait_for_a_provider_that_is_silent(world):
    over = threading.Event()

    def silent(_request):
        over.wait(20)
        raise TIMEOUT

    world.fi["impots"].answers["/.well-known/openid-configuration"] = silent
    begun = time.monotonic()
    chosen(world)
    chosen(world)
    lasted = time.monotonic() - begun
    over.set()
    assert lasted < 5
