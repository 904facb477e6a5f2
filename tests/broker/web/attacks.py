"""The attacks on our provider's side, in one place: which rule each breaks, what is answered, and the test that holds it.

A pair of rule and defect counts once. `held` names the test that sends the attack: those of `test_attacks.py` take theirs
from the tables below; the others stood elsewhere already, beside the rule that they try, and are not sent a second time.
"""

from dataclasses import dataclass

OIDC, WEB = "tests/oidc/test_", "tests/broker/web/test_"
ASKED, TOKEN = "oidc.authorization_rules:check_", "oidc.token_endpoint:check_"
HERE = WEB + "attacks.py::test_"
DEFECT = OIDC + "provider.py::test_a_defect_goes_back_to_the_service"
LOGIN = WEB + "login.py::test_"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: its family, the defect, the rule that it breaks, the expected answer, and the test that holds it."""

    family: str
    defect: str
    rule: str
    expected: str
    held: str


def _each(family: str, rule: str, expected: str, held: str, *defects: str) -> tuple[Attack, ...]:
    return tuple(Attack(family, defect, rule, expected, held) for defect in defects)


# -- sent from here ---------------------------------------------------------------------------------------------------

FORGED_HINTS = (
    "alg none",
    "alg None",
    "HS256 with our public key as the secret",
    "another key under our kid",
    "a key of its own in jwk",
    "a key of its own behind jku",
    "a key of its own in x5c",
    "a kid that is a path",
    "a kid that is nobody's",
    "a critical extension",
    "RS256 said over a signature of ES256",
    "a payload that was exchanged",
    "a signature that was exchanged",
    "five parts",
)
"""Tokens shown to us as our own: `id_token_hint` is the only one that we believe in."""

STRANGE = (
    "unknown",
    "garbage",
    "with a letter more",
    "a code",
    "an id token",
    "for another data provider by what was agreed",
    "for another data provider by its resource",
    "without any data",
    "expired",
    "revoked",
    "withdrawn",
    "of a code that was replayed",
)
"""Tokens of which a data provider is told nothing."""

TAKEN_AWAY = (
    "suspended",
    "it delivers it no more",
    "the service may ask it no more",
    "another delivers it now",
)
"""What the operator changes after the citizen has agreed."""

STOLEN = (
    "as a bearer token",
    "without a proof",
    "with a proof of his own key",
    "with a proof for another token",
    "with a proof without a token",
    "with the proof of the token request",
    "with an old proof",
    "with two proofs",
)
"""How a thief shows a token that is bound to a key which he has not."""

BAD_PROOFS = (
    "of another address",
    "by another method",
    "old",
    "from the future",
    "without jti",
    "with another type",
    "that another key signed",
    "with a private key",
)

TWICE = {
    "client_id twice": ("client_id=rsa", "SRV-401"),
    "redirect_uri twice": ("redirect_uri=https://evil.example/", "SRV-402"),
    "scope twice": ("scope=openid+phone", "invalid_request"),
    "nonce twice": ("nonce=nnnnnnnnnnnnnnnnnnnnnnnn", "invalid_request"),
    "prompt twice": ("prompt=none&prompt=login", "invalid_request"),
    "claims twice": ("claims={}&claims={}", "invalid_request"),
    "a hundred parameters": ("&".join(f"p{n}=1" for n in range(100)), "invalid_request"),
    "17 KiB in all": ("&".join(f"p{n}={'x' * 2000}" for n in range(9)), "invalid_request"),
}
"""What stands beside a right request at the authorization endpoint; the error, or the code of the page without a way on."""

INSTEAD = {
    "an address that opens another": ("redirect_uri", "https://mairie.example/retour?next=https://evil.example", "SRV-402"),
    "a header in login_hint": ("login_hint", "a\r\nSet-Cookie: evil=1", "invalid_request"),
    "a header in state": ("state", "s\r\nLocation: https://evil.example", "invalid_request"),
    "a header in nonce": ("nonce", "n" * 22 + "\n\n<script>", "invalid_request"),
    "a parameter of 5000 letters": ("display", "d" * 5000, "invalid_request"),
}
"""What stands in the place of a right value."""

SKIPS = {
    "the confirmation before a choice": ("GET", "/confirmer?j={j}", 303, "/choisir"),
    "the confirmation before a proof, by hand": ("POST", "/confirmer", 409, "USR-103"),
    "the way back before an answer": ("GET", "/revenir?j={j}", 303, "/choisir"),
    "an answer that no provider was asked for": ("GET", "/api/v2/oidc-callback/impots?code=c&state={j}.x", 303, "/choisir"),
    "a session that is not there": ("POST", "/choisir", 400, "USR-102"),
}
"""Steps that are left out, at a journey that has just begun; what comes of it."""

TOSSED = {
    "without the prefix": {"flow": "{thief}", "sso": "{session}"},
    "of nothing": {"__Host-flow": "", "__Host-sso": ""},
    "that is no base64": {"__Host-flow": "é%00;", "__Host-sso": "../../etc/passwd"},
    "of 31 bytes": {"__Host-flow": "A" * 41, "__Host-sso": "A" * 41},
    "of 4000 letters": {"__Host-flow": "A" * 4000},
}
"""Cookies that a sibling host or a script might plant; none may open a journey or a session."""

FRAMED = ("the choice", "the confirmation", "an error", "the form that posts an answer", "the logout")
"""Pages that somebody would like to lay under his own."""

TOKENS = {
    "in the address of userinfo": ("GET", "/api/v2/userinfo?access_token={token}", 401),
    "in the address of a post": ("POST", "/api/v2/userinfo?access_token={token}", 401),
    "as a password": ("GET", "/api/v2/userinfo", 401),
}
"""An access token where logs, histories and referrers would keep it."""

SKIPPED = {
    "no word at all": (),
    "other scopes": ("parts_fiscales", "points_permis"),
    "a scope of the identity": ("openid", "identite_pivot"),
    "a scope that nobody has": ("revenus_de_tous",),
    "the name of the data provider": ("revenus",),
    "all in one value": ("revenu_fiscal parts_fiscales",),
    "another case": ("REVENU_FISCAL",),
    "white space": ("revenu_fiscal ",),
    "a scope twice, but not the one": ("points_permis", "points_permis"),
    "words that mean yes": ("yes", "on", "1", "*"),
}
"""What is posted instead of the tick at `revenu_fiscal`, without which the service cannot go on."""

RAISED = {
    "one that was not asked": ("openid revenu_fiscal", ("revenu_fiscal", "parts_fiscales"), ("revenu_fiscal",)),
    "one of another service": ("openid revenu_fiscal", ("revenu_fiscal", "retraite"), ("revenu_fiscal",)),
    "one many times": (
        "openid revenu_fiscal points_permis",
        ("revenu_fiscal",) * 50 + ("points_permis",) * 50,
        ("revenu_fiscal", "points_permis"),
    ),
}
"""What the service asks, what is posted beside, and what is agreed to after all."""

# -- all of them ------------------------------------------------------------------------------------------------------

_HINT_RULES = {
    "a critical extension": "oidc.tokens:check_no_critical",
    "alg none": "oidc.tokens:check_algorithm",
    "alg None": "oidc.tokens:check_algorithm",
    "HS256 with our public key as the secret": "oidc.tokens:check_algorithm",
    "five parts": "oidc.tokens:verify_jwt",
}
_PARAMETER_RULES = {
    "client_id twice": "oidc.provider:single",
    "redirect_uri twice": "oidc.provider:single",
    "a hundred parameters": ASKED + "total_size",
    "17 KiB in all": ASKED + "total_size",
    "an address that opens another": "oidc.provider:check_redirect_registered",
}


def _hint(defect: str) -> Attack:
    rule = _HINT_RULES.get(defect, "oidc.tokens:check_signature")
    return Attack("tokens", f"a hint with {defect}", rule, "invalid_request", HERE + "a_forged_hint_is_refused")


def _twice(defect: str) -> Attack:
    rule = _PARAMETER_RULES.get(defect, ASKED + "no_duplicates")
    return Attack("parameters", defect, rule, TWICE[defect][1], HERE + "a_polluted_request_is_refused")


def _instead(defect: str) -> Attack:
    rule = _PARAMETER_RULES.get(defect, ASKED + "sizes")
    return Attack("parameters", defect, rule, INSTEAD[defect][2], HERE + "a_poisoned_value_is_refused")


ATTACKS: tuple[Attack, ...] = (
    # what is sent from here
    *(_hint(defect) for defect in FORGED_HINTS),
    *(_twice(defect) for defect in TWICE),
    *(_instead(defect) for defect in INSTEAD),
    *_each("steps", "broker.flow:Flow", "the step where the journey stands", HERE + "a_step_cannot_be_left_out", *SKIPS),
    *_each("cookies", "broker.web.cookies:FLOW", "as if there were none", HERE + "a_tossed_cookie_opens_nothing", *TOSSED),
    *_each("clickjacking", "broker.web.headers:install", "no frame", HERE + "no_page_can_be_framed", *FRAMED),
    *_each(
        "token in a URL",
        "oidc.token_endpoint:read_access_token",
        "401",
        HERE + "a_token_in_an_address_opens_nothing",
        *TOKENS,
    ),
    *_each(
        "session fixation",
        "broker.flow:Flow",
        "a fresh session secret; the planted one opens nothing",
        HERE + "a_planted_session_secret_is_not_taken_over",
        "a session secret planted before the login",
    ),
    *_each(
        "login CSRF",
        "broker.flow:Flow",
        "the journey is the attacker's own alone",
        HERE + "a_victim_cannot_be_put_into_the_attackers_journey",
        "the attacker's handle in the victim's browser",
    ),
    *_each(
        "open redirect",
        "broker.web.oidc:blueprint",
        "no address of the request is gone to",
        HERE + "no_address_of_ours_sends_people_where_a_stranger_says",
        "next, return_to, url at each of our pages",
    ),
    # what stands elsewhere
    *_each(
        "redirect_uri",
        "oidc.provider:check_redirect_registered",
        "SRV-402, nobody is redirected",
        OIDC + "provider.py::test_only_the_registered_address_counts_character_for_character",
        "a suffix",
        "a path above and back",
        "percent-encoding",
        "a null byte",
        "a line break",
        "another case of the path",
        "another case of the host",
        "the default port",
        "a dot after the host",
        "a user before the host",
        "a fragment",
        "a query more",
        "the host inside another one",
        "a backslash",
        "a letter of another script",
        "http",
        "no scheme",
        "javascript",
        "another service's address",
        "the address of its logout",
    ),
    *_each(
        "response",
        ASKED + "response_type",
        "unsupported_response_type",
        DEFECT,
        "the implicit flow",
        "the hybrid flow",
    ),
    *_each(
        "response",
        ASKED + "response_mode",
        "invalid_request",
        DEFECT,
        "an answer in the fragment",
        "an answer to another window",
    ),
    *_each(
        "response",
        ASKED + "form_can_be_posted",
        "invalid_request in the query",
        OIDC + "provider.py::test_no_form_is_posted_to_an_app",
        "a form for an app's own scheme",
    ),
    *_each(
        "code",
        "broker.relying.tokens:check_grant",
        "invalid_grant, and the token that it gave ends",
        LOGIN + "the_replay_of_a_code_ends_the_token_that_it_gave",
        "a code twice",
    ),
    *_each(
        "code",
        "broker.relying.tokens:check_grant",
        "invalid_grant",
        WEB + "logout.py::test_a_code_is_worth_nothing_after_the_logout",
        "a code after the logout",
    ),
    *_each(
        "code",
        TOKEN + "code_client",
        "invalid_grant",
        LOGIN + "another_service_cannot_use_a_code",
        "a stolen code",
    ),
    *_each(
        "code",
        TOKEN + "code_redirect",
        "invalid_grant",
        OIDC + "token_endpoint.py::test_the_address_is_the_one_of_the_authorization_request",
        "a code injected at another address",
    ),
    *_each(
        "PKCE",
        TOKEN + "code_verifier",
        "invalid_grant",
        OIDC + "token_endpoint.py::test_a_stolen_code_is_worth_nothing_without_the_verifier",
        "no verifier",
        "another verifier",
        "the challenge as the verifier",
    ),
    *_each(
        "PKCE",
        TOKEN + "code_verifier",
        "invalid_grant",
        OIDC + "token_endpoint.py::test_a_verifier_without_a_challenge_before_it_is_a_downgrade",
        "a challenge that was cut out of the request",
    ),
    *_each(
        "PKCE",
        ASKED + "challenge",
        "invalid_request",
        DEFECT,
        "plain",
    ),
    *_each(
        "PKCE",
        ASKED + "public_client_challenge",
        "invalid_request",
        OIDC + "provider.py::test_a_public_client_needs_pkce",
        "a public client without it",
    ),
    *_each(
        "state and nonce",
        "broker.flow:check_state",
        "USR-103",
        LOGIN + "an_answer_to_an_earlier_ask_is_refused",
        "the answer to an earlier ask",
    ),
    *_each(
        "state and nonce",
        "broker.flow:check_state",
        "USR-103",
        LOGIN + "an_answer_at_the_address_of_another_provider_is_refused",
        "mix-up of two providers",
    ),
    *_each(
        "state and nonce",
        "broker.flow:Flow",
        "USR-102",
        LOGIN + "a_stolen_provider_answer_is_worth_nothing_in_another_browser",
        "a provider's answer in another browser",
    ),
    *_each(
        "state and nonce",
        ASKED + "state",
        "invalid_request",
        DEFECT,
        "none",
    ),
    *_each(
        "state and nonce",
        ASKED + "nonce",
        "invalid_request",
        DEFECT,
        "a short nonce",
    ),
    *_each(
        "tokens",
        "oidc.logout:check_hint_client",
        "invalid_request",
        WEB + "claims_parameter.py::test_a_hint_that_is_not_ours_for_this_service_is_refused",
        "a hint of another service",
    ),
    *_each(
        "tokens",
        "oidc.logout:check_hint_ours",
        "invalid_request",
        WEB + "claims_parameter.py::test_a_hint_that_is_not_ours_for_this_service_is_refused",
        "a userinfo as a hint",
    ),
    *_each(
        "tokens",
        "broker.relying.claimed:check_wanted_person",
        "login_required",
        WEB + "claims_parameter.py::test_somebody_else_is_told_so_and_the_service_that_a_login_is_required",
        "another person than the hint's",
    ),
    *_each(
        "tokens",
        "broker.relying.oidc:OidcRelying",
        "the same answer, and nothing ends",
        WEB + "revocation.py::test_what_is_not_the_callers_token_gets_the_same_answer_and_ends_nothing",
        "a stranger's token revoked",
        "a guessed token revoked",
    ),
    *_each(
        "parameters",
        "oidc.claims_request:read_claims",
        "invalid_request",
        OIDC + "claims_request.py::test_a_defect_is_an_invalid_request",
        "a member of claims twice",
        "claims nested past all bounds",
        "half a surrogate pair in claims",
    ),
    *_each(
        "parameters",
        "broker.relying.claimed:noted",
        "left out",
        WEB + "claims_parameter.py::test_the_scopes_granted_count_and_not_the_scopes_asked",
        "claims that no granted scope opens",
    ),
    *_each(
        "parameters",
        ASKED + "scopes_granted",
        "invalid_scope",
        DEFECT,
        "a scope that is not granted",
    ),
    *_each(
        "Unicode",
        "broker.web.posting:refusal_page",
        "back as it was, and no markup",
        WEB + "form_post.py::test_a_state_comes_back_as_it_was_and_writes_no_markup",
        "markup in state",
        "another field in state",
        "right-to-left in state",
        "a template in state",
    ),
    *_each(
        "Unicode",
        ASKED + "openid_scope",
        "invalid_request",
        DEFECT,
        "a space that is none",
    ),
    *_each(
        "Unicode",
        ASKED + "max_age",
        "invalid_request",
        DEFECT,
        "digits",
    ),
    *_each(
        "steps",
        "broker.flow:check_step_token",
        "USR-103",
        LOGIN + "a_stale_step_token_is_refused",
        "a stale token",
    ),
    *_each(
        "steps",
        "broker.web.headers:check_same_site",
        "USR-103",
        LOGIN + "a_form_of_another_site_is_refused",
        "a form of another site",
    ),
    *_each(
        "steps",
        "broker.journey:check_consent",
        "the page once more",
        LOGIN + "a_private_service_gets_nothing_unless_the_box_is_ticked_whatever_the_page_does",
        "no consent",
    ),
    *_each(
        "logout",
        "broker.web.leaving:add_logout",
        "the citizen is asked",
        WEB + "backchannel.py::test_another_site_can_only_have_the_citizen_asked",
        "a link of another site",
        "a form of another site",
    ),
    *_each(
        "logout",
        "broker.web.headers:check_same_site",
        "USR-103",
        WEB + "backchannel.py::test_another_site_cannot_post_the_answer",
        "the answer posted by another site",
    ),
    *_each(
        "logout",
        "broker.logout:Logout",
        "the citizen is asked",
        WEB + "backchannel.py::test_a_stolen_hint_of_another_person_ends_neither_session",
        "a stolen hint of another person",
    ),
    *_each(
        "logout",
        "broker.logout:Logout",
        "the citizen is asked",
        WEB + "backchannel.py::test_a_hint_of_an_earlier_session_of_the_same_person_is_suspect",
        "a hint of another session",
    ),
    *_each(
        "logout",
        "broker.web.leaving:add_logout",
        "nothing is written, nobody is told",
        WEB + "backchannel.py::test_a_logout_without_a_session_writes_nothing",
        "a flood of logouts without a session",
    ),
    *_each(
        "logout",
        "oidc.logout:check_hint_ours",
        "SRV-407",
        WEB + "backchannel.py::test_a_logout_token_is_no_hint",
        "a logout token as a hint",
    ),
    *_each(
        "logout",
        "oidc.assertion:read_assertion",
        "invalid_client",
        WEB + "backchannel.py::test_a_logout_token_proves_no_service_and_opens_nothing",
        "a logout token as a service's assertion",
    ),
    *_each(
        "logout",
        "broker.relying.telling:Telling",
        "told again, and nobody else waits",
        WEB + "backchannel.py::test_a_service_that_fails_is_told_again_and_harms_nobody",
        "a receiver that hangs",
        "a receiver that answers without end",
        "a receiver that sends us into our own network",
    ),
    *_each(
        "logout",
        "oidc.logout_token:check_heard",
        "not followed",
        WEB + "backchannel.py::test_a_redirect_is_not_followed",
        "a receiver that sends us elsewhere",
    ),
    *_each(
        "logout",
        "broker.logout:Logout",
        "the list is shown to this browser, once",
        WEB + "backchannel.py::test_another_browser_cannot_read_it",
        "the address of the list in another browser",
    ),
    *_each("tabs", "broker.flow:Flow", "both log in", LOGIN + "two_tabs_log_in_side_by_side", "two tabs at once"),
    *_each(
        "tabs",
        "broker.flow:Flow",
        "the very same answer",
        LOGIN + "a_provider_answer_that_arrives_twice_does_no_harm",
        "a callback twice",
    ),
    *_each(
        "session fixation",
        "broker.flow:Flow",
        "the old session is gone",
        WEB + "sso.py::test_the_old_session_is_gone_after_a_new_authentication",
        "the session of before",
    ),
    *_each(
        "consent to data",
        "broker.journey:check_data",
        "400, nothing is sent, nobody is signed in",
        WEB + "data_consent.py::test_the_word_for_a_necessary_one_cannot_be_skipped_by_posting_something_else",
        *SKIPPED,
    ),
    *_each(
        "consent to data",
        "broker.agreements:deliverable",
        "what was asked, and no more",
        WEB + "data_consent.py::test_posting_more_than_was_asked_gives_no_more",
        *RAISED,
    ),
    *_each(
        "consent to data",
        ASKED + "scopes_granted",
        "invalid_scope",
        WEB + "data_consent.py::test_a_scope_that_the_service_was_not_granted_is_refused_before_anybody_is_asked",
        "data that another service may ask for",
    ),
    *_each(
        "consent to data",
        "broker.web.journey:blueprint",
        "no tick",
        WEB + "data_consent.py::test_no_address_ticks_a_box",
        "ticks in the address of the page",
    ),
    *_each(
        "consent to data",
        "broker.flow:Flow",
        "the very same answer",
        WEB + "data_consent.py::test_a_replayed_confirmation_adds_nothing",
        "more ticks in a confirmation that is replayed",
    ),
    *_each(
        "consent to data",
        "broker.flow:check_step_token",
        "USR-103",
        WEB + "data_consent.py::test_the_step_token_of_another_journey_agrees_to_nothing",
        "ticks with the token of another journey",
    ),
    *_each(
        "withdrawal",
        "broker.agreements:check_withdrawal_token",
        "USR-103",
        WEB + "agreements.py::test_a_form_that_is_not_of_our_page_withdraws_nothing",
        "no token",
        "a token that was guessed",
        "a token of other letters",
        "a token of a null byte",
    ),
    *_each(
        "withdrawal",
        "broker.agreements:check_withdrawal_token",
        "USR-103",
        WEB + "agreements.py::test_the_token_of_another_session_withdraws_nothing",
        "the token of another session",
    ),
    *_each(
        "withdrawal",
        "broker.agreements:Agreements",
        "nothing is withdrawn",
        WEB + "agreements.py::test_another_browser_withdraws_nothing_of_the_citizens_even_with_his_token",
        "a token that was stolen, without the cookie",
        "a token that was stolen, with a session of one's own",
    ),
    *_each(
        "withdrawal",
        "broker.web.headers:check_same_site",
        "USR-103",
        WEB + "agreements.py::test_another_site_cannot_withdraw",
        "a post of another site with the right token",
    ),
    *_each(
        "session fixation",
        "broker.flow:Flow",
        "a session sees its own agreements alone",
        WEB + "agreements.py::test_a_planted_session_shows_and_withdraws_nothing_of_the_citizen",
        "a session planted before somebody agrees to data",
    ),
    *_each(
        "code",
        "oidc.id_token:check_nonce",
        "the choice page, FI-203",
        HERE + "a_code_of_another_login_proves_nobody",
        "a code of another tab in this tab's answer",
        "a code of the attacker in the victim's answer",
    ),
    *_each(
        "tabs",
        "broker.flow:Flow",
        "one release",
        HERE + "one_answer_that_arrives_eight_times_at_once_proves_once",
        "one callback eight times in the same moment",
    ),
    *_each(
        "request object",
        "broker.relying.once:spend",
        "SRV-411, nobody is redirected",
        WEB + "signed_requests.py::test_an_object_with_a_jti_counts_once",
        "a request object twice",
    ),
    *_each(
        "request object",
        "broker.relying.once:spend",
        "SRV-411, nobody is redirected",
        WEB + "signed_requests.py::test_an_object_that_was_pushed_counts_nowhere_else",
        "a pushed request object once more",
    ),
    *_each(
        "PAR",
        "broker.relying.asking:Asking",
        "SRV-410, nobody is redirected",
        WEB + "pushed.py::test_a_name_counts_once",
        "a pushed name twice",
    ),
    *_each(
        "PAR",
        "broker.relying.asking:Asking",
        "SRV-410, nobody is redirected",
        WEB + "pushed.py::test_a_name_is_worth_nothing_after_a_minute",
        "a pushed name after a minute",
    ),
    *_each(
        "PAR",
        "broker.relying.asking:Asking",
        "one login in all",
        WEB + "pushed.py::test_a_name_that_another_browser_stole_is_worth_one_login_in_all",
        "a pushed name in a thief's browser",
    ),
    *_each(
        "PAR",
        "oidc.pushed:check_pushed_for",
        "SRV-410, and the name is not used up",
        WEB + "pushed.py::test_another_service_cannot_use_a_name_nor_use_it_up",
        "a pushed name of another service",
    ),
    *_each(
        "client assertion",
        "broker.relying.once:spend",
        "invalid_client, TOK-604",
        WEB + "client_keys.py::test_an_assertion_counts_once_whatever_became_of_the_request",
        "an assertion twice",
    ),
    *_each(
        "client assertion",
        "broker.relying.once:spend",
        "invalid_client, TOK-604",
        WEB + "client_keys.py::test_an_assertion_that_was_used_at_one_address_is_worth_nothing_at_another",
        "an assertion at a second address",
    ),
    *_each(
        "client assertion",
        "broker.relying.once:spend",
        "invalid_client, TOK-604",
        WEB + "client_keys.py::test_the_same_jti_in_another_assertion_is_a_second_use",
        "the jti of an assertion in another one",
    ),
    *_each(
        "logout",
        "broker.logout:check_exit_token",
        "USR-103",
        WEB + "logout.py::test_a_forged_logout_form_ends_nothing",
        "a forged form of the logout",
    ),
    *_each(
        "checking a token",
        "broker.relying.checking:Checking",
        "inactive and nothing more",
        WEB + "checktoken_attacks.py::test_what_is_not_good_here_is_inactive_and_nothing_more",
        *STRANGE,
    ),
    *_each(
        "telling tokens apart by the time",
        "broker.relying.tokens:nobodys",
        "the same work",
        WEB + "checktoken_attacks.py::test_whatever_is_not_good_is_as_much_work_as_what_never_was",
        *STRANGE,
    ),
    *_each(
        "raising what was agreed to",
        "broker.relying.data:allowed_today",
        "inactive at once",
        WEB + "checktoken_attacks.py::test_what_the_operator_takes_away_is_inactive_at_once",
        *TAKEN_AWAY,
    ),
    *_each(
        "raising what was agreed to",
        "broker.relying.data:releases",
        "what was agreed to alone",
        WEB + "checktoken_attacks.py::test_a_scope_that_is_granted_later_was_not_agreed_to",
        "a scope that is granted after the consent",
    ),
    *_each(
        "raising what was agreed to",
        "broker.relying.data:allowed_today",
        "neither is told",
        WEB + "checktoken_attacks.py::test_neither_a_claim_that_it_is_entitled_to_later_is_told_nor_one_of_before",
        "a claim that is entitled after the consent",
        "a claim that was entitled before",
    ),
    *_each(
        "credentials of somebody else",
        "broker.relying.authentication:Authentication",
        "invalid_client",
        WEB + "checktoken_attacks.py::test_a_service_cannot_check_its_own_token",
        "a service at /checktoken",
    ),
    *_each(
        "credentials of somebody else",
        "broker.relying.authentication:Authentication",
        "invalid_client",
        WEB + "checktoken.py::test_a_data_provider_is_no_service",
        "a data provider at /token",
        "a data provider at /par",
        "a data provider at /token/revocation",
    ),
    *_each(
        "credentials of somebody else",
        "broker.relying.checking:Checking",
        "what that one may know",
        WEB + "checktoken_attacks.py::test_anothers_credentials_get_what_the_other_may_know_and_no_more",
        "another data provider with the token of a resource",
    ),
    *_each(
        "token in a URL",
        "oidc.introspection:check_nothing_in_address",
        "invalid_request",
        WEB + "checktoken.py::test_a_token_in_the_address_is_refused",
        "a token in the address of /checktoken",
    ),
    *_each(
        "a data provider at userinfo",
        "broker.relying.opening:check_not_at_data_provider",
        "invalid_token",
        WEB + "checktoken_attacks.py::test_a_data_provider_gets_no_userinfo_by_a_token_that_it_has_checked",
        "after its check",
    ),
    *_each(
        "a data provider at userinfo",
        "broker.relying.opening:check_for_userinfo",
        "invalid_token",
        WEB + "checktoken.py::test_a_token_for_a_resource_opens_no_userinfo_even_before_it_was_checked",
        "with the token of its resource, before a check",
    ),
    *_each(
        "answers in the clear",
        "broker.relying.checking:Checking",
        "an encrypted one",
        WEB + "checktoken.py::test_who_wants_encrypted_answers_gets_no_other",
        "JSON asked of one who has a key",
    ),
    *_each(
        "a stolen token",
        "oidc.dpop:read_use",
        "401",
        WEB + "dpop.py::test_a_stolen_token_opens_nothing",
        *STOLEN,
    ),
    *_each(
        "a stolen token",
        "broker.relying.once:spend_proof",
        "invalid_dpop_proof",
        WEB + "dpop.py::test_a_proof_that_was_overheard_counts_once",
        "a proof that was overheard",
    ),
    *_each(
        "a wrong proof",
        "oidc.dpop:read_proof",
        "invalid_dpop_proof",
        WEB + "dpop.py::test_a_wrong_proof_gets_no_token_and_the_code_stays",
        *BAD_PROOFS,
    ),
    *_each(
        "a stolen code",
        "oidc.token_endpoint:check_code_key",
        "invalid_grant",
        WEB + "dpop.py::test_a_code_that_is_bound_is_changed_with_its_key_alone",
        "a bound code without a proof",
        "a bound code with another key",
    ),
    *_each(
        "asking too often",
        "broker.relying.rates:Rates",
        "429",
        "tests/broker/test_rates.py::test_who_asks_too_often_is_told_when_he_may_again",
        "more than was agreed in a minute",
    ),
)
