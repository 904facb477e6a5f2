"""Leaving, as the services of the session hear of it, server to server."""

import json
import logging
import threading
from base64 import urlsafe_b64decode
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest

from broker.fetch import FetchFailed
from broker.parties import ServiceKeys
from broker.ports import Notice, StoreUnavailable
from oidc.logout_token import EVENT
from oidc.messages import HttpResponse
from tests.broker.people import CLAIMS
from tests.broker.signing import ADDRESS, ALGORITHMS, Publisher
from tests.broker.told import TOLD, Receivers, address, end, log_in, parties, rooms_of, turn, verified
from tests.broker.web.test_encrypted import EC, opened, sealed_service
from tests.broker.world import ISSUER, SECRET, payload

AFTER = "https://mairie.example/"


@pytest.fixture
def told(make_world):
    """A world in which services are told of logouts, and their ends."""
    return Receivers(make_world(parties=parties()))


@pytest.fixture
def browser(told):
    """A browser in which a citizen has been at three services, the town hall first."""
    browser = told.world.browser()
    browser.tokens = {name: log_in(browser, name) for name in ("mairie", "assurance", "rsa")}
    return browser


def leave(browser, service="mairie"):
    return end(browser, id_token_hint=browser.tokens[service], post_logout_redirect_uri=f"https://{service}.example/")


def leave_by_oneself(browser, action="leave"):
    """The citizen comes to us without any service, and signs out; the page that he reads then."""
    page = browser.page(browser.get("/deconnexion"))
    question = browser.page(page.response) if page.response.status_code == 303 else page
    return browser.post("/deconnexion", **question.hidden, action=action)


# -- who is told what -------------------------------------------------------------------------------------------------


def test_every_service_of_the_session_is_told_once_but_the_one_that_asked(browser, told):
    leave(browser)
    assert told.told == {"assurance": 1, "rsa": 1}


def test_the_session_is_named_as_in_the_id_token(browser, told):
    leave(browser)
    assert told.claims("rsa")["sid"] == payload(browser.tokens["rsa"])["sid"]


def test_the_token_says_what_the_specification_asks_and_nothing_of_the_citizen(browser, told):
    leave(browser)
    token, now = verified(told.world, told.tokens("assurance")[0]), told.world.clock()
    assert token.header["typ"] == "logout+jwt"
    assert {name: value for name, value in token.claims.items() if name not in ("sid", "jti")} == {
        "iss": ISSUER,
        "aud": "assurance",
        "iat": now,
        "exp": now + 120,
        "events": {EVENT: {}},
    }


def test_each_token_has_an_id_of_its_own(browser, told):
    leave(browser)
    assert told.claims("assurance")["jti"] != told.claims("rsa")["jti"]


def test_it_is_signed_as_the_other_tokens_of_the_service_are(browser, told):
    leave(browser)
    assert [verified(told.world, told.tokens(name)[0]).header["alg"] for name in ("assurance", "rsa")] == ["ES256", "RS256"]


def test_it_comes_as_a_form_by_post(browser, told):
    leave(browser)
    (request,) = told.heard["rsa"]
    assert (request.method, request.headers) == ("POST", {"Content-Type": "application/x-www-form-urlencoded"})


def test_a_service_that_is_only_named_is_told_as_well(browser, told):
    question = browser.page(end(browser, client_id="mairie", post_logout_redirect_uri=AFTER))
    browser.post("/deconnexion", **question.hidden, action="leave")
    assert told.told == {"mairie": 1, "assurance": 1, "rsa": 1}


def test_a_service_visited_twice_is_told_once(browser, told):
    log_in(browser, "rsa")
    leave(browser)
    assert told.told["rsa"] == 1


def test_a_service_that_is_not_told_of_logouts_gets_no_sid(make_world):
    browser = make_world(parties=parties("rsa")).browser()
    assert "sid" not in payload(log_in(browser, "mairie"))


def test_nobody_is_told_who_has_not_been_visited(browser, told):
    leave(browser)
    assert "strict" not in told.told


def test_services_of_another_browser_are_not_told(browser, told):
    other = told.world.browser()
    sid = payload(log_in(other, "rsa"))["sid"]
    leave(browser)
    assert (told.told["rsa"], told.claims("rsa")["sid"] != sid) == (1, True)


