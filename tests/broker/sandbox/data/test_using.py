"""What a service makes of the answers of data providers."""

import pytest

from broker.sandbox.calling import Reply
from broker.sandbox.data.using import DataUser, Held, delivered
from broker.sandbox.faults import Faults
from broker.sandbox.parties import DATA_PROVIDERS, Address

REVENUS = DATA_PROVIDERS[0]
INCOME, SHARES = REVENUS.scopes
JSON = "application/json"


def reply(status: int = 200, body: bytes = b"{}", challenge: str = "") -> Reply:
    return Reply(status, JSON, body, challenge)


def test_of_an_answer_only_what_was_agreed_to_is_taken() -> None:
    came = delivered(REVENUS, [INCOME], reply(body=b'{"revenu_fiscal": 1, "nombre_parts": 2, "more": 3}'))
    assert came.values == ((INCOME, 1),)


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (reply(401, challenge='Bearer realm="api", error="invalid_token"'), 401, "invalid_token"),
        (reply(503, b'{"error": "temporarily_unavailable"}'), 503, "temporarily_unavailable"),
        (reply(500, b"<html>"), 500, ""),
        (reply(200, b"<html>"), 502, "no JSON object"),
        (reply(200, b"[1]"), 502, "no JSON object"),
    ],
)
def test_any_other_answer_is_said_and_holds_no_data(answer: Reply, status: int, error: str) -> None:
    came = delivered(REVENUS, [INCOME, SHARES], answer)
    assert (came.values, came.status, came.error) == ((), status, error)


@pytest.mark.loopback
def test_a_data_provider_that_is_silent_is_said_so() -> None:
    user = DataUser("fs.localhost", Address(1), Faults(), lambda: 0, print)
    (came,) = user.ask(Held("token", ("revenu_fiscal", "nombre_parts"), frozenset(("revenu_fiscal",))))
    assert (came.status, came.error, came.refused) == (503, "no answer", (SHARES,))


def test_the_resources_of_scopes_are_those_of_whoever_delivers_them() -> None:
    user = DataUser("fs.localhost", Address(8000), Faults(), lambda: 0, print)
    assert user.resources(("permis_points",)) == ("http://points.localhost:8000/api",)
