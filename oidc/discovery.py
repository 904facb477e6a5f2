"""Metadata of providers (OpenID Connect Discovery 1.0): reading theirs, writing ours."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from oidc.encryption import CONTENT, WRAPPINGS
from oidc.errors import BadAnswer
from oidc.tokens import ALGORITHMS
from oidc.wire import read_object

_ADDRESS = re.compile(r"[!-~]{1,2048}")  # visible ASCII: urlsplit would drop line breaks without a word


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What we need to know of a provider. `iss_in_answer`: it promises `iss` in each answer (RFC 9207); `pushed_required`:
    it takes requests by PAR alone (RFC 9126).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    iss_in_answer: bool = False
    pushed_authorization_request_endpoint: str | None = None
    pushed_required: bool = False


_NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_OPTIONAL = ("end_session_endpoint", "pushed_authorization_request_endpoint")


def read_discovery(document: bytes, issuer: str, *, allow_http: bool = False) -> ProviderMetadata:
    """The metadata in a discovery document of `issuer`. Raises BadAnswer. `allow_http` is for the sandbox."""
    members = read_object(document, "the discovery document")
    check_issuer(members.get("issuer"), issuer)
    urls = {name: members.get(name) for name in _NEEDED}
    offered = {name: members[name] for name in _OPTIONAL if members.get(name)}
    for name, url in {**urls, **offered}.items():
        check_endpoint(name, url, allow_http)
    return ProviderMetadata(
        issuer=issuer,
        **{name: str(url) for name, url in {**urls, **offered}.items()},
        iss_in_answer=members.get("authorization_response_iss_parameter_supported") is True,
        pushed_required=members.get("require_pushed_authorization_requests") is True,
    )


def check_issuer(stated: object, issuer: str) -> None:
    """OpenID Connect Discovery 4.3: the document speaks for the issuer that was asked, character for character."""
    if stated != issuer:
        raise BadAnswer("the discovery document is of another issuer")


def check_endpoint(name: str, url: object, allow_http: bool) -> None:
    """OpenID Connect Discovery 3: endpoints are https addresses, without a fragment (RFC 6749 3.1) or a user."""
    if not _is_address(url, ("https", "http") if allow_http else ("https",)):
        raise BadAnswer(f"the discovery document has no https address for {name}")


def _is_address(url: object, schemes: Collection[str]) -> bool:
    if not isinstance(url, str) or not _ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # reading a port that is no number raises
    except ValueError:
        return False
    return bool(host) and parts.scheme in schemes and "#" not in url and "@" not in parts.netloc


AUTHENTICATION = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
"""How services may say who they are, wherever they call us themselves."""
_OF_DATA_PROVIDERS = AUTHENTICATION[:-1]  # nobody may check tokens without saying who he is


def discovery_document(
    issuer: str,
    *,
    scopes: Collection[str],
    claims: Collection[str],
    acr_values: Collection[str],
    algorithms: Collection[str],
    ui_locales: Collection[str],
    only_pushed: bool = False,
    only_signed: bool = False,
    data_providers: bool = False,
) -> dict[str, object]:
    """Our own metadata, FranceConnect's members first. Paths are FranceConnect v2's.

    `only_pushed` and `only_signed`: whether every service must push, or sign, its requests. `data_providers`: whether there
    is anybody who may check tokens.
    """
    signing = sorted(ALGORITHMS)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/session/end",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "revocation_endpoint": f"{issuer}/token/revocation",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": list(scopes),
        "claims_supported": list(claims),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,  # no address is fetched; a pushed request is another thing
        "request_object_signing_alg_values_supported": signing,
        "require_signed_request_object": only_signed,
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": only_pushed,
        "acr_values_supported": list(acr_values),
        "id_token_signing_alg_values_supported": list(algorithms),
        "userinfo_signing_alg_values_supported": list(algorithms),
        **{f"{token}_encryption_alg_values_supported": list(WRAPPINGS) for token in ("id_token", "userinfo")},
        **{f"{token}_encryption_enc_values_supported": [CONTENT] for token in ("id_token", "userinfo")},
        "token_endpoint_auth_methods_supported": list(AUTHENTICATION),
        "token_endpoint_auth_signing_alg_values_supported": signing,
        "revocation_endpoint_auth_methods_supported": list(AUTHENTICATION),
        "revocation_endpoint_auth_signing_alg_values_supported": signing,
        "dpop_signing_alg_values_supported": signing,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": list(ui_locales),
        **(_introspection(issuer, algorithms) if data_providers else {}),
    }


def _introspection(issuer: str, algorithms: Collection[str]) -> dict[str, object]:
    """RFC 8414 2, RFC 9701 7: where tokens are checked, and how the answer is signed and encrypted."""
    return {
        "introspection_endpoint": f"{issuer}/checktoken",
        "introspection_endpoint_auth_methods_supported": list(_OF_DATA_PROVIDERS),
        "introspection_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS),
        "introspection_signing_alg_values_supported": list(algorithms),
        "introspection_encryption_alg_values_supported": list(WRAPPINGS),
        "introspection_encryption_enc_values_supported": [CONTENT],
    }
