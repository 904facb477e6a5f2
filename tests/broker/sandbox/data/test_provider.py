"""What a data provider answers: data for a token that counts, and RFC 6750's refusals for every other one."""

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.parties import Text
from broker.sandbox.calling import Caller
from broker.sandbox.data.checking import CheckFailed, SecretChecker
from broker.sandbox.data.proofs import make_proof, new_key
from broker.sandbox.data.provider import SimulatedDataProvider
from broker.sandbox.data.records import record
from broker.sandbox.faults import Faults
from broker.sandbox.pages import Party
from broker.sandbox.parties import DATA_PROVIDERS

NOW = 1_790_000_000
REVENUS = DATA_PROVIDERS[0]
RESOURCE = "http://fd.localhost:1/api"
KEY = new_key()
PERSON = {"given_name": "Angela", "family_name": "DUBOIS", "birthdate": "1962-08-24"}
ACTIVE = {"active": True, "scope": "revenu_fiscal", **PERSON}
SAID: Mapping[str, Mapping[str, Any]] = {
    "income": ACTIVE,
    "both": {**ACTIVE, "scope": "revenu_fiscal nombre_parts"},
    "nothing": {**ACTIVE, "scope": ""},
    "bound": {**ACTIVE, "token_type": "DPoP", "cnf": {"jkt": KEY.thumbprint()}},
    "odd": {"active": "yes"},
}
BEARER = 'Bearer realm="api"'


class Said(SecretChecker):
    """A broker that knows a few tokens, and is silent about one."""

    def check(self, token: str) -> Mapping[str, Any]:
        if token == "silent":
            raise CheckFailed("no answer")
        return SAID.get(token, {"active": False})


class Fd:
    """The data provider, with a fault or without."""

    def __init__(self, fault: str | None = None) -> None:
        checker = Said(REVENUS.id, "http://fc.localhost:1/api/v2", Caller(REVENUS.host), "secret", RESOURCE)
        faults = Faults([(REVENUS.id, fault)] if fault else [])
        simulated = SimulatedDataProvider(REVENUS, RESOURCE, checker, faults, lambda: NOW)
        self.client = simulated.app(Party(Text("Fd", "Fd"), "fd", "")).test_client()

    def get(self, token: str = "", path: str = "/api", scheme: str = "Bearer", proof: str = "") -> TestResponse:
        headers = {"Authorization": f"{scheme} {token}"} if token else {}
        return self.client.get(path, headers={**headers, **({"DPoP": proof} if proof else {})})


def test_what_was_agreed_to_is_delivered_and_nothing_else() -> None:
    assert Fd().get("income").json == {"revenu_fiscal": record("revenu_fiscal", PERSON)}
    assert set(Fd().get("both").json) == {"revenu_fiscal", "nombre_parts"}


def test_each_scope_has_an_address() -> None:
    assert set(Fd().get("both", "/api/nombre_parts").json) == {"nombre_parts"}


@pytest.mark.parametrize(
    ("token", "path", "status", "challenge"),
    [
        ("", "/api", 401, BEARER),
        ("unknown", "/api", 401, f'{BEARER}, error="invalid_token"'),
        ("odd", "/api", 401, f'{BEARER}, error="invalid_token"'),
        ("income", "/api/nombre_parts", 403, f'{BEARER}, error="insufficient_scope"'),
        ("nothing", "/api", 403, f'{BEARER}, error="insufficient_scope"'),
        ("bound", "/api", 401, 'DPoP realm="api", error="invalid_token"'),
    ],
)
def test_a_refusal_says_why_in_its_header(token: str, path: str, status: int, challenge: str) -> None:
    answer = Fd().get(token, path)
    assert answer.status_code == status
    assert answer.headers["WWW-Authenticate"].startswith(challenge)
    assert not {"revenu_fiscal", "nombre_parts"} & set(answer.json)


def test_who_sends_no_token_is_not_told_of_an_error() -> None:
    assert "error" not in Fd().get().headers["WWW-Authenticate"]


def test_the_scope_that_is_missing_is_named() -> None:
    assert 'scope="nombre_parts"' in Fd().get("income", "/api/nombre_parts").headers["WWW-Authenticate"]


@pytest.mark.parametrize("scheme", ["Basic", "bearer-token"])
def test_another_scheme_is_no_token(scheme: str) -> None:
    assert Fd().get("income", scheme=scheme).status_code == 401


def test_an_address_of_no_scope_is_not_found() -> None:
    assert Fd().get("income", "/api/permis_points").status_code == 404


def test_without_the_brokers_word_nothing_is_delivered() -> None:
    answer = Fd().get("silent")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_data_provider_that_is_down_still_shows_its_pages() -> None:
    fd = Fd("fd.down")
    assert [fd.get("income").status_code, fd.get(path="/").status_code] == [503, 200]


# -- a token that is bound to a key -----------------------------------------------------------------------------------


def proof(url: str = RESOURCE, token: str = "bound") -> str:
    return make_proof(KEY, "GET", url, NOW, token)


def test_a_bound_token_comes_with_its_proof() -> None:
    assert Fd().get("bound", scheme="DPoP", proof=proof()).status_code == 200


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "x",
        proof(f"{RESOURCE}/revenu_fiscal"),
        proof(token="income"),
        make_proof(new_key(), "GET", RESOURCE, NOW, "bound"),
    ],
    ids=["none", "no token", "another address", "another token", "another key"],
)
def test_a_bound_token_with_another_proof_is_refused(shown: str) -> None:
    answer = Fd().get("bound", scheme="DPoP", proof=shown)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="api", error="invalid_dpop_proof"')


def test_a_proof_is_heard_once() -> None:
    fd, shown = Fd(), proof()
    assert [fd.get("bound", scheme="DPoP", proof=shown).status_code for _ in range(2)] == [200, 401]


def test_a_token_that_is_not_bound_is_no_dpop_token() -> None:
    assert Fd().get("income", scheme="DPoP", proof=proof(token="income")).status_code == 401
