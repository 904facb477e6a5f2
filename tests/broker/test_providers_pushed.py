"""Requests that are handed over beforehand (PAR): whole logins, and what keeps them from going another way."""

import dataclasses
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from broker.parties import Parties
from oidc.messages import HttpResponse
from tests.broker.world import PROVIDERS, SERVICES, Fi, json_answer

URN = "urn:ietf:params:oauth:request_uri:abc"


class Par:
    """A provider that offers PAR: what was handed over is found again when the browser comes."""

    def __init__(self, fi: Fi, required: bool = False) -> None:
        self.fi, self.taken, plain, log_in = fi, {}, fi._openid_configuration, fi.log_in
        par = {"pushed_authorization_request_endpoint": f"{fi.issuer}/par"}
        more = {"require_pushed_authorization_requests": True} if required else {}

        def document(request):
            return json_answer({**_members(plain(request)), **par, **more})

        def took(request):
            assert request.headers["Authorization"].startswith("Basic ")
            self.taken[URN] = request.body.decode()
            return json_answer({"request_uri": URN, "expires_in": 60}, 201)

        def came(location, **changes):
            asked = dict(parse_qsl(urlsplit(location).query))
            assert asked == {"client_id": "passerelle", "request_uri": URN}
            return log_in(f"{fi.issuer}/authorize?{self.taken.pop(URN)}", **changes)

        fi.answers |= {"/.well-known/openid-configuration": document, "/par": took}
        fi.log_in = came


def _members(response):
    import json

    return json.loads(response.body)


def wanting(make_world, wanted):
    impots = dataclasses.replace(PROVIDERS["impots"], pushed=wanted)
    return make_world(parties=Parties(SERVICES, {**PROVIDERS, "impots": impots}))


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("wanted", ["offered", "required"])
def test_a_provider_that_offers_it_is_asked_beforehand(make_world, wanted, required):
    world = wanting(make_world, wanted)
    Par(world.fi["impots"], required)
    assert world.browser().claims()["family_name"] == "DUBOIS"


def test_nothing_of_the_ask_is_in_the_address_of_the_browser(world):
    Par(world.fi["impots"])
    browser = world.browser()
    location = browser.choose(browser.page(browser.authorize())).location
    assert dict(parse_qsl(urlsplit(location).query)).keys() == {"client_id", "request_uri"}


def test_a_provider_that_offers_none_is_asked_by_the_browser(world):
    assert "state=" in departure(world)


def departure(world):
    browser = world.browser()
    return browser.choose(browser.page(browser.authorize())).location


def test_what_is_not_wanted_is_not_used(make_world):
    world = wanting(make_world, "never")
    Par(world.fi["impots"])
    assert "state=" in departure(world)


def test_what_must_be_handed_over_never_goes_with_the_browser(make_world):
    world = wanting(make_world, "required")
    assert departure(world).startswith("/choisir")
    browser = world.browser()
    assert "FI-203" in browser.page(browser.choose(browser.page(browser.authorize()))).text


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (json_answer({"error": "invalid_client"}, 401), "FI-203"),
        (json_answer({"request_uri": ""}, 201), "FI-203"),
        (HttpResponse(201, {}, b"<html>"), "FI-203"),
        (json_answer({}, 503), "FI-202"),
    ],
    ids=["refused", "no name", "garbage", "down"],
)
def test_a_provider_that_does_not_take_it_leads_back_to_the_choice(world, answer, code):
    Par(world.fi["impots"])
    world.fi["impots"].answers["/par"] = lambda _request: answer
    browser = world.browser()
    page = browser.page(browser.choose(browser.page(browser.authorize())))
    assert code in page.text
    assert 'data-testid="provider-poste"' in page.text


def test_an_answer_to_what_was_handed_over_still_needs_its_state(world):
    Par(world.fi["impots"])
    browser = world.browser()
    departed = browser.choose(browser.page(browser.authorize()))
    world.fi["impots"].log_in(departed.location)
    assert browser.get("/api/v2/oidc-callback/impots?" + urlencode({"code": "x", "state": "y"})).status_code == 400
