"""A provider that fails in any way brings the citizen back to the choice page, with a sentence, and nothing is released."""

import dataclasses

import pytest
from joserfc.jwk import ECKey

from broker.assurance import Level
from broker.fetch import FetchFailed
from broker.parties import Parties
from oidc.discovery import ProviderMetadata
from oidc.messages import HttpResponse
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, json_answer, payload, provider


def failing(kind):
    def fail(_request):
        raise FetchFailed(kind, "impots.example")

    return fail


def status(code):
    return lambda _request: json_answer({"error": "server_error"}, code)


def body(content, kind="application/json"):
    return lambda _request: HttpResponse(200, {"content-type": kind}, content)


def attempt(world, **answer):
    """One attempt at the provider; the page on which the citizen lands."""
    browser = world.browser()
    return browser.page(browser.prove(browser.choose(browser.page(browser.authorize())), **answer))


def banner(page):
    return page.text.partition('data-testid="failure"')[2].partition(">")[0] or page.text


ANSWERS = [
    ("/token", failing("timeout"), "FI-202"),
    ("/token", failing("refused"), "FI-202"),
    ("/token", failing("too-large"), "FI-202"),
    ("/token", status(503), "FI-202"),
    ("/token", status(400), "FI-203"),
    ("/token", body(b"<html>"), "FI-203"),
    ("/token", body(b'{"access_token": "a", "token_type": "mac", "id_token": "x"}'), "FI-203"),
    ("/jwks", status(404), "FI-203"),
    ("/jwks", body(b"{}"), "FI-203"),
    ("/userinfo", status(500), "FI-202"),
    ("/userinfo", status(401), "FI-203"),
    ("/userinfo", body(b'{"sub": "somebody-else"}'), "FI-203"),
    ("/userinfo", body(b"a.b.c", "application/jwt"), "FI-203"),
]


@pytest.mark.parametrize(("path", "answer", "code"), ANSWERS)
def test_a_provider_that_answers_badly_leads_back_to_the_choice(world, path, answer, code):
    world.fi["impots"].answers[path] = answer
    page = attempt(world)
    assert 'data-testid="provider-poste"' in page.text
    assert code in page.text


ID_TOKENS = [
    {"iss": "https://evil.example"},
    {"aud": "somebody-else"},
    {"aud": ["passerelle", "other"]},
    {"aud": ["passerelle", "other"], "azp": "other"},
    {"exp": 1},
    {"iat": 9_999_999_999},
    {"nonce": "wrong"},
    {"at_hash": "wrong"},
    {"sub": ""},
    {"acr": None},
    {"acr": "eidas9"},
]


@pytest.mark.parametrize("changes", ID_TOKENS, ids=str)
def test_an_id_token_that_is_not_by_the_book_is_refused(world, changes):
    world.fi["impots"].id_token = changes
    assert "FI-203" in attempt(world).text


def test_an_id_token_signed_by_somebody_else_is_refused(world):
    attempt(world)  # our side has read the true keys
    world.fi["impots"].key = ECKey.generate_key("P-256", {"kid": "fi-1"})
    assert "FI-203" in attempt(world).text


def test_a_provider_that_changed_its_key_is_read_again(world):
    world.browser().log_in()
    fi = world.fi["impots"]
    fi.key = ECKey.generate_key("P-256", {"kid": "fi-2"})
    fi.signed = lambda claims: _signed(fi.key, claims)
    world.clock.advance(61)
    assert "code" in world.browser().log_in()


def test_an_unknown_key_makes_us_ask_at_most_once_a_minute(world):
    world.browser().log_in()
    fi = world.fi["impots"]
    fi.key = ECKey.generate_key("P-256", {"kid": "fi-2"})
    fi.signed = lambda claims: _signed(fi.key, claims)
    world.clock.advance(61)
    world.browser().log_in()
    fi.key = ECKey.generate_key("P-256", {"kid": "fi-3"})
    asked = sum("/jwks" in text for text in fi.received)
    attempt(world)
    attempt(world)
    assert sum("/jwks" in text for text in fi.received) == asked


