"""A worker is killed at each place of each step of a login: what was under way can be repeated, and is answered once.

The browser does what browsers and citizens do when no answer comes: the very same request again.
"""

import json

import psycopg
import pytest

from tests.broker.faults import steps
from tests.broker.faults.servers import AUTHORIZE, Client, WorkerDied, code_in, go_on, redeem, serving

pytestmark = [pytest.mark.slow, pytest.mark.loopback]


@pytest.fixture(scope="module")
def port(database, tmp_path_factory):
    """Where two workers listen."""
    with serving(tmp_path_factory.mktemp("killed"), database) as port:
        yield port


def grants(database):
    """How many releases stand."""
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT count(*) FROM grants").fetchone()[0]


def killed_at(browser, number, request):
    """Send a request whose worker dies at its n-th place; None when it lived, else what the same request brings then."""
    browser.lives = number
    try:
        browser.send(*request)
    except WorkerDied:
        return browser.send(*request)
    return None


STEPS = {
    steps.begin: 2,
    steps.read_the_choice: 1,
    steps.choose: 3,
    steps.come_back: 3,
    steps.read_the_confirmation: 1,
    steps.confirm: 8,
}
"""Each step with how many places it has at least to die at."""


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_the_step_can_be_repeated_and_ends_in_one_release(step, port, database):
    deaths = 0
    for number in range(40):
        browser, before = Client(port), grants(database)
        request = step(browser)
        again = killed_at(browser, number, request)
        if again is None:
            break
        deaths += 1
        at = steps.after(browser, again, request[1])
        assert redeem(Client(port), code_in(go_on(browser, at))).status == 200
        assert grants(database) == before + 1
    assert deaths >= STEPS[step]


def test_a_confirmation_that_was_lost_on_its_way_brings_the_very_same_code(port, database):
    browser = Client(port)
    request = steps.confirm(browser)
    browser.lives = STEPS[steps.confirm] - 1
    with pytest.raises(WorkerDied):
        browser.send(*request)
    before = grants(database)
    codes = {code_in(browser.send(*request)) for _ in range(3)}
    assert (len(codes), grants(database)) == (1, before)


def test_who_turned_back_does_not_release_by_repeating_it(port, database):
    for number in range(40):
        browser, before = Client(port), grants(database)
        again = killed_at(browser, number, steps.cancel(browser))
        if again is None:
            break
        assert "error=access_denied" in again.location
        assert grants(database) == before
    assert number >= 3


# -- the service's side ------------------------------------------------------------------------------------------------


def test_a_code_whose_exchange_was_cut_short_gives_tokens_once_or_the_protocols_error(port, database):
    outcomes = []
    for number in range(40):
        browser, service = Client(port), Client(port)
        code = code_in(go_on(browser, browser.get(AUTHORIZE)))
        service.lives = number
        try:
            redeem(service, code)
        except WorkerDied:
            outcomes.append(redeem(service, code).status)
        else:
            break
        assert redeem(service, code).status == 400
    # Until the commit the code is good for another attempt; after it the tokens are lost, and nobody else can have them.
    assert (len(outcomes) >= 5, set(outcomes[:-1]), outcomes[-1]) == (True, {200}, 400)


def test_a_userinfo_that_was_cut_short_is_simply_asked_again(port):
    browser = Client(port)
    code = code_in(go_on(browser, browser.get(AUTHORIZE)))
    token = json.loads(redeem(Client(port), code).text)["access_token"]
    for number in range(2):
        service = Client(port, lives=number)
        with pytest.raises(WorkerDied):
            service.post("/api/v2/userinfo", {"access_token": token})
        assert service.post("/api/v2/userinfo", {"access_token": token}).status == 200


def test_workers_were_killed_and_others_came(port):
    browser = Client(port)
    for _ in range(20):
        browser.get(AUTHORIZE)
    before = set(browser.workers)
    for _ in range(4):
        with pytest.raises(WorkerDied):
            Client(port, lives=0).get(AUTHORIZE)
    browser.workers.clear()
    for _ in range(20):
        browser.get(AUTHORIZE)
    assert browser.workers - before
