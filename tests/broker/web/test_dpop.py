"""Tokens that only the holder of a key can use: bound at /token, proven at /userinfo, told to data providers."""

import secrets

import pytest
from joserfc.jwk import ECKey, RSAKey

from oidc.dpop import token_hash
from tests.broker.checks import signed
from tests.broker.web.attacks import BAD_PROOFS, STOLEN
from tests.broker.world import ISSUER, NONCE, PUBLIC, SECRET, STATE, payload

HOLDER, OTHER = (ECKey.generate_key("P-256") for _ in range(2))
REVENUS = "https://revenus.example/api"
NOW = 1_790_000_000


@pytest.fixture
def world(make_checks):
    return make_checks()


def proof(address="token", method="POST", key=HOLDER, token=None, header=None, **changes):
    """A proof by hand."""
    claims = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": f"{ISSUER}/{address}", "iat": NOW, **changes}
    claims |= {"ath": token_hash(token)} if token else {}
    return signed(claims, key, **{"typ": "dpop+jwt", "jwk": key.as_dict(private=False), **(header or {})})


def send(world, address, made=None, **form):
    """A service calls an address, with a proof."""
    sent = {"client_id": "mairie", "client_secret": SECRET, **form}
    headers = {} if made is None else {"DPoP": made}
    return world.app.test_client().post(f"/api/v2/{address}", data=sent, headers=headers, base_url=PUBLIC)


def redeem(world, code, made=None, **form):
    how = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://mairie.example/retour"}
    return send(world, "token", made, **how, **form)


def bound(world, **form):
    """The token answer of a login, bound to the key of the holder."""
    return redeem(world, world.code("revenu_fiscal"), proof(), **form).json


def userinfo(world, token, *proofs, scheme="DPoP", method="GET"):
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", made) for made in proofs)]
    return world.app.test_client().open("/api/v2/userinfo", method=method, headers=headers, base_url=PUBLIC)


def of_userinfo(token, **changes):
    return proof("userinfo", **{"method": "GET", "token": token, **changes})


def error_of(answer):
    return answer.status_code, answer.json["error"]


# -- a token is bound -------------------------------------------------------------------------------------------------


def test_a_proof_binds_the_token_to_its_key(world):
    tokens = bound(world)
    assert tokens["token_type"] == "DPoP"
    token = tokens["access_token"]
    answer = userinfo(world, token, of_userinfo(token))
    assert (answer.status_code, payload(answer.text)["family_name"]) == (200, "DUBOIS")


def test_a_posted_request_is_proven_as_a_posted_one(world):
    token = bound(world)["access_token"]
    assert userinfo(world, token, of_userinfo(token, method="POST"), method="POST").status_code == 200
    assert userinfo(world, token, of_userinfo(token, method="POST")).status_code == 401


def test_a_data_provider_is_told_the_key_and_verifies_the_proof_itself(world):
    told = world.checked(bound(world, resource=REVENUS)["access_token"])
    assert told["cnf"] == {"jkt": HOLDER.thumbprint()}
    assert told["token_type"] == "DPoP"


def test_any_key_of_an_allowed_kind_will_do(world):
    key = RSAKey.generate_key(2048)
    made = proof(key=key, header={"alg": "PS256"})
    assert redeem(world, world.code("revenu_fiscal"), made).json["token_type"] == "DPoP"


def test_a_service_without_proofs_goes_on_as_before(world):
    tokens = world.tokens("revenu_fiscal")
    assert tokens["token_type"] == "Bearer"
    assert "cnf" not in world.checked(tokens["access_token"])


WRONG = {
    "of another address": {"address": "userinfo"},
    "by another method": {"method": "GET"},
    "old": {"iat": NOW - 61},
    "from the future": {"iat": NOW + 60},
    "without jti": {"jti": None},
    "with another type": {"header": {"typ": "JWT"}},
    "that another key signed": {"header": {"jwk": OTHER.as_dict(private=False)}},
    "with a private key": {"header": {"jwk": HOLDER.as_dict(private=True)}},
}


@pytest.mark.parametrize("changes", [WRONG[name] for name in BAD_PROOFS], ids=BAD_PROOFS)
def test_a_wrong_proof_gets_no_token_and_the_code_stays(world, changes):
    code = world.code("revenu_fiscal")
    refused = redeem(world, code, proof(**changes))
    assert error_of(refused) == (400, "invalid_dpop_proof")
    assert refused.json["error_uri"].endswith("#TOK-608")
    assert redeem(world, code, proof()).status_code == 200


def test_a_proof_counts_once_at_the_token_endpoint(world):
    made = proof()
    first, second = world.code("revenu_fiscal"), world.code("revenu_fiscal")
    assert redeem(world, first, made).status_code == 200
    assert error_of(redeem(world, second, made)) == (400, "invalid_dpop_proof")


