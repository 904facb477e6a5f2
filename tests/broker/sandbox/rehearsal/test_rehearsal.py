"""A rehearsal passes the documentation's example, and misses each check that is taken out of it."""

import json

import pytest
from joserfc.jwk import ECKey

from broker.parties import ServiceKeys
from broker.sandbox.rehearsal.course import SCENARIOS
from tests.broker.sandbox.rehearsal.services import DEFECTS, PAGES

pytestmark = pytest.mark.loopback

CASES = {
    "signature": ("signature", "fail", "OPENED A SESSION: it does not verify the signature of the ID token"),
    "alg none": ("signature", "fail", 'OPENED A SESSION: it takes an ID token of alg "none"'),
    "nonce": ("nonce", "fail", "OPENED A SESSION: it does not verify nonce"),
    "iss": ("iss", "fail", "OPENED A SESSION: it does not verify iss"),
    "iss of the answer": ("iss", "warn", "iss of the answer is not compared"),
    "aud": ("aud", "fail", "OPENED A SESSION: it does not verify aud"),
    "exp": ("exp", "fail", "OPENED A SESSION: it does not verify exp"),
    "acr": ("acr", "fail", "OPENED A SESSION: it does not verify acr"),
    "state": ("state", "fail", "it does not verify state (another browser's state)"),
    "no state at all": ("state", "fail", "it does not verify state (no state)"),
    "code twice": ("code", "fail", "the same code was sent twice"),
    "sub": ("userinfo", "fail", "OPENED A SESSION: it takes the claims of somebody else"),
    "userinfo unverified": ("userinfo", "warn", "the signature of the userinfo is not verified"),
    "birthplace": ("birthplace", "fail", "HTTP 500 for a citizen without a birthplace"),
    "empty birthplace": ("birthplace", "fail", "HTTP 500 for a citizen born abroad"),
    "birthdate": ("birthdate", "fail", "HTTP 500 for a citizen whose birthday nobody knows"),
    "gender": ("europe", "fail", "HTTP 500 for a citizen of Greece"),
    "keys for ever": ("keys", "fail", "no login works any more: the new key is never fetched"),
    "keys for one failure": ("keys", "warn", "worked after 1 failed login: JWKS cached too long"),
    "logout with a slash": ("logout", "fail", "/bye/ is not registered"),
    "logout without an address": ("logout", "fail", "no post_logout_redirect_uri"),
    "logout without a hint": ("logout", "warn", "without id_token_hint"),
    "local logout": ("logout", "fail", "the citizen stays signed in at the broker"),
    "logout keeps the session": ("logout", "fail", "the session of the service is still open"),
    "no page after logout": ("logout", "fail", "comes back to HTTP 404"),
    "no way out": ("logout", "warn", "no way to sign out was found"),
    "crash on error": ("cancel", "fail", "HTTP 500"),
    "traceback on error": ("cancel", "fail", "a traceback is shown"),
    "blank on error": ("error", "fail", "a blank page is shown"),
    "session on error": ("cancel", "fail", "OPENED A SESSION on an error"),
    "error as HTML": ("error", "fail", "writes error_description as HTML"),
    "crash on refusal": ("nonce", "warn", "refused, but the citizen reads HTTP 500"),
    "no session on success": ("login", "fail", "nothing there tells that somebody is signed in"),
    "shows nothing": ("login", "fail", "nothing there tells that somebody is signed in"),
    "no way in": ("login", "fail", "no login begins at"),
}
"""By the defect: the scenario that misses it, how, and what it says."""

NUMBERS = {scenario.name: number for number, scenario in enumerate(SCENARIOS, 1)}


def verdicts(outcomes):
    return {name: one.verdict for name, one in outcomes.items() if one.verdict != "pass"}


def test_what_the_documentation_recommends_passes_every_scenario(rehearse):
    outcomes = rehearse()
    assert (list(outcomes), verdicts(outcomes)) == ([scenario.name for scenario in SCENARIOS], {})


