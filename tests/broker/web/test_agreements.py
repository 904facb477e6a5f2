"""/mes-autorisations: what a citizen agreed to, shown to him alone, and withdrawn for each data provider."""

import json
from dataclasses import replace

import pytest

from broker.agreements import Agreements
from broker.parties import Parties, Text
from tests.broker.data import ASKERS, DATA, DataWorld, asks, data_provider, gone
from tests.broker.web.markup import Document
from tests.broker.world import ISSUER, PROVIDERS, PUBLIC, SERVICES

ADDRESS = "/mes-autorisations"
REVENUS, POINTS = "mairie revenus", "mairie points"


@pytest.fixture
def world(instance_folder):
    return DataWorld(instance_folder)


@pytest.fixture
def citizen(world):
    """A browser in which a citizen has agreed to data of two data providers."""
    browser = world.citizen()
    assert gone(browser.agree(browser.asked(), "revenu_fiscal", "points_permis"))
    return browser


def rows(page):
    """What can be withdrawn, by the value of its button."""
    return [button.get("value") for button in page.all("button")]


# -- what is shown ----------------------------------------------------------------------------------------------------


def test_each_data_provider_of_each_service_is_a_row_that_can_be_withdrawn(citizen):
    page = citizen.agreements()
    assert rows(page) == [REVENUS, POINTS]
    assert page.one(data_testid="withdraw-revenus").text == "Retirer"
    text = page.one(data_testid="agreement-revenus").text
    assert "Service mairie" in text
    assert "Administration revenus" in text
    assert ("Donnée revenu_fiscal" in text, "Donnée parts_fiscales" in text) == (True, False)


def test_a_row_says_until_when_and_when_it_was_used_last(citizen, world):
    assert citizen.agreements().one(data_testid="last-revenus").text == "pas encore utilisée"
    world.check(citizen, "revenus")
    page = citizen.agreements()
    said = page.one(data_testid="last-revenus").text.replace("\u00a0", " ")
    assert (said, page.one(data_testid="last-points").text) == ("16 h 13", "pas encore utilisée")


def test_the_page_speaks_english_too(citizen):
    page = Document(citizen.get(f"{ADDRESS}?lang=en").text)
    assert page.one("h1").text == "My authorisations"
    assert "What The mairie service may ask revenus office" in page.one("main").text


def test_what_was_given_twice_is_one_row_and_withdrawn_at_once(citizen, world):
    citizen.agree(citizen.asked(prompt="login"), "revenu_fiscal", "parts_fiscales")
    page = citizen.agreements()
    assert rows(page) == [REVENUS, POINTS]
    assert "Donnée revenu_fiscal Donnée parts_fiscales" in page.one(data_testid="agreement-revenus").text
    citizen.withdraw(REVENUS)
    grants = [one.grant for one in world.session(citizen).given]
    assert [world.store.checks(grant)["revenus"].withdrawn for grant in grants] == [True, True]


def test_a_citizen_without_a_session_is_told_how_to_get_one(world):
    answer = world.citizen().get(ADDRESS)
    page = Document(answer.text)
    assert (answer.status_code, page.all("form"), len(page.all(data_testid="no-session"))) == (200, [], 1)


def test_a_session_that_gave_no_data_has_nothing_to_withdraw(world):
    browser = world.citizen()
    browser.log_in()
    page = browser.agreements()
    assert (page.all("form"), len(page.all(data_testid="empty"))) == ([], 1)


def test_what_counts_no_more_is_not_shown(citizen, world):
    world.clock.advance(630)  # half a minute for the code, ten for its token
    assert rows(citizen.agreements()) == []


def test_what_a_revoked_login_gave_is_not_shown(citizen, world):
    with world.store.transaction() as transaction:
        transaction.close_grant(world.session(citizen).given[0].grant)
    assert rows(citizen.agreements()) == []


def test_after_a_logout_nothing_is_shown(citizen):
    shown = citizen.page(citizen.get(f"{ISSUER}/session/end?client_id=mairie"))
    citizen.post("/deconnexion", **shown.hidden, action="leave")
    assert len(citizen.agreements().all(data_testid="no-session")) == 1


@pytest.mark.parametrize("path", ["/", "/donnees"])
def test_the_pages_about_us_lead_there_where_there_are_data_providers(world, make_world, path):
    links = [
        [link.get("href") for link in Document(one.browser().get(path).text).all("a")] for one in (world, make_world())
    ]
    assert [ADDRESS in found for found in links] == [True, False]


# -- withdrawal -------------------------------------------------------------------------------------------------------


def test_the_next_check_after_a_withdrawal_finds_nothing_and_the_other_data_provider_does(citizen, world):
    before = world.check(citizen, "revenus")
    answer = citizen.withdraw(REVENUS)
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}#mairie--revenus")
    assert (before, world.check(citizen, "revenus"), world.check(citizen, "points")) == (True, False, True)


