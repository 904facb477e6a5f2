"""The simulated provider keeps OpenID Connect's rules, and breaks them only when asked to."""

import base64
import hashlib
from urllib.parse import quote_plus, urlencode

import pytest
from joserfc.errors import BadSignatureError

from tests.broker.sandbox.providers import AFTER_LOGOUT, BACK, IMPOTS, ISSUER, NOW, POSTE, SECRET, VERIFIER, Fi

# -- the login page ---------------------------------------------------------------------------------------------------


def test_a_card_is_clicked_and_a_code_goes_back_with_state_and_issuer():
    answer = Fi().answer()
    assert answer == {"code": answer["code"], "state": "st", "iss": ISSUER}


def test_the_citizen_can_go_back_without_logging_in():
    fi = Fi()
    gone = fi.browser.post("/cancel", data={"login": fi.handle()})
    assert gone.location.startswith(f"{BACK}?error=access_denied&")


@pytest.mark.parametrize("persona", ["disabled", "closed"])
def test_a_closed_account_is_refused_without_a_reason(persona):
    answer = Fi().answer(persona)
    assert (answer["error"], answer["error_description"]) == ("access_denied", "no login")


def test_a_person_of_another_provider_has_no_account():
    fi = Fi(POSTE)
    assert fi.browser.post("/login", data={"login": fi.handle(), "persona": "one_provider"}).status_code == 400


def test_a_login_page_is_answered_once():
    fi = Fi()
    form = {"login": fi.handle(), "persona": "angela"}
    fi.browser.post("/login", data=form)
    assert fi.browser.post("/login", data=form).status_code == 400


@pytest.mark.parametrize(
    "change", [{"client_id": "other"}, {"redirect_uri": "http://evil.localhost/"}, {"redirect_uri": None}]
)
def test_nothing_is_sent_to_an_address_that_is_not_the_clients(change):
    assert Fi().authorize(**change).status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_answered_with_an_error(change, error):
    assert Fi().authorize(**change).location.startswith(f"{BACK}?error={error}&")


# -- an identity of one's own -----------------------------------------------------------------------------------------

COMPOSED = {
    "given_names": "Zoé",
    "family_name": "MARTIN",
    "gender": "female",
    "birthdate": "1990-01-31",
    "birthplace": "75107",
    "birthcountry": "99100",
    "email": "zoe@courriel.example",
    "level": "eidas1",
}


def composed(fi, **typed):
    return fi.browser.post("/compose", data={"login": fi.handle(), **COMPOSED, **typed})


def test_an_identity_can_be_composed():
    assert "code=" in composed(Fi()).location


def test_a_wrong_identity_comes_back_with_what_is_wrong():
    page = composed(Fi(), birthplace="X").text
    assert 'href="#birthplace"' in page
    assert 'aria-invalid="true"' in page


def test_a_wrong_identity_is_sent_when_that_is_wished():
    assert "code=" in composed(Fi(), birthplace="X", anyway="yes").location


def test_a_composed_identity_has_no_level_that_the_provider_does_not_reach():
    fi = Fi(POSTE)
    code = composed(fi, level="eidas3").location.partition("code=")[2].partition("&")[0]
    assert fi.claims(fi.redeem(code).json["id_token"])["acr"] == "eidas1"


# -- the token endpoint -----------------------------------------------------------------------------------------------


def test_the_id_token_says_who_when_how_and_for_whom():
    fi = Fi()
    tokens = fi.tokens(acr_values="eidas2")
    claims = fi.claims(tokens["id_token"])
    half = base64.urlsafe_b64encode(hashlib.sha256(tokens["access_token"].encode()).digest()[:16]).rstrip(b"=").decode()
    assert claims == {
        "iss": ISSUER,
        "aud": "client",
        "sub": claims["sub"],
        "iat": NOW,
        "exp": NOW + 60,
        "auth_time": NOW,
        "nonce": "no",
        "acr": "eidas2",
        "amr": ["pwd", "otp", "mfa"],
        "at_hash": half,
    }


def test_a_person_keeps_its_sub_and_shares_it_with_nobody():
    fi = Fi()
    subs = [fi.claims(fi.tokens(persona)["id_token"])["sub"] for persona in ("angela", "angela", "hugo")]
    assert subs[0] == subs[1] != subs[2]


@pytest.mark.parametrize(
    ("provider", "persona", "asked", "acr"),
    [
        (IMPOTS, "angela", "eidas1", "eidas1"),
        (IMPOTS, "angela", "eidas2", "eidas2"),
        (IMPOTS, "angela", "eidas2 eidas1", "eidas1"),
        (IMPOTS, "angela", "", "eidas2"),
        (IMPOTS, "low_account", "eidas2", "eidas1"),
        (POSTE, "angela", "eidas2", "eidas1"),
    ],
)
def test_the_lowest_level_asked_is_given_if_it_is_possible(provider, persona, asked, acr):
    fi = Fi(provider)
    assert fi.claims(fi.tokens(persona, acr_values=asked)["id_token"])["acr"] == acr


def test_a_code_is_redeemed_once():
    fi = Fi()
    code = fi.answer()["code"]
    answers = [fi.redeem(code).status_code, fi.redeem(code).status_code]
    assert answers == [200, 400]


@pytest.mark.parametrize("change", [{"code_verifier": "another"}, {"code_verifier": None}])
def test_a_code_needs_the_verifier_of_its_challenge(change):
    fi = Fi()
    assert fi.redeem(fi.answer()["code"], **change).json["error"] == "invalid_grant"


