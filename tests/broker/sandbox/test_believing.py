"""What a service checks before it believes: each check refuses what it is there for. `test_service` plays the attacks."""

import pytest

from broker.sandbox import believing as rules
from broker.sandbox.believing import Distrusted
from broker.sandbox.data.proofs import new_key

NOW = 1_790_000_000


@pytest.mark.parametrize(
    ("check", "arguments"),
    [
        (rules.check_state, ("a", "b")),
        (rules.check_state, ("", "")),
        (rules.check_answering_issuer, ({"iss": "evil"}, "good", {})),
        (rules.check_answering_issuer, ({}, "good", {"authorization_response_iss_parameter_supported": True})),
        (rules.check_issuer, ({"iss": "evil"}, "good")),
        (rules.check_issuer, ({}, "good")),
        (rules.check_audience, ({"aud": "other"}, "me")),
        (rules.check_audience, ({"aud": ["me", "other"]}, "me")),
        (rules.check_lifetime, ({"exp": NOW - 30, "iat": NOW - 90}, NOW)),
        (rules.check_lifetime, ({"exp": NOW + 60, "iat": NOW + 31}, NOW)),
        (rules.check_lifetime, ({"exp": NOW + 60, "iat": NOW - 601}, NOW)),
        (rules.check_lifetime, ({}, NOW)),
        (rules.check_nonce, ({"nonce": "a"}, "b")),
        (rules.check_level, ({"acr": "eidas1"}, "eidas2")),
        (rules.check_level, ({"acr": "zzz"}, "eidas1")),
        (rules.check_level, ({}, "eidas1")),
        (rules.check_same_person, ({"sub": "a"}, {"sub": "b"})),
        (rules.check_same_person, ({}, {})),
        (rules.check_bound, ({"token_type": "Bearer"}, new_key())),
    ],
)
def test_a_check_refuses(check, arguments):
    with pytest.raises(Distrusted):
        check(*arguments)
