"""A login from the service's button to the claims, and everything that a citizen or an attacker may do on the way."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.broker.world import ISSUER, NONCE, STATE, payload


def answer(response):
    return dict(parse_qsl(urlsplit(response.location).query))


def test_a_citizen_logs_in_and_the_service_gets_the_claims_of_its_scopes(world):
    claims = world.browser().claims(scope="openid family_name email")
    assert {name: claims[name] for name in ("family_name", "email")} == {
        "family_name": "DUBOIS",
        "email": "angela@courriel.example",
    }
    assert set(claims) == {"sub", "family_name", "email", "iss", "aud", "iat", "exp"}


def test_the_answer_carries_code_state_and_issuer(world):
    back = world.browser().log_in()
    assert (set(back), back["state"], back["iss"]) == ({"code", "state", "iss"}, STATE, ISSUER)


def test_the_token_answer_has_the_five_members_of_franceconnect(world):
    browser = world.browser()
    tokens = browser.redeem(browser.log_in()["code"]).json
    assert (set(tokens), tokens["expires_in"], tokens["token_type"]) == (
        {"access_token", "token_type", "expires_in", "scope", "id_token"},
        60,
        "Bearer",
    )


def test_the_id_token_has_the_nine_claims_of_franceconnect(world):
    browser = world.browser()
    claims = payload(browser.redeem(browser.log_in()["code"]).json["id_token"])
    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash"}
    assert (claims["nonce"], claims["aud"], claims["acr"]) == (NONCE, "mairie", "eidas1")


def test_the_level_that_was_proven_is_returned_even_above_the_one_asked(world):
    world.fi["impots"].acr = "eidas2"
    browser = world.browser()
    claims = payload(browser.redeem(browser.log_in()["code"]).json["id_token"])
    assert claims["acr"] == "eidas2"


@pytest.fixture(autouse=True)
def a_provider_that_vouches_at_the_level_asked(world, request):
    """Impots answers with the level that it was asked, as a provider with two levels does."""
    fi = world.fi["impots"]
    if "even_above" not in request.node.name:
        original = fi.token
        fi.token = lambda: {**original(), "acr": fi.id_token.get("acr", fi.asked["acr_values"])}


def test_the_sub_is_the_same_whichever_provider_vouched(world):
    assert world.browser().claims()["sub"] == world.browser().claims(fi="poste")["sub"]


def test_two_services_know_a_person_by_different_subs(world):
    assert world.browser().claims("mairie")["sub"] != world.browser().claims("rsa")["sub"]


@pytest.mark.parametrize(("service", "algorithm"), [("mairie", "ES256"), ("rsa", "RS256")])
def test_each_service_gets_tokens_in_its_algorithm(world, service, algorithm):
    from joserfc import jws

    browser = world.browser()
    token = browser.redeem(browser.log_in(service)["code"], service).json["id_token"]
    assert jws.extract_compact(token.encode()).headers()["alg"] == algorithm


def test_the_anonymous_scope_gives_a_sub_and_nothing_else(world):
    claims = world.browser().claims(scope="openid")
    assert set(claims) == {"sub", "iss", "aud", "iat", "exp"}


def test_the_anonymous_page_says_that_nothing_is_told(world):
    page = world.browser().to_confirmation(scope="openid")
    assert "DUBOIS" not in page.text
    assert "ni votre nom" in page.text


def test_the_confirmation_page_shows_the_values(world):
    page = world.browser().to_confirmation()
    assert all(value in page.text for value in ("DUBOIS", "24 août 1962", "Paris 7e (75107)", "angela@courriel.example"))


# -- consent ----------------------------------------------------------------------------------------------------------


def test_a_private_service_gets_nothing_unless_the_box_is_ticked_whatever_the_page_does(world):
    browser = world.browser()
    refused = browser.confirm(browser.to_confirmation("assurance"))
    assert refused.location.endswith("&e=1#erreurs")
    assert 'id="erreurs"' in browser.page(refused).text


def test_a_private_service_gets_the_claims_after_consent(world):
    assert world.browser().claims("assurance")["family_name"] == "DUBOIS"


def test_the_page_after_a_missing_consent_still_works(world):
    browser = world.browser()
    page = browser.to_confirmation("assurance")
    browser.confirm(page)
    assert "code" in answer(browser.confirm(page, consent="yes"))


# -- ways out ---------------------------------------------------------------------------------------------------------


def test_the_citizen_can_leave_the_choice_page(world):
    browser = world.browser()
    page = browser.page(browser.authorize())
    back = answer(browser.post("/choisir", **page.hidden, action="cancel"))
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", STATE, ISSUER)


def test_the_citizen_can_send_nothing_from_the_confirmation_page(world):
    browser = world.browser()
    page = browser.to_confirmation()
    assert answer(browser.post("/confirmer", **page.hidden, action="cancel"))["error"] == "access_denied"


def test_nothing_can_be_released_after_the_citizen_left(world):
    browser = world.browser()
    page = browser.to_confirmation()
    browser.post("/confirmer", **page.hidden, action="cancel")
    assert "code" not in answer(browser.confirm(page))


@pytest.mark.parametrize("path", ["/choisir", "/confirmer"])
def test_who_leaves_twice_gets_the_same_answer(world, path):
    browser = world.browser()
    page = browser.to_confirmation()
    left = [browser.post(path, **page.hidden, action="cancel").location for _ in range(2)]
    assert left[0] == left[1]
    assert answer(browser.post(path, **page.hidden, action="cancel"))["error"] == "access_denied"


def test_nobody_leaves_without_anything_after_it_was_sent(world):
    browser = world.browser()
    page = browser.to_confirmation()
    browser.confirm(page)
    assert "USR-103" in browser.post("/confirmer", **page.hidden, action="cancel").text


def test_the_back_button_from_the_provider_leads_to_a_choice_that_works(world):
    browser = world.browser()
    authorize = browser.authorize()
    browser.choose(browser.page(authorize))
    proven = browser.prove(browser.choose(browser.page(authorize), "poste"), "poste")
    assert proven.location.startswith("/confirmer")


# -- clicks, tabs, replays --------------------------------------------------------------------------------------------


def test_a_double_click_gets_the_same_answer(world):
    browser = world.browser()
    page = browser.to_confirmation()
    assert browser.confirm(page).location == browser.confirm(page).location


def test_a_late_second_click_is_told_that_it_was_answered(world):
    browser = world.browser()
    page = browser.to_confirmation()
    browser.confirm(page)
    world.clock.advance(31)
    late = browser.confirm(page)
    assert (late.status_code, "USR-103" in late.text) == (409, True)


def test_a_stale_step_token_is_refused(world):
    browser = world.browser()
    choice = browser.page(browser.authorize())
    browser.choose(choice)
    assert "USR-103" in browser.choose(choice).text


def test_a_form_of_another_site_is_refused(world):
    browser = world.browser()
    page = browser.to_confirmation()
    headers = {"Sec-Fetch-Site": "cross-site"}
    forged = browser.client.post("/confirmer", data=page.hidden, headers=headers, base_url="https://connexion.example")
    assert "USR-103" in forged.text


def test_two_tabs_log_in_side_by_side(world):
    browser = world.browser()
    one = browser.to_confirmation("mairie")
    two = browser.to_confirmation("rsa")
    assert "code" in answer(browser.confirm(one))
    assert "code" in answer(browser.confirm(two))


def test_the_browser_secret_stays_while_journeys_run(world):
    browser = world.browser()
    browser.authorize()
    assert "__Host-flow" not in browser.authorize().headers.get("Set-Cookie", "")


def test_a_stolen_handle_is_worth_nothing_in_another_browser(world):
    location = world.browser().authorize().location
    thief = world.browser()
    thief.authorize()
    assert "USR-102" in thief.get(location).text


def test_a_stolen_provider_answer_is_worth_nothing_in_another_browser(world):
    victim, thief = world.browser(), world.browser()
    thief.authorize()
    departure = victim.choose(victim.page(victim.authorize()))
    assert "USR-102" in thief.prove(departure).text


def test_an_answer_to_an_earlier_ask_is_refused(world):
    browser = world.browser()
    authorize = browser.authorize()
    first = browser.choose(browser.page(authorize))
    browser.choose(browser.page(authorize))
    assert "USR-103" in browser.prove(first).text


def test_an_answer_at_the_address_of_another_provider_is_refused(world):
    browser = world.browser()
    departure = browser.choose(browser.page(browser.authorize()))
    query = world.fi["impots"].log_in(departure.location)
    assert "USR-103" in browser.get(f"{ISSUER}/oidc-callback/poste?{query}").text


def test_a_provider_answer_that_arrives_twice_does_no_harm(world):
    browser = world.browser()
    departure = browser.choose(browser.page(browser.authorize()))
    query = world.fi["impots"].log_in(departure.location)
    url = f"{ISSUER}/oidc-callback/impots?{query}"
    assert browser.get(url).location == browser.get(url).location


def test_a_journey_expires(world):
    browser = world.browser()
    location = browser.authorize().location
    world.clock.advance(1800)
    assert "USR-102" in browser.get(location).text


def test_without_cookies_the_citizen_is_told_so(world):
    browser = world.browser()
    location = browser.authorize().location
    assert "USR-102" in world.browser().get(location).text


# -- codes and tokens -------------------------------------------------------------------------------------------------


def test_a_code_is_good_once(world):
    browser = world.browser()
    code = browser.log_in()["code"]
    browser.redeem(code)
    assert browser.redeem(code).json["error"] == "invalid_grant"


def test_the_replay_of_a_code_ends_the_token_that_it_gave(world):
    browser = world.browser()
    code = browser.log_in()["code"]
    token = browser.redeem(code).json["access_token"]
    browser.redeem(code)
    assert browser.userinfo(token).status_code == 401


def test_a_code_lives_thirty_seconds(world):
    browser = world.browser()
    code = browser.log_in()["code"]
    world.clock.advance(30)
    assert browser.redeem(code).json["error"] == "invalid_grant"


def test_a_token_lives_sixty_seconds(world):
    browser = world.browser()
    token = browser.redeem(browser.log_in()["code"]).json["access_token"]
    world.clock.advance(60)
    assert browser.userinfo(token).json["error"] == "invalid_token"


def test_another_service_cannot_use_a_code(world):
    browser = world.browser()
    code = browser.log_in("mairie")["code"]
    stolen = browser.redeem(code, "rsa")
    assert (stolen.status_code, stolen.json["error"]) == (400, "invalid_grant")


def test_a_code_that_another_service_tried_still_serves_its_own(world):
    browser = world.browser()
    code = browser.log_in("mairie")["code"]
    browser.redeem(code, "rsa")
    assert browser.redeem(code, "mairie").status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong-secret-with-many-characters"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"redirect_uri": "https://mairie.example/autre"}, 400, "invalid_grant"),
        ({"code": "unknown"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code_verifier": "v" * 43}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_token_request_is_refused(world, change, status, error):
    browser = world.browser()
    refused = browser.redeem(**{"code": browser.log_in()["code"], **change})
    assert (refused.status_code, refused.json["error"]) == (status, error)


def test_a_token_error_names_its_code_and_reference(world):
    refused = world.browser().redeem("unknown").json
    assert set(refused) == {"error", "error_description", "error_uri", "ref"}
    assert refused["ref"] in refused["error_uri"]


def test_a_public_client_logs_in_with_pkce(world):
    from oidc.token_endpoint import challenge_of

    browser = world.browser()
    pkce = {"code_challenge": challenge_of("v" * 43), "code_challenge_method": "S256"}
    code = browser.log_in("appli", scope="openid email", **pkce)["code"]
    assert browser.redeem(code, "appli", client_secret=None, code_verifier="v" * 43).status_code == 200


def test_a_client_authenticates_with_basic(world):
    browser = world.browser()
    form = {
        "grant_type": "authorization_code",
        "code": browser.log_in()["code"],
        "redirect_uri": "https://mairie.example/retour",
    }
    from tests.broker.world import SECRET

    reply = browser.client.post("/api/v2/token", data=form, auth=("mairie", SECRET), base_url="https://connexion.example")
    assert reply.status_code == 200


def test_userinfo_is_a_signed_jwt(world):
    browser = world.browser()
    reply = browser.userinfo(browser.redeem(browser.log_in()["code"]).json["access_token"])
    assert (reply.mimetype, reply.text.count(".")) == ("application/jwt", 2)


def test_userinfo_without_a_token_says_how_to_ask(world):
    reply = world.browser().get(f"{ISSUER}/userinfo")
    assert (reply.status_code, reply.headers["WWW-Authenticate"].startswith("Bearer")) == (401, True)


# -- authorize errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"nonce": "short"}, "invalid_request"),
        ({"scope": "email"}, "invalid_request"),
        ({"scope": "openid phone"}, "invalid_scope"),
        ({"idp_hint": "poste"}, "invalid_idp_hint"),
        ({"code_challenge": "c" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_an_error_that_may_be_redirected_goes_back_to_the_service(world, change, error):
    response = world.browser().authorize(**change)
    back = answer(response)
    assert (response.status_code, back["error"], back["iss"]) == (303, error, ISSUER)
    assert back["error_uri"].startswith("https://connexion.example/aide?ref=")


@pytest.mark.parametrize("redirect_uri", [None, "https://mairie.example/retour/", "https://evil.example/"])
def test_an_unregistered_address_is_never_redirected_to(world, redirect_uri):
    response = world.browser().authorize(redirect_uri=redirect_uri)
    assert (response.status_code, "SRV-402" in response.text) == (400, True)
    assert "https://mairie.example/accueil" in response.text


def test_an_unknown_client_gets_a_page_without_a_way_on(world):
    response = world.browser().authorize(client_id="nobody")
    assert (response.status_code, "SRV-401" in response.text, "evil" in response.text) == (400, True, False)


def test_a_posted_authorization_request_is_answered_before_it_is_read(world):
    posted = world.browser().post("/api/v2/authorize", client_id="mairie", scope="openid")
    assert (posted.status_code, posted.location) == (303, "/api/v2/authorize?client_id=mairie&scope=openid")


def test_an_unknown_scope_is_ignored(world):
    browser = world.browser()
    code = browser.log_in(scope="openid email horoscope")["code"]
    assert browser.redeem(code).json["scope"] == "openid email"


def test_a_hinted_provider_is_reached_without_the_choice_page(world):
    assert world.browser().authorize(idp_hint="impots").location.startswith("https://impots.example/authorize?")


def test_a_hinted_provider_that_is_down_leads_to_the_choice_page(world):
    del world.fi["impots"]
    browser = world.browser()
    page = browser.page(browser.authorize(idp_hint="impots"))
    assert 'data-testid="provider-poste"' in page.text


def test_ui_locales_choose_the_language(world):
    browser = world.browser()
    assert '<html lang="en">' in browser.page(browser.authorize(ui_locales="de en-GB fr")).text
