"""At a provider we say by a key who we are: the whole login, with a provider that verifies by joserfc alone."""

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from broker.parties import Parties
from certs.keyring import new_key
from certs.keys import State, Use
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, Fi, World, json_answer

BY_KEY = {"authentication": "private_key_jwt", "client_secret": ""}


def parties(**changes: object) -> Parties:
    impots = dataclasses.replace(PROVIDERS["impots"], **{**BY_KEY, **changes})  # type: ignore[arg-type]
    return Parties(SERVICES, {**PROVIDERS, "impots": impots})


def verifying(fi: Fi, world: World, assertions: list[dict[str, object]]) -> None:
    """Let a provider verify who we are by the keys that we publish."""
    published = KeySet.import_key_set(world.app.test_client().get("/api/v2/client/.well-known/keys").json)

    def token(request: HttpRequest) -> HttpResponse:
        form = parse_qs(request.body.decode())
        assertions.append(dict(jwt.decode(form["client_assertion"][0], published, algorithms=["ES256"]).claims))
        assert "Authorization" not in request.headers
        answer = {"access_token": "fi-access", "token_type": "Bearer", "id_token": fi.signed(fi.token())}
        return json_answer(answer)

    fi.answers["/token"] = token


@pytest.fixture
def world(tmp_path: Path) -> World:
    keys = tmp_path / "secrets" / "keys"
    keys.mkdir(parents=True)
    for use, algorithm in ((Use.OP_SIGNING, "ES256"), (Use.OP_SIGNING, "RS256"), (Use.RP_SIGNING, "ES256")):
        new_key(keys, use, algorithm, State.ACTIVE, 1)
    return World(tmp_path, parties=parties())


def test_a_login_through_a_provider_that_knows_our_key(world: World) -> None:
    assertions: list[dict[str, object]] = []
    verifying(world.fi["impots"], world, assertions)
    assert world.browser().claims()["family_name"] == "DUBOIS"
    (claims,) = assertions
    assert (claims["sub"], claims["aud"]) == ("passerelle", "https://impots.example/token")
    assert claims["exp"] == world.clock() + 60


def test_no_assertion_is_like_another(world: World) -> None:
    assertions: list[dict[str, object]] = []
    verifying(world.fi["impots"], world, assertions)
    for _ in range(3):
        world.browser().claims()
    assert len({claims["jti"] for claims in assertions}) == 3


def test_without_the_key_nothing_starts(make_world) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LookupError, match="passerelle keys new rp-signing"):
        make_world(parties=parties())


def test_a_provider_that_is_off_needs_no_key(make_world) -> None:  # type: ignore[no-untyped-def]
    assert make_world(parties=parties(active=False))


def test_what_services_verify_by_and_what_providers_verify_by_are_two_sets(world: World) -> None:
    client = world.app.test_client()
    ours, theirs = (client.get(f"/api/v2/{path}").json["keys"] for path in ("jwks", "client/.well-known/keys"))
    assert {key["kid"] for key in ours}.isdisjoint(key["kid"] for key in theirs)
    assert ISSUER.endswith("/api/v2")
