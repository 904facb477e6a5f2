"""A data provider asks what a token is worth: what it is told, in which form, and what it must send."""

import json
import secrets
from base64 import urlsafe_b64decode

import pytest

from broker.client_secrets import digest
from broker.parties import HeldSecret, ServiceKeys
from broker.relying.tokens import CODE_LIFE
from tests.broker.checks import (
    KEY,
    KIND,
    PATH,
    basic,
    opened,
    parties,
    signed,
    with_key,
    with_secret,
)
from tests.broker.data import asks
from tests.broker.signing import ALGORITHMS, ASSERTION_TYPE, jwks
from tests.broker.world import ISSUER, PUBLIC, SECRET, SECRET_KEY, payload

REVENUS, POINTS = "https://revenus.example/api", "https://points.example/api"
JSON = {"Accept": "application/json"}


@pytest.fixture
def world(make_checks):
    return make_checks()


# -- what it is told --------------------------------------------------------------------------------------------------


def test_a_data_provider_is_told_what_was_agreed_to_and_by_what_it_may_know_the_person(world):
    told = world.checked(world.token("revenu_fiscal", "points_permis"))
    name = told.pop("sub"), told.pop("jti")
    assert told == {
        "active": True,
        "aud": "mairie",
        "iat": world.clock(),
        "exp": world.clock() + 90,  # the other data provider may be asked for a minute and a half
        "acr": "eidas2",
        "scope": "revenu_fiscal",
        "family_name": "DUBOIS",
        "given_name": "Angela Claire Louise",
        "birthdate": "1962-08-24",
    }
    assert all(name)


@pytest.mark.parametrize("proven", ["eidas1", "eidas2"])
def test_the_level_is_what_was_proven_and_not_what_was_asked(world, proven):
    world.fi["impots"].acr = proven
    assert world.checked(world.token(acr_values="eidas1"))["acr"] == proven


def test_each_data_provider_has_its_own_name_for_the_person_and_for_the_token(world):
    tokens = world.tokens("revenu_fiscal", "points_permis")
    revenus, points = (world.checked(tokens["access_token"], fd) for fd in ("revenus", "points"))
    assert len({revenus["sub"], points["sub"], payload(tokens["id_token"])["sub"]}) == 3
    assert revenus["jti"] != points["jti"]


def test_the_names_are_the_same_each_time(world):
    token = world.token()
    first, again = world.checked(token), world.checked(token)
    assert first == again
    assert world.checked(world.token())["sub"] == first["sub"]


def test_data_providers_of_one_sector_have_one_name_for_a_person(make_checks):
    data = {name: with_secret(name, scope, sector="fd:état") for name, scope in (("a", "un"), ("b", "deux"))}
    world = make_checks(parties=parties(data, mairie=asks("mairie", may=("un", "deux"))))
    token = world.token("un", "deux", scope="openid un deux")
    assert world.checked(token, "a")["sub"] == world.checked(token, "b")["sub"]


def test_who_is_entitled_to_nothing_gets_its_own_name_alone(world):
    told = world.checked(world.token(), "points")
    assert set(told) == {"active", "aud", "sub", "iat", "exp", "jti", "acr", "scope"}


def test_what_was_not_agreed_to_is_not_active_there(world):
    assert world.checked(world.token("revenu_fiscal"), "points") == {"active": False}


@pytest.mark.parametrize("never", ["country", "amr"])
def test_whatever_the_registry_says_nobody_learns_where_somebody_is_from_or_how_he_logged_in(make_checks, never):
    entitled = with_secret("revenus", "revenu_fiscal", identity=("family_name", never))
    world = make_checks(parties=parties({"revenus": entitled}))
    assert never not in world.checked(world.token("revenu_fiscal"))


def test_a_claim_that_the_person_lacks_is_left_out(make_checks):
    entitled = with_secret("revenus", "revenu_fiscal", identity=("phone_number", "email"))
    world = make_checks(parties=parties({"revenus": entitled}))
    told = world.checked(world.token("revenu_fiscal"))
    assert told["email"] == "angela@courriel.example"
    assert "phone_number" not in told


