"""Metadata of providers: reading theirs with mistrust, writing ours for FranceConnect's partners."""

import json
from typing import Any

import pytest

from oidc.discovery import ProviderMetadata, discovery_document, read_discovery
from oidc.errors import BadAnswer
from tests.oidc.cases import IMPOTS, OURS, THEIRS

DOCUMENT = {
    "issuer": THEIRS,
    "authorization_endpoint": f"{THEIRS}/authorize",
    "token_endpoint": f"{THEIRS}/token",
    "userinfo_endpoint": f"{THEIRS}/userinfo",
    "jwks_uri": f"{THEIRS}/jwks",
    "end_session_endpoint": f"{THEIRS}/end",
    "id_token_signing_alg_values_supported": ["none"],
}
ENDPOINTS = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"]


def read(**changes: object) -> ProviderMetadata:
    return read_discovery(document(**changes), THEIRS)


def document(**changes: object) -> bytes:
    return json.dumps({**DOCUMENT, **changes}).encode()


def test_a_document_is_read() -> None:
    assert read() == IMPOTS


def test_a_provider_may_promise_its_iss_in_each_answer() -> None:
    assert read(authorization_response_iss_parameter_supported=True).iss_in_answer


def test_a_promise_that_is_no_boolean_is_none() -> None:
    assert not read(authorization_response_iss_parameter_supported="yes").iss_in_answer


def test_a_provider_need_not_offer_logout() -> None:
    assert read(end_session_endpoint=None).end_session_endpoint is None


@pytest.mark.parametrize("issuer", [THEIRS + "/", THEIRS.upper(), "https://evil.example", None, [THEIRS]])
def test_a_document_speaks_for_its_own_issuer_only(issuer: object) -> None:
    with pytest.raises(BadAnswer, match="issuer"):
        read(issuer=issuer)


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    "url",
    [
        "http://impots.example/x",
        "ftp://impots.example/x",
        "javascript:alert(1)",
        "//impots.example/x",
        "https://",
        "https:///x",
        "https://[impots/x",
        "https://impots.example:port/x",
        "https://impots.example/x\r\nHost: evil.example",
        "https://impots.example/ x",
        "https://impôts.example/x",
        "https://impots.example@evil.example/x",
        "https://impots.example/x#fragment",
        "https://impots.example/" + "x" * 2048,
        5,
        ["https://impots.example/x"],
    ],
    ids=lambda url: str(url)[:40],
)
def test_an_endpoint_is_a_plain_https_address(name: str, url: object) -> None:
    with pytest.raises(BadAnswer, match=name):
        read(**{name: url})


@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name != "end_session_endpoint"])
def test_the_other_endpoints_must_be_there(name: str) -> None:
    with pytest.raises(BadAnswer, match=name):
        read(**{name: None})


def test_http_passes_in_the_sandbox_alone() -> None:
    metadata = read_discovery(document(jwks_uri="http://fi.localhost:8000/jwks"), THEIRS, allow_http=True)
    assert metadata.jwks_uri == "http://fi.localhost:8000/jwks"


def test_even_in_the_sandbox_an_endpoint_is_an_address_of_the_web() -> None:
    with pytest.raises(BadAnswer, match="jwks_uri"):
        read_discovery(document(jwks_uri="file:///etc/passwd"), THEIRS, allow_http=True)


@pytest.mark.parametrize("content", [b"", b"[]", b"<html>", b"\xff", b"[" * 9000, b"{}" + b" " * 262_144])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(BadAnswer, match="discovery document"):
        read_discovery(content, THEIRS)


# -- ours -------------------------------------------------------------------------------------------------------------

OURSELVES: dict[str, Any] = {
    "scopes": ("openid", "profile"),
    "claims": ("sub", "given_name"),
    "acr_values": ("eidas1", "eidas2", "eidas3"),
    "algorithms": ("ES256", "RS256"),
    "ui_locales": ("fr", "en"),
}
OUR_DOCUMENT = discovery_document(OURS, **OURSELVES, data_providers=True)


def test_where_nobody_may_check_tokens_nothing_is_said_of_it() -> None:
    document = discovery_document(OURS, **OURSELVES)
    assert document.items() <= OUR_DOCUMENT.items()
    assert {name.partition("_")[0] for name in OUR_DOCUMENT.keys() - document.keys()} == {"introspection"}


def test_our_document_can_be_read_as_theirs_is() -> None:
    metadata = read_discovery(json.dumps(OUR_DOCUMENT).encode(), OURS)
    assert metadata == ProviderMetadata(
        issuer=OURS,
        authorization_endpoint=f"{OURS}/authorize",
        token_endpoint=f"{OURS}/token",
        userinfo_endpoint=f"{OURS}/userinfo",
        jwks_uri=f"{OURS}/jwks",
        end_session_endpoint=f"{OURS}/session/end",
        iss_in_answer=True,
        pushed_authorization_request_endpoint=f"{OURS}/par",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scopes_supported", ["openid", "profile"]),
        ("claims_supported", ["sub", "given_name"]),
        ("acr_values_supported", ["eidas1", "eidas2", "eidas3"]),
        ("id_token_signing_alg_values_supported", ["ES256", "RS256"]),
        ("userinfo_signing_alg_values_supported", ["ES256", "RS256"]),
        ("ui_locales_supported", ["fr", "en"]),
        ("id_token_encryption_alg_values_supported", ["RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"]),
        ("userinfo_encryption_alg_values_supported", ["RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"]),
        ("id_token_encryption_enc_values_supported", ["A256GCM"]),
        ("userinfo_encryption_enc_values_supported", ["A256GCM"]),
        ("response_types_supported", ["code"]),
        ("response_modes_supported", ["query", "form_post"]),
        ("grant_types_supported", ["authorization_code"]),
        ("subject_types_supported", ["pairwise"]),
        ("token_endpoint_auth_methods_supported", ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]),
        ("token_endpoint_auth_signing_alg_values_supported", ["ES256", "PS256", "RS256"]),
        ("revocation_endpoint", f"{OURS}/token/revocation"),
        ("backchannel_logout_supported", True),
        ("backchannel_logout_session_supported", True),
        ("revocation_endpoint_auth_methods_supported", OUR_DOCUMENT["token_endpoint_auth_methods_supported"]),
        ("revocation_endpoint_auth_signing_alg_values_supported", ["ES256", "PS256", "RS256"]),
        ("introspection_endpoint", f"{OURS}/checktoken"),
        (
            "introspection_endpoint_auth_methods_supported",
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        ),
        ("introspection_endpoint_auth_signing_alg_values_supported", ["ES256", "PS256", "RS256"]),
        ("introspection_signing_alg_values_supported", ["ES256", "RS256"]),
        ("introspection_encryption_alg_values_supported", ["RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"]),
        ("introspection_encryption_enc_values_supported", ["A256GCM"]),
        ("dpop_signing_alg_values_supported", ["ES256", "PS256", "RS256"]),
        ("request_object_signing_alg_values_supported", ["ES256", "PS256", "RS256"]),
        ("pushed_authorization_request_endpoint", f"{OURS}/par"),
        ("require_pushed_authorization_requests", False),
        ("require_signed_request_object", False),
        ("code_challenge_methods_supported", ["S256"]),
        ("request_parameter_supported", True),
        ("request_uri_parameter_supported", False),
        ("claims_parameter_supported", True),
    ],
)
def test_our_document_promises_what_we_do(name: str, value: object) -> None:
    assert OUR_DOCUMENT[name] == value