def test_two_services_cannot_compare_their_sids(browser):
    sids = [payload(token)["sid"] for token in browser.tokens.values()]
    assert (len(set(sids)), {len(sid) for sid in sids}) == (3, {32})


def test_each_session_has_another_sid(told):
    sids = {payload(log_in(told.world.browser(), "mairie"))["sid"] for _ in range(2)}
    assert len(sids) == 2


def test_services_are_told_when_the_citizen_goes_on_to_the_provider(browser, told):
    assert leave(browser).location.startswith("https://impots.example/end?")
    assert told.told == {"assurance": 1, "rsa": 1}


# -- a new login ------------------------------------------------------------------------------------------------------


def fresh(browser, service):
    return browser.redeem(browser.log_in(service, prompt="login")["code"], service).json["id_token"]


def test_a_new_login_of_the_same_person_keeps_the_name_of_the_session_and_tells_nobody(browser, told):
    again = fresh(browser, "rsa")
    assert (payload(again)["sid"], told.told) == (payload(browser.tokens["rsa"])["sid"], {})


def test_services_of_before_a_new_login_are_told_of_the_logout_after_it(browser, told):
    browser.tokens["strict"] = fresh(browser, "strict")
    leave(browser, "strict")
    assert told.told == {"mairie": 1, "assurance": 1, "rsa": 1}


def test_another_person_in_the_same_browser_takes_nothing_over(browser, told):
    told.world.fi["impots"].claims["family_name"] = "MARTIN"
    browser.tokens["strict"] = fresh(browser, "strict")
    leave(browser, "strict")
    assert told.told == {}


# -- nobody is told ---------------------------------------------------------------------------------------------------


def test_who_stays_tells_nobody(browser, told):
    leave_by_oneself(browser, "cancel")
    assert told.told == {}


def test_without_the_cookie_nobody_is_told_and_the_service_still_gets_its_citizen(browser, told):
    browser.client.delete_cookie("__Host-sso", domain="connexion.example")
    assert (leave(browser).location, told.told) == (AFTER, {})


def test_an_expired_session_tells_nobody_and_is_no_error(browser, told):
    told.world.clock.advance(1800)
    assert (leave(browser).location, told.told, turn(told.world)) == (AFTER, {}, ())


def test_a_session_that_expires_tells_nobody(browser, told):
    told.world.clock.advance(1800)
    told.world.store.purge()
    assert (turn(told.world), told.told) == ((), {})


def test_a_token_that_is_given_back_tells_nobody(browser, told):
    code = browser.log_in("rsa", prompt="login")["code"]
    token = browser.redeem(code, "rsa").json["access_token"]
    form = {"token": token, "client_id": "rsa", "client_secret": SECRET}
    assert browser.post("/api/v2/token/revocation", **form).status_code == 200
    assert (turn(told.world), told.told) == ((), {})


def test_a_second_logout_tells_nobody_again(browser, told):
    leave(browser)
    leave(browser)
    assert told.told == {"assurance": 1, "rsa": 1}


# -- the page ---------------------------------------------------------------------------------------------------------


def shown(browser, response):
    """What the page says of each service, by the test id of its line."""
    text = browser.page(response).text
    lines = [part for part in text.split("<li") if "data-testid" in part]
    found = {kind: [line for line in lines if f'"{kind}"' in line] for kind in ("confirmed", "pending", "open")}
    names = ("mairie", "assurance", "rsa", "appli")
    return {kind: {n for n in names for line in of if f"Service {n}" in line} for kind, of in found.items() if of}


def test_the_page_says_which_services_have_confirmed(browser):
    assert shown(browser, leave_by_oneself(browser)) == {"confirmed": {"mairie", "assurance", "rsa"}}


def test_the_page_says_which_have_not_and_which_cannot_be_told(make_world):
    told = Receivers(make_world(parties=parties("mairie", "assurance")), "mairie", "assurance")
    told.answer("assurance", 503)
    browser = told.world.browser()
    for name in ("mairie", "assurance", "rsa"):
        log_in(browser, name)
    said = {"confirmed": {"mairie"}, "pending": {"assurance"}, "open": {"rsa"}}
    assert shown(browser, leave_by_oneself(browser)) == said


