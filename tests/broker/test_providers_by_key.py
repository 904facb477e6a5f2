"""At a provider we say by a key who we are: the whole login, with a provider that verifies by joserfc alone."""

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

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


# -- what comes encrypted ---------------------------------------------------------------------------------------------

REGISTRY = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"])


@pytest.fixture
def sealed_world(tmp_path: Path) -> World:
    keys = tmp_path / "secrets" / "keys"
    keys.mkdir(parents=True)
    made = [(Use.OP_SIGNING, "ES256"), (Use.OP_SIGNING, "RS256"), (Use.RP_DECRYPTION, "ECDH-ES")]
    for use, algorithm in made:
        new_key(keys, use, algorithm, State.ACTIVE, 1)
    sealed = dataclasses.replace(PROVIDERS["impots"], encrypted=frozenset({"id_token", "userinfo"}))
    return World(tmp_path, parties=Parties(SERVICES, {**PROVIDERS, "impots": sealed}))


def encrypting(world: World) -> None:
    """Let the provider encrypt to the key that we publish, by joserfc."""
    fi = world.fi["impots"]
    (key,) = (
        key for key in world.app.test_client().get("/api/v2/client/.well-known/keys").json["keys"] if key["use"] == "enc"
    )
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key["kid"], "cty": "JWT"}
    sign = fi.signed

    def sealed(claims: dict[str, object]) -> str:
        return jwe.encrypt_compact(header, sign(claims).encode(), ECKey.import_key(key), registry=REGISTRY)

    fi.signed = sealed  # type: ignore[method-assign]
    fi.answers["/userinfo"] = lambda _request: HttpResponse(
        200, {"content-type": "application/jwt"}, sealed({"sub": "person-at-the-provider", **fi.claims}).encode()
    )


def test_a_login_through_a_provider_that_encrypts(sealed_world: World) -> None:
    encrypting(sealed_world)
    assert sealed_world.browser().claims()["family_name"] == "DUBOIS"


def test_the_hint_of_a_logout_is_the_token_that_was_inside(sealed_world: World) -> None:
    encrypting(sealed_world)
    browser = sealed_world.browser()
    confirmation = browser.page(browser.prove(browser.choose(browser.page(browser.authorize()))))
    code = browser.confirm(confirmation, consent="yes").location.partition("code=")[2].partition("&")[0]
    ours = browser.redeem(code).json["id_token"]
    there = browser.get(f"{ISSUER}/session/end?id_token_hint={ours}").location
    hint = parse_qs(urlsplit(there).query)["id_token_hint"][0]
    claims = jwt.decode(hint, sealed_world.fi["impots"].key, algorithms=["ES256"]).claims
    assert claims["sub"] == "person-at-the-provider"


def test_what_should_be_encrypted_and_is_not_is_refused(sealed_world: World) -> None:
    browser = sealed_world.browser()
    page = browser.page(browser.prove(browser.choose(browser.page(browser.authorize()))))
    assert "FI-203" in page.text


def test_without_a_key_that_opens_nothing_starts(make_world) -> None:  # type: ignore[no-untyped-def]
    sealed = dataclasses.replace(PROVIDERS["impots"], encrypted=frozenset({"userinfo"}))
    with pytest.raises(LookupError, match="passerelle keys new rp-decryption --alg ECDH-ES"):
        make_world(parties=Parties(SERVICES, {**PROVIDERS, "impots": sealed}))