# -- in which form ----------------------------------------------------------------------------------------------------


def test_an_answer_is_never_kept(world):
    assert world.ask(world.token()).headers["Cache-Control"] == "no-store"


def test_an_inactive_token_is_answered_in_the_same_form(world):
    assert world.told(world.ask("nobody-was-ever-given-this")) == {"active": False}


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_answers_are_signed_as_the_data_provider_registered(make_checks, algorithm):
    world = make_checks(parties=parties({"revenus": with_secret("revenus", "revenu_fiscal", algorithm=algorithm)}))
    answer = world.ask(world.token("revenu_fiscal"))
    assert world.told(answer)["active"]
    assert json.loads(decoded(answer.text.partition(".")[0]))["alg"] == algorithm


def decoded(part):
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_standard_json_is_for_who_asks_for_it(world):
    token = world.token()
    answer = world.ask(token, headers=JSON)
    assert answer.mimetype == "application/json"
    told = answer.json
    assert {name: told[name] for name in ("active", "iss", "client_id", "aud", "token_type", "scope")} == {
        "active": True,
        "iss": ISSUER,
        "client_id": "mairie",
        "aud": REVENUS,
        "token_type": "Bearer",
        "scope": "revenu_fiscal parts_fiscales",
    }
    assert world.ask("unknown", headers=JSON).json == {"active": False}


@pytest.mark.parametrize("accept", ["*/*", "application/json, */*", KIND, f"{KIND}, application/json;q=0.9"])
def test_whoever_takes_anything_gets_the_signed_answer(world, accept):
    assert world.ask(world.token(), headers={"Accept": accept}).mimetype == KIND


def sealed(**changes):
    return {"revenus": with_key("revenus", "revenu_fiscal", "parts_fiscales", encrypt="ECDH-ES", **changes)}


def assertion(client_id="fd-revenus", key=KEY, audience=f"{ISSUER}/checktoken", now=1_790_000_000, **changes):
    """What a data provider with a key sends instead of a secret."""
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 60}
    made = signed({**claims, "jti": secrets.token_urlsafe(16), **changes}, key, kid=key.kid)
    return {"client_secret": None, "client_assertion": made, "client_assertion_type": ASSERTION_TYPE}


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json"],
    ids=["anything asked of one who has a key", "JSON asked of one who has a key"],
)
def test_who_wants_encrypted_answers_gets_no_other(make_checks, accept):
    world = make_checks(parties=parties(sealed()))
    for token, active in ((world.token("revenu_fiscal"), True), ("unknown", False)):
        answer = world.ask(token, headers={"Accept": accept}, **assertion())
        assert (answer.mimetype, answer.text.count(".")) == (KIND, 4)
        assert world.read(opened(answer.text), "revenus")["active"] is active


def test_without_the_key_to_encrypt_for_nothing_is_said_and_nothing_noted(make_checks):
    world = make_checks(parties=parties(sealed(keys=ServiceKeys(ALGORITHMS, document=jwks(KEY)))))
    token = world.token("revenu_fiscal")
    answer = world.ask(token, **assertion())
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    assert world.citizen().userinfo(token).status_code == 200


# -- who asks ---------------------------------------------------------------------------------------------------------


def test_a_secret_comes_in_the_form_or_in_the_header(make_checks):
    both = frozenset(("client_secret_post", "client_secret_basic"))
    world = make_checks(parties=parties({"revenus": with_secret("revenus", "revenu_fiscal", authentication=both)}))
    token = world.token("revenu_fiscal")
    answer = world.ask(token, headers=basic("fd-revenus"), client_id=None, client_secret=None)
    assert world.told(answer)["active"]


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/checktoken"])
def test_a_key_is_proven_by_an_assertion_for_us(make_checks, audience):
    world = make_checks(parties=parties({"revenus": with_key("revenus", "revenu_fiscal")}))
    assert world.told(world.ask(world.token("revenu_fiscal"), **assertion(audience=audience)))["active"]


def test_an_assertion_counts_once(make_checks):
    world = make_checks(parties=parties({"revenus": with_key("revenus", "revenu_fiscal")}))
    token, proof = world.token("revenu_fiscal"), assertion()
    assert [world.ask(token, **proof).status_code for _ in range(2)] == [200, 401]


