"""The rules of an authorization request, one function each: `RULES`, in the order in which they are asked.

Sources: RFC 6749, RFC 7636, RFC 9126, RFC 9101, RFC 9449, RFC 8707, OpenID Connect Core 3.1.2, and FranceConnect v2 for the
mandatory nonce and idp_hint.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from oidc import resources
from oidc.answering import FORM_POST, QUERY, takes_posts
from oidc.claims_request import ClaimsRequest, check_reachable_acr, read_claims
from oidc.dpop import THUMBPRINT
from oidc.errors import OAuthError
from oidc.logout import check_hint_client, check_hint_ours
from oidc.messages import LEVELS, Client, Params

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43,128}")
_PROMPTS = frozenset(("none", "login", "consent", "select_account"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST, _LONG, _LARGEST, _MOST = 2048, 4096, 16_384, 100
_LARGE = frozenset(("claims", "id_token_hint"))
NONCE_LENGTH, _LONGEST_NONCE = 22, 512


@dataclass(frozen=True, slots=True)
class Policy:
    """What this provider knows: its scopes, its levels from the lowest up, and what it signed itself: `own_token` gives the
    claims of such a token, however old, and None for any other.
    """

    known_scopes: frozenset[str]
    levels: tuple[str, ...] = LEVELS
    own_token: Callable[[str], Mapping[str, Any] | None] = lambda _token: None


@dataclass(frozen=True)  # without slots: what several rules look at is read once, and kept in the instance
class Asked:
    """A request under examination: its parameters, the proven client, what we know, and how it came.

    `get` of what is absent is "".
    """

    params: Params
    client: Client
    policy: Policy
    pushed: bool = False
    signed: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that we know and this client may ask for, from the lowest up."""
        return tuple(level for level in self.policy.levels if level in self.client.levels)

    @cached_property
    def claims(self) -> ClaimsRequest:
        """The claims that are asked for one by one. Raises OAuthError."""
        return read_claims(self.get("claims"))

    @cached_property
    def hinted(self) -> Mapping[str, Any] | None:
        """The claims of the token in id_token_hint, if it is one that we signed."""
        return self.policy.own_token(self.get("id_token_hint"))

    @property
    def subjects(self) -> frozenset[str] | None:
        """The subs of which one is wanted, by id_token_hint and by claims; None when neither names any."""
        named = self.claims.subjects
        if not self.get("id_token_hint"):
            return named
        hinted = frozenset((str((self.hinted or {}).get("sub")),))
        return hinted if named is None else hinted & named

    def get(self, name: str) -> str:
        """The first value of a parameter; an empty one counts as absent (RFC 6749 3.1)."""
        return next((value for key, value in self.params if key == name), "")

    def each(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may stand several times, each once, in order, without empty ones."""
        return tuple(dict.fromkeys(value for key, value in self.params if key == name and value))

    def words(self, name: str) -> tuple[str, ...]:
        """The space-separated words of a parameter, each once, in order."""
        return tuple(dict.fromkeys(word for word in self.get(name).split(" ") if word))


# -- the rules --------------------------------------------------------------------------------------------------------


def check_total_size(asked: Asked) -> None:
    """A request has at most 100 parameters and 16 KiB: what a stranger can make us do is bounded."""
    if len(asked.params) > _MOST or sum(len(name) + len(value) for name, value in asked.params) > _LARGEST:
        raise OAuthError("invalid_request", "the request is too large")


def check_no_duplicates(asked: Asked) -> None:
    """RFC 6749 3.1: a parameter must not stand twice; of resources there may be several (RFC 8707 2)."""
    for name, times in Counter(name for name, _ in asked.params).items():
        if times > 1 and name != resources.PARAMETER:
            raise OAuthError("invalid_request", f"parameter {_printable(name)} is sent more than once")


def check_sizes(asked: Asked) -> None:
    """No parameter is longer than 2048 characters (a token or a list of claims 4096), nor has control characters."""
    for name, value in asked.params:
        if len(value) > (_LONG if name in _LARGE else _LONGEST) or _CONTROL.search(value):
            raise OAuthError("invalid_request", f"parameter {_printable(name)} is too long or has control characters")


def check_no_request_object(asked: Asked) -> None:
    """OpenID Connect Core 6: what we do not support, or not of this service, is named by its own error."""
    for name, (error, description) in _UNSUPPORTED.items():
        if asked.get(name):
            raise OAuthError(error, description)


_UNSUPPORTED = {
    "request": ("request_not_supported", "request is not supported for this service: it has no keys registered"),
    "request_uri": ("request_uri_not_supported", "request_uri is not supported, but for one that our /par has given"),
    "registration": ("registration_not_supported", "registration is not supported"),
}


def check_pushed_if_promised(asked: Asked) -> None:
    """RFC 9126 6: a service that pushes its requests has no other; what a browser says in its name is not its word."""
    if asked.client.only_pushed and not asked.pushed:
        raise OAuthError("invalid_request", "this service must push its requests to /par, and send request_uri here")


def check_signed_if_promised(asked: Asked) -> None:
    """RFC 9101 10.5: of a service that signs its requests no other counts; leaving out the signature is a downgrade."""
    if asked.client.only_signed and not asked.signed:
        raise OAuthError("invalid_request", "this service must sign its requests: send them in the parameter request")


def check_response_type(asked: Asked) -> None:
    """Only the code flow exists (RFC 9700 2.1.2)."""
    if not asked.get("response_type"):
        raise OAuthError("invalid_request", "response_type is missing: it must be code")
    if asked.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")


def check_response_mode(asked: Asked) -> None:
    """OAuth 2.0 Multiple Response Types 2.1, Form Post Response Mode 2: an answer comes in the query, or in a form."""
    if asked.get("response_mode") not in ("", QUERY, FORM_POST):
        raise OAuthError("invalid_request", "response_mode must be query or form_post, or absent")


def check_form_can_be_posted(asked: Asked) -> None:
    """Form Post Response Mode 2: a form is posted over HTTP; an app's own scheme takes none."""
    if asked.get("response_mode") == FORM_POST and not takes_posts(asked.get("redirect_uri")):
        raise OAuthError("invalid_request", "response_mode form_post needs a redirect_uri of the web")


def check_openid_scope(asked: Asked) -> None:
    """OpenID Connect Core 3.1.2.1: scope must hold openid."""
    if "openid" not in asked.words("scope"):
        raise OAuthError("invalid_request", "scope must contain openid")


def check_scopes_granted(asked: Asked) -> None:
    """FranceConnect: a scope that exists and was not granted is an error; one that does not exist is ignored."""
    for scope in asked.words("scope"):
        if scope in asked.policy.known_scopes and scope not in asked.client.scopes:
            granted = " ".join(sorted(asked.client.scopes))
            raise OAuthError("invalid_scope", f"scope {scope} is not granted to this service; granted: {granted}")


def check_state(asked: Asked) -> None:
    """FranceConnect: state is mandatory (RFC 6749 10.12)."""
    if not asked.get("state"):
        raise OAuthError("invalid_request", "state is missing: it is mandatory, random, new for each login")


def check_nonce(asked: Asked) -> None:
    """FranceConnect v2: nonce is mandatory and has at least 22 characters; ours has at most 512."""
    length = len(asked.get("nonce"))
    if not length:
        raise OAuthError(
            "invalid_request",
            f"nonce is missing: it is mandatory, at least {NONCE_LENGTH} characters, new for each login",
        )
    if length < NONCE_LENGTH:
        raise OAuthError("invalid_request", f"nonce has {length} characters: use at least {NONCE_LENGTH} random ones")
    if length > _LONGEST_NONCE:
        raise OAuthError("invalid_request", f"nonce has {length} characters: use at most {_LONGEST_NONCE}")


def check_prompt(asked: Asked) -> None:
    """OpenID Connect Core 3.1.2.1: four values, and none stands alone."""
    prompt = asked.words("prompt")
    if not _PROMPTS.issuperset(prompt):
        raise OAuthError("invalid_request", "prompt must be of none, login, consent, select_account")
    if "none" in prompt and len(prompt) > 1:
        raise OAuthError("invalid_request", "prompt none cannot be combined with another value")


def check_max_age(asked: Asked) -> None:
    """OpenID Connect Core 3.1.2.1: a number of seconds."""
    max_age = asked.get("max_age")
    if max_age and not (max_age.isascii() and max_age.isdigit() and len(max_age) <= 9):
        raise OAuthError("invalid_request", "max_age must be a whole number of seconds")


def check_claims(asked: Asked) -> None:
    """OpenID Connect Core 5.5: claims is what the section says, and an essential acr is one that can be reached."""
    check_reachable_acr(asked.claims, asked.levels)


def check_levels_granted(asked: Asked) -> None:
    """FranceConnect: a level that exists and was not granted is an error, unless another one is asked beside it."""
    known = [acr for acr in asked.words("acr_values") if acr in asked.policy.levels]
    if known and not set(known).intersection(asked.levels):
        granted = " ".join(asked.levels)
        raise OAuthError("invalid_request", f"acr_values {known[0]} is not granted to this service; granted: {granted}")


def check_hint(asked: Asked) -> None:
    """OpenID Connect Core 3.1.2.1: id_token_hint is an ID token that we issued to this client; it may have expired."""
    if asked.get("id_token_hint"):
        check_hint_ours(asked.hinted)
        check_hint_client((asked.hinted or {}).get("aud"), asked.client)


def check_one_person(asked: Asked) -> None:
    """OpenID Connect Core 3.1.2.2: who is wanted by the hint and by claims at once must be one person."""
    if asked.subjects == frozenset():
        raise OAuthError("login_required", "id_token_hint and claims want different persons: nobody can be both")


def check_challenge(asked: Asked) -> None:
    """RFC 7636 4.2 and 4.3: S256 alone; plain protects nobody, and no method means plain."""
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if not challenge and not method:
        return
    if method != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "code_challenge must be 43 to 128 characters of base64url")


