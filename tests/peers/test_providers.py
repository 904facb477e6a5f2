"""npm's oidc-provider vouches in five configurations: who we say we are and how, how we ask, and what comes back."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from certs.keys import Use
from tests.peers.browser import Browser
from tests.peers.registrations import Provider
from tests.peers.world import SERVICES, running, shown

ENDPOINTS = """
authorization_endpoint = "{issuer}/auth"
token_endpoint = "{issuer}/token"
userinfo_endpoint = "{issuer}/me"
jwks_uri = "{issuer}/jwks"
"""
PROVIDERS = (
    # A secret in the header, plain JSON, and a logout: what most have.
    Provider("secret"),
    # A key in the place of a secret; requests are pushed or not taken at all; userinfo is signed.
    Provider(
        "pushed",
        'auth = "private_key_jwt"\npar = "required"\nuserinfo_signed = true',
        {"token_endpoint_auth_method": "private_key_jwt", "userinfo_signed_response_alg": "ES256"},
        {"pushed": True},
    ),
    # Everything encrypted, in two ways, and signed inside.
    Provider(
        "sealed",
        'auth = "private_key_jwt"\nassertion_alg = "RS256"\nassertion_audience = "issuer"\nuserinfo_signed = true\n'
        'encrypted = ["id_token", "userinfo"]',
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "userinfo_signed_response_alg": "ES256",
            "id_token_encrypted_response_alg": "ECDH-ES",
            "id_token_encrypted_response_enc": "A256GCM",
            "userinfo_encrypted_response_alg": "RSA-OAEP-256",
            "userinfo_encrypted_response_enc": "A256GCM",
        },
    ),
    # PS256, with a key that changes; requests go with the browser although they could be pushed.
    Provider(
        "rotating",
        'auth = "client_secret_post"\nalgorithms = ["PS256"]\npar = "never"',
        {
            "token_endpoint_auth_method": "client_secret_post",
            "id_token_signed_response_alg": "PS256",
            "userinfo_signed_response_alg": "PS256",
        },
    ),
    # Below a path, with the addresses in our file; userinfo alone encrypted, with a short key; no logout.
    Provider(
        "below",
        'algorithms = ["RS256"]\nencrypted = ["userinfo"]\nencryption_encs = ["A128GCM"]\nlogout = false' + ENDPOINTS,
        {
            "id_token_signed_response_alg": "RS256",
            "userinfo_signed_response_alg": "RS256",
            "userinfo_encrypted_response_alg": "ECDH-ES",
            "userinfo_encrypted_response_enc": "A128GCM",
        },
        {"logout": False},
        "/accounts/oidc",
    ),
)
NAMES = [provider.name for provider in PROVIDERS]
KEYS = (
    (Use.RP_SIGNING, "ES256"),
    (Use.RP_SIGNING, "RS256"),
    (Use.RP_DECRYPTION, "ECDH-ES"),
    (Use.RP_DECRYPTION, "RSA-OAEP-256"),
)


@pytest.fixture(scope="module")
def peers(tmp_path_factory, node):
    """All programs, for the tests of this file."""
    with running(tmp_path_factory.mktemp("providers"), node, SERVICES[:1], PROVIDERS, KEYS) as started:
        yield started


@pytest.fixture
def browser():
    """A citizen's browser, without cookies."""
    return Browser()


def asked(peers, browser, provider):
    """The parameters of the request that the browser carried to a provider."""
    url = next(url for url in browser.visited if url.startswith(f"{peers.issuers[provider]}/auth?"))
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("provider", NAMES)
def test_an_account_of_each_configuration_gives_the_service_the_same_claims(peers, browser, provider):
    got = peers.log_in(browser, provider=provider)
    assert re.fullmatch(r"[0-9a-f]{64}v1", got["claims"]["sub"])
    assert (got["claims"]["family_name"], got["claims"]["email"]) == ("DUBOIS", "angela@courriel.example")
    assert got["id_token"]["acr"] == "eidas2"