def test_a_service_that_refuses_may_still_be_open(browser, told):
    told.answer("rsa", 400)
    assert shown(browser, leave_by_oneself(browser))["open"] == {"rsa"}


def test_the_page_is_read_once_and_its_address_names_nobody(browser):
    location = leave_by_oneself(browser).location
    first, again = browser.get(location).text, browser.get(location).text
    assert ("Service rsa" in first, "Service rsa" in again) == (True, False)
    assert [name for name in TOLD if name in location] == []


def test_another_browser_cannot_read_it(browser, told):
    location = leave_by_oneself(browser).location
    assert "Service rsa" not in told.world.browser().get(location).text


def test_the_list_comes_at_the_end_of_the_way_by_the_provider(browser):
    there = leave_by_oneself(browser, "leave_all").location
    state = dict(parse_qsl(urlsplit(there).query))["state"]
    back = browser.get(f"{ISSUER}/client/logout-callback?state={state}")
    assert shown(browser, back) == {"confirmed": {"mairie", "assurance", "rsa"}}


ACCOUNT = "reste peut-être ouvert dans ce navigateur"


def test_the_page_says_that_the_account_may_be_open_unless_the_citizen_has_been_there(browser):
    page = browser.page(leave_by_oneself(browser))
    assert ("Compte impots" in page.text, ACCOUNT in page.text) == (True, True)
    log_in(browser, "rsa")
    there = leave_by_oneself(browser, "leave_all").location
    back = browser.get(f"{ISSUER}/client/logout-callback?state={dict(parse_qsl(urlsplit(there).query))['state']}")
    assert ACCOUNT not in browser.page(back).text


def test_who_goes_back_to_his_service_sees_no_list(browser):
    there = leave(browser).location
    state = dict(parse_qsl(urlsplit(there).query))["state"]
    assert browser.get(f"{ISSUER}/client/logout-callback?state={state}").location == AFTER


def test_a_citizen_who_comes_by_himself_is_asked(browser):
    page = browser.page(browser.page(browser.get("/deconnexion")).response)
    assert "Voulez-vous vous déconnecter" in page.text


# -- what goes wrong --------------------------------------------------------------------------------------------------


def fail(kind):
    def answer():
        raise FetchFailed(kind, "rsa.example")

    return answer


def status(code):
    return lambda: HttpResponse(code, {"location": "https://evil.example/"}, b"")