def rotated(fi, kid):
    fi.key = ECKey.generate_key("P-256", {"kid": kid})
    fi.signed = lambda claims: _signed(fi.key, claims)


@pytest.mark.parametrize(
    "answer",
    [failing("timeout"), status(404), body(b"<html>"), body(b'{"keys": []}'), body(b'{"keys": [{"kty": "oct"}]}')],
    ids=["silent", "not found", "garbage", "no key", "no key that can be used"],
)
def test_the_last_good_keys_stay_when_the_new_ones_are_none(world, answer):
    world.browser().log_in()
    fi = world.fi["impots"]
    good, sign = fi.key, fi.signed
    rotated(fi, "fi-2")
    fi.answers["/jwks"] = answer
    world.clock.advance(61)
    attempt(world)  # looks for newer keys
    fi.key, fi.signed = good, sign
    assert "code" in world.browser().log_in()


def test_a_key_that_is_withdrawn_counts_no_more_after_an_hour(world):
    world.browser().log_in()
    fi = world.fi["impots"]
    world.clock.advance(3600)
    published = ECKey.generate_key("P-256", {"kid": "fi-2"}).as_dict(private=False)
    fi.answers["/jwks"] = lambda _request: json_answer({"keys": [published]})
    assert "FI-203" in attempt(world).text


def test_the_answer_of_one_provider_at_the_address_of_another_is_refused(world):
    browser = world.browser()
    location = browser.choose(browser.page(browser.authorize())).location
    mixed = browser.get(f"{ISSUER}/oidc-callback/poste?{world.fi['impots'].log_in(location)}")
    assert "USR-103" in mixed.text
    assert not any("/token" in text for fi in world.fi.values() for text in fi.received)


def test_a_code_of_one_provider_is_never_shown_to_another(world):
    browser = world.browser()
    stolen = {"iss": world.fi["poste"].issuer, "code": "code-of-poste"}
    page = browser.page(browser.prove(browser.choose(browser.page(browser.authorize())), **stolen))
    assert "FI-203" in page.text
    assert not any("code-of-poste" in text for text in world.fi["impots"].received)


def _signed(key, claims):
    from joserfc import jwt

    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])


def test_a_level_lower_than_asked_is_told_with_both_levels(world):
    world.fi["impots"].acr = "eidas1"
    browser = world.browser()
    page = browser.page(browser.prove(browser.choose(browser.page(browser.authorize("strict", scope="openid")))))
    assert "FI-204" in page.text
    assert "faible" in page.text


def test_a_level_that_the_provider_is_not_approved_for_is_refused_even_if_higher(world):
    world.fi["impots"].acr = "eidas3"
    assert "FI-203" in attempt(world).text


@pytest.mark.parametrize(
    ("field", "value", "code", "word"),
    [
        ("birthdate", None, "FI-205", "Date de naissance"),
        ("email", "", "FI-205", "Adresse"),
        ("gender", "F", "FI-208", "Sexe"),
        ("birthplace", "AAAAA", "FI-208", "Lieu de naissance"),
        ("birthplace", None, "FI-205", "Lieu de naissance"),
        ("birthdate", "1977-00-03", "FI-208", "Date de naissance"),
    ],
)
def test_a_wrong_field_is_named_before_anything_is_released(world, field, value, code, word):
    world.fi["impots"].claims[field] = value
    page = attempt(world)
    assert code in page.text
    assert word.lower() in page.text.lower()


@pytest.mark.parametrize("error", ["access_denied", "login_required", "temporarily_unavailable"])
def test_a_refusal_of_the_provider_leads_back_to_the_choice(world, error):
    page = attempt(world, error=error, error_description="<b>raw text of the provider</b>")
    assert "raw text" not in page.text
    assert ("FI-202" if error == "temporarily_unavailable" else "FI-201") in page.text


@pytest.mark.parametrize("answer", [{"iss": "https://evil.example"}, {"iss": ""}, {"code": ""}])
def test_an_answer_of_another_issuer_or_without_a_code_is_refused(world, answer):
    assert "FI-203" in attempt(world, **answer).text