NOBODY = {
    "a wrong secret": {"client_secret": "wrong-secret-with-many-characters"},
    "no secret": {"client_secret": None},
    "nobody": {"client_id": "nobody"},
    "no name": {"client_id": None, "client_secret": None},
    "a service": {"client_id": "mairie"},
    "another's name": {"client_id": "fd-points", "client_secret": "wrong-secret-with-many-characters"},
    "an assertion": assertion(),
}


@pytest.mark.parametrize("changes", NOBODY.values(), ids=NOBODY.keys())
def test_whoever_does_not_say_who_he_is_learns_nothing(world, changes):
    refused = world.ask(world.token(), **changes)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")
    assert "active" not in refused.json
    assert refused.headers["WWW-Authenticate"].startswith("Basic")


def test_a_data_provider_that_would_be_public_is_believed_no_more(make_checks):
    public = with_secret("revenus", "revenu_fiscal", authentication=frozenset(("none",)))
    world = make_checks(parties=parties({"revenus": public}))
    assert world.ask(world.token("revenu_fiscal"), client_secret=None).status_code == 401


SERVICES_OWN = {f"a data provider at /{address}": address for address in ("token", "par", "token/revocation")}


@pytest.mark.parametrize("address", SERVICES_OWN.values(), ids=SERVICES_OWN.keys())
def test_a_data_provider_is_no_service(world, address):
    form = {"client_id": "fd-revenus", "client_secret": SECRET, "token": "t", "code": "c"}
    more = {"grant_type": "authorization_code", "redirect_uri": "https://mairie.example/retour"}
    refused = world.app.test_client().post(f"/api/v2/{address}", data={**form, **more}, base_url=PUBLIC)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")


def test_a_secret_past_its_grace_counts_no_more(make_checks):
    old = HeldSecret(digest(SECRET_KEY, "fd-revenus", SECRET), 1_790_000_000)
    world = make_checks(parties=parties({"revenus": with_secret("revenus", "revenu_fiscal", secrets=(old,))}))
    assert world.ask("t").status_code == 401


MALFORMED = {
    "no token": {"token": None},
    "an empty token": {"token": ""},
    "another parameter": {"scope": "revenu_fiscal"},
    "too long": {"token": "t" * 5000},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_is_refused(world, changes):
    refused = world.ask(**{"token": world.token(), **changes})
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "beside", [False, True], ids=["a token in the address of /checktoken", "a token there beside one in the form"]
)
def test_a_token_in_the_address_is_refused(world, beside):
    token = world.token()
    form = {"client_id": "fd-revenus", "client_secret": SECRET, **({"token": token} if beside else {})}
    refused = world.app.test_client().post(f"{PATH}?token={token}", data=form, base_url=PUBLIC)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request")


def test_an_answer_to_get_is_json_for_programs(world):
    refused = world.app.test_client().get(PATH, base_url=PUBLIC)
    assert (refused.status_code, refused.json["error"]) == (405, "invalid_request")


# -- the token of the service -----------------------------------------------------------------------------------------


def test_the_answer_says_what_was_granted_and_how_long_it_counts(world):
    tokens = world.tokens("revenu_fiscal", "points_permis")
    assert tokens["scope"] == "openid identite_pivot revenu_fiscal points_permis"
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 90)


def test_a_token_counts_as_long_as_all_of_its_data_providers_may_be_asked(world):
    token = world.token("revenu_fiscal")
    world.clock.advance(599)
    assert world.checked(token)["active"]
    world.clock.advance(1)
    assert world.checked(token) == {"active": False}


def test_a_token_for_one_of_two_counts_as_long_as_that_one_may_be_asked(world):
    code = world.code("revenu_fiscal", "points_permis")
    world.clock.advance(CODE_LIFE - 1)
    token = world.citizen().redeem(code, resource=REVENUS).json["access_token"]
    world.clock.advance(599)
    assert world.checked(token)["active"]