def test_a_code_needs_its_redirect_uri():
    fi = Fi()
    assert fi.redeem(fi.answer()["code"], redirect_uri=AFTER_LOGOUT).json["error"] == "invalid_grant"


@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "other"}, {"client_secret": None}])
def test_a_client_must_know_its_secret(change):
    fi = Fi()
    refused = fi.redeem(fi.answer()["code"], **change)
    assert (refused.status_code, refused.json["error"]) == (401, "invalid_client")


def test_a_client_may_say_its_secret_in_the_header():
    fi = Fi()
    pair = base64.b64encode(f"client:{quote_plus(SECRET)}".encode()).decode()
    form = {"code": fi.answer()["code"], "redirect_uri": BACK, "code_verifier": VERIFIER}
    answer = fi.browser.post("/token", data=form, headers={"Authorization": f"Basic {pair}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("header", ["Basic ???", "Basic /w=="])
def test_a_header_that_is_no_secret_is_refused(header):
    assert Fi().browser.post("/token", headers={"Authorization": header}).status_code == 401


# -- the claims -------------------------------------------------------------------------------------------------------


def test_the_userinfo_holds_what_the_scopes_open():
    assert set(Fi().userinfo("hugo", scope="openid email phone").json) == {"sub", "email", "phone_number"}


def test_a_provider_may_sign_its_userinfo():
    fi = Fi(POSTE)
    answer = fi.userinfo()
    assert answer.mimetype == "application/jwt"
    assert fi.claims(answer.text)["family_name"] == "DUBOIS"


def test_an_unknown_access_token_opens_nothing():
    assert Fi().browser.get("/userinfo", headers={"Authorization": "Bearer x"}).status_code == 401


def test_an_access_token_lasts_a_minute():
    moments = [NOW]
    fi = Fi(clock=lambda: moments[0])
    token = fi.tokens()["access_token"]
    moments[0] += 60
    assert fi.browser.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


# -- faults -----------------------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_answers_nothing():
    fi = Fi(fault="fi.down")
    assert [fi.browser.get(path).status_code for path in ("/", "/jwks", "/authorize")] == [503, 503, 503]


def test_a_slow_provider_takes_its_time():
    slept = []
    Fi(fault="fi.slow=8s", sleep=slept.append).tokens()
    assert slept == [8]


def test_a_wrong_nonce():
    fi = Fi(fault="fi.bad_nonce")
    assert fi.claims(fi.tokens()["id_token"])["nonce"] != "no"


def test_a_wrong_signature():
    fi = Fi(fault="fi.bad_sig")
    with pytest.raises(BadSignatureError):
        fi.claims(fi.tokens()["id_token"])


def test_a_lower_level():
    fi = Fi(fault="fi.lower_loa")
    assert fi.claims(fi.tokens(acr_values="eidas2")["id_token"])["acr"] == "eidas1"


def test_no_sub():
    fi = Fi(fault="fi.no_sub")
    assert "sub" not in fi.claims(fi.tokens()["id_token"])
    assert "sub" not in fi.userinfo().json


def test_a_broken_userinfo():
    assert Fi(fault="fi.http_500").userinfo().status_code == 500


def test_a_person_may_bring_a_fault_along():
    fi = Fi()
    assert fi.claims(fi.tokens("bad_nonce")["id_token"])["nonce"] != "no"


# -- the logout -------------------------------------------------------------------------------------------------------


def farewell(fi, hint, back=AFTER_LOGOUT):
    query = {"id_token_hint": hint, "post_logout_redirect_uri": back, "state": "bye"}
    return fi.browser.get(f"/logout?{urlencode(query)}")


def test_a_login_leaves_a_session():
    fi = Fi()
    fi.answer()
    assert "Angela" in fi.browser.get("/").text


def test_a_logout_ends_the_session_and_goes_back():
    fi = Fi()
    gone = farewell(fi, fi.tokens()["id_token"])
    assert gone.location == f"{AFTER_LOGOUT}?state=bye"
    assert "Angela" not in fi.browser.get("/").text


def test_a_logout_ends_the_session_of_a_copied_cookie():
    fi = Fi()
    fi.answer()
    kept = fi.browser.get_cookie("fi-session").value
    fi.browser.get("/logout")
    assert fi.simulated.sessions.read(kept) is None


@pytest.mark.parametrize(("hint", "back"), [("nonsense", AFTER_LOGOUT), (None, "http://evil.localhost/")])
def test_a_logout_goes_back_only_to_who_proves_himself(hint, back):
    fi = Fi()
    page = farewell(fi, hint or fi.tokens()["id_token"], back)
    assert (page.status_code, page.location) == (200, None)


def test_an_id_token_for_somebody_else_is_no_hint():
    fi = Fi()
    vouching = fi.simulated.vouching
    foreign = vouching._sign({"aud": "other", "sub": "x"}, None)
    assert not vouching.recognises(foreign)


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wish", "language"), [("fr", "fr"), ("en-GB,en", "en"), ("de", "fr")])
def test_a_page_speaks_the_browsers_language(wish, language):
    page = Fi().browser.get("/", headers={"Accept-Language": wish}).text
    assert f'<html lang="{language}">' in page


def test_a_chosen_language_is_kept():
    fi = Fi()
    fi.browser.get("/?lang=en")
    assert '<html lang="en">' in fi.browser.get("/", headers={"Accept-Language": "fr"}).text


def test_a_language_that_is_not_spoken_is_not_kept():
    assert "Set-Cookie" not in Fi().browser.get("/?lang=de").headers
