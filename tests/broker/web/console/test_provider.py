"""Signing in at the operator's own provider: who gets which role, and every way that it can be attacked."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from broker.parties import ConsoleProvider
from oidc.messages import HttpResponse
from tests.broker.web.console.at_work import CAMILLE, DOMINIQUE, nobody, signed_in
from tests.broker.world import PUBLIC, Fi, json_answer

OPERATORS, AUDITORS = "passerelle-operators", "passerelle-auditors"
PROVIDER = ConsoleProvider(
    issuer="https://sso.example",
    client_id="passerelle-console",
    client_secret="the-secret-of-the-console",
    operators=frozenset((OPERATORS, "admins")),
    auditors=frozenset((AUDITORS,)),
)


@pytest.fixture
def world(make_world):
    """A world whose operator has a provider; Camille is an auditor there, by claims in the ID token."""
    made = make_world(console=PROVIDER)
    sso = Fi("https://sso.example", PROVIDER.client_id, PROVIDER.client_secret, made.clock)
    sso.id_token = {"name": CAMILLE, "groups": ["staff", AUDITORS], "acr": "whatever"}
    made.fi["sso"] = sso
    return made


@pytest.fixture
def sso(world):
    return world.fi["sso"]


def depart(desk):
    """To the provider; the address there."""
    answer = desk.browser.get(f"{PUBLIC}/console/connexion")
    assert answer.status_code == 303
    return answer.location


def come_back(desk, location, **changes):
    """The person authenticates, and the browser comes back."""
    return desk.open(f"/retour?{desk.world.fi['sso'].log_in(location, **changes)}")


def sign_in(world):
    desk = nobody(world)
    return desk, come_back(desk, depart(desk))


# -- in order ---------------------------------------------------------------------------------------------------------


def test_the_page_leads_to_the_provider(world):
    desk = nobody(world)
    desk.open("")
    assert desk.says("connect") == "Sign in at sso.example"


def test_who_is_an_auditor_there_is_one_here(world):
    desk, answer = sign_in(world)
    assert (answer.status_code, answer.location) == (303, "/console")
    desk.open("")
    assert (desk.says("worker"), desk.says("role")) == (CAMILLE, "auditor")


@pytest.mark.parametrize(
    ("groups", "role"),
    [([OPERATORS], "operator"), ("admins", "operator"), ([AUDITORS, "admins"], "operator"), (AUDITORS, "auditor")],
)
def test_groups_give_the_role_and_the_operator_comes_first(world, sso, groups, role):
    sso.id_token |= {"groups": groups}
    desk, _ = sign_in(world)
    desk.open("")
    assert desk.says("role") == role


def test_what_the_token_lacks_comes_from_userinfo(world, sso):
    sso.id_token = {}
    sso.claims = {"name": DOMINIQUE, "groups": [OPERATORS]}
    desk, _ = sign_in(world)
    desk.open("")
    assert (desk.says("worker"), desk.says("role")) == (DOMINIQUE, "operator")


def test_where_the_token_says_it_userinfo_adds_no_role(world, sso):
    sso.id_token = {"groups": [AUDITORS]}
    sso.claims = {"name": CAMILLE, "groups": [OPERATORS]}
    desk, _ = sign_in(world)
    desk.open("")
    assert desk.says("role") == "auditor"


def test_the_request_has_pkce_a_nonce_and_what_is_configured(world, sso):
    asked = dict(parse_qsl(urlsplit(depart(nobody(world))).query, keep_blank_values=True))
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid profile groups", "S256")
    assert asked["redirect_uri"] == f"{PUBLIC}/console/retour"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert not {"acr_values", "prompt"} & asked.keys()


# -- who has no role --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "groups",
    [[], ["staff"], "", None, 7, {"passerelle-operators": True}, [[OPERATORS]], [OPERATORS.upper()], f"x {AUDITORS}"],
)
def test_none_of_the_groups_gives_a_page_that_says_what_is_expected_and_no_session(world, sso, groups):
    sso.id_token |= {"groups": groups}
    desk, answer = sign_in(world)
    assert answer.status_code == 403
    assert desk.page.one("h1").text == "Your account has no role here"
    assert desk.says("detail") == f'the claim "groups" must have one of: admins, {AUDITORS}, {OPERATORS}'
    assert desk.cookie == ""


@pytest.mark.parametrize("name", [None, "", "  ", 7, ["Camille"], "x", "x" * 81, "Camille\u202eMartin"])
def test_who_has_no_usable_name_gets_no_session(world, sso, name):
    sso.id_token |= {"name": name}
    desk, answer = sign_in(world)
    assert (answer.status_code, desk.cookie) == (403, "")
    assert desk.page.one("h1").text == "Your name cannot be used"


def test_a_claim_that_is_missing_is_named(world, sso):
    del sso.id_token["name"]
    sso.claims = {"groups": [AUDITORS]}
    desk, _ = sign_in(world)
    assert 'the claim "name" is missing' in desk.says("detail")


def test_a_name_with_markup_is_text(world, sso):
    sso.id_token |= {"name": "<img src=x onerror=alert(1)>"}
    desk, _ = sign_in(world)
    assert "<img src=x" not in desk.open("").text
    assert desk.says("worker") == "<img src=x onerror=alert(1)>"


def test_without_a_table_there_is_nowhere_to_sign_in(make_world):
    desk = nobody(make_world())
    assert desk.open("/connexion").status_code == 502
    assert "[console]" in desk.says("detail")


# -- attacks ----------------------------------------------------------------------------------------------------------


def test_the_answer_to_another_browsers_question_is_refused(world):
    victim, attacker = nobody(world), nobody(world)
    depart(victim)
    answer = come_back(victim, depart(attacker))
    assert (answer.status_code, victim.cookie) == (400, "")


def test_an_answer_without_a_question_is_refused(world):
    desk = nobody(world)
    assert desk.open("/retour?code=x&state=y&iss=https://sso.example").status_code == 400
    assert desk.cookie == ""


def test_an_answer_counts_once(world, sso):
    desk = nobody(world)
    location = depart(desk)
    query = sso.log_in(location)
    assert desk.open(f"/retour?{query}").status_code == 303
    assert desk.open(f"/retour?{query}").status_code == 400


def test_an_answer_that_comes_after_ten_minutes_is_refused(world, sso):
    desk = nobody(world)
    location = depart(desk)
    world.clock.advance(600)
    assert come_back(desk, location).status_code == 400


@pytest.mark.parametrize("state", ["", "x", "é", "x" * 5000, "\ud800"])
def test_a_mixed_up_state_is_refused(world, state):
    desk = nobody(world)
    location = depart(desk)
    assert come_back(desk, location, state=state.encode("utf-8", "replace").decode()).status_code == 400


def test_a_second_tab_does_not_spoil_the_sign_in_of_the_first(world):
    desk = nobody(world)
    first, _ = depart(desk), depart(desk)
    assert come_back(desk, first).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "somebody-else"},
        {"nonce": "another"},
        {"exp": 1},
        {"sub": ""},
        {"azp": "somebody-else"},
        {"at_hash": "another"},
        {"iat": 1},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(world, sso, changes):
    sso.id_token |= changes
    desk, answer = sign_in(world)
    assert (answer.status_code, desk.cookie) == (502, "")


@pytest.mark.parametrize("iss", ["https://other.example", ""])
def test_an_answer_of_another_issuer_is_a_mix_up(world, iss):
    desk = nobody(world)
    answer = come_back(desk, depart(desk), iss=iss)
    assert (answer.status_code, desk.cookie) == (502, "")


def test_a_token_by_another_algorithm_than_ours_is_refused(make_world):
    world = make_world(console=replace(PROVIDER, algorithms=frozenset(("RS256",))))
    world.fi["sso"] = Fi("https://sso.example", PROVIDER.client_id, PROVIDER.client_secret, world.clock)
    world.fi["sso"].id_token = {"name": CAMILLE, "groups": [OPERATORS]}
    desk, answer = sign_in(world)
    assert (answer.status_code, desk.cookie) == (502, "")


def test_a_token_of_another_providers_key_is_refused(world, sso):
    other = Fi("https://sso.example", PROVIDER.client_id, PROVIDER.client_secret, world.clock)
    other.id_token, other.asked = sso.id_token, sso.asked

    def forged(_request):
        other.asked = sso.asked
        return json_answer({"access_token": "a", "token_type": "Bearer", "id_token": other.signed(other.token())})

    sso.answers["/token"] = forged
    desk, answer = sign_in(world)
    assert (answer.status_code, desk.cookie) == (502, "")


def test_userinfo_of_another_person_gives_no_role(world, sso):
    sso.id_token = {}
    sso.answers["/userinfo"] = lambda _: json_answer({"sub": "other", "name": CAMILLE, "groups": [OPERATORS]})
    desk, answer = sign_in(world)
    assert (answer.status_code, desk.cookie) == (502, "")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_provider_that_fails_gives_a_page_and_no_session(world, sso, path, body, status):
    sso.answers[path] = lambda _: HttpResponse(status, {}, body)
    desk = nobody(world)
    answer = desk.open("/connexion")
    if answer.status_code == 303:
        answer = come_back(desk, answer.location)
    assert (answer.status_code, desk.cookie) == (502, "")
    assert desk.page.one("h1").text == "Your provider could not sign you in"


def test_who_says_no_there_is_told_so_here(world):
    desk = nobody(world)
    location = depart(desk)
    state = dict(parse_qsl(urlsplit(location).query))["state"]
    query = urlencode({"error": "access_denied", "error_description": "<b>no</b>", "state": state, "iss": PROVIDER.issuer})
    assert desk.open(f"/retour?{query}").status_code == 502
    assert desk.says("detail") == "the provider answered access_denied"


def test_a_planted_session_is_not_taken_over_by_a_sign_in(world):
    attacker = signed_in(world, "auditor", "Eve Attacker")
    victim = nobody(world)
    victim.browser.client.set_cookie("__Host-console", attacker.cookie, domain="connexion.example", secure=True)
    come_back(victim, depart(victim))
    assert victim.cookie != attacker.cookie
    assert attacker.open("").status_code == 403


def test_the_secret_and_the_tokens_are_on_no_page(world, sso):
    desk, _ = sign_in(world)
    text = desk.open("").text
    assert PROVIDER.client_secret not in text
    assert "fi-access" not in text
    assert PROVIDER.client_secret not in repr(PROVIDER)
