"""Services on libraries of others in a real browser: answers in forms, prompts, claims on the page, encrypted tokens."""

import json
from urllib.parse import quote, urlencode

import pytest

from tests.peers import apache as httpd
from tests.peers.programs import free_port
from tests.peers.registrations import Provider, Service
from tests.peers.world import running

KEYS = 'jwks_uri = "{jwks}"\nprivate_addresses = true\nencrypt = "ECDH-ES"\nrequire_pushed_authorization_requests = true'
SERVICES = (
    Service("oc"),
    Service("o4", facts={"library": "oauth4webapi"}),
    Service("oc-sealed", KEYS, {"encrypt": "ECDH-ES", "pushed": True}),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory, node, apache):
    """All programs, for the tests of this file: the broker with its provider, the services, and Apache."""
    folder, port = tmp_path_factory.mktemp("chromium"), free_port()
    with (
        running(folder, node, [*SERVICES, *httpd.services(port)], (Provider("plain"),)) as peers,
        httpd.running(folder, apache, port, f"{peers.broker}/api/v2") as started,
    ):
        yield peers, started


@pytest.fixture
def peers(world):
    """Without Apache."""
    return world[0]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request):
    """Whether the browser runs scripts."""
    return request.param


@pytest.fixture
def visitor(chromium):
    """A citizen's browser, in English."""
    contexts = []

    def open_page(scripts=True):
        contexts.append(chromium.new_context(locale="en-GB", java_script_enabled=scripts))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


def at(page, name):
    """Click the element with this test id."""
    page.click(f'[data-testid="{name}"]')


def vouch(page):
    """From the choice of an account to the page that shows what will be sent."""
    at(page, "provider-plain")
    page.fill('[name="account"]', "angela")
    page.fill('[name="acr"]', "eidas2")
    page.click("text=Log in")
    page.wait_for_selector('[data-testid="continue"]')


def begin(page, peers, service="oc", **asked):
    """From the service's button to the first page of ours."""
    page.goto(f"{peers.home}{service}/login?{urlencode(asked)}")


def shown(page, peers, scripts=True):
    """What the service shows, once its answer has come: by our button where no script presses it."""
    if not scripts and not page.url.startswith(peers.home):
        at(page, "back")
    page.wait_for_url(f"{peers.home}**")
    return json.loads(page.inner_text("body"))


# -- answers in a form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["oc", "o4", "oc-sealed"])
def test_an_answer_in_a_form_signs_in_with_and_without_scripts(peers, visitor, service, scripts):
    page = visitor(scripts)
    begin(page, peers, service, response_mode="form_post")
    vouch(page)
    at(page, "continue")
    got = shown(page, peers, scripts)
    assert got["claims"]["family_name"] == "DUBOIS"
    assert page.url == f"{peers.home}{service}/callback"


def test_a_refusal_in_a_form_reaches_the_service(peers, visitor, scripts):
    page = visitor(scripts)
    begin(page, peers, response_mode="form_post")
    at(page, "cancel")
    assert shown(page, peers, scripts)["error"] == "access_denied"


def test_what_is_wrong_in_the_request_reaches_the_service_in_a_form(peers, visitor, scripts):
    page = visitor(scripts)
    begin(page, peers, response_mode="form_post", nonce="short")
    assert shown(page, peers, scripts)["error"] == "invalid_request"


def test_going_back_after_an_answer_in_a_form_is_no_second_login(peers, visitor):
    page = visitor(scripts=False)
    begin(page, peers, response_mode="form_post")
    vouch(page)
    at(page, "continue")
    assert "claims" in (got := shown(page, peers, scripts=False)), got
    page.go_back()
    at(page, "back")
    page.wait_for_url(f"{peers.home}**")
    assert json.loads(page.inner_text("body"))["error"] == "invalid_grant"


