"""A service gives its token back; a stranger's token stays what it was, and nobody learns what a token is."""

from collections import Counter

import pytest

from tests.broker.world import PUBLIC, SECRET


def revoke(world, token, service="mairie", **changes):
    form = {"token": token, "client_id": service, "client_secret": SECRET, **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    return world.app.test_client().post("/api/v2/token/revocation", data=sent, base_url=PUBLIC)


@pytest.fixture
def browser(world):
    """A browser in which a citizen is logged in, with the tokens of the town hall."""
    browser = world.browser()
    browser.tokens = browser.redeem(browser.log_in()["code"]).json
    browser.token = browser.tokens["access_token"]
    return browser


def test_a_revoked_token_opens_nothing(world, browser):
    answer = revoke(world, browser.token)
    assert (answer.status_code, answer.data) == (200, b"")
    assert browser.userinfo(browser.token).json["error"] == "invalid_token"


def test_a_token_may_be_given_back_twice(world, browser):
    assert [revoke(world, browser.token).status_code for _ in range(2)] == [200, 200]


def test_another_login_of_the_same_citizen_goes_on(world, browser):
    other = browser.redeem(browser.log_in(prompt="login")["code"]).json["access_token"]
    revoke(world, browser.token)
    assert browser.userinfo(other).status_code == 200


def test_a_session_outlives_the_tokens_that_it_gave(world, browser):
    revoke(world, browser.token)
    assert "Vous êtes déjà connecté" in browser.page(browser.authorize("rsa")).text


NOT_THE_CALLERS = {
    "unknown": lambda _: "nobody-was-ever-given-this",
    "with a letter more": lambda browser: browser.token + "A",
    "another service's": lambda browser: browser.redeem(browser.log_in("rsa")["code"], "rsa").json["access_token"],
    "an id token": lambda browser: browser.tokens["id_token"],
    "in other letters": lambda _: "jeton-é\u202e\U0001f511",
    "an injection": lambda _: "' OR 1=1 --",
}


@pytest.mark.parametrize("token", NOT_THE_CALLERS.values(), ids=NOT_THE_CALLERS.keys())
def test_what_is_not_the_callers_token_gets_the_same_answer_and_ends_nothing(world, browser, token):
    strange = token(browser)
    own, other = revoke(world, browser.token), revoke(world, strange)
    assert (other.status_code, other.data, sorted(dict(other.headers))) == (200, own.data, sorted(dict(own.headers)))


def test_a_strangers_token_goes_on(world, browser):
    revoke(world, browser.token, "rsa")
    assert browser.userinfo(browser.token).status_code == 200


def test_a_code_is_no_token(world):
    browser = world.browser()
    code = browser.log_in()["code"]
    revoke(world, code)
    assert browser.redeem(code).status_code == 200


def counted(world, monkeypatch, act):
    """The store's calls, and the derivations, while something is done."""
    calls = Counter()
    for name in ("read", "grant_stands", "put", "swap", "transaction"):
        original = getattr(world.store, name)
        monkeypatch.setattr(world.store, name, lambda *a, _o=original, _n=name: calls.update([_n]) or _o(*a))
    from broker import seal

    place = seal._place
    monkeypatch.setattr(seal, "_place", lambda *a: calls.update(["derivation"]) or place(*a))
    act()
    monkeypatch.undo()
    return calls


@pytest.mark.parametrize("whose", ["unknown", "another service's"])
def test_an_unknown_token_is_as_much_work_as_ones_own(world, browser, monkeypatch, whose):
    strange = NOT_THE_CALLERS[whose](browser)
    theirs = counted(world, monkeypatch, lambda: revoke(world, strange))
    own = counted(world, monkeypatch, lambda: revoke(world, browser.token))
    assert theirs == own == Counter(read=1, transaction=1, derivation=1)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong-secret-with-many-characters"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"token": None}, 400, "invalid_request"),
    ],
)
def test_whoever_does_not_say_who_he_is_ends_nothing(world, browser, changes, status, error):
    refused = revoke(world, changes.pop("token", browser.token), **changes)
    assert (refused.status_code, refused.json["error"]) == (status, error)
    assert browser.userinfo(browser.token).status_code == 200


def test_a_token_in_the_address_is_not_read(world, browser):
    url = f"/api/v2/token/revocation?token={browser.token}&client_id=mairie&client_secret={SECRET}"
    refused = world.app.test_client().post(url, base_url=PUBLIC)
    assert (refused.status_code, browser.userinfo(browser.token).status_code) == (401, 200)


def test_an_answer_to_get_is_json_for_programs(world):
    refused = world.app.test_client().get("/api/v2/token/revocation", base_url=PUBLIC)
    assert (refused.status_code, refused.json["error"]) == (405, "invalid_request")


def test_the_journal_names_the_login_and_not_the_token(world, browser, caplog):
    caplog.set_level("INFO", "passerelle.journal")
    revoke(world, browser.token)
    revoke(world, browser.token)
    events = [record.message for record in caplog.records if "token.revoked" in record.message]
    assert len(events) == 1
    assert browser.token not in caplog.text


def test_a_public_client_gives_its_token_back_without_a_secret(world):
    from oidc.token_endpoint import challenge_of

    browser = world.browser()
    pkce = {"code_challenge": challenge_of("v" * 43), "code_challenge_method": "S256"}
    code = browser.log_in("appli", scope="openid email", **pkce)["code"]
    token = browser.redeem(code, "appli", client_secret=None, code_verifier="v" * 43).json["access_token"]
    assert revoke(world, token, "appli", client_secret=None).status_code == 200
    assert browser.userinfo(token).status_code == 401