def test_after_a_failure_another_account_works(world):
    world.fi["impots"].id_token = {"nonce": "wrong"}
    browser = world.browser()
    page = browser.page(browser.prove(browser.choose(browser.page(browser.authorize()))))
    confirmation = browser.page(browser.prove(browser.choose(page, "poste"), "poste"))
    assert "code=" in browser.confirm(confirmation).location


def test_a_provider_whose_metadata_cannot_be_had_leads_back_at_once(world):
    world.fi["impots"].answers["/.well-known/openid-configuration"] = failing("timeout")
    browser = world.browser()
    page = browser.page(browser.choose(browser.page(browser.authorize())))
    assert "FI-202" in page.text


def test_a_provider_that_was_silent_is_not_waited_for_again_for_half_a_minute(world):
    asked = []

    def silent(request):
        asked.append(request.url)
        raise FetchFailed("timeout", "impots.example")

    world.fi["impots"].answers["/.well-known/openid-configuration"] = silent
    browser = world.browser()
    for _ in range(3):
        browser.page(browser.authorize())
    assert len(asked) == 1
    world.clock.advance(30)
    world.browser().authorize(idp_hint="impots")
    assert len(asked) == 2


def test_an_old_copy_of_the_metadata_serves_while_there_is_no_new_one(world):
    world.browser().log_in()
    world.fi["impots"].answers["/.well-known/openid-configuration"] = failing("timeout")
    world.clock.advance(3600)
    assert "code" in world.browser().log_in()


def test_a_copy_older_than_a_day_serves_no_more(world):
    world.browser().log_in()
    world.fi["impots"].answers["/.well-known/openid-configuration"] = failing("timeout")
    world.clock.advance(86_400)
    browser = world.browser()
    assert "FI-202" in browser.page(browser.authorize(idp_hint="impots")).text


def test_a_signed_userinfo_is_read(world):
    fi = world.fi["impots"]
    signed = lambda _request: HttpResponse(  # noqa: E731
        200, {"content-type": "application/jwt"}, fi.signed({"sub": "person-at-the-provider", **fi.claims}).encode()
    )
    fi.answers["/userinfo"] = signed
    assert world.browser().claims()["family_name"] == "DUBOIS"


def test_endpoints_written_by_hand_need_no_discovery(make_world):
    at = "https://impots.example"
    static = ProviderMetadata(at, f"{at}/authorize", f"{at}/token", f"{at}/userinfo", f"{at}/jwks")
    by_hand = {"impots": dataclasses.replace(PROVIDERS["impots"], static=static)}
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, **by_hand}))
    world.fi["impots"].answers["/.well-known/openid-configuration"] = failing("dns")
    assert world.browser().claims()["family_name"] == "DUBOIS"


def test_amr_keeps_only_what_names_nobody(world):
    claims = payload(_id_token(world, scope="openid amr"))
    assert claims["amr"] == ["pwd", "mail"]


def test_amr_is_not_told_to_a_service_that_did_not_ask(world):
    assert "amr" not in payload(_id_token(world))


def _id_token(world, **changes):
    browser = world.browser()
    return browser.redeem(browser.log_in(**changes)["code"]).json["id_token"]


def test_the_level_asked_is_the_lowest_that_is_enough(make_world):
    strong = {"impots": provider("impots", Level.SUBSTANTIAL, Level.HIGH)}
    world = make_world(parties=Parties(SERVICES, {**PROVIDERS, **strong}))
    browser = world.browser()
    browser.prove(browser.choose(browser.page(browser.authorize(acr_values="eidas1"))))
    assert world.fi["impots"].asked["acr_values"] == "eidas2"


def test_the_provider_is_always_asked_to_authenticate_anew(world):
    attempt(world)
    assert world.fi["impots"].asked["prompt"] == "login"


def test_each_provider_has_an_address_of_its_own(world):
    attempt(world)
    assert world.fi["impots"].asked["redirect_uri"] == f"{ISSUER}/oidc-callback/impots"