@pytest.mark.parametrize("defect", CASES)
def test_a_service_with_one_defect_is_told_so(rehearse, defect):
    name, verdict, said = CASES[defect]
    outcome = rehearse(defect, NUMBERS[name])[name]
    assert (outcome.verdict, said in outcome.said) == (verdict, True), outcome.said
    assert outcome.fix or verdict == "warn" or name == "login"


def test_each_defect_of_the_services_is_tried_and_each_scenario_misses_one():
    assert set(CASES) == set(DEFECTS) | (PAGES - {"a form", "callback shows the claims", "names nobody"})
    assert {name for name, _, _ in CASES.values()} == set(NUMBERS)


@pytest.mark.parametrize("defect", ["nonce", "state", "acr", "aud"])
def test_one_defect_is_missed_by_one_scenario_alone(rehearse, defect):
    assert verdicts(rehearse(defect)) == {CASES[defect][0]: "fail"}


@pytest.mark.parametrize("way", ["a form", "callback shows the claims", "names nobody"])
@pytest.mark.parametrize(("defect", "verdict"), [("", "pass"), ("nonce", "fail")])
def test_a_session_is_seen_whatever_the_pages_are_like(rehearse, way, defect, verdict):
    outcomes = rehearse(defect, 5, pages=way)
    assert [one.verdict for one in outcomes.values()] == ["pass", verdict]


def test_a_session_is_seen_by_a_text_that_the_developer_names(rehearse):
    outcomes = rehearse("nonce", 5, ways={"shows": "Se déconnecter"})
    assert [one.verdict for one in outcomes.values()] == ["pass", "fail"]


def test_what_says_nothing_of_a_service_is_not_played_and_says_why(rehearse):
    outcomes = rehearse("", level="eidas1", europe=False, post_logout_redirect_uris=())
    assert verdicts(outcomes) == {"europe": "skip", "acr": "skip", "logout": "skip"}
    assert outcomes["acr"].said == "the service asks for eidas1, below which there is nothing"


def test_where_no_login_succeeds_nothing_else_is_played(rehearse):
    assert list(rehearse("no session on success")) == ["login"]


def test_a_request_that_the_broker_refuses_is_told_in_its_words(rehearse):
    outcome = rehearse("", 1, scopes=frozenset(("openid",)))["login"]
    assert outcome.verdict == "fail"
    assert "the broker refuses the request: invalid_scope: scope identite_pivot is not granted" in outcome.said


# -- other right ways of doing it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("defect", "failed"), [("", {}), ("nonce", {"nonce": "fail"}), ("state", {"state": "fail"})])
@pytest.mark.parametrize("variant", ["form_post", "pushed"])
def test_a_service_that_asks_or_hears_in_another_way_is_rehearsed_alike(rehearse, variant, defect, failed):
    assert verdicts(rehearse(defect, 3, 5, 13, 15, variant=variant, same_site="None")) == failed


def test_a_cookie_that_does_not_come_with_a_form_of_another_site_is_missed_as_in_a_browser(rehearse):
    assert rehearse("", 1, variant="form_post", same_site="Lax")["login"].verdict == "fail"


@pytest.mark.parametrize(("defect", "failed"), [("", {}), ("aud", {"aud": "fail"})])
def test_what_is_false_is_false_inside_of_what_is_encrypted(rehearse, monkeypatch, defect, failed):
    key = ECKey.generate_key("P-256", {"kid": "e", "use": "enc"})
    monkeypatch.setenv("ENCRYPTION_KEY", json.dumps(key.as_dict(private=True)))
    keys = ServiceKeys(frozenset(("ES256",)), document=json.dumps({"keys": [key.as_dict(private=False)]}).encode())
    outcomes = rehearse(defect, 4, 7, 17, variant="encrypted", encrypt="ECDH-ES", keys=keys)
    assert verdicts(outcomes) == failed, outcomes["login"].said
