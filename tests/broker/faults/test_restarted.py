"""The database is started anew in the middle of logins: each page leads to the same address again, and then all works."""

import html
import re

import pytest

from broker.store.migrate import upgrade
from tests.broker.faults import steps
from tests.broker.faults.servers import AUTHORIZE, Client, code_in, go_on, redeem, serving
from tests.tools import postgres

pytestmark = [pytest.mark.slow, pytest.mark.loopback, pytest.mark.database]


@pytest.fixture(scope="module")
def server():
    """A server of our own: others must not lose theirs."""
    programs = postgres.programs()
    if programs is None:
        pytest.skip("PostgreSQL server absent: apt-get install postgresql")
    with postgres.server(programs) as running:
        upgrade(running.url)
        yield running


@pytest.fixture(scope="module")
def port(server, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("restarted"), server.url) as port:
        yield port


def retry(answer):
    """Where the page of a store that does not answer leads."""
    assert (answer.status, answer.headers["retry-after"], "SYS-504" in answer.text) == (503, "10", True)
    (link,) = re.findall(r'href="([^"]+)" data-testid="retry"', answer.text)
    return html.unescape(link)


def test_citizens_at_every_step_and_their_services_go_on_after_a_restart(server, port):
    """One restart for all of them: it costs seconds."""
    browsers = [Client(port) for _ in steps.LOGIN]
    requests = [step(browser) for step, browser in zip(steps.LOGIN, browsers, strict=True)]
    waiting = Client(port)
    code = code_in(go_on(waiting, waiting.get(AUTHORIZE)))
    server.stop("fast")
    refused = redeem(waiting, code)
    links = [retry(browser.send(*request)) for browser, request in zip(browsers, requests, strict=True)]
    server.start()
    assert (refused.status, refused.headers["retry-after"], redeem(waiting, code).status) == (503, "10", 200)
    for browser, link, (method, address, _) in zip(browsers, links, requests, strict=True):
        assert (link == address) == (method == "GET")
        back = go_on(browser, steps.after(browser, browser.get(link), link))
        assert redeem(browser, code_in(back)).status == 200


def test_a_worker_says_that_it_is_not_ready_while_the_database_is_away(server, port):
    server.stop("fast")
    away = Client(port).get("/readyz").status
    server.start()
    assert (away, Client(port).get("/readyz").status) == (503, 200)
