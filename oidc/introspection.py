"""A data provider asks what a token is worth (RFC 7662), and is answered in a signed JWT (RFC 9701) or in JSON.

The JWT is FranceConnect's checktoken, member for member; JSON is for a caller who asks for nothing else. A token that is
not for the caller, has expired, was ended or never was gets one answer, INACTIVE, which says nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oidc.errors import OAuthError
from oidc.messages import Params
from oidc.token_endpoint import Credentials, read_credentials
from oidc.tokens import Signer, sign_jwt

JSON = "application/json"
JWT = "application/token-introspection+jwt"
TYPE = "token-introspection+jwt"
"""What `typ` of the answer says (RFC 9701 5)."""
INACTIVE: Mapping[str, object] = {"active": False}
"""RFC 7662 2.2, RFC 9701 5: of what is not active nothing else is said."""
_KNOWN = frozenset(("token", "token_type_hint", "client_id", "client_secret", "client_assertion", "client_assertion_type"))


@dataclass(frozen=True, slots=True)
class IntrospectionRequest:
    """A token that somebody was shown, and how the data provider that asks says who it is."""

    credentials: Credentials
    token: str = field(repr=False)


def read_introspection(params: Params, authorization: str | None, query: Params = ()) -> IntrospectionRequest:
    """The request in a form body and an Authorization header; `query` is what stood in the address. Raises OAuthError.

    A hint of what kind of token it is changes nothing: there is one kind (RFC 7662 2.1).
    """
    check_nothing_in_address(query)
    check_only_known(params)
    credentials = read_credentials(params, authorization)
    token = dict(params).get("token", "")
    check_token_sent(token)
    return IntrospectionRequest(credentials, token)


def check_nothing_in_address(query: Params) -> None:
    """RFC 7662 2.1, 4: a token in an address would be in the logs of everybody on the way."""
    if query:
        raise OAuthError("invalid_request", "nothing may stand in the address: send token in the form body")


def check_only_known(params: Params) -> None:
    """FranceConnect 7.2 (Y100013): token, a hint, and how the data provider authenticates, nothing else."""
    if any(name not in _KNOWN for name, _ in params):
        raise OAuthError("invalid_request", f"only these parameters are taken: {', '.join(sorted(_KNOWN))}")


def check_token_sent(token: str) -> None:
    """RFC 7662 2.1: token is required."""
    if not token:
        raise OAuthError("invalid_request", "token is missing")


# -- the answer -------------------------------------------------------------------------------------------------------


def active_answer(
    *,
    client_id: str,
    sub: str,
    iat: int,
    exp: int,
    jti: str,
    acr: str,
    scope: str,
    claims: Mapping[str, object],
    jkt: str | None = None,
) -> dict[str, object]:
    """The members of a token that counts, as FranceConnect's checktoken has them: `aud` is the service.

    `sub` is the person's name at the data provider, `scope` what it may know of, `claims` the part of the identity that it
    is entitled to. `jkt` is the key to which the token is bound (RFC 9449 6.2). `iat` and `exp` are the token's.
    """
    answer = {
        **claims,
        "active": True,
        "aud": client_id,
        "sub": sub,
        "iat": iat,
        "exp": exp,
        "jti": jti,
        "acr": acr,
        "scope": scope,
    }
    return {**answer, "token_type": "DPoP", "cnf": {"jkt": jkt}} if jkt else answer


def standard_answer(active: Mapping[str, object], issuer: str, resource: str) -> dict[str, object]:
    """The same in the words of RFC 7662 2.2: the service is `client_id`, and `aud` the resource of the data provider."""
    kind = active.get("token_type", "Bearer")
    return {**active, "iss": issuer, "client_id": active["aud"], "aud": resource, "token_type": kind}


def introspection_jwt(answer: Mapping[str, object], issuer: str, audience: str, now: int, signer: Signer) -> str:
    """The signed answer to the data provider `audience` (RFC 9701 5), to be encrypted where it has a key.

    `iat` is now: the answer is a new one each time, and is believed for as long as the caller likes.
    """
    claims = {"iss": issuer, "aud": audience, "iat": now, "token_introspection": dict(answer)}
    return sign_jwt(claims, signer, TYPE)


# -- in which form ----------------------------------------------------------------------------------------------------


def wants_json(accept: str) -> bool:
    """Whether the caller would rather have JSON than the JWT (RFC 9110 12.5.1).

    FranceConnect's callers name no type, or all of them with others: `application/json, */*` leaves us the choice too.
    """
    return _quality(accept, JSON) > _quality(accept, JWT)


def _quality(accept: str, kind: str) -> float:
    """How much a type is wanted, from 0 to 1: what is said of it most precisely counts."""
    ranges = [kind, f"{kind.partition('/')[0]}/*", "*/*"]
    said = dict(_range(part) for part in accept.lower().split(","))
    return next((said[named] for named in ranges if named in said), 0.0)


def _range(part: str) -> tuple[str, float]:
    named, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return named, float(weight)
    except ValueError:
        return named, 0.0
