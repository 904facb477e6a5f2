"""Services ask, citizens agree, data providers have the token checked and deliver: over HTTP, with a real Passerelle."""

from base64 import urlsafe_b64decode

import pytest

from broker.sandbox.calling import Caller
from broker.sandbox.decoding import readable
from broker.sandbox.flow import strangers
from broker.sandbox.parties import DATA_PROVIDERS, NODES, PROVIDERS, SERVICES
from tests.broker.sandbox.agreeing import ASSURANCE, MAIRIE, POINTS, QUOTE, REVENUS, agree, asked, said, sign_in, withdraw
from tests.broker.sandbox.browsing import Browser

pytestmark = pytest.mark.loopback

ANGELA = {"given_name": "Angela Claire Louise", "family_name": "DUBOIS", "birthdate": "1962-08-24"}
PEOPLE = ("angela", "el-onasis", "de-mueller")


@pytest.fixture
def browser():
    return Browser()


def calls_to(world, provider):
    """What the services asked of a data provider."""
    return [one for one in world.recorder.exchanges() if one.host == provider.host and one.path.startswith("/api")]


def token_of(exchange):
    return dict(exchange.headers)["Authorization"].partition(" ")[2]


# -- what was agreed to arrives ---------------------------------------------------------------------------------------


def test_the_town_hall_shows_the_income_that_the_data_provider_delivered(world, browser):
    page = sign_in(world, browser, "revenu_fiscal")
    assert page.text("value-revenu_fiscal") == said("revenu_fiscal", ANGELA) + "€ par an"
    assert "Revenus Démo" in page.text("data-revenus-demo")


@pytest.mark.parametrize("persona", PEOPLE)
def test_everybody_has_an_income_wherever_he_is_from(world, browser, persona):
    page = sign_in(world, browser, "revenu_fiscal", persona=persona)
    person = {name: page.text(f"claim-{name}") for name in ANGELA}
    assert page.text("value-revenu_fiscal").startswith(said("revenu_fiscal", person))


@pytest.mark.parametrize("persona", PEOPLE)
def test_the_insurance_gets_points_by_a_token_that_is_bound_and_for_one_alone(world, browser, persona):
    page = sign_in(world, browser, "permis_points", persona=persona, path=QUOTE)
    person = {name: page.text(f"claim-{name}") for name in ANGELA}
    assert page.text("value-permis_points").startswith(said("permis_points", person))
    (call,) = calls_to(world, POINTS)
    assert dict(call.headers)["Authorization"].startswith("DPoP ")
    assert calls_to(world, REVENUS) == []


def test_whoever_was_asked_for_two_things_gives_one(world, browser):
    page = sign_in(world, browser, "nombre_parts")
    assert {"value-nombre_parts", "refused-revenu_fiscal"} < set(page.marked)
    assert "value-revenu_fiscal" not in page.marked


def test_of_whom_agrees_to_nothing_nobody_is_asked(world, browser):
    page = sign_in(world, browser)
    assert {"signed-in", "refused-revenu_fiscal", "refused-nombre_parts"} < set(page.marked)
    assert calls_to(world, REVENUS) == []


def test_what_is_required_is_asked_for_again_and_whoever_goes_back_sends_nothing(world, browser):
    page = agree(browser, asked(world, browser, path=QUOTE), "retraite_estimation")
    assert "errors" in page.marked
    assert browser.press(page, "cancel").text("error-code") == "access_denied"
    assert calls_to(world, POINTS) == []


def test_whoever_ticks_what_is_required_after_all_goes_on(world, browser):
    page = agree(browser, agree(browser, asked(world, browser, path=QUOTE)), "permis_points")
    assert {"value-permis_points", "refused-retraite_estimation"} < set(page.marked)


def test_the_insurance_asks_for_data_only_where_it_needs_them(world, browser):
    choice = browser.open(world.address.of(ASSURANCE.host, "/login"))
    page = browser.press(browser.press(choice, f"provider-{PROVIDERS[0].id}"), "persona-angela")
    assert "scope-permis_points" not in page.marked
    assert "data-points-demo" not in agree(browser, page).marked


# -- what ends a token ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["angela", "el-onasis"])
def test_after_a_withdrawal_the_next_call_fails(world, browser, persona):
    page = sign_in(world, browser, "revenu_fiscal", persona=persona)
    withdraw(world, browser, REVENUS.id)
    again = browser.press(page, "ask-again")
    assert "401 invalid_token" in again.text("data-error")
    assert "value-revenu_fiscal" not in again.marked


