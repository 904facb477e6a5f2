"""openid-client and oauth4webapi do with Passerelle all that they can: ways to ask, to prove who asks, to be answered.

One way of each kind is in `test_npm_peers.py`; what the browser makes of it in `test_in_chromium.py`.
"""

import json
import re
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from joserfc import jws

from certs.keys import Use
from tests.peers.browser import Browser
from tests.peers.registrations import Provider, Service
from tests.peers.world import running, shown

LIBRARIES = {"openid-client": "oc", "oauth4webapi": "o4"}
BY_KEY = 'auth = "private_key_jwt"\njwks_uri = "{jwks}"\nprivate_addresses = true\n'
WITH_KEY = 'jwks_uri = "{jwks}"\nprivate_addresses = true\n'
ENCRYPTED = ("ecdh", "rsa")
# What stands in the service's file, and what its library is told.
PROFILES = {
    "basic": ('auth = "client_secret_basic"', {}),
    "post": (
        'auth = "client_secret_post"\nsigned_response_alg = "RS256"',
        {"method": "client_secret_post", "alg": "RS256"},
    ),
    "public": ('auth = "none"', {"method": "none"}),
    "key": (BY_KEY, {"method": "private_key_jwt", "sign": "ES256"}),
    "pushed": (
        BY_KEY + 'require_pushed_authorization_requests = true\nsigned_response_alg = "PS256"',
        {"method": "private_key_jwt", "sign": "PS256", "pushed": True, "alg": "PS256"},
    ),
    "signed": (WITH_KEY + "require_signed_request_object = true", {"sign": "RS256", "signed": True}),
    "both": (
        BY_KEY + "require_signed_request_object = true\nrequire_pushed_authorization_requests = true",
        {"method": "private_key_jwt", "sign": "ES256", "pushed": True, "signed": True},
    ),
    "ecdh": (WITH_KEY + 'encrypt = "ECDH-ES"\nsigned_response_alg = "RS256"', {"encrypt": "ECDH-ES", "alg": "RS256"}),
    "rsa": (
        BY_KEY + 'encrypt = "RSA-OAEP-256"\nrequire_pushed_authorization_requests = true',
        {"method": "private_key_jwt", "sign": "ES256", "encrypt": "RSA-OAEP-256", "pushed": True},
    ),
}


def services():
    """Every profile with both libraries."""
    for library, short in LIBRARIES.items():
        for profile, (lines, facts) in PROFILES.items():
            secret = '"private_key_jwt"' not in lines and '"none"' not in lines
            yield Service(f"{short}-{profile}", lines, {**facts, "library": library}, secret=secret)


@pytest.fixture(scope="module")
def peers(tmp_path_factory, node):
    """All programs, for the tests of this file."""
    folder = tmp_path_factory.mktemp("clients")
    with running(folder, node, tuple(services()), (Provider("plain"),), [(Use.OP_SIGNING, "PS256")]) as started:
        yield started


@pytest.fixture
def browser():
    """A citizen's browser, without cookies."""
    return Browser()


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def library(request):
    """The beginning of the names of the services on one library."""
    return request.param


@pytest.fixture(params=PROFILES)
def service(request, library):
    """Each service in turn."""
    return f"{library}-{request.param}"


def query(url):
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def asked(browser):
    """The parameters of the authorization request that the browser carried."""
    return query(next(url for url in browser.visited if "/api/v2/authorize" in url))


def claims_parameter(**wanted):
    """The parameter `claims` in an address."""
    return "?claims=" + quote(json.dumps(wanted))


# -- signing in -------------------------------------------------------------------------------------------------------


def test_every_service_signs_a_citizen_in(peers, browser, service):
    got = peers.log_in(browser, service=service)
    assert re.fullmatch(r"[0-9a-f]{64}v1", got["claims"]["sub"])
    assert (got["claims"]["family_name"], got["claims"]["birthplace"]) == ("DUBOIS", "75107")
    assert got["id_token"]["acr"] == "eidas2"


@pytest.mark.parametrize("profile", PROFILES)
def test_tokens_come_encrypted_to_those_services_alone_that_have_a_key_for_it(peers, browser, library, profile):
    got = peers.log_in(browser, service=f"{library}-{profile}")
    encrypted = profile in ENCRYPTED
    assert got["encrypted"] == {"id_token": encrypted, "userinfo": encrypted}


def test_of_a_pushed_request_the_browser_carries_the_name_alone(peers, browser, library):
    peers.to_provider(browser, service=f"{library}-pushed")
    assert asked(browser).keys() == {"client_id", "request_uri"}


def test_of_a_signed_request_the_browser_carries_the_object_alone(peers, browser, library):
    peers.to_provider(browser, service=f"{library}-signed")
    carried = asked(browser)
    assert carried.keys() == {"client_id", "request"}
    assert jws.extract_compact(carried["request"].encode()).headers()["alg"] == "RS256"


@pytest.mark.parametrize("profile", ["basic", "both", "rsa"])
def test_the_answer_comes_in_a_form_when_the_service_asks_for_it(peers, browser, library, profile):
    confirmation = peers.to_confirmation(browser, service=f"{library}-{profile}", query="?response_mode=form_post")
    page = browser.press(confirmation, "action", "continue")
    assert page.forms[0].fields.keys() == {"code", "state", "iss"}
    assert shown(browser.press(page))["claims"]["family_name"] == "DUBOIS"
    assert not [url for url in browser.visited if "code=" in url and url.startswith(peers.home)]