def test_a_proof_counts_once_for_all_workers(make_checks, tmp_path):
    one, other = (make_checks(f"sqlite:///{tmp_path}/proofs.db") for _ in range(2))
    made = proof()
    assert redeem(one, one.code("revenu_fiscal"), made).status_code == 200
    assert error_of(redeem(other, other.code("revenu_fiscal"), made)) == (400, "invalid_dpop_proof")


def test_a_proof_is_no_client_authentication(world):
    refused = redeem(world, world.code("revenu_fiscal"), proof(), client_secret="wrong-secret-of-many-characters")
    assert error_of(refused) == (401, "invalid_client")


# -- a thief has the token --------------------------------------------------------------------------------------------


SHOWN = {
    "as a bearer token": lambda token: (("Bearer", ()), "invalid_token"),
    "without a proof": lambda token: (("DPoP", ()), "invalid_dpop_proof"),
    "with a proof of his own key": lambda token: (("DPoP", (of_userinfo(token, key=OTHER),)), "invalid_dpop_proof"),
    "with a proof for another token": lambda token: (("DPoP", (of_userinfo("other"),)), "invalid_dpop_proof"),
    "with a proof without a token": lambda token: (("DPoP", (proof("userinfo", "GET"),)), "invalid_dpop_proof"),
    "with the proof of the token request": lambda token: (("DPoP", (proof(),)), "invalid_dpop_proof"),
    "with an old proof": lambda token: (("DPoP", (of_userinfo(token, iat=NOW - 61),)), "invalid_dpop_proof"),
    "with two proofs": lambda token: (("DPoP", (of_userinfo(token), of_userinfo(token))), "invalid_dpop_proof"),
}


@pytest.mark.parametrize("made", [SHOWN[name] for name in STOLEN], ids=STOLEN)
def test_a_stolen_token_opens_nothing(world, made):
    token = bound(world)["access_token"]
    (scheme, proofs), error = made(token)
    refused = userinfo(world, token, *proofs, scheme=scheme)
    assert error_of(refused) == (401, error)
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge.startswith(f'DPoP realm="passerelle", error="{error}"')
    assert challenge.endswith('algs="ES256 PS256 RS256"')


def test_a_proof_that_was_overheard_counts_once(world):
    token = bound(world)["access_token"]
    made = of_userinfo(token)
    assert userinfo(world, token, made).status_code == 200
    assert error_of(userinfo(world, token, made)) == (401, "invalid_dpop_proof")


def test_a_token_that_is_not_bound_is_no_dpop_token(world):
    token = world.token()
    assert error_of(userinfo(world, token, of_userinfo(token))) == (401, "invalid_token")


def test_a_posted_token_is_a_bearer_token(world):
    token = bound(world)["access_token"]
    sent = {"access_token": token}
    refused = world.app.test_client().post("/api/v2/userinfo", data=sent, base_url=PUBLIC)
    assert error_of(refused) == (401, "invalid_token")


# -- a code is bound --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "status"),
    [(None, 400), (OTHER, 400), (HOLDER, 200)],
    ids=["a bound code without a proof", "a bound code with another key", "its holder"],
)
def test_a_code_that_is_bound_is_changed_with_its_key_alone(world, made, status):
    code = world.code("revenu_fiscal", dpop_jkt=HOLDER.thumbprint())
    answer = redeem(world, code, made and proof(key=made))
    assert answer.status_code == status
    assert status == 200 or answer.json["error"] == "invalid_grant"


def pushed(world, made, **changes):
    """A request is pushed; its name."""
    asked = {
        "redirect_uri": "https://mairie.example/retour",
        "response_type": "code",
        "scope": "openid revenu_fiscal",
        "state": STATE,
        "nonce": NONCE,
    }
    return send(world, "par", made, **{**asked, **changes})


@pytest.mark.parametrize(("key", "status"), [(OTHER, 400), (HOLDER, 200)], ids=["other", "holder"])
def test_who_proves_a_key_as_he_pushes_binds_the_code_to_it(world, key, status):
    name = pushed(world, proof("par")).json["request_uri"]
    browser = world.citizen()
    choice = browser.page(browser.get(f"{ISSUER}/authorize?client_id=mairie&request_uri={name}"))
    back = browser.agree(browser.page(browser.prove(browser.choose(choice))), "revenu_fiscal")
    code = back.location.partition("code=")[2].partition("&")[0]
    assert redeem(world, code, proof(key=key)).status_code == status


@pytest.mark.parametrize(
    ("made", "changes", "error"),
    [
        (lambda: proof("token"), {}, "invalid_dpop_proof"),
        (lambda: proof("par"), {"dpop_jkt": OTHER.thumbprint()}, "invalid_request"),
    ],
    ids=["of another address", "of another key than is named"],
)
def test_a_wrong_proof_pushes_nothing(world, made, changes, error):
    assert error_of(pushed(world, made(), **changes)) == (400, error)


def test_a_proof_counts_once_at_par(world):
    made = proof("par")
    assert pushed(world, made).status_code == 201
    assert error_of(pushed(world, made)) == (400, "invalid_dpop_proof")
