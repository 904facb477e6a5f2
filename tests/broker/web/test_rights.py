"""What the operator lets a service do is held by the server: each test leaves out the page that would not offer it."""

from urllib.parse import urlencode

import pytest

from broker.assurance import Level
from broker.parties import Parties, ServiceKeys
from tests.broker.signing import ADDRESS, Publisher, asked, assertion, call, parties, signer
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, Shown, payload, provider, service

SHY = provider("poste", *PROVIDERS["poste"].levels, visible=False)
OFFER = "Vous êtes déjà connecté"


@pytest.fixture
def shy_world(make_world):
    """The post is not on the page; `appel` may name it, and the town hall may not."""
    caller = service("appel", idp_hints=frozenset(("poste",)))
    return make_world(parties=Parties({**SERVICES, "appel": caller}, {**PROVIDERS, "poste": SHY}))


def through_the_post(world):
    """A browser that has logged in at the hidden provider."""
    browser = world.browser()
    shown = browser.page(browser.prove(browser.authorize("appel", idp_hint="poste"), "poste"))
    assert "code=" in browser.confirm(shown).location
    return browser


# -- a provider that the page does not show ---------------------------------------------------------------------------


def test_a_provider_that_is_not_shown_is_reached_by_its_name(shy_world):
    departed = shy_world.browser().authorize("appel", idp_hint="poste")
    assert departed.location.startswith("https://poste.example/authorize?")


@pytest.mark.parametrize(
    ("who", "named"),
    [
        ("appel", {}),
        ("appel", {"idp_hint": "poste", "prompt": "select_account"}),
        ("mairie", {}),
        ("mairie", {"prompt": "login"}),
    ],
)
def test_a_provider_that_is_not_shown_is_not_reached_by_hand(shy_world, who, named):
    browser = shy_world.browser()
    page = browser.page(browser.authorize(who, **named))
    refused = browser.choose(page, "poste")
    assert ("poste" in page.text, refused.status_code, "FI-207" in refused.text) == (False, 400, True)


def test_a_service_that_may_not_name_it_is_told_so(shy_world):
    assert "error=invalid_idp_hint" in shy_world.browser().authorize("mairie", idp_hint="poste").location


@pytest.mark.parametrize(("who", "offered"), [("appel", True), ("mairie", False)])
def test_a_session_of_it_serves_those_who_may_name_it(shy_world, who, offered):
    browser = through_the_post(shy_world)
    assert (OFFER in browser.page(browser.authorize(who)).text) is offered


def test_its_session_is_not_reused_by_hand(shy_world):
    browser = through_the_post(shy_world)
    page = browser.page(browser.authorize("mairie"))
    assert "USR-102" in browser.post("/choisir", **page.hidden, action="continue").text


def test_the_operator_tries_it_before_citizens_see_it(shy_world):
    from broker.relying.trial import provider_link
    from tests.broker.world import PUBLIC, SECRET_KEY

    browser = shy_world.browser()
    opened = browser.get(provider_link(PUBLIC, SECRET_KEY, "poste", shy_world.clock()))
    assert "a réussi" in browser.page(browser.prove(opened, "poste")).text


# -- a provider that is hidden for a service --------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{}, {"idp_hint": "impots"}])
def test_a_provider_that_is_hidden_for_a_service_cannot_be_chosen(make_world, named):
    mairie = service("mairie", hidden_providers=frozenset(("impots",)))
    browser = make_world(parties=Parties({**SERVICES, "mairie": mairie}, PROVIDERS)).browser()
    page = browser.page(browser.authorize("mairie", **named))
    assert "FI-207" in browser.choose(page, "impots").text


def test_a_provider_that_is_off_is_not_reached_by_its_name(make_world):
    off = provider("impots", *PROVIDERS["impots"].levels, active=False)
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, "impots": off}))
    browser = world.browser()
    assert isinstance(browser.page(browser.authorize("mairie", idp_hint="impots")), Shown)
    assert world.fi["impots"].received == []


# -- an allow-list ----------------------------------------------------------------------------------------------------


@pytest.fixture
def choosy(make_world):
    """The town hall's citizens may use the post alone."""
    mairie = service("mairie", only_providers=frozenset(("poste",)))
    return make_world(parties=Parties({**SERVICES, "mairie": mairie}, PROVIDERS))


def test_the_page_offers_the_named_providers_alone(choosy):
    browser = choosy.browser()
    page = browser.page(browser.authorize("mairie")).text
    assert ("provider-poste" in page, "provider-impots" in page) == (True, False)


def test_a_provider_that_is_not_named_cannot_be_chosen_by_hand(choosy):
    browser = choosy.browser()
    assert "FI-207" in browser.choose(browser.page(browser.authorize("mairie")), "impots").text


def test_a_session_of_a_provider_that_is_not_named_is_not_reused(choosy):
    browser = choosy.browser()
    browser.log_in("rsa")
    page = browser.page(browser.authorize("mairie"))
    assert OFFER not in page.text
    assert "USR-102" in browser.post("/choisir", **page.hidden, action="continue").text