def test_a_form_tells_a_service_nothing_of_the_account_and_the_account_nothing_of_the_service(peers, visitor, scripts):
    page, sent = visitor(scripts), []
    page.on("request", lambda request: sent.append(request))
    begin(page, peers, response_mode="form_post")
    vouch(page)
    at(page, "continue")
    assert "claims" in (got := shown(page, peers, scripts)), got
    told = [f"{one.url} {one.all_headers()} {one.post_data}" for one in sent]
    service = [text for text in told if text.startswith(peers.home)]
    provider = [text for text in told if text.startswith(peers.provider)]
    assert [text for text in service if "fi-plain" in text] == []
    assert [text for text in provider if "fs.localhost" in text] == []
    assert (len(service), "'origin': 'null'" in service[-1], "referer" in service[-1]) == (2, True, False)
    assert provider


# -- prompts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(peers, visitor):
    """A browser with a running session of ours."""
    page = visitor()
    begin(page, peers)
    vouch(page)
    at(page, "continue")
    assert "claims" in (got := shown(page, peers)), got
    return page


def offers_session(page):
    """Whether the page offers to go on as the person who is signed in."""
    page.wait_for_selector('[data-testid="provider-plain"]')
    return page.query_selector('[data-testid="continue"]') is not None


@pytest.mark.parametrize(
    ("asked", "offered"),
    [({}, True), ({"prompt": "login"}, False), ({"max_age": "0"}, False), ({"prompt": "consent"}, True)],
    ids=["nothing", "login", "max_age=0", "consent"],
)
def test_who_is_signed_in_goes_on_unless_the_service_wants_a_new_authentication(peers, signed_in, asked, offered):
    begin(signed_in, peers, "o4", **asked)
    assert offers_session(signed_in) is offered


def test_select_account_shows_the_accounts_to_whoever_is_signed_in(peers, signed_in):
    begin(signed_in, peers, "o4", prompt="select_account")
    signed_in.wait_for_selector('[data-testid="provider-plain"]')
    vouch(signed_in)
    at(signed_in, "continue")
    assert shown(signed_in, peers)["claims"]["family_name"] == "DUBOIS"


def test_consent_shows_what_will_be_sent_once_more(peers, signed_in):
    begin(signed_in, peers, "o4", prompt="consent")
    at(signed_in, "continue")
    signed_in.wait_for_url(f"{peers.broker}/confirmer**")
    assert "DUBOIS" in signed_in.inner_text("main")


def test_none_shows_no_page_and_says_that_one_is_needed(peers, signed_in):
    begin(signed_in, peers, "o4", prompt="none")
    assert shown(signed_in, peers)["error"] == "interaction_required"


def test_none_without_a_session_says_that_nobody_is_signed_in(peers, visitor):
    page = visitor()
    begin(page, peers, prompt="none", response_mode="form_post")
    assert shown(page, peers)["error"] == "login_required"


# -- claims one by one, encrypted tokens ------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["oc", "oc-sealed"])
def test_the_citizen_sees_the_claims_that_were_asked_one_by_one_and_no_others(peers, visitor, service):
    page = visitor()
    wanted = {"id_token": {"birthcountry": None}, "userinfo": {"email": {"essential": True}}}
    begin(page, peers, service, scope="openid", claims=json.dumps(wanted))
    vouch(page)
    seen = page.inner_text("main")
    assert "angela@courriel.example" in seen
    assert "DUBOIS" not in seen
    at(page, "continue")
    got = shown(page, peers)
    assert (got["id_token"]["birthcountry"], got["claims"]["email"]) == ("99100", "angela@courriel.example")
    assert got["encrypted"] == {"id_token": service == "oc-sealed", "userinfo": service == "oc-sealed"}


# -- Apache -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", httpd.HOSTS)
def test_apache_shows_its_page_to_whoever_signs_in_and_none_after_the_logout(world, visitor, name):
    origin, page = world[1].origin(name), visitor()
    page.goto(f"{origin}/page/")
    vouch(page)
    at(page, "continue")
    page.wait_for_url(f"{origin}/page/")
    assert page.inner_text("body") == "the page behind it"
    page.goto(f"{origin}/callback?logout={quote(f'{origin}/', safe='')}")
    if name == "sealed":
        at(page, "logout-all")
    page.click('[name="logout"]')
    page.wait_for_url(f"{origin}/")
    page.goto(f"{origin}/page/")
    assert not offers_session(page)