def test_until_then_it_may_be_asked_again(world, browser):
    page = browser.press(sign_in(world, browser, "revenu_fiscal"), "ask-again")
    assert "value-revenu_fiscal" in page.marked
    assert len(calls_to(world, REVENUS)) == 2


def test_whoever_has_no_session_any_more_is_asked_nothing(world):
    assert "login" in Browser()._follow("POST", world.address.of(MAIRIE.host, "/ask"), {}).marked


def test_a_logout_ends_the_token(world, browser):
    browser.press(sign_in(world, browser, "revenu_fiscal"), "logout")
    (call,) = calls_to(world, REVENUS)
    reply = called(world, REVENUS, token_of(call))
    assert (reply.status, 'error="invalid_token"' in reply.challenge) == (401, True)


@pytest.mark.parametrize(("fault", "said"), [("fd.token_revoked", "401 invalid_token"), ("fd.down", "503")])
@pytest.mark.parametrize(
    ("provider", "scope", "path"),
    [(REVENUS, "revenu_fiscal", "/login"), (POINTS, "permis_points", QUOTE)],
    ids=["fd", "points"],
)
def test_a_fault_is_said_at_the_service(world, browser, provider, scope, path, fault, said):
    world.faults.switch(provider.id, fault)
    page = sign_in(world, browser, scope, path=path)
    assert said in page.text("data-error")
    assert "signed-in" in page.marked


# -- what a token is not good for -------------------------------------------------------------------------------------


def called(world, provider, token, path="", scheme="Bearer"):
    return Caller(MAIRIE.host).get(world.address.resource(provider) + path, {"Authorization": f"{scheme} {token}"})


def test_a_token_does_not_open_what_was_not_agreed_to(world, browser):
    sign_in(world, browser, "revenu_fiscal")
    reply = called(world, REVENUS, token_of(calls_to(world, REVENUS)[0]), "/nombre_parts")
    assert (reply.status, 'error="insufficient_scope"' in reply.challenge) == (403, True)


def test_a_token_is_worth_nothing_at_another_data_provider(world, browser):
    sign_in(world, browser, "revenu_fiscal")
    assert called(world, POINTS, token_of(calls_to(world, REVENUS)[0])).status == 401


def test_a_bound_token_is_worth_nothing_without_its_key(world, browser):
    sign_in(world, browser, "permis_points", path=QUOTE)
    token = token_of(calls_to(world, POINTS)[0])
    assert [called(world, POINTS, token, scheme=scheme).status for scheme in ("Bearer", "DPoP")] == [401, 401]


def test_a_bound_token_opens_no_userinfo(world, browser):
    page = sign_in(world, browser, "permis_points", path=QUOTE)
    assert "userinfo" not in page.marked
    asked_for = [one for one in world.recorder.exchanges() if one.path == "/api/v2/userinfo"]
    assert asked_for == []


def test_a_stolen_proof_opens_nothing_twice(world, browser):
    sign_in(world, browser, "permis_points", path=QUOTE)
    sent = dict(calls_to(world, POINTS)[0].headers)
    again = {"Authorization": sent["Authorization"], "DPoP": sent["Dpop"]}
    reply = Caller(MAIRIE.host).get(world.address.resource(POINTS), again)
    assert (reply.status, 'error="invalid_dpop_proof"' in reply.challenge) == (401, True)


