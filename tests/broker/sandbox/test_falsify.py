"""What is false in a token is one thing, and nothing else."""

import json
from base64 import urlsafe_b64decode

import pytest

from broker.sandbox.falsify import ID_TOKEN, USERINFO, falsified
from broker.sandbox.faults import BROKER_FAULTS
from oidc.errors import BadAnswer
from oidc.tokens import read_jwks, read_unverified, sign_jwt, verify_jwt
from tests.oidc.cases import ec_key

CLAIMS = {
    "iss": "https://fc.localhost/api/v2",
    "sub": "a" * 64 + "v1",
    "aud": "mairie",
    "nonce": "n",
    "acr": "eidas2",
    "iat": 1_790_000_000,
    "exp": 1_790_000_060,
    "birthplace": "75107",
}
CHANGED = {
    "token.wrong_nonce": {"nonce"},
    "token.wrong_iss": {"iss"},
    "token.wrong_aud": {"aud"},
    "token.expired": {"iat", "exp"},
    "token.lower_acr": {"acr"},
    "userinfo.sub_mismatch": {"sub"},
    "userinfo.missing_birthplace": {"birthplace"},
}
UNSIGNED = {"token.bad_sig", "token.unsigned", "userinfo.bad_sig"}
FAULTS = {**ID_TOKEN, **USERINFO}
KEYS = read_jwks(json.dumps({"keys": [ec_key().public_jwk()]}).encode())


def told(fault):
    return falsified(sign_jwt(CLAIMS, ec_key()), FAULTS[fault], ec_key())


def test_each_fault_is_tried_here_and_can_be_switched_in_the_demo():
    assert set(FAULTS) == set(BROKER_FAULTS) == set(CHANGED) | UNSIGNED


@pytest.mark.parametrize("fault", CHANGED)
def test_a_claim_is_false_under_a_signature_that_is_right(fault):
    claims = verify_jwt(told(fault), KEYS, ("ES256",))
    assert {name for name in CLAIMS if claims.get(name) != CLAIMS[name]} == CHANGED[fault]


@pytest.mark.parametrize("fault", sorted(UNSIGNED))
def test_a_signature_is_false_over_claims_that_are_right(fault):
    assert read_unverified(told(fault) + ("AA" if fault == "token.unsigned" else "")) == CLAIMS
    with pytest.raises(BadAnswer):
        verify_jwt(told(fault), KEYS, ("ES256",))


@pytest.mark.parametrize("fault", ["token.bad_sig", "userinfo.bad_sig"])
def test_a_stranger_signs_under_our_kid(fault):
    header = json.loads(urlsafe_b64decode(told(fault).split(".")[0] + "=="))
    assert header["kid"] == ec_key().kid
