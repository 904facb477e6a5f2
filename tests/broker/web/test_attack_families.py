"""Every family of attacks that a security tester would try is there, as cases that are data; each pair counts once.

The tables stand beside the rules that they try. Here they are put together and counted, and each family names some of its
cases by rule and defect: one that goes, or is renamed, is missed here.
"""

import importlib
from collections.abc import Iterable, Iterator

import pytest

from tests.broker.web import (
    test_client_keys,
    test_forged_posts,
    test_logout_abused,
    test_pushed,
    test_reflected,
    test_signed_requests,
)
from tests.broker.web.attacks import ATTACKS
from tests.oidc import test_assertion, test_request_object
from tests.oidc.attacks import ATTACKS as RELYING

Pair = tuple[str, str]


def tables() -> Iterator[Iterable[Pair]]:
    """Every table, as pairs of the rule's own name and the defect."""
    yield ((attack.rule.rpartition(":")[2], attack.defect) for attack in ATTACKS)
    yield ((attack.rule, attack.defect) for attack in RELYING)
    for rows in (test_assertion.CLAIM_ATTACKS, test_assertion.HEADER_ATTACKS, test_request_object.ATTACKS):
        yield ((row[0], row[1]) for row in rows)
    yield from (test_pushed.ATTACKS, test_signed_requests.ATTACKS, test_client_keys.ATTACKS)
    for path in test_forged_posts.OURS:
        yield (("check_same_site", f"{site} posts {path}") for site in test_forged_posts.SITES)
        yield (("check_step_token", f"{token} at {path}") for token in test_forged_posts.TOKENS)
    for place in test_reflected.PLACES:
        yield (("escaped", f"{trick} in {place}") for trick in test_reflected.TRICKS)
    yield (("end_session", defect) for defect in test_logout_abused.ASKED)