def test_what_asks_for_no_data_lives_a_minute_as_ever(world):
    tokens = world.tokens(service="rsa", scope="openid identite_pivot")
    assert (tokens["expires_in"], tokens["scope"]) == (60, "openid identite_pivot")


def test_a_token_for_a_resource_is_good_there_and_nowhere_else(world):
    tokens = world.tokens("revenu_fiscal", "points_permis", resource=REVENUS)
    token = tokens["access_token"]
    assert world.checked(token)["active"]
    assert world.checked(token, "points") == {"active": False}
    assert (tokens["scope"], tokens["expires_in"]) == ("openid revenu_fiscal", 600)


def test_a_token_for_a_resource_opens_no_userinfo_even_before_it_was_checked(world):
    refused = world.citizen().userinfo(world.token(resource=REVENUS))
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_token")


def test_a_token_for_whom_nothing_was_agreed_to_is_good_nowhere(world):
    token = world.tokens("revenu_fiscal", resource=POINTS)["access_token"]
    assert world.checked(token, "points") == world.checked(token) == {"active": False}
    assert world.citizen().userinfo(token).status_code == 401


def test_the_resource_of_the_authorization_request_counts_without_being_named_again(world):
    tokens = world.tokens("revenu_fiscal", resource=None)
    narrowed = world.code("revenu_fiscal", resource=REVENUS)
    answer = world.citizen().redeem(narrowed).json
    assert (tokens["scope"].split()[1], answer["scope"]) == ("identite_pivot", "openid revenu_fiscal")
    assert world.citizen().userinfo(answer["access_token"]).status_code == 401


@pytest.mark.parametrize("resource", ["https://nobody.example/api", POINTS, "not an address"])
def test_a_resource_that_was_not_asked_is_refused_and_the_code_stays(world, resource):
    code = world.code("revenu_fiscal", resource=REVENUS)
    refused = world.citizen().redeem(code, resource=resource)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_target")
    assert refused.json["error_uri"].endswith("#TOK-609")
    assert world.citizen().redeem(code).status_code == 200


def test_userinfo_opens_until_the_first_data_provider_has_checked(world):
    token = world.token()
    assert world.citizen().userinfo(token).status_code == 200
    world.checked(token, "points")
    refused = world.citizen().userinfo(token)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_token")


def test_a_check_that_found_nothing_closes_nothing(world):
    token = world.token("revenu_fiscal")
    world.checked(token, "points")
    assert world.citizen().userinfo(token).status_code == 200


# -- what is written down ---------------------------------------------------------------------------------------------


def test_the_journal_names_a_check_by_parties_and_scopes(world, caplog):
    token = world.token("revenu_fiscal")
    caplog.set_level("INFO", "passerelle.journal")
    world.checked(token)
    world.checked("unknown")
    active, inactive = (json.loads(record.message) for record in caplog.records if "data.checked" in record.message)
    assert (active["service"], active["data_provider"], active["scopes"]) == ("mairie", "revenus", "revenu_fiscal")
    assert set(inactive) == {"time", "event", "ref", "data_provider", "active"}
    assert not [word for word in (token, "DUBOIS", "1962") if word in caplog.text]


def test_the_last_use_is_known(world):
    browser = world.citizen()
    code = world.code("revenu_fiscal", browser=browser)
    token = browser.redeem(code).json["access_token"]
    world.clock.advance(5)
    world.checked(token)
    grant = world.session(browser).given[-1].grant
    assert {one: check.last for one, check in world.store.checks(grant).items()} == {"revenus": world.clock()}


def test_discovery_says_where_tokens_are_checked(world, make_world):
    with_it = world.browser().get(f"{ISSUER}/.well-known/openid-configuration").json
    without = make_world().browser().get(f"{ISSUER}/.well-known/openid-configuration").json
    assert with_it["introspection_endpoint"] == f"{ISSUER}{PATH.removeprefix('/api/v2')}"
    assert "introspection_endpoint" not in without


def test_every_database_keeps_the_same_law(make_checks, tmp_path):
    world = make_checks(f"sqlite:///{tmp_path}/data.db")
    token = world.token()
    assert world.checked(token)["active"]
    assert world.citizen().userinfo(token).status_code == 401