@pytest.mark.parametrize("provider", DATA_PROVIDERS, ids=lambda one: one.id)
@pytest.mark.parametrize("token", ["", "never-issued"])
def test_a_stranger_gets_nothing(world, provider, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    reply = Caller(MAIRIE.host).get(world.address.resource(provider), headers)
    assert (reply.status, reply.challenge.startswith("Bearer ")) == (401, True)


# -- who learns what --------------------------------------------------------------------------------------------------


def everything(world):
    """Data agreed to, refused and withdrawn, by people from here and from elsewhere."""
    for persona in PEOPLE:
        browser = Browser()
        page = sign_in(world, browser, "revenu_fiscal", "nombre_parts", persona=persona)
        withdraw(world, browser, REVENUS.id)
        browser.press(browser.press(page, "ask-again"), "logout")
        sign_in(world, Browser(), "permis_points", "retraite_estimation", persona=persona, path=QUOTE)
        refusing = Browser()
        refusing.press(agree(refusing, asked(world, refusing, persona, QUOTE)), "cancel")


def test_no_party_ever_meets_the_other_side(world):
    everything(world)
    opened = world.opened
    for party in (*SERVICES, *PROVIDERS[:1], *DATA_PROVIDERS, *NODES[:2]):
        text = readable(world.recorder.received_by(party.host), opened)
        assert len(text) > 1000
        assert [word for word in strangers(party.host) if word in text] == []


def test_a_data_provider_knows_by_whom_it_is_asked_about_whom_and_nothing_of_the_way(world, browser):
    sign_in(world, browser, "revenu_fiscal", persona="el-onasis")
    text = readable(world.recorder.received_by(REVENUS.host), world.opened)
    assert '"aud":"mairie-demo"' in text.replace('": "', '":"')
    assert [name for name in ("email", "birthplace", "amr", "country") if f'"{name}"' in text] == []
    assert [word for word in ("EL/FR", "Ωνάσης") if word in text] == []


def test_a_person_has_another_name_at_each_party(world, browser):
    page = sign_in(world, browser, "revenu_fiscal")
    subs = [page.text("claim-sub")]
    other = sign_in(world, Browser(), "permis_points", path=QUOTE)
    subs += [other.text("claim-sub")]
    for party in DATA_PROVIDERS:
        text = readable(world.recorder.received_by(party.host), world.opened)
        assert [sub for sub in subs if sub in text] == []


# -- backstage --------------------------------------------------------------------------------------------------------


def test_the_story_opens_what_was_encrypted_for_the_data_provider(world, browser):
    sign_in(world, browser, "revenu_fiscal")
    page = browser.open(world.address.broker + "/dev/flow")
    assert page.text("blind-data-provider").startswith("✔")
    assert "it was encrypted for Demo Income Office" in page.source
    assert "no published key" not in page.source
    assert "token_introspection" in page.source
    known = page.text("knows-data-provider")
    assert "DUBOIS" in known
    assert "revenu_fiscal" in known


def test_the_story_shows_proofs_and_plain_answers(world, browser):
    sign_in(world, browser, "permis_points", path=QUOTE)
    page = browser.open(world.address.broker + "/dev/flow")
    assert page.source.count("verified with the key in its header") == 2
    assert "no published key" not in page.source
    assert "DUBOIS" in page.text("knows-data-provider")


def test_every_message_of_it_is_explained(world, browser):
    page = sign_in(world, browser, "revenu_fiscal")
    withdraw(world, browser, REVENUS.id)
    browser.press(page, "ask-again")
    story = browser.open(world.address.broker + "/dev/flow").source
    for words in (
        "The service asks for what the citizen agreed to",
        "The data provider asks what the token is worth",
        "The citizen withdraws what he agreed to",
        "The service asks the data providers once more",
    ):
        assert words in story


def test_a_fault_of_a_data_provider_is_switched_on_the_page(world, browser):
    page = browser.open(world.address.broker + "/dev/faults")
    browser.press(page, "switch", **{"revenus-demo": "fd.token_revoked", "points-demo": "fi.down"})
    assert world.faults.on(REVENUS.id).name == "fd.token_revoked"
    assert world.faults.on(POINTS.id) is None


def test_the_keys_of_a_data_provider_are_public_alone(world):
    keys = Caller(MAIRIE.host).get(world.address.of(REVENUS.host, "/jwks")).body
    assert b'"d"' not in keys
    assert len(urlsafe_b64decode(keys.partition(b'"x":"')[2].partition(b'"')[0] + b"==")) == 32


@pytest.mark.parametrize("provider", DATA_PROVIDERS, ids=lambda one: one.id)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_its_page_says_what_it_delivers(world, provider, language):
    page = Browser(language).open(world.address.of(provider.host, "/"))
    assert page.language == language
    assert all(scope.label[language] in page.source for scope in provider.scopes)


@pytest.mark.parametrize(("language", "shares"), [("fr", "2,5 parts"), ("en", "2.5 shares")])
def test_numbers_are_written_as_people_write_them(world, language, shares):
    page = sign_in(world, Browser(language), "nombre_parts", "revenu_fiscal")
    assert page.text("value-nombre_parts") == shares
    assert ("47,230" in page.text("value-revenu_fiscal")) == (language == "en")