PAIRS = frozenset(pair for table in tables() for pair in table)
FAMILIES: dict[str, tuple[Pair, ...]] = {
    "code replay": (("check_grant", "a code twice"), ("check_grant", "a code after the logout")),
    "code injection and substitution": (
        ("check_code_client", "a stolen code"),
        ("check_code_redirect", "a code injected at another address"),
        ("check_nonce", "a code of another tab in this tab's answer"),
    ),
    "redirect_uri: suffix": (("check_redirect_registered", "a suffix"), ("check_redirect_registered", "a longer path")),
    "redirect_uri: case": (
        ("check_redirect_registered", "another case of the path"),
        ("check_redirect_registered", "another case of the host"),
    ),
    "redirect_uri: userinfo": (("check_redirect_registered", "a user before the host"),),
    "redirect_uri: fragment": (("check_redirect_registered", "a fragment"),),
    "redirect_uri: encoding": (
        ("check_redirect_registered", "percent-encoding"),
        ("check_redirect_registered", "a null byte"),
        ("check_redirect_registered", "a backslash"),
    ),
    "redirect_uri: port": (("check_redirect_registered", "the default port"),),
    "open redirect": (
        ("check_redirect_registered", "an address that opens another"),
        ("blueprint", "next, return_to, url at each of our pages"),
    ),
    "PKCE downgrade": (
        ("check_code_verifier", "a challenge that was cut out of the request"),
        ("check_challenge", "plain"),
        ("check_public_client_challenge", "a public client without it"),
    ),
    "PKCE mismatch": (
        ("check_code_verifier", "another verifier"),
        ("check_code_verifier", "the challenge as the verifier"),
    ),
    "state swap": (("check_state", "the answer to an earlier ask"), ("check_callback_state", "the nonce in its place")),
    "nonce swap": (("check_nonce", "the state in its place"), ("check_nonce", "a list with the right one")),
    "mix-up": (
        ("check_state", "mix-up of two providers"),
        ("check_callback_issuer", "an error of another provider"),
        ("check_callback_issuer", "a letter of another alphabet"),
    ),
    "alg none": (
        ("check_algorithm", "a hint with alg none"),
        ("check_algorithm", "none"),
        ("check_algorithm", "no signature"),
    ),
    "alg confusion": (
        ("check_algorithm", "a hint with HS256 with our public key as the secret"),
        ("check_algorithm", "the public key as a secret"),
        ("check_signature", "a hint with RS256 said over a signature of ES256"),
    ),
    "kid injection": (("check_signature", "a hint with a kid that is a path"), ("check_header", "a list as kid")),
    "jku injection": (
        ("check_signature", "a hint with a key of its own behind jku"),
        ("check_signature", "an address of keys (jku)"),
    ),
    "x5c": (("check_signature", "a hint with a key of its own in x5c"), ("check_signature", "a chain in the header (x5c)")),
    "crit": (("check_no_critical", "a hint with a critical extension"), ("check_no_critical", "an unknown extension")),
    "expired tokens": (
        ("check_times", "sealed for us, expired"),
        ("check_lifetime", "expired"),
        ("check_object_times", "expired"),
    ),
    "future tokens": (
        ("check_already_valid", "signed in the future"),
        ("check_object_times", "valid in the future"),
        ("check_times", "an exp that is infinite"),
    ),
    "foreign tokens": (
        ("check_audience", "sealed for us, meant for another"),
        ("check_token_issuer", "its host in capitals"),
        ("check_hint_client", "a hint of another service"),
    ),
    "request-object replay": (("spend", "a request object twice"), ("spend", "a pushed request object once more")),
    "PAR reuse": (("Asking", "a pushed name twice"), ("Asking", "a pushed name after a minute")),
    "PAR theft": (
        ("check_pushed_for", "a pushed name of another service"),
        ("Asking", "a pushed name in a thief's browser"),
    ),
    "client assertion replay": (
        ("spend", "an assertion twice"),
        ("spend", "an assertion at a second address"),
        ("spend", "the jti of an assertion in another one"),
    ),
    "client assertion, wrong audience": (
        ("check_single_audience", "the authorization endpoint"),
        ("check_single_audience", "another server beside us"),
        ("check_single_audience", "an assertion for /par at the token endpoint"),
    ),
    "userinfo sub mismatch": (
        ("check_same_subject", "another person sealed for us"),
        ("check_audience", "another client's ID token as userinfo"),
    ),
    "token in a URL": (
        ("read_access_token", "in the address of userinfo"),
        ("read_access_token", "in the address of a post"),
        ("check_nothing_in_address", "a token in the address of /checktoken"),
    ),
    "cross-site request forgery on each post": tuple(
        pair
        for path in test_forged_posts.OURS
        for pair in (
            ("check_same_site", f"another site posts {path}"),
            ("check_step_token", f"no token at {path}"),
            ("check_step_token", f"a guessed token at {path}"),
        )
    ),
    "step skipping": (
        ("Flow", "the confirmation before a proof, by hand"),
        ("Flow", "an answer that no provider was asked for"),
        ("check_consent", "no consent"),
    ),
    "session fixation": (("Flow", "a session secret planted before the login"), ("Flow", "the session of before")),
    "parallel callbacks in two tabs": (
        ("Flow", "two tabs at once"),
        ("Flow", "a callback twice"),
        ("Flow", "one callback eight times in the same moment"),
    ),
    "parameter duplication": (
        ("single", "client_id twice"),
        ("check_no_duplicates", "nonce twice"),
        ("check_callback_single", "two iss, the right one last"),
        ("check_once", "two sub"),
    ),
    "parameter pollution": (("check_total_size", "a hundred parameters"), ("read_claims", "a member of claims twice")),
    "over-long input": (
        ("check_total_size", "17 KiB in all"),
        ("check_sizes", "a parameter of 5000 letters"),
        ("check_length", "an endless token"),
        ("check_sealed_length", "40 KiB"),
    ),
    "Unicode tricks in every reflected value": tuple(
        ("escaped", f"an override of direction in {place}") for place in test_reflected.PLACES
    ),
    "header injection": (("check_sizes", "a header in state"), ("check_sizes", "a header in login_hint")),
    "clickjacking": (("install", "the confirmation"), ("install", "the choice")),
    "cookie tossing from a sibling host": (("FLOW", "without the prefix"), ("FLOW", "of 4000 letters")),
    "logout as a denial of service": (
        ("end_session", "an image of the logout in a page"),
        ("end_session", "the hint of another person"),
        ("end_session", "a hint that was issued to another service"),
        ("check_exit_token", "a forged form of the logout"),
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_attacks_has_its_cases(family: str) -> None:
    assert [pair for pair in FAMILIES[family] if pair not in PAIRS] == []


def test_the_cases_are_many_and_each_pair_counts_once() -> None:
    assert len(PAIRS) >= 400
    assert len({pair for pair in PAIRS if pair[0].startswith("check_")}) >= 200


# -- what the table names is what its test holds ----------------------------------------------------------------------

RENAMED = {
    "plain": "a plain challenge",
    "none": "no state",
    "a short nonce": "a nonce of 21",
    "a space that is none": "openid with a space that is none",
    "digits": "an age in Arabic digits",
    "a member of claims twice": "a member twice",
    "claims nested past all bounds": "nested past all bounds",
    "half a surrogate pair in claims": "half a surrogate pair",
    "a hint of another service": "of another service",
    "a userinfo as a hint": "a userinfo",
    "a stranger's token revoked": "another service's",
    "a guessed token revoked": "unknown",
    "markup in state": "markup",
    "another field in state": "another field",
    "right-to-left in state": "right to left",
    "a template in state": "template",
    "next, return_to, url at each of our pages": "next",
    "a form of another site": "POST",
    "a link of another site": "GET",
    "no token": "",
    "a token that was guessed": "guessed",
    "sends us into our own network": "leads into a private network",
    "a token of other letters": "é",
    "a token of a null byte": "\x00",
}
"""How a defect is called among the cases of its test, where the table has more to say."""
TOGETHER = frozenset(
    ("a token that was stolen, without the cookie", "a token that was stolen, with a session of one's own")
)
"""Two that one test sends one after the other."""


def ids_of(held: str) -> set[str] | None:
    """The ids of the cases of a test; None where it has one case alone."""
    file, _, name = held.partition("::")
    test = getattr(importlib.import_module(file.removesuffix(".py").replace("/", ".")), name)
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    ids = [one for mark in marks for one in (mark.kwargs.get("ids") or mark.args[1])]
    return {str(one) for one in ids} if marks else None


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.rule}: {attack.defect}")
def test_an_attack_of_the_table_is_a_case_of_the_test_that_holds_it(attack) -> None:
    ids, others = ids_of(attack.held), [one for one in ATTACKS if one.held == attack.held]
    defect = attack.defect.removeprefix("a hint with ").removeprefix("a receiver that ")
    if ids is None:
        assert others == [attack] or {one.defect for one in others} == TOGETHER
    else:
        assert RENAMED.get(defect, defect) in ids
