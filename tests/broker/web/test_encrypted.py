"""Services whose tokens are encrypted for them: what others can read, and what happens when the key is not there."""

import json

import pytest
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from broker.client_secrets import digest
from broker.parties import HeldSecret, ServiceKeys
from oidc.messages import HttpResponse
from tests.broker.signing import ADDRESS, ALGORITHMS, Publisher, jwks, parties, signer
from tests.broker.world import ISSUER, SECRET, SECRET_KEY, json_answer, payload

EC = ECKey.generate_key("P-256", {"kid": "enc-1", "use": "enc"})
NEXT = ECKey.generate_key("P-256", {"kid": "enc-2", "use": "enc"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "enc"})


def sealed_service(wrapping, **changes):
    """A service with a secret and keys, whose tokens are encrypted by an algorithm ("" for none)."""
    facts = {
        "authentication": frozenset(("client_secret_post",)),
        "secrets": (HeldSecret(digest(SECRET_KEY, "signe", SECRET)),),
        "keys": ServiceKeys(ALGORITHMS, document=jwks(EC, RSA)),
        "encrypt": wrapping,
    }
    return signer(**{**facts, **changes})


def opened(token, key, wrapping):
    """What the service finds inside, by another implementation."""
    registry = jwe.JWERegistry(algorithms=[wrapping, "A256GCM"], strict_check_header=False)
    found = jwe.decrypt_compact(token, key, registry=registry)
    return found.headers(), found.plaintext.decode()


def tokens_of(world):
    browser = world.browser()
    return browser, browser.redeem(browser.log_in("signe")["code"], "signe").json


@pytest.mark.parametrize(("wrapping", "key"), [("ECDH-ES", EC), ("RSA-OAEP-256", RSA), ("RSA-OAEP", RSA)])
def test_both_tokens_are_signed_and_then_encrypted(make_world, wrapping, key):
    world = make_world(parties=parties(sealed_service(wrapping)))
    browser, tokens = tokens_of(world)
    userinfo = browser.userinfo(tokens["access_token"])
    for token in (tokens["id_token"], userinfo.text):
        header, inner = opened(token, key, wrapping)
        assert (header["cty"], header["enc"], header["kid"], payload(inner)["aud"]) == ("JWT", "A256GCM", key.kid, "signe")
    assert (userinfo.mimetype, payload(opened(userinfo.text, key, wrapping)[1])["family_name"]) == (
        "application/jwt",
        "DUBOIS",
    )


@pytest.fixture
def sealed(make_world):
    """A world with a service that publishes the key to encrypt for."""
    world = make_world(parties=parties(sealed_service("ECDH-ES", keys=ServiceKeys(ALGORITHMS, ADDRESS))))
    world.publisher = Publisher(world, EC)
    return world


def test_a_published_key_is_fetched_once_for_both(sealed):
    browser, tokens = tokens_of(sealed)
    opened(browser.userinfo(tokens["access_token"]).text, EC, "ECDH-ES")
    assert sealed.publisher.asked == 1


def test_a_new_key_is_used_within_the_hour(sealed):
    tokens_of(sealed)
    sealed.publisher.publish(NEXT, EC)
    sealed.clock.advance(3600)
    assert opened(tokens_of(sealed)[1]["id_token"], NEXT, "ECDH-ES")[0]["kid"] == "enc-2"


def test_nothing_that_another_key_opens(sealed):
    with pytest.raises(JoseError):
        opened(tokens_of(sealed)[1]["id_token"], NEXT, "ECDH-ES")


DOWN = {
    "that does not answer": json_answer({}, 503),
    "without a key for this": HttpResponse(200, {}, jwks(RSA)),
    "with a key for signatures": HttpResponse(200, {}, jwks(ECKey.generate_key("P-256", {"use": "sig"}))),
    "with the private part": HttpResponse(200, {}, json.dumps({"keys": [EC.as_dict(private=True)]}).encode()),
    "that is no key set": json_answer({"keys": {}}),
}


@pytest.mark.parametrize("answer", DOWN.values(), ids=DOWN.keys())
def test_without_a_key_nothing_is_sent_as_it_is_and_the_code_stays_good(sealed, answer, monkeypatch):
    sealed.publisher.answer = answer
    browser = sealed.browser()
    code = browser.log_in("signe")["code"]
    refused = browser.redeem(code, "signe")
    assert (refused.status_code, refused.json["error"]) == (503, "temporarily_unavailable")
    sealed.publisher.publish(EC)
    monkeypatch.setattr("broker.app.load", lambda _: sealed.settings)
    sealed.store.raise_generation()  # the operator's `passerelle reload`: keys are fetched anew
    sealed.app.extensions["passerelle"]._looked = 0.0
    assert opened(browser.redeem(code, "signe").json["id_token"], EC, "ECDH-ES")[0]["kid"] == "enc-1"


def test_with_the_signed_token_inside_a_logout_asks_nobody_and_with_the_encrypted_one_the_citizen(sealed):
    browser, tokens = tokens_of(sealed)
    inner = opened(tokens["id_token"], EC, "ECDH-ES")[1]
    after = "post_logout_redirect_uri=https://signe.example/"
    asked, ended = (
        browser.get(f"{ISSUER}/session/end?id_token_hint={hint}&{after}") for hint in (tokens["id_token"], inner)
    )
    assert "Service signe" in browser.page(asked).text
    assert ended.location.startswith("https://impots.example/end?")


def test_a_service_without_encryption_gets_signed_tokens_though_it_has_keys(make_world):
    world = make_world(parties=parties(sealed_service("")))
    assert tokens_of(world)[1]["id_token"].count(".") == 2
