"""What the tests of `oidc` speak of: a service, a provider, their keys, and messages that are right in every point."""

import functools
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import rsa

from certs.keys import Key, State, Use, generate_private, key_of
from oidc.asking import Moment, Pending, Registration
from oidc.authorization_rules import Policy
from oidc.discovery import ProviderMetadata
from oidc.messages import Client, HttpResponse, Params
from oidc.tokens import KeySet, read_jwks

NOW = 1_790_000_000
OURS = "https://passerelle.example/api/v2"
THEIRS = "https://impots.example/oidc"

# -- a service that relies on us --------------------------------------------------------------------------------------

MAIRIE = Client(
    client_id="mairie",
    redirect_uris=("https://mairie.example/retour", "https://mairie.example/autre?k=v"),
    post_logout_redirect_uris=("https://mairie.example/fin",),
    scopes=frozenset({"openid", "profile", "email"}),
    authentication=frozenset({"client_secret_basic"}),
    idp_hints=frozenset({"impots"}),
)
MOBILE = Client(
    client_id="mobile",
    redirect_uris=("https://mobile.example/retour",),
    post_logout_redirect_uris=("https://mobile.example/fin",),
    scopes=frozenset({"openid"}),
    authentication=frozenset({"none"}),
)
CLIENTS = {client.client_id: client for client in (MAIRIE, MOBILE)}
POLICY = Policy(known_scopes=frozenset({"openid", "profile", "email", "address"}))
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def changed(fields: Mapping[str, str], changes: Mapping[str, str | None]) -> Params:
    """The fields as pairs, with some changed, added, or (None) left out."""
    return [(name, value) for name, value in {**fields, **changes}.items() if value is not None]


# -- keys -------------------------------------------------------------------------------------------------------------


def ec_key(name: str = "ours") -> Key:
    """A P-256 key; another name is another key."""
    return _ec_key(name)


@functools.cache
def _ec_key(name: str) -> Key:
    return key_of(generate_private("ES256"), Use.OP_SIGNING, "ES256", State.ACTIVE, NOW)


@functools.cache
def rsa_key() -> Key:
    """An RSA key, of the smallest size that passes."""
    return key_of(rsa.generate_private_key(65537, 2048), Use.OP_SIGNING, "RS256", State.ACTIVE, NOW)


def key_set(*keys: Mapping[str, object]) -> KeySet:
    """A set of JWKs, as if it had been fetched."""
    return read_jwks(json.dumps({"keys": list(keys)}).encode())


def encoded(part: object) -> str:
    """One part of a compact JWS, well formed or not."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def signed_with(header: object, payload: object, key: Key) -> str:
    """A compact JWS with any header and payload, and a signature of the key over them."""
    signing_input = f"{encoded(header)}.{encoded(payload)}"
    return f"{signing_input}.{encoded(key.sign(signing_input.encode()))}"


# -- a provider that we rely on ---------------------------------------------------------------------------------------

IMPOTS = ProviderMetadata(
    issuer=THEIRS,
    authorization_endpoint=f"{THEIRS}/authorize",
    token_endpoint=f"{THEIRS}/token",
    userinfo_endpoint=f"{THEIRS}/userinfo",
    jwks_uri=f"{THEIRS}/jwks",
    end_session_endpoint=f"{THEIRS}/end",
)
REGISTRATION = Registration(
    client_id="passerelle",
    client_secret="a secret: with + % and /",
    authentication="client_secret_basic",
    redirect_uri=f"{OURS}/oidc-callback/impots",
    algorithms=frozenset({"ES256"}),
    levels=("eidas1", "eidas2", "eidas3"),
)
MOMENT = Moment(NOW, "the-only-one")
PENDING = Pending("state-of-this-browser", "nonce-of-this-ask", VERIFIER, ("eidas2",))


def answer(members: object, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """What a provider answers: members as JSON, or bytes as they are."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    return HttpResponse(status, {"content-type": content_type}, body)