def test_what_was_withdrawn_is_said_to_be_and_has_no_button(citizen):
    citizen.withdraw(REVENUS)
    page = citizen.agreements()
    assert (rows(page), page.one(id="mairie--revenus").get("data-testid")) == ([POINTS], "agreement-revenus")
    assert "retirée" in page.one(data_testid="agreement-revenus").text


def test_a_withdrawal_may_be_repeated_and_is_noted_once(citizen, world, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    step = citizen.agreements().one(name="step").get("value")
    answers = [citizen.post(ADDRESS, step=step, withdraw=REVENUS).status_code for _ in range(3)]
    said = [json.loads(one.message) for one in caplog.records if '"data.withdrawn"' in one.message]
    assert (answers, [{**one, "time": 0, "ref": ""} for one in said]) == (
        [303, 303, 303],
        [
            {
                "time": 0,
                "event": "data.withdrawn",
                "ref": "",
                "service": "mairie",
                "data_provider": "revenus",
                "scopes": "revenu_fiscal",
            }
        ],
    )


def test_agreeing_anew_after_a_withdrawal_counts_and_the_old_login_stays_withdrawn(citizen, world):
    citizen.withdraw(REVENUS)
    citizen.agree(citizen.asked(prompt="login"), "revenu_fiscal")
    assert rows(citizen.agreements()) == [REVENUS, POINTS]
    grants = [one.grant for one in world.session(citizen).given]
    assert ["revenus" in world.store.checks(grant) for grant in grants] == [True, False]


def test_one_service_is_withdrawn_and_another_may_go_on(citizen, world):
    choice = citizen.page(citizen.authorize("rsa", scope="openid revenu_fiscal"))
    shown = citizen.page(citizen.post("/choisir", **choice.hidden, action="continue"))
    citizen.agree(shown, "revenu_fiscal")
    assert rows(citizen.agreements()) == ["rsa revenus", REVENUS, POINTS]
    citizen.withdraw(REVENUS)
    assert (rows(citizen.agreements()), world.check(citizen, "revenus")) == (["rsa revenus", POINTS], True)


# -- as long as it lasts ----------------------------------------------------------------------------------------------


def test_what_was_agreed_to_can_be_withdrawn_when_single_sign_on_is_over(instance_folder):
    world = DataWorld(instance_folder, sso_minutes=1)
    browser = world.citizen()
    browser.agree(browser.asked(), "revenu_fiscal")
    world.clock.advance(61)
    choice = browser.page(browser.authorize("rsa", scope="openid revenu_fiscal"))
    assert "Vous êtes déjà connecté" not in choice.text
    assert browser.withdraw(REVENUS).status_code == 303
    assert not world.check(browser, "revenus")


def test_a_session_that_gave_no_data_ends_with_single_sign_on(instance_folder):
    world = DataWorld(instance_folder, sso_minutes=1)
    browser = world.citizen()
    browser.log_in()
    world.clock.advance(61)
    assert len(browser.agreements().all(data_testid="no-session")) == 1


def test_single_sign_on_that_ends_while_the_citizen_reads_gives_nothing(instance_folder):
    world = DataWorld(instance_folder, sso_minutes=1)
    browser = world.citizen()
    browser.agree(browser.asked(), "revenu_fiscal")
    choice = browser.page(browser.authorize("rsa", scope="openid revenu_fiscal"))
    shown = browser.page(browser.post("/choisir", **choice.hidden, action="continue"))
    world.clock.advance(61)
    assert "USR-102" in browser.agree(shown, "revenu_fiscal").text
    assert [one.service for one in world.session(browser).given] == ["mairie"]


def test_the_same_person_who_signs_in_again_keeps_what_was_given(citizen, world):
    citizen.agree(citizen.asked("rsa", "openid revenu_fiscal", prompt="login"), "revenu_fiscal")
    assert rows(citizen.agreements()) == ["rsa revenus", REVENUS, POINTS]


def test_another_person_in_this_browser_sees_nothing_of_the_former_and_what_he_agreed_to_ends(citizen, world):
    grant = world.session(citizen).given[0].grant
    world.fi["impots"].claims |= {"family_name": "MARTIN"}
    citizen.agree(citizen.asked("rsa", "openid revenu_fiscal", prompt="login"), "revenu_fiscal")
    assert rows(citizen.agreements()) == ["rsa revenus"]
    assert {name: check.withdrawn for name, check in world.store.checks(grant).items()} == {"revenus": True, "points": True}
    assert world.store.grant_stands(grant)  # what was sent of the identity can still be read by the service


def test_a_data_provider_that_was_turned_off_is_not_shown(instance_folder, world, citizen):
    off = Parties({**SERVICES, **ASKERS}, PROVIDERS, data={**DATA, "points": data_provider("points", "x", active=False)})
    rooms = world.app.extensions["passerelle"]()
    shown = Agreements(rooms.vault, off, rooms.journal).of(world.session(citizen), world.clock())
    assert [one.data_provider for one in shown] == ["revenus"]


# -- attacks ----------------------------------------------------------------------------------------------------------


def stands(world, browser):
    return [world.check(browser, name) for name in ("revenus", "points")]


def test_another_site_cannot_withdraw(citizen, world):
    step = citizen.agreements().one(name="step").get("value")
    answer = citizen.client.post(
        ADDRESS, data={"step": step, "withdraw": REVENUS}, base_url=PUBLIC, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, stands(world, citizen)) == (409, [True, True])


@pytest.mark.parametrize("step", ["", "guessed", "é", "\x00"])
def test_a_form_that_is_not_of_our_page_withdraws_nothing(citizen, world, step):
    assert citizen.post(ADDRESS, step=step, withdraw=REVENUS).status_code == 409
    assert stands(world, citizen) == [True, True]


def test_the_token_of_another_session_withdraws_nothing(citizen, world):
    thief = world.citizen()
    thief.agree(thief.asked(), "revenu_fiscal")
    step = thief.agreements().one(name="step").get("value")
    assert citizen.post(ADDRESS, step=step, withdraw=REVENUS).status_code == 409
    assert stands(world, citizen) == [True, True]


def test_another_browser_withdraws_nothing_of_the_citizens_even_with_his_token(citizen, world):
    step = citizen.agreements().one(name="step").get("value")
    stranger, thief = world.citizen(), world.citizen()
    thief.agree(thief.asked(), "revenu_fiscal")
    answers = [one.post(ADDRESS, step=step, withdraw=REVENUS) for one in (stranger, thief)]
    assert [(one.status_code, one.location) for one in answers] == [(303, ADDRESS), (409, None)]
    assert stands(world, citizen) == [True, True]


ODD = [
    "",
    " ",
    "mairie",
    "revenus",
    "mairie  revenus",
    "rsa revenus",
    "mairie nobody",
    "nobody revenus",
    "mairie revenus x",
]


@pytest.mark.parametrize("value", [*ODD, "<script> <b>", "../../ x\r\nSet-Cookie: a=b"])
def test_a_withdrawal_of_what_is_not_there_changes_nothing_and_reflects_nothing(citizen, world, value):
    answer = citizen.withdraw(value)
    known = f"{ADDRESS}#rsa--revenus" if value == "rsa revenus" else f"{ADDRESS}#main"
    assert (answer.status_code, answer.location) == (303, known)
    assert stands(world, citizen) == [True, True]


def test_a_planted_session_shows_and_withdraws_nothing_of_the_citizen(citizen, world):
    """Session fixation: who plants his own session sees his own agreements alone, and the citizen's login replaces it."""
    thief, victim = world.citizen(), world.citizen()
    thief.agree(thief.asked("rsa", "openid revenu_fiscal"), "revenu_fiscal")
    planted = thief.client.get_cookie("__Host-sso", domain="connexion.example").value
    victim.client.set_cookie("__Host-sso", planted, domain="connexion.example", secure=True)
    world.fi["impots"].claims |= {"family_name": "MARTIN"}
    victim.agree(victim.asked(prompt="login"), "revenu_fiscal")
    fresh = victim.client.get_cookie("__Host-sso", domain="connexion.example").value
    assert (fresh != planted, rows(victim.agreements())) == (True, [REVENUS])
    assert len(thief.agreements().all(data_testid="no-session")) == 1


def test_the_page_cannot_be_framed_nor_kept_and_has_no_script(citizen):
    answer = citizen.get(ADDRESS)
    policy = answer.headers["Content-Security-Policy"]
    assert (answer.headers["Cache-Control"], answer.headers["X-Frame-Options"]) == ("no-store", "DENY")
    assert ("frame-ancestors 'none'" in policy, "script-src" in policy) == (True, False)


def test_names_of_partners_are_text(instance_folder):
    evil = "<script>alert(1)</script>"
    named = replace(DATA["revenus"], name=Text(evil, evil))
    asker = replace(asks("mairie", may=("revenu_fiscal",)), name=Text(evil, evil))
    world = DataWorld(instance_folder, parties=Parties({"mairie": asker}, PROVIDERS, data={"revenus": named}))
    browser = world.citizen()
    shown = browser.asked(scope="openid revenu_fiscal")
    browser.agree(shown, "revenu_fiscal")
    pages = [Document(shown.text), browser.agreements()]
    assert [page.all("script") for page in pages] == [[], []]
    assert evil in pages[1].one("h2").text
