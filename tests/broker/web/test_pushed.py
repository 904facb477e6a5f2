"""Pushed requests (RFC 9126): what is pushed is checked at once, and its name is worth one login, of one service."""

from base64 import b64encode
from dataclasses import replace

import pytest

from broker.parties import Parties
from broker.relying.asking import PUSHED
from broker.relying.oidc import demand_of
from oidc.errors import RequestUnusable
from tests.broker.signing import (
    CHALLENGE,
    POSTED,
    VERIFIER,
    Publisher,
    asked,
    assertion,
    call,
    come_by_name,
    finish,
    parties,
    push,
    signer,
)
from tests.broker.world import ISSUER, PROVIDERS, SECRET, STATE, payload, service

MAIRIE = {**asked("mairie"), **POSTED}
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def world(make_world):
    strict = service("pousse", only_pushed=True)
    return make_world(parties=parties(signer(), strict))


@pytest.fixture
def browser(world):
    return world.browser()


def refused(page, code):
    """Whether nobody was sent anywhere, and the page says why and offers the way home."""
    return page.status_code == 400 and "location" not in page.headers and code in page.text


# -- what works -------------------------------------------------------------------------------------------------------


def test_a_pushed_request_becomes_a_login(world, browser):
    back = finish(browser, come_by_name(browser, "mairie", push(world, MAIRIE)))
    assert back["state"] == STATE
    tokens = browser.redeem(back["code"]).json
    assert payload(browser.userinfo(tokens["access_token"]).text)["family_name"] == "DUBOIS"