def test_the_sub_at_the_service_is_one_whichever_configuration_vouches(peers):
    assert len({peers.log_in(Browser(), provider=provider)["claims"]["sub"] for provider in NAMES}) == 1


@pytest.mark.parametrize("provider", NAMES)
def test_a_birth_abroad_on_an_unknown_day_comes_through_every_configuration(peers, browser, provider):
    claims = peers.log_in(browser, "zoe", provider=provider)["claims"]
    assert (claims["family_name"], claims["birthdate"], claims["birthplace"]) == ("D'ALMEIDA-SŒUR", "1976-02-00", "")


@pytest.mark.parametrize("provider", NAMES)
def test_whoever_leaves_a_provider_comes_back_to_the_choice(peers, browser, provider):
    choice = browser.press(peers.to_provider(browser, provider=provider), "cancel", "yes")
    assert choice.url.startswith(f"{peers.broker}/choisir")
    assert "FI-201" in choice.text


@pytest.mark.parametrize(("provider", "pushed"), [("secret", True), ("pushed", True), ("rotating", False)])
def test_the_request_is_pushed_where_that_is_offered_and_our_file_does_not_say_never(peers, browser, provider, pushed):
    peers.to_provider(browser, provider=provider)
    assert (asked(peers, browser, provider).keys() == {"client_id", "request_uri"}) is pushed


def test_a_provider_that_takes_pushed_requests_alone_refuses_one_that_a_browser_brings(peers, browser):
    peers.to_provider(browser, provider="pushed")
    bare = "client_id=passerelle-pushed&response_type=code&scope=openid"
    answer = browser.open(f"{peers.issuers['pushed']}/auth?{bare}", stop_before=peers.broker)
    assert "Pushed+Authorization+Request" in answer.location


def test_a_provider_that_signs_with_its_other_key_and_withdraws_the_first_loses_no_login(peers, browser):
    peers.log_in(browser, provider="rotating")
    other = Browser()
    under_way = peers.to_confirmation(other, provider="rotating")
    withdrawn = json.loads(browser.request("POST", f"{peers.issuers['rotating']}/rotate").text)["withdrawn"]
    assert withdrawn == ["PS256-1"]
    assert shown(other.press(under_way, "action", "continue"))["claims"]["family_name"] == "DUBOIS"
    assert peers.log_in(Browser(), provider="rotating")["claims"]["family_name"] == "DUBOIS"
    published = browser.request("GET", f"{peers.issuers['rotating']}/jwks").text
    assert [key["kid"] for key in json.loads(published)["keys"]] == ["PS256-2"]


@pytest.mark.parametrize("provider", ["secret", "pushed", "sealed", "rotating"])
def test_a_logout_passes_by_the_provider_with_a_hint_that_it_accepts(peers, browser, provider):
    peers.log_in(browser, provider=provider)
    question = browser.open(f"{peers.home}basic/logout")
    assert question.url.startswith(f"{peers.issuers[provider]}/session/end")
    assert browser.press(question, "logout", "yes").url == f"{peers.home}?state=state-of-the-logout"


def test_a_logout_does_not_pass_by_a_provider_that_has_none(peers, browser):
    peers.log_in(browser, provider="below")
    seen = len(browser.visited)
    assert browser.open(f"{peers.home}basic/logout").url == f"{peers.home}?state=state-of-the-logout"
    assert not [url for url in browser.visited[seen:] if url.startswith(peers.issuers["below"])]


@pytest.mark.parametrize("provider", NAMES)
def test_no_configuration_tells_a_provider_of_the_service(peers, browser, provider):
    peers.log_in(browser, provider=provider)
    told = " ".join(url for url in browser.visited if url.startswith(peers.issuers[provider]))
    assert told
    assert not [word for word in ("fs.localhost", "basic") if word in told]
