"""The law of the authorization endpoint: each rule, and the attacks that it stops."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oidc.errors import AuthorizationRefused, OAuthError, UnknownClient, UnregisteredRedirect, Untrusted
from oidc.messages import AuthorizationRequest, Params
from oidc.provider import read_authorization
from tests.oidc.cases import CHALLENGE, CLIENTS, MAIRIE, POLICY, changed

RIGHT = {
    "client_id": "mairie",
    "redirect_uri": "https://mairie.example/retour",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s",
    "nonce": "n" * 22,
    "acr_values": "eidas1",
}


def asked(**changes: str | None) -> Params:
    return changed(RIGHT, changes)


def read(params: Params) -> AuthorizationRequest:
    return read_authorization(params, CLIENTS.get, POLICY)


def refusal(params: Params) -> AuthorizationRefused:
    with pytest.raises(AuthorizationRefused) as caught:
        read(params)
    return caught.value


# -- what is right ----------------------------------------------------------------------------------------------------


def test_a_request_in_the_manner_of_franceconnect_is_read() -> None:
    assert read(asked()) == AuthorizationRequest(
        client_id="mairie",
        redirect_uri="https://mairie.example/retour",
        scopes=("openid", "profile"),
        state="s",
        nonce="n" * 22,
        acr_values=("eidas1",),
    )


def test_every_optional_parameter_is_read() -> None:
    request = read(
        asked(
            prompt="login consent",
            max_age="0",
            ui_locales="en fr",
            idp_hint="impots",
            login_hint="angela",
            code_challenge=CHALLENGE,
            code_challenge_method="S256",
            response_mode="query",
        )
    )
    assert (request.prompt, request.max_age, request.ui_locales) == (frozenset({"login", "consent"}), 0, ("en", "fr"))
    assert (request.idp_hint, request.login_hint, request.code_challenge) == ("impots", "angela", CHALLENGE)


def test_a_login_hint_is_never_shown_in_a_log() -> None:
    assert "angela" not in repr(read(asked(login_hint="angela@courriel.example")))


def test_unknown_parameters_and_unknown_scopes_are_ignored() -> None:
    assert read(asked(colour="blue", scope="openid weather")).scopes == ("openid",)


def test_scopes_keep_their_order_and_come_once() -> None:
    assert read(asked(scope="profile  openid profile email openid")).scopes == ("profile", "openid", "email")


def test_only_known_levels_are_kept() -> None:
    assert read(asked(acr_values="eidas0 eidas3 urn:other eidas2")).acr_values == ("eidas3", "eidas2")


def test_of_several_levels_those_that_are_granted_are_kept() -> None:
    find = {"mairie": replace(MAIRIE, levels=("eidas1", "eidas2"))}.get
    assert read_authorization(asked(acr_values="eidas3 eidas2"), find, POLICY).acr_values == ("eidas2",)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"acr_values": "eidas3"}, "invalid_request"),
        ({"acr_values": "eidas3 urn:other"}, "invalid_request"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "eidas3"}}}'},
            "unmet_authentication_requirements",
        ),
    ],
)
def test_a_level_that_is_not_granted_is_refused_alone(changes: dict[str, str], error: str) -> None:
    find = {"mairie": replace(MAIRIE, levels=("eidas1", "eidas2"))}.get
    with pytest.raises(AuthorizationRefused, match="eidas1 eidas2") as caught:
        read_authorization(asked(**changes), find, POLICY)
    assert caught.value.error == error


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "anything else"])
def test_display_changes_nothing(display: str) -> None:
    """OpenID Connect Core 3.1.2.1."""
    assert read(asked(display=display)) == read(asked())


def test_levels_that_are_all_unknown_count_as_none_asked() -> None:
    assert read(asked(acr_values="urn:other")).acr_values == ()


def test_an_empty_optional_parameter_counts_as_absent() -> None:
    request = read(asked(prompt="", max_age="", idp_hint="", code_challenge="", request="", response_mode=""))
    assert (request.prompt, request.max_age, request.idp_hint, request.code_challenge) == (frozenset(), None, None, None)


def test_a_state_of_2048_characters_and_a_nonce_of_512_pass() -> None:
    request = read(asked(state="s" * 2048, nonce="n" * 512))
    assert (len(request.state), len(request.nonce)) == (2048, 512)


@pytest.mark.parametrize(("only", "came"), [("only_pushed", "pushed"), ("only_signed", "signed")])
def test_a_service_that_promised_how_it_asks_is_heard_in_no_other_way(only: str, came: str) -> None:
    client = replace(MAIRIE, **{only: True})
    find = {"mairie": client}.get
    assert read_authorization(asked(), find, POLICY, **{came: True}).state == "s"
    other = {"pushed": "signed", "signed": "pushed"}[came]
    for way in ({}, {other: True}):
        with pytest.raises(AuthorizationRefused, match="this service must") as caught:
            read_authorization(asked(), find, POLICY, **way)
        assert caught.value.error == "invalid_request"


# -- for which data provider, and by which key ------------------------------------------------------------------------

INCOME, POINTS = "https://fd.example/api", "https://points.example/"
BUYER = replace(MAIRIE, resources=frozenset({INCOME, POINTS}))
KEY = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"  # RFC 9449 6.1


def named(*resources: str) -> AuthorizationRequest:
    params = [*asked(), *(("resource", resource) for resource in resources)]
    return read_authorization(params, {"mairie": BUYER}.get, POLICY)


def test_several_resources_may_be_named() -> None:
    assert named(POINTS, INCOME, POINTS, "").resources == (POINTS, INCOME)
    assert named().resources == ()


@pytest.mark.parametrize("resources", [[f"{INCOME}#part"], ["https://other.example/"], [INCOME, "api"]], ids=str)
def test_what_is_no_resource_of_this_service_is_refused(resources: list[str]) -> None:
    with pytest.raises(AuthorizationRefused, match="invalid_target: resource") as caught:
        named(*resources)
    assert (caught.value.error, caught.value.state) == ("invalid_target", "s")


def test_an_endless_list_of_resources_is_refused() -> None:
    with pytest.raises(AuthorizationRefused, match="invalid_target: resource is sent more than 20 times"):
        named(*(f"https://fd.example/{number}" for number in range(21)))


def test_a_service_without_data_providers_names_no_resource() -> None:
    assert refusal([*asked(), ("resource", INCOME)]).error == "invalid_target"


def test_a_code_may_be_bound_to_a_key() -> None:
    assert read(asked(dpop_jkt=KEY)).dpop_jkt == KEY
    assert read(asked(dpop_jkt="")).dpop_jkt == read(asked()).dpop_jkt == ""


@pytest.mark.parametrize(
    "key", [KEY[:-1], KEY + "A", KEY[:-1] + "J", KEY[:-1] + "=", "+" + KEY[1:], "\u0430" + KEY[1:], "none"]
)
def test_what_is_no_thumbprint_binds_nothing(key: str) -> None:
    refused = refusal(asked(dpop_jkt=key))
    assert refused.error == "invalid_request"
    assert "dpop_jkt must be a thumbprint" in refused.description


def test_two_keys_are_refused() -> None:
    assert "more than once" in refusal([*asked(dpop_jkt=KEY), ("dpop_jkt", KEY)]).description


# -- whom to trust ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client_id", ["", "unknown", "Mairie", " mairie", None])
def test_an_unknown_client_is_not_redirected(client_id: str | None) -> None:
    with pytest.raises(UnknownClient):
        read(asked(client_id=client_id))


REDIRECTS: dict[str, str | None] = {
    "a final slash": "https://mairie.example/retour/",
    "a letter less": "https://mairie.example/retou",
    "a suffix": "https://mairie.example/retour2",
    "an empty query": "https://mairie.example/retour?",
    "a query more": "https://mairie.example/retour?next=https://evil.example",
    "a fragment": "https://mairie.example/retour#",
    "a path above and back": "https://mairie.example/retour/../retour",
    "a step on the spot": "https://mairie.example/./retour",
    "percent-encoding": "https://mairie.example/%72etour",
    "a null byte": "https://mairie.example/retour%00",
    "a line break": "https://mairie.example/retour\n",
    "a space before": " https://mairie.example/retour",
    "another case of the path": "https://mairie.example/RETOUR",
    "another case of the host": "https://MAIRIE.example/retour",
    "the default port": "https://mairie.example:443/retour",
    "a dot after the host": "https://mairie.example./retour",
    "a user before the host": "https://mairie.example@evil.example/retour",
    "the whole address inside another one": "https://evil.example/?https://mairie.example/retour",
    "the host inside another one": "https://mairie.example.evil.example/retour",
    "a backslash": "https://evil.example\\@mairie.example/retour",
    "a letter of another script": "https://xn--mirie-4ve.example/retour",
    "http": "http://mairie.example/retour",
    "no scheme": "//mairie.example/retour",
    "no host": "/retour",
    "javascript": "javascript:alert(1)",
    "another service's address": "https://mobile.example/retour",
    "the address of its logout": "https://mairie.example/fin",
    "an empty one": "",
    "none": None,
}


@pytest.mark.parametrize("redirect_uri", REDIRECTS.values(), ids=REDIRECTS.keys())
def test_only_the_registered_address_counts_character_for_character(redirect_uri: str | None) -> None:
    with pytest.raises(UnregisteredRedirect) as caught:
        read(asked(redirect_uri=redirect_uri))
    assert (caught.value.received, caught.value.registered) == (redirect_uri or "", MAIRIE.redirect_uris)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_decides_whom_to_trust_counts_for_nothing_when_sent_twice(name: str) -> None:
    with pytest.raises(Untrusted):
        read([*asked(), (name, "https://evil.example/")])


def test_whatever_else_is_wrong_a_wrong_address_is_not_redirected_to() -> None:
    with pytest.raises(UnregisteredRedirect):
        read([("client_id", "mairie"), ("redirect_uri", "https://evil.example/"), ("scope", "x"), ("scope", "y")])


# -- what goes back to the service as an error ------------------------------------------------------------------------

DEFECTS = {
    "response_type absent": ({"response_type": None}, "invalid_request"),
    "the implicit flow": ({"response_type": "id_token token"}, "unsupported_response_type"),
    "the hybrid flow": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "an answer in the fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "an answer as a JWT": ({"response_mode": "query.jwt"}, "invalid_request"),
    "an answer to another window": ({"response_mode": "web_message"}, "invalid_request"),
    "two ways of answering": ({"response_mode": "query form_post"}, "invalid_request"),
    "a request object": ({"request": "eyJ"}, "request_not_supported"),
    "a long request object": ({"request": "e" * 4000}, "request_not_supported"),
    "a request by reference": ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    "a registration": ({"registration": "{}"}, "registration_not_supported"),
    "no scope": ({"scope": None}, "invalid_request"),
    "no openid": ({"scope": "profile email"}, "invalid_request"),
    "openid with a space that is none": ({"scope": "openid\u00a0profile"}, "invalid_request"),
    "a scope that is not granted": ({"scope": "openid address"}, "invalid_scope"),
    "no state": ({"state": None}, "invalid_request"),
    "an empty state": ({"state": ""}, "invalid_request"),
    "a state that is too long": ({"state": "s" * 2049}, "invalid_request"),
    "no nonce": ({"nonce": None}, "invalid_request"),
    "a nonce of 21": ({"nonce": "n" * 21}, "invalid_request"),
    "a nonce of 513": ({"nonce": "n" * 513}, "invalid_request"),
    "an unknown prompt": ({"prompt": "login create"}, "invalid_request"),
    "silent and not": ({"prompt": "none login"}, "invalid_request"),
    "a negative age": ({"max_age": "-1"}, "invalid_request"),
    "a fraction of an age": ({"max_age": "1.5"}, "invalid_request"),
    "an age in Arabic digits": ({"max_age": "\u0663"}, "invalid_request"),
    "an age past all bounds": ({"max_age": "1" * 10}, "invalid_request"),
    "a hint that is not allowed": ({"idp_hint": "poste"}, "invalid_idp_hint"),
    "a plain challenge": ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
    "a challenge without method": ({"code_challenge": CHALLENGE}, "invalid_request"),
    "a method without challenge": ({"code_challenge_method": "S256"}, "invalid_request"),
    "a short challenge": ({"code_challenge": "c" * 42, "code_challenge_method": "S256"}, "invalid_request"),
    "a padded challenge": ({"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"}, "invalid_request"),
    "a line break": ({"login_hint": "a\r\nb"}, "invalid_request"),
    "a control character of Latin-1": ({"ui_locales": "fr\u0085"}, "invalid_request"),
}


@pytest.mark.parametrize(("changes", "error"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_goes_back_to_the_service(changes: dict[str, str | None], error: str) -> None:
    refused = refusal(asked(**changes))
    assert (refused.error, refused.redirect_uri) == (error, "https://mairie.example/retour")


def test_a_refusal_gives_the_state_back() -> None:
    assert refusal(asked(nonce=None)).state == "s"


def test_a_refusal_travels_as_the_answer_would() -> None:
    modes = [refusal(asked(nonce=None, response_mode=mode)).response_mode for mode in (None, "query", "form_post")]
    assert modes == ["query", "query", "form_post"]


def test_a_way_of_answering_that_stands_twice_is_not_taken() -> None:
    assert refusal([*asked(response_mode="form_post"), ("response_mode", "form_post")]).response_mode == "query"


def test_a_parameter_that_stands_twice_is_refused() -> None:
    refused = refusal([*asked(), ("nonce", "n" * 22)])
    assert (refused.error, refused.description) == ("invalid_request", "parameter nonce is sent more than once")


def test_a_state_that_stands_twice_is_not_given_back() -> None:
    assert refusal([*asked(), ("state", "other")]).state is None


def test_a_request_with_too_many_parameters_is_refused() -> None:
    assert refusal([*asked(), *((f"p{n}", "") for n in range(100))]).description == "the request is too large"


def test_a_request_that_is_too_long_in_all_is_refused() -> None:
    assert refusal([*asked(), *((f"p{n}", "x" * 2000) for n in range(9))]).description == "the request is too large"


def test_the_message_about_a_scope_names_those_that_are_granted() -> None:
    assert refusal(asked(scope="openid address")).description.endswith("granted: email openid profile")


def test_the_message_about_a_short_nonce_says_how_long_it_must_be() -> None:
    assert "at least 22" in refusal(asked(nonce="abc")).description


def test_a_strangers_parameter_name_cannot_write_our_sentence() -> None:
    name = 'x" Call <b>+33</b>'
    assert refusal([*asked(), (name, "1"), (name, "2")]).description == "parameter xCallb33b is sent more than once"


# -- public clients ---------------------------------------------------------------------------------------------------

MOBILE_ASKS = {"client_id": "mobile", "redirect_uri": "https://mobile.example/retour", "scope": "openid"}


def test_a_public_client_needs_pkce() -> None:
    assert refusal(asked(**MOBILE_ASKS)).description == "code_challenge is mandatory for a public client"


def test_no_form_is_posted_to_an_app() -> None:
    app = replace(MAIRIE, client_id="app", redirect_uris=("com.example.app:/back",))
    params = asked(client_id="app", redirect_uri="com.example.app:/back", response_mode="form_post")
    with pytest.raises(AuthorizationRefused, match="form_post needs") as caught:
        read_authorization(params, {"app": app}.get, POLICY)
    assert caught.value.response_mode == "query"


def test_a_public_client_with_pkce_passes() -> None:
    request = read(asked(**MOBILE_ASKS, code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert request.code_challenge == CHALLENGE


# -- whatever comes ---------------------------------------------------------------------------------------------------

NAMES = st.sampled_from([*RIGHT, "prompt", "max_age", "code_challenge", "request", "idp_hint"]) | st.text(max_size=50)
VALUES = st.sampled_from([*RIGHT.values(), "", "S256", "none login"]) | st.text(max_size=60)
DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 4.1.2.1


@given(st.lists(st.tuples(NAMES, VALUES), max_size=12))
def test_whatever_comes_is_read_or_refused_in_the_protocols_words(noise: list[tuple[str, str]]) -> None:
    try:
        read([*asked(), *noise])
    except OAuthError as error:
        assert DESCRIPTION.fullmatch(error.description)  # noqa: PT017
        assert not isinstance(error, AuthorizationRefused) or error.redirect_uri in MAIRIE.redirect_uris  # noqa: PT017