def test_the_answer_is_created_with_a_name_that_lives_a_minute(world):
    answer = call(world, "par", MAIRIE)
    assert (answer.status_code, answer.json["expires_in"]) == (201, 60)
    assert answer.json["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert len(answer.json["request_uri"].rpartition(":")[2]) == 43
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_service_may_push_with_its_secret_in_the_header(world):
    basic = b64encode(f"mairie:{SECRET}".encode()).decode()
    form = asked("mairie", client_id=None)
    assert call(world, "par", form, Authorization=f"Basic {basic}").status_code == 201


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", f"{ISSUER}/par"])
def test_a_service_may_push_with_its_key(world, browser, audience):
    Publisher(world)
    name = push(world, {**asked(client_id=None), **assertion(world, aud=audience)})
    assert "code" in finish(browser, come_by_name(browser, "signe", name))


def test_a_public_client_may_push_and_still_needs_its_verifier(world, browser):
    name = push(world, asked("appli", **PKCE))
    code = finish(browser, come_by_name(browser, "appli", name))["code"]
    without = browser.redeem(code, "appli", client_secret=None)
    assert without.json["error"] == "invalid_grant"
    assert browser.redeem(code, "appli", client_secret=None, code_verifier=VERIFIER).status_code == 200


def test_a_name_may_come_by_post(world, browser):
    form = {"client_id": "mairie", "request_uri": push(world, MAIRIE)}
    moved = browser.post("/api/v2/authorize", **form)
    assert "code" in finish(browser, browser.get(moved.location))


def test_a_service_that_always_pushes_is_heard(world, browser):
    assert "code" in finish(browser, come_by_name(browser, "pousse", push(world, {**asked("pousse"), **POSTED})))


def test_nothing_that_was_pushed_lies_open_in_the_store(world):
    push(world, {**MAIRIE, "login_hint": "angela@courriel.example"})
    rows = b"".join(row.body for row in world.store._rows.values())
    assert all(word not in rows for word in (b"angela", b"mairie", STATE.encode()))


# -- beside a name nothing counts ---------------------------------------------------------------------------------------


def test_what_stands_beside_a_name_counts_for_nothing(world, browser):
    more = {"state": "of the attacker", "redirect_uri": "https://evil.example/", "scope": "openid", "prompt": "none"}
    back = finish(browser, come_by_name(browser, "mairie", push(world, MAIRIE), **more))
    assert back["state"] == STATE


def test_a_country_beside_a_name_counts_for_nothing(make_abroad):
    world = make_abroad()
    beside, within = push(world, MAIRIE), push(world, {**MAIRIE, "eidas_country": "EL"})
    assert come_by_name(world.browser(), "mairie", beside, eidas_country="EL").location.startswith("/choisir")
    assert not come_by_name(world.browser(), "mairie", within).location.startswith("/choisir")


# -- theft and reuse ----------------------------------------------------------------------------------------------------


def test_a_name_counts_once(world, browser):
    name = push(world, MAIRIE)
    assert come_by_name(browser, "mairie", name).status_code == 303
    assert refused(come_by_name(browser, "mairie", name), "SRV-410")


def test_a_name_that_another_browser_stole_is_worth_one_login_in_all(world, browser):
    name = push(world, MAIRIE)
    assert come_by_name(world.browser(), "mairie", name).status_code == 303
    assert refused(come_by_name(browser, "mairie", name), "SRV-410")


def test_another_service_cannot_use_a_name_nor_use_it_up(world, browser):
    name = push(world, MAIRIE)
    assert refused(come_by_name(browser, "assurance", name), "SRV-410")
    assert come_by_name(browser, "mairie", name).status_code == 303


def test_a_name_is_worth_nothing_to_nobody(world, browser):
    page = come_by_name(browser, "nobody", push(world, MAIRIE))
    assert refused(page, "SRV-401")


def test_a_name_is_worth_nothing_after_a_minute(world, browser):
    name = push(world, MAIRIE)
    world.clock.advance(60)
    assert refused(come_by_name(browser, "mairie", name), "SRV-410")


@pytest.mark.parametrize("change", [lambda n: n[:-1], lambda n: n + "A", lambda n: n.swapcase(), lambda n: n[:-43]])
def test_a_name_cannot_be_guessed(world, browser, change):
    page = come_by_name(browser, "mairie", change(push(world, MAIRIE)))
    assert page.status_code == 400


def test_of_two_that_come_at_once_one_journey_begins(world):
    rooms, name = world.app.extensions["passerelle"](), push(world, MAIRIE)
    query = [("client_id", "mairie"), ("request_uri", name)]
    first, second = rooms.asking.hear(query), rooms.asking.hear(query)  # both have read, neither has begun
    mairie = world.settings.parties.services["mairie"]
    rooms.flow.begin(demand_of(first.request, mairie, {}), b"b" * 32, first.once)
    rows = len(world.store._rows)
    with pytest.raises(RequestUnusable, match="was used before"):
        rooms.flow.begin(demand_of(second.request, mairie, {}), b"c" * 32, second.once)
    assert len(world.store._rows) == rows


def test_a_silent_request_uses_its_name_up_as_well(world, browser):
    name = push(world, {**MAIRIE, "prompt": "none"})
    assert "login_required" in come_by_name(browser, "mairie", name).location
    assert refused(come_by_name(browser, "mairie", name), "SRV-410")


def test_what_the_configuration_has_withdrawn_since_is_refused(world, browser):
    name = push(world, MAIRIE)
    rooms = world.app.extensions["passerelle"]()
    rooms.asking._clients["mairie"] = replace(rooms.clients["mairie"], redirect_uris=("https://mairie.example/other",))
    assert refused(come_by_name(browser, "mairie", name), "SRV-402")


# -- names of others ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri", ["https://evil.example/request.jwt", "http://169.254.169.254/", "file:///etc/passwd", "urn:x"]
)
def test_the_address_of_a_request_is_never_fetched(world, browser, uri):
    world.answers = {uri: lambda _request: pytest.fail("fetched")}
    answer = browser.authorize("mairie", request_uri=uri)
    assert "error=request_uri_not_supported" in answer.location


def test_a_name_beside_a_request_object_is_refused(world, browser):
    page = come_by_name(browser, "mairie", push(world, MAIRIE), request="a.b.c")
    assert refused(page, "SRV-411")


def test_two_names_at_once_are_no_name(world, browser):
    one, two = push(world, MAIRIE), push(world, MAIRIE)
    page = browser.get(f"{ISSUER}/authorize?client_id=mairie&request_uri={one}&request_uri={two}")
    assert page.status_code == 400


def test_a_service_that_always_pushes_is_not_heard_otherwise(world, browser):
    answer = browser.authorize("pousse")
    assert "error=invalid_request" in answer.location
    assert "must+push" in answer.location


