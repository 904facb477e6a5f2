"""What attackers send to our provider's side, through the whole instance. The table of all attacks is in `attacks.py`."""

import ast
import base64
import hmac
import importlib
import json
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from joserfc.jwk import ECKey

from tests.broker.machine.offices import open_offices
from tests.broker.web.attacks import ATTACKS, FORGED_HINTS, FRAMED, INSTEAD, SKIPS, TOKENS, TOSSED, TWICE
from tests.broker.world import ISSUER, PUBLIC, Browser, Shown

OFFER = "Vous êtes déjà connecté"


# -- the table itself -------------------------------------------------------------------------------------------------


def test_a_pair_of_rule_and_defect_counts_once():
    pairs = Counter((attack.rule, attack.defect) for attack in ATTACKS)
    assert [pair for pair, times in pairs.items() if times > 1] == []
    assert len(pairs) >= 100


def test_each_rule_that_an_attack_breaks_is_there():
    for rule in {attack.rule for attack in ATTACKS}:
        module, _, name = rule.partition(":")
        assert hasattr(importlib.import_module(module), name), rule


def test_each_test_that_holds_an_attack_is_there():
    root = Path(__file__).parents[3]
    for held in {attack.held for attack in ATTACKS}:
        file, _, name = held.partition("::")
        tree = ast.parse((root / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, held


# -- tokens shown to us as our own ------------------------------------------------------------------------------------


def encoded(part):
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def parts(token):
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def forged(world, token, defect):
    """The ID token with one defect. Where a key signs anew it is the attacker's own."""
    header, claims, signature = parts(token)
    facts, theirs = json.loads(header), ECKey.generate_key("P-256")
    public = theirs.as_dict(private=False)
    changes = {
        "another key under our kid": {},
        "a key of its own in jwk": {"jwk": public, "kid": theirs.thumbprint()},
        "a key of its own behind jku": {"jku": "https://evil.example/jwks.json", "kid": theirs.thumbprint()},
        "a key of its own in x5c": {"x5c": ["MIIB"], "kid": theirs.thumbprint()},
        "a kid that is a path": {"kid": "../../../../dev/null"},
        "a kid that is nobody's": {"kid": "nobody"},
    }
    if defect in changes:
        return signed_by(theirs, {**facts, **changes[defect]}, claims)
    match defect:
        case "alg none" | "alg None":
            return f"{encoded({'alg': defect.split()[1], 'typ': 'JWT'})}.{encoded(claims)}."
        case "HS256 with our public key as the secret":
            secret = json.dumps(world.browser().get(f"{ISSUER}/jwks").json["keys"][0]).encode()
            signing = f"{encoded({**facts, 'alg': 'HS256'})}.{encoded(claims)}"
            return f"{signing}.{encoded(hmac.digest(secret, signing.encode(), 'sha256'))}"
        case "a critical extension":
            return f"{encoded({**facts, 'crit': ['b64'], 'b64': False})}.{encoded(claims)}.{encoded(signature)}"
        case "RS256 said over a signature of ES256":
            return f"{encoded({**facts, 'alg': 'RS256'})}.{encoded(claims)}.{encoded(signature)}"
        case "a payload that was exchanged":
            return f"{encoded(header)}.{encoded({**json.loads(claims), 'sub': 'somebody'})}.{encoded(signature)}"
        case "a signature that was exchanged":
            return f"{encoded(header)}.{encoded(claims)}.{encoded(bytes(64))}"
    return f"{token}.{encoded(b'x')}.{encoded(b'y')}"


def signed_by(key, header, claims):
    from joserfc import jws

    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jws.serialize_compact(header, claims, key, registry=registry)


@pytest.mark.parametrize("defect", FORGED_HINTS)
def test_a_forged_hint_is_refused(world, defect):
    browser = world.browser()
    token = browser.redeem(browser.log_in()["code"]).json["id_token"]
    asked = [browser.authorize(id_token_hint=hint).location for hint in (token, forged(world, token, defect))]
    assert (asked[0].startswith("/choisir"), "error=invalid_request" in asked[1]) == (True, True)


# -- parameters -------------------------------------------------------------------------------------------------------


RIGHT = {
    "client_id": "mairie",
    "redirect_uri": "https://mairie.example/retour",
    "response_type": "code",
    "scope": "openid",
    "state": "s",
    "nonce": "n" * 22,
}


def refused_with(refused, answer):
    """A page without a way on for SRV-…, else the error goes to the service and nowhere else. No cookie is his."""
    redirected = not answer.startswith("SRV-")
    assert (refused.status_code, answer in (refused.location or refused.text)) == (303 if redirected else 400, True)
    assert (refused.location or "https://mairie.example/retour?").startswith("https://mairie.example/retour?")
    assert not any("evil" in cookie for cookie in refused.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(("added", "answer"), TWICE.values(), ids=TWICE.keys())
def test_a_polluted_request_is_refused(world, added, answer):
    refused_with(world.browser().get(f"{ISSUER}/authorize?{urlencode(RIGHT)}&{added}"), answer)


@pytest.mark.parametrize(("name", "value", "answer"), INSTEAD.values(), ids=INSTEAD.keys())
def test_a_poisoned_value_is_refused(world, name, value, answer):
    refused_with(world.browser().get(f"{ISSUER}/authorize?{urlencode({**RIGHT, name: value})}"), answer)


@pytest.mark.parametrize("name", ["next", "return_to", "url", "redirect", "redirect_uri", "continue", "RelayState", "iss"])
@pytest.mark.parametrize("path", ["/choisir", "/confirmer", "/revenir", "/aller", "/deconnexion", "/", "/aide"])
def test_no_address_of_ours_sends_people_where_a_stranger_says(world, path, name):
    answer = world.browser().get(f"{PUBLIC}{path}?{name}=https://evil.example/")
    assert "evil.example" not in (answer.location or "")
    assert 'action="https://evil.example' not in answer.text
    assert 'href="https://evil.example' not in answer.text


# -- steps, sessions, cookies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "status", "answer"), SKIPS.values(), ids=SKIPS.keys())
def test_a_step_cannot_be_left_out(world, method, path, status, answer):
    browser = world.browser()
    shown = browser.page(browser.authorize())
    handle, action = shown.hidden["j"], "continue"
    if method == "GET":
        came = browser.get(PUBLIC + path.format(j=handle))
    else:
        came = browser.post(path, **shown.hidden, action=action, consent="yes")
    told = came.location or came.text
    if "oidc-callback" in path:
        assert (came.status_code, "code=" in told) == (status, False)
    else:
        assert (came.status_code, answer in told) == (status, True)
    assert not any("mairie.example" in value for name, value in came.headers if name == "Location")


def cookie(browser, name):
    return browser.client.get_cookie(name, domain="connexion.example").value


@pytest.mark.parametrize("tossed", TOSSED.values(), ids=TOSSED.keys())
def test_a_tossed_cookie_opens_nothing(world, tossed):
    thief = world.browser()
    thief.log_in()
    location = thief.authorize("rsa").location
    known = {"thief": cookie(thief, "__Host-flow"), "session": cookie(thief, "__Host-sso")}
    victim = world.browser()
    for name, value in tossed.items():
        victim.client.set_cookie(name, value.format(**known), domain="connexion.example", secure=True)
    assert "USR-102" in victim.get(location).text
    assert OFFER not in victim.page(victim.authorize("rsa")).text


def test_a_planted_session_secret_is_not_taken_over(world):
    victim, planted = world.browser(), base64.urlsafe_b64encode(b"p" * 32).rstrip(b"=").decode()
    victim.client.set_cookie("__Host-sso", planted, domain="connexion.example", secure=True)
    victim.log_in()
    attacker = world.browser()
    attacker.client.set_cookie("__Host-sso", planted, domain="connexion.example", secure=True)
    assert cookie(victim, "__Host-sso") != planted
    assert OFFER not in attacker.page(attacker.authorize("rsa")).text


def test_a_victim_cannot_be_put_into_the_attackers_journey(world):
    attacker, victim = world.browser(), world.browser()
    victim.authorize()
    proven = attacker.prove(attacker.choose(attacker.page(attacker.authorize())))
    assert "USR-102" in victim.get(PUBLIC + proven.location).text


# -- answers that are crossed ------------------------------------------------------------------------------------------


@pytest.fixture
def careless(world):
    """A provider that serves many at once, and does not check the verifier: our nonce must hold alone."""
    world.fi = open_offices(("impots", "poste"), world.clock, careless="poste")
    return world.fi["poste"]


CROSSED = {
    "a code of another tab in this tab's answer": True,
    "a code of the attacker in the victim's answer": False,
}


@pytest.mark.parametrize("same_browser", CROSSED.values(), ids=CROSSED.keys())
def test_a_code_of_another_login_proves_nobody(world, careless, same_browser):
    victim = world.browser()
    other = victim if same_browser else world.browser()
    mine, theirs = (one.choose(one.page(one.authorize()), "poste").location for one in (victim, other))
    answer = dict(parse_qsl(careless.vouch(mine, 0, 1)))
    stolen = dict(parse_qsl(careless.vouch(theirs, 1, 1)))
    came = victim.get(f"{ISSUER}/oidc-callback/poste?{urlencode({**answer, 'code': stolen['code']})}")
    assert came.location.startswith("/choisir")
    assert "FI-203" in victim.page(came).text


def test_a_code_of_this_very_login_does(world, careless):
    victim = world.browser()
    answer = careless.vouch(victim.choose(victim.page(victim.authorize()), "poste").location, 0, 1)
    assert victim.get(f"{ISSUER}/oidc-callback/poste?{answer}").location.startswith("/confirmer")


def test_one_answer_that_arrives_eight_times_at_once_proves_once(world):
    browser = world.browser()
    departure = browser.choose(browser.page(browser.authorize()))
    path = f"/api/v2/oidc-callback/impots?{world.fi['impots'].log_in(departure.location)}"
    secret, came, barrier = cookie(browser, "__Host-flow"), [], threading.Barrier(8)

    def arrive():
        tab = world.app.test_client()
        tab.set_cookie("__Host-flow", secret, domain="connexion.example", secure=True)
        barrier.wait()
        came.append(tab.get(path, base_url=PUBLIC).location)

    threads = [threading.Thread(target=arrive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (where,) = set(came)
    assert where.startswith("/confirmer")
    shown = Shown(browser.get(PUBLIC + where))
    assert len({browser.confirm(shown).location for _ in range(3)}) == 1


# -- pages and tokens -------------------------------------------------------------------------------------------------


def framed(browser: Browser, page):
    match page:
        case "the choice":
            return browser.page(browser.authorize()).response
        case "the confirmation":
            return browser.to_confirmation().response
        case "an error":
            return browser.authorize(client_id="nobody")
        case "the form that posts an answer":
            return browser.authorize(response_mode="form_post", nonce=None)
    browser.log_in()
    return browser.page(browser.get(f"{ISSUER}/session/end?client_id=mairie")).response


@pytest.mark.parametrize("page", FRAMED)
def test_no_page_can_be_framed(world, page):
    shown = framed(world.browser(), page)
    policy = shown.headers["Content-Security-Policy"]
    assert (shown.mimetype, shown.headers["X-Frame-Options"]) == ("text/html", "DENY")
    assert ("frame-ancestors 'none'" in policy, "unsafe" in policy) == (True, False)


@pytest.mark.parametrize(("method", "path", "status"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_in_an_address_opens_nothing(world, method, path, status):
    browser = world.browser()
    token = browser.redeem(browser.log_in()["code"]).json["access_token"]
    password = None if "{" in path else (token, token)
    answer = world.app.test_client().open(path.format(token=token), method=method, auth=password, base_url=PUBLIC)
    assert (answer.status_code, "DUBOIS" in answer.text) == (status, False)