@pytest.mark.parametrize("profile", ["basic", "both", "ecdh"])
def test_claims_come_one_by_one_where_they_are_asked(peers, browser, library, profile):
    wanted = claims_parameter(id_token={"family_name": None, "gender": {"essential": True}}, userinfo={"email": None})
    got = peers.log_in(browser, service=f"{library}-{profile}", query=f"{wanted}&scope=openid")
    assert (got["id_token"]["family_name"], got["id_token"]["gender"]) == ("DUBOIS", "female")
    assert got["claims"].keys() >= {"sub", "email"}
    assert "family_name" not in got["claims"]


def test_the_time_of_the_authentication_is_one_that_the_library_accepts_for_its_max_age(peers, browser, library):
    got = peers.log_in(browser, service=f"{library}-basic", query="?max_age=300")
    assert got["id_token"]["iat"] - got["id_token"]["auth_time"] < 300


# -- what the libraries refuse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"), [("iss", "http://elsewhere.example/api/v2"), ("iss", None), ("state", "of-another-browser")]
)
def test_a_library_refuses_an_answer_that_was_changed_on_its_way(peers, browser, library, name, value):
    confirmation = peers.to_confirmation(browser, service=f"{library}-basic")
    came = browser.press(confirmation, "action", "continue", stop_before=peers.home).location
    changed = {**query(came), name: value}
    again = urlencode({key: value for key, value in changed.items() if value is not None})
    got = shown(browser.open(f"{came.partition('?')[0]}?{again}"))
    assert got["error"] == "OAUTH_INVALID_RESPONSE"
    assert name in got["description"]


def test_a_code_that_another_service_brings_is_refused(peers, browser, library):
    confirmation = peers.to_confirmation(browser, service=f"{library}-basic")
    came = browser.press(confirmation, "action", "continue", stop_before=peers.home).location
    got = shown(browser.open(came.replace(f"{library}-basic", f"{library}-post")))
    assert got["error"] == "invalid_grant"


UNREACHABLE = "claims=" + quote(json.dumps({"id_token": {"acr": {"essential": True, "value": "eidas9"}}}))

# -- what we refuse, as the libraries hear it -------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["basic", "signed"])
@pytest.mark.parametrize(
    ("asked_for", "error"),
    [
        ("scope=openid%20address", "invalid_scope"),
        ("nonce=short", "invalid_request"),
        ("response_mode=fragment", "invalid_request"),
        ("prompt=none", "login_required"),
        (
            claims_parameter(id_token={"acr": {"essential": True, "value": "eidas9"}})[1:],
            "unmet_authentication_requirements",
        ),
    ],
)
def test_a_library_hears_in_the_answer_what_was_wrong(peers, browser, library, profile, asked_for, error):
    got = shown(browser.open(f"{peers.home}{library}-{profile}/login?{asked_for}"))
    assert got["error"] == error
    assert got["parameters"]["state"]


@pytest.mark.parametrize("profile", ["pushed", "both"])
@pytest.mark.parametrize(
    ("asked_for", "error"), [("scope=openid%20address", "invalid_scope"), ("nonce=short", "invalid_request")]
)
def test_a_library_that_pushes_hears_it_before_a_citizen_sees_anything(peers, browser, library, profile, asked_for, error):
    got = shown(browser.open(f"{peers.home}{library}-{profile}/login?{asked_for}"))
    assert (got["error"], got.get("parameters")) == (error, None)
    assert not [url for url in browser.visited if url.startswith(peers.broker)]


@pytest.mark.parametrize("profile", ["basic", "both"])
def test_a_refusal_can_come_in_a_form_as_well(peers, browser, library, profile):
    choice = browser.open(f"{peers.home}{library}-{profile}/login?response_mode=form_post")
    page = browser.press(choice, "action", "cancel")
    assert page.forms[0].fields["error"] == "access_denied"
    assert shown(browser.press(page))["error"] == "access_denied"


@pytest.mark.parametrize("profile", ["pushed", "both"])
def test_a_request_that_was_pushed_serves_one_login(peers, browser, library, profile):
    peers.log_in(browser, service=f"{library}-{profile}")
    again = Browser().open(next(url for url in browser.visited if "request_uri=" in url))
    assert again.status == 400
    assert "SRV-410" in again.text


# -- after signing in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["basic", "public", "both", "rsa"])
def test_a_token_that_was_given_back_opens_nothing(peers, browser, library, profile):
    home = f"{peers.home}{library}-{profile}"
    peers.log_in(browser, service=f"{library}-{profile}")
    assert shown(browser.open(f"{home}/userinfo"))["claims"]["family_name"] == "DUBOIS"
    assert shown(browser.open(f"{home}/revoke")) == {"revoked": True}
    assert shown(browser.open(f"{home}/userinfo"))["error"] == "invalid_token"
    assert shown(browser.open(f"{home}/revoke")) == {"revoked": True}


@pytest.mark.parametrize("profile", ["basic", "ecdh", "rsa"])
def test_a_logout_with_the_signed_token_as_its_hint_asks_nobody(peers, browser, library, profile):
    peers.log_in(browser, service=f"{library}-{profile}")
    question = browser.open(f"{peers.home}{library}-{profile}/logout")
    assert question.url.startswith(f"{peers.provider}/session/end")  # the provider's, ours asked nothing
    assert browser.press(question, "logout", "yes").url == f"{peers.home}?state=state-of-the-logout"