BROKEN = {
    "hangs": fail("timeout"),
    "cannot be reached": fail("refused"),
    "answers without end": fail("too-large"),
    "leads into a private network": fail("private-address"),
    "sends us elsewhere": status(302),
    "is down": status(503),
    "is not there": status(404),
    "has a page for everything": status(201),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_service_that_fails_is_told_again_and_harms_nobody(browser, told, answer):
    told.answers["rsa"] = answer
    assert leave(browser).status_code == 303
    assert told.told == {"assurance": 1, "rsa": 1}
    told.answer("rsa")
    told.world.clock.advance(5)
    assert (turn(told.world), told.told["rsa"], turn(told.world)) == (("confirmed",), 2, ())


def test_each_attempt_has_a_token_of_its_own_for_the_same_session(browser, told):
    told.answer("rsa", 503)
    leave(browser)
    told.answer("rsa", 204)
    told.world.clock.advance(5)
    turn(told.world)
    first, second = (payload(token) for token in told.tokens("rsa"))
    assert (first["sid"], first["jti"] != second["jti"], second["iat"] - first["iat"]) == (second["sid"], True, 5)


def test_a_redirect_is_not_followed(browser, told):
    followed = []
    told.world.answers["https://evil.example/"] = lambda request: followed.append(request) or HttpResponse(200, {}, b"")
    told.answers["rsa"] = status(302)
    leave(browser)
    assert followed == []


def test_a_service_that_says_it_will_not_is_left_alone(browser, told):
    told.answer("rsa", 400)
    leave(browser)
    told.world.clock.advance(3000)
    assert (turn(told.world), told.told["rsa"]) == ((), 1)


def test_a_citizen_does_not_wait_for_a_service_that_hangs(make_world, monkeypatch):
    monkeypatch.setattr("broker.relying.telling.FIRST_SECONDS", 0.2)
    told, gate = Receivers(make_world(parties=parties())), threading.Event()
    browser = told.world.browser()
    browser.tokens = {name: log_in(browser, name) for name in ("mairie", "assurance", "rsa")}
    told.answers["rsa"] = lambda: gate.wait(10) and HttpResponse(200, {}, b"")
    said = shown(browser, leave_by_oneself(browser))
    gate.set()
    assert said == {"confirmed": {"mairie", "assurance"}, "pending": {"rsa"}}


def test_the_next_citizen_does_not_wait_for_a_service_that_has_failed_until_it_is_back(browser, told):
    told.answer("rsa", 503)
    leave(browser)
    told.answer("rsa")
    assert (next_citizen(told), told.told["rsa"]) == ({"confirmed": {"mairie"}, "pending": {"rsa"}}, 1)
    told.world.clock.advance(4)
    assert turn(told.world) == ()
    told.world.clock.advance(100)
    assert (turn(told.world), turn(told.world)) == (("confirmed",), ("confirmed",))
    assert next_citizen(told) == {"confirmed": {"mairie", "rsa"}}


def next_citizen(told):
    """Somebody signs in at two services and out; what the page says."""
    other = told.world.browser()
    for name in ("mairie", "rsa"):
        log_in(other, name)
    return shown(other, leave_by_oneself(other))


def test_what_has_gathered_for_a_service_goes_out_soon_when_it_is_back(told):
    now = told.world.clock()
    with told.world.store.transaction() as transaction:
        for number in range(50):
            transaction.put_notice(Notice(number.to_bytes(16, "big"), "rsa", f"{number:032x}", now + 3600, 3, now))
    assert ([len(turn(told.world)) for _ in range(3)], told.told) == ([32, 18, 0], {"rsa": 50})


def test_what_waited_longer_than_its_lease_is_left_to_the_next(told):
    now = told.world.clock()
    late = Notice(b"n" * 16, "rsa", "0" * 32, now + 3600, 1, now)
    assert (rooms_of(told.world).telling.at_once([late]), told.told) == ({"rsa": "pending"}, {})


def test_the_longer_a_service_fails_the_longer_it_rests(browser, told):
    told.answer("rsa", 503)
    for _ in range(6):
        next_citizen(told)
    tried = []
    for second in range(300):
        told.world.clock.advance(1)
        tried += [second] if turn(told.world) else []
    pauses = [after - before for before, after in pairwise(tried)]
    assert (min(pauses) >= 15, max(pauses) <= 61, told.told["rsa"]) == (True, True, 1 + len(tried))


def test_what_one_worker_could_not_tell_another_one_does(make_world, tmp_path):
    database = f"sqlite:///{tmp_path}/passerelle.db"
    first = Receivers(make_world(database, parties=parties()))
    second = Receivers(make_world(database, parties=parties(), clock=first.world.clock))
    browser = first.world.browser()
    browser.tokens = {name: log_in(browser, name) for name in ("mairie", "rsa")}
    first.answers["rsa"] = fail("timeout")
    leave(browser)
    first.world.clock.advance(4)
    assert (turn(second.world), second.told) == ((), {})
    first.world.clock.advance(1)
    assert (turn(second.world), turn(first.world), second.told) == (("confirmed",), (), {"rsa": 1})
    for one in (first, second):
        one.world.store.close()


def test_a_worker_that_dies_leaves_the_notice_to_another(browser, told, monkeypatch):
    monkeypatch.setattr("broker.relying.lanes.Lanes.put", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        leave(browser)
    monkeypatch.undo()
    assert turn(told.world) == ()
    told.world.clock.advance(70)
    assert (turn(told.world), told.told) == (("confirmed",) * 2, {"assurance": 1, "rsa": 1})


def test_it_is_tried_for_an_hour_and_no_longer(browser, told, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    told.answer("rsa", 500)
    leave(browser)
    for _ in range(3600 // 5 + 80):
        told.world.clock.advance(5)
        turn(told.world)
    tries = told.told["rsa"]
    told.world.clock.advance(3600)
    assert (8 <= tries <= 12, turn(told.world), told.told["rsa"]) == (True, (), tries)
    assert "given_up" in caplog.records[-1].message


def test_a_service_that_is_no_longer_told_is_not(browser, told, monkeypatch):
    told.answer("rsa", 500)
    leave(browser)
    changed = told.world.settings
    object.__setattr__(changed, "parties", parties("mairie"))
    monkeypatch.setattr("broker.app.load", lambda _folder: changed)
    told.world.store.raise_generation()
    told.world.app.extensions["passerelle"].look()
    told.world.clock.advance(100)
    assert (turn(told.world), told.told["rsa"]) == ((), 1)


@pytest.mark.parametrize("private", [True, False])
def test_only_who_may_live_in_a_private_network_is_looked_for_there(make_world, monkeypatch, private):
    world, allowed = make_world(parties=parties("mairie", "rsa", private_addresses=private)), []
    telling = rooms_of(world).telling
    monkeypatch.setattr(telling, "_fetch", lambda _request, *, allow_private: allowed.append(allow_private))
    browser = world.browser()
    browser.tokens = {name: log_in(browser, name) for name in ("mairie", "rsa")}
    leave(browser)
    assert allowed == [private]


def test_a_store_that_fails_after_a_service_was_told_has_it_told_again(browser, told, monkeypatch):
    def down(_notice):
        raise StoreUnavailable("down")

    notices = told.world.store.notices
    monkeypatch.setattr(notices, "drop", down)
    leave(browser)
    monkeypatch.undo()
    told.world.clock.advance(70)
    assert (sorted(turn(told.world)), told.told) == (["confirmed"] * 2, {"assurance": 2, "rsa": 2})


def test_a_store_that_is_down_does_not_end_the_work_of_a_worker(told, monkeypatch, caplog):
    def down():
        raise StoreUnavailable("down")

    monkeypatch.setattr(told.world.store.notices, "waiting", down)
    told.world.app.extensions["passerelle"].tell()
    assert "no service is told of logouts: down" in caplog.text


# -- encrypted --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(make_world):
    """A service that wants its tokens encrypted, and is told of logouts; a citizen who was there, and at the town hall."""
    one = sealed_service("ECDH-ES", keys=ServiceKeys(ALGORITHMS, ADDRESS), tell_at=address("signe"))
    everybody = parties("mairie")
    told = Receivers(
        make_world(parties=replace(everybody, services={**everybody.services, "signe": one})), "mairie", "signe"
    )
    told.publisher = Publisher(told.world, EC)
    told.browser = told.world.browser()
    log_in(told.browser, "signe")
    told.browser.tokens = {"mairie": log_in(told.browser, "mairie")}
    return told


def test_a_service_whose_tokens_are_encrypted_gets_this_one_encrypted(sealed):
    leave(sealed.browser)
    header, inner = opened(sealed.tokens("signe")[0], EC, "ECDH-ES")
    assert (header["cty"], verified(sealed.world, inner).header["typ"]) == ("JWT", "logout+jwt")


def test_without_the_key_to_encrypt_for_nothing_is_sent_as_it_is(sealed, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    sealed.publisher.fail()
    sealed.world.clock.advance(86_400)  # the keys that were fetched are too old
    sealed.browser.client.delete_cookie("__Host-sso", domain="connexion.example")
    notice = Notice(b"n" * 16, "signe", "0" * 32, sealed.world.clock() + 100, 0, sealed.world.clock())
    with sealed.world.store.transaction() as transaction:
        transaction.put_notice(notice)
    assert (turn(sealed.world), sealed.told) == (("pending",), {})
    assert "cannot be encrypted" in caplog.text


# -- the journal, and what is stored ----------------------------------------------------------------------------------


def test_the_journal_says_who_was_told_and_nothing_of_the_session(browser, told, caplog):
    caplog.set_level(logging.INFO, "passerelle.journal")
    told.answer("assurance", 503)
    leave(browser)
    lines = [json.loads(record.message) for record in caplog.records if '"logout.' in record.message]
    said = {(line["event"], line["service"], line.get("why", "")) for line in lines}
    assert said == {
        ("logout.told", "rsa", ""),
        ("logout.failed", "assurance", "the service answered with status 503"),
    }
    assert len({line["ref"] for line in lines}) == 2
    sids = [payload(token)["sid"] for token in browser.tokens.values()]
    assert [sid for sid in sids if sid in caplog.text] == []


def test_what_waits_in_the_store_does_not_say_which_notices_belong_together(browser, told):
    for name in TOLD:
        told.answer(name, 503)
    leave(browser)
    kept = list(told.world.store.notices.kept.values())
    names = {value for one in kept for value in (one.service, one.sid, one.id)}
    assert (len(kept), len(names)) == (2, 6)
    assert [value for value in CLAIMS.values() if any(str(value) in str(one) for one in kept)] == []


def test_a_logout_without_a_session_writes_nothing(browser, told):
    before = dict(told.world.store._rows)
    stranger = told.world.browser()
    for _ in range(20):
        end(stranger, id_token_hint=browser.tokens["rsa"], post_logout_redirect_uri="https://rsa.example/")
    assert (told.world.store._rows, told.world.store.notices.kept, told.told) == (before, {}, {})


def test_without_a_service_that_is_told_a_turn_asks_the_store_nothing(world, monkeypatch):
    telling = rooms_of(world).telling
    monkeypatch.setattr(world.store.notices, "waiting", lambda: pytest.fail("asked"))
    assert telling.take_turn() == ()


# -- attacks ----------------------------------------------------------------------------------------------------------


def cross_site(browser, method, url, **form):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}
    return browser.client.open(url, method=method, data=form or None, headers=headers, base_url="https://connexion.example")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_site_can_only_have_the_citizen_asked(browser, told, method):
    answer = cross_site(browser, method, "/api/v2/session/end")
    answer = browser.get(answer.location) if method == "POST" else answer
    assert (answer.location.startswith("/deconnexion?j="), told.told) == (True, {})


def test_another_site_cannot_post_the_answer(browser, told):
    question = browser.page(end(browser, client_id="mairie", post_logout_redirect_uri=AFTER))
    refused = cross_site(browser, "POST", "/deconnexion", **question.hidden, action="leave")
    assert ("USR-103" in refused.text, told.told) == (True, {})


def test_a_stolen_hint_of_another_person_ends_neither_session(browser, told):
    told.world.fi["impots"].claims["family_name"] = "MARTIN"
    stranger = told.world.browser()
    stolen = log_in(stranger, "rsa")
    answer = end(browser, id_token_hint=stolen, post_logout_redirect_uri="https://rsa.example/")
    assert (answer.location.startswith("/deconnexion?j="), told.told) == (True, {})
    assert rooms_of(told.world).flow.session(_secret(stranger)) is not None


def _secret(browser):
    value = browser.client.get_cookie("__Host-sso", domain="connexion.example").value
    return urlsafe_b64decode(value + "=")


def test_a_hint_of_an_earlier_session_of_the_same_person_is_suspect(browser, told):
    earlier = log_in(told.world.browser(), "rsa")
    answer = end(browser, id_token_hint=earlier, post_logout_redirect_uri="https://rsa.example/")
    assert (answer.location.startswith("/deconnexion?j="), told.told) == (True, {})


def test_a_logout_token_is_no_hint(browser, told):
    leave(browser)
    again = told.world.browser()
    log_in(again, "rsa")
    logout_token = told.tokens("rsa")[0]
    refused = end(again, id_token_hint=logout_token, post_logout_redirect_uri="https://rsa.example/")
    asked = again.authorize("rsa", id_token_hint=logout_token)
    assert ("SRV-407" in refused.text, "invalid_request" in asked.location) == (True, True)


def test_a_logout_token_proves_no_service_and_opens_nothing(browser, told):
    leave(browser)
    logout_token = told.tokens("rsa")[0]
    assertion = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": logout_token,
        "client_secret": None,
    }
    assert browser.redeem("code", "rsa", **assertion).json["error"] == "invalid_client"
    assert browser.userinfo(logout_token).status_code == 401


def test_one_service_learns_nothing_of_the_others(browser, told):
    leave(browser)
    for name in ("assurance", "rsa"):
        (request,) = told.heard[name]
        told_to = f"{request.url} {dict(request.headers)} {request.body.decode()} {payload(told.tokens(name)[0])}"
        others = [payload(token)["sid"] for other, token in browser.tokens.items() if other != name]
        words = (*(other for other in TOLD if other != name), *others, "impots", "Compte")
        assert [word for word in words if word in told_to] == []