def check_public_client_challenge(asked: Asked) -> None:
    """RFC 9700 2.1.1: a client without a secret must use PKCE."""
    if asked.client.public and not asked.get("code_challenge"):
        raise OAuthError("invalid_request", "code_challenge is mandatory for a public client")


def check_key_named(asked: Asked) -> None:
    """RFC 9449 10: dpop_jkt is the thumbprint of a key, as RFC 7638 writes it with SHA-256."""
    named = asked.get("dpop_jkt")
    if named and not THUMBPRINT.fullmatch(named):
        raise OAuthError("invalid_request", "dpop_jkt must be a thumbprint by SHA-256: 43 characters of base64url")


def check_resources_registered(asked: Asked) -> None:
    """RFC 8707 2: each resource is one of the data providers that this service may ask."""
    resources.check_resources(asked.each(resources.PARAMETER), asked.client.resources)


def check_idp_hint(asked: Asked) -> None:
    """FranceConnect: idp_hint is one of the values allowed for the service."""
    hint = asked.get("idp_hint")
    if hint and hint not in asked.client.idp_hints:
        raise OAuthError("invalid_idp_hint", "idp_hint is not one of the values allowed for this service")


RULES = (
    check_total_size,
    check_no_duplicates,
    check_no_request_object,  # before the sizes: a request object is long, and its own error says more
    check_pushed_if_promised,
    check_signed_if_promised,
    check_sizes,
    check_response_type,
    check_response_mode,
    check_form_can_be_posted,
    check_openid_scope,
    check_scopes_granted,
    check_state,
    check_nonce,
    check_prompt,
    check_max_age,
    check_claims,
    check_levels_granted,
    check_hint,
    check_one_person,
    check_challenge,
    check_public_client_challenge,
    check_key_named,
    check_resources_registered,
    check_idp_hint,
)


def _printable(name: str) -> str:
    """Of a stranger's word, what RFC 6749 4.1.2.1 lets into a description, and nobody could mistake for ours."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", name[:40])