# -- what is wrong is said at once --------------------------------------------------------------------------------------

ATTACKS = {
    ("check_redirect_registered", "another site"): ({"redirect_uri": "https://evil.example/"}, 400, "invalid_request"),
    ("check_redirect_registered", "a longer path"): (
        {"redirect_uri": "https://mairie.example/retour/"},
        400,
        "invalid_request",
    ),
    ("check_no_name_pushed", "a name"): ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400, "invalid_request"),
    ("check_no_name_pushed", "an address"): ({"request_uri": "https://evil.example/"}, 400, "invalid_request"),
    ("check_scopes_granted", "a scope not granted"): ({"scope": "openid address"}, 400, "invalid_scope"),
    ("check_openid_scope", "no openid"): ({"scope": "email"}, 400, "invalid_request"),
    ("check_response_type", "the implicit flow"): ({"response_type": "token"}, 400, "unsupported_response_type"),
    ("check_nonce", "a short nonce"): ({"nonce": "n"}, 400, "invalid_request"),
    ("check_state", "no state"): ({"state": None}, 400, "invalid_request"),
    ("check_challenge", "plain PKCE"): ({"code_challenge": "c" * 43}, 400, "invalid_request"),
    ("check_no_request_object", "an object without keys"): (
        {"request": "a.b.c"},
        400,
        "request_not_supported",
    ),
    ("check_idp_hint", "a provider not allowed"): ({"idp_hint": "poste"}, 400, "invalid_idp_hint"),
    ("check_client_secret", "a wrong secret"): ({"client_secret": "wrong"}, 401, "invalid_client"),
    ("check_authentication_method", "no secret"): ({"client_secret": None}, 401, "invalid_client"),
    ("read_credentials", "nobody"): ({"client_id": None}, 401, "invalid_client"),
    ("read_credentials", "somebody unknown"): ({"client_id": "nobody"}, 401, "invalid_client"),
    ("check_single", "an endless state"): ({"state": "s" * 2049}, 400, "invalid_request"),
    ("check_sizes", "a line break"): ({"state": "s\r\nSet-Cookie: a=b"}, 400, "invalid_request"),
}


@pytest.mark.parametrize(("changes", "status", "error"), ATTACKS.values(), ids=[": ".join(pair) for pair in ATTACKS])
def test_what_breaks_a_rule_is_answered_in_json(world, changes, status, error):
    form = {name: value for name, value in {**MAIRIE, **changes}.items() if value is not None}
    answer = call(world, "par", form)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert "location" not in answer.headers
    assert not world.store._rows


def test_a_parameter_must_not_be_pushed_twice(world):
    form = [*MAIRIE.items(), ("state", "another")]
    answer = world.app.test_client().post(
        "/api/v2/par",
        data="&".join(f"{name}={value}" for name, value in form),
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_public_client_that_pushes_still_needs_pkce(world):
    assert "code_challenge is mandatory" in call(world, "par", asked("appli")).json["error_description"]


def test_a_request_is_pushed_by_post_alone(world):
    answer = world.app.test_client().get("/api/v2/par")
    assert (answer.status_code, answer.json["error"]) == (405, "invalid_request")


def test_a_service_cannot_push_in_the_name_of_another(world):
    basic = b64encode(f"mairie:{SECRET}".encode()).decode()
    answer = call(world, "par", asked("assurance"), Authorization=f"Basic {basic}")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_the_secret_is_not_kept_with_the_request(world):
    rooms = world.app.extensions["passerelle"]()
    name = push(world, MAIRIE)
    kept = rooms.vault.find(PUSHED, name.rpartition(":")[2].encode()).value
    assert SECRET not in str(kept.params)
    assert dict(kept.params)["state"] == STATE


# -- what is published ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [False, True])
def test_the_document_says_whether_every_service_must_push(make_world, every):
    services = {"a": service("a", only_pushed=True), "b": service("b", only_pushed=every)}
    world = make_world(parties=Parties(services, PROVIDERS))
    document = world.app.test_client().get("/api/v2/.well-known/openid-configuration").json
    assert document["require_pushed_authorization_requests"] is every
    assert document["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