# -- levels -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def levelled(make_world):
    """A service that needs nothing and may ask for low or substantial."""
    bounded = service("borne", maximum=Level.SUBSTANTIAL)
    return make_world(parties=Parties({**SERVICES, "borne": bounded}, PROVIDERS))


@pytest.mark.parametrize("asked", ["eidas3", "eidas3 eidas4"])
def test_a_level_that_was_not_granted_is_refused(levelled, asked):
    told = levelled.browser().authorize("borne", acr_values=asked).location
    assert "error=invalid_request" in told
    assert "eidas3+is+not+granted+to+this+service%3B+granted%3A+eidas1+eidas2" in told


def test_beside_one_that_was_granted_it_is_passed_over(levelled):
    browser = levelled.browser()
    code = browser.log_in("borne", acr_values="eidas3 eidas2")["code"]
    assert payload(browser.redeem(code, "borne").json["id_token"])["acr"] == "eidas2"


def test_a_level_that_was_not_granted_cannot_be_made_a_condition(levelled):
    wanted = '{"id_token": {"acr": {"essential": true, "values": ["eidas3"]}}}'
    assert "error=unmet_authentication_requirements" in levelled.browser().authorize("borne", claims=wanted).location


def test_a_service_gets_nothing_below_its_own_level_whatever_it_asks(world):
    browser = world.browser()
    page = browser.page(browser.authorize("strict", acr_values="eidas1"))
    assert "FI-204" in browser.choose(page, "poste").text


# -- scopes, addresses, algorithms, Europe ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [{"scope": "openid phone"}, {"scope": "openid", "claims": '{"userinfo": {"phone_number": {"essential": true}}}'}],
)
def test_a_claim_that_no_granted_scope_opens_is_never_sent(world, wanted):
    world.fi["impots"].claims["phone_number"] = "+33 1 99 00 00 00"
    browser = world.browser()
    answer = browser.authorize("mairie", **wanted).location
    if "error=" in answer:
        assert "error=invalid_scope" in answer
    else:
        assert "phone_number" not in browser.claims("mairie", **wanted)


@pytest.mark.parametrize("uri", ["https://rsa.example/retour", "https://mairie.example/retour?x", "https://mairie.example"])
def test_an_address_that_is_not_the_services_own_is_sent_nobody(world, uri):
    refused = world.browser().authorize("mairie", redirect_uri=uri)
    assert (refused.status_code, "SRV-402" in refused.text, refused.location) == (400, True, None)


@pytest.mark.parametrize("uri", ["https://rsa.example/", "https://mairie.example", "https://mairie.example/retour"])
def test_a_logout_leads_to_no_address_that_is_not_for_logout(world, uri):
    browser = world.browser()
    hint = browser.redeem(browser.log_in()["code"]).json["id_token"]
    refused = browser.get(f"{ISSUER}/session/end?{urlencode({'id_token_hint': hint, 'post_logout_redirect_uri': uri})}")
    assert (refused.status_code, "SRV-406" in refused.text, refused.location) == (400, True, None)


def test_a_service_that_signs_with_an_algorithm_that_it_did_not_register_is_not_believed(make_world):
    """`algorithms` in its file: RS256 alone, and it signs with ES256."""
    only = ServiceKeys(frozenset(("RS256",)), ADDRESS)
    for keys, status in ((only, 401), (signer().keys, 201)):
        world = make_world(parties=parties(signer(keys=keys)))
        Publisher(world)
        assert call(world, "par", {**asked("signe"), **assertion(world)}).status_code == status


def test_a_citizen_of_another_country_reaches_no_service_that_takes_none(make_abroad):
    traveller = make_abroad().traveller()
    page = traveller.page(traveller.authorize("national"))
    traveller.post("/eidas/pays", **page.hidden, country="EL")
    assert "SAMLRequest" not in traveller.get(f"/aller?j={page.hidden['j']}").text


# -- what a request says beside -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "holographic", ""])
def test_display_is_ignored_as_a_server_may(world, display):
    """OpenID Connect Core 3.1.2.1: no answer depends on it; every page is for every screen."""
    browser = world.browser()
    assert browser.log_in("mairie", display=display).keys() == {"code", "state", "iss"}


@pytest.mark.parametrize(
    "unknown",
    [{"colour": "blue"}, {"nonce2": "x"}, {"Scope": "address"}, {"acr": "eidas3"}, {"id_token": "x"}, {"é" * 30: "ö"}],
)
def test_a_parameter_that_nobody_knows_is_ignored(world, unknown):
    """RFC 6749 3.1: and it changes nothing of what is sent."""
    claims = world.browser().claims("mairie")
    assert world.browser().claims("mairie", **unknown).keys() == claims.keys()


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
def test_a_parameter_that_nobody_knows_is_ignored_by_the_other_endpoints(world, endpoint):
    """RFC 6749 3.2."""
    browser = world.browser()
    token = browser.redeem(browser.log_in()["code"], **({"colour": "blue"} if endpoint == "token" else {}))
    asked = browser.get(f"{ISSUER}/jwks?colour=blue")
    assert (token.status_code, asked.status_code) == (200, 200)
