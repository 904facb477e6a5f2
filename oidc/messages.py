"""The messages of both roles, as frozen values: nothing here was received that has not been checked by a reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oidc.claims_request import ClaimsRequest

Params = Sequence[tuple[str, str]]
"""Decoded name-value pairs, in the order received, duplicates kept."""


LEVELS = ("eidas1", "eidas2", "eidas3")
"""The values of acr, from the lowest up."""


@dataclass(frozen=True, slots=True)
class Client:
    """What a service has registered (RFC 7591 section 2). `scopes` and `levels` are those granted to it.

    `authentication` is a subset of client_secret_basic, client_secret_post, private_key_jwt, none; a public client has
    {"none"}. `signing_algorithms` are those of what it signs itself, none when it has no keys. `only_pushed`: it must push
    its requests (RFC 9126 6). `only_signed`: it must sign them (RFC 9101 10.5). `resources` are those of the data providers
    that it may ask (RFC 8707).
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    authentication: frozenset[str]
    idp_hints: frozenset[str] = frozenset()
    levels: tuple[str, ...] = LEVELS
    signing_algorithms: frozenset[str] = frozenset()
    only_pushed: bool = False
    only_signed: bool = False
    resources: frozenset[str] = frozenset()

    @property
    def public(self) -> bool:
        """Whether it may come without a secret (RFC 6749 2.1): then only PKCE binds the code to it."""
        return "none" in self.authentication


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A checked request (OpenID Connect Core 3.1.2.1).

    `scopes` are known and granted, in the order asked, each once; `acr_values` are the known ones, asked in either way;
    `needed_acr` are those of which one must be reached. `subjects` are the subs of which one is wanted, None for anybody.
    `resources` are those that its token may be for, each once; `dpop_jkt` is the thumbprint of the key to which the code
    will be bound, "" for none. What may name a person is not shown.
    """

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    acr_values: tuple[str, ...] = ()
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    ui_locales: tuple[str, ...] = ()
    idp_hint: str | None = None
    login_hint: str | None = field(default=None, repr=False)
    code_challenge: str | None = None
    response_mode: str = "query"
    claims: ClaimsRequest = field(default_factory=ClaimsRequest, repr=False)
    subjects: frozenset[str] | None = field(default=None, repr=False)
    needed_acr: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    dpop_jkt: str = ""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What the relying side wants fetched; the caller fetches."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
